//! The error codes the sandbox answers with, and WeCom's short text for each.
//!
//! Meanings: 全局错误码 (page 90313). Clients judge by the code alone, the text may differ.

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Refusal = Refusal($code);)*

        /// WeCom's short text for a code.
        fn text(code: i64) -> &'static str {
            match code {
                $($code => $text,)*
                -1 => "system error",
                48002 => "api forbidden",
                60020 => "not allow to access from your ip",
                _ => "error",
            }
        }
    };
}

/// A call refused with this errcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) i64);

impl Refusal {
    /// The errmsg in WeCom's form: text, hint, caller's address, link to the code's page.
    pub(crate) fn message(self, hint: &str, ip: &str, wrong_json: bool) -> String {
        let Self(code) = self;
        let warning = if wrong_json { ", Warning: wrong json format. " } else { "" };
        let page = "https://open.work.weixin.qq.com/devtool/query?e=";
        format!("{}{warning}, hint: [{hint}], from ip: {ip}, more info at {page}{code}", text(code))
    }
}

codes! {
    INVALID_SECRET = 40001, "invalid credential";
    INVALID_MEDIA_TYPE = 40004, "invalid media type";
    INVALID_MEDIA_ID = 40007, "invalid media_id";
    INVALID_MSGTYPE = 40008, "invalid message type";
    INVALID_CORPID = 40013, "invalid corpid";
    INVALID_TOKEN = 40014, "invalid access_token";
    INVALID_CODE = 40029, "invalid code";
    USER_LIST_TOO_LONG = 40032, "invalid userlist size";
    NO_SUCH_CHAT = 40050, "chatid not exist";
    INVALID_AGENT = 40056, "invalid agentid";
    INVALID_PARAMETER = 40058, "invalid Request Parameter";
    EMPTY_PARAMETER = 40063, "some parameters are empty";
    NO_SUCH_TAG = 40068, "invalid tagid";
    SECRET_OF_ANOTHER_CORP = 40091, "secret is invalid";
    INVALID_EXTERNAL_USERID = 40096, "invalid external userid";
    TOKEN_MISSING = 41001, "access_token missing";
    CORPID_MISSING = 41002, "corpid missing";
    SECRET_MISSING = 41004, "corpsecret missing";
    MEDIA_ID_MISSING = 41006, "media_id missing";
    USERID_MISSING = 41009, "userid missing";
    TITLE_MISSING = 41016, "title missing";
    EXTERNAL_USERID_MISSING = 41035, "external userid missing";
    TOKEN_EXPIRED = 42001, "access_token expired";
    CARD_TASK_ID = 42014, "Template_Card.task_id invalid";
    CARD_OF_ANOTHER_APP = 42015, "the updating agent does not match the sending agent";
    CARD_BUTTON_KEY_CLASH = 42018, "Template_Card.button_list.key invalid";
    CARD_KEYNAME = 42027, "Template_Card.horizontal_content_list.keyname missing";
    CARD_TYPE = 42031, "Template_Card.card_type invalid";
    CARD_TITLE = 42033, "Template_Card.title missing";
    CARD_HORIZONTAL_SIZE = 42035, "Template_Card.horizontal_content_list size invalid";
    CARD_VERTICAL_SIZE = 42036, "Template_Card.vertical_content_list size invalid";
    CARD_OPTION_SIZE = 42037, "Template_Card.option_list size invalid";
    CARD_BUTTON_TEXT = 42038, "Template_Card.button_list.text missing or invalid";
    CARD_BUTTON_KEY = 42039, "Template_Card.button_list.key missing or invalid";
    CARD_OPTION_ID = 42040, "Template_Card.option_list.id missing or invalid";
    CARD_OPTION_TEXT = 42041, "Template_Card.option_list.text missing or invalid";
    CARD_JUMP_SIZE = 42042, "Template_Card.jump_list size invalid";
    CARD_QUESTION_KEY = 42043, "Template_Card.question_key missing or invalid";
    CARD_IMAGE = 42044, "Template_Card.card_image.url missing or invalid";
    CARD_ACTION = 42045, "Template_Card.card_action missing or invalid";
    CARD_SUBMIT_KEY = 42046, "Template_Card.submit_button.key missing or invalid";
    CARD_SELECT_SIZE = 42047, "Template_Card.select_list size invalid";
    CARD_SUBMIT_TEXT = 42049, "Template_Card.submit_button.text missing or invalid";
    CARD_MENU_KEY_CLASH = 42051, "Template_Card.action_menu.action_list.key conflict";
    MESSAGE_TOO_OLD = 42052, "msgid expired";
    CALLBACK_NEEDED = 43012, "callback url should be set";
    EMPTY_FILE = 44001, "empty media data";
    EMPTY_CONTENT = 44004, "empty content";
    FILE_TOO_LARGE = 45001, "media file is too large";
    CONTENT_TOO_LARGE = 45002, "content size out of limit";
    TOO_MANY_ARTICLES = 45008, "article count out of limit";
    CALL_LIMIT = 45009, "api freq out of limit";
    TOO_MANY_PARALLEL = 45033, "concurrent calls out of limit";
    NO_SUCH_DEPARTMENT = 60003, "department not found";
    NO_SUCH_USER = 60111, "userid not found";
    INVALID_RESPONSE_CODE = 60140, "invalid response_code";
    ALL_RECIPIENTS_INVALID = 81013, "user & party & tag all invalid";
    NO_RECIPIENTS = 82001, "all empty recipients";
    PARTY_LIST_TOO_LONG = 82002, "invalid partylist size";
    TAG_LIST_TOO_LONG = 82003, "invalid taglist size";
    NO_RECIPIENT_TO_UPDATE = 82101, "empty update target";
    NOT_AN_EXTERNAL_CONTACT = 84061, "not external contact";
}
