//! The published description of the API, and whether an answer keeps to it.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// What is served at `/openapi.json`.
pub struct Spec(Value);

/// The description, read once.
pub fn spec() -> &'static Spec {
    static SPEC: OnceLock<Spec> = OnceLock::new();
    SPEC.get_or_init(|| {
        Spec(serde_json::from_str(include_str!("../../src/web/assets/openapi.json")).unwrap())
    })
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// `/v1/checks/{id}` takes `/v1/checks/chk_1`.
fn takes(template: &str, path: &str) -> bool {
    let (wanted, found): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| match (wanted.find('{'), wanted.find('}')) {
            (Some(open), Some(shut)) => {
                found.starts_with(&wanted[..open]) && found.ends_with(&wanted[shut + 1..])
            }
            _ => *wanted == found,
        })
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

impl Spec {
    pub fn document(&self) -> &Value {
        &self.0
    }

    /// Method and path template of every operation.
    pub fn operations(&self) -> BTreeSet<(String, String)> {
        let all = members(&self.0["paths"])
            .flat_map(|(path, item)| members(item).map(|(method, _)| (method.to_lowercase(), path.clone())));
        all.collect()
    }

    /// The operation that serves a path, most literal template first.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let mut fitting: Vec<_> = members(&self.0["paths"]).filter(|(own, _)| takes(own, path)).collect();
        fitting.sort_by_key(|(template, _)| template.matches('{').count());
        fitting.iter().find_map(|(_, item)| item.get(method.to_lowercase()))
    }

    /// Follows a reference.
    pub fn at<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(place) => self.0.pointer(place.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    /// What is wrong with an answer, if anything.
    pub fn answer_faults(
        &self,
        method: &str,
        path: &str,
        status: u16,
        kind: &str,
        body: &Value,
    ) -> Vec<String> {
        let problem = &self.0["components"]["schemas"]["Problem"];
        let Some(operation) = self.operation(method, path) else {
            return if status == 404 {
                self.faults(problem, body, "unknown path")
            } else {
                vec![format!("{status} for an unknown path")]
            };
        };
        let Some(response) = operation["responses"].get(status.to_string()) else {
            return vec![format!("status {status} is not described")];
        };
        match self.at(response).get("content") {
            None if kind.is_empty() => Vec::new(),
            None => vec![format!("{status} is described without a body, not as {kind}")],
            Some(content) => match content.get(kind) {
                None => vec![format!("`{kind}` is not described for {status}")],
                Some(media) if kind.ends_with("json") => {
                    self.faults(&media["schema"], body, &status.to_string())
                }
                Some(_) => Vec::new(),
            },
        }
    }

    /// What is wrong with a request that the server took.
    pub fn request_faults(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let Some(operation) = self.operation(method, path) else { return Vec::new() };
        match operation.pointer("/requestBody/content/application~1json/schema") {
            Some(schema) => self.faults(schema, body, "request"),
            None => Vec::new(),
        }
    }

    /// Where a value leaves its schema. A key that the schema does not name is a fault too.
    pub fn faults(&self, schema: &Value, value: &Value, place: &str) -> Vec<String> {
        let schema = self.at(schema);
        let mut faults = Vec::new();
        let kinds: Vec<_> = match &schema["type"] {
            Value::String(kind) => vec![kind.as_str()],
            several => list(several).filter_map(Value::as_str).collect(),
        };
        if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(kind, value)) {
            faults.push(format!("{place}: {value} is not {kinds:?}"));
        }
        if schema.get("enum").is_some_and(|known| !list(known).any(|one| one == value)) {
            faults.push(format!("{place}: {value} is none of {}", schema["enum"]));
        }
        if schema.get("const").is_some_and(|only| only != value) {
            faults.push(format!("{place}: {value} is not {}", schema["const"]));
        }
        if let Some(ways) = schema.get("oneOf") {
            let tried: Vec<_> = list(ways).map(|way| self.faults(way, value, place)).collect();
            if tried.iter().filter(|faults| faults.is_empty()).count() != 1 {
                faults.push(format!("{place}: {value} fits not exactly one of {tried:?}"));
            }
        }
        for (index, item) in list(value).enumerate() {
            if let Some(items) = schema.get("items") {
                faults.extend(self.faults(items, item, &format!("{place}[{index}]")));
            }
        }
        if value.is_object() {
            self.member_faults(schema, value, place, &mut faults);
        }
        faults
    }

    fn member_faults(&self, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
        let (mut known, mut needed) = (Vec::new(), Vec::new());
        self.collect(schema, &mut known, &mut needed);
        if known.is_empty() {
            return;
        }
        for (key, member) in members(value) {
            let own: Vec<_> = known.iter().filter(|(name, _)| name == key).collect();
            if own.is_empty() {
                faults.push(format!("{place}: key `{key}` is not described"));
            }
            for (_, schema) in own {
                faults.extend(self.faults(schema, member, &format!("{place}.{key}")));
            }
        }
        let missing = needed.iter().filter(|key| value.get(key).is_none());
        faults.extend(missing.map(|key| format!("{place}: key `{key}` is missing")));
    }

    /// The members an object may have and must have, over all parts of an `allOf`.
    fn collect<'v>(
        &'v self,
        schema: &'v Value,
        known: &mut Vec<(&'v str, &'v Value)>,
        needed: &mut Vec<&'v str>,
    ) {
        let schema = self.at(schema);
        known.extend(members(&schema["properties"]).map(|(name, schema)| (name.as_str(), schema)));
        needed.extend(list(&schema["required"]).filter_map(Value::as_str));
        for part in list(&schema["allOf"]) {
            self.collect(part, known, needed);
        }
    }
}
