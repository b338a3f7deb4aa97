//! People, what they may do, and who did a thing.

use super::{CorpId, UserId};
use serde::{Deserialize, Serialize};

/// What a person is in the company's compliance work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes to customers (销售). Anyone in the application's visible range.
    Rep,
    /// Leads reps: approves, sees the department (主管).
    Supervisor,
    /// Reads, decides and approves rules (合规专员).
    Officer,
    /// Edits rules and settings, does not read messages (管理员).
    Admin,
    /// Reads all, changes nothing (审计).
    Auditor,
}

impl Role {
    /// Every role, in the order above.
    pub const ALL: [Role; 5] = [Role::Rep, Role::Supervisor, Role::Officer, Role::Admin, Role::Auditor];

    /// The name used in settings, links and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Rep => "rep",
            Role::Supervisor => "supervisor",
            Role::Officer => "officer",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
        }
    }

    /// The reverse of [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// What a program may do with its API token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Judge, confirm, report.
    Check,
    /// Read the log.
    Read,
    /// Try and reload rules.
    Rules,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 3] = [Scope::Check, Scope::Read, Scope::Rules];

    /// The name used in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Check => "check",
            Scope::Read => "read",
            Scope::Rules => "rules",
        }
    }
}

/// Who did a thing, as the ledger names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A member of the company.
    User {
        /// Their company.
        corp: CorpId,
        /// Their id in it.
        user: UserId,
    },
    /// A program, by the name of its API token.
    Token {
        /// The name in the settings.
        name: String,
    },
    /// WeCom itself, through a callback.
    Wecom,
    /// The server: a clock, a start, a worker.
    System,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::User { corp, user } => write!(f, "user:{corp}/{user}"),
            Actor::Token { name } => write!(f, "token:{name}"),
            Actor::Wecom => f.write_str("wecom"),
            Actor::System => f.write_str("system"),
        }
    }
}
