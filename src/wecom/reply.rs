//! The answer to a callback that travels back in the same request (被动回复, page 90241).
//!
//! It must leave within five seconds. Members' messages and most of their events take any reply
//! of ours but the card updates, a click on a card takes only those; everything else is answered
//! with an empty body.

use super::callback::Format;
use super::crypto::CallbackKey;
use super::xml::{self, Value};
use crate::model::{CorpId, UserId};
use jiff::Timestamp;
use serde_json::Value as Json;
use std::slice;

/// The longest text that WeCom shows of a passive reply (page 90241).
pub const MAX_TEXT_BYTES: usize = 2_048;
const MAX_TITLE_BYTES: usize = 128;
const MAX_DESCRIPTION_BYTES: usize = 512;
const MAX_ARTICLES: usize = 8;

/// Names of a card whose words WeCom does not part with `_` in JSON, but with capitals in XML.
const UNEVEN: [(&str, &str); 5] = [
    ("keyname", "KeyName"),
    ("userid", "UserId"),
    ("checkbox", "CheckBox"),
    ("appid", "AppId"),
    ("pagepath", "PagePath"),
];

/// What an application answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// Words, cut at 2048 bytes. WeCom reads `<a href>` in them.
    Text(String),
    /// Titles that can be tapped: the first eight are sent.
    News(Vec<Article>),
    /// The clicking member's card: its buttons turn grey and show this.
    UpdateButton(String),
    /// The clicking member's card becomes this one: the JSON object of `message/send`.
    UpdateCard(Json),
}

/// One entry of [`Reply::News`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Cut at 128 bytes.
    pub title: String,
    /// Cut at 512 bytes.
    pub description: String,
    /// What a tap opens.
    pub url: String,
    /// The picture's address, may be empty.
    pub picture_url: String,
}

impl Reply {
    /// The plaintext, from the company to the member.
    pub fn xml(&self, to: &UserId, from: &CorpId, at: Timestamp) -> String {
        let mut fields = vec![
            ("ToUserName", to.as_str().into()),
            ("FromUserName", from.as_str().into()),
            ("CreateTime", at.as_second().into()),
            ("MsgType", self.msg_type().into()),
        ];
        fields.extend(self.body());
        xml::build(&fields)
    }

    fn msg_type(&self) -> &'static str {
        match self {
            Reply::Text(_) => "text",
            Reply::News(_) => "news",
            Reply::UpdateButton(_) => "update_button",
            Reply::UpdateCard(_) => "update_template_card",
        }
    }

    fn body(&self) -> Vec<(&'static str, Value)> {
        match self {
            Reply::Text(text) => vec![("Content", Value::Text(cut_bytes(text, MAX_TEXT_BYTES)))],
            Reply::News(articles) => news(articles.iter().take(MAX_ARTICLES)),
            Reply::UpdateButton(name) => vec![("Button", [("ReplaceName", name.as_str().into())].into())],
            Reply::UpdateCard(card) => {
                card_value(card).map(|card| ("TemplateCard", card)).into_iter().collect()
            }
        }
    }
}

fn news<'a>(articles: impl Iterator<Item = &'a Article>) -> Vec<(&'static str, Value)> {
    let items: Vec<_> = articles.map(|article| ("item".to_owned(), article.value())).collect();
    let count = i64::try_from(items.len()).unwrap_or_default();
    vec![("ArticleCount", count.into()), ("Articles", Value::Fields(items))]
}

impl Article {
    fn value(&self) -> Value {
        Value::from([
            ("Title", Value::Text(cut_bytes(&self.title, MAX_TITLE_BYTES))),
            ("Description", Value::Text(cut_bytes(&self.description, MAX_DESCRIPTION_BYTES))),
            ("PicUrl", self.picture_url.as_str().into()),
            ("Url", self.url.as_str().into()),
        ])
    }
}

/// A card's JSON as XML: names in CamelCase, a list as repeated elements.
fn card_value(json: &Json) -> Option<Value> {
    Some(match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => Value::Number(number.clone()),
        Json::Bool(flag) => Value::Flag(*flag),
        Json::Object(object) => {
            Value::Fields(object.iter().flat_map(|(key, json)| elements(key, json)).collect())
        }
        Json::Array(_) | Json::Null => return None,
    })
}

