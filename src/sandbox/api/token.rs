//! `gettoken` (page 91039).

use crate::model::CorpId;
use crate::sandbox::call::{Answer, Call, Reply};
use crate::sandbox::errcode::*;
use crate::sandbox::world::{TOKEN_LIFE, World};
use serde_json::json;

/// The same token inside its validity, whoever asks; `expires_in` always says 7200, so an asker
/// who comes late meets an early expiry.
pub(crate) fn gettoken(world: &mut World, call: &Call) -> Answer {
    let corp = CorpId::from(call.query("corpid").ok_or(CORPID_MISSING)?);
    let secret = call.query("corpsecret").ok_or(SECRET_MISSING)?;
    if !world.apps.iter().any(|app| app.corp == corp) {
        return Err(INVALID_CORPID);
    }
    let owner = world.apps.iter().find(|app| app.secret == secret).ok_or(INVALID_SECRET)?;
    if owner.corp != corp {
        return Err(SECRET_OF_ANOTHER_CORP);
    }
    let agent = owner.agent;
    let token = world.token_for(&corp, agent);
    Ok(Reply::Json(json!({"access_token": token, "expires_in": TOKEN_LIFE.as_secs()})))
}
