//! Plain pages: sign in, my customers. Text is escaped by the templates.

use super::access::{Access, Caller, Known, MayCheck, Permit};
use super::error::WebError;
use super::frame::{self, Frame};
use super::site::Site;
use crate::model::{ContactSnapshot, CorpId, UserId};
use crate::wording::{Wording, say};
use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

/// One row of name and value.
struct Row {
    name: String,
    value: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    frame: Frame,
    notice: Option<String>,
    rows: Vec<Row>,
    links: Vec<Row>,
    list_title: Option<String>,
    list: Vec<Row>,
    /// What a button says, and where it posts to.
    form: Option<Row>,
    /// What a link says, and where it leads.
    way: Option<Row>,
    /// Company and application, where WeCom's client may know which customer is meant.
    landing: Option<Row>,
    footer: String,
}

impl Page {
    fn new(frame: Frame) -> Self {
        Self {
            footer: frame.say(Wording::ZoneNote),
            frame,
            notice: None,
            rows: Vec::new(),
            links: Vec::new(),
            list_title: None,
            list: Vec::new(),
            form: None,
            way: None,
            landing: None,
        }
    }

    fn answer(&self, status: StatusCode) -> Result<HttpResponse, WebError> {
        self.frame.answer(status, self)
    }
}

/// A page that says this.
pub(super) fn told(frame: Frame, notice: String, status: StatusCode) -> Result<HttpResponse, WebError> {
    Page { notice: Some(notice), ..Page::new(frame) }.answer(status)
}

/// A page that says one thing.
pub(super) fn notice(frame: Frame, wording: Wording, status: StatusCode) -> Result<HttpResponse, WebError> {
    let notice = Some(frame.say(wording));
    Page { notice, ..Page::new(frame) }.answer(status)
}

/// The page for who may not come in: a stranger signs in first, and in WeCom's client that takes no
/// more than a redirect; somebody else's page stays shut.
pub(super) fn shut(request: &HttpRequest, frame: Frame, error: WebError) -> Result<HttpResponse, WebError> {
    match error.status_code() {
        StatusCode::UNAUTHORIZED => stranger(request, frame),
        StatusCode::FORBIDDEN => notice(frame, Wording::Forbidden, StatusCode::FORBIDDEN),
        _ => Err(error),
    }
}

fn stranger(request: &HttpRequest, frame: Frame) -> Result<HttpResponse, WebError> {
    let here = request.uri().path_and_query().map_or("/", |place| place.as_str());
    let to: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
    let way = format!("/login?to={to}");
    if frame::in_wecom(request) && request.method() == Method::GET {
        return Ok(HttpResponse::Found().insert_header((LOCATION, way)).finish());
    }
    let way = Row { name: frame.say(Wording::SignInByScan), value: way };
    let notice = Some(frame.say(Wording::SignInNeeded));
    Page { notice, way: Some(way), ..Page::new(frame) }.answer(StatusCode::UNAUTHORIZED)
}

/// The page behind a sign-in link: a button, so that a preview does not use the link up.
pub(super) fn sign_in(request: &HttpRequest, user: &UserId, token: &str) -> Result<HttpResponse, WebError> {
    let frame = Frame::new(request, Wording::SignInTitle);
    let go = say(frame.lang, Wording::SignInGo, &[("user", user.as_str())]);
    let form = Row { name: go, value: format!("/login/{token}") };
    Page { form: Some(form), ..Page::new(frame) }.answer(StatusCode::OK)
}

/// The page behind a link that is no good any more.
pub(super) fn link_spent(request: &HttpRequest) -> Result<HttpResponse, WebError> {
    notice(Frame::new(request, Wording::SignInTitle), Wording::LinkSpent, StatusCode::FORBIDDEN)
}

/// A page that says why nobody was signed in, and lets them begin again.
pub(super) fn try_again(
    frame: Frame,
    wording: Wording,
    status: StatusCode,
) -> Result<HttpResponse, WebError> {
    let way = Row { name: frame.say(Wording::SignInAgain), value: "/login".to_owned() };
    let notice = Some(frame.say(wording));
    Page { notice, way: Some(way), ..Page::new(frame) }.answer(status)
}

/// Who looks at a page.
pub(super) struct SignedIn {
    pub(super) corp: CorpId,
    pub(super) user: UserId,
    pub(super) csrf: String,
}

/// A page is for a person; a program has none.
pub(super) fn person(caller: Caller) -> Result<SignedIn, WebError> {
    match caller {
        Caller::Person { corp, user, csrf, .. } => Ok(SignedIn { corp, user, csrf }),
        Caller::Token { .. } => Err(WebError::unauthorized()),
    }
}

/// `GET /contact`: where everybody lands who signs in; a rep sees the customers they follow, as far as
/// we know them.
pub async fn contacts(
    access: Result<Access<Known>, WebError>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let frame = Frame::new(&request, Wording::ContactPageTitle);
    let is_rep = access.as_ref().is_ok_and(|access| MayCheck::admits(&access.caller));
    match access.and_then(|access| person(access.caller)) {
        Err(error) => shut(&request, frame, error),
        Ok(who) if is_rep => own_contacts(&site, &request, frame, who).await,
        Ok(who) => landed(Frame::new(&request, Wording::SignInTitle), who),
    }
}

async fn own_contacts(
    site: &Site,
    request: &HttpRequest,
    frame: Frame,
    who: SignedIn,
) -> Result<HttpResponse, WebError> {
    let app = site.app_of(&who.corp).filter(|_| frame::in_wecom(request));
    let known = site.store().contacts_of(&who.corp, &who.user).await?;
    let row = |contact: &ContactSnapshot| Row {
        name: contact.name.clone(),
        value: format!("/contact/{}", contact.id),
    };
    Page {
        notice: Some(say(frame.lang, Wording::SignedIn, &[("user", who.user.as_str())])),
        list_title: known.is_empty().then(|| frame.say(Wording::NoContactsYet)),
        links: known.iter().map(row).collect(),
        landing: app.map(|app| Row { name: who.corp.to_string(), value: app.agent.to_string() }),
        ..Page::new(frame.of_session(who.csrf))
    }
    .answer(StatusCode::OK)
}

/// For who has no pages yet.
fn landed(frame: Frame, who: SignedIn) -> Result<HttpResponse, WebError> {
    let notice = Some(say(frame.lang, Wording::NoPagesForRole, &[("user", who.user.as_str())]));
    Page { notice, ..Page::new(frame.of_session(who.csrf)) }.answer(StatusCode::OK)
}
