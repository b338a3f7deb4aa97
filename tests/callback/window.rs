//! How old a callback may be.

use crate::sender::{checks, head, says};
use crate::support::{AGENT, Setup, TestApp};
use jiff::SignedDuration;
use wecom_guard::sandbox::Tamper;

async fn aged(app: &TestApp, age: SignedDuration) -> Option<u16> {
    app.wecom.forge(AGENT, &says("zhangsan", "您好,产品说明书发您了"), Tamper::Age(age)).await.unwrap().status
}

#[tokio::test]
async fn a_callback_more_than_five_minutes_off_our_clock_is_refused_and_leaves_no_trace() {
    let app = TestApp::start().await;
    let before = head(&app);
    for off in [301, -301, 86_400, 400_000_000] {
        assert_eq!(aged(&app, SignedDuration::from_secs(off)).await, Some(403), "{off} s");
    }
    assert_eq!(head(&app), before);
    for off in [300, -300, 0] {
        assert_eq!(aged(&app, SignedDuration::from_secs(off)).await, Some(200), "{off} s");
    }
    assert_eq!(checks(&app).await.len(), 3);
    app.stop().await;
}

#[tokio::test]
async fn with_the_window_off_a_recording_of_years_ago_is_taken() {
    let extra = "[callback]\nreplay_window = \"off\"\n".to_owned();
    let app = TestApp::with(Setup { extra, ..Setup::default() }).await;
    assert_eq!(aged(&app, SignedDuration::from_secs(400_000_000)).await, Some(200));
    assert_eq!(checks(&app).await.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_time_that_is_no_number_is_refused_though_it_is_signed() {
    let app = TestApp::start().await;
    let sender = crate::sender::Sender::app();
    let encrypt = sender.key.encrypt(says("zhangsan", "您好").as_bytes(), [7; 16]);
    for timestamp in ["", "now", "1e9", "99999999999999999999", "-1"] {
        let query = sender.query(timestamp, "n1", &encrypt);
        let answer = sender.post(&app, &crate::sender::Post { query, body: sender.envelope(&encrypt) }).await;
        assert_eq!((answer.status, answer.body.as_str()), (403, ""), "{timestamp}");
    }
    app.stop().await;
}
