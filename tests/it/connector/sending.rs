//! Sending to apps that answer in their own ways.

use countersign::{
    apps::{
        Updates,
        account::Account,
        change::{Attribute, Kind, Value},
    },
    connector::{
        Connector, Fate, Instead, Refusal,
        scim::{ScimSettings, UpdateStyle},
    },
};
use serde_json::{Value as Json, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path},
};

use super::{connector, connector_with, content, list, request, scim_error, settings, text, user};

fn json_of(status: u16, body: &Json) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html>Error</html>", "application/scim+json")
}

async fn answered(verb: &str, answer: ResponseTemplate) -> Result<Option<Account>, Refusal> {
    let app = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&app).await;
    let body = (verb != "DELETE").then(|| json!({}));
    connector(&app.uri()).send(&request(verb, "Users/1", body)).await.outcome
}

#[tokio::test]
async fn the_id_of_a_new_account_is_taken_from_the_body() {
    for location in [None, Some("/Users/ana%40example.com"), Some("https://other.example/Users/9")]
    {
        let mut answer = json_of(201, &user("6f2a", "ana@example.com"));
        if let Some(location) = location {
            answer = answer.insert_header("location", location);
        }

        let account = answered("POST", answer).await.unwrap().unwrap();

        assert_eq!(account.remote_id, "6f2a");
    }
}

#[tokio::test]
async fn a_success_that_shows_no_account_leaves_it_to_be_looked_up() {
    for (verb, answer) in [
        ("POST", ResponseTemplate::new(201)),
        ("POST", json_of(201, &json!({ "ok": true }))),
        ("PATCH", ResponseTemplate::new(204)),
        ("PUT", ResponseTemplate::new(200)),
        ("DELETE", ResponseTemplate::new(204)),
        ("DELETE", json_of(200, &user("1", "ana@example.com"))),
    ] {
        assert_eq!(answered(verb, answer).await, Ok(None), "{verb}");
    }
}

#[tokio::test]
async fn a_change_is_told_by_what_the_app_kept() {
    for verb in ["PATCH", "PUT"] {
        let mut kept = user("1", "ana@example.com");
        kept["active"] = json!("False");

        let account = answered(verb, json_of(200, &kept)).await.unwrap().unwrap();

        assert_eq!(account.attributes.get(&Attribute::Active), Some(&Value::Flag(false)));
        assert_eq!(account.attributes.get(&Attribute::DisplayName), None);
    }
}

#[tokio::test]
async fn a_duplicate_is_a_conflict_by_its_status() {
    for answer in [
        json_of(409, &scim_error(409, Some("uniqueness"))),
        json_of(409, &scim_error(409, None)),
        html(409),
        ResponseTemplate::new(409),
        json_of(400, &scim_error(400, Some("uniqueness"))),
    ] {
        let refusal = answered("POST", answer).await.unwrap_err();

        assert!(matches!(refusal, Refusal::Conflict { .. }), "{refusal:?}");
    }
}

#[tokio::test]
async fn a_duplicate_that_crashes_the_app_is_looked_up_before_it_is_tried_again() {
    let refusal = answered("POST", html(500)).await.unwrap_err();

    assert_eq!(refusal.fate(), Fate::Again(None));
    assert!(refusal.may_be_done());
}

#[tokio::test]
async fn a_web_page_with_200_is_no_success() {
    for verb in ["POST", "PATCH", "PUT", "DELETE"] {
        let refusal = answered(verb, html(200)).await.unwrap_err();

        assert_eq!(refusal, Refusal::NotScim { status: 200, got: Instead::Html }, "{verb}");
    }
}

#[tokio::test]
async fn a_change_of_an_account_that_is_gone_says_so_or_is_looked_at_again() {
    let scim = answered("PATCH", json_of(404, &scim_error(404, None))).await;
    let crashed = answered("PATCH", html(500)).await.unwrap_err();
    let page = answered("PATCH", html(404)).await;

    assert_eq!(scim, Err(Refusal::NotFound));
    assert_eq!(crashed.fate(), Fate::Again(None));
    assert_eq!(page, Err(Refusal::NotScim { status: 404, got: Instead::Html }));
}

/// An app with the rest of its API in place that answers a DELETE, and a look at the account
/// after it, so.
async fn deleted(
    delete: ResponseTemplate,
    look: ResponseTemplate,
    users: ResponseTemplate,
) -> (Result<Option<Account>, Refusal>, String) {
    let app = MockServer::start().await;
    Mock::given(method("DELETE"))
        .and(path("/Users/1"))
        .respond_with(delete)
        .expect(1)
        .mount(&app)
        .await;
    Mock::given(method("GET")).and(path("/Users/1")).respond_with(look).mount(&app).await;
    Mock::given(method("GET")).and(path("/Users")).respond_with(users).mount(&app).await;
    let sent = connector(&app.uri()).send(&request("DELETE", "Users/1", None)).await;
    (sent.outcome, sent.exchange.answer)
}

