//! Every variant has a fixture, and every field of a fixture arrives.

use super::*;
use crate::wecom::crypto::CallbackKey;
use proptest::prelude::*;
use std::{fs, path::Path};

/// The file that shows a variant. A new variant does not compile until it has one.
fn fixture(kind: &Inbound) -> &'static str {
    macro_rules! file {
        ($name:literal) => {
            include_str!(concat!("../../../fixtures/wecom/event/", $name, ".xml"))
        };
    }
    match kind {
        Inbound::Message(message) => match &message.content {
            Content::Text { .. } => file!("text"),
            Content::Image { .. } => file!("image"),
            Content::Voice { .. } => file!("voice"),
            Content::Video { .. } => file!("video"),
            Content::Location(_) => file!("location"),
            Content::Link { .. } => file!("link"),
        },
        Inbound::App(event) => match event {
            AppEvent::Subscribed => file!("subscribe"),
            AppEvent::Unsubscribed => file!("unsubscribe"),
            AppEvent::Entered => file!("enter_agent"),
            AppEvent::LocationReported { .. } => file!("location_report"),
            AppEvent::MenuClicked { .. } => file!("click"),
            AppEvent::MenuLinkOpened { .. } => file!("view"),
            AppEvent::MenuMiniprogramOpened { .. } => file!("view_miniprogram"),
            AppEvent::Scanned { kind: ScanKind::Push, .. } => file!("scancode_push"),
            AppEvent::Scanned { kind: ScanKind::WaitMessage, .. } => file!("scancode_waitmsg"),
            AppEvent::PicturesChosen { source: PictureSource::Camera, .. } => file!("pic_sysphoto"),
            AppEvent::PicturesChosen { source: PictureSource::CameraOrAlbum, .. } => {
                file!("pic_photo_or_album")
            }
            AppEvent::PicturesChosen { source: PictureSource::Album, .. } => file!("pic_weixin"),
            AppEvent::PlaceChosen { .. } => file!("location_select"),
            AppEvent::CardClicked { .. } => file!("template_card_event"),
            AppEvent::CardMenuClicked { .. } => file!("template_card_menu_event"),
            AppEvent::BatchJobDone(_) => file!("batch_job_result"),
            AppEvent::ApprovalChanged { .. } => file!("open_approval_change"),
            AppEvent::SharedAppChanged => file!("share_agent_change"),
            AppEvent::SharedChainChanged => file!("share_chain_change"),
            AppEvent::Inactivity(step) => match step {
                Inactivity::InactiveAlert { .. } => file!("inactive_alert"),
                Inactivity::LowActiveAlert { .. } => file!("low_active_alert"),
                Inactivity::Closed => file!("close_inactive_agent"),
                Inactivity::Reopened => file!("reopen_inactive_agent"),
                Inactivity::LowActive => file!("low_active"),
                Inactivity::ActiveRestored => file!("active_restored"),
            },
        },
        Inbound::Customer(event) => match event {
            CustomerEvent::Contact { change, .. } => match change {
                ContactChange::Added { .. } => file!("add_external_contact"),
                ContactChange::HalfAdded { .. } => file!("add_half_external_contact"),
                ContactChange::Edited { .. } => file!("edit_external_contact"),
                ContactChange::Deleted { .. } => file!("del_external_contact"),
                ContactChange::DeletedByCustomer => file!("del_follow_user"),
                ContactChange::TransferFailed { .. } => file!("transfer_fail"),
                ContactChange::ArchiveApproved { .. } => file!("msg_audit_approved"),
            },
            CustomerEvent::Chat { change, .. } => match change {
                ChatChange::Created => file!("chat_create"),
                ChatChange::Updated(_) => file!("chat_update"),
                ChatChange::Dismissed => file!("chat_dismiss"),
            },
            CustomerEvent::Tag(change) => match change {
                TagChange::Created(_) => file!("tag_create"),
                TagChange::Updated(_) => file!("tag_update"),
                TagChange::Deleted(_) => file!("tag_delete"),
                TagChange::Shuffled { .. } => file!("tag_shuffle"),
            },
            CustomerEvent::Acquisition(_) => file!("customer_start_chat"),
        },
        Inbound::Directory(event) => match event {
            DirectoryEvent::UserCreated(_) => file!("create_user"),
            DirectoryEvent::UserUpdated(_) => file!("update_user"),
            DirectoryEvent::UserDeleted { .. } => file!("delete_user"),
            DirectoryEvent::DepartmentCreated(_) => file!("create_party"),
            DirectoryEvent::DepartmentUpdated(_) => file!("update_party"),
            DirectoryEvent::DepartmentDeleted { .. } => file!("delete_party"),
            DirectoryEvent::TagUpdated(_) => file!("update_tag"),
        },
        Inbound::Kf(event) => match event {
            KfEvent::MessageWaiting { .. } => file!("kf_msg_or_event"),
            KfEvent::AccountsChanged { .. } => file!("kf_account_auth_change"),
        },
        Inbound::Archive(event) => match event {
            ArchiveEvent::MessagesWaiting => file!("msgaudit_notify"),
            ArchiveEvent::FileRightsChanged => file!("file_content_archive_auth_change"),
            ArchiveEvent::FileMembersChanged => file!("file_content_archive_user_list_change"),
            ArchiveEvent::DocumentChanged { .. } => file!("document_archive_change"),
        },
        Inbound::Suite(notice) => match notice {
            SuiteNotice::Ticket { .. } => file!("suite_ticket"),
            SuiteNotice::Authorized { .. } => file!("create_auth"),
            SuiteNotice::AuthorizationChanged { .. } => file!("change_auth"),
            SuiteNotice::AuthorizationCancelled { .. } => file!("cancel_auth"),
            SuiteNotice::ConversationWaiting { .. } => file!("conversation_new_message"),
            SuiteNotice::KeywordHit { .. } => file!("hit_keyword"),
        },
        Inbound::Unknown { .. } => file!("unknown"),
    }
}

