//! Reads what stands beside the packs: replies, legal grounds and the company's stance.

use super::fields::{Choices, Fields};
use super::ids::{Ids, Kind};
use super::pack::STATES;
use super::schema::{BasisEntry, Policy, Reply, Stance, Verified};
use super::source::{Origin, Source};
use std::sync::Arc;

const STANCES: &Choices<Stance> =
    &[(Stance::Free, "自由", "free"), (Stance::ApprovedOnly, "仅限话术", "approved_only")];
const VERIFIED: &Choices<Verified> =
    &[(Verified::FullText, "A", "A"), (Verified::Excerpt, "B", "B"), (Verified::Unverified, "U", "U")];

/// Reads every table under `key` with `one`.
fn each<T>(
    file: &mut Fields<'_, '_>,
    key: &'static str,
    mut one: impl FnMut(Fields<'_, '_>) -> Option<T>,
) -> Vec<T> {
    file.number("schema", 1..=1);
    file.list(key).iter().filter_map(|item| one(file.inner(key, item)?)).collect()
}

/// Reads `replies/*.toml`.
pub(super) fn replies(file: &mut Fields<'_, '_>, source: &Arc<Source>, ids: &mut Ids) -> Vec<Reply> {
    each(file, "reply", |mut fields| {
        let id = fields.claimed_id(Kind::Reply, source, ids);
        let scripts = fields.has("scripts").then(|| fields.texts_at("scripts"));
        let reply = Reply {
            file: Origin(Arc::clone(source)),
            id: id.unwrap_or_else(|| fields.nameless()),
            state: fields.choice("state", STATES).unwrap_or_default(),
            industries: fields.texts("industries"),
            keywords: fields.texts("keywords"),
            needs: fields.texts("needs"),
            basis: fields.texts_at("basis"),
            approved_by: fields.text("approved_by").unwrap_or_default(),
            approved_on: fields.date("approved_on"),
            expires_on: fields.date("expires_on"),
            scripts: fields.require("scripts", scripts).unwrap_or_default(),
        };
        fields.finish();
        (!reply.id.value.is_empty()).then_some(reply)
    })
}

/// Reads `basis.toml`.
pub(super) fn bases(file: &mut Fields<'_, '_>, source: &Arc<Source>, ids: &mut Ids) -> Vec<BasisEntry> {
    each(file, "basis", |mut fields| {
        let id = fields.claimed_id(Kind::Basis, source, ids);
        let title = fields.text_at("title");
        let title = fields.require("title", title);
        let basis = BasisEntry {
            file: Origin(Arc::clone(source)),
            id: id.unwrap_or_else(|| fields.nameless()),
            title: title.map(|title| title.value).unwrap_or_default(),
            instrument: fields.text("instrument").unwrap_or_default(),
            article: fields.text("article").unwrap_or_default(),
            says: fields.text("says").unwrap_or_default(),
            source: fields.text("source").unwrap_or_default(),
            as_of: fields.date("as_of"),
            verified: fields.choice("verified", VERIFIED).unwrap_or_default(),
            valid_from: fields.date("valid_from"),
            valid_to: fields.date("valid_to"),
        };
        fields.finish();
        (!basis.id.value.is_empty()).then_some(basis)
    })
}

/// Reads `policy.toml`.
pub(super) fn policies(file: &mut Fields<'_, '_>, source: &Source, ids: &mut Ids) -> Vec<Policy> {
    each(file, "policy", |mut fields| {
        let id = fields.claimed_id(Kind::Policy, source, ids);
        let stance = fields.choice("policy", STANCES);
        let stance = fields.require("policy", stance);
        let policy = Policy {
            id: id.map(|id| id.value).unwrap_or_default(),
            departments: fields.texts("departments"),
            industries: fields.texts("industries"),
            policy: stance.unwrap_or(Stance::ApprovedOnly),
        };
        fields.finish();
        Some(policy)
    })
}
