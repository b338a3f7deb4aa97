//! Our server driven by another project's WeCom library, so that both ends can't share a mistake.

use crate::sender::checks;
use crate::support::{AES_KEY, CORP, TOKEN, TestApp};
use std::path::PathBuf;
use std::process::Command;

/// The interpreter that has the library, or what to do about it.
#[expect(clippy::disallowed_methods, reason = "no part of the product: the test command tells where it is")]
fn python() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("WECOM_GUARD_TEST_PYTHON").map(PathBuf::from);
    let found = named.unwrap_or_else(|| root.join("target/python/bin/python"));
    assert!(found.exists(), "{} is missing: `cargo xtask test` installs it", found.display());
    found
}

#[tokio::test]
async fn wechatpy_checks_our_address_says_a_text_and_reads_the_answer() {
    let app = TestApp::start().await;
    let mut client = Command::new(python());
    client
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/wecom_client.py"))
        .args([&format!("{}/callback/guard", app.base), TOKEN, AES_KEY, CORP])
        .arg(app.clock.now().as_second().to_string());
    let ran = tokio::task::spawn_blocking(move || client.output()).await.unwrap().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}{err}");
    assert!(out.contains("这条消息不能发送") && out.contains("《广告法》第二十五条"), "{out}{err}");
    let checks = checks(&app).await;
    let seen: Vec<_> = checks.iter().map(|check| (check.sender.as_str(), check.text.as_str())).collect();
    assert_eq!(seen, [("zhangsan", "A&B 这款产品保底收益5% ]]> 👍")]);
    app.stop().await;
}