fn elements(key: &str, json: &Json) -> Vec<(String, Value)> {
    let items = json.as_array().map_or(slice::from_ref(json), Vec::as_slice);
    items.iter().filter_map(|item| Some((camel_case(key), card_value(item)?))).collect()
}

fn camel_case(key: &str) -> String {
    if let Some((_, name)) = UNEVEN.iter().find(|(uneven, _)| *uneven == key) {
        return (*name).to_owned();
    }
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    key.split('_').map(capital).collect()
}

/// What makes one sealed answer differ from the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The time of the answer.
    pub at: Timestamp,
    /// A bot must repeat the nonce of the callback's URL; an application may.
    pub nonce: String,
    /// Fresh for every answer.
    pub random: [u8; 16],
}

/// Encrypts and signs an answer, in the format in which the callback came.
pub fn seal(key: &CallbackKey, format: Format, plaintext: &str, stamp: &Stamp) -> String {
    let encrypt = key.encrypt(plaintext.as_bytes(), stamp.random);
    let timestamp = stamp.at.as_second();
    let signature = key.sign(&timestamp.to_string(), &stamp.nonce, &encrypt);
    match format {
        Format::Xml => xml::build(&[
            ("Encrypt", Value::Text(encrypt)),
            ("MsgSignature", Value::Text(signature)),
            ("TimeStamp", timestamp.into()),
            ("Nonce", stamp.nonce.as_str().into()),
        ]),
        Format::Json => serde_json::json!({
            "encrypt": encrypt, "msgsignature": signature, "timestamp": timestamp, "nonce": stamp.nonce,
        })
        .to_string(),
    }
}

