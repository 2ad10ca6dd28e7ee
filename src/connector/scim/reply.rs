//! What a SCIM app's answer means.

use std::time::Duration;

use serde_json::Value as Json;

use crate::{
    connector::{
        Instead, Refusal,
        answer::one_line,
        transport::{Answer, bounded},
    },
    scim::error::{ErrorBody, ErrorType},
};

/// Reads the answer to one request. `None` is a success without a body.
///
/// The status decides; a body only says more. The media type is not believed: a web page is
/// served as JSON and JSON as text (`facts/scim-apps.md`).
pub(super) fn read(method: &str, answer: &Answer) -> Result<Option<Json>, Refusal> {
    let body = answer.json();
    let error = body.as_ref().and_then(ErrorBody::read);
    let status = answer.status;
    let detail = || body.as_ref().and_then(detail);
    let unsupported =
        || Refusal::Unsupported { method: method.to_owned(), status, detail: detail() };
    let wait = answer.wait.or_else(|| body.as_ref().and_then(wait));
    Err(match status {
        200..=299 if answer.body.trim().is_empty() => return Ok(None),
        200..=299 => match body {
            Some(json @ Json::Object(_)) => return Ok(Some(json)),
            _ => no_scim(answer),
        },
        304 => Refusal::Unreadable { what: "it says that nothing changed (304)" },
        300..=399 => Refusal::Redirected { to: answer.location.clone() },
        401 => Refusal::CredentialsRefused,
        403 => Refusal::Forbidden { detail: detail() },
        // Nothing that a POST names can be gone but the list of users itself.
        404 | 410 if error.is_some() && method != "POST" => Refusal::NotFound,
        404 | 410 => no_scim(answer),
        405 | 501 => unsupported(),
        408 => Refusal::TimedOut { asked: true },
        409 => Refusal::Conflict { detail: detail() },
        425 | 429 => Refusal::Throttled { after: wait },
        503 if wait.is_some() => Refusal::Throttled { after: wait },
        500..=599 => Refusal::Down { status, detail: detail() },
        _ if error.as_ref().is_some_and(ErrorBody::is_uniqueness) => {
            Refusal::Conflict { detail: detail() }
        }
        400 if method == "PATCH" && is_about_the_operation(error.as_ref()) => unsupported(),
        _ => Refusal::Invalid { status, detail: detail() },
    })
}

/// Whether a 400 may be about how a PATCH was written and not about the values in it.
fn is_about_the_operation(error: Option<&ErrorBody>) -> bool {
    let about_the_value = [ErrorType::InvalidValue, ErrorType::Mutability, ErrorType::TooMany];
    let kind = error.and_then(|error| error.kind.as_deref());
    kind.is_none_or(|kind| {
        !about_the_value.iter().any(|value| kind.eq_ignore_ascii_case(value.as_str()))
    })
}

/// What an answer means that is no SCIM. JSON that breaks off says nothing about what answered:
/// the same may be whole the next time.
fn no_scim(answer: &Answer) -> Refusal {
    let begins_as_json = answer.body.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    if begins_as_json && answer.json().is_none() {
        return Refusal::Unreadable { what: "its JSON breaks off" };
    }
    Refusal::NotScim { status: answer.status, got: instead(answer) }
}

/// What an answer that is no SCIM is instead.
fn instead(answer: &Answer) -> Instead {
    match answer.body.trim_start_matches('\u{feff}').trim_start() {
        "" => Instead::Nothing,
        body if body.starts_with('<') => Instead::Html,
        _ if answer.json().is_some() => Instead::Json,
        _ => Instead::Text,
    }
}

/// The app's own word: SCIM's `detail`, else what other APIs call it.
fn detail(body: &Json) -> Option<String> {
    let told = ErrorBody::read(body).and_then(|error| error.detail);
    let other = || {
        let names = ["detail", "message", "error_description", "title", "error"];
        names.iter().find_map(|name| body.get(name)?.as_str()).map(str::to_owned)
    };
    one_line(&told.or_else(other)?)
}

