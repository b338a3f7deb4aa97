//! `rules import`: a sheet's rows, what would come of each, and the pack afterwards.

use encoding_rs::GBK;
use insta::assert_snapshot;
use rust_xlsxwriter::Workbook;
use std::io::Write;
use wecom_guard::rules::import::{Encoding, MAX_ROWS, Outcome, Plan, Row, Sheet, append, plan};
use wecom_guard::rules::{Book, Folder, RawFile, format, parse};

const PACK: &str = r#"schema = 1

[pack]
id = "finance-cn"

# the classic
[[rule]]
id = "FIN-001"
name = "承诺保本保收益"
action = "拦截"
phrases = ["保底收益", "稳赚不赔"]  # keep short
[rule.tests]
must_hit = ["保底收益5%"]

[[rule]]
id = "FIN-002"
name = "夸大收益"
action = "确认"
phrases = ["年化百分百"]
"#;

const OTHER: &str =
    "[[rule]]\nid = \"EDU-003\"\nname = \"保证结果\"\naction = \"确认\"\nphrases = [\"包过\"]\n";

fn files(pack: &str) -> Folder {
    let file = |name: &str, text: &str| RawFile {
        name: name.to_owned(),
        path: format!("rules/{name}"),
        bytes: text.as_bytes().to_vec(),
    };
    Folder { files: vec![file("education.toml", OTHER), file("finance.toml", pack)] }
}

fn book(pack: &str) -> Book {
    let (book, faults) = parse(&files(pack));
    assert_eq!(faults, []);
    book
}

fn csv(text: &str) -> Sheet {
    Sheet::read(text.as_bytes().to_vec()).unwrap()
}

fn planned(text: &str) -> Plan {
    plan(&csv(text), &book(PACK), "finance-cn").unwrap()
}

/// One line a row.
fn told(plan: &Plan) -> String {
    let line = |row: &wecom_guard::rules::import::RowReport| match &row.outcome {
        Outcome::New(phrases) => format!("{} {} new {}", row.row, row.rule, phrases.join(" ")),
        Outcome::Already(at) => format!("{} {} there {at}", row.row, row.rule),
        Outcome::Invalid(fault) => {
            format!("{} {} invalid {} {}", row.row, row.rule, fault.letter, fault.words.zh)
        }
    };
    plan.rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, text) in (0..).zip(*cells) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_sheet_reads_the_same_from_excel_utf8_with_and_without_a_mark_and_gbk() {
    let text = "规则号,词条\nFIN-001,保本高息\n,\nFIN-001,\"无风险,稳\"\n";
    let wanted = csv(text);
    assert_eq!(wanted.rows[1], Row { number: 2, cells: vec!["FIN-001".into(), "保本高息".into()] });
    assert_eq!((wanted.rows.len(), wanted.rows[2].number), (3, 4));
    let marked = Sheet::read([b"\xEF\xBB\xBF", text.as_bytes()].concat()).unwrap();
    assert_eq!(marked, wanted);
    let gbk = Sheet::read(GBK.encode(text).0.into_owned()).unwrap();
    assert_eq!((gbk.rows, gbk.encoding), (wanted.rows.clone(), Encoding::Gbk));
    let rows: &[&[&str]] = &[&["规则号", "词条"], &["FIN-001", "保本高息"], &[], &["FIN-001", "无风险,稳"]];
    assert_eq!(Sheet::read(workbook(rows)).unwrap(), wanted);
}

#[test]
fn what_is_no_sheet_or_claims_too_much_is_refused() {
    let refused = |bytes: Vec<u8>| Sheet::read(bytes).unwrap_err().to_string();
    assert!(refused(b"\xFF\xFF\xFF".to_vec()).contains("GBK"));
    assert!(refused(b"\xD0\xCF\x11\xE0\xA1".to_vec()).contains(".xlsx"));
    assert!(refused(b"PK\x03\x04 nothing".to_vec()).contains("can't be read"));
    assert!(refused("规则号\n".repeat(MAX_ROWS as usize + 1).into_bytes()).contains("20000"));
    assert!(refused(",".repeat(70).into_bytes().into_iter().chain(*b"x\n").collect()).contains("64"));

    // A cell in the last row and column of a sheet: nothing may be set aside for those between.
    let mut book = Workbook::new();
    book.add_worksheet().write_string(1_048_575, 16_383, "远").unwrap();
    assert!(refused(book.save_to_buffer().unwrap()).contains("20000"));

    // 200 MiB of nothing in 200 KiB.
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    bomb.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..200 {
        bomb.write_all(&[b' '; 1 << 20]).unwrap();
    }
    assert!(refused(bomb.finish().unwrap().into_inner()).contains("128 MiB"));
}

#[test]
fn a_head_that_is_not_known_names_those_that_are() {
    for (head, wanted) in [
        ("规则号,词条,颜色", "第 1 行 C 列的表头「颜色」不认识"),
        ("规则号,名称", "缺少一列:词条 phrases"),
        ("规则号,词条,words", "「词条 phrases」有两列,第二列是 C"),
        ("", "表里没有内容"),
    ] {
        let fault = plan(&csv(head), &book(PACK), "finance-cn").unwrap_err().to_string();
        assert!(fault.contains(wanted) && fault.contains("动作 action"), "{fault}");
    }
    assert!(plan(&csv("Rule ID,Phrase,Note\n"), &book(PACK), "finance-cn").is_ok());
}

