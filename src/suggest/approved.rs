//! Whether a text is an approved script, word for word but for its variables.

use super::rank::may_be_offered;
use super::script;
use crate::rules::LiveRules;
use crate::scan::Context;

/// It is one of the scripts that may be offered here and today, with its variables filled.
pub fn is_approved(live: &LiveRules, text: &str, context: &Context<'_>) -> bool {
    let offered = live.replies.iter().filter(|reply| may_be_offered(reply, context));
    offered.flat_map(|reply| &reply.scripts).any(|script| script::is_filled(&script.value, text.trim()))
}
