//! Temporary files (pages 90253, 90254).

use crate::sandbox::call::{Answer, Call, Reply};
use crate::sandbox::errcode::*;
use crate::sandbox::world::World;
use serde_json::json;

const MIB: usize = 1024 * 1024;

pub(super) fn upload(world: &mut World, call: &Call) -> Answer {
    let kind = call.query("type").unwrap_or_default();
    let most = match kind {
        "image" | "voice" => 2 * MIB,
        "video" => 10 * MIB,
        "file" => 20 * MIB,
        _ => return Err(INVALID_MEDIA_TYPE),
    };
    let (name, at) = media_part(&call.content_type, &call.raw).ok_or(EMPTY_FILE)?;
    if at.len() <= 5 {
        return Err(EMPTY_FILE);
    }
    if at.len() > most {
        return Err(FILE_TOO_LARGE);
    }
    let media_id = world.keep_upload(kind, name, call.raw.slice(at));
    let created_at = world.now().as_second().to_string();
    Ok(Reply::Json(json!({"type": kind, "media_id": media_id, "created_at": created_at})))
}

pub(super) fn get(world: &mut World, call: &Call) -> Answer {
    let media_id = call.query("media_id").ok_or(MEDIA_ID_MISSING)?;
    let upload = world.upload(media_id).ok_or(INVALID_MEDIA_ID)?;
    Ok(Reply::File { name: upload.name.clone(), bytes: upload.bytes.clone() })
}

/// File name and place of the bytes of the multipart part called `media`.
fn media_part(content_type: &str, body: &[u8]) -> Option<(String, std::ops::Range<usize>)> {
    let boundary = content_type.split_once("boundary=")?.1.trim_matches('"');
    let start = find(body, b"name=\"media\"")?;
    let head = start + find(body.get(start..)?, b"\r\n\r\n")?;
    let bytes = head + 4;
    let end = bytes + find(body.get(bytes..)?, format!("\r\n--{boundary}").as_bytes())?;
    let line = String::from_utf8_lossy(body.get(start..head)?).into_owned();
    let name = line.split_once("filename=\"").and_then(|(_, rest)| rest.split_once('"'));
    Some((name.map(|(name, _)| name.to_owned()).unwrap_or_default(), bytes..end))
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|window| window == needle)
}