#[tokio::test]
async fn a_delete_of_what_is_gone_is_done() {
    let gone = || json_of(404, &scim_error(404, None));
    let bare = || ResponseTemplate::new(404);
    let users = || json_of(200, &list(&[]));
    for (delete, look, users) in [
        (gone(), html(500), html(500)),
        (html(500), gone(), html(500)),
        (html(500), bare(), users()),
        (bare(), html(500), users()),
        (json_of(404, &json!({ "message": "no such user" })), html(500), users()),
    ] {
        assert_eq!(deleted(delete, look, users).await.0, Ok(None));
    }
}

#[tokio::test]
async fn a_delete_that_cannot_be_known_to_be_done_is_not() {
    let ana = || json_of(200, &user("1", "ana@example.com"));
    let down = Refusal::Down { status: 500, detail: None };
    let not_scim = |got| Refusal::NotScim { status: 404, got };
    for (delete, look, users, refusal) in [
        (html(500), ana(), html(500), down.clone()),
        (html(500), html(404), html(404), down.clone()),
        (html(500), ResponseTemplate::new(404), ResponseTemplate::new(404), down),
        (html(404), html(404), json_of(200, &list(&[])), not_scim(Instead::Html)),
        (ResponseTemplate::new(404), ana(), html(404), not_scim(Instead::Nothing)),
    ] {
        assert_eq!(deleted(delete, look, users).await.0, Err(refusal));
    }
}

#[tokio::test]
async fn a_second_look_is_part_of_the_evidence() {
    let gone = json_of(404, &scim_error(404, None));

    let (_, answer) = deleted(html(500), gone, html(500)).await;

    assert_eq!(answer, "<html>Error</html>\n(looked again: it is gone)");
}

/// An app that takes a PATCH only when `takes` says so, and a PUT.
async fn particular(takes: fn(&[Json]) -> bool) -> MockServer {
    let app = MockServer::start().await;
    Mock::given(method("PATCH"))
        .respond_with(move |request: &Request| {
            let body: Json = request.body_json().unwrap();
            if takes(body["Operations"].as_array().unwrap()) {
                ResponseTemplate::new(204)
            } else {
                json_of(501, &scim_error(501, None))
            }
        })
        .mount(&app)
        .await;
    Mock::given(method("PUT")).respond_with(ResponseTemplate::new(200)).mount(&app).await;
    app
}

/// Sends what the plan says, and on [`Fate::Simpler`] the plan of the next simpler way, as the
/// forwarder does. Returns the ways that were tried.
async fn by_steps(app: &MockServer) -> Vec<UpdateStyle> {
    let wanted = [
        (Attribute::Title, Some(text("Clerk"))),
        (Attribute::Email, Some(text("lima@example.com"))),
        (Attribute::Active, Some(Value::Flag(false))),
    ];
    let content = content(Kind::Update, &wanted);
    let mut ana = user("1", "ana@example.com");
    ana["emails"] = json!([{ "value": "ana@example.com", "type": "work" }]);
    let account = answered("PUT", json_of(200, &ana)).await.unwrap().unwrap();
    let mut tried = Vec::new();
    let mut settings = settings();
    'ways: loop {
        tried.push(settings.updates);
        let connector = connector_with(&app.uri(), settings.clone());
        for request in connector.plan(&content, Some(&account)) {
            if let Err(refusal) = connector.send(&request).await.outcome {
                assert_eq!(refusal.fate(), Fate::Simpler, "{refusal:?}");
                let learnt = settings.simpler(Updates::Detect).unwrap();
                settings = ScimSettings { updates: learnt.into(), ..settings };
                continue 'ways;
            }
        }
        return tried;
    }
}

#[tokio::test]
async fn an_app_is_asked_in_simpler_ways_until_it_understands() {
    use UpdateStyle::{Patch, PatchOneOperation, Put};
    let whole = particular(|_| true).await;
    let single = particular(|operations| operations.len() == 1).await;
    let plain = particular(|operations| {
        operations.len() == 1 && !operations[0]["path"].as_str().unwrap().contains('[')
    })
    .await;
    let none = particular(|_| false).await;

    assert_eq!(by_steps(&whole).await, [Patch]);
    assert_eq!(by_steps(&single).await, [Patch, PatchOneOperation]);
    assert_eq!(by_steps(&plain).await, [Patch, PatchOneOperation]);
    assert_eq!(by_steps(&none).await, [Patch, PatchOneOperation, Put]);
}

#[tokio::test]
async fn no_request_depends_on_a_version_that_an_app_may_ignore() {
    let app = particular(|_| true).await;

    by_steps(&app).await;

    for request in app.received_requests().await.unwrap() {
        assert!(!request.headers.contains_key("if-match"));
        let body: Json = request.body_json().unwrap();
        let operations = body["Operations"].as_array().unwrap();
        assert!(operations.iter().all(|operation| operation["op"] == "replace"));
        assert_eq!(operations[2]["value"], json!(false));
    }
}