/// Every file under `fixtures/wecom/event`: its name and its text.
fn fixtures() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/wecom/event");
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.display().to_string(), fs::read_to_string(&path).unwrap())).collect()
}

fn named(name: &str) -> Callback {
    let (_, text) = fixtures().into_iter().find(|(path, _)| path.ends_with(&format!("/{name}.xml"))).unwrap();
    parse_xml(&text).unwrap()
}

/// What the common fields and the choice of the variant already account for.
const ACCOUNTED: [&str; 9] = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "TimeStamp",
    "AuthCorpId",
    "MsgType",
    "Event",
    "ChangeType",
    "InfoType",
];
/// Kept in the raw text alone.
const LEFT_RAW: [&str; 6] =
    ["OpenSpTemplateId", "ApplyTime", "ApplyUserName", "NodeStatus", "NodeType", "Detail"];
/// Their value is hidden; `a_credential_is_read_and_not_shown` looks at it.
const SECRET: [&str; 5] = ["WelcomeCode", "ResponseCode", "Token", "SuiteTicket", "AuthCode"];

/// The elements without children: name and text.
fn leaves(element: &Element) -> Vec<(String, String)> {
    match element.elements() {
        [] => vec![(element.name().to_owned(), element.text().to_owned())],
        children => children.iter().flat_map(leaves).collect(),
    }
}

/// How a value stands in the printed form: a time as an instant, a list of marks as truths.
fn printed(name: &str, value: &str) -> Vec<String> {
    match name {
        "EffectTime" | "ExpireTime" => {
            vec![Timestamp::from_second(value.parse().unwrap()).unwrap().to_string()]
        }
        "IsLeaderInDept" => vec!["[true, false, false]".into()],
        _ if SECRET.contains(&name) => vec!["(secret)".into()],
        "Department" | "DirectLeader" => value.split(',').map(str::to_owned).collect(),
        name if name.ends_with("Items") => value.split(',').map(str::to_owned).collect(),
        _ => vec![value.to_owned()],
    }
}

#[test]
fn every_fixture_is_the_one_that_shows_its_variant() {
    for (path, text) in fixtures() {
        assert_eq!(fixture(&parse_xml(&text).unwrap().kind), text, "{path}");
    }
}

#[test]
fn every_field_of_every_fixture_is_read() {
    for (path, text) in fixtures() {
        let callback = parse_xml(&text).unwrap();
        let kind = format!("{:?} {:?}", callback.kind, callback.agent);
        for (name, value) in leaves(&Element::parse(&text).unwrap()) {
            if ACCOUNTED.contains(&name.as_str()) || LEFT_RAW.contains(&name.as_str()) {
                continue;
            }
            for part in printed(&name, &value) {
                assert!(kind.contains(&part), "{path}: `{name}` = `{part}` is not in {kind}");
            }
        }
    }
}

#[test]
fn the_common_fields_are_read_in_both_forms() {
    let message = named("text");
    assert_eq!(message.to, Some("ww0000000000000000".into()));
    assert_eq!(message.from, Some("lisi".into()));
    assert_eq!(message.created_at.to_string(), "2026-09-21T14:13:21Z");
    assert_eq!(message.agent, Some(AgentId(1_000_002)));
    let notice = named("change_auth");
    assert_eq!((notice.to, notice.from), (Some("ww1111111111111111".into()), None));
    assert_eq!(named("del_follow_user").from, None, "`sys` is no member");
}

