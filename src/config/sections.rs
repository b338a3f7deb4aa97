//! One function a table. Each reads all its keys before it gives up, so that no fault hides
//! behind another.

use super::node::{self, Lexeme};
use super::reader::Reader;
use super::row::Row;
use super::settings::{
    ApiToken, App, Bot, Callback, Config, Followup, HttpFollowup, Person, Publish, Rules, Server, Store,
    Transport, Wecom,
};
use super::{key, value};
use crate::model::{AgentId, CorpId, Endpoint, Role, Scope, UserId};

const WEB: &[&str] = &["http", "https"];
const SOCKET: &[&str] = &["ws", "wss"];

/// Apps and bots share their names, since the names stand in paths and logs.
const ENDPOINT: &str = "endpoint";

/// `None` when anything is faulty; the reader then knows what.
pub(super) fn config(reader: &mut Reader<'_>) -> Option<Config> {
    reader.check_tables();
    let server = server(&mut reader.one(&key::SERVER));
    let store = store(reader);
    let rules = rules(reader);
    let wecom = wecom(&mut reader.one(&key::WECOM));
    let followup = followup(&mut reader.one(&key::FOLLOWUP));
    let callback = callback(&mut reader.one(&key::CALLBACK));
    let apps = reader.many(&key::APP, app);
    let bots = reader.many(&key::BOT, bot);
    let api_tokens = reader.many(&key::API_TOKEN, api_token);
    let people = reader.many(&key::PERSON, person);
    Some(Config {
        server: server?,
        store: store?,
        rules: rules?,
        wecom: wecom?,
        followup: followup?,
        callback: callback?,
        apps: apps?,
        bots: bots?,
        api_tokens: api_tokens?,
        people: people?,
        settings: Vec::new(),
    })
}

fn server(row: &mut Row<'_, '_>) -> Option<Server> {
    let listen = row.text("listen", value::listen);
    let public_url = row.text("public_url", value::base_url(WEB));
    let domain_proofs = row.map("domain_proofs", value::proof_name, |_, content| {
        value::text(&node::scalar(content, Lexeme::Text)?)
    });
    let frame_ancestors = row.list("frame_ancestors", Lexeme::Text, value::csp_source);
    Some(Server {
        listen: listen?,
        public_url: public_url?,
        domain_proofs: domain_proofs.unwrap_or_default(),
        frame_ancestors: frame_ancestors?,
    })
}

fn store(reader: &mut Reader<'_>) -> Option<Store> {
    let dir = reader.dir();
    let mut row = reader.one(&key::STORE);
    let url = row.text("url", value::store_url(dir));
    let master_key = row.secret("master_key", value::master_key);
    Some(Store { url: url?, master_key })
}

fn rules(reader: &mut Reader<'_>) -> Option<Rules> {
    let base = reader.dir();
    let mut row = reader.one(&key::RULES);
    let dir = row.text("dir", |dir| value::text(dir).map(|dir| base.join(dir)));
    let publish =
        row.text("publish", value::choice([("watch", Publish::Watch), ("approve", Publish::Approve)]));
    Some(Rules { dir: dir?, publish: publish? })
}

fn wecom(row: &mut Row<'_, '_>) -> Option<Wecom> {
    let api_base = row.text("api_base", value::base_url(WEB));
    let oauth_base = row.text("oauth_base", value::base_url(WEB));
    let login_base = row.text("login_base", value::base_url(WEB));
    let bot_ws = row.text("bot_ws", value::base_url(SOCKET));
    let timeout = row.text("timeout", value::duration("1s", "1m"));
    Some(Wecom {
        api_base: api_base?,
        oauth_base: oauth_base?,
        login_base: login_base?,
        bot_ws: bot_ws?,
        timeout: timeout?,
    })
}

