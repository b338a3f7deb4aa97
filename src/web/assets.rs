//! The files our pages load: compiled in, compressed once, and named by their content, so that a
//! browser keeps them for good and never shows an old one.

use super::error::WebError;
use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::sync::LazyLock;

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, media type and content of every file.
const FILES: &[(&str, &str, &[u8])] = &[
    ("guard.css", CSS, include_bytes!("assets/guard.css")),
    ("guard.js", SCRIPT, include_bytes!("assets/guard.js")),
    ("contact.js", SCRIPT, include_bytes!("assets/contact.js")),
    ("landing.js", SCRIPT, include_bytes!("assets/landing.js")),
    ("sidebar.js", SCRIPT, include_bytes!("assets/sidebar.js")),
    ("wecom.js", SCRIPT, include_bytes!("assets/vendor/wecom.global.prod.js")),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| FILES.iter().map(Asset::new).collect());

/// One file as it is served.
struct Asset {
    name: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    /// `None` when compressing failed; the file is then served as it is.
    gzip: Option<Vec<u8>>,
    /// `guard.css` is served as `guard.0123456789abcdef.css`.
    served_as: String,
}

impl Asset {
    fn new(&(name, kind, plain): &(&'static str, &'static str, &'static [u8])) -> Self {
        let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
        let hash: String = hex::encode(Sha256::digest(plain)).chars().take(16).collect();
        Self { name, kind, plain, gzip: gzip(plain).ok(), served_as: format!("{stem}.{hash}.{ending}") }
    }
}

fn gzip(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// The address of a file, by its plain name. An unknown name leads to a 404, which the tests of
/// every page notice.
pub fn url(name: &str) -> String {
    let found = ASSETS.iter().find(|asset| asset.name == name);
    format!("/assets/{}", found.map_or(name, |asset| asset.served_as.as_str()))
}

/// `GET /assets/{file}`
pub async fn serve(file: web::Path<String>, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let asset = ASSETS.iter().find(|asset| asset.served_as == *file).ok_or_else(WebError::not_found)?;
    let mut response = HttpResponse::Ok();
    response.content_type(asset.kind).insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    response.insert_header((VARY, ACCEPT_ENCODING.as_str()));
    Ok(match &asset.gzip {
        Some(gzip) if takes_gzip(&request) => {
            response.insert_header((CONTENT_ENCODING, "gzip")).body(gzip.clone())
        }
        _ => response.body(asset.plain),
    })
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|one| one.trim().starts_with("gzip")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn compressed(name: &str) -> usize {
        let asset = ASSETS.iter().find(|asset| asset.name == name).unwrap();
        asset.gzip.as_ref().unwrap().len()
    }

    #[test]
    fn no_file_is_heavier_than_it_may_be() {
        for (name, most) in
            [("guard.css", 12), ("guard.js", 3), ("contact.js", 4), ("sidebar.js", 12), ("wecom.js", 17)]
        {
            let bytes = compressed(name);
            assert!(bytes <= most * 1024, "{name} has {bytes} bytes compressed");
        }
    }

    /// The colours of one look, by name.
    fn colours(block: &str) -> BTreeMap<&str, [f64; 3]> {
        let pairs = block.split(';').filter_map(|pair| pair.trim().strip_prefix("--")?.split_once(":#"));
        let channel = |hex: &str, at: usize| {
            let wide =
                if hex.len() == 3 { hex[at..=at].repeat(2) } else { hex[2 * at..2 * at + 2].to_owned() };
            f64::from(u8::from_str_radix(&wide, 16).unwrap()) / 255.0
        };
        pairs.map(|(name, hex)| (name, [0, 1, 2].map(|at| channel(hex, at)))).collect()
    }

    /// By the formula of WCAG 2.
    fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
        let light = |colour: [f64; 3]| {
            let [red, green, blue] =
                colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_look_can_be_read() {
        let css = include_str!("assets/guard.css");
        let look = |mark: &str| css.split_once(mark).unwrap().1.split_once('}').unwrap().0;
        let dark = look(":root[data-theme=dark]{");
        assert_eq!(look(":root:not([data-theme=light]){"), dark, "dark is one look, however it is chosen");
        for block in [look(":root{"), dark] {
            let colour = colours(block);
            let text = [
                ("text", "bg"),
                ("text", "card"),
                ("text-2", "bg"),
                ("text-2", "card"),
                ("on-primary", "primary"),
                ("primary", "bg"),
                ("primary", "card"),
                ("block", "block-tint"),
                ("block", "card"),
                ("confirm", "confirm-tint"),
                ("confirm", "card"),
                ("ok", "ok-tint"),
                ("ok", "bg"),
                ("text", "block-tint"),
                ("text", "confirm-tint"),
                ("bg", "text"),
            ];
            for (one, other) in text {
                let found = contrast(colour[one], colour[other]);
                assert!(found >= 4.5, "{one} on {other}: {found:.2}");
            }
            assert!(contrast(colour["line"], colour["card"]) >= 3.0, "the border of a field");
        }
    }

    #[test]
    fn a_file_is_named_by_its_content() {
        let address = url("guard.css");
        let hash = address.strip_prefix("/assets/guard.").unwrap().strip_suffix(".css").unwrap();
        assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{address}");
    }
}
