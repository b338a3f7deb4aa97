//! Every function against every class of trouble.

use crate::functions::Function;
use crate::qyapi::{CANARY_SECRET, CANARY_TOKEN, Qyapi, app, no};
use crate::server::{self, Reply};
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::error::Error;
use std::time::Duration;
use wecom_guard::model::Clock;
use wecom_guard::wecom::client::{Client, ClientOptions};
use wecom_guard::wecom::fault::{Cause, WecomError};

/// Short enough to live through, long enough for a busy machine to answer in time.
const IMPATIENT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn every_function_reads_an_answer_with_fields_it_does_not_know() {
    let qyapi = Qyapi::start();
    for function in Function::ALL {
        function.call(&qyapi).await.unwrap_or_else(|error| panic!("{function:?}: {error}"));
    }
    assert_eq!(qyapi.seen("gettoken").len(), 1);
}

#[tokio::test]
async fn a_token_that_dies_midway_is_replaced_once_and_the_call_repeated_once() {
    for code in [42001, 40014] {
        for function in Function::ALL {
            let qyapi = Qyapi::start();
            qyapi.client.check_token(&app()).await.unwrap();
            qyapi.end_token(code);
            function.call(&qyapi).await.unwrap_or_else(|error| panic!("{function:?} {code}: {error}"));
            assert_eq!(qyapi.seen("gettoken").len(), 2, "{function:?}");
            assert_eq!(qyapi.seen(function.api()).len(), function.requests() + 1, "{function:?}");
        }
    }
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_needs_an_admin_and_stops_the_calls() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.always(function.api(), Some(no(40014)));
        for _ in 0..5 {
            let error = function.call(&qyapi).await.unwrap_err();
            assert!(matches!(&error, WecomError::Config(refusal) if refusal.code == 40014), "{error}");
        }
        assert_eq!(qyapi.seen(function.api()).len(), 2, "{function:?}");
        assert_eq!(qyapi.client.faults(&app())[0].api, function.api());

        qyapi.always(function.api(), None);
        qyapi.hand.advance(SignedDuration::from_secs(31));
        function.call(&qyapi).await.unwrap();
        assert_eq!(qyapi.client.faults(&app()), []);
    }
}

#[tokio::test]
async fn a_busy_wecom_is_asked_three_times_with_growing_pauses() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.script(function.api(), [no(-1), no(6000)]);
        function.call(&qyapi).await.unwrap_or_else(|error| panic!("{function:?}: {error}"));
        assert_eq!(qyapi.seen(function.api()).len(), function.requests() + 2, "{function:?}");
        let pauses = qyapi.pauses();
        assert!(pauses[0] <= Duration::from_millis(500) && pauses[1] <= Duration::from_secs(1), "{pauses:?}");
    }
}

#[tokio::test]
async fn a_wecom_that_stays_busy_is_away_after_three_tries() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.always(function.api(), Some(no(-1)));
        let error = function.call(&qyapi).await.unwrap_err();
        assert_eq!(error, WecomError::Unavailable { api: function.api(), cause: Cause::Code(-1) });
        assert_eq!(qyapi.seen(function.api()).len(), 3, "{function:?}");
    }
}

#[tokio::test]
async fn too_many_calls_stop_the_api_for_a_minute_and_then_for_an_hour() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.always(function.api(), Some(no(45009)));
        for (asked, wait) in [(1, 60), (2, 3600)] {
            for _ in 0..5 {
                let error = function.call(&qyapi).await.unwrap_err();
                assert!(matches!(error, WecomError::Stopped { .. }), "{function:?}: {error}");
            }
            assert_eq!(qyapi.seen(function.api()).len(), asked, "{function:?}");
            qyapi.hand.advance(SignedDuration::from_secs(wait - 1));
            assert!(function.call(&qyapi).await.is_err());
            assert_eq!(qyapi.seen(function.api()).len(), asked, "{function:?}");
            qyapi.hand.advance(SignedDuration::from_secs(1));
        }
        qyapi.always(function.api(), None);
        function.call(&qyapi).await.unwrap_or_else(|error| panic!("{function:?}: {error}"));
    }
}