#[test]
fn a_credential_is_read_and_not_shown() {
    let Inbound::Customer(CustomerEvent::Contact {
        change: ContactChange::Added { welcome_code, .. }, ..
    }) = named("add_external_contact").kind
    else {
        panic!("another kind")
    };
    assert_eq!(welcome_code.unwrap().expose(), "WC-1");
    let Inbound::App(AppEvent::CardClicked { response_code, .. }) = named("template_card_event").kind else {
        panic!("another kind")
    };
    assert_eq!(response_code.unwrap().expose(), "RC-1");
    let Inbound::Kf(KfEvent::MessageWaiting { token, .. }) = named("kf_msg_or_event").kind else {
        panic!("another kind")
    };
    assert_eq!(token.expose(), "ENCtoken1");
}

#[test]
fn an_unknown_event_and_one_that_lacks_a_field_are_kept() {
    let unknown = |event: &str| Inbound::Unknown { event: event.into(), change_type: None };
    let raw = "<xml><CreateTime>1790000000</CreateTime><MsgType>event</MsgType><Event>click</Event></xml>";
    let callback = parse_xml(raw).unwrap();
    assert_eq!((callback.kind, callback.raw.as_str()), (unknown("click"), raw));
    let bare = parse_xml("<xml><CreateTime>1790000000</CreateTime></xml>").unwrap();
    assert_eq!(bare.kind, unknown(""));
}

#[test]
fn a_document_without_a_time_is_refused() {
    for time in ["", "<CreateTime/>", "<CreateTime>99999999999999999999</CreateTime>"] {
        assert!(parse_xml(&format!("<xml>{time}<MsgType>text</MsgType></xml>")).is_err());
    }
}

#[test]
fn a_draft_arrives_with_every_character() {
    let content = |inside: &str| {
        let raw = format!(
            "<xml><CreateTime>1</CreateTime><MsgType>text</MsgType><MsgId>1</MsgId><Content>{inside}</Content></xml>"
        );
        match parse_xml(&raw).unwrap().kind {
            Inbound::Message(Message { content: Content::Text { text }, .. }) => text,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(content("保&#x5e95;收益"), "保底收益");
    assert_eq!(content("A&amp;B"), "A&B");
    assert_eq!(content(" <![CDATA[保]]>\n<![CDATA[底]]> "), " 保\n底 ");
}

#[test]
fn the_published_message_with_an_external_entity_is_decrypted_and_then_refused() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/wecom/vectors.json")).unwrap();
    let vector = file["vectors"].as_array().unwrap().iter().find(|v| v["id"] == "adv-xxe-inner").unwrap();
    let text = |field: &str| vector[field].as_str().unwrap();
    let key =
        CallbackKey::new(text("token"), text("encoding_aes_key"), text("configured_receive_id")).unwrap();
    assert_eq!(parse_xml(&key.decrypt(text("encrypt")).unwrap()), Err(XmlError("a document type")));
}

#[test]
fn a_retry_has_the_same_key_and_any_other_event_another() {
    let (app, other) = (Endpoint::from("guard"), Endpoint::from("guard2"));
    let keys: std::collections::BTreeSet<String> =
        fixtures().iter().map(|(_, text)| parse_xml(text).unwrap().dedup_key(&app)).collect();
    assert_eq!(keys.len(), fixtures().len());
    let (_, text) = fixtures().into_iter().find(|(path, _)| path.ends_with("/create_user.xml")).unwrap();
    let key = |text: &str, endpoint| parse_xml(text).unwrap().dedup_key(endpoint);
    assert_eq!(key(&text, &app), key(&text.replace('\n', ""), &app));
    assert_ne!(key(&text, &app), key(&text, &other));
    assert_ne!(
        key(&text, &app),
        key(&text.replace("zhaoliu", "zhaoliu2"), &app),
        "same second, other member"
    );
}

#[test]
fn a_printed_callback_shows_no_message() {
    assert!(!format!("{:?}", named("text")).contains("保底"));
}

proptest! {
    #[test]
    fn parsing_never_panics(text in ".*") {
        let _ = parse_xml(&text);
        let _ = parse_xml(&format!("<xml><CreateTime>1</CreateTime>{text}</xml>"));
    }

    #[test]
    fn one_altered_byte_of_a_fixture_never_panics(
        which: prop::sample::Index,
        at: prop::sample::Index,
        byte: u8,
    ) {
        let files = fixtures();
        let mut bytes = files[which.index(files.len())].1.clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = parse_xml(&String::from_utf8_lossy(&bytes));
    }
}
