//! Signing in with WeCom: silently inside its client, by scanning a code in any other browser.
//!
//! The way back is bound to the browser that began it by a signed cookie, and counts once.

use super::body::Json;
use super::error::WebError;
use super::frame::{self, Frame};
use super::pages;
use super::session::{SignIn, cookie, open};
use super::site::Site;
use crate::model::{CorpId, MAX_TEXT_CHARS, Role, UserId};
use crate::store::{DraftPlace, KeptDraft};
use crate::wecom::client::AppAuth;
use crate::wecom::fault::WecomError;
use crate::wecom::identity::{Redirect, Visitor, oauth_url, scan_url};
use crate::wording::Wording;
use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header::{LOCATION, ORIGIN};
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq;

/// Holds what was begun while the browser is at WeCom's.
const COOKIE: &str = "__Host-guard-login";
/// How long a sign-in may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// Where somebody lands who asked for nothing else.
const HOME: &str = "/contact";
/// The longest address that is remembered, in bytes.
const MAX_PLACE: usize = 2_000;

/// A sign-in that was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Begun {
    state: String,
    corp: CorpId,
    app: String,
    /// Where to go on, on our own pages.
    to: String,
    until: i64,
    /// Whose unfinished text waits under this sign-in, and for whom it was meant.
    draft: Option<(UserId, String)>,
}

impl Begun {
    fn new(app: &AppAuth, to: Option<&str>, now: Timestamp) -> Self {
        Self {
            state: hex::encode(crate::model::chance::<16>()),
            corp: app.corp.clone(),
            app: app.name.to_string(),
            to: to.filter(|to| is_own_place(to)).unwrap_or(HOME).to_owned(),
            until: now.saturating_add(PATIENCE).unwrap_or(now).as_second(),
            draft: None,
        }
    }

    fn cookie(&self, site: &Site) -> Cookie<'static> {
        let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let signature = site.parts.links.sign("begun", &said);
        cookie(COOKIE, format!("{said}.{signature}"))
    }

    /// What this browser began, if `state` is what it was sent away with.
    fn read(site: &Site, request: &HttpRequest, state: &str) -> Option<Self> {
        let kept = request.cookie(COOKIE)?;
        let (said, signature) = kept.value().split_once('.')?;
        let right: bool = site.parts.links.sign("begun", said).as_bytes().ct_eq(signature.as_bytes()).into();
        let begun: Self = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()?;
        let same: bool = begun.state.as_bytes().ct_eq(state.as_bytes()).into();
        let now = site.parts.gate.clock().now().as_second();
        (right && same && now < begun.until).then_some(begun)
    }

    /// Where the unfinished text waits.
    fn waiting(&self, user: &UserId) -> DraftPlace {
        DraftPlace { corp: self.corp.clone(), user: user.clone(), to: format!("begun/{}", self.state) }
    }
}

/// A path of ours: another site must not be led to by our own redirect.
fn is_own_place(to: &str) -> bool {
    let second = to.as_bytes().get(1);
    to.len() <= MAX_PLACE
        && to.starts_with('/')
        && !matches!(second, Some(b'/' | b'\\'))
        && to.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A query that can't be read says nothing.
fn lenient<T: serde::de::DeserializeOwned + Default>(request: &HttpRequest) -> T {
    web::Query::from_query(request.query_string()).map(web::Query::into_inner).unwrap_or_default()
}

/// What `GET /login` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StartQuery {
    to: Option<String>,
    app: Option<String>,
}

/// `GET /login`: off to WeCom, by the way that fits the browser.
pub async fn start(site: web::Data<Site>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query: StartQuery = lenient(&request);
    let app = site.app_called(query.app.as_deref()).ok_or_else(WebError::not_found)?;
    let begun = Begun::new(app, query.to.as_deref(), site.parts.gate.clock().now());
    let way = way(&site, app, &request, &begun);
    Ok(HttpResponse::Found().cookie(begun.cookie(&site)).insert_header((LOCATION, way)).finish())
}

fn way(site: &Site, app: &AppAuth, request: &HttpRequest, begun: &Begun) -> String {
    let back = format!("{}/login/wecom", site.parts.public_url);
    let redirect = Redirect { to: &back, state: &begun.state };
    match frame::in_wecom(request) {
        true => oauth_url(&site.parts.oauth_base, app, redirect),
        false => scan_url(&site.parts.login_base, app, redirect),
    }
}

/// What `POST /login/again` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgainRequest {
    to: String,
    user: UserId,
    recipient: String,
    text: String,
}

/// `POST /login/again`: the session of a page has ended while its rep was writing. The text waits
/// until they are back.
pub async fn again(
    site: web::Data<Site>,
    request: HttpRequest,
    body: Json<AgainRequest>,
) -> Result<HttpResponse, WebError> {
    if !is_page_of_ours(&site, &request) {
        return Err(WebError::csrf());
    }
    let AgainRequest { to, user, recipient, text } = body.value;
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(crate::model::TextFault::TooLong(text.chars().count()).into());
    }
    let now = site.parts.gate.clock().now();
    let app = site.app_called(None).ok_or_else(WebError::not_found)?;
    let mut begun = Begun::new(app, Some(&to), now);
    if !text.is_empty() {
        site.store().keep_draft(&begun.waiting(&user), Some(KeptDraft { text, at: now })).await?;
        begun.draft = Some((user, recipient));
    }
    let way = way(&site, app, &request, &begun);
    Ok(HttpResponse::Ok().cookie(begun.cookie(&site)).json(json!({ "location": way })))
}

