//! What is told of one action.

use countersign::{
    access::Actor,
    apps::change::{Attribute, Attributes, Value},
    directory::Source,
    kernel::Clock,
    queue::groups::{self, GroupTold},
};
use serde_json::{Value as Json, json};

use super::fixture::{Api, at};

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// What was confirmed of Ana: the title is still the old one.
fn ana(title: &str) -> Attributes {
    Attributes::from([
        (Attribute::UserName, text("ana@example.com")),
        (Attribute::DisplayName, text("Ana Lima")),
        (Attribute::Title, text(title)),
        (Attribute::Active, Value::Flag(true)),
    ])
}

fn resource(title: &str) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "remote-1",
        "userName": "ana@example.com",
        "displayName": "Ana Lima",
        "title": title,
        "active": true,
    })
}

#[tokio::test]
async fn a_new_person_waits_as_a_create_of_all_that_is_known_of_them() {
    let api = Api::new().await;

    let action = api.create_waits().await;

    assert_eq!(action["kind"], "create");
    assert_eq!(action["status"], "pending");
    assert_eq!(action["app"], "echosign");
    assert_eq!(action["source"], "api");
    assert_eq!(action["user"]["userName"], "ana@example.com");
    assert_eq!(action["user"]["displayName"], "Ana Lima");
    assert_eq!(action["createdAt"], "2026-11-23T10:00:00Z");
    assert_eq!(action["decision"], Json::Null);
    assert_eq!(
        action["changes"],
        json!([
            { "attribute": "userName", "from": null, "to": "ana@example.com" },
            { "attribute": "displayName", "from": null, "to": "Ana Lima" },
            { "attribute": "title", "from": null, "to": "Analyst" },
            { "attribute": "active", "from": null, "to": true },
        ])
    );
}

#[tokio::test]
async fn an_action_in_full_shows_the_very_requests_and_no_credential() {
    let api = Api::new().await;
    let listed = api.create_waits().await;

    let shown = api.get(&at(&listed, "")).await;

    assert_eq!(shown.status, 200);
    assert_eq!(shown.body["digest"], listed["digest"]);
    assert_eq!(shown.body["waitsFor"], json!([]));
    assert_eq!(shown.body["attempts"], json!([]));
    let preview = &shown.body["preview"];
    assert_eq!(preview["source"], "live");
    assert_eq!(preview["at"], "2026-11-23T10:00:00Z");
    assert_eq!(preview["rebased"], false);
    assert_eq!(preview["present"], Json::Null);
    assert_eq!(preview["requests"][0]["method"], "POST");
    assert_eq!(preview["requests"][0]["path"], "Users");
    assert_eq!(preview["requests"][0]["body"]["userName"], "ana@example.com");
    assert!(!shown.body.to_string().contains("the-token-of-the-app"));
}

#[tokio::test]
async fn what_the_app_really_holds_is_shown_and_can_be_approved() {
    let api = Api::new().await;
    let created = api.create_waits().await;
    let user = created["user"]["id"].as_str().unwrap();
    api.confirmed(user, &ana("Clerk")).await;
    api.send_as_operator(user, json!({ "title": "Senior Analyst" })).await;
    let stored = api.waiting().await;
    api.has_accounts(&[resource("Director")]).await;

    let shown = api.get(&at(&stored, "")).await.body;
    let approval = json!({ "digest": shown["digest"] });
    let approved = api.approve(&stored, approval).await;

    assert_eq!(stored["changes"][0]["from"], "Clerk");
    assert_eq!(shown["changes"][0]["from"], "Director");
    assert_eq!(shown["preview"]["rebased"], true);
    assert_eq!(shown["preview"]["present"]["title"], "Director");
    assert_ne!(shown["digest"], stored["digest"]);
    assert_eq!(approved.status, 200, "{}", approved.body);
    assert_eq!(approved.body["digest"], shown["digest"]);
    assert_eq!(approved.body["decision"]["digest"], shown["digest"]);
}

#[tokio::test]
async fn an_app_that_does_not_answer_is_told_and_what_it_last_confirmed_is_shown() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    api.app.reset().await;

    let shown = api.get(&at(&action, "")).await;

    assert_eq!(shown.status, 200);
    assert_eq!(shown.body["preview"]["source"], "confirmed");
    assert!(shown.body["preview"]["because"].is_string(), "{}", shown.body["preview"]);
}

#[tokio::test]
async fn every_try_is_shown_with_what_was_asked_and_what_came_back() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    api.refuses().await;
    api.approve(&action, json!({ "digest": action["digest"] })).await;
    api.forward().await;

    let shown = api.get(&at(&action, "")).await.body;

    assert_eq!(shown["status"], "failed");
    assert!(
        shown["cause"].as_str().unwrap().contains("title is not allowed"),
        "{}",
        shown["cause"]
    );
    let [attempt] = &shown["attempts"].as_array().unwrap()[..] else {
        panic!("{}", shown["attempts"])
    };
    assert_eq!(attempt["number"], 1);
    assert_eq!(attempt["outcome"], "failed");
    let exchange = attempt["exchanges"].as_array().unwrap().last().unwrap();
    assert_eq!(exchange["request"]["method"], "POST");
    assert_eq!(exchange["status"], 400);
    assert!(exchange["answer"].as_str().unwrap().contains("title is not allowed"));
}

#[tokio::test]
async fn an_action_in_full_names_the_groups_its_person_is_in() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    let told = GroupTold {
        display_name: "Finance".to_owned(),
        external_id: None,
        resource: json!({}),
        members: vec![action["user"]["id"].as_str().unwrap().parse().unwrap()],
    };
    let by = Actor::command_line().operator().unwrap();
    groups::add(&api.db.pool, api.clock.now(), &by, &Source::api(), told).await.unwrap();

    let full = api.get(&at(&action, "")).await.body;

    assert_eq!(full["groups"], json!(["Finance"]));
}
