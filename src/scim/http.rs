//! What SCIM makes of HTTP: media types, versions, and a body's bytes (RFC 7644 sections 3.1 and 3.14).

use serde_json::Value;

use super::{Error, ErrorType, MEDIA_TYPE};

/// What RFC 7644 section 3.1 lets stand for [`MEDIA_TYPE`].
pub const PLAIN_MEDIA_TYPE: &str = "application/json";

/// How many lists and objects may stand inside each other. What is kept is a little deeper than
/// what was sent, and has to be read back by a parser that ends at 128.
pub const DEEPEST: usize = 32;

/// Whether a `Content-Type` names JSON, whatever parameters follow.
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    is(content_type, MEDIA_TYPE) || is(content_type, PLAIN_MEDIA_TYPE)
}

/// The media type to answer with: SCIM's own, unless an `Accept` names plain JSON and not that.
/// OneLogin insists on the one and Entra ID on the other (facts/onelogin.md 2.6).
#[must_use]
pub fn media_type(accept: &str) -> &'static str {
    let names = |media_type| accept.split(',').any(|one| is(one, media_type));
    if names(PLAIN_MEDIA_TYPE) && !names(MEDIA_TYPE) { PLAIN_MEDIA_TYPE } else { MEDIA_TYPE }
}

fn is(one: &str, media_type: &str) -> bool {
    let essence = one.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(media_type)
}

/// Whether an `If-Match` or `If-None-Match` names `version` among others. Weak and strong ones of
/// the same text are the same (RFC 7644 section 3.14), and `*` is any.
#[must_use]
pub fn names_version(header: &str, version: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    header.split(',').any(|tag| tag.trim() == "*" || weak(tag) == weak(version))
}

/// The JSON that a body's bytes mean, with or without a byte order mark.
///
/// # Errors
/// `invalidSyntax` when it is none, or deeper than [`DEEPEST`]; `invalidValue` when it holds the
/// character U+0000, which no database keeps.
pub fn read(body: &[u8]) -> Result<Value, Error> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let says = match look_over(body) {
        _ if body.trim_ascii().is_empty() => "the body is empty: send a JSON object".to_owned(),
        Some(Oddity::Deep) => {
            format!("lists and objects may stand {DEEPEST} deep inside each other, and no deeper")
        }
        Some(Oddity::Nul) => {
            let says = "the body holds the character U+0000, which cannot be kept: leave it out";
            return Err(Error::of(ErrorType::InvalidValue, says));
        }
        None => match serde_json::from_slice(body) {
            Ok(value) => return Ok(value),
            Err(error) => format!("the body is not JSON: {error}"),
        },
    };
    Err(Error::of(ErrorType::InvalidSyntax, says))
}

enum Oddity {
    Deep,
    Nul,
}

/// What a parser would take and we would not.
fn look_over(body: &[u8]) -> Option<Oddity> {
    let (mut depth, mut in_text) = (0_usize, false);
    let mut rest = body;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'\\' if in_text => match after {
                [b'u', b'0', b'0', b'0', b'0', ..] => return Some(Oddity::Nul),
                [_, beyond @ ..] => rest = beyond,
                [] => {}
            },
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(Oddity::Deep);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn both_media_types_are_taken_with_whatever_follows_them() {
        for json in ["application/scim+json", "Application/JSON; charset=utf-8"] {
            assert!(is_json(json), "{json}");
        }
        for other in ["text/plain", "application/jsonx", ""] {
            assert!(!is_json(other), "{other}");
        }
    }

    #[test]
    fn plain_json_is_answered_only_to_whoever_asks_for_nothing_else() {
        for (accept, expected) in [
            ("", MEDIA_TYPE),
            ("*/*", MEDIA_TYPE),
            ("application/json", PLAIN_MEDIA_TYPE),
            ("text/html, Application/Json;q=0.9", PLAIN_MEDIA_TYPE),
            ("application/json, application/scim+json", MEDIA_TYPE),
            ("application/scim+json", MEDIA_TYPE),
        ] {
            assert_eq!(media_type(accept), expected, "{accept}");
        }
    }

    #[test]
    fn a_version_is_named_weak_or_strong_and_among_others() {
        for named in [r#"W/"7""#, r#""7""#, r#""6", W/"7""#, "*"] {
            assert!(names_version(named, r#"W/"7""#), "{named}");
        }
        for other in ["", r#"W/"6""#, "7", r#"W/"70""#] {
            assert!(!names_version(other, r#"W/"7""#), "{other}");
        }
    }

    #[test]
    fn a_body_is_read_or_refused_with_a_word() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let refused = |body: &str| read(body.as_bytes()).map_err(|error| error.kind).unwrap_err();

        assert_eq!(read(b"\xef\xbb\xbf{\"a\":\"\\\\u0000[[\"}"), Ok(json!({ "a": "\\u0000[[" })));
        assert!(read(nested(DEEPEST).as_bytes()).is_ok());
        for body in ["", " \n", "{", "nonsense", "{\"a\":1}}", &nested(DEEPEST + 1), "\"\\ud800\""]
        {
            assert_eq!(refused(body), Some(ErrorType::InvalidSyntax), "{body}");
        }
        for body in [r#"{"a":"\u0000"}"#, r#"{"\u0000":1}"#, r#"["\\\u0000"]"#] {
            assert_eq!(refused(body), Some(ErrorType::InvalidValue), "{body}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_holds_no_nul_and_what_is_refused_for_it_does(text in "[\\\\u0a\"\\x00]{0,12}") {
            let body = serde_json::to_vec(&json!([text])).unwrap();

            prop_assert_eq!(read(&body).is_ok(), !text.contains('\0'));
        }
    }
}
