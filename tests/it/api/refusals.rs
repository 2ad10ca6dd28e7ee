//! Requests that cannot be read, and a database that does not answer.

use axum::body::Body;
use countersign::access::Role;
use serde_json::{Value as Json, json};

use super::fixture::{Answer, Api};

impl Api {
    async fn post(&self, kind: &str, body: impl Into<Body>) -> Answer {
        let authorization = format!("Bearer {}", self.token(Role::Operator));
        let headers = [("authorization", &*authorization), ("content-type", kind)];
        self.raw("POST", "/api/v1/users", &headers, body.into()).await
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_place() {
    let api = Api::new().await;
    let deep = "[".repeat(100_000);
    let table = [
        ("", "The body is not JSON: EOF while parsing a value at line 1 column 0."),
        ("{\"userName\": ana}", "The body is not JSON: expected value at line 1 column 14."),
        ("[]", "The body must be a JSON object, in braces."),
        ("null", "The body must be a JSON object, in braces."),
        (&deep, "The body is not JSON: recursion limit exceeded at line 1 column 128."),
    ];
    for (body, detail) in table {
        let answer = api.post("application/json", body.to_owned()).await;

        assert_eq!((answer.status, answer.problem()), (400, "malformed"));
        assert_eq!(answer.body["detail"], detail);
    }
    let not_utf_8 =
        api.post("application/json", vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']).await;
    assert_eq!((not_utf_8.status, not_utf_8.problem()), (400, "malformed"));
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused() {
    let api = Api::new().await;

    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let answer = api.post(kind, r#"{"userName": "ana@example.com"}"#).await;

        assert_eq!((answer.status, answer.problem()), (415, "unsupported-media-type"), "{kind}");
    }
    let with_charset =
        api.post("application/json; charset=utf-8", r#"{"userName": "ana@example.com"}"#).await;
    assert_eq!(with_charset.status, 201);
}

#[tokio::test]
async fn a_body_of_more_than_256_kib_is_refused() {
    let api = Api::new().await;
    let of = |length: usize| format!("{{\"userName\": \"{}\"}}", "x".repeat(length - 16));

    let longest = api.post("application/json", of(256 * 1024)).await;
    let longer = api.post("application/json", of(256 * 1024 + 1)).await;

    assert_eq!((longest.status, longest.fields()), (422, vec!["userName"]));
    assert_eq!((longer.status, longer.problem()), (413, "too-large"));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let api = Api::new().await;
    let table = [
        "/api",
        "/api/v1",
        "/api/v2/users",
        "/api/v1/user",
        "/api/v1/users/",
        "/api/v1/users/ana",
        "/api/v1/users/%FF",
        "/api/v1/users/act_01920000000070008000000000000000",
        "/api/v1/users/usr_01920000000070008000000000000000",
        "/api/v1/actions/act_01920000000070008000000000000000",
        "/api/v1/actions/act_1",
        "/api/v1/actions/act_01920000000070008000000000000000/approve/now",
    ];
    for path in table {
        let answer = api.get(path).await;

        assert_eq!(
            (answer.status, answer.problem()),
            (404, "not-found"),
            "{path}: {}",
            answer.body
        );
    }
    let nobody = "act_01920000000070008000000000000000";
    let digest = "0".repeat(64);
    for (step, body) in [
        ("approve", json!({ "digest": digest })),
        ("reject", json!({ "reason": "No." })),
        ("retry", Json::Null),
        ("cancel", Json::Null),
        ("undo", Json::Null),
        ("reverse", Json::Null),
        ("link", json!({ "remoteId": "remote-1" })),
    ] {
        let answer =
            api.send(Role::Owner, "POST", &format!("/api/v1/actions/{nobody}/{step}"), body).await;

        assert_eq!(answer.status, 404, "{step}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_answered_with_those_it_does() {
    let api = Api::new().await;
    let table = [
        ("PUT", "/api/v1/users/usr_1", "GET,HEAD,PATCH,DELETE"),
        ("DELETE", "/api/v1/users", "GET,HEAD,POST"),
        ("POST", "/api/v1/audit", "GET,HEAD"),
        ("GET", "/api/v1/actions/act_1/approve", "POST"),
    ];
    for (method, path, allow) in table {
        let answer = api.send(Role::Owner, method, path, Json::Null).await;

        assert_eq!(
            (answer.status, answer.problem()),
            (405, "method-not-allowed"),
            "{method} {path}"
        );
        assert_eq!(answer.headers["allow"], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn while_the_database_is_down_a_client_is_asked_to_come_again() {
    let api = Api::new().await;
    api.db.pool.close().await;

    let answer = api.get("/api/v1/actions").await;

    assert_eq!((answer.status, answer.problem()), (503, "unavailable"));
    assert_eq!(answer.headers["retry-after"], "5");
}
