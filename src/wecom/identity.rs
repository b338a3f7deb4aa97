//! Who stands behind a sign-in: the code that a redirect brought, told as a member.
//!
//! Facts: pages 96441 and 96442. A code is good once, for five minutes.

use super::call::Call;
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use crate::model::UserId;
use serde::Deserialize;

const IDENTITY: &str = "auth/getuserinfo";
/// What stands for nothing in an address of WeCom's.
const WELL_KNOWN: &str = "#wechat_redirect";

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// A member of the company; whether the application is for them is another question.
    Member(UserId),
    /// Somebody of another company, or a customer.
    Outsider,
}

/// Where a browser is sent to sign in, and what comes back.
#[derive(Debug, Clone, Copy)]
pub struct Redirect<'a> {
    /// Where the code is brought.
    pub to: &'a str,
    /// Comes back unchanged: at most 128 letters and digits.
    pub state: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    userid: String,
}

/// The address that signs a member in without a question, inside WeCom's client.
pub fn oauth_url(base: &str, app: &AppAuth, redirect: Redirect<'_>) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("appid", app.corp.as_str())
        .append_pair("redirect_uri", redirect.to)
        .append_pair("response_type", "code")
        .append_pair("scope", "snsapi_base")
        .append_pair("state", redirect.state)
        .append_pair("agentid", &app.agent.to_string())
        .finish();
    format!("{base}/connect/oauth2/authorize?{query}{WELL_KNOWN}")
}

/// The address that shows a code to scan, in any other browser.
pub fn scan_url(base: &str, app: &AppAuth, redirect: Redirect<'_>) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("login_type", "CorpApp")
        .append_pair("appid", app.corp.as_str())
        .append_pair("agentid", &app.agent.to_string())
        .append_pair("redirect_uri", redirect.to)
        .append_pair("state", redirect.state)
        .finish();
    format!("{base}/wwlogin/sso/login?{query}")
}

impl Client {
    /// Who a code stands for.
    ///
    /// # Errors
    /// [`WecomError::StartAgain`] when the code was used before, has run out or never was.
    pub async fn visitor(&self, app: &AppAuth, code: &str) -> Result<Visitor, WecomError> {
        let query = [("code", code)];
        let answer: Answer = self.call(app, &Call::read(IDENTITY, &query)).await?;
        // A member of a linked company comes as `company/member`.
        Ok(match answer.userid {
            id if id.is_empty() || id.contains('/') => Visitor::Outsider,
            id => Visitor::Member(UserId::new(id)),
        })
    }
}
