//! The company's own CRM behind the customer page.

use crate::server::{self, Reply, Request};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wecom_guard::followup::source_http::{CrmError, CrmField, CrmPage, CrmSettings, CrmSource};
use wecom_guard::model::Secret;
use wecom_guard::wecom::fault::Cause;

const KEY: &str = "canary-key-77";

/// A CRM that gives this answer, and what it was asked.
fn crm(reply: Reply) -> (CrmSource, Arc<Mutex<Vec<Request>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    // A CRM that says nothing is not waited for; any other gets the time of a busy machine.
    let timeout = Duration::from_millis(if matches!(reply, Reply::Silence) { 700 } else { 5000 });
    let base = server::start(move |request| {
        log.lock().unwrap().push(request);
        reply.clone()
    });
    let settings = CrmSettings {
        url: format!("{base}/customers/{{external_userid}}?by={{user}}&corp={{corp_id}}&key={KEY}"),
        headers: vec![("authorization".into(), Secret::new(format!("Bearer {KEY}")))],
        timeout,
        map: BTreeMap::from([
            (CrmField::Stage, "data.stage.name".into()),
            (CrmField::Actions, "/data/todo".into()),
        ]),
    };
    (CrmSource::new(settings).unwrap(), seen)
}

async fn fetch(source: &CrmSource) -> Result<CrmPage, CrmError> {
    source.fetch(&"ww1".into(), &"wm/GUARD 1".into(), &"李四".into()).await
}

#[tokio::test]
async fn a_page_comes_from_the_places_the_map_names() {
    let answer = json!({
        "data": {"stage": {"name": "方案"}, "todo": ["寄合同", "约复诊"]},
        "name": "王女士", "link": "https://crm.example.com/c/1", "more": true,
    });
    let (source, seen) = crm(Reply::json(&answer));
    let page = fetch(&source).await.unwrap();
    assert_eq!(page.stage.as_deref(), Some("方案"));
    assert_eq!(page.actions, ["寄合同", "约复诊"]);
    assert_eq!(page.name.as_deref(), Some("王女士"));
    assert_eq!(page.owner, None);

    let request = &seen.lock().unwrap()[0];
    assert_eq!(request.path, "/customers/wm%2FGUARD%201");
    assert_eq!((request.query["by"].as_str(), request.query["corp"].as_str()), ("李四", "ww1"));
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
}

#[tokio::test]
async fn each_trouble_is_told_apart_and_none_shows_the_key() {
    let trap = server::start(|_| panic!("nobody may come here"));
    let troubles = [
        (Reply::page(404), CrmError::Unknown),
        (Reply::page(401), CrmError::Refused(401)),
        (Reply::page(502), CrmError::Away(Cause::Status(502))),
        (Reply::Redirect(trap), CrmError::Away(Cause::Status(302))),
        (Reply::page(200), CrmError::NotJson),
        (Reply::Silence, CrmError::Away(Cause::TimedOut)),
        (Reply::HangUp, CrmError::Away(Cause::Broken)),
        (Reply::Body(200, " ".repeat((1 << 20) + 1)), CrmError::Away(Cause::TooLong(1 << 20))),
    ];
    for (reply, expected) in troubles {
        let (source, _) = crm(reply);
        let error = fetch(&source).await.unwrap_err();
        assert_eq!(error, expected);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(KEY) && !shown.contains("127.0.0.1"), "{shown}");
    }
}
