//! Plain pages: sign in, my customers, one customer. Text is escaped by the templates.

use super::access::{Access, Caller, Known, MayCheck, Permit};
use super::error::WebError;
use super::site::Site;
use crate::channels::{of_parting, state_name};
use crate::followup::{ContactPage, FollowupError, Viewer};
use crate::model::{Actor, Check, ContactSnapshot, CorpId, Ended, ExternalUserId, UserId};
use crate::store::CheckQuery;
use crate::wording::{Lang, Wording, say};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use askama::Template;

/// Checks shown on a customer's page.
const CHECKS: usize = 10;

/// One row of name and value.
struct Row {
    name: String,
    value: String,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    lang: &'static str,
    title: String,
    csrf: Option<String>,
    notice: Option<String>,
    rows: Vec<Row>,
    links: Vec<Row>,
    list_title: Option<String>,
    list: Vec<Row>,
    form: Option<Row>,
    footer: String,
}

impl Page {
    fn new(lang: Lang, title: String) -> Self {
        Self {
            lang: lang.tag(),
            title,
            csrf: None,
            notice: None,
            rows: Vec::new(),
            links: Vec::new(),
            list_title: None,
            list: Vec::new(),
            form: None,
            footer: say(lang, Wording::ZoneNote, &[]),
        }
    }

    fn answer(&self, status: StatusCode) -> Result<HttpResponse, WebError> {
        let html = self.render().map_err(|error| WebError::fault().caused_by(error))?;
        Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
    }
}

/// `?lang=`, then what the browser asks for.
fn lang(request: &HttpRequest) -> Lang {
    let asked = request.query_string().split('&').find_map(|pair| pair.strip_prefix("lang="));
    let browser = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
    asked.or(browser).and_then(Lang::parse).unwrap_or_default()
}

fn notice(lang: Lang, wording: Wording, status: StatusCode) -> Result<HttpResponse, WebError> {
    let page = Page::new(lang, say(lang, Wording::ContactPageTitle, &[]));
    Page { notice: Some(say(lang, wording, &[])), ..page }.answer(status)
}

/// The page for who may not come in: a stranger signs in first, somebody else's page stays shut.
fn shut(lang: Lang, error: WebError) -> Result<HttpResponse, WebError> {
    match error.status_code() {
        StatusCode::UNAUTHORIZED => notice(lang, Wording::SignInNeeded, StatusCode::UNAUTHORIZED),
        StatusCode::FORBIDDEN => notice(lang, Wording::Forbidden, StatusCode::FORBIDDEN),
        _ => Err(error),
    }
}

/// The page behind a sign-in link: a button, so that a preview does not use the link up.
pub(super) fn sign_in(user: &UserId, token: &str) -> Result<HttpResponse, WebError> {
    let lang = Lang::Zh;
    let go = say(lang, Wording::SignInGo, &[("user", user.as_str())]);
    let form = Row { name: format!("/login/{token}"), value: go };
    Page { form: Some(form), ..Page::new(lang, say(lang, Wording::SignInTitle, &[])) }.answer(StatusCode::OK)
}

/// The page behind a link that is no good any more.
pub(super) fn link_spent() -> Result<HttpResponse, WebError> {
    let notice = say(Lang::Zh, Wording::LinkSpent, &[]);
    let page = Page::new(Lang::Zh, say(Lang::Zh, Wording::SignInTitle, &[]));
    Page { notice: Some(notice), ..page }.answer(StatusCode::FORBIDDEN)
}

/// Who looks at a page.
struct SignedIn {
    corp: CorpId,
    user: UserId,
    csrf: String,
}

/// A page is for a person; a program has none.
fn person(caller: Caller) -> Result<SignedIn, WebError> {
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
    let lang = lang(&request);
    let is_rep = access.as_ref().is_ok_and(|access| MayCheck::admits(&access.caller));
    match access.and_then(|access| person(access.caller)) {
        Err(error) => shut(lang, error),
        Ok(who) if is_rep => own_contacts(&site, lang, who).await,
        Ok(who) => landed(lang, who),
    }
}

async fn own_contacts(site: &Site, lang: Lang, who: SignedIn) -> Result<HttpResponse, WebError> {
    let known = site.store().contacts_of(&who.corp, &who.user).await?;
    let row = |contact: &ContactSnapshot| Row {
        name: contact.name.clone(),
        value: format!("/contact/{}", contact.id),
    };
    Page {
        csrf: Some(who.csrf),
        notice: Some(say(lang, Wording::SignedIn, &[("user", who.user.as_str())])),
        list_title: known.is_empty().then(|| say(lang, Wording::NoContactsYet, &[])),
        links: known.iter().map(row).collect(),
        ..Page::new(lang, say(lang, Wording::ContactPageTitle, &[]))
    }
    .answer(StatusCode::OK)
}

