//! `rules diff`, `fmt`, `import`, `history` and `rollback`, as an admin calls them.

use super::assert_plain_words;
use super::binary::{Place, Plugin, Server, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const UNTIDY: &str = "[[rule]]\nname = \"承诺保本保收益\"\nid = \"FIN-001\"   # 编号不变\naction=\"拦截\"\nphrases = [\"保底收益\"]\n";

fn rules(place: &Place) -> String {
    place.path("rules").display().to_string()
}

fn edit(place: &Place, from: &str, to: &str) {
    let file = place.path("rules/rules.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

fn last_line(text: &str) -> &str {
    text.trim_end().lines().last().unwrap_or_default()
}

#[test]
fn fmt_checks_without_writing_and_writes_without_changing_rights_or_comments() {
    let place = Place::new();
    let file = place.path("rules/rules.toml");
    fs::write(&file, UNTIDY).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let dir = rules(&place);
    let said = run(&["rules", "fmt", "--check", "--rules", &dir]);
    assert_eq!((said.code, fs::read_to_string(&file).unwrap().as_str()), (Some(1), UNTIDY), "{}", said.err);
    assert!(said.out.starts_with(&file.display().to_string()), "{}", said.out);
    assert_plain_words(&said.out);

    assert_eq!(run(&["rules", "fmt", "--rules", &dir]).code, Some(0));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("[[rule]]\nid = \"FIN-001\"  # 编号不变\nname"), "{text}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    let again = run(&["rules", "fmt", "--check", "--rules", &dir]);
    assert_eq!(
        (again.code, last_line(&again.out)),
        (Some(0), "1 files: 0 to be formatted, 0 faulty and left alone")
    );

    fs::write(&file, "[[rule]\n").unwrap();
    let broken = run(&["rules", "fmt", "--rules", &dir]);
    assert_eq!((broken.code, fs::read_to_string(&file).unwrap().as_str()), (Some(1), "[[rule]\n"));
    assert!(broken.err.contains("rules.toml:1:"), "{}", broken.err);
    assert_eq!(run(&["rules", "fmt", "--rules", "nowhere"]).code, Some(2));
}

#[test]
fn import_shows_what_it_would_do_and_writes_nothing_while_a_row_is_invalid() {
    let place = Place::new();
    let before = fs::read_to_string(place.path("rules/rules.toml")).unwrap();
    let sheet = place.path("words.csv");
    let text = "规则号,名称,动作,词条\nFIN-001,,,稳赚不赔\nFIN-001,,,保底收益\nFIN-001,,拦阻,刚性兑付\n";
    fs::write(&sheet, encoding_rs::GBK.encode(text).0).unwrap();
    let (dir, sheet) = (rules(&place), sheet.display().to_string());
    let import = |more: &[&str]| {
        let mut args = vec!["rules", "import", &sheet, "--pack", "rules", "--rules", &dir];
        args.extend(more);
        run(&args)
    };
    let said = import(&[]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    assert!(said.err.contains("GBK"), "{}", said.err);
    assert!(said.out.contains("无效 invalid  第 4 行 C 列(动作 action): 只能是"), "{}", said.out);
    assert!(last_line(&said.out).starts_with("读到 3 行:新增 1,已有 1,无效 1(见上)"), "{}", said.out);
    assert_plain_words(&said.out);
    assert_eq!(import(&["--dry-run", "--skip-invalid"]).code, Some(0));
    assert_eq!(fs::read_to_string(place.path("rules/rules.toml")).unwrap(), before);

    let done = import(&["--skip-invalid"]);
    assert_eq!((done.code, last_line(&done.out)), (Some(0), "读到 3 行:新增 1,已有 1,无效 1(见上)"));
    let after = fs::read_to_string(place.path("rules/rules.toml")).unwrap();
    assert!(after.contains("phrases = [\"保底收益\", \"稳赚不赔\"]"), "{after}");
    assert_eq!(run(&["rules", "check", "--rules", &dir]).err.matches(": R00").count(), 0);

    let head = place.path("head.csv");
    fs::write(&head, "编号,颜色\n").unwrap();
    let said = run(&["rules", "import", &head.display().to_string(), "--pack", "rules", "--rules", &dir]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("「颜色」") && said.err.contains("词条 phrases"), "{}", said.err);
}

#[test]
fn diff_tells_rules_words_and_what_they_would_do() {
    let (old, new) = (Place::new(), Place::new());
    edit(&new, "phrases = [\"保底收益\"]", "phrases = [\"保底收益\", \"刚性兑付\"]");
    edit(&new, "action = \"确认\"", "action = \"提示\"");
    let texts = old.path("texts.jsonl");
    fs::write(
        &texts,
        "{\"text\":\"这是刚性兑付的\"}\n{\"text\":\"这门课100%通过\"}\n{\"text\":\"您好\"}\nnothing\n",
    )
    .unwrap();
    let (a, b, texts) = (rules(&old), rules(&new), texts.display().to_string());
    let said = run(&["rules", "diff", &a, &b, "--replay", &texts, "--show"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    insta::assert_snapshot!(said.out.trim_start(), @"
    ~ EDU-003 保证结果  动作 action 确认 → 提示  (变松 looser, 需要第二人批准 needs a second person)
      ~ FIN-001 承诺保本保收益  词 phrases +1: 刚性兑付  (变严 stricter)
    影响(这份文件 3 条): 多拦 1  少拦 0  改为确认 0  不再确认 1
    effect (3 texts of this file): 1 more blocked, 0 less, 0 to confirm, 1 no longer
        通过 → 拦截  FIN-001  「这是刚性兑付的」 1
        确认 → 通过  EDU-003  「这门课100%通过」 2
    plan: 0 rules added, 2 changed, 0 stopped; phrases +1 −0
    计划:新增 0 条规则,改动 2 条,停用 0 条,词 +1 −0;这份文件将多拦 1 条,少拦 0 条;有变松,需要第二人批准
    ");
    assert!(said.err.contains("line 4"), "{}", said.err);
    assert_eq!(run(&["rules", "diff", &a, &b, "--exit-code"]).code, Some(1));
    assert_eq!(run(&["rules", "diff", &a, &a, "--exit-code"]).code, Some(0));
    assert_eq!(run(&["rules", "diff", &a, "nowhere"]).code, Some(2));

    let json = run(&["rules", "diff", &a, &b, "--replay", &texts, "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&json["needs_second_person"], &json["effect"]["more_blocked"]), (&true.into(), &1.into()));
    assert_eq!(json["rules"][1]["keys"][0]["added"], serde_json::json!(["刚性兑付"]));
}

#[tokio::test]
async fn what_was_in_force_is_listed_compared_and_replayed_beside_the_server() {
    let place = Place::new();
    Server::start(&place).terminate();
    edit(&place, "\"确认\"", "\"拦截\"");
    let server = Server::start(&place);
    let plugin = Plugin::new();
    for (key, text) in [("1", "这门课100%通过"), ("2", "您好,说明书发您了")] {
        assert_eq!(plugin.check(&server.base, key, text).await.unwrap().0, 201);
    }
    let config = place.config();
    let said = run(&["rules", "history", "--config", &config]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let lines: Vec<_> = said.out.lines().collect();
    assert!(
        lines[0].starts_with("r2-") && lines[1].starts_with("r1-") && lines[2].starts_with("共 2 个版本"),
        "{}",
        said.out
    );
    assert!(lines[0].contains("system  2 条规则"), "{}", said.out);
    assert_plain_words(&said.out);

    let data = place.data().display().to_string();
    let said = run(&["rules", "diff", "r1", "live", "--replay", "30d", "--show", "--data", &data]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("~ EDU-003 保证结果  动作 action 确认 → 拦截  (变严 stricter)"),
        "{}",
        said.out
    );
    assert!(said.out.contains("影响(近30天 2 条,已脱敏): 多拦 1  少拦 0"), "{}", said.out);
    assert!(last_line(&said.out).contains("近30天将多拦 1 条,少拦 0 条"), "{}", said.out);
    assert_eq!(run(&["rules", "diff", "r7", "live", "--data", &data]).code, Some(2));

    let refused = run(&["rules", "rollback", "r1-0000", "--reason", "试", "--config", &config]);
    assert_eq!(refused.code, Some(3), "{}", refused.err);
    assert!(refused.err.contains("POST /v1/rules/rollback"), "{}", refused.err);
    assert_eq!(server.terminate().code, Some(0));
    assert_eq!(place.verify().code, Some(0));
}

#[test]
fn rules_too_broken_to_start_with_are_brought_back() {
    let place = Place::new();
    let good = fs::read_to_string(place.path("rules/rules.toml")).unwrap();
    Server::start(&place).terminate();
    fs::write(place.path("rules/rules.toml"), "[[rule]]\nid = 保\n").unwrap();
    fs::write(place.path("rules/more.toml"), "no").unwrap();
    assert_eq!(place.serve_in_vain().code, Some(2));

    let config = place.config();
    let history = run(&["rules", "history", "--config", &config]).out;
    let first = history.split_whitespace().next().unwrap();
    let back = |revision: &str, reason: &str| {
        run(&["rules", "rollback", revision, "--reason", reason, "--config", &config])
    };
    assert_eq!(back(first, "  ").code, Some(2));
    assert_eq!(back("r9-0000", "试试").code, Some(2));
    let said = back(first, "规则文件写坏了");
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_plain_words(&said.out);
    assert_eq!(fs::read_to_string(place.path("rules/rules.toml")).unwrap(), good);
    assert!(!place.path("rules/more.toml").exists());
    assert_eq!(Server::start(&place).terminate().code, Some(0));
    let history = run(&["rules", "history", "--config", &config]).out;
    assert!(
        history.starts_with("r2-") && history.contains(&format!("restores {first}  「规则文件写坏了」")),
        "{history}"
    );
    assert!(history.contains("共 2 个版本"), "{history}");
}

/// Every file of the folder with what it holds.
fn lay(dir: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(dir.join("replies")).unwrap();
    for (name, text) in files {
        fs::write(dir.join(name), text).unwrap();
    }
}

#[test]
fn a_roll_back_that_was_torn_away_is_ended_by_the_next_start() {
    let place = Place::new();
    let good = fs::read_to_string(place.path("rules/rules.toml")).unwrap();
    Server::start(&place).terminate();
    let history = run(&["rules", "history", "--config", &place.config()]).out;
    let live = history.split_whitespace().next().unwrap().to_owned();
    // As it stands when the power goes after the record and in the middle of the files.
    lay(&place.path("rules").join(format!(".ready-{live}")), &[("rules.toml", &good)]);
    fs::write(
        place.path("rules/half.toml"),
        "[[rule]]\nid = \"H-1\"\nname = \"半\"\naction = \"拦截\"\nphrases = [\"您好\"]\n",
    )
    .unwrap();
    // And one that was never recorded.
    lay(&place.path("rules/.ready-r9-0000"), &[("rules.toml", "")]);
    assert_eq!(Server::start(&place).terminate().code, Some(0));
    let names: Vec<_> =
        fs::read_dir(place.path("rules")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["rules.toml"]);
    let history = run(&["rules", "history", "--config", &place.config()]).out;
    assert!(history.starts_with(&live), "{history}");
}

#[tokio::test]
async fn a_broken_file_is_logged_once_with_its_place_and_told_until_it_is_mended() {
    let place = Place::new();
    let server = Server::start(&place);
    let plugin = Plugin::new();
    fs::write(place.path("rules/broken.toml"), "[[rule]]\nid = \"B-1\"\ncolour = \"红\"\n").unwrap();
    let mut refused = serde_json::Value::Null;
    while refused.is_null() {
        let (_, ready) = plugin.get(&server.base, "/readyz").await.unwrap();
        refused = ready["parts"][1]["detail"]["refused"].clone();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(refused["line"], 1);
    fs::remove_file(place.path("rules/broken.toml")).unwrap();
    while !refused.is_null() {
        let (_, ready) = plugin.get(&server.base, "/readyz").await.unwrap();
        refused = ready["parts"][1]["detail"]["refused"].clone();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let log = server.terminate().err;
    let told = log.lines().filter(|line| line.contains("broken.toml`:1")).count();
    assert_eq!(told, 1, "{log}");
}
