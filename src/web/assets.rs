//! The files of `static/`: in the binary, named by their content, kept by browsers for ever.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    extract::{Path, RawQuery},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// For an address that carries the mark of the content: it can never mean anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For any other: keep it, and ask each time whether it is still the one.
const ASK_AGAIN: &str = "no-cache";

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/static/"]
struct Files;

static URLS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let url = |name: &str| Some(format!("/static/{name}?v={}", mark(&Files::get(name)?)));
    Files::iter().filter_map(|name| Some((name.to_string(), url(&name)?))).collect()
});

/// A page that names a file which is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("static/ has no {0}")]
pub struct UnknownAsset(String);

/// The address of a file of `static/`, with the mark of its content.
///
/// # Errors
/// When there is no such file, so that a page that names one does not render.
pub fn url(name: &str) -> Result<&'static str, askama::Error> {
    URLS.get(name)
        .map(String::as_str)
        .ok_or_else(|| askama::Error::custom(UnknownAsset(name.to_owned())))
}

/// `GET /static/{*name}`
pub async fn serve(
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    answer(&name, query.as_deref(), &headers)
}

/// `GET /favicon.ico`, which browsers ask for whatever the page says.
pub async fn favicon(headers: HeaderMap) -> Response {
    answer("favicon.svg", None, &headers)
}

fn answer(name: &str, query: Option<&str>, headers: &HeaderMap) -> Response {
    let Some(file) = Files::get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let mark = mark(&file);
    let known = query.and_then(|query| query.strip_prefix("v=")) == Some(&mark);
    let etag = format!("\"{mark}\"");
    let held =
        headers.get(header::IF_NONE_MATCH).is_some_and(|held| held.as_bytes() == etag.as_bytes());
    let about = [
        (header::CACHE_CONTROL, if known { FOR_EVER } else { ASK_AGAIN }.to_owned()),
        (header::ETAG, etag),
        (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
    ];
    if held {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, file.data).into_response()
}

/// The first eight digits of the SHA-256 of what is in it.
fn mark(file: &EmbeddedFile) -> String {
    let [a, b, c, d, ..] = file.metadata.sha256_hash();
    format!("{a:02x}{b:02x}{c:02x}{d:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(response: &Response, name: header::HeaderName) -> &str {
        response.headers()[name].to_str().expect("text")
    }

    #[test]
    fn a_file_under_its_mark_is_kept_for_ever() {
        let query = url("app.css").expect("the style sheet").split_once('?').expect("a mark").1;

        let response = answer("app.css", Some(query), &HeaderMap::new());

        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, header::CACHE_CONTROL), FOR_EVER);
        assert_eq!(header(&response, header::CONTENT_TYPE), "text/css");
    }

    #[test]
    fn a_file_under_another_mark_or_none_is_asked_for_again() {
        for query in [None, Some("v=00000000"), Some("w=1")] {
            let response = answer("app.css", query, &HeaderMap::new());

            assert_eq!(header(&response, header::CACHE_CONTROL), ASK_AGAIN, "{query:?}");
        }
    }

    #[test]
    fn what_the_browser_holds_is_not_sent_again() {
        let first = answer("app.js", None, &HeaderMap::new());
        let held =
            HeaderMap::from_iter([(header::IF_NONE_MATCH, first.headers()[header::ETAG].clone())]);

        assert_eq!(answer("app.js", None, &held).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn an_unknown_file_is_neither_named_nor_served() {
        assert!(url("app.scss").is_err());
        for name in ["app.scss", "../Cargo.toml", ""] {
            let response = answer(name, None, &HeaderMap::new());

            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }

    #[test]
    fn the_style_sheet_names_each_font_by_its_mark() {
        let css = Files::get("app.css").expect("the style sheet");
        let css = std::str::from_utf8(&css.data).expect("text");

        let fonts: Vec<_> = URLS.values().filter(|url| url.contains(".woff2?")).collect();

        assert_eq!(fonts.len(), 7);
        for font in fonts {
            let named = font.strip_prefix("/static/").expect("a path");
            assert!(css.contains(&format!("url({named})")), "app.css should name {named}");
        }
    }
}
