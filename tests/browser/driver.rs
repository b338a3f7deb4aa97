//! One browser, with a profile of its own, and one page in it.

use crate::support::{Setup, TestApp};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use futures_util::FutureExt;
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use url::{ParseError, Url};
use wecom_guard::model::{CheckId, Finding, Role};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36 wxwork/4.1.36 MicroMessenger/7.0.1 Language/zh";
const DESKTOP: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0 Safari/537.36 wxwork/4.1.10 WindowsWechat";
const PLAIN: &str =
    "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";

/// How the page is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub touch: bool,
    pub dark: bool,
    pub english: bool,
    /// From where WeCom's client opened the page; empty outside it.
    pub entry: &'static str,
}

/// A phone, light, Chinese, beside a chat with one customer.
pub const USUAL: Look =
    Look { width: 375, height: 740, touch: true, dark: false, english: false, entry: "single_chat_tools" };

/// Every other setting in which each state of a page is looked at.
pub const OTHERS: [(&str, Look); 4] = [
    ("dark", Look { dark: true, ..USUAL }),
    ("english", Look { english: true, ..USUAL }),
    ("wide", Look { width: 1280, height: 800, touch: false, ..USUAL }),
    ("narrow", Look { width: 320, height: 600, ..USUAL }),
];

impl Look {
    fn agent(&self) -> String {
        let agent = match (self.entry.is_empty(), self.touch) {
            (true, _) => PLAIN,
            (false, true) => PHONE,
            (false, false) => DESKTOP,
        };
        agent.replace("Language/zh", if self.english { "Language/en" } else { "Language/zh" })
    }

    fn capabilities(&self, profile: &Path) -> Value {
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-quic".to_owned(),
            "--force-prefers-reduced-motion".to_owned(),
            format!("--lang={}", if self.english { "en-US" } else { "zh-CN" }),
            format!("--user-agent={}", self.agent()),
            format!("--window-size={},{}", self.width, self.height),
            format!("--user-data-dir={}", profile.display()),
        ];
        if self.dark {
            args.push("--force-dark-mode".to_owned());
            args.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let languages = if self.english { "en-US,en" } else { "zh-CN,zh" };
        let mut options = json!({ "args": args, "prefs": {"intl.accept_languages": languages} });
        if self.touch {
            let metrics =
                json!({"width": self.width, "height": self.height, "pixelRatio": 2.0, "touch": true});
            options["mobileEmulation"] = json!({"deviceMetrics": metrics, "userAgent": self.agent()});
        }
        json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}})
    }
}

/// chromedriver, while a test runs.
struct Driver {
    child: Child,
    address: String,
}

impl Driver {
    fn start() -> Self {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: `cargo xtask test` installs it");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut ports = lines.filter_map(|line| {
            line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned())
        });
        let address = format!("http://127.0.0.1:{}", ports.next().expect("chromedriver names its port"));
        Self { child, address }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One command that only chromedriver knows.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

/// The page of a rep called zhangsan, and the servers behind it.
pub struct Page {
    pub app: TestApp,
    pub look: Look,
    client: Client,
}

/// Runs one test in a browser of its own, then makes sure that the page complained of nothing but
/// what `expected` names.
pub async fn browse(look: Look, expected: &[&str], test: impl AsyncFnOnce(&Page)) {
    browse_with(look, Setup::default(), expected, test).await;
}

pub async fn browse_with(look: Look, setup: Setup, expected: &[&str], test: impl AsyncFnOnce(&Page)) {
    let (driver, profile) = (Driver::start(), tempfile::tempdir().unwrap());
    let app = TestApp::with(setup).await;
    app.wecom.signs_in(Some("zhangsan"));
    let wanted = look.capabilities(profile.path());
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(wanted.as_object().unwrap().clone())
        .connect(&driver.address)
        .await
        .unwrap();
    let page = Page { app, look, client };
    let outcome = AssertUnwindSafe(page.run(expected, test)).catch_unwind().await;
    let _ = page.client.close().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
    page.app.stop().await;
}

impl Page {
    async fn run(&self, expected: &[&str], test: impl AsyncFnOnce(&Page)) {
        let script = include_str!("client.js").replace("ENTRY", self.look.entry);
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
        test(self).await;
        self.complains_of_nothing_but(expected).await;
    }