/// Adobe says the seconds in the body.
fn wait(body: &Json) -> Option<Duration> {
    body.get("retryAfter")?.as_u64().map(bounded)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, wait: None, location: None, body: body.to_owned() }
    }

    fn refused(method: &str, status: u16, body: &str) -> Refusal {
        read(method, &answer(status, body)).expect_err("a refusal")
    }

    fn scim(status: u16, kind: Option<&str>) -> String {
        let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
        let body = json!({ "schemas": [schema], "status": status.to_string(), "detail": "so" });
        let mut body = body;
        if let Some(kind) = kind {
            body["scimType"] = json!(kind);
        }
        body.to_string()
    }

    fn so() -> String {
        "so".to_owned()
    }

    #[test]
    fn a_success_is_an_object_or_nothing() {
        assert_eq!(read("PATCH", &answer(204, "")), Ok(None));
        assert_eq!(read("PUT", &answer(200, " \n")), Ok(None));
        assert_eq!(read("GET", &answer(200, "{}")), Ok(Some(json!({}))));
        for (body, got) in
            [("<!doctype html>", Instead::Html), ("[]", Instead::Json), ("OK then", Instead::Text)]
        {
            assert_eq!(refused("GET", 200, body), Refusal::NotScim { status: 200, got });
        }
    }

    #[test]
    fn only_scim_says_that_an_account_is_gone() {
        assert_eq!(refused("GET", 404, &scim(404, None)), Refusal::NotFound);
        assert_eq!(refused("GET", 410, &scim(410, None)), Refusal::NotFound);
        let no_such_list = Refusal::NotScim { status: 404, got: Instead::Json };
        assert_eq!(refused("POST", 404, &scim(404, None)), no_such_list);
        for (body, got) in [
            ("<html>not found</html>", Instead::Html),
            ("\u{feff} <p>", Instead::Html),
            ("default backend - 404", Instead::Text),
            (r#"{"error":"not found"}"#, Instead::Json),
            ("", Instead::Nothing),
        ] {
            assert_eq!(refused("GET", 404, body), Refusal::NotScim { status: 404, got }, "{body}");
        }
    }

    #[test]
    fn json_that_breaks_off_is_not_another_api() {
        let broken = || Refusal::Unreadable { what: "its JSON breaks off" };

        for (method, status) in [("POST", 201), ("GET", 200), ("PATCH", 200), ("GET", 404)] {
            for body in [r#"{"id":"7","userN"#, "{", "\u{feff} {\"Resources\":["] {
                assert_eq!(refused(method, status, body), broken(), "{method} {status} {body}");
            }
        }
        assert_eq!(refused("GET", 401, "{"), Refusal::CredentialsRefused);
    }

    #[test]
    fn the_status_decides() {
        let unsupported = |method: &str, status| Refusal::Unsupported {
            method: method.to_owned(),
            status,
            detail: None,
        };
        for (method, status, refusal) in [
            ("GET", 301, Refusal::Redirected { to: None }),
            ("POST", 308, Refusal::Redirected { to: None }),
            ("GET", 401, Refusal::CredentialsRefused),
            ("GET", 403, Refusal::Forbidden { detail: None }),
            ("DELETE", 405, unsupported("DELETE", 405)),
            ("PATCH", 405, unsupported("PATCH", 405)),
            ("PATCH", 501, unsupported("PATCH", 501)),
            ("PATCH", 400, unsupported("PATCH", 400)),
            ("PUT", 501, unsupported("PUT", 501)),
            ("POST", 408, Refusal::TimedOut { asked: true }),
            ("POST", 409, Refusal::Conflict { detail: None }),
            ("GET", 429, Refusal::Throttled { after: None }),
            ("POST", 400, Refusal::Invalid { status: 400, detail: None }),
            ("PUT", 412, Refusal::Invalid { status: 412, detail: None }),
            ("POST", 422, Refusal::Invalid { status: 422, detail: None }),
            ("POST", 500, Refusal::Down { status: 500, detail: None }),
            ("POST", 503, Refusal::Down { status: 503, detail: None }),
        ] {
            assert_eq!(refused(method, status, "<html>"), refusal, "{method} {status}");
        }
    }

    #[test]
    fn the_word_of_a_scim_error_tells_what_a_400_is_about() {
        for (method, kind, refusal) in [
            ("POST", Some("uniqueness"), Refusal::Conflict { detail: Some(so()) }),
            ("PATCH", Some("uniqueness"), Refusal::Conflict { detail: Some(so()) }),
            ("PATCH", Some("invalidValue"), Refusal::Invalid { status: 400, detail: Some(so()) }),
            ("PATCH", Some("mutability"), Refusal::Invalid { status: 400, detail: Some(so()) }),
            ("PUT", Some("invalidPath"), Refusal::Invalid { status: 400, detail: Some(so()) }),
        ] {
            assert_eq!(refused(method, 400, &scim(400, kind)), refusal, "{method} {kind:?}");
        }
        for kind in [
            Some("invalidPath"),
            Some("noTarget"),
            Some("invalidFilter"),
            Some("invalidSyntax"),
            None,
        ] {
            let refusal = refused("PATCH", 400, &scim(400, kind));
            assert!(matches!(refusal, Refusal::Unsupported { .. }), "{kind:?}: {refusal:?}");
        }
    }

    #[test]
    fn a_wait_is_taken_from_the_header_or_from_adobes_body() {
        let body = r#"{"code":"THROTTLING_TOO_MANY_REQUESTS","message":"slow","retryAfter":61}"#;
        let hour = Some(Duration::from_hours(1));

        let after = Some(Duration::from_secs(61));
        assert_eq!(refused("GET", 429, body), Refusal::Throttled { after });
        for status in [429, 503] {
            let answer = Answer { wait: hour, ..answer(status, "") };
            assert_eq!(read("GET", &answer), Err(Refusal::Throttled { after: hour }));
        }
    }

    #[test]
    fn the_apps_own_word_is_kept_on_one_short_line() {
        for (body, detail) in [
            (scim(400, None), Some(so())),
            (
                r#"{"code":"INVALID_JSON","message":"no\n json"}"#.to_owned(),
                Some("no json".to_owned()),
            ),
            (r#"{"title":"Bad","detail":"so"}"#.to_owned(), Some(so())),
            ("<html>a stack trace</html>".to_owned(), None),
            (r#"{"error":{"nested":1}}"#.to_owned(), None),
        ] {
            assert_eq!(
                refused("POST", 400, &body),
                Refusal::Invalid { status: 400, detail },
                "{body}"
            );
        }
        let long = refused("POST", 400, &json!({ "detail": "x".repeat(5_000) }).to_string());
        assert!(long.says("EchoSign").chars().count() < 400);
    }
}
