//! What a passive reply does to the member's conversation (pages 90241, 101031).
//!
//! WeCom drops a reply that does not fit without a word; we say why.

use super::call::text;
use super::card;
use super::inbox::{Author, Card, Shown};
use super::world::World;
use crate::model::AgentId;
use crate::wecom::xml::Element;
use serde_json::{Map, Value};

/// Longest text of a stream.
const STREAM_BYTES: usize = 20_480;

/// Why WeCom would drop a reply.
pub(crate) type Dropped = String;

/// Which replies a callback takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Any that is no greeting; an application's also those.
    Message,
    /// A text or a card: a member opened the chat with a bot.
    Greeting,
    /// Only an update of the card that was pressed.
    Update,
}

/// What a callback was about, as far as its reply depends on it.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The member; `sys` events have none.
    pub(crate) user: String,
    /// The card whose button was pressed.
    pub(crate) clicked: Option<String>,
    /// What else is taken than an update of that card.
    pub(crate) takes: Takes,
}

impl About {
    /// A message or event of a member that takes any passive reply.
    pub(crate) fn of(user: &str) -> Self {
        Self { user: user.to_owned(), clicked: None, takes: Takes::Message }
    }

    /// An event that takes none.
    pub(crate) fn system() -> Self {
        Self { user: String::new(), clicked: None, takes: Takes::Update }
    }

    /// As far as a plaintext written by hand tells: a card's event is about the member's card of
    /// that task.
    pub(crate) fn in_xml(world: &World, plaintext: &str) -> Self {
        let Ok(root) = Element::parse(plaintext) else { return Self::system() };
        let word = |name| root.word::<String>(name).unwrap_or_default();
        let (user, task, event) = (word("FromUserName"), word("TaskId"), word("Event"));
        let of_task =
            |shown: &&Shown| shown.card.as_ref().is_some_and(|card| text(&card.body, "task_id") == task);
        let clicked = world.shown_to(&user).iter().rev().find(of_task).map(|shown| shown.msgid.clone());
        let clicked = clicked.filter(|_| event.starts_with("template_card"));
        let takes = if event == "template_card_event" { Takes::Update } else { Takes::Message };
        Self { user, clicked, takes }
    }

    /// The same for a bot's.
    pub(crate) fn in_json(plaintext: &str) -> Self {
        let root: Value = serde_json::from_str(plaintext).unwrap_or_default();
        let takes = match root.get("event").map(|event| text(event, "eventtype")) {
            None => Takes::Message,
            Some("enter_chat") => Takes::Greeting,
            Some(_) => Takes::Update,
        };
        let user = root.get("from").map(|from| text(from, "userid")).unwrap_or_default();
        Self { takes, ..Self::of(user) }
    }
}

/// Shows what an application replied.
pub(crate) fn from_app(world: &mut World, agent: AgentId, about: &About, plain: &str) -> Result<(), Dropped> {
    let root = Element::parse(plain).map_err(|error| format!("not XML: {error}"))?;
    let word = |name| root.word::<String>(name).unwrap_or_default();
    let corp = world.app(agent).map(|app| app.corp.to_string()).unwrap_or_default();
    if !word("ToUserName").eq_ignore_ascii_case(&about.user) || word("FromUserName") != corp {
        return Err("ToUserName must be the member and FromUserName the corp".to_owned());
    }
    match word("MsgType").as_str() {
        "update_button" => {
            let name = root.at("Button/ReplaceName").map(Element::text).unwrap_or_default();
            clicked_card(world, about)?.grey(name);
            Ok(())
        }
        "update_template_card" => {
            let body = root.child("TemplateCard").map(card_of).ok_or("no TemplateCard")?;
            replace(clicked_card(world, about)?, body)
        }
        _ if about.takes == Takes::Update => Err("this event takes only an update of its card".to_owned()),
        kind @ ("text" | "image" | "voice" | "video" | "news") => {
            let content = readable(&root, kind);
            let shown = fresh(world, Author::App(agent), kind, content);
            world.show(&about.user, shown);
            Ok(())
        }
        other => Err(format!("MsgType `{other}` is no passive reply")),
    }
}

/// Shows what a bot replied.
pub(crate) fn from_bot(world: &mut World, bot: &str, about: &About, plain: &str) -> Result<(), Dropped> {
    let reply: Value = serde_json::from_str(plain).map_err(|error| format!("not JSON: {error}"))?;
    if text(&reply, "response_type") == "update_template_card" {
        let body = reply.get("template_card").cloned().unwrap_or_default();
        let card = clicked_card(world, about)?;
        if text(&body, "task_id") != text(&card.body, "task_id") {
            return Err("the card's task_id is not that of the event".to_owned());
        }
        return replace(card, body);
    }
    let kind = text(&reply, "msgtype");
    fits(kind, about.takes)?;
    let card = match reply.get("template_card").filter(|_| kind.ends_with("template_card")) {
        Some(body) => Some(checked(body)?),
        None => None,
    };
    if kind.starts_with("stream") {
        return show_stream(world, bot, about, &reply, card);
    }
    let content = match kind {
        "text" => reply.get("text").map(|body| text(body, "content").to_owned()).unwrap_or_default(),
        _ => String::new(),
    };
    let shown = fresh(world, Author::Bot(bot.to_owned()), kind, content);
    world.show(&about.user, Shown { card, ..shown });
    Ok(())
}

