//! What a page needs to call WeCom's client: tickets, fetched once however many wait, and the
//! signature made with them.
//!
//! Facts: page 96909. A ticket lives 7200 s; a company may fetch 400 an hour, an application 100.

use super::call::Call;
use super::client::{AppAuth, Client};
use super::fault::WecomError;
use super::token::{Fetched, SharedSlot, Slots};
use crate::model::{CorpId, Endpoint, Secret};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

const CORP_TICKET: &str = "get_jsapi_ticket";
const AGENT_TICKET: &str = "ticket/get";

/// As whom a page calls WeCom's client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// As a page of the company (`config`).
    Corp,
    /// As a page of the application (`agentConfig`): who the customer is, and sending, ask for it.
    Agent,
}

/// The tickets of all applications.
pub(super) type Tickets = Slots<(CorpId, Endpoint, Identity)>;

#[derive(Deserialize)]
struct Answer {
    ticket: String,
    expires_in: u64,
}

/// Signs a page's address, without its fragment, exactly as the browser names it.
///
/// ```
/// use wecom_guard::wecom::jssdk::sign;
/// let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
/// let signature = sign(ticket, "Wm3WZYTPz0wzccnW", 1414587457, "http://mp.weixin.qq.com?params=value");
/// assert_eq!(signature, "0f9de62fce790f9a083d5c99e95740ceb90c27ed");
/// ```
pub fn sign(ticket: &str, nonce: &str, timestamp: i64, url: &str) -> String {
    let said = format!("jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}");
    hex::encode(Sha1::digest(said.as_bytes()))
}

impl Client {
    /// The ticket to sign with now, fetched if there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ticket(&self, app: &AppAuth, identity: Identity) -> Result<Secret, WecomError> {
        let slot: SharedSlot = self.tickets.slot((app.corp.clone(), app.name.clone(), identity));
        let mut slot = slot.lock().await;
        slot.get(self.clock(), || self.fetch_ticket(app, identity)).await
    }

    async fn fetch_ticket(&self, app: &AppAuth, identity: Identity) -> Result<Fetched, WecomError> {
        let call = match identity {
            Identity::Corp => Call::read(CORP_TICKET, &[]),
            Identity::Agent => Call::read(AGENT_TICKET, &[("type", "agent_config")]),
        };
        let Answer { ticket, expires_in } = self.call(app, &call).await?;
        Ok(Fetched { secret: Secret::new(ticket), expires_in })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_signed_as_the_browser_writes_it() {
        let url = "https://guard.example.com/sidebar?x=1&y=%E5%AE%A2";
        let signature = sign("HoagFKDcsGMVCIY2vOjf9oExample01", "guardNonce7", 1_790_000_000, url);
        assert_eq!(signature, "1b5b454c9ac03cace994882fa1206d7358187ae3");
    }
}
