//! What a member writes to the bot.

use super::text;
use serde_json::Value;

/// What a message says. Files lie behind their address for five minutes, encrypted with the
/// bot's own key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BotContent {
    /// Words, without the mention of the bot.
    Text(String),
    /// A picture, by its address.
    Image(String),
    /// Words and pictures in the order they were written.
    Mixed(Vec<BotContent>),
    /// Speech, already turned into words.
    Voice(String),
    /// A file, by its address.
    File(String),
    /// A video, by its address.
    Video(String),
}

impl BotContent {
    pub(super) fn read(message: &Value) -> Option<Self> {
        let inside = |path| text(message, path);
        Some(match message.get("msgtype")?.as_str()? {
            "text" => BotContent::Text(inside("/text/content")?),
            "image" => BotContent::Image(inside("/image/url")?),
            "voice" => BotContent::Voice(inside("/voice/content")?),
            "file" => BotContent::File(inside("/file/url")?),
            "video" => BotContent::Video(inside("/video/url")?),
            "mixed" => {
                let items = message.pointer("/mixed/msg_item")?.as_array()?;
                BotContent::Mixed(items.iter().filter_map(BotContent::read).collect())
            }
            _ => return None,
        })
    }

    /// In a group every message to the bot opens with its mention.
    pub(super) fn without_mention(self) -> Self {
        match self {
            BotContent::Text(words) => BotContent::Text(strip_mention(&words).to_owned()),
            BotContent::Mixed(mut parts) => {
                if let Some(BotContent::Text(words)) = parts.first_mut() {
                    *words = strip_mention(words).to_owned();
                }
                BotContent::Mixed(parts)
            }
            other => other,
        }
    }
}

/// Takes `@name` and the blanks behind it off the start. A mention without a blank behind it
/// can't be told from the words, so it stays.
pub(super) fn strip_mention(words: &str) -> &str {
    let mention = words.trim_start().strip_prefix('@').and_then(|rest| rest.split_once(char::is_whitespace));
    mention.map_or(words, |(_name, rest)| rest.trim_start())
}
