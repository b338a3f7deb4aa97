//! `/v1/checks`: create, get, list, confirm, withdraw, report.

use super::{List, instant, page_size, query, request_key};
use crate::channels::api;
use crate::followup::Viewer;
use crate::intercept::{ConfirmOrder, Draft, Outcome, Recorded, Report};
use crate::model::{
    Channel, Check, CheckId, CheckMove, CheckState, ConfirmedBy, Finding, Hit, Judgement, MessageText,
    Origin, Question, Recipient, Review, Revision, RuleId, ShortNo, Suggestion, Suppressed, TextHash, UserId,
    Verdict,
};
use crate::store::{CheckQuery, Cursor};
use crate::web::access::{Access, Caller, MayCheck, MayRead};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use crate::wording::Lang;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What `POST /v1/checks` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    sender: Option<UserId>,
    #[serde(default)]
    recipient: Option<Recipient>,
    channel: Channel,
    text: String,
    #[serde(default)]
    industry: Option<String>,
    #[serde(default)]
    live: bool,
}

/// A check as the API shows it.
#[derive(Debug, Serialize)]
pub struct CheckAnswer<'c> {
    id: &'c CheckId,
    verdict: Verdict,
    state: CheckState,
    #[serde(flatten)]
    judgement: JudgementAnswer<'c>,
    suggestions: &'c [Suggestion],
    expires_at: Option<Timestamp>,
    release: Option<&'c str>,
    sender: &'c UserId,
    recipient: Option<&'c Recipient>,
    channel: Channel,
    industry: Option<&'c str>,
    text: &'c MessageText,
    text_sha256: TextHash,
    short: Option<ShortNo>,
    created_at: Timestamp,
    trail: &'c [CheckMove],
    /// Present where something was said about it besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    review: Option<&'c Review>,
}

/// A judgement as the API shows it.
#[derive(Debug, Serialize)]
struct JudgementAnswer<'c> {
    revision: &'c Revision,
    hits: &'c [Hit],
    hits_total: usize,
    suppressed: &'c [Suppressed],
    require_reason: bool,
    require_approval: bool,
}

impl<'c> From<&'c Judgement> for JudgementAnswer<'c> {
    fn from(judgement: &'c Judgement) -> Self {
        Self {
            revision: &judgement.revision,
            hits: &judgement.hits,
            hits_total: judgement.hits_total,
            suppressed: &judgement.suppressed,
            require_reason: judgement.require_reason,
            require_approval: judgement.require_approval,
        }
    }
}

impl<'c> CheckAnswer<'c> {
    /// A check, with its release where the caller may have it.
    pub fn of(check: &'c Check, release: Option<&'c str>) -> Self {
        Self {
            id: &check.id,
            verdict: check.verdict(),
            state: check.state,
            judgement: (&check.judgement).into(),
            suggestions: &check.suggestions,
            expires_at: check.expires_at,
            release,
            sender: &check.sender,
            recipient: check.recipient.as_ref(),
            channel: check.channel,
            industry: check.industry.as_deref(),
            text: &check.text,
            text_sha256: check.text_sha256,
            short: check.short,
            created_at: check.created_at,
            trail: &check.moves,
            review: None,
        }
    }

    /// With what people besides the rep said about it.
    fn with(self, review: &'c Review) -> Self {
        Self { review: (review.version() > 0).then_some(review), ..self }
    }
}

/// What a preview answers: nothing was recorded, so there is neither id nor state.
#[derive(Debug, Serialize)]
struct PreviewAnswer<'c> {
    verdict: Verdict,
    #[serde(flatten)]
    judgement: JudgementAnswer<'c>,
    suggestions: &'c [Suggestion],
}

fn draft(caller: &Caller, request: CheckRequest) -> Result<Draft, WebError> {
    let sender = match (caller, request.sender) {
        (Caller::Person { user, .. }, None) => user.clone(),
        (Caller::Person { user, .. }, Some(sender)) if sender != *user => return Err(WebError::forbidden()),
        (_, Some(sender)) if !sender.as_str().trim().is_empty() => sender,
        _ => return Err(WebError::invalid("sender", "不能为空", "must not be empty")),
    };
    let origin = match caller {
        Caller::Token { name, .. } => Origin::Token { name: name.clone() },
        Caller::Person { .. } => Origin::Session,
    };
    Ok(Draft {
        corp: caller.corp().clone(),
        channel: request.channel,
        origin,
        sender,
        recipient: request.recipient.filter(|recipient| !recipient.id().trim().is_empty()),
        text: MessageText::new(request.text)?,
        industry: request.industry.filter(|industry| !industry.is_empty()),
    })
}