/// The proof outlives the session it was made for: it says where a request came from, no more.
fn is_page_of_ours(site: &Site, request: &HttpRequest) -> bool {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let Some(session) = request.cookie(super::access::COOKIE) else { return false };
    let proof = site.parts.links.csrf(session.value());
    let sent = header(super::access::CSRF_HEADER).unwrap_or_default();
    proof.as_bytes().ct_eq(sent.as_bytes()).into() && header(ORIGIN.as_str()) == Some(site.origin.as_str())
}

/// What WeCom sends a browser back with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BackQuery {
    code: String,
    state: String,
}

/// Why nobody was signed in.
enum Refused {
    /// Begin again: the way back was not this browser's, too old, or taken before.
    Again,
    /// Not one of us.
    Outsider,
    /// WeCom could not be asked.
    Away,
}

/// `GET /login/wecom`: back from WeCom.
pub async fn back(site: web::Data<Site>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let query: BackQuery = lenient(&request);
    let Some(begun) = Begun::read(&site, &request, &query.state) else {
        return refuse(&request, Refused::Again);
    };
    let signed_in = match who(&site, &begun, &query.code).await {
        Ok((user, roles)) => {
            let once = format!("oauth/{}", begun.state);
            let sign_in = SignIn { corp: begun.corp.clone(), user: user.clone(), roles, once };
            open(&site, &request, sign_in).await?.map(|session| (user, session)).ok_or(Refused::Again)
        }
        Err(refused) => Err(refused),
    };
    match signed_in {
        Ok((user, session)) => {
            bring_back(&site, &begun, &user).await?;
            let to = (LOCATION, begun.to.as_str());
            Ok(HttpResponse::Found().cookie(session).cookie(spent()).insert_header(to).finish())
        }
        Err(refused) => refuse(&request, refused),
    }
}

/// The member behind a code, and what they are by WeCom's own account: a code is given to people
/// outside the application's range too.
async fn who(site: &Site, begun: &Begun, code: &str) -> Result<(UserId, Vec<Role>), Refused> {
    let app = site.app_called(Some(&begun.app)).ok_or(Refused::Again)?;
    let user = match site.parts.wecom.visitor(app, code).await {
        Ok(Visitor::Member(user)) => user,
        Ok(Visitor::Outsider) => return Err(Refused::Outsider),
        Err(WecomError::StartAgain(_)) => return Err(Refused::Again),
        Err(error) => return Err(away(&error)),
    };
    let leads = match site.parts.wecom.member(app, &user).await {
        Ok(member) => Some(member.departments.iter().any(|department| department.leads)),
        Err(WecomError::Refused(_)) => None,
        Err(error) => return Err(away(&error)),
    };
    let named = site.parts.people.contains_key(&(app.corp.clone(), user.clone()));
    match leads {
        Some(true) => Ok((user, vec![Role::Rep, Role::Supervisor])),
        Some(false) => Ok((user, vec![Role::Rep])),
        None if named => Ok((user, Vec::new())),
        None => Err(Refused::Outsider),
    }
}

fn away(error: &WecomError) -> Refused {
    tracing::warn!(%error, "nobody can sign in with WeCom");
    Refused::Away
}

/// The text that waited, but only for the one who wrote it.
async fn bring_back(site: &Site, begun: &Begun, user: &UserId) -> Result<(), WebError> {
    let Some((writer, to)) = &begun.draft else { return Ok(()) };
    let waiting = begun.waiting(writer);
    if let (true, Some(draft)) = (writer == user, site.store().draft(&waiting).await?) {
        let place = DraftPlace { to: to.clone(), ..waiting.clone() };
        site.store().keep_draft(&place, Some(draft)).await?;
    }
    Ok(site.store().keep_draft(&waiting, None).await?)
}

fn spent() -> Cookie<'static> {
    let mut spent = cookie(COOKIE, String::new());
    spent.make_removal();
    spent
}

fn refuse(request: &HttpRequest, refused: Refused) -> Result<HttpResponse, WebError> {
    let (wording, status) = match refused {
        Refused::Again => (Wording::SignInBroken, StatusCode::FORBIDDEN),
        Refused::Outsider => (Wording::SignInOutsider, StatusCode::FORBIDDEN),
        Refused::Away => (Wording::SignInAway, StatusCode::SERVICE_UNAVAILABLE),
    };
    let frame = Frame::new(request, Wording::SignInTitle);
    let mut response = pages::try_again(frame, wording, status)?;
    let _ = response.add_cookie(&spent());
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::is_own_place;

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        for own in ["/sidebar", "/contact/wm1?entry=x%20y", "/"] {
            assert!(is_own_place(own), "{own}");
        }
        for foreign in [
            "//evil.example.com",
            "/\\evil.example.com",
            "https://evil.example.com",
            "",
            "/a\r\nb",
            "sidebar",
        ] {
            assert!(!is_own_place(foreign), "{foreign}");
        }
    }
}
