//! The customer page's data from the company's own CRM, over HTTP.
//!
//! The CRM is asked for one customer at a time, and its answer is read by a map from our fields to
//! places in its JSON. Hosts in the settings are trusted; what the answer says is not.

use crate::model::{CorpId, ExternalUserId, Secret, UserId};
use crate::wecom::fault::Cause;
use crate::wecom::http;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// The longest answer we read, in bytes.
const MAX_ANSWER: usize = 1 << 20;

/// What stays as it is in a value that is put into the address.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What the template may name.
const CORP: &str = "{corp_id}";
const CONTACT: &str = "{external_userid}";
const USER: &str = "{user}";

/// Where the CRM is and how its answers are read. Never printed: an address may hold a key.
#[derive(Clone)]
pub struct CrmSettings {
    /// The address, with `{external_userid}`, `{user}` and `{corp_id}` in path or query.
    pub url: String,
    /// Headers of every request, for example an API key.
    pub headers: Vec<(String, Secret)>,
    /// How long one request may take.
    pub timeout: Duration,
    /// Where in the answer a field stands: a JSON pointer (`/data/0/stage`) or a dotted path
    /// (`data.0.stage`). A field that is not named is looked for under its own name.
    pub map: BTreeMap<CrmField, String>,
}

/// A field of the customer page that the CRM can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CrmField {
    /// Where the customer stands.
    Stage,
    /// Whose customer it is.
    Owner,
    /// When somebody last spoke with them.
    LastContact,
    /// What is to be done.
    Actions,
    /// The customer's name.
    Name,
    /// A remark.
    Note,
    /// The customer's page in the CRM.
    Link,
}

impl CrmField {
    /// Every field.
    pub const ALL: [CrmField; 7] = [
        CrmField::Stage,
        CrmField::Owner,
        CrmField::LastContact,
        CrmField::Actions,
        CrmField::Name,
        CrmField::Note,
        CrmField::Link,
    ];

    /// The name used in settings, and looked for when the map has no place for it.
    pub fn as_str(self) -> &'static str {
        match self {
            CrmField::Stage => "stage",
            CrmField::Owner => "owner",
            CrmField::LastContact => "last_contact",
            CrmField::Actions => "actions",
            CrmField::Name => "name",
            CrmField::Note => "note",
            CrmField::Link => "link",
        }
    }
}

/// What the CRM says about one customer. A field it does not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CrmPage {
    /// Where the customer stands.
    pub stage: Option<String>,
    /// Whose customer it is, in the CRM's own words.
    pub owner: Option<String>,
    /// When somebody last spoke with them, in the CRM's own words.
    pub last_contact: Option<String>,
    /// What is to be done, in the CRM's order.
    pub actions: Vec<String>,
    /// The customer's name.
    pub name: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// The customer's page in the CRM; only `http` and `https` addresses.
    pub link: Option<String>,
}

/// Why the CRM gave no page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CrmError {
    /// The settings are wrong: an admin must act.
    #[error("the settings of the CRM are wrong: {0}")]
    Settings(String),
    /// The CRM does not take our credentials: an admin must act.
    #[error("the CRM refused us with HTTP status {0}")]
    Refused(u16),
    /// The CRM does not know the customer.
    #[error("the CRM does not know the customer")]
    Unknown,
    /// It may work later.
    #[error("the CRM is away: {0}")]
    Away(Cause),
    /// The answer is no JSON.
    #[error("the CRM's answer is not JSON")]
    NotJson,
}

/// The company's own CRM.
#[derive(Clone)]
pub struct CrmSource {
    http: reqwest::Client,
    url: String,
    headers: HeaderMap,
    pointers: BTreeMap<CrmField, String>,
}

impl CrmSource {
    /// Checks the settings; nothing is sent yet.
    ///
    /// # Errors
    /// [`CrmError::Settings`] with a sentence for the admin; header values are never in it.
    pub fn new(settings: CrmSettings) -> Result<Self, CrmError> {
        check_template(&settings.url)?;
        let place = |field: CrmField| settings.map.get(&field).map_or(field.as_str(), String::as_str);
        Ok(Self {
            http: http::client(settings.timeout).map_err(CrmError::Settings)?,
            headers: headers(&settings.headers)?,
            pointers: CrmField::ALL.into_iter().map(|field| (field, pointer(place(field)))).collect(),
            url: settings.url,
        })
    }

    /// Asks for one customer in the name of one of us.
    ///
    /// # Errors
    /// As they say; none of them holds the address or a header.
    pub async fn fetch(
        &self,
        corp: &CorpId,
        contact: &ExternalUserId,
        user: &UserId,
    ) -> Result<CrmPage, CrmError> {
        let address = fill(&self.url, corp.as_str(), contact.as_str(), user.as_str())?;
        let request = self.http.get(address).headers(self.headers.clone());
        let answer = request.send().await.map_err(|error| CrmError::Away(http::cause(&error)))?;
        match answer.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Err(CrmError::Unknown),
            status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                return Err(CrmError::Refused(status.as_u16()));
            }
            status => return Err(CrmError::Away(Cause::Status(status.as_u16()))),
        }
        let body = http::body(answer, MAX_ANSWER).await.map_err(CrmError::Away)?;
        let answer = serde_json::from_slice(&body).map_err(|_| CrmError::NotJson)?;
        Ok(self.page(&answer))
    }

    fn page(&self, answer: &Value) -> CrmPage {
        let at = |field| self.pointers.get(&field).and_then(|pointer| answer.pointer(pointer));
        let text = |field| at(field).and_then(text);
        CrmPage {
            stage: text(CrmField::Stage),
            owner: text(CrmField::Owner),
            last_contact: text(CrmField::LastContact),
            actions: at(CrmField::Actions).map(texts).unwrap_or_default(),
            name: text(CrmField::Name),
            note: text(CrmField::Note),
            link: text(CrmField::Link).filter(|link| is_web_address(link)),
        }
    }
}

