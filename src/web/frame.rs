//! What every page has: a language, a look, a title, and proof that a request came from it.

use super::assets;
use super::error::WebError;
use crate::wording::{Lang, Wording, say};
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// Where a chosen language and look are kept, beside the session.
const LANG_COOKIE: &str = "__Host-guard-lang";
const THEME_COOKIE: &str = "__Host-guard-theme";

/// The colours of a page, where not the browser decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// As it stands in an address, a cookie and `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Theme::Light, Theme::Dark].into_iter().find(|theme| text.eq_ignore_ascii_case(theme.as_str()))
    }
}

/// The frame of one page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language it speaks.
    pub lang: Lang,
    /// Its colours; `None` leaves them to the browser.
    pub theme: Option<Theme>,
    /// Its title.
    pub title: String,
    /// What proves that a request came from this page, for a signed-in person.
    pub csrf: Option<String>,
    /// What the address chose, to be kept.
    chosen: (Option<Lang>, Option<Theme>),
}

impl Frame {
    /// For the person behind a request: what the address says, then their cookie, then what WeCom's
    /// client or the browser tells of itself.
    pub fn new(request: &HttpRequest, title: Wording) -> Self {
        let chosen =
            (query(request, "lang").and_then(Lang::parse), query(request, "theme").and_then(Theme::parse));
        let cookie = |name: &str| request.cookie(name).map(|cookie| cookie.value().to_owned());
        let kept = || cookie(LANG_COOKIE).as_deref().and_then(Lang::parse);
        let client = || agent_says(request, "Language/").and_then(Lang::parse);
        let browser = || header(request, "accept-language").and_then(Lang::parse);
        let lang = chosen.0.or_else(kept).or_else(client).or_else(browser).unwrap_or_default();
        let kept = || cookie(THEME_COOKIE).as_deref().and_then(Theme::parse);
        let client = || agent_says(request, "ColorScheme/").and_then(Theme::parse);
        let theme = chosen.1.or_else(kept).or_else(client);
        Self { lang, theme, title: say(lang, title, &[]), csrf: None, chosen }
    }

    /// With the proof of a session.
    pub fn of_session(self, csrf: impl Into<String>) -> Self {
        Self { csrf: Some(csrf.into()), ..self }
    }

    /// With a title that is no fixed sentence, for example a customer's name.
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// A sentence without blanks.
    pub fn say(&self, wording: Wording) -> String {
        say(self.lang, wording, &[])
    }

    /// The address of one of our files.
    pub fn asset(&self, name: &str) -> String {
        assets::url(name)
    }

    /// The finished page.
    ///
    /// # Errors
    /// A server fault, when the template can't be filled.
    pub fn answer(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse, WebError> {
        let html = page.render().map_err(|error| WebError::fault().caused_by(error))?;
        let mut response = HttpResponse::build(status);
        let lang = self.chosen.0.map(|lang| (LANG_COOKIE, lang.tag()));
        let theme = self.chosen.1.map(|theme| (THEME_COOKIE, theme.as_str()));
        for (name, value) in lang.into_iter().chain(theme) {
            response.cookie(kept_for_a_year(name, value));
        }
        Ok(response.content_type("text/html; charset=utf-8").body(html))
    }
}

fn kept_for_a_year(name: &'static str, value: &'static str) -> Cookie<'static> {
    let cookie = Cookie::build(name, value).path("/").secure(true).http_only(true);
    cookie.same_site(SameSite::Lax).max_age(Duration::days(365)).finish()
}

fn query<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    let pairs = request.query_string().split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

fn header<'r>(request: &'r HttpRequest, name: &str) -> Option<&'r str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

/// WeCom's client on phones ends its name with words like `Language/zh ColorScheme/Dark`.
fn agent_says<'r>(request: &'r HttpRequest, mark: &str) -> Option<&'r str> {
    header(request, "user-agent")?.split_whitespace().find_map(|word| word.strip_prefix(mark))
}

/// Whether a page was asked for by WeCom's own client.
pub fn in_wecom(request: &HttpRequest) -> bool {
    header(request, "user-agent").is_some_and(|agent| agent.contains("wxwork/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const PHONE: &str = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 \
                         wxwork/4.1.36 MicroMessenger/7.0.1 Language/zh ColorScheme/Dark";

    fn frame(path: &str, headers: &[(&str, &str)]) -> Frame {
        let request = headers.iter().fold(TestRequest::with_uri(path), |request, (name, value)| {
            request.insert_header(((*name).to_owned(), (*value).to_owned()))
        });
        Frame::new(&request.to_http_request(), Wording::SignInTitle)
    }

    #[test]
    fn the_address_wins_over_the_cookie_and_that_over_the_client() {
        let cookie = ("cookie", "__Host-guard-lang=en; __Host-guard-theme=light");
        let agent = ("user-agent", PHONE);
        let seen = |path, headers: &[_]| {
            let frame = frame(path, headers);
            (frame.lang, frame.theme)
        };
        assert_eq!(seen("/", &[agent]), (Lang::Zh, Some(Theme::Dark)));
        assert_eq!(seen("/", &[agent, cookie]), (Lang::En, Some(Theme::Light)));
        assert_eq!(seen("/?lang=zh&theme=dark", &[agent, cookie]), (Lang::Zh, Some(Theme::Dark)));
        assert_eq!(seen("/", &[("accept-language", "en-GB,zh;q=0.5")]), (Lang::En, None));
        assert_eq!(seen("/?lang=xx&theme=pink", &[]), (Lang::Zh, None));
    }
}