/// `POST /v1/checks`
pub async fn create(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    request: HttpRequest,
    body: Json<CheckRequest>,
) -> Result<HttpResponse, WebError> {
    let Json { value, fingerprint } = body;
    let live = value.live;
    let draft = draft(&access.caller, value)?;
    if live {
        return preview(&site, &draft).await;
    }
    own_customer(&site, &access.caller, &draft).await?;
    let key = request_key(&access.caller, &request, &fingerprint)?;
    match api::check(&site.parts.gate, draft, key).await? {
        Outcome::Recorded(recorded) => Ok(handed(&site, StatusCode::CREATED, &recorded)),
        Outcome::Repeated(before) if before.fingerprint != fingerprint => Err(WebError::key_reused()),
        Outcome::Repeated(before) => {
            let recorded = found(&site, &access.caller, before.answer).await?;
            Ok(handed(&site, StatusCode::OK, &recorded))
        }
    }
}

/// A page runs on the rep's machine and may say any id: whose customer it is, WeCom says. A program
/// answers for the reps it serves.
async fn own_customer(site: &Site, caller: &Caller, draft: &Draft) -> Result<(), WebError> {
    let (Caller::Person { corp, user, .. }, Some(Recipient::Contact { id })) = (caller, &draft.recipient)
    else {
        return Ok(());
    };
    let viewer = Viewer { corp: corp.clone(), user: user.clone(), lang: Lang::Zh };
    Ok(site.parts.followup.must_follow(&viewer, id).await?)
}

async fn preview(site: &Site, draft: &Draft) -> Result<HttpResponse, WebError> {
    let (judgement, suggestions) = site.parts.gate.preview(draft).await?;
    Ok(HttpResponse::Ok().json(PreviewAnswer {
        verdict: judgement.verdict,
        judgement: (&judgement).into(),
        suggestions: &suggestions,
    }))
}

/// A check for who may send it: with its release while that lives.
fn handed(site: &Site, status: StatusCode, recorded: &Recorded) -> HttpResponse {
    HttpResponse::build(status).json(CheckAnswer::of(recorded.check(), alive(site, recorded)))
}

fn alive<'r>(site: &Site, recorded: &'r Recorded) -> Option<&'r str> {
    let now = site.parts.gate.clock().now();
    recorded.release().filter(|release| release.is_alive(now)).map(|release| release.token())
}

/// A check the caller may see: their own, their token's, one they were asked about, or any for who
/// reads all.
async fn found(site: &Site, caller: &Caller, id: String) -> Result<Recorded, WebError> {
    let recorded = site.parts.gate.read(caller.corp(), &CheckId::new(id)).await?;
    let check = recorded.check();
    let may_see = caller.reads_all() || owns(caller, check) || was_asked(site, caller, check).await?;
    if may_see { Ok(recorded) } else { Err(WebError::not_found()) }
}

async fn was_asked(site: &Site, caller: &Caller, check: &Check) -> Result<bool, WebError> {
    let Some(user) = caller.user() else { return Ok(false) };
    let asked = site.store().asked(&check.corp, &check.id, Question::Approval).await?;
    Ok(asked.contains(user))
}

/// A check the caller may move on.
async fn own(site: &Site, caller: &Caller, id: String) -> Result<Check, WebError> {
    let check = found(site, caller, id).await?.check().clone();
    if owns(caller, &check) { Ok(check) } else { Err(WebError::not_found()) }
}

/// Whether a check is the caller's own: made with their token, or sent by them.
fn owns(caller: &Caller, check: &Check) -> bool {
    match caller {
        Caller::Token { name, .. } => matches!(&check.origin, Origin::Token { name: made } if made == name),
        Caller::Person { user, .. } => check.sender == *user,
    }
}

/// `GET /v1/checks/{id}`
pub async fn get(
    access: Access<MayRead>,
    site: web::Data<Site>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let recorded = found(&site, &access.caller, id.into_inner()).await?;
    let check = recorded.check();
    let review = site.store().review(&check.corp, &check.id).await?;
    // Who only reads must not be able to send.
    let release = alive(&site, &recorded).filter(|_| owns(&access.caller, check));
    Ok(HttpResponse::Ok().json(CheckAnswer::of(check, release).with(&review)))
}

