//! `GET /v1/contacts/{id}/timeline`: what happened between a rep and a customer.

use super::reader;
use crate::model::{
    Actor, Channel, CheckId, CheckState, ExternalUserId, FollowMove, TimelineKind, TimelinePlace, UserId,
    Verdict,
};
use crate::store::{Happening, TimelineItem};
use crate::web::access::{Access, MayCheck};
use crate::web::api::{List, page_size, query};
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an item comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::web) enum Source {
    /// A person wrote it down.
    Manual,
    /// A program wrote it down.
    Program,
    /// The server.
    System,
    /// A channel's check.
    #[serde(untagged)]
    Channel(Channel),
}

/// An item as the API shows it.
#[derive(Debug, Serialize)]
pub(in crate::web) struct ItemAnswer {
    place: String,
    at: Timestamp,
    kind: TimelineKind,
    source: Option<Source>,
    by: Option<Actor>,
    what: Option<What>,
}

/// What an item says.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum What {
    Check { id: CheckId, verdict: Verdict, state: CheckState, text: String },
    Opened { entry: String },
    Step(Box<FollowMove>),
}

impl ItemAnswer {
    /// `what` is null for what was erased.
    pub(in crate::web) fn of(item: TimelineItem) -> Self {
        let (source, by, what) = match item.what {
            None => (None, None, None),
            Some(happening) => shown(happening),
        };
        Self { place: item.place.to_string(), at: item.place.at, kind: item.place.kind, source, by, what }
    }
}

/// Where something came from.
pub(in crate::web) fn source_of(happening: &Happening) -> Source {
    match happening {
        Happening::Check(check) => Source::Channel(check.channel),
        Happening::Opened { .. } => Source::Manual,
        Happening::Step(step) => match step.by {
            Actor::User { .. } => Source::Manual,
            Actor::Token { .. } => Source::Program,
            Actor::Wecom | Actor::System => Source::System,
        },
    }
}

fn shown(happening: Happening) -> (Option<Source>, Option<Actor>, Option<What>) {
    let source = Some(source_of(&happening));
    match happening {
        Happening::Check(check) => {
            let by = Actor::User { corp: check.corp.clone(), user: check.sender.clone() };
            let (verdict, state) = (check.verdict(), check.state);
            let what = What::Check { id: check.id, verdict, state, text: check.text.as_str().to_owned() };
            (source, Some(by), Some(what))
        }
        Happening::Opened { entry } => (source, None, Some(What::Opened { entry })),
        Happening::Step(step) => (source, Some(step.by), Some(What::Step(Box::new(step.what)))),
    }
}

/// What `GET /v1/contacts/{id}/timeline` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TimelineQuery {
    user: Option<UserId>,
    kind: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Kinds, parted by commas; all of them when none is named.
pub(in crate::web) fn kinds(text: Option<&str>) -> Result<Vec<TimelineKind>, WebError> {
    let named = text.unwrap_or_default().split(',').filter(|kind| !kind.is_empty());
    let kinds: Option<Vec<_>> = named.map(TimelineKind::parse).collect();
    kinds.ok_or_else(|| {
        let all = TimelineKind::ALL.map(TimelineKind::as_str).join(", ");
        WebError::invalid("kind", format!("只能是 {all}"), format!("must be of {all}"))
    })
}

/// The `next` of an earlier page.
pub(in crate::web) fn place(text: &str) -> Result<TimelinePlace, WebError> {
    let wrong =
        || WebError::invalid("cursor", "只能填上一页给出的 next", "must be the `next` of another page");
    TimelinePlace::parse(text).ok_or_else(wrong)
}

/// `GET /v1/contacts/{id}/timeline`, newest first.
pub async fn list(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let TimelineQuery { user, kind, cursor, limit } = query(&request)?;
    let (limit, kinds) = (page_size(limit)?, kinds(kind.as_deref())?);
    let after = cursor.as_deref().map(place).transpose()?;
    let viewer = reader(&site, &access.caller, user).await?;
    let contact = ExternalUserId::new(id.into_inner());
    let page = site.parts.followup.timeline(&viewer, &contact, &kinds, after, limit).await?;
    let items = page.items.into_iter().map(ItemAnswer::of).collect();
    Ok(HttpResponse::Ok().json(List { items, next: page.next.map(|place| place.to_string()) }))
}
