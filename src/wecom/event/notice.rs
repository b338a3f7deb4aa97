//! Bells: they say that something waits to be fetched, or what became of a suite's right to.

use super::{Element, secret};
use crate::model::{OpenKfId, Secret};

/// 微信客服 (pages 94670, 97713).
#[derive(Debug, Clone, PartialEq)]
pub enum KfEvent {
    /// Messages or events wait for `kf/sync_msg`.
    MessageWaiting {
        /// What `sync_msg` takes within ten minutes.
        token: Secret,
        /// The account.
        account: OpenKfId,
    },
    /// The accounts we may see changed.
    AccountsChanged {
        /// New ones.
        added: Vec<OpenKfId>,
        /// Lost ones.
        removed: Vec<OpenKfId>,
    },
}

/// The message archive (page 95039) and the file archive (pages 101691, 101701).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveEvent {
    /// `msgaudit_notify`: messages wait for `GetChatData`. At most one in 15 seconds.
    MessagesWaiting,
    /// Another right to the file archive.
    FileRightsChanged,
    /// Other members in the file archive.
    FileMembersChanged,
    /// A document changed; at most once a day.
    DocumentChanged {
        /// The document.
        id: String,
        /// Its name.
        name: Option<String>,
    },
}

/// What concerns a third-party suite (pages 97172, 97086, 99682, 97244).
#[derive(Debug, Clone, PartialEq)]
pub enum SuiteNotice {
    /// Every ten minutes: what a suite token is fetched with.
    Ticket {
        /// The suite.
        suite: String,
        /// The ticket.
        ticket: Secret,
    },
    /// A company installed the suite: answer within one second.
    Authorized {
        /// The suite.
        suite: String,
        /// Good for one permanent code.
        auth_code: Secret,
        /// The state of the installation link.
        state: Option<String>,
    },
    /// A company changed what the suite may see.
    AuthorizationChanged {
        /// The suite.
        suite: String,
    },
    /// A company removed the suite.
    AuthorizationCancelled {
        /// The suite.
        suite: String,
    },
    /// Archived messages wait.
    ConversationWaiting {
        /// The suite.
        suite: String,
        /// What they are fetched with within ten minutes.
        token: Secret,
    },
    /// A keyword stood in a message that has been delivered.
    KeywordHit {
        /// The suite.
        suite: String,
        /// What the hits are fetched with within ten minutes.
        token: Secret,
    },
}

impl KfEvent {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        let accounts = |name| doc.children(name).map(|node| OpenKfId::new(node.text().trim())).collect();
        Some(match event {
            "kf_msg_or_event" => {
                KfEvent::MessageWaiting { token: secret(doc, "Token")?, account: doc.word("OpenKfId")? }
            }
            "kf_account_auth_change" => KfEvent::AccountsChanged {
                added: accounts("AuthAddOpenKfId"),
                removed: accounts("AuthDelOpenKfId"),
            },
            _ => return None,
        })
    }
}

impl ArchiveEvent {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        Some(match event {
            "msgaudit_notify" => ArchiveEvent::MessagesWaiting,
            "file_content_archive_auth_change" => ArchiveEvent::FileRightsChanged,
            "file_content_archive_user_list_change" => ArchiveEvent::FileMembersChanged,
            "document_archive_change" => {
                ArchiveEvent::DocumentChanged { id: doc.word("DocId")?, name: doc.word("DocName") }
            }
            _ => return None,
        })
    }
}

impl SuiteNotice {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        let suite = doc.word("SuiteId")?;
        Some(match event {
            "suite_ticket" => SuiteNotice::Ticket { suite, ticket: secret(doc, "SuiteTicket")? },
            "create_auth" => SuiteNotice::Authorized {
                suite,
                auth_code: secret(doc, "AuthCode")?,
                state: doc.word("State"),
            },
            "change_auth" => SuiteNotice::AuthorizationChanged { suite },
            "cancel_auth" => SuiteNotice::AuthorizationCancelled { suite },
            "conversation_new_message" => {
                SuiteNotice::ConversationWaiting { suite, token: secret(doc, "Token")? }
            }
            "hit_keyword" => SuiteNotice::KeywordHit { suite, token: secret(doc, "Token")? },
            _ => return None,
        })
    }
}