/// At most `most` bytes of UTF-8, cut on a character border, with `…` at the end when cut.
pub(super) fn cut_bytes(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub('…'.len_utf8());
    let kept = text.get(..text.floor_char_boundary(room)).unwrap_or_default();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wecom::callback;
    use crate::wecom::xml::Element;
    use proptest::prelude::*;
    use serde_json::json;

    fn xml_of(reply: Reply) -> String {
        let at = Timestamp::from_second(1_790_000_006).unwrap();
        reply.xml(&"lisi".into(), &"ww0000000000000000".into(), at)
    }

    fn key() -> CallbackKey {
        CallbackKey::new("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "ww0000000000000000")
            .unwrap()
    }

    #[test]
    fn a_greyed_button_is_written_as_wecom_reads_it() {
        assert_eq!(
            xml_of(Reply::UpdateButton("已确认".into())),
            "<xml><ToUserName><![CDATA[lisi]]></ToUserName>\
             <FromUserName><![CDATA[ww0000000000000000]]></FromUserName><CreateTime>1790000006</CreateTime>\
             <MsgType><![CDATA[update_button]]></MsgType>\
             <Button><ReplaceName><![CDATA[已确认]]></ReplaceName></Button></xml>"
        );
    }

    #[test]
    fn a_long_text_is_cut_on_a_character_border_and_marked() {
        let root = Element::parse(&xml_of(Reply::Text("保底收益".repeat(200)))).unwrap();
        let text = root.child("Content").unwrap().text();
        assert_eq!((text.len(), text.chars().last()), (2_046, Some('…')));
        let whole = Element::parse(&xml_of(Reply::Text("保".repeat(682)))).unwrap();
        assert_eq!(whole.child("Content").unwrap().text(), "保".repeat(682));
    }

    #[test]
    fn a_reply_can_not_be_broken_out_of() {
        let evil = "]]></Content><MsgType>news</MsgType><Content><![CDATA[";
        let root = Element::parse(&xml_of(Reply::Text(evil.into()))).unwrap();
        assert_eq!(root.child("Content").unwrap().text(), evil);
        assert_eq!(root.word::<String>("MsgType").as_deref(), Some("text"));
    }

    #[test]
    fn news_carry_at_most_eight_articles_and_their_count() {
        let article = |n: usize| Article {
            title: format!("合规提示 {n}"),
            description: "2 处敏感词".into(),
            url: "https://guard.example.com/c".into(),
            picture_url: String::new(),
        };
        let root = Element::parse(&xml_of(Reply::News((0..9).map(article).collect()))).unwrap();
        assert_eq!(root.number::<usize>("ArticleCount"), Some(8));
        assert_eq!(root.child("Articles").unwrap().children("item").count(), 8);
        assert_eq!(root.at("Articles/item/Title").unwrap().text(), "合规提示 0");
    }

    #[test]
    fn a_card_is_written_in_camel_case_with_repeated_elements() {
        let card = json!({
            "card_type": "vote_interaction",
            "source": {"desc": "合规助手", "desc_color": 2},
            "main_title": {"title": "已确认", "desc": null},
            "horizontal_content_list": [{"keyname": "规则", "value": "FIN-003"}, {"keyname": "短号", "value": "4217"}],
            "checkbox": {"question_key": "q", "option_list": [{"id": "a", "text": "是", "is_checked": true}], "mode": 1},
            "card_action": {"type": 2, "appid": "wx1", "pagepath": "/p"},
            "card_image": {"aspect_ratio": 1.3},
        });
        let xml = xml_of(Reply::UpdateCard(card));
        let (_, card) = xml.split_once("<MsgType><![CDATA[update_template_card]]></MsgType>").unwrap();
        assert_eq!(
            card,
            "<TemplateCard><CardType><![CDATA[vote_interaction]]></CardType>\
             <Source><Desc><![CDATA[合规助手]]></Desc><DescColor>2</DescColor></Source>\
             <MainTitle><Title><![CDATA[已确认]]></Title></MainTitle>\
             <HorizontalContentList><KeyName><![CDATA[规则]]></KeyName><Value><![CDATA[FIN-003]]></Value></HorizontalContentList>\
             <HorizontalContentList><KeyName><![CDATA[短号]]></KeyName><Value><![CDATA[4217]]></Value></HorizontalContentList>\
             <CheckBox><QuestionKey><![CDATA[q]]></QuestionKey>\
             <OptionList><Id><![CDATA[a]]></Id><Text><![CDATA[是]]></Text><IsChecked>true</IsChecked></OptionList>\
             <Mode>1</Mode></CheckBox>\
             <CardAction><Type>2</Type><AppId><![CDATA[wx1]]></AppId><PagePath><![CDATA[/p]]></PagePath></CardAction>\
             <CardImage><AspectRatio>1.3</AspectRatio></CardImage></TemplateCard></xml>"
        );
    }

    #[test]
    fn a_sealed_answer_has_the_names_and_types_wecom_reads() {
        let stamp =
            Stamp { at: Timestamp::from_second(1_790_000_000).unwrap(), nonce: "n1".into(), random: [7; 16] };
        let encrypt = key().encrypt(b"<xml/>", [7; 16]);
        let signature = key().sign("1790000000", "n1", &encrypt);
        assert_eq!(
            seal(&key(), Format::Xml, "<xml/>", &stamp),
            format!(
                "<xml><Encrypt><![CDATA[{encrypt}]]></Encrypt><MsgSignature><![CDATA[{signature}]]></MsgSignature>\
                 <TimeStamp>1790000000</TimeStamp><Nonce><![CDATA[n1]]></Nonce></xml>"
            )
        );
        assert_eq!(
            seal(&key(), Format::Json, "<xml/>", &stamp),
            format!(
                r#"{{"encrypt":"{encrypt}","msgsignature":"{signature}","timestamp":1790000000,"nonce":"n1"}}"#
            )
        );
    }

    proptest! {
        #[test]
        fn a_sealed_answer_can_be_opened(plaintext in ".*", nonce in "[0-9]{1,12}", random: [u8; 16]) {
            let stamp = Stamp { at: Timestamp::from_second(1_790_000_000).unwrap(), nonce, random };
            for format in [Format::Xml, Format::Json] {
                let body = seal(&key(), format, &plaintext, &stamp);
                let signature = key().sign("1790000000", &stamp.nonce, &key().encrypt(plaintext.as_bytes(), random));
                let query = format!("msg_signature={signature}&timestamp=1790000000&nonce={}", stamp.nonce);
                let opened = callback::open(&key(), &query, body.as_bytes()).unwrap();
                prop_assert_eq!((&opened.plaintext, opened.format), (&plaintext, format));
            }
        }

        #[test]
        fn a_cut_text_never_exceeds_its_bytes(text in ".*", most in 3_usize..64) {
            prop_assert!(cut_bytes(&text, most).len() <= most);
        }
    }
}
