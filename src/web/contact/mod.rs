//! `/contact/{id}`: a customer's page as a rep needs it. It reads whole without its script, which only
//! posts what is filled in to the API.

mod sections;
mod timeline;

use super::access::{Access, Caller, MayCheck};
use super::api::contacts::reader;
use super::api::contacts::timeline::{kinds, place};
use super::api::query;
use super::error::WebError;
use super::frame::Frame;
use super::pages::{SignedIn, notice, person, shut, told};
use super::site::Site;
use crate::channels::of_parting;
use crate::followup::{ContactPage, FollowupError, Viewer};
use crate::model::{Actor, ExternalUserId, UserId};
use crate::store::TimelinePage;
use crate::wording::{Wording, say};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use sections::{ActionRow, Choice, SlotRow, StageStep};
use serde::Deserialize;
use timeline::{Day, Filter};

/// Items of the timeline on one page.
const ITEMS: usize = 20;

/// What the page's address may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PageQuery {
    user: Option<UserId>,
    kind: Option<String>,
    cursor: Option<String>,
    /// What led here, where WeCom's client said so.
    from: Option<String>,
}

impl PageQuery {
    /// From where the page is opened, for the record: a word we know.
    fn entry(&self) -> &'static str {
        match self.from.as_deref() {
            Some("contact_profile") => "contact_profile",
            _ => "page",
        }
    }
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactView {
    frame: Frame,
    page: ContactPage,
    /// The rep whose following it is.
    rep: UserId,
    /// The viewer may change it: it is their own, and WeCom is there to say so.
    editable: bool,
    /// The viewer leads the rep, and may let them off what is missing.
    leads: bool,
    source: Option<String>,
    owners: String,
    notices: Vec<String>,
    stage: String,
    steps: Vec<StageStep>,
    clock: String,
    actions: Vec<ActionRow>,
    touches: Vec<Choice>,
    needs: Vec<Choice>,
    slots: Vec<SlotRow>,
    slot_names: Vec<String>,
    appointments: Vec<Choice>,
    earliest: String,
    filters: Vec<Filter>,
    days: Vec<Day>,
    older: Option<String>,
}

/// `GET /contact/{id}`: one customer. Opening it is the contact click, and is recorded.
pub async fn show(
    access: Result<Access<MayCheck>, WebError>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let frame = Frame::new(&request, Wording::ContactPageTitle);
    let caller = match access {
        Ok(access) => access.caller,
        Err(error) => return shut(&request, frame, error),
    };
    let SignedIn { corp, user, csrf } = match person(caller.clone()) {
        Ok(who) => who,
        Err(error) => return shut(&request, frame, error),
    };
    let query: PageQuery = query(&request).unwrap_or_default();
    let viewer = match reader(&site, &caller, query.user.clone()).await {
        Ok(viewer) => Viewer { lang: frame.lang, ..viewer },
        Err(error) => return shut(&request, frame, error),
    };
    let (frame, id) = (frame.of_session(csrf), ExternalUserId::new(id.into_inner()));
    let actor = Actor::User { corp, user: user.clone() };
    let opened = match viewer.user == user {
        true => site.parts.followup.look(&viewer, actor, &id, query.entry()).await,
        false => site.parts.followup.open(&viewer, actor, &id, "supervisor").await,
    };
    match opened {
        Ok(page) => shown(&site, frame, &caller, viewer, page, &query).await,
        Err(error) => not_shown(&site, frame, error),
    }
}

async fn shown(
    site: &Site,
    frame: Frame,
    caller: &Caller,
    viewer: Viewer,
    page: ContactPage,
    query: &PageQuery,
) -> Result<HttpResponse, WebError> {
    // What an address says wrongly is left out: a page is for people.
    let chosen = kinds(query.kind.as_deref()).unwrap_or_default();
    let after = query.cursor.as_deref().and_then(|cursor| place(cursor).ok());
    let happened = site.parts.followup.timeline(&viewer, &page.id, &chosen, after, ITEMS).await?;
    let names = site.parts.followup.slot_names(&viewer, &page.owners, &page.id).await?;
    let view = ContactView::of(site, frame, caller, viewer, page, query, happened, names);
    view.frame.answer(StatusCode::OK, &view)
}

impl ContactView {
    #[expect(clippy::too_many_arguments, reason = "a page has many parts, and is put together once")]
    fn of(
        site: &Site,
        frame: Frame,
        caller: &Caller,
        viewer: Viewer,
        page: ContactPage,
        query: &PageQuery,
        happened: TimelinePage,
        slot_names: Vec<String>,
    ) -> Self {
        let (lang, zone, now) = (frame.lang, site.parts.gate.zone(), site.parts.gate.clock().now());
        let own = caller.user() == Some(&viewer.user);
        let following = &page.following;
        Self {
            editable: own && !page.stale && following.ended.is_none(),
            leads: !own && !page.stale,
            source: sections::source(lang, &page),
            owners: sections::owners(lang, &page),
            notices: sections::notices(lang, zone, &page),
            stage: sections::stage(lang, following),
            steps: sections::steps(lang, following),
            clock: sections::clock(lang, zone, following, now),
            actions: sections::actions(lang, zone, following),
            touches: sections::touches(lang, following),
            needs: sections::needs(site, following),
            slots: sections::slots(following),
            appointments: sections::appointments(zone, following),
            earliest: zone.minute(now).replace(' ', "T"),
            filters: timeline::filters(lang, query.kind.as_deref(), |kind| place_of(query, Some(kind), None)),
            days: timeline::days(lang, zone, happened.items),
            older: happened.next.map(|next| place_of(query, query.kind.as_deref(), Some(&next.to_string()))),
            slot_names,
            rep: viewer.user,
            frame: frame.titled(page.name.clone()),
            page,
        }
    }
}

/// This page's address with these kinds, after this place in the timeline.
fn place_of(query: &PageQuery, kind: Option<&str>, cursor: Option<&str>) -> String {
    let mut address = url::form_urlencoded::Serializer::new(String::new());
    let user = query.user.as_ref().map(UserId::as_str);
    for (name, value) in [("user", user), ("kind", kind), ("cursor", cursor)] {
        if let Some(value) = value {
            address.append_pair(name, value);
        }
    }
    format!("?{}#timeline", address.finish())
}

fn not_shown(site: &Site, frame: Frame, error: FollowupError) -> Result<HttpResponse, WebError> {
    match error {
        FollowupError::NotFollowUser => notice(frame, Wording::ContactNotYours, StatusCode::FORBIDDEN),
        FollowupError::Parted(ended) => {
            let when = site.parts.gate.zone().minute(ended.at);
            let said = say(frame.lang, of_parting(ended.by), &[("when", &when)]);
            told(frame, said, StatusCode::FORBIDDEN)
        }
        FollowupError::Unknown => notice(frame, Wording::NotFoundPage, StatusCode::NOT_FOUND),
        FollowupError::Away { why } => {
            tracing::warn!(%why, "a customer's page can't be shown");
            notice(frame, Wording::ContactAway, StatusCode::SERVICE_UNAVAILABLE)
        }
        FollowupError::Store(error) => Err(error.into()),
    }
}
