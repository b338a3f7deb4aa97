//! A fake qyapi: hands out tokens, checks them, and answers as a script tells it.

use crate::server::{self, Reply, Request};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wecom_guard::model::{AgentId, Clock, ManualClock, Secret};
use wecom_guard::wecom::client::{AppAuth, Client, ClientOptions};
use wecom_guard::wecom::retry::Sleeper;

/// Must never be seen in anything that is printed.
pub const CANARY_SECRET: &str = "canary-secret-5f2c";
pub const CANARY_TOKEN: &str = "canary-token-91ab";

/// The fake server, and a client that talks to it.
pub struct Qyapi {
    state: Arc<Mutex<State>>,
    pub client: Arc<Client>,
    pub hand: ManualClock,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

#[derive(Default)]
struct State {
    tokens: usize,
    dead_code: i64,
    scripts: HashMap<String, VecDeque<Reply>>,
    always: HashMap<String, Reply>,
    seen: Vec<Request>,
    delivered: HashSet<String>,
}

pub fn app() -> AppAuth {
    AppAuth {
        corp: "ww0000000000000000".into(),
        agent: AgentId(1_000_002),
        secret: Secret::new(CANARY_SECRET),
        name: "guard".into(),
    }
}

/// WeCom's way to say no; the message repeats the key of the call, as a careless server might.
pub fn no(code: i64) -> Reply {
    let errmsg = format!("no\r\n{KEY_OF_THE_CALL}, from ip: 203.0.113.7, hint: [1]");
    Reply::json(&json!({"errcode": code, "errmsg": errmsg}))
}

const KEY_OF_THE_CALL: &str = "KEY-OF-THE-CALL";

impl Qyapi {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// Starts with other options than the usual.
    pub fn with(change: impl FnOnce(&mut ClientOptions)) -> Self {
        let state = Arc::new(Mutex::new(State { dead_code: 42001, ..State::default() }));
        let server_state = Arc::clone(&state);
        let base = server::start(move |request| server_state.lock().expect("no panic").answer(request));
        let (clock, hand) = Clock::manual("2026-11-23T01:00:00Z".parse().expect("an instant"));
        let (sleeper, pauses) = recording();
        let mut options = ClientOptions { api_base: base, sleeper, ..ClientOptions::default() };
        change(&mut options);
        let client = Arc::new(Client::new(options, clock).expect("good options"));
        Self { state, client, hand, pauses }
    }

    /// The next answers of an API, before it works again.
    pub fn script(&self, api: &str, replies: impl IntoIterator<Item = Reply>) {
        self.lock().scripts.entry(api.to_owned()).or_default().extend(replies);
    }

    /// The answer of an API from now on; `None` lets it work again.
    pub fn always(&self, api: &str, reply: Option<Reply>) {
        let always = &mut self.lock().always;
        always.remove(api);
        always.extend(reply.map(|reply| (api.to_owned(), reply)));
    }

    /// Ends the token that is out, with this code from now on.
    pub fn end_token(&self, code: i64) {
        let mut state = self.lock();
        state.tokens += 1;
        state.dead_code = code;
    }

    /// What was asked of an API.
    pub fn seen(&self, api: &str) -> Vec<Request> {
        let path = format!("/cgi-bin/{api}");
        self.lock().seen.iter().filter(|request| request.path == path).cloned().collect()
    }

    /// How many messages members have got; repeats that WeCom recognises count once.
    pub fn delivered(&self) -> usize {
        self.lock().delivered.len()
    }

    /// The pauses the client has asked for.
    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().expect("no panic").clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }
}

/// A sleeper that does not sleep.
fn recording() -> (Sleeper, Arc<Mutex<Vec<Duration>>>) {
    let pauses = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&pauses);
    let sleeper = Sleeper::new(move |pause| {
        log.lock().expect("no panic").push(pause);
        tokio::task::yield_now()
    });
    (sleeper, pauses)
}

impl State {
    fn answer(&mut self, request: Request) -> Reply {
        let api = request.path.trim_start_matches("/cgi-bin/").to_owned();
        self.seen.push(request.clone());
        let scripted = self.scripts.get_mut(&api).and_then(VecDeque::pop_front);
        let scripted = scripted.or_else(|| self.always.get(&api).cloned());
        // A silent server has still done what it was asked to.
        let done = matches!(scripted, None | Some(Reply::Silence | Reply::HangUp));
        if api == "message/send" && done {
            self.deliver(&request);
        }
        echo(scripted.unwrap_or_else(|| self.work(&api, &request)), &request)
    }

    fn deliver(&mut self, request: &Request) {
        let message: Value = serde_json::from_str(&request.body).expect("JSON");
        let once = message["enable_duplicate_check"] == 1;
        let count = self.delivered.len();
        self.delivered.insert(if once { request.body.clone() } else { format!("{count}") });
    }