#[tokio::test]
async fn an_api_that_is_stopped_leaves_the_others_alone() {
    let qyapi = Qyapi::start();
    qyapi.script("user/get", [no(45009)]);
    Function::Member.call(&qyapi).await.unwrap_err();
    Function::Departments.call(&qyapi).await.unwrap();
}

#[tokio::test]
async fn too_many_calls_at_once_are_repeated_after_a_second() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.script(function.api(), [no(45033)]);
        function.call(&qyapi).await.unwrap_or_else(|error| panic!("{function:?}: {error}"));
        assert_eq!(qyapi.pauses(), [Duration::from_secs(1)], "{function:?}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_repeated_unless_the_deed_would_be_done_twice() {
    let troubles =
        [Reply::page(502), Reply::page(200), Reply::Body(200, "[1]".into()), Reply::Silence, Reply::HangUp];
    let pairs =
        Function::ALL.into_iter().flat_map(|function| troubles.clone().map(|reply| (function, reply)));
    join_all(pairs.map(async |(function, reply)| {
        let qyapi = match reply {
            Reply::Silence => Qyapi::with(|options| options.timeout = IMPATIENT),
            _ => Qyapi::start(),
        };
        qyapi.script(function.api(), [reply.clone()]);
        let result = function.call(&qyapi).await;
        let asked = qyapi.seen(function.api()).len();
        if function.once() {
            assert!(matches!(result, Err(WecomError::UnknownOutcome { .. })), "{function:?} {reply:?}");
            assert_eq!(asked, 1, "{function:?} {reply:?}");
        } else {
            result.unwrap_or_else(|error| panic!("{function:?} {reply:?}: {error}"));
            assert_eq!(asked, function.requests() + 1, "{function:?} {reply:?}");
        }
    }))
    .await;
}

#[tokio::test]
async fn a_gateway_that_stays_broken_leaves_a_read_undone_and_a_write_unknown() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.always(function.api(), Some(Reply::page(502)));
        let (api, cause) = (function.api(), Cause::Status(502));
        let expected = match function.writes() {
            true => WecomError::UnknownOutcome { api, cause },
            false => WecomError::Unavailable { api, cause },
        };
        assert_eq!(function.call(&qyapi).await, Err(expected), "{function:?}");
        assert_eq!(qyapi.seen(api).len(), if function.once() { 1 } else { 3 }, "{function:?}");
    }
}

#[tokio::test]
async fn a_wecom_that_can_not_be_reached_is_away() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let qyapi = Qyapi::with(|options| options.api_base = format!("http://{closed}"));
    let error = Function::Update.call(&qyapi).await.unwrap_err();
    assert_eq!(error, WecomError::Unavailable { api: "gettoken", cause: Cause::NoConnection });
}

#[tokio::test]
async fn a_repeat_that_may_no_longer_be_made_leaves_the_outcome_unknown() {
    let qyapi = Qyapi::start();
    qyapi.script("message/send", [Reply::HangUp, no(45009)]);
    let error = Function::Send.call(&qyapi).await.unwrap_err();
    assert_eq!(error, WecomError::UnknownOutcome { api: "message/send", cause: Cause::Stopped });
}

#[tokio::test]
async fn an_untrusted_address_needs_an_admin_until_a_call_works() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.script(function.api(), [no(60020)]);
        let error = function.call(&qyapi).await.unwrap_err();
        assert!(error.to_string().contains("from ip: 203.0.113.7"), "{error}");
        assert_eq!(qyapi.seen(function.api()).len(), 1, "{function:?}");
        let faults = qyapi.client.faults(&app());
        assert!(faults[0].advice().unwrap().zh.contains("企业可信IP"));

        function.call(&qyapi).await.unwrap();
        assert_eq!(qyapi.client.faults(&app()), []);
    }
}

