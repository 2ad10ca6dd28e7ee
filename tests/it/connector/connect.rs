//! *Connect*: what is found, and each way in which it fails.

use countersign::connector::{Capabilities, Connector, Instead, Refusal, Unreached};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, method, path, query_param, query_param_contains, query_param_is_missing},
};

use super::{connector, hasty, list, list_of, raw, scim_error, user};

const HTML: &str = "<!doctype html><title>Sign in</title>";

fn json_of(status: u16, body: &Json) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn page(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(HTML, "application/scim+json")
}

/// An app that answers everything alike.
async fn always(answer: ResponseTemplate) -> MockServer {
    let app = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&app).await;
    app
}

/// An app with these users that describes itself so and answers a filter so.
async fn app(config: ResponseTemplate, users: &Json, filtered: ResponseTemplate) -> MockServer {
    let app = MockServer::start().await;
    Mock::given(path("/ServiceProviderConfig")).respond_with(config).mount(&app).await;
    Mock::given(path("/Users"))
        .and(query_param_contains("filter", "nobody"))
        .respond_with(filtered)
        .mount(&app)
        .await;
    Mock::given(path("/Users"))
        .and(query_param_contains("filter", "ana@example.com"))
        .respond_with(json_of(200, &list(&[user("1", "ana@example.com")])))
        .mount(&app)
        .await;
    Mock::given(path("/Users"))
        .and(query_param_is_missing("filter"))
        .respond_with(json_of(200, users))
        .mount(&app)
        .await;
    app
}

fn config(patch: bool, filter: bool) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": patch }, "filter": { "supported": filter, "maxResults": 200 },
    })
}

fn forty() -> Json {
    list_of(&[user("1", "ana@example.com")], 40)
}

fn nobody() -> ResponseTemplate {
    json_of(200, &list(&[]))
}

