//! Files on a customer's page.

use crate::following::PAGE;
use crate::helpers::*;
use crate::support::TestApp;
use reqwest::Method;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use wecom_guard::model::Role;
use wecom_guard::sandbox::Failure;

const FILES: &str = "/v1/contacts/wmGuard0001/files";
const PDF: &[u8] = b"%PDF-1.7 \xE4\xBA\xA7\xE5\x93\x81\xE8\xAF\xB4\xE6\x98\x8E\xE4\xB9\xA6";

/// A form with one file, as a browser sends it.
fn form(name: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--border\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/html\r\n\r\n"
    );
    [head.as_bytes(), content, b"\r\n--border--\r\n"].concat()
}

async fn upload(caller: &Caller<'_>, path: &str, name: &str, content: &[u8]) -> Answer {
    let caller = caller.with("content-type", "multipart/form-data; boundary=border");
    caller.send(Method::POST, path, form(name, content)).await
}

/// How many contents lie beside the ledger.
fn kept(app: &TestApp) -> usize {
    std::fs::read_dir(app.data.join("files")).map_or(0, Iterator::count)
}

#[tokio::test]
async fn a_file_is_kept_once_marked_unchecked_and_handed_out_as_an_attachment() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let put = upload(&rep, FILES, "产品说明书.pdf", PDF).await.is(201);
    let what = &put["items"][0]["what"];
    assert_eq!(
        (&what["kind"], &what["name"], &what["size_bytes"]),
        (&json!("file"), &json!("产品说明书.pdf"), &json!(PDF.len()))
    );
    upload(&rep, FILES, "再传一次.pdf", PDF).await.is(201);
    assert_eq!(kept(&app), 1);

    let hash = what["sha256"].as_str().unwrap();
    assert_eq!(std::fs::read(app.data.join("files").join(hash)).unwrap(), PDF);
    let got = rep.get(&format!("{FILES}/{hash}")).await;
    assert_eq!((got.status, got.text.as_bytes()), (200, PDF));
    let header = |name: &str| got.headers[name].to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment; filename*=UTF-8''"));
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");

    let page = rep.get("/contact/wmGuard0001").await.text;
    assert!(page.contains("产品说明书.pdf(24 B,未检查)"), "{page}");
    app.stop().await;
}

#[tokio::test]
async fn only_who_sees_the_page_fetches_what_stands_on_it() {
    let app = TestApp::start().await;
    let (zhangsan, lisi) =
        (session(&app, "zhangsan", Role::Rep).await, session(&app, "lisi", Role::Rep).await);
    let put = upload(&zhangsan, FILES, "合同.pdf", PDF).await.is(201);
    let hash = put["items"][0]["what"]["sha256"].as_str().unwrap().to_owned();
    // A colleague follows the same customer, and this is not on their page.
    assert_eq!(lisi.get(&format!("{FILES}/{hash}")).await.refusal(), "404 not_found");
    assert_eq!(lisi.get(&format!("{FILES}/{hash}?user=zhangsan")).await.refusal(), "403 forbidden");
    let leader = session(&app, "ChenLan", Role::Supervisor).await;
    assert_eq!(leader.get(&format!("{FILES}/{hash}?user=zhangsan")).await.status, 200);
    // Another customer of the same rep.
    let other = format!("/v1/contacts/wmGuard0002/files/{hash}");
    assert_eq!(zhangsan.get(&other).await.refusal(), "404 not_found");
    for none in ["x", "..%2F..%2Fmaster.key", &"0".repeat(64)] {
        assert_eq!(zhangsan.get(&format!("{FILES}/{none}")).await.refusal(), "404 not_found", "{none}");
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_no_file_of_ours_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let rep = session(&app, "zhangsan", Role::Rep).await;
    let large = [PDF, &vec![0; 20 << 20]].concat();
    for (name, content, refusal) in [
        ("空.pdf", b"".as_slice(), "415 file_kind_refused"),
        ("空.txt", b"", "422 invalid_value"),
        ("page.html", b"<script>alert(1)</script>", "415 file_kind_refused"),
        ("logo.svg", b"<svg onload=alert(1)>", "415 file_kind_refused"),
        ("说明书.pdf", b"<script>alert(1)</script>", "415 file_kind_refused"),
        ("保底收益.pdf", PDF, "422 text_stopped"),
        ("很大.pdf", &large, "413 body_too_large"),
    ] {
        assert_eq!(upload(&rep, FILES, name, content).await.refusal(), refusal, "{name}");
    }
    let no_form = rep.send(Method::POST, FILES, "file").await;
    assert_eq!(no_form.refusal(), "400 body_unreadable");
    let foreign = upload(&rep, "/v1/contacts/wmNobody/files", "合同.pdf", PDF).await;
    assert_eq!(foreign.refusal(), "404 not_found");
    app.wecom.faults().fail("externalcontact/get", 100, Failure::Status(502));
    app.hand.advance(jiff::SignedDuration::from_mins(11));
    assert_eq!(upload(&rep, FILES, "合同.pdf", PDF).await.refusal(), "503 wecom_away");
    assert_eq!(rep.get(PAGE).await.is(200)["following"]["revision"], 0);
    app.stop().await;
}

#[tokio::test]
async fn a_gigabyte_is_refused_before_a_byte_of_it_is_read() {
    let app = TestApp::start().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let request = format!(
        "POST {FILES}?user=zhangsan HTTP/1.1\r\nHost: guard\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=border\r\nContent-Length: 1073741824\r\n\r\n",
        crate::support::CHECK_TOKEN
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = [0; 1_024];
        let read = stream.read(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    app.stop().await;
}
