//! `/v1/rules` and `/v1/replies`: the rules in force, trying them, reading them again.

use super::{List, query};
use crate::intercept::{Circumstances, Look};
use crate::model::{Action, Basis, Channel, Hit, Judgement, MessageText, RuleId, Severity};
use crate::publish::{PublishError, Published, publish};
use crate::rules::RulesError;
use crate::scan::{Dismissed, RuleSpec};
use crate::web::access::{Access, Known, MayCheck, MayEditRules};
use crate::web::body::Json;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Nobody leafs further through replies.
const MAX_SKIP: usize = 300;

/// One rule as the API lists it: never its phrases, which would be a manual for getting around it.
#[derive(Debug, Serialize)]
struct RuleAnswer<'r> {
    id: &'r RuleId,
    name: &'r str,
    action: Action,
    severity: Severity,
    phrases: usize,
    basis: &'r [Basis],
    why: &'r str,
    fix: &'r str,
}

impl<'r> From<&'r RuleSpec> for RuleAnswer<'r> {
    fn from(rule: &'r RuleSpec) -> Self {
        Self {
            id: &rule.id,
            name: &rule.name,
            action: rule.action,
            severity: rule.severity,
            phrases: rule.phrases.len(),
            basis: &rule.basis,
            why: &rule.why,
            fix: &rule.fix,
        }
    }
}

/// `GET /v1/rules`
pub async fn live(_access: Access<Known>, site: web::Data<Site>) -> HttpResponse {
    let live = site.parts.gate.rules().current();
    let rules: Vec<_> = live.ruleset.rules().iter().map(RuleAnswer::from).collect();
    HttpResponse::Ok().json(json!({
        "revision": live.revision,
        "loaded_at": live.loaded_at,
        "files": live.folder.files.len(),
        "rules_total": live.rules,
        "phrases_total": live.phrases,
        "rules": rules,
    }))
}

/// What `POST /v1/rules/try` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TryRequest {
    text: String,
    #[serde(default)]
    industry: Option<String>,
    #[serde(default)]
    channel: Option<Channel>,
}

#[derive(Debug, Serialize)]
struct TryAnswer<'e> {
    #[serde(flatten)]
    judgement: &'e Judgement,
    shadow: &'e [Hit],
    dismissed: &'e [Dismissed],
}

/// `POST /v1/rules/try`: judges and explains, records nothing.
pub async fn try_text(
    _access: Access<MayEditRules>,
    site: web::Data<Site>,
    body: Json<TryRequest>,
) -> Result<HttpResponse, WebError> {
    let text = MessageText::new(body.value.text)?;
    let gate = &site.parts.gate;
    let (live, day) = (gate.rules().current(), gate.zone().business_day(gate.clock().now()));
    let industry = body.value.industry;
    let known = Circumstances { channel: body.value.channel, industry, ..Circumstances::on(day) };
    let explained = Look { live: &live, known: &known }.explain(text.as_str());
    Ok(HttpResponse::Ok().json(TryAnswer {
        judgement: &explained.judgement,
        shadow: &explained.shadow,
        dismissed: &explained.dismissed,
    }))
}

/// `POST /v1/rules/reload`: reads the files again; broken ones leave the rules in force as they are.
pub async fn reload(access: Access<MayEditRules>, site: web::Data<Site>) -> Result<HttpResponse, WebError> {
    let gate = &site.parts.gate;
    let (live, changed) =
        match publish(gate.rules(), gate.store().as_ref(), gate.clock(), access.caller.actor()).await {
            Ok(Published::Unchanged(live)) => (live, false),
            Ok(Published::Live(live)) => (live, true),
            Err(PublishError::Store(error)) => return Err(error.into()),
            Err(PublishError::Rules(error)) => return Err(refused(&error)),
        };
    Ok(HttpResponse::Ok().json(json!({ "revision": live.revision, "changed": changed })))
}

pub(super) fn refused(error: &RulesError) -> WebError {
    let problem = WebError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "rules_refused",
        format!("新规则没有生效,仍在使用原来的规则:{error}"),
        format!("The new rules did not go live, the old ones stay in force: {error}"),
    );
    match error {
        RulesError::Refused(faults) => problem.with("diagnostics", json!(faults)),
        RulesError::Folder(_) | RulesError::Build(_) => problem,
    }
}

/// What `GET /v1/replies` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RepliesQuery {
    text: Option<String>,
    keyword: Option<String>,
    industry: Option<String>,
    skip: usize,
}

/// `GET /v1/replies`: at most three, each of which passes the rules in force.
pub async fn replies(
    _access: Access<MayCheck>,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let query: RepliesQuery = query(&request)?;
    let gate = &site.parts.gate;
    let live = gate.rules().current();
    let day = gate.zone().business_day(gate.clock().now());
    let known = Circumstances { industry: query.industry, ..Circumstances::on(day) };
    let look = Look { live: &live, known: &known };
    let (text, keyword) = (query.text.as_deref(), query.keyword.as_deref());
    Ok(HttpResponse::Ok().json(List::whole(look.replies(text, keyword, query.skip.min(MAX_SKIP)))))
}
