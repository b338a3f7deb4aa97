//! Files on a customer's page: taken in piece by piece, never shown by us, only handed out.

use super::edits::{answered, edit};
use super::{ContactQuery, reader, viewer};
use crate::followup::Viewer;
use crate::model::{ExternalUserId, FollowMove, StoredFile, TextHash, TimelineKind};
use crate::store::{Arriving, FileShelf, Happening, Shelved, fingerprint};
use crate::web::access::{Access, MayCheck};
use crate::web::api::query;
use crate::web::error::WebError;
use crate::web::site::Site;
use actix_multipart::{Field, Multipart};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::StreamExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::time::Duration;

/// The largest file, in bytes: what WeCom takes as a file (page 90253).
const MAX_FILE_BYTES: u64 = 20 << 20;
/// What a form adds around its file, in bytes.
const FORM_BYTES: u64 = 64 << 10;
/// The longest name, in characters.
const MAX_NAME_CHARS: usize = 100;
/// How long a file may take to arrive.
const PATIENCE: Duration = Duration::from_secs(120);
/// The most files of a customer that are looked through for one.
const MOST_FILES: usize = 1_000;

/// What a name may end with, the media type it stands for, and how such a file begins.
const KINDS: &[(&str, &str, &[u8])] = &[
    ("pdf", "application/pdf", b"%PDF"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", b"PK"),
    ("jpg", "image/jpeg", b"\xFF\xD8\xFF"),
    ("jpeg", "image/jpeg", b"\xFF\xD8\xFF"),
    ("png", "image/png", b"\x89PNG"),
    ("txt", "text/plain", b""),
    ("csv", "text/csv", b""),
    ("amr", "audio/amr", b"#!AMR"),
    ("mp3", "audio/mpeg", b""),
    ("mp4", "video/mp4", b""),
];

/// `POST /v1/contacts/{id}/files`
pub async fn upload(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    id: web::Path<String>,
    request: HttpRequest,
    form: Multipart,
) -> Result<HttpResponse, WebError> {
    let ContactQuery { user } = query(&request)?;
    let viewer = viewer(&access.caller, user)?;
    let id = ExternalUserId::new(id.into_inner());
    // Nobody sends a file to a page they can't change, and nothing too large is read at all.
    small_enough(&request)?;
    site.parts.followup.may_edit(&viewer, &id).await?;
    let taken = tokio::time::timeout(PATIENCE, take(&site.parts.files, form)).await;
    let file = taken.map_err(|_| too_slow())??;
    let print = fingerprint(&[&file.sha256.to_string(), &file.name]);
    let edit = edit(&access.caller, &request, &print, viewer, id.to_string(), None)?;
    Ok(answered(site.parts.followup.put_file(&edit, file).await?, None))
}

fn small_enough(request: &HttpRequest) -> Result<(), WebError> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    match length.and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > MAX_FILE_BYTES + FORM_BYTES => Err(too_large()),
        _ => Ok(()),
    }
}

/// The form's one file, on disk when this returns.
async fn take(shelf: &FileShelf, mut form: Multipart) -> Result<StoredFile, WebError> {
    while let Some(field) = form.next().await {
        let field = field.map_err(unread)?;
        if field.name() == Some("file") {
            return take_file(shelf, field).await;
        }
    }
    Err(WebError::invalid("file", "表单里没有文件", "the form has no file"))
}

async fn take_file(shelf: &FileShelf, mut field: Field) -> Result<StoredFile, WebError> {
    let given = field.content_disposition().and_then(|about| about.get_filename().map(str::to_owned));
    let name = plain_name(&given.unwrap_or_default())?;
    let (media_type, begins) = kind_of(&name)?;
    let own = shelf.clone();
    let mut arriving = blocking(move || own.begin()).await?;
    let mut start = Vec::new();
    while let Some(piece) = field.next().await {
        let piece = piece.map_err(unread)?;
        if arriving.size_bytes() + piece.len() as u64 > MAX_FILE_BYTES {
            return Err(too_large());
        }
        start.extend(piece.iter().take(begins.len().saturating_sub(start.len())));
        arriving = blocking(move || arriving.take(&piece).map(|()| arriving)).await?;
    }
    if !start.starts_with(begins) {
        return Err(refused_kind());
    }
    let Shelved { sha256, size_bytes } = finished(shelf.clone(), arriving).await?;
    Ok(StoredFile { sha256, name, size_bytes, media_type: media_type.to_owned() })
}

async fn finished(shelf: FileShelf, arriving: Arriving) -> Result<Shelved, WebError> {
    match arriving.size_bytes() {
        0 => Err(WebError::invalid("file", "文件是空的", "the file is empty")),
        _ => blocking(move || shelf.finish(arriving)).await,
    }
}

