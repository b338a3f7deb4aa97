//! The API, one file a family, and the table of its paths.

mod aibot;
mod body;
mod card_update;
mod customers;
mod groups;
mod media;
mod message;
mod people;
mod token;

use super::call::{Answer, Call, Reply};
use super::sign_in;
use super::world::World;
use serde_json::json;

/// One path of the API.
pub(crate) struct Api {
    /// As it stands in the URL.
    pub(crate) path: &'static str,
    /// Needs no access token.
    pub(crate) open: bool,
    /// What it does.
    pub(crate) run: Run,
}

/// Sending is not counted by the limit of calls an API (page 90312).
pub(crate) const SEND: &str = "/cgi-bin/message/send";

/// Tickets are fetched far less often than anything else (page 96909).
pub(crate) const CORP_TICKET: &str = "/cgi-bin/get_jsapi_ticket";
pub(crate) const AGENT_TICKET: &str = "/cgi-bin/ticket/get";

type Run = fn(&mut World, &Call) -> Answer;

const fn open(path: &'static str, run: Run) -> Api {
    Api { path, open: true, run }
}

const fn guarded(path: &'static str, run: Run) -> Api {
    Api { path, open: false, run }
}

const APIS: &[Api] = &[
    open("/cgi-bin/gettoken", token::gettoken),
    open("/cgi-bin/aibot/response", aibot::response),
    guarded(SEND, message::send),
    guarded("/cgi-bin/message/update_template_card", card_update::update_template_card),
    guarded("/cgi-bin/message/recall", message::recall),
    guarded("/cgi-bin/externalcontact/get", customers::get),
    guarded("/cgi-bin/externalcontact/list", customers::list),
    guarded("/cgi-bin/externalcontact/get_follow_user_list", customers::get_follow_user_list),
    guarded("/cgi-bin/externalcontact/batch/get_by_user", customers::batch_get_by_user),
    guarded("/cgi-bin/externalcontact/groupchat/list", groups::list),
    guarded("/cgi-bin/externalcontact/groupchat/get", groups::get),
    guarded("/cgi-bin/user/get", people::user_get),
    guarded("/cgi-bin/user/list", people::user_list),
    guarded("/cgi-bin/user/simplelist", people::user_simplelist),
    guarded("/cgi-bin/department/list", people::department_list),
    guarded("/cgi-bin/department/simplelist", people::department_simplelist),
    guarded("/cgi-bin/auth/getuserinfo", sign_in::getuserinfo),
    guarded(CORP_TICKET, sign_in::corp_ticket),
    guarded(AGENT_TICKET, sign_in::agent_ticket),
    guarded("/cgi-bin/tag/list", people::tag_list),
    guarded("/cgi-bin/tag/get", people::tag_get),
    guarded("/cgi-bin/getcallbackip", addresses),
    guarded("/cgi-bin/get_api_domain_ip", addresses),
    guarded("/cgi-bin/media/upload", media::upload),
    guarded("/cgi-bin/media/get", media::get),
];

/// The API behind a path.
pub(crate) fn find(path: &str) -> Option<&'static Api> {
    APIS.iter().find(|api| api.path == path)
}

/// Callbacks come from this machine, and so does the API.
fn addresses(_: &mut World, _: &Call) -> Answer {
    Ok(Reply::Json(json!({"ip_list": ["127.0.0.1"]})))
}
