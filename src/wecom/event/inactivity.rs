//! An application that nobody uses is switched off by WeCom: then a team is unguarded.

use super::{Element, time};
use jiff::Timestamp;

/// The steps by which an unused application is switched off (page 90240 of 2025/11/26).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inactivity {
    /// It will be switched off for not being used.
    InactiveAlert {
        /// From when on.
        effective_at: Option<Timestamp>,
    },
    /// It will be limited for being used little.
    LowActiveAlert {
        /// From when on.
        effective_at: Option<Timestamp>,
    },
    /// It is switched off.
    Closed,
    /// It is on again.
    Reopened,
    /// It is limited.
    LowActive,
    /// It is unlimited again.
    ActiveRestored,
}

impl Inactivity {
    pub(super) fn read(event: &str, doc: &Element) -> Option<Self> {
        let effective_at = time(doc, "EffectTime");
        Some(match event {
            "inactive_alert" => Inactivity::InactiveAlert { effective_at },
            "low_active_alert" => Inactivity::LowActiveAlert { effective_at },
            "close_inactive_agent" => Inactivity::Closed,
            "reopen_inactive_agent" => Inactivity::Reopened,
            "low_active" => Inactivity::LowActive,
            "active_restored" => Inactivity::ActiveRestored,
            _ => return None,
        })
    }
}