/// A greeting is no stream, and an answer to a message no plain text.
fn fits(kind: &str, takes: Takes) -> Result<(), Dropped> {
    match (takes, kind) {
        (Takes::Update, _) => Err("this event takes only an update of its card".to_owned()),
        (Takes::Message, "stream" | "template_card" | "stream_with_template_card")
        | (Takes::Greeting, "text" | "template_card") => Ok(()),
        (_, other) => Err(format!("msgtype `{other}` is not taken here")),
    }
}

/// A stream's content is its whole text so far: a later state takes the place of the earlier.
fn show_stream(
    world: &mut World,
    bot: &str,
    about: &About,
    reply: &Value,
    card: Option<Card>,
) -> Result<(), Dropped> {
    let stream = reply.get("stream").ok_or("no stream")?;
    let (id, content) = (text(stream, "id"), text(stream, "content"));
    if content.len() > STREAM_BYTES {
        return Err(format!("stream.content has {} bytes, more than {STREAM_BYTES}", content.len()));
    }
    match world.shown_mut(&about.user, id).filter(|_| !id.is_empty()) {
        Some(shown) => content.clone_into(&mut shown.text),
        None => {
            let shown = fresh(world, Author::Bot(bot.to_owned()), "stream", content.to_owned());
            world.show(&about.user, Shown { msgid: id.to_owned(), ..shown });
        }
    }
    if card.is_some() {
        let shown = fresh(world, Author::Bot(bot.to_owned()), "template_card", String::new());
        world.show(&about.user, Shown { card, ..shown });
    }
    Ok(())
}

fn checked(body: &Value) -> Result<Card, Dropped> {
    card::check(body).map_err(|refusal| format!("the card is refused with {}", refusal.0))?;
    Ok(Card::new(body.clone()))
}

fn replace(card: &mut Card, body: Value) -> Result<(), Dropped> {
    card::check_update(&body).map_err(|refusal| format!("the card is refused with {}", refusal.0))?;
    card.replace(body);
    Ok(())
}

fn clicked_card<'a>(world: &'a mut World, about: &About) -> Result<&'a mut Card, Dropped> {
    let msgid = about.clicked.as_deref().ok_or("no card was pressed")?;
    let shown = world.shown_mut(&about.user, msgid).and_then(|shown| shown.card.as_mut());
    shown.ok_or_else(|| "the card is gone".to_owned())
}

/// A message that arrives now.
fn fresh(world: &mut World, author: Author, kind: &str, text: String) -> Shown {
    let (msgid, at, kind) = (world.fresh("MSG-"), world.now(), kind.to_owned());
    Shown { msgid, with: author.clone(), author, at, kind, text, card: None, recalled: false }
}

fn readable(root: &Element, kind: &str) -> String {
    let content = root.child("Content").map(Element::text).unwrap_or_default();
    let titles = root.at("Articles").into_iter().flat_map(|articles| articles.children("item"));
    match kind {
        "news" => titles.filter_map(|item| item.word::<String>("Title")).collect::<Vec<_>>().join("\n"),
        _ => content.get(..content.floor_char_boundary(2048)).unwrap_or_default().to_owned(),
    }
}

/// Elements that are lists even when there is one of them.
const LISTS: &[&str] = &[
    "ActionList",
    "ButtonList",
    "HorizontalContentList",
    "JumpList",
    "OptionList",
    "SelectList",
    "VerticalContentList",
];
/// Elements whose words are not parted in JSON.
const UNEVEN: &[&str] = &["AppId", "CheckBox", "KeyName", "PagePath", "UserId"];
/// Elements that are numbers in JSON.
const NUMBERS: &[&str] = &["DescColor", "Mode", "Style", "Type"];
/// Elements that are true or false in JSON.
const FLAGS: &[&str] = &["Disable", "IsChecked"];

/// The JSON of a card from its XML: CamelCase becomes snake_case, repeated elements a list.
fn card_of(element: &Element) -> Value {
    let mut fields = Map::new();
    for child in element.elements() {
        let (name, value) = (snake_case(child.name()), value_of(child));
        match fields.get_mut(&name) {
            Some(Value::Array(list)) => list.push(value),
            _ if LISTS.contains(&child.name()) => drop(fields.insert(name, Value::Array(vec![value]))),
            _ => drop(fields.insert(name, value)),
        }
    }
    Value::Object(fields)
}

fn value_of(element: &Element) -> Value {
    let text = element.text();
    match element.name() {
        _ if !element.elements().is_empty() => card_of(element),
        name if NUMBERS.contains(&name) => text.trim().parse::<i64>().map(Value::from).unwrap_or_default(),
        name if FLAGS.contains(&name) => Value::Bool(matches!(text.trim(), "true" | "1")),
        _ => Value::String(text.to_owned()),
    }
}

fn snake_case(name: &str) -> String {
    if UNEVEN.contains(&name) {
        return name.to_ascii_lowercase();
    }
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_card_in_xml_becomes_the_card_in_json() {
        let xml = "<TemplateCard><CardType>button_interaction</CardType>\
                   <MainTitle><Title>已确认</Title></MainTitle>\
                   <ButtonList><Text>已确认</Text><Style>1</Style><Key>ok</Key></ButtonList>\
                   <ReplaceText>已确认</ReplaceText></TemplateCard>";
        let expected = json!({
            "card_type": "button_interaction",
            "main_title": {"title": "已确认"},
            "button_list": [{"text": "已确认", "style": 1, "key": "ok"}],
            "replace_text": "已确认",
        });
        assert_eq!(card_of(&Element::parse(xml).unwrap()), expected);
    }
}