    async fn own(&self, command: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Own(command, body)).await.unwrap()
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        self.own("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    /// The page beside a chat, signed in, its first notice read, WeCom's client answered.
    pub async fn sidebar(&self) {
        self.goto("/sidebar").await;
        self.until("document.querySelector('[data-testid=customer]:not([aria-busy])')").await;
        self.until("![...document.querySelectorAll('button')].some(b => b.textContent.includes('…'))").await;
        if self.is("[data-testid=notice]").await {
            self.tap("notice-read").await;
            self.until("!document.querySelector('[data-testid=notice]')").await;
        }
    }

    /// Somebody else signs in on this browser.
    pub async fn browser_of(&self, user: &str) {
        self.app.wecom.signs_in(Some(user));
        self.goto("/login?to=/sidebar").await;
        self.until(&format!("document.body?.dataset.user === '{user}'")).await;
        self.sidebar().await;
    }

    /// Signs in by link, where there is no WeCom to ask.
    pub async fn sign_in_by_link(&self) {
        let path = self.app.login_path("zhangsan", Role::Rep);
        self.goto(&path).await;
        self.tap("sign-in").await;
        self.until("location.pathname === '/contact'").await;
    }

    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.app.base)).await.unwrap();
    }

    /// What a script says.
    pub async fn eval(&self, script: &str) -> Value {
        self.client.execute(&format!("return ({script});"), Vec::new()).await.unwrap()
    }

    /// Waits until a script says something true, and gives it.
    pub async fn until(&self, script: &str) -> Value {
        for _ in 0..500 {
            let said = self.client.execute(&format!("return ({script});"), Vec::new()).await;
            // A page that is being left answers with an error.
            match said {
                Ok(said) if said != Value::Null && said != json!(false) => return said,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
        self.shot("failed").await;
        panic!("`{script}` did not come true on {}", self.eval("document.body.innerText").await);
    }

    pub async fn is(&self, selector: &str) -> bool {
        self.eval(&format!("Boolean(document.querySelector('{selector}'))")).await == json!(true)
    }

    /// Waits for an element by its `data-testid` and gives its text.
    pub async fn text(&self, id: &str) -> String {
        let text = self.until(&format!("document.querySelector('[data-testid={id}]')")).await;
        drop(text);
        self.eval(&format!("document.querySelector('[data-testid={id}]').innerText"))
            .await
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Waits until an element says this.
    pub async fn says(&self, id: &str, text: &str) {
        let text = json!(text);
        self.until(&format!("document.querySelector('[data-testid={id}]')?.innerText.includes({text})"))
            .await;
    }

    /// Presses an element as a finger does, once it is there and awake.
    pub async fn tap(&self, id: &str) {
        let script = format!("document.querySelector('[data-testid={id}]:not([disabled])')");
        self.until(&script).await;
        let element =
            self.client.find(fantoccini::Locator::Css(&format!("[data-testid={id}]"))).await.unwrap();
        element.click().await.unwrap();
    }

    /// Types at the cursor.
    pub async fn types(&self, text: &str) {
        self.eval("document.querySelector('#draft').focus()").await;
        self.devtools("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses a key: 2 is Control, 1 is Alt.
    pub async fn key(&self, key: &str, code: u32, modifiers: u32) {
        // Only a key that brings a sign presses the button that has the focus.
        let sign = if key == "Enter" && modifiers == 0 { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers, "text": sign});
            self.devtools("Input.dispatchKeyEvent", event).await;
        }
    }

    /// What is in the box.
    pub async fn draft(&self) -> String {
        self.eval("document.querySelector('#draft').value").await.as_str().unwrap().to_owned()
    }

    /// The texts that were handed to WeCom's client.
    pub async fn handed(&self) -> Value {
        self.eval("client.calls.filter(call => call.name === 'sendChatMessage').map(call => call.params.text.content)")
            .await
    }

    /// The states of the rep's checks as the server has them, sorted.
    pub async fn recorded(&self) -> Vec<String> {
        let (status, list) = self.app.get(crate::support::READ_TOKEN, "/v1/checks?sender=zhangsan").await;
        assert_eq!(status, 200, "{list}");
        let states =
            list["items"].as_array().unwrap().iter().map(|check| check["state"].as_str().unwrap().to_owned());
        let mut states: Vec<_> = states.collect();
        states.sort();
        states
    }

    /// Waits until the rep's checks are in these states.
    pub async fn recorded_as(&self, states: &[&str]) {
        for _ in 0..500 {
            if self.recorded().await == states {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:?} are not {states:?}", self.recorded().await);
    }

    /// Waits until what is in the box was checked and answered.
    pub async fn settled(&self) {
        self.until("!document.querySelector('.hits[aria-busy]') && client.checks.length && client.checks[client.checks.length - 1].text === document.querySelector('#draft').value").await;
    }

    /// An officer answers an appeal, in a session of their own.
    pub async fn finds(&self, check: &CheckId, finding: Finding) {
        let at = |path: &str| format!("{}{path}", self.app.base);
        let link = self.app.login_path("heguan", Role::Officer);
        let signed_in = self.app.http.post(at(&link)).send().await.unwrap();
        let cookie =
            signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let landed = self.app.http.get(at("/contact")).header("cookie", &cookie).send().await.unwrap();
        let page = landed.text().await.unwrap();
        let csrf = page.split("name=\"csrf-token\" content=\"").nth(1).unwrap().split('"').next().unwrap();
        let request =
            self.app.http.post(at(&format!("/v1/checks/{check}/disposition"))).header("cookie", &cookie);
        let answer =
            request.header("x-csrf-token", csrf).json(&json!({ "outcome": finding })).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    /// Cuts the page off from every server, or joins it again.
    pub async fn offline(&self, offline: bool) {
        self.devtools("Network.enable", json!({})).await;
        let conditions =
            json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Keeps a picture of the page under `target/screenshots/`.
    pub async fn shot(&self, name: &str) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&dir).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(dir.join(format!("{name}.png")), picture).unwrap();
    }

    /// No word is cut off and nothing has to be moved sideways.
    pub async fn fits(&self, what: &str) {
        let wide =
            self.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        assert_eq!(wide, json!(0), "{what} is wider than the screen");
    }

    async fn complains_of_nothing_but(&self, expected: &[&str]) {
        assert_eq!(self.eval("client.reports").await, json!([]), "the policy was broken");
        let log = self.own("se/log", json!({"type": "browser"})).await;
        let lines = log.as_array().unwrap().iter().filter(|line| line["level"] == "SEVERE");
        let messages = lines.map(|line| line["message"].as_str().unwrap());
        let unexpected: Vec<_> =
            messages.filter(|message| !expected.iter().any(|known| message.contains(known))).collect();
        assert!(unexpected.is_empty(), "{unexpected:#?}");
    }
}