fn followup(row: &mut Row<'_, '_>) -> Option<Followup> {
    let is_http = row.text("source", value::choice([("own", false), ("http", true)]));
    let url = row.text("url", value::followup_url);
    let headers = row.map("headers", value::header_name, |reader, node| {
        value::sealed(reader.secret(node)?, value::secret)
    });
    let timeout = row.text("timeout", value::duration("100ms", "30s"));
    let map = row.map(
        "map",
        |field| value::text(field).map(drop),
        |_, pointer| value::json_pointer(&node::scalar(pointer, Lexeme::Text)?),
    );
    if !is_http? {
        return Some(Followup::Own);
    }
    row.need("url", "source = \"http\"");
    Some(Followup::Http(HttpFollowup {
        url: url?,
        headers: headers.unwrap_or_default(),
        timeout: timeout?,
        map: map.unwrap_or_default(),
    }))
}

fn callback(row: &mut Row<'_, '_>) -> Option<Callback> {
    let replay_window = row.text("replay_window", value::duration_or_off("30s", "24h"))?;
    Some(Callback { replay_window })
}

fn app(row: &mut Row<'_, '_>) -> Option<App> {
    let name = claimed_name(row, ENDPOINT);
    let corp_id = row.text("corp_id", value::text);
    let agent_id = row.number("agent_id");
    let secret = row.secret("secret", value::secret);
    let token = row.secret("token", value::token);
    let encoding_aes_key = row.secret("encoding_aes_key", value::aes_key);
    Some(App {
        name: Endpoint::new(name?),
        corp_id: CorpId::new(corp_id?),
        agent_id: AgentId(agent_id?),
        secret: secret?,
        token: token?,
        encoding_aes_key: encoding_aes_key?,
    })
}

fn bot(row: &mut Row<'_, '_>) -> Option<Bot> {
    let name = claimed_name(row, ENDPOINT);
    let corp_id = row.corp();
    let transport = transport(row);
    Some(Bot { name: Endpoint::new(name?), corp_id: corp_id?, transport: transport? })
}

fn transport(row: &mut Row<'_, '_>) -> Option<Transport> {
    let is_long = row.text("transport", value::choice([("callback", false), ("long", true)]));
    let token = row.secret("token", value::token);
    let encoding_aes_key = row.secret("encoding_aes_key", value::aes_key);
    let bot_id = row.text("bot_id", value::text);
    let secret = row.secret("secret", value::secret);
    if is_long? {
        row.need("bot_id", "transport = \"long\"");
        row.need("secret", "transport = \"long\"");
        return Some(Transport::Long { bot_id: bot_id?, secret: secret? });
    }
    row.need("token", "transport = \"callback\"");
    row.need("encoding_aes_key", "transport = \"callback\"");
    Some(Transport::Callback { token: token?, encoding_aes_key: encoding_aes_key? })
}

fn api_token(row: &mut Row<'_, '_>) -> Option<ApiToken> {
    let name = claimed_name(row, "api token");
    let sha256 = row.text("sha256", value::sha256);
    if let Some(hash) = sha256 {
        row.claim("api token's hash", "sha256", &hex::encode(hash));
    }
    let scopes = row.some("scopes", value::choice(Scope::ALL.map(|scope| (scope.as_str(), scope))));
    let corp_id = row.corp();
    Some(ApiToken { name: name?, sha256: sha256?, scopes: scopes?.into_iter().collect(), corp_id: corp_id? })
}

fn person(row: &mut Row<'_, '_>) -> Option<Person> {
    let user = row.text("user", value::text);
    let corp_id = row.corp();
    if let (Some(user), Some(corp)) = (&user, &corp_id) {
        row.claim("person", "user", &format!("{corp}/{user}"));
    }
    let roles = row.some("roles", value::choice(Role::ALL.map(|role| (role.as_str(), role))));
    let departments = row.list("departments", Lexeme::Number, value::number);
    Some(Person {
        user: UserId::new(user?),
        corp_id: corp_id?,
        roles: roles?.into_iter().collect(),
        departments: departments.unwrap_or_default().into_iter().collect(),
    })
}

fn claimed_name(row: &mut Row<'_, '_>, kind: &'static str) -> Option<String> {
    let name = row.text("name", value::name)?;
    row.claim(kind, "name", &name);
    Some(name)
}
