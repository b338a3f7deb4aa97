//! The sandbox's side of callbacks: which line they go out on, what is held back, and what the
//! first accepted answer does to the member's conversation.

use super::acts::ActError;
use super::delivery::{Attempt, Delivery, PassiveReply};
use super::forge::Tamper;
use super::handle::{Endpoint, Held, Sandbox, lock};
use super::post::{Envelope, Line, PostMode};
use super::reply::{self, About};
use crate::model::AgentId;

/// WeCom gives a callback up after so many tries.
const TRIES: usize = 3;

impl Endpoint {
    fn name(&self) -> String {
        match self {
            Endpoint::App(agent) => agent.to_string(),
            Endpoint::Bot(name) => name.clone(),
        }
    }
}

impl Sandbox {
    /// Any plaintext as a callback of the application: encrypted, signed, tried three times.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn post_callback(&self, app: AgentId, plaintext: &str) -> Result<Delivery, ActError> {
        let about = self.world(|world| About::in_xml(world, plaintext));
        self.post_to_app(app, about, plaintext.to_owned()).await
    }

    /// A forged callback of the application, sent once.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn forge(&self, app: AgentId, plaintext: &str, tamper: Tamper) -> Result<Attempt, ActError> {
        let line = self.line(&Endpoint::App(app))?;
        Ok(line.forge(plaintext, tamper, self.world(|world| world.now())).await)
    }

    /// The very bytes of an earlier try once more, as a recorder of traffic would send them.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn replay(&self, app: AgentId, attempt: &Attempt) -> Result<Attempt, ActError> {
        let line = self.line(&Endpoint::App(app))?;
        Ok(line.replay(attempt, self.world(|world| world.now())).await)
    }

    /// WeCom's check of the address when an admin saves it. Good when the reply is
    /// [`PassiveReply::Plain`].
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn verify_url(&self, app: AgentId) -> Result<Attempt, ActError> {
        let line = self.line(&Endpoint::App(app))?;
        Ok(line.verify(self.world(|world| world.now())).await)
    }

    /// How the network treats callbacks from now on.
    pub fn set_post_mode(&self, mode: PostMode) {
        *lock(&self.mode) = mode;
    }

    /// Posts what was held back, the youngest first.
    ///
    /// # Errors
    /// [`ActError::NoCallback`].
    pub async fn release_held(&self) -> Result<Vec<Delivery>, ActError> {
        let held = std::mem::take(&mut *lock(&self.held));
        let mut deliveries = Vec::with_capacity(held.len());
        for one in held.into_iter().rev() {
            deliveries.push(self.post_now(one).await?);
        }
        Ok(deliveries)
    }

    /// Posts a callback of the application about a member.
    pub(crate) async fn post_to_app(
        &self,
        app: AgentId,
        about: About,
        plain: String,
    ) -> Result<Delivery, ActError> {
        self.post(Held { endpoint: Endpoint::App(app), about, plaintext: plain, tries: TRIES }).await
    }

    /// Posts a callback, or keeps it back while told so.
    pub(crate) async fn post(&self, callback: Held) -> Result<Delivery, ActError> {
        if !lock(&self.mode).hold {
            return self.post_now(callback).await;
        }
        let plaintext = callback.plaintext.clone();
        lock(&self.held).push(callback);
        Ok(Delivery { plaintext, attempts: Vec::new() })
    }

    async fn post_now(&self, callback: Held) -> Result<Delivery, ActError> {
        let (line, mode) = (self.line(&callback.endpoint)?, *lock(&self.mode));
        let now = || self.world(|world| world.now());
        let mut delivery = line.deliver(&callback.plaintext, callback.tries, mode, now).await;
        self.show_reply(&callback, &mut delivery);
        Ok(delivery)
    }

    /// Only the first answer counts; the client shows nothing of the answers to repetitions.
    fn show_reply(&self, callback: &Held, delivery: &mut Delivery) {
        let Some(first) = delivery.attempts.iter_mut().find(|attempt| attempt.is_accepted()) else { return };
        let PassiveReply::Plain(plain) = &first.reply else { return };
        let shown = self.world(|world| match &callback.endpoint {
            Endpoint::App(agent) => reply::from_app(world, *agent, &callback.about, plain),
            Endpoint::Bot(name) => reply::from_bot(world, name, &callback.about, plain),
        });
        if let Err(reason) = shown {
            first.reply = PassiveReply::Dropped(reason);
        }
    }

    pub(crate) fn line(&self, endpoint: &Endpoint) -> Result<Line, ActError> {
        let found = self.world(|world| match endpoint {
            Endpoint::App(agent) => world.app(*agent).and_then(|app| {
                let envelope = Envelope::App { corp: app.corp.to_string(), agent: agent.0 };
                Some((app.callback.clone()?, envelope))
            }),
            Endpoint::Bot(name) => {
                world.bot(name).and_then(|bot| Some((bot.callback.clone()?, Envelope::Bot)))
            }
        });
        let (target, envelope) = found.ok_or_else(|| ActError::NoCallback(endpoint.name()))?;
        Ok(Line { target, envelope, http: self.http.clone(), timeout: self.callback_timeout })
    }
}