#[tokio::test]
async fn what_no_repeat_can_help_is_asked_once() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.script(function.api(), [no(60111), no(40029), no(44004)]);
        let [data, user, bug] = [
            function.call(&qyapi).await.unwrap_err(),
            function.call(&qyapi).await.unwrap_err(),
            function.call(&qyapi).await.unwrap_err(),
        ];
        assert!(matches!(&data, WecomError::Refused(_)), "{data}");
        assert!(matches!(&user, WecomError::StartAgain(_)), "{user}");
        assert!(matches!(&bug, WecomError::Bug { .. }), "{bug}");
        assert_eq!((data.code(), user.code()), (Some(60111), Some(40029)));
        assert_eq!(qyapi.seen(function.api()).len(), 3, "{function:?}");
    }
}

#[tokio::test]
async fn an_unknown_code_is_repeated_once_by_a_read_and_never_by_a_write() {
    for function in Function::ALL {
        let qyapi = Qyapi::start();
        qyapi.always(function.api(), Some(no(987_654)));
        let error = function.call(&qyapi).await.unwrap_err();
        assert_eq!(error.code(), Some(987_654));
        assert_eq!(matches!(error, WecomError::Refused(_)), function.writes(), "{error}");
        assert_eq!(qyapi.seen(function.api()).len(), if function.writes() { 1 } else { 2 }, "{function:?}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let qyapi = Qyapi::with(|options| options.max_answer = 64 * 1024);
    qyapi.always("user/get", Some(Reply::Body(200, " ".repeat(65 * 1024))));
    let error = Function::Member.call(&qyapi).await.unwrap_err();
    assert_eq!(error, WecomError::Unavailable { api: "user/get", cause: Cause::TooLong(64 * 1024) });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = server::start(|_| panic!("nobody may come here"));
    let qyapi = Qyapi::start();
    qyapi.always("user/get", Some(Reply::Redirect(trap)));
    let error = Function::Member.call(&qyapi).await.unwrap_err();
    assert_eq!(error, WecomError::Unavailable { api: "user/get", cause: Cause::Status(302) });
}

#[tokio::test]
async fn no_error_shows_a_secret_a_token_or_an_address() {
    let troubles = [-1, 40001, 40014, 42001, 45009, 45033, 60020, 60111, 40029, 44004, 987_654].map(no);
    let broken = [
        Reply::page(502),
        Reply::Redirect(format!("http://localhost/{CANARY_TOKEN}")),
        Reply::Silence,
        Reply::HangUp,
        Reply::Body(200, format!(r#"{{"errcode":0,"{CANARY_TOKEN}":"{CANARY_SECRET}"}}"#)),
    ];
    let pairs = Function::ALL.into_iter().flat_map(|function| {
        let replies = troubles.iter().chain(&broken).cloned().collect::<Vec<_>>();
        replies
            .into_iter()
            .flat_map(move |reply| [function.api(), "gettoken"].map(|api| (function, api, reply.clone())))
    });
    let errors = join_all(pairs.map(async |(function, api, reply)| {
        let qyapi = Qyapi::with(|options| options.timeout = IMPATIENT / 10);
        qyapi.always(api, Some(reply));
        (function.call(&qyapi).await, qyapi)
    }))
    .await;
    let mut failed = 0;
    for (result, qyapi) in errors {
        let Err(error) = result else { continue };
        failed += 1;
        let source = error.source().map(|source| format!("{source} {source:?}")).unwrap_or_default();
        let shown = format!("{error} {error:?} {source} {:?}", qyapi.client.faults(&app()));
        for secret in [CANARY_SECRET, CANARY_TOKEN, "127.0.0.1", "http://", "corpsecret", "access_token"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!shown.contains(['\r', '\n']), "{shown}");
    }
    assert!(failed > 200, "{failed}");
    assert!(!format!("{:?}", app()).contains(CANARY_SECRET));
}

#[test]
fn an_address_that_is_no_address_is_refused_at_the_start() {
    for bad in ["", "qyapi.weixin.qq.com", "ftp://x", "http://x/?a=1", "http://user@x/"] {
        let options = ClientOptions { api_base: bad.to_owned(), ..ClientOptions::default() };
        assert!(matches!(Client::new(options, Clock::system()), Err(WecomError::Setup(_))), "{bad}");
    }
}