#[test]
fn every_row_is_new_there_already_or_invalid_with_its_place_and_reason() {
    let plan = planned(
        "规则号,名称,动作,词条,级别\n\
         FIN-001,,,VIP保本、保底收益,\n\
         FIN-001,承诺保本保收益,block,vip保本,\n\
         FIN-001,,确认,本息无忧,\n\
         FIN-001,,,年化百分百,\n\
         EDU-003,,,保过,\n\
         ,,,保证收益,\n\
         FIN-009,,拦截,保证分红,\n\
         FIN-009,承诺分红,栏截,保证分红,\n\
         FIN-009,承诺分红,拦截,保证分红,高\n\
         FIN-009,承诺分红了,,固定分红,\n\
         FIN-009,,,固定分红,\n\
         FIN-010,又一条,提示,固定分红,\n\
         FIN-001,,,!!!,\n\
         FIN-001,,,,中\n\
         FIN-001,,,稳赢,很高\n\
         FIN-001,,,稳赢,低\n",
    );
    assert_eq!(plan.counts(), [3, 1, 12]);
    assert_snapshot!(told(&plan), @"
    2 FIN-001 new VIP保本
    3 FIN-001 there 「vip保本」 FIN-001 第 2 行 / row 2
    4 FIN-001 invalid C 规则 FIN-001 的动作是「拦截」,要改动作请改规则文件
    5 FIN-001 invalid D 冲突:「年化百分百」已在 FIN-002 rules/finance.toml:19 里,动作是「确认」
    6 EDU-003 invalid A 规则 EDU-003 属于规则包 education(rules/education.toml:2),不是 finance-cn
    7  invalid A 缺少规则号
    8 FIN-009 invalid B 新规则 FIN-009 缺少名称
    9 FIN-009 invalid C 只能是 拦截/确认/提示/记录,这里写的是「栏截」
    10 FIN-009 new 保证分红
    11 FIN-009 invalid B 规则 FIN-009 的名称是「承诺分红」
    12 FIN-009 new 固定分红
    13 FIN-010 invalid D 冲突:「固定分红」已在 FIN-009 第 12 行 / row 12 里,动作是「拦截」
    14 FIN-001 invalid D 词条「!!!」去掉符号后是空的
    15 FIN-001 invalid D 没有词条
    16 FIN-001 invalid E 只能是 高/中/低,这里写的是「很高」
    17 FIN-001 invalid E 规则 FIN-001 已有别的内容,要改请改规则文件
    ");
}

#[test]
fn the_pack_keeps_its_comments_and_gets_the_words_in_their_place() {
    let plan = planned(
        "规则号,名称,动作,词条,例外,依据,原因,改法,行业,应命中,应放行\n\
         FIN-001,,,保本高息,不保本高息,,,,,\"保本高息的\n真的保本高息\",\n\
         FIN-009,承诺分红,拦截,保证分红;固定分红,,ins-1,可能被理解为保证分红,写明分红不确定,金融,保证分红3%,分红不保证\n\
         FIN-001,,,本息无忧,,,,,,,\n",
    );
    let text = append(Some(PACK), "finance-cn", &plan).unwrap();
    book(&text);
    assert_eq!(format(&text).as_deref(), Some(&*text));
    assert_snapshot!(text, @r#"
    schema = 1

    [pack]
    id = "finance-cn"

    # the classic
    [[rule]]
    id = "FIN-001"
    name = "承诺保本保收益"
    action = "拦截"
    phrases = ["保底收益", "稳赚不赔", "保本高息", "本息无忧"]  # keep short
    allow = ["不保本高息"]
    [rule.tests]
    must_hit = [
      "保底收益5%",
      "保本高息的",
      "真的保本高息",
    ]

    [[rule]]
    id = "FIN-002"
    name = "夸大收益"
    action = "确认"
    phrases = ["年化百分百"]

    [[rule]]
    id = "FIN-009"
    name = "承诺分红"
    action = "拦截"
    basis = ["ins-1"]
    phrases = ["保证分红", "固定分红"]
    scope = { industries = ["金融"] }
    why = "可能被理解为保证分红"
    fix = "写明分红不确定"
    [rule.tests]
    must_hit = ["保证分红3%"]
    must_pass = ["分红不保证"]
    "#);
    // What is in is in: a second time nothing is new.
    let again =
        wecom_guard::rules::import::plan(&csv("规则号,词条\nFIN-009,固定分红\n"), &book(&text), "finance-cn");
    assert_eq!(again.unwrap().counts(), [0, 1, 0]);
}

#[test]
fn a_file_that_was_not_formatted_keeps_its_own_way() {
    let own = "[pack]\nid='finance-cn'\n[[rule]]\nname='名'\nid='FIN-001'\naction='拦截'\nphrases=['保底收益', # 甲\n# 乙\n]\n";
    let plan = plan(&csv("规则号,词条\nFIN-001,本息无忧\n"), &book(own), "finance-cn").unwrap();
    let text = append(Some(own), "finance-cn", &plan).unwrap();
    book(&text);
    assert_eq!(text, own.replace("# 乙\n]", "# 乙\n  \"本息无忧\",\n]"));
}

#[test]
fn an_unknown_pack_becomes_a_file_of_its_own() {
    let sheet = csv("rule,name,action,phrases\nNEW-1,新规则,tip,内部消息\n");
    let plan = plan(&sheet, &book(PACK), "new-cn").unwrap();
    let text = append(None, "new-cn", &plan).unwrap();
    assert_snapshot!(text, @r#"
    schema = 1

    [pack]
    id = "new-cn"

    [[rule]]
    id = "NEW-1"
    name = "新规则"
    action = "提示"
    phrases = ["内部消息"]
    "#);
}
