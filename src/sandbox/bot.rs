//! What members do in a chat with an AI bot (pages 100719, 101027).

use super::acts::ActError;
use super::delivery::{Attempt, Delivery};
use super::forge::Tamper;
use super::handle::{Endpoint, Held, Sandbox};
use super::inbox::Author;
use super::reply::{About, Takes};
use serde_json::{Map, Value, json};

/// A message is tried again, a click is not.
const MESSAGE_TRIES: usize = 3;
const CLICK_TRIES: usize = 1;

impl Sandbox {
    /// The member writes to the bot in their single chat.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or bot.
    pub async fn bot_says(&self, userid: &str, bot: &str, said: &str) -> Result<Delivery, ActError> {
        let own = json!({"msgtype": "text", "text": {"content": said}});
        let plaintext = self.bot_plaintext(bot, userid, own)?;
        self.show_own(userid, Author::Bot(bot.to_owned()), said);
        self.post_to_bot(bot, About::of(userid), plaintext, MESSAGE_TRIES).await
    }

    /// The member opens the chat for the first time that day.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or bot.
    pub async fn bot_entered(&self, userid: &str, bot: &str) -> Result<Delivery, ActError> {
        let own = self.bot_event(json!({"eventtype": "enter_chat", "enter_chat": {}}));
        let plaintext = self.bot_plaintext(bot, userid, own)?;
        let about = About { takes: Takes::Greeting, ..About::of(userid) };
        self.post_to_bot(bot, about, plaintext, CLICK_TRIES).await
    }

    /// WeCom asks for the next state of a stream that is not finished.
    ///
    /// # Errors
    /// [`ActError`] when there is no such member or bot.
    pub async fn bot_refreshes(&self, userid: &str, bot: &str, stream: &str) -> Result<Delivery, ActError> {
        let own = json!({"msgtype": "stream", "stream": {"id": stream}});
        let plaintext = self.bot_plaintext(bot, userid, own)?;
        self.post_to_bot(bot, About::of(userid), plaintext, MESSAGE_TRIES).await
    }

    /// The member presses a button of a bot's card: of the message `msgid`, or of the last one.
    /// WeCom posts it **once**, whatever comes back.
    ///
    /// # Errors
    /// [`ActError`], for example when an update has greyed the card.
    pub async fn bot_clicks_card(
        &self,
        userid: &str,
        bot: &str,
        msgid: Option<&str>,
        key: &str,
    ) -> Result<Delivery, ActError> {
        let from = Author::Bot(bot.to_owned());
        let press = self.press(userid, msgid, key, |author| *author == from)?;
        let item = |(question, option): &(String, String)| json!({"question_key": question, "option_ids": {"option_id": [option]}});
        let items: Vec<Value> = press.choices.iter().map(item).collect();
        let own = self.bot_event(json!({
            "eventtype": "template_card_event",
            "template_card_event": {
                "card_type": press.card_type,
                "event_key": key,
                "task_id": press.task_id,
                "selected_items": {"selected_item": items},
            },
        }));
        let plaintext = self.bot_plaintext(bot, userid, own)?;
        let about = About { takes: Takes::Update, ..press.about(userid) };
        self.post_to_bot(bot, about, plaintext, CLICK_TRIES).await
    }

    /// Any plaintext as a callback of the bot.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn post_bot_callback(&self, bot: &str, plaintext: &str) -> Result<Delivery, ActError> {
        let about = About::in_json(plaintext);
        self.post_to_bot(bot, about, plaintext.to_owned(), MESSAGE_TRIES).await
    }

    /// A forged callback of the bot, sent once.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn forge_bot(&self, bot: &str, plaintext: &str, tamper: Tamper) -> Result<Attempt, ActError> {
        let line = self.line(&Endpoint::Bot(bot.to_owned()))?;
        Ok(line.forge(plaintext, tamper, self.world(|world| world.now())).await)
    }

    /// WeCom's check of the bot's address.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn verify_bot_url(&self, bot: &str) -> Result<Attempt, ActError> {
        let line = self.line(&Endpoint::Bot(bot.to_owned()))?;
        Ok(line.verify(self.world(|world| world.now())).await)
    }

    /// Events alone carry their time.
    fn bot_event(&self, event: Value) -> Value {
        let now = self.world(|world| world.now());
        json!({"msgtype": "event", "create_time": now.as_second(), "event": event})
    }

    async fn post_to_bot(
        &self,
        bot: &str,
        about: About,
        plaintext: String,
        tries: usize,
    ) -> Result<Delivery, ActError> {
        self.post(Held { endpoint: Endpoint::Bot(bot.to_owned()), about, plaintext, tries }).await
    }

    /// The common fields around the given ones; each callback has a response_url of its own.
    fn bot_plaintext(&self, bot: &str, userid: &str, own: Value) -> Result<String, ActError> {
        self.member(userid)?;
        let base = self.base_url();
        let common = self.world(|world| {
            let id = world.bot(bot)?.id.clone();
            let (msgid, code) = (world.fresh("BOTMSG-"), world.bot_code(bot, userid));
            Some(json!({
                "msgid": msgid,
                "aibotid": id,
                "chattype": "single",
                "from": {"userid": userid},
                "response_url": format!("{base}/cgi-bin/aibot/response?response_code={code}"),
            }))
        });
        let common = common.ok_or_else(|| ActError::NoCallback(bot.to_owned()))?;
        Ok(Value::Object(joined(common, own)).to_string())
    }
}

fn joined(first: Value, second: Value) -> Map<String, Value> {
    let fields = |value: Value| if let Value::Object(fields) = value { fields } else { Map::new() };
    fields(first).into_iter().chain(fields(second)).collect()
}