#[tokio::test]
async fn an_app_that_describes_itself_is_believed_where_it_was_not_tried() {
    let app = app(json_of(200, &config(false, false)), &forty(), nobody()).await;

    let found = connector(&app.uri()).connect().await.unwrap();

    let expected = Capabilities {
        described: true,
        patch: Some(false),
        filter: Some(true),
        accounts: Some(40),
        untyped: false,
    };
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_app_that_does_not_describe_itself_is_tried() {
    for odd in [
        page(404),
        page(200),
        json_of(404, &scim_error(404, None)),
        json_of(200, &json!({ "status": "ok" })),
        json_of(200, &json!([])),
        json_of(403, &json!({})),
        ResponseTemplate::new(500),
        ResponseTemplate::new(204),
    ] {
        let app = app(odd, &forty(), nobody()).await;

        let found = connector(&app.uri()).connect().await.unwrap();

        assert_eq!((found.described, found.patch, found.filter), (false, None, Some(true)));
    }
}

#[tokio::test]
async fn a_filter_that_is_not_obeyed_is_found_out_whatever_the_app_says() {
    for answer in [
        json_of(200, &forty()),
        json_of(400, &scim_error(400, Some("invalidFilter"))),
        json_of(501, &scim_error(501, None)),
        page(500),
        ResponseTemplate::new(200).set_body_string("x".repeat(1024 * 1024 + 1)),
    ] {
        let app = app(json_of(200, &config(true, true)), &forty(), answer).await;

        let found = connector(&app.uri()).connect().await.unwrap();

        assert_eq!(found.filter, Some(false));
    }
}

#[tokio::test]
async fn a_filter_that_finds_nobody_who_is_there_is_found_out() {
    let users = list(&[user("2", "ben@example.com")]);
    let app = app(json_of(200, &config(true, true)), &users, nobody()).await;
    let empty = Mock::given(path("/Users")).and(query_param_contains("filter", "ben"));
    empty.respond_with(nobody()).mount(&app).await;

    let found = connector(&app.uri()).connect().await.unwrap();

    assert_eq!(found.filter, Some(false));
}

#[tokio::test]
async fn an_app_with_more_users_than_are_read_needs_a_filter() {
    let too_much = || ResponseTemplate::new(200).set_body_string(" ".repeat(1024 * 1024 + 1));
    for (filtered, outcome) in [(nobody(), Ok(Some(true))), (too_much(), Err(Refusal::TooLarge))] {
        let app = app(page(404), &forty(), filtered).await;
        Mock::given(query_param_is_missing("filter"))
            .and(path("/Users"))
            .respond_with(too_much())
            .with_priority(1)
            .mount(&app)
            .await;

        let found = connector(&app.uri()).connect().await;

        assert_eq!(found.map(|found| found.filter), outcome);
    }
}

#[tokio::test]
async fn a_filter_cannot_be_tried_where_there_is_nobody() {
    for (says, filter) in [(json_of(200, &config(true, true)), Some(true)), (page(404), None)] {
        let app = app(says, &list(&[]), nobody()).await;

        let found = connector(&app.uri()).connect().await.unwrap();

        assert_eq!((found.filter, found.accounts), (filter, Some(0)));
    }
}

#[tokio::test]
async fn an_app_that_fails_at_count_is_asked_without_it() {
    let app = app(page(404), &forty(), nobody()).await;
    Mock::given(query_param("count", "1"))
        .respond_with(ResponseTemplate::new(500))
        .with_priority(1)
        .mount(&app)
        .await;

    let found = connector(&app.uri()).connect().await.unwrap();

    assert_eq!(found.accounts, Some(40));
}

#[tokio::test]
async fn an_app_whose_addresses_have_no_type_is_recognised_by_its_schema() {
    let app = app(json_of(200, &config(true, true)), &forty(), nobody()).await;
    let schema = json!({ "id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": [
        { "name": "emails", "subAttributes": [{ "name": "value" }, { "name": "primary" }] },
    ] });
    Mock::given(path("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"))
        .respond_with(json_of(200, &schema))
        .mount(&app)
        .await;

    let found = connector(&app.uri()).connect().await.unwrap();

    assert!(found.untyped);
}

#[tokio::test]
async fn a_refused_token_is_told_whatever_stands_in_the_answer() {
    for answer in [
        json_of(401, &scim_error(401, None)),
        json_of(401, &json!({ "code": "INVALID_ACCESS_TOKEN", "message": "expired" })),
        ResponseTemplate::new(401),
        page(401),
    ] {
        let app = always(answer).await;

        let refusal = connector(&app.uri()).connect().await.unwrap_err();

        assert_eq!(refusal, Refusal::CredentialsRefused);
    }
}

#[tokio::test]
async fn what_is_not_the_root_of_a_scim_api_is_told_apart() {
    for (answer, status, got) in [
        (page(404), 404, Instead::Html),
        (ResponseTemplate::new(404).set_body_string("404 page not found"), 404, Instead::Text),
        (ResponseTemplate::new(404), 404, Instead::Nothing),
        (json_of(404, &json!({ "error": "no route" })), 404, Instead::Json),
        (json_of(404, &scim_error(404, None)), 404, Instead::Json),
        (page(200), 200, Instead::Html),
        (json_of(200, &json!({ "swagger": "2.0" })), 200, Instead::Json),
        (json_of(200, &json!([1])), 200, Instead::Json),
        (ResponseTemplate::new(204), 200, Instead::Nothing),
    ] {
        let app = always(answer).await;

        let refusal = connector(&app.uri()).connect().await.unwrap_err();

        assert_eq!(refusal, Refusal::NotScim { status, got });
    }
}

#[tokio::test]
async fn other_refusals_are_told_as_what_they_are() {
    for (answer, refusal) in [
        (
            json_of(403, &scim_error(403, None)),
            Refusal::Forbidden { detail: Some("because".to_owned()) },
        ),
        (page(503), Refusal::Down { status: 503, detail: None }),
        (ResponseTemplate::new(429), Refusal::Throttled { after: None }),
        (ResponseTemplate::new(302), Refusal::Redirected { to: None }),
    ] {
        let app = always(answer).await;

        assert_eq!(connector(&app.uri()).connect().await.unwrap_err(), refusal);
    }
}

#[tokio::test]
async fn an_app_that_is_not_there_is_asked_once() {
    let silent = hasty(&format!("http://{}", raw::silence())).connect().await.unwrap_err();
    let absent = connector(&format!("http://{}", raw::nobody())).connect().await.unwrap_err();

    assert_eq!(silent, Refusal::TimedOut { asked: true });
    assert_eq!(absent, Refusal::Unreachable { how: Unreached::Refused, asked: false });
}

#[tokio::test]
async fn connect_only_looks() {
    let app = app(json_of(200, &config(true, true)), &forty(), nobody()).await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(404)).mount(&app).await;

    connector(&app.uri()).connect().await.unwrap();

    let asked = app.received_requests().await.unwrap();
    assert!(asked.iter().all(|request| request.method.as_str() == "GET"));
    assert!(asked.len() <= 5, "{}", asked.len());
}