/// Work on the disk, beside the server's own threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, WebError> {
    let done = web::block(work).await.map_err(|error| WebError::fault().caused_by(error))?;
    done.map_err(|error| {
        WebError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not_recorded",
            "暂时不能保存文件,请稍后重试。",
            "The file can't be kept right now. Try again.",
        )
        .caused_by(error)
    })
}

/// The last part of a name, without what could mislead whoever reads it.
fn plain_name(given: &str) -> Result<String, WebError> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    // U+202E and its like turn the reading round: `fdp.exe` must not look like `exe.pdf`.
    let turns = |sign: char| matches!(sign, '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let name: String = last.chars().filter(|sign| !sign.is_control() && !turns(*sign)).collect();
    match name.trim().chars().count() {
        1..=MAX_NAME_CHARS => Ok(name.trim().to_owned()),
        0 => Err(WebError::invalid("file", "文件没有名字", "the file has no name")),
        _ => Err(WebError::invalid(
            "file",
            format!("文件名超过 {MAX_NAME_CHARS} 个字"),
            format!("the name has more than {MAX_NAME_CHARS} characters"),
        )),
    }
}

fn kind_of(name: &str) -> Result<(&'static str, &'static [u8]), WebError> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let found = KINDS.iter().find(|(known, _, _)| *known == ending);
    found.map(|(_, media_type, begins)| (*media_type, *begins)).ok_or_else(refused_kind)
}

fn refused_kind() -> WebError {
    let known = KINDS.iter().map(|(ending, _, _)| *ending).collect::<Vec<_>>().join("、");
    WebError::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "file_kind_refused",
        format!("只能上传这些文件,内容要和文件名一致:{known}。"),
        format!("Only these files are taken, and their content must be what the name says: {known}."),
    )
}

fn too_large() -> WebError {
    let most = MAX_FILE_BYTES >> 20;
    WebError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!("文件超过 {most} MB。"),
        format!("The file is larger than {most} MB."),
    )
}

fn too_slow() -> WebError {
    let seconds = PATIENCE.as_secs();
    WebError::new(
        StatusCode::REQUEST_TIMEOUT,
        "body_too_slow",
        format!("文件没有在 {seconds} 秒内到齐。"),
        format!("The file did not arrive within {seconds} seconds."),
    )
}

fn unread(error: actix_multipart::MultipartError) -> WebError {
    WebError::new(
        StatusCode::BAD_REQUEST,
        "body_unreadable",
        format!("读不到上传的表单:{error}"),
        format!("The form can't be read: {error}"),
    )
}

/// `GET /v1/contacts/{id}/files/{sha256}`: handed out, never shown. Only what stands on this page.
pub async fn download(
    access: Access<MayCheck>,
    site: web::Data<Site>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, WebError> {
    let ContactQuery { user } = query(&request)?;
    let viewer = reader(&site, &access.caller, user).await?;
    let (id, hash) = path.into_inner();
    let sha256 = TextHash::parse(&hash).ok_or_else(WebError::not_found)?;
    let file = on_page(&site, &viewer, &ExternalUserId::new(id), sha256).await?;
    let shelf = site.parts.files.clone();
    let content = blocking(move || shelf.read(sha256)).await?.ok_or_else(WebError::not_found)?;
    let name = utf8_percent_encode(&file.name, NON_ALPHANUMERIC);
    Ok(HttpResponse::Ok()
        .content_type("application/octet-stream")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")))
        .body(content))
}

async fn on_page(
    site: &Site,
    viewer: &Viewer,
    id: &ExternalUserId,
    sha256: TextHash,
) -> Result<StoredFile, WebError> {
    let files =
        site.parts.followup.timeline(viewer, id, &[TimelineKind::File], None, MOST_FILES).await?.items;
    let file = files.into_iter().find_map(|item| match item.what {
        Some(Happening::Step(step)) => match step.what {
            FollowMove::File(file) if file.sha256 == sha256 => Some(file),
            _ => None,
        },
        _ => None,
    });
    file.ok_or_else(WebError::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_neither_climbs_nor_turns_round() {
        let plain = |name: &str| plain_name(name).unwrap();
        assert_eq!(plain("../../etc/合同.pdf"), "合同.pdf");
        assert_eq!(plain("C:\\Users\\张善\\报价.xlsx"), "报价.xlsx");
        assert_eq!(plain("合\u{202E}fdp.同\r\n.pdf"), "合fdp.同.pdf");
        assert!(plain_name("a/").is_err() && plain_name(&"长".repeat(101)).is_err());
    }

    #[test]
    fn only_known_endings_are_taken() {
        assert!(kind_of("合同.PDF").is_ok());
        for name in ["page.html", "logo.svg", "setup.exe", "无名", "合同.pdf.js", ".pdf/"] {
            assert!(kind_of(name).is_err(), "{name}");
        }
    }
}
