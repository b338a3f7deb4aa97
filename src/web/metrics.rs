//! Figures for operators, in Prometheus' text form. They may be lost; the ledger may not.

use super::error::WebError;
use super::site::Site;
use actix_web::{HttpResponse, web};
use prometheus::{Encoder, IntGaugeVec, Opts, Registry, TextEncoder};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Answers since the start, by route and status.
#[derive(Debug, Default)]
pub struct Requests(Mutex<BTreeMap<(String, u16), u64>>);

impl Requests {
    pub(super) fn count(&self, route: &str, status: u16) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((route.to_owned(), status)).or_default() += 1;
    }

    fn all(&self) -> BTreeMap<(String, u16), u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One family of figures on its way out.
struct Family<'r> {
    registry: &'r Registry,
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
}

impl Family<'_> {
    fn with(&self, rows: impl IntoIterator<Item = (Vec<String>, u64)>) -> prometheus::Result<()> {
        let family = IntGaugeVec::new(Opts::new(self.name, self.help), self.labels)?;
        for (labels, value) in rows {
            let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            family.get_metric_with_label_values(&labels)?.set(value);
        }
        self.registry.register(Box::new(family))
    }
}

fn gather(site: &Site) -> prometheus::Result<Vec<u8>> {
    let registry = Registry::new();
    let family = |name, help, labels| Family { registry: &registry, name, help, labels };
    family("guard_http_answers", "Answers since the start.", &["route", "status"]).with(
        site.requests.all().into_iter().map(|((route, status), n)| (vec![route, status.to_string()], n)),
    )?;
    family("guard_callbacks", "Callbacks since the start.", &["endpoint", "kind", "outcome"]).with(
        site.parts
            .inbox
            .counts()
            .into_iter()
            .map(|(at, n)| (vec![at.endpoint, at.kind, at.outcome.to_owned()], n)),
    )?;
    family("guard_checks", "Checks recorded since the start.", &["channel", "verdict"]).with(
        site.parts.gate.counts().into_iter().map(|((channel, verdict), n)| {
            (vec![channel.as_str().to_owned(), verdict.as_str().to_owned()], n)
        }),
    )?;
    let live = site.parts.gate.rules().current();
    family("guard_rules_phrases", "Phrases in force.", &["revision"])
        .with([(vec![live.revision.to_string()], live.phrases as u64)])?;
    let refused = u64::from(site.parts.gate.rules().last_refusal().is_some());
    family("guard_rules_refused", "1 while the files on disk are refused.", &[])
        .with([(Vec::new(), refused)])?;
    let writable = u64::from(site.store().health().writable);
    family("guard_record_writable", "1 while the record can be written.", &[])
        .with([(Vec::new(), writable)])?;
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}

/// `GET /metrics`
pub async fn metrics(site: web::Data<Site>) -> Result<HttpResponse, WebError> {
    let text = gather(&site).map_err(|error| WebError::fault().caused_by(error))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