/// What `GET /v1/checks` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    from: Option<String>,
    to: Option<String>,
    sender: Option<String>,
    recipient: Option<String>,
    verdict: Option<Verdict>,
    state: Option<CheckState>,
    rule: Option<String>,
    disposition: Option<Finding>,
    q: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

fn check_query(caller: &Caller, query: &ListQuery) -> Result<CheckQuery, WebError> {
    let own = if caller.reads_all() { None } else { caller.user().cloned() };
    if let (Some(own), Some(asked)) = (&own, &query.sender)
        && own.as_str() != asked
    {
        return Err(WebError::forbidden());
    }
    Ok(CheckQuery {
        corp: Some(caller.corp().clone()),
        from: instant("from", query.from.as_deref())?,
        to: instant("to", query.to.as_deref())?,
        sender: own.or_else(|| query.sender.as_deref().map(UserId::new)),
        recipient: query.recipient.clone(),
        verdict: query.verdict,
        state: query.state,
        rule: query.rule.as_deref().map(RuleId::new),
        text: query.q.clone(),
        disposition: query.disposition,
    })
}

/// The `next` of an earlier page: a check's id. Anything else would silently begin elsewhere.
fn cursor(text: &str) -> Result<Cursor, WebError> {
    let wrong =
        || WebError::invalid("cursor", "只能填上一页给出的 next", "must be the `next` of another page");
    CheckId::parse(text).map(Cursor).ok_or_else(wrong)
}

/// `GET /v1/checks`, newest first.
pub async fn list(
    access: Access<MayRead>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let query: ListQuery = query(&request)?;
    let limit = page_size(query.limit)?;
    // A program with `check` alone has no log to read.
    if access.caller.user().is_none() && !access.caller.reads_all() {
        return Err(WebError::forbidden());
    }
    let wanted = check_query(&access.caller, &query)?;
    let cursor = query.cursor.as_deref().map(cursor).transpose()?;
    let page = site.store().checks(wanted, cursor, limit).await?;
    let mut reviews = Vec::with_capacity(page.items.len());
    for check in &page.items {
        reviews.push(site.store().review(&check.corp, &check.id).await?);
    }
    let rows = page.items.iter().zip(&reviews);
    let items = rows.map(|(check, review)| CheckAnswer::of(check, None).with(review)).collect();
    Ok(HttpResponse::Ok().json(List { items, next: page.next.map(|Cursor(id)| id.to_string()) }))
}

/// What `POST /v1/checks/{id}/confirm` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    text_sha256: TextHash,
    #[serde(default)]
    reason: Option<String>,
}

/// `POST /v1/checks/{id}/confirm`
pub async fn confirm(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    body: Json<ConfirmRequest>,
) -> Result<HttpResponse, WebError> {
    let check = own(&site, &access.caller, id.into_inner()).await?;
    let order = ConfirmOrder {
        corp: check.corp,
        check: check.id,
        actor: access.caller.actor(),
        rep: access.caller.user().cloned(),
        text: Some(body.value.text_sha256),
        reason: body.value.reason,
        by: ConfirmedBy::Api,
    };
    let done = site.parts.gate.confirm(order).await?;
    Ok(handed(&site, StatusCode::OK, &done.recorded))
}

/// `POST /v1/checks/{id}/withdraw`
pub async fn withdraw(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let caller = &access.caller;
    let check = own(&site, caller, id.into_inner()).await?;
    let done = site.parts.gate.withdraw(&check.corp, &check.id, caller.actor(), caller.user()).await?;
    Ok(handed(&site, StatusCode::OK, &done.recorded))
}

/// What `POST /v1/checks/{id}/sent` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentRequest {
    release: String,
    ok: bool,
    #[serde(default)]
    detail: Option<String>,
}

/// `POST /v1/checks/{id}/sent`
pub async fn sent(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    body: Json<SentRequest>,
) -> Result<HttpResponse, WebError> {
    let check = own(&site, &access.caller, id.into_inner()).await?;
    let SentRequest { release, ok, detail } = body.value;
    let report =
        Report { corp: check.corp, check: check.id, actor: access.caller.actor(), release, ok, detail };
    let done = site.parts.gate.report(report).await?;
    Ok(HttpResponse::Ok().json(CheckAnswer::of(done.recorded.check(), None)))
}
