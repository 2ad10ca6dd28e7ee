//! What happens to some of the requests.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Running, path_of, setting};

#[tokio::test]
async fn the_next_requests_go_wrong_as_often_as_asked() {
    let running = Running::start().await;
    running
        .faults(&json!({ "next": [
            { "method": "POST", "times": 2, "status": 503, "retryAfter": 7 },
            { "method": "PUT", "status": 200, "html": true },
        ] }))
        .await;

    let refused = running.create("ana").await.unwrap();
    let again = running.create("ana").await.unwrap().status();
    let page = running.send(Method::PUT, "/Users/x", &json!({})).await.unwrap();

    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(again, 503);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(running.user_names().await.is_empty(), "nothing was done");
    assert_eq!(running.create("ana").await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_answer_is_lost_after_the_work_is_done() {
    let running = Running::start().await;
    running.faults(&json!({ "next": [{ "method": "POST", "loseAnswer": true }] })).await;

    let lost = running.create("ana").await;

    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(running.user_names().await, ["ana"]);
    assert!(running.page().await.contains("lost"));
}

#[tokio::test]
async fn an_answer_comes_late_when_it_was_asked_to() {
    let running = Running::start().await;
    running.faults(&json!({ "next": [{ "delayMs": 60_000 }] })).await;

    let patience = Duration::from_millis(100);
    let late = tokio::time::timeout(patience, running.create("ana")).await;

    assert!(late.is_err(), "it waits");
    assert_eq!(running.create("ben").await.unwrap().status(), 201, "only the next one does");
    assert_eq!(running.user_names().await, ["ben"]);
}

#[tokio::test]
async fn what_cannot_be_done_wrong_is_refused() {
    let running = Running::start().await;
    for faults in [
        json!({ "next": [{ "status": 200 }] }),
        json!({ "quirks": ["unheardOf"] }),
        json!({ "nxt": [] }),
    ] {
        let answer = running.client.post(format!("{}/faults", running.base)).json(&faults);
        assert_eq!(answer.send().await.unwrap().status(), 400, "{faults}");
    }
}

#[tokio::test]
async fn the_form_of_the_page_sets_faults_and_returns_to_the_page() {
    let running = Running::start().await;
    let form = [
        ("quirk", "refusesPatch"),
        ("quirk", "noLocation"),
        ("what", "429"),
        ("method", "GET"),
        ("times", "3"),
        ("seconds", "9"),
    ];

    let answer =
        running.client.post(format!("{}/faults", running.base)).form(&form).send().await.unwrap();

    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/sandbox/echosign".parse().unwrap())
    );
    let set: Value = running
        .client
        .get(format!("{}/faults", running.base))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(set["quirks"], json!(["refusesPatch", "noLocation"]));
    let next = &set["next"][0];
    assert_eq!(
        (&next["method"], &next["times"], &next["status"], &next["retryAfter"]),
        (&json!("GET"), &json!(3), &json!(429), &json!(9))
    );
    assert!(
        running
            .page()
            .await
            .contains("The next 3 GET requests: gets 429, is asked to come back in 9 s.")
    );
}

#[tokio::test]
async fn another_site_cannot_set_faults() {
    let running = Running::start().await;

    let foreign = running
        .client
        .post(format!("{}/faults", running.base))
        .header("sec-fetch-site", "cross-site");
    let foreign = foreign.form(&[("what", "500")]).send().await.unwrap();

    assert_eq!(foreign.status(), 403);
    assert_eq!(running.create("ana").await.unwrap().status(), 201);
}

#[tokio::test]
async fn a_connection_is_lost_before_anything_is_done() {
    let running = Running::start().await;
    running.faults(&json!({ "next": [{ "method": "POST", "what": "reset" }] })).await;

    let reset = running.create("ana").await;

    assert!(reset.is_err(), "{reset:?}");
    assert!(running.keeps().is_empty());
    assert!(running.page().await.contains("reset</span>"));
    assert_eq!(running.create("ana").await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_answer_is_cut_after_the_work_is_done_and_looks_whole() {
    let running = Running::start().await;
    running.faults(&json!({ "next": [{ "what": "truncate", "times": 2 }] })).await;

    let cut = running.create("ana").await.unwrap();
    let length = cut.content_length();
    let head = (cut.status().as_u16(), cut.headers()["content-type"].clone());
    let body = cut.text().await.unwrap();
    let list = running.send(Method::GET, "/Users", &json!({})).await.unwrap();

    assert_eq!(head, (201, "application/scim+json".parse().unwrap()));
    assert_eq!(length, Some(body.len() as u64));
    assert!(body.starts_with('{') && serde_json::from_str::<Value>(&body).is_err(), "{body}");
    assert!(list.json::<Value>().await.is_err());
    assert_eq!(running.keeps(), ["ana"]);
    assert!(running.page().await.contains("201 cut</span>"));
    let whole = running.json(Method::GET, &path_of(&running.the_account()), &json!({})).await;
    assert!(whole.to_string().starts_with(&body[..8]), "{body} {whole}");
}

#[tokio::test]
async fn a_change_that_is_only_pretended_is_answered_as_if_it_was_done() {
    let running = Running::start().await;
    let ben = running.created("ben").await;
    let before = running.sandbox.accounts();
    running.faults(&json!({ "next": [{ "what": "pretend", "times": 4 }] })).await;

    let created = running.create("ana").await.unwrap();
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    let status = created.status();
    let created: Value = created.json().await.unwrap();
    let patched = running.json(Method::PATCH, &path_of(&ben), &setting("title", "Clerk")).await;
    let put = json!({ "userName": "benedict", "active": false });
    let put = running.json(Method::PUT, &path_of(&ben), &put).await;
    let deleted = running.status(Method::DELETE, &path_of(&ben)).await;

    assert_eq!((status.as_u16(), &created["userName"]), (201, &json!("ana")));
    assert_eq!(created["meta"]["location"], json!(location));
    assert!(location.ends_with(created["id"].as_str().unwrap()), "{location}");
    assert_eq!((&patched["title"], &patched["id"]), (&json!("Clerk"), &ben["id"]));
    assert_eq!((&put["userName"], &put["active"]), (&json!("benedict"), &json!(false)));
    assert_eq!(deleted, 204);
    assert_eq!(running.sandbox.accounts(), before);
    assert_eq!(running.status(Method::GET, &path_of(&created)).await, 404);
    assert!(running.page().await.contains("204 pretended</span>"));
}

#[tokio::test]
async fn what_is_pretended_is_still_refused_where_it_would_have_been() {
    let running = Running::start().await;
    running.created("ana").await;
    running.faults(&json!({ "next": [{ "what": "pretend", "times": 3 }] })).await;

    assert_eq!(running.create("ANA").await.unwrap().status(), 409);
    assert_eq!(running.create("").await.unwrap().status(), 400);
    assert_eq!(running.status(Method::DELETE, "/Users/nobody").await, 404);
    assert_eq!(running.user_names().await, ["ana"], "a look is never pretended");
}

#[tokio::test]
async fn being_asked_too_often_is_said_in_each_of_the_ways() {
    let running = Running::start().await;
    running
        .faults(&json!({ "next": [
            { "status": 429, "retryAfter": 7 },
            { "status": 429, "retryAfter": 8, "adobe": true },
            { "status": 429, "adobe": true },
            { "status": 429 },
        ] }))
        .await;

    let mut told = Vec::new();
    for _ in 0..4 {
        let answer = running.create("ana").await.unwrap();
        assert_eq!(answer.status(), 429);
        let header = answer.headers().get("retry-after").cloned();
        let body: Value = answer.json().await.unwrap();
        told.push((header, body["code"].clone(), body["retryAfter"].clone()));
    }

    let adobe = json!("THROTTLING_TOO_MANY_REQUESTS");
    let seven = Some("7".parse().unwrap());
    assert_eq!(
        told,
        [
            (seven, Value::Null, Value::Null),
            (None, adobe.clone(), json!(8)),
            (None, adobe, Value::Null),
            (None, Value::Null, Value::Null),
        ]
    );
    assert!(running.keeps().is_empty());
}

#[tokio::test]
async fn under_steady_faults_each_nth_request_goes_wrong() {
    let running = Running::start().await;
    let steady = json!([
        { "method": "POST", "every": 3, "times": 1_000, "status": 503 },
        { "method": "POST", "every": 4, "times": 1_000, "what": "pretend" },
    ]);
    running.faults(&json!({ "next": steady })).await;

    let mut answers = Vec::new();
    for number in 1..=9 {
        answers.push(running.create(&format!("p{number}")).await.unwrap().status().as_u16());
    }

    assert_eq!(answers, [201, 201, 503, 201, 201, 503, 201, 201, 503]);
    assert_eq!(running.keeps(), ["p1", "p2", "p4", "p7", "p8"], "p5 was pretended");
}

#[tokio::test]
async fn a_refusal_names_the_field_and_how_to_mend_it() {
    let running = Running::start().await;
    for (faults, says) in [
        (json!({ "next": [{ "status": 200 }] }), "next[0].status: 200 to 299 would be no failure;"),
        (json!({ "next": [{ "adobe": true }] }), "next[0].adobe: needs a status; add 429"),
        (json!({ "next": [{ "what": "explode" }] }), "next[0].what: unknown variant `explode`"),
        (json!({ "next": [{ "whatt": "reset" }] }), "unknown field `whatt`"),
    ] {
        let answer = running.client.post(format!("{}/faults", running.base)).json(&faults);
        let refused: Value = answer.send().await.unwrap().json().await.unwrap();

        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
    }
}

#[tokio::test]
async fn the_page_says_what_waits_and_shows_what_is_set() {
    let running = Running::start().await;
    let form = [
        ("what", "pretend"),
        ("times", "900"),
        ("every", "7"),
        ("appears", "2.5"),
        ("quirk", "mindsCase"),
    ];

    let set = running.client.post(format!("{}/faults", running.base)).form(&form).send().await;
    let page = running.page().await;

    assert_eq!(set.unwrap().status(), 303);
    for shown in [
        "One in 7 changes, 900 times: is answered as if done, and is not.",
        "A new account is found 2.5 s after it was created.",
        r#"<option value="pretend" selected>"#,
        r#"name="every" type="number" min="1" max="1000" value="7""#,
        r#"value="mindsCase" checked>"#,
        "<legend>Creating</legend>",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert_eq!(page.matches(" checked>").count(), 1);
}

#[tokio::test]
async fn one_button_of_the_page_ends_it_all() {
    let running = Running::start().await;
    let quiet = running.page().await;
    let faults =
        json!({ "next": [{ "status": 500 }], "quirks": ["noLocation"], "appearsAfterMs": 9 });
    running.faults(&faults).await;

    let button = running.page().await.contains(r#"<button class="btn" form="behave">Behave"#);
    let nothing: [(&str, &str); 0] = [];
    let behave =
        running.client.post(format!("{}/faults", running.base)).form(&nothing).send().await;

    assert!(button && !quiet.contains("Behave</button>"));
    assert_eq!(behave.unwrap().status(), 303);
    let left = running.client.get(format!("{}/faults", running.base)).send().await.unwrap();
    assert_eq!(
        left.json::<Value>().await.unwrap(),
        json!({ "next": [], "quirks": [], "appearsAfterMs": 0 })
    );
}