    fn work(&mut self, api: &str, request: &Request) -> Reply {
        if api == "gettoken" {
            return self.token(request);
        }
        if request.query.get("access_token") != Some(&format!("{CANARY_TOKEN}-{}", self.tokens)) {
            return no(self.dead_code);
        }
        Reply::json(&answer(api, request))
    }

    fn token(&mut self, request: &Request) -> Reply {
        if request.query.get("corpsecret").map(String::as_str) != Some(CANARY_SECRET) {
            return no(40001);
        }
        self.tokens += 1;
        let token = format!("{CANARY_TOKEN}-{}", self.tokens);
        Reply::json(&json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}))
    }
}

fn echo(reply: Reply, request: &Request) -> Reply {
    let key = request.query.get("access_token").or(request.query.get("corpsecret"));
    match (reply, key) {
        (Reply::Body(status, body), Some(key)) => Reply::Body(status, body.replace(KEY_OF_THE_CALL, key)),
        (reply, _) => reply,
    }
}

/// What works, with a field that nobody knows.
fn answer(api: &str, request: &Request) -> Value {
    let mut answer = match api {
        "message/send" => {
            json!({"invaliduser": "wangwu", "unlicenseduser": "", "msgid": "m1", "response_code": "rc1"})
        }
        "message/update_template_card" => json!({"invaliduser": ["wangwu"]}),
        "externalcontact/get" => contact(request.query.get("cursor").map(String::as_str)),
        "externalcontact/batch/get_by_user" if request.body.contains(r#""cursor":"c2""#) => {
            json!({"external_contact_list": [], "next_cursor": ""})
        }
        "externalcontact/batch/get_by_user" => json!({"next_cursor": "c2", "external_contact_list": [{
            "external_contact": {"external_userid": "wmGUARD0001", "name": "王女士", "type": 1},
            "follow_info": {"userid": "LiSi", "remark": "王女士-口腔", "createtime": 1_790_000_000, "tag_id": ["et1"]}}]}),
        "externalcontact/groupchat/list" if request.body.contains(r#""cursor":"""#) => {
            json!({"group_chat_list": [{"chat_id": "wr1", "status": 0}], "next_cursor": "c2"})
        }
        "externalcontact/groupchat/list" => json!({"group_chat_list": [{"chat_id": "wr2", "status": 2}]}),
        "externalcontact/groupchat/get" => json!({"group_chat": {
            "chat_id": "wr1", "name": "口腔团购", "owner": "lisi", "create_time": 1_790_000_000,
            "member_list": [
                {"userid": "lisi", "type": 1, "join_time": 1_790_000_000, "join_scene": 1},
                {"userid": "wmGUARD0001", "type": 2, "name": "王女士"}
            ], "admin_list": []}}),
        "user/get" => json!({
            "userid": "lisi", "name": "李四", "department": [2, 3], "is_leader_in_dept": [0, 1],
            "direct_leader": ["zhaoliu"], "main_department": 2, "status": 1, "enable": 1}),
        "department/list" => json!({"department": [
            {"id": 1, "name": "示例公司", "parentid": 0, "order": 1, "department_leader": []},
            {"id": 2, "name": "销售部", "parentid": 1, "order": 2, "department_leader": ["zhaoliu"]}]}),
        "department/simplelist" => json!({"department_id": [{"id": 2, "parentid": 1, "order": 1}]}),
        "auth/getuserinfo" => json!({"userid": "lisi"}),
        "tag/list" => json!({"taglist": [{"tagid": 7, "tagname": "持证"}]}),
        "tag/get" => json!({
            "tagname": "持证", "userlist": [{"userid": "lisi", "name": "李四"}], "partylist": [2]}),
        "getcallbackip" => json!({"ip_list": ["101.226.103.*", "1.2.3.4"]}),
        other => panic!("nobody should ask for {other}"),
    };
    let more = [("errcode", json!(0)), ("errmsg", json!("ok")), ("brand_new", json!({"x": [1]}))];
    answer.as_object_mut().expect("an object").extend(more.map(|(key, value)| (key.to_owned(), value)));
    answer
}

fn contact(cursor: Option<&str>) -> Value {
    let follow = |user: &str| {
        json!({
            "userid": user, "remark": "王女士-口腔", "description": "关注医保", "createtime": 1_790_000_000,
            "tags": [{"group_name": "行业", "tag_name": "医疗", "type": 1, "tag_id": "et1"}],
            "remark_mobiles": [], "add_way": 16, "oper_userid": "wmGUARD0001", "state": "clinic01"
        })
    };
    let (user, next) = if cursor == Some("c2") { ("wangwu", "") } else { ("lisi", "c2") };
    json!({
        "external_contact": {"external_userid": "wmGUARD0001", "name": "王女士", "type": 1, "gender": 2},
        "follow_user": [follow(user)], "next_cursor": next
    })
}