/// A page shows the link for a click: `javascript:` and the like must not come through.
fn is_web_address(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A scalar as text; anything else is no text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The texts of a list; a single text is a list of one.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(text).collect(),
        other => text(other).into_iter().collect(),
    }
}

/// The place as a JSON pointer (RFC 6901).
fn pointer(place: &str) -> String {
    if place.is_empty() || place.starts_with('/') {
        return place.to_owned();
    }
    place.split('.').map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
}

fn headers(settings: &[(String, Secret)]) -> Result<HeaderMap, CrmError> {
    let mut headers = HeaderMap::new();
    for (name, value) in settings {
        let bad = || CrmError::Settings(format!("header `{name}` has a character that HTTP forbids"));
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        let mut value = HeaderValue::from_str(value.expose()).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.append(key, value);
    }
    Ok(headers)
}

/// The template with its values. A value of dots alone would climb out of its folder, encoded or not.
fn fill(template: &str, corp: &str, contact: &str, user: &str) -> Result<Url, CrmError> {
    if [corp, contact, user].iter().any(|value| value.chars().all(|c| c == '.')) {
        return Err(CrmError::Unknown);
    }
    let mut address = template.to_owned();
    for (name, value) in [(CORP, corp), (CONTACT, contact), (USER, user)] {
        address = address.replace(name, &utf8_percent_encode(value, KEPT).to_string());
    }
    Url::parse(&address).map_err(|_| CrmError::Settings("`url` is not an address".to_owned()))
}

/// An http address whose host is the same for every customer, without unknown names in braces.
fn check_template(template: &str) -> Result<(), CrmError> {
    let wrong = |why: &str| Err(CrmError::Settings(why.to_owned()));
    let (one, other) = (fill(template, "a", "a", "a")?, fill(template, "b", "b", "b")?);
    if !matches!(one.scheme(), "http" | "https") {
        return wrong("`url` is neither http nor https");
    }
    if one.origin() != other.origin() {
        return wrong("`url` has a placeholder in its host");
    }
    if one.as_str().contains(['{', '}']) || one.as_str().contains("%7B") {
        return wrong("`url` has a placeholder other than {external_userid}, {user} and {corp_id}");
    }
    if !template.contains(CONTACT) {
        return wrong("`url` does not name {external_userid}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(url: &str) -> Result<CrmSource, CrmError> {
        CrmSource::new(CrmSettings {
            url: url.to_owned(),
            headers: vec![("x-api-key".to_owned(), Secret::new("canary-key"))],
            timeout: Duration::from_secs(5),
            map: BTreeMap::from([
                (CrmField::Stage, "data.0.stage".to_owned()),
                (CrmField::Owner, "/data/0/owner~1name".to_owned()),
            ]),
        })
    }

    #[test]
    fn a_value_can_not_leave_its_place_in_the_address() {
        let template = "https://crm.example.com/c/{external_userid}?by={user}&corp={corp_id}";
        let url = fill(template, "ww1", "wm/../admin?x=1#y", "李四&role=admin").unwrap();
        assert_eq!(url.path(), "/c/wm%2F..%2Fadmin%3Fx%3D1%23y");
        assert_eq!(url.query(), Some("by=%E6%9D%8E%E5%9B%9B%26role%3Dadmin&corp=ww1"));
        assert_eq!(fill(template, "ww1", "..", "lisi"), Err(CrmError::Unknown));
        assert_eq!(fill(template, "ww1", "", "lisi"), Err(CrmError::Unknown));
    }

    #[test]
    fn a_placeholder_stands_in_path_or_query_and_is_known() {
        assert!(source("https://crm.example.com/c/{external_userid}").is_ok());
        for bad in [
            "https://{external_userid}.example.com/",
            "https://crm.example.com/c/{customer}/{external_userid}",
            "https://crm.example.com/c/",
            "ftp://crm.example.com/{external_userid}",
            "crm.example.com/{external_userid}",
        ] {
            assert!(matches!(source(bad), Err(CrmError::Settings(_))), "{bad}");
        }
    }

    #[test]
    fn fields_are_read_where_the_map_says_and_else_under_their_own_name() {
        let answer = serde_json::json!({
            "data": [{"stage": "方案", "owner/name": "李四"}],
            "actions": ["寄合同", 3, {"x": 1}, ""],
            "last_contact": 1_790_000_000,
            "note": null,
        });
        let page = source("https://crm.example.com/{external_userid}").unwrap().page(&answer);
        assert_eq!(page.stage.as_deref(), Some("方案"));
        assert_eq!(page.owner.as_deref(), Some("李四"));
        assert_eq!(page.actions, ["寄合同", "3"]);
        assert_eq!(page.last_contact.as_deref(), Some("1790000000"));
        assert_eq!((page.note, page.name), (None, None));
    }

    #[test]
    fn a_link_that_is_no_web_address_is_dropped() {
        let source = source("https://crm.example.com/{external_userid}").unwrap();
        let link = |link: &str| source.page(&serde_json::json!({ "link": link })).link;
        assert_eq!(link("javascript:alert(1)"), None);
        assert_eq!(link("https://crm.example.com/c/1").as_deref(), Some("https://crm.example.com/c/1"));
    }
}