/// For who has no pages yet.
fn landed(lang: Lang, who: SignedIn) -> Result<HttpResponse, WebError> {
    let notice = Some(say(lang, Wording::NoPagesForRole, &[("user", who.user.as_str())]));
    let page = Page::new(lang, say(lang, Wording::SignInTitle, &[]));
    Page { notice, csrf: Some(who.csrf), ..page }.answer(StatusCode::OK)
}

/// `GET /contact/{id}`: one customer. Opening it is the contact click, and is recorded.
pub async fn contact(
    access: Result<Access<MayCheck>, WebError>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let lang = lang(&request);
    let SignedIn { corp, user, csrf } = match access.and_then(|access| person(access.caller)) {
        Ok(who) => who,
        Err(error) => return shut(lang, error),
    };
    let actor = Actor::User { corp: corp.clone(), user: user.clone() };
    let (viewer, id) = (Viewer { corp, user, lang }, ExternalUserId::new(id.into_inner()));
    match site.parts.followup.open(&viewer, actor, &id, "page").await {
        Ok(page) => {
            let checks = latest_checks(&site, &viewer, &id).await?;
            one_contact(&site, lang, &page, checks, csrf).answer(StatusCode::OK)
        }
        Err(error) => not_shown(&site, lang, error),
    }
}

fn not_shown(site: &Site, lang: Lang, error: FollowupError) -> Result<HttpResponse, WebError> {
    match error {
        FollowupError::NotFollowUser => notice(lang, Wording::ContactNotYours, StatusCode::FORBIDDEN),
        FollowupError::Parted(ended) => parted(site, lang, ended),
        FollowupError::Unknown => notice(lang, Wording::NotFoundPage, StatusCode::NOT_FOUND),
        FollowupError::Away { why } => {
            tracing::warn!(%why, "a customer's page can't be shown");
            notice(lang, Wording::ContactAway, StatusCode::SERVICE_UNAVAILABLE)
        }
        FollowupError::Store(error) => Err(error.into()),
    }
}

/// The page of a customer who is no longer theirs: when and how that came about.
fn parted(site: &Site, lang: Lang, ended: Ended) -> Result<HttpResponse, WebError> {
    let when = site.parts.gate.zone().minute(ended.at);
    let said = say(lang, of_parting(ended.by), &[("when", &when)]);
    let page = Page::new(lang, say(lang, Wording::ContactPageTitle, &[]));
    Page { notice: Some(said), ..page }.answer(StatusCode::FORBIDDEN)
}

/// What this rep lately wanted to say to the customer.
async fn latest_checks(site: &Site, viewer: &Viewer, id: &ExternalUserId) -> Result<Vec<Row>, WebError> {
    let wanted = CheckQuery {
        corp: Some(viewer.corp.clone()),
        sender: Some(viewer.user.clone()),
        recipient: Some(id.to_string()),
        ..CheckQuery::default()
    };
    let checks = site.store().checks(wanted, None, CHECKS).await?.items;
    let zone = site.parts.gate.zone();
    let row = |check: &Check| Row {
        name: format!("{} · {}", zone.minute(check.created_at), state_name(viewer.lang, check.state)),
        value: check.text.as_str().to_owned(),
    };
    Ok(checks.iter().map(row).collect())
}

fn one_contact(site: &Site, lang: Lang, page: &ContactPage, checks: Vec<Row>, csrf: String) -> Page {
    let when = site.parts.gate.zone().minute(page.fetched_at);
    let age = if page.stale { Wording::ContactAge } else { Wording::ContactFresh };
    let title = if checks.is_empty() { Wording::NoChecks } else { Wording::Checks };
    Page {
        csrf: Some(csrf),
        rows: rows(lang, page),
        notice: Some(say(lang, age, &[("when", &when)])),
        list_title: Some(say(lang, title, &[])),
        list: checks,
        ..Page::new(lang, page.name.clone())
    }
}

fn rows(lang: Lang, page: &ContactPage) -> Vec<Row> {
    let join = |words: Vec<&str>| words.join("、");
    let tags = join(page.tags.iter().map(|tag| tag.name.as_str()).collect());
    let never = say(lang, Wording::ContactNever, &[]);
    let none = say(lang, Wording::ContactNoActions, &[]);
    let actions = join(page.actions.iter().map(|action| action.title.as_str()).collect());
    let all = [
        (Wording::Remark, page.remark.clone()),
        (Wording::Stage, page.stage.clone()),
        (Wording::Owner, join(page.owners.iter().map(UserId::as_str).collect())),
        (Wording::LastContact, page.last_contact.clone().unwrap_or(never)),
        (Wording::OpenActions, if actions.is_empty() { none } else { actions }),
        (Wording::Tags, tags),
        (Wording::Note, page.note.clone().unwrap_or_default()),
    ];
    all.into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| Row { name: say(lang, key, &[]), value })
        .collect()
}

/// `GET /assets/{file}`
pub async fn asset(file: web::Path<String>) -> Result<HttpResponse, WebError> {
    match file.as_str() {
        "guard.css" => Ok(HttpResponse::Ok().content_type("text/css").body(include_str!("assets/guard.css"))),
        _ => Err(WebError::not_found()),
    }
}
