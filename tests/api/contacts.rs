//! `/v1/contacts/{id}`: a customer's page as data.

use crate::helpers::*;
use crate::support::{Setup, TestApp};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use insta::assert_snapshot;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use wecom_guard::model::Role;
use wecom_guard::sandbox::Failure;

const OWN: &str = "/v1/contacts/wmGuard0001?user=zhangsan";

#[tokio::test]
async fn a_program_sees_the_customer_as_the_rep_it_names() {
    let app = TestApp::start().await;
    let mut page = plugin(&app).get(OWN).await.is(200);
    page.as_object_mut().unwrap().remove("following").unwrap();
    assert_snapshot!(shown(&page), @r###"
    corp: "ww0123456789abcdef"
    id: "wmGuard0001"
    name: "晨光里的茶"
    remark: "刘女士"
    stage: "线索"
    owners: ["zhangsan","lisi"]
    added_way: "group"
    tags: [{"group":"行业","name":"金融"}]
    last_contact: null
    actions: [{"key":"first_touch","title":"首次触达方式"},{"key":"core_need","title":"核心诉求标签"},{"key":"next_follow_up","title":"下次跟进时间"}]
    note: null
    link: "…/contact/wmGuard0001"
    fetched_at: "2026-11-23T01:00:00Z"
    stale: false
    "###);
    plugin(&app).check(&draft(PASS)).await;
    assert_eq!(plugin(&app).get(OWN).await.is(200)["last_contact"], "2026-11-23 09:00");
    let unnamed = plugin(&app).get("/v1/contacts/wmGuard0001").await;
    assert_eq!(unnamed.refusal(), "422 invalid_value");
    app.stop().await;
}

#[tokio::test]
async fn the_contact_click_is_recorded_for_the_rep_who_made_it() {
    let app = TestApp::start().await;
    let opened = json!({"entry":"single_chat_tools","user":"zhangsan"});
    plugin(&app).post("/v1/contacts/wmGuard0001/opened", &opened).await.is(200);
    let rep = session(&app, "lisi", Role::Rep).await;
    let opened = json!({"entry":"contact_profile"});
    rep.post("/v1/contacts/wmGuard0001/opened", &opened).await.is(200);
    for entry in [String::new(), "x".repeat(65), "刘女士的头像".to_owned()] {
        let refused = rep.post("/v1/contacts/wmGuard0001/opened", &json!({ "entry": entry })).await;
        assert_eq!(refused.refusal(), "422 invalid_value");
    }
    rep.get("/v1/contacts/wmGuard0001").await.is(200);
    let data = app.data.clone();
    let _kept = app.stop().await;
    let heads = ledger(&data).into_iter().map(|entry| entry.head);
    let clicks = heads.filter(|head| head.kind == "contact.opened");
    let rows: Vec<_> = clicks
        .map(|head| format!("{}: {} {}", head.actor, head.attrs["user"], head.attrs["entry"]))
        .collect();
    assert_eq!(
        rows,
        ["token:plugin: zhangsan single_chat_tools", "user:ww0123456789abcdef/lisi: lisi contact_profile"]
    );
}

#[tokio::test]
async fn a_customer_is_shown_to_who_follows_them_and_to_nobody_else() {
    let app = TestApp::start().await;
    let refused = plugin(&app).get("/v1/contacts/wmGuard0002?user=lisi").await;
    assert!(!refused.text.contains("老周不熬夜"));
    assert_eq!(refused.refusal(), "403 not_follow_user");
    let opened = json!({"entry":"contact_profile","user":"lisi"});
    let refused = plugin(&app).post("/v1/contacts/wmGuard0002/opened", &opened).await;
    assert_eq!(refused.refusal(), "403 not_follow_user");
    for unknown in ["wmNobody", "abc", "..", "%E5%BC%A0"] {
        let answer = plugin(&app).get(&format!("/v1/contacts/{unknown}?user=zhangsan")).await;
        assert_eq!(answer.refusal(), "404 not_found", "{unknown}");
    }
    app.stop().await;
}

#[tokio::test]
async fn while_wecom_is_away_the_last_known_is_shown_with_its_age() {
    let app = TestApp::start().await;
    let fresh = plugin(&app).get(OWN).await.is(200);
    app.wecom.faults().fail("externalcontact/get", 100, Failure::Status(502));
    app.hand.advance(SignedDuration::from_mins(9));
    assert_eq!(plugin(&app).get(OWN).await.is(200), fresh);
    app.hand.advance(SignedDuration::from_mins(2));
    let stale = plugin(&app).get(OWN).await.is(200);
    assert_eq!(stale, and(fresh.clone(), "stale", json!(true)));
    let none = plugin(&app).get("/v1/contacts/wmGuard0002?user=zhangsan").await;
    assert_eq!(none.refusal(), "503 wecom_away");
    app.wecom.faults().clear();
    let again = plugin(&app).get(OWN).await.is(200);
    assert_snapshot!(pick(&again, &["stale", "fetched_at"]), @r#"stale=false fetched_at="2026-11-23T01:11:00Z""#);
    app.stop().await;
}

/// How the company's own CRM behaves.
#[derive(Clone, Copy)]
enum Mood {
    Good,
    Down,
    Silent,
}

type Crm = Arc<Mutex<(Mood, Vec<String>)>>;

async fn customer(crm: web::Data<Mutex<(Mood, Vec<String>)>>, request: HttpRequest) -> HttpResponse {
    let key = request.headers().get("x-api-key").map(|key| key.to_str().unwrap()).unwrap_or_default();
    let asked = format!("{} {key}", request.uri());
    let mood = {
        let mut crm = crm.lock().unwrap();
        crm.1.push(asked);
        crm.0
    };
    match mood {
        Mood::Good => HttpResponse::Ok().json(json!({
            "data": {"phase":"已报价","sales":{"name":"张善"},"todo":["寄合同","约面谈"]},
            "note": "喜欢上午联系",
        })),
        Mood::Down => HttpResponse::InternalServerError().finish(),
        Mood::Silent => std::future::pending().await,
    }
}

/// A small CRM, and a server that takes the page's data from it.
async fn with_crm() -> (TestApp, Crm) {
    let crm: Crm = Arc::new(Mutex::new((Mood::Good, Vec::new())));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let data = web::Data::from(crm.clone());
    let app = move || App::new().app_data(data.clone()).route("/c/{id}", web::get().to(customer));
    let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(0).listen(listener);
    tokio::spawn(server.unwrap().run());
    let extra = format!(
        r#"
[followup]
source = "http"
url = "{base}/c/{{external_userid}}?by={{user}}&corp={{corp_id}}"
headers = {{ x-api-key = "crm-key" }}
timeout = "300ms"
map = {{ stage = "/data/phase", owner = "/data/sales/name", actions = "/data/todo" }}
"#
    );
    (TestApp::with(Setup { extra, ..Setup::default() }).await, crm)
}

#[tokio::test]
async fn a_companys_own_crm_fills_the_page() {
    let (app, crm) = with_crm().await;
    let page = plugin(&app).get(OWN).await.is(200);
    assert_snapshot!(pick(&page, &["name", "stage", "owners", "actions", "note", "stale"]), @r#"name="晨光里的茶" stage="已报价" owners=["张善"] actions=[{"key":"寄合同","title":"寄合同"},{"key":"约面谈","title":"约面谈"}] note="喜欢上午联系" stale=false"#);
    assert_eq!(crm.lock().unwrap().1, ["/c/wmGuard0001?by=zhangsan&corp=ww0123456789abcdef crm-key"]);
    // Who follows the customer is WeCom's to say, not the CRM's.
    let other = plugin(&app).get("/v1/contacts/wmGuard0002?user=lisi").await;
    assert_eq!(other.refusal(), "403 not_follow_user");
    app.stop().await;
}

#[tokio::test]
async fn while_the_crm_is_down_or_silent_our_own_page_is_shown_as_stale() {
    let (app, crm) = with_crm().await;
    let mut pages = Vec::new();
    for mood in [Mood::Down, Mood::Silent] {
        crm.lock().unwrap().0 = mood;
        let page: Value = plugin(&app).get(OWN).await.is(200);
        pages.push(pick(&page, &["name", "stage", "owners", "note", "stale"]));
    }
    assert_eq!(pages[0], pages[1]);
    assert_snapshot!(pages[0], @r#"name="晨光里的茶" stage="线索" owners=["zhangsan","lisi"] note=null stale=true"#);
    app.stop().await;
}
