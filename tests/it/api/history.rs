//! Reading the history.

use serde_json::{Value as Json, json};

use super::fixture::Api;

fn verbs(items: &[Json]) -> Vec<&str> {
    items.iter().map(|event| event["verb"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_history_tells_who_did_what_to_whom_newest_first() {
    let api = Api::new().await;
    let action = api.create_waits().await;
    api.approve_as_shown(&action).await;

    let user = action["user"]["id"].as_str().unwrap();
    let of_user = api.get(&format!("/api/v1/audit?user={user}")).await;

    assert_eq!(verbs(of_user.items()), ["action.approved", "action.requested", "user.created"]);
    let approved = &of_user.items()[0];
    assert_eq!(approved["actor"], json!({ "kind": "token", "name": "A token of approver" }));
    assert_eq!(approved["action"], action["id"]);
    assert_eq!(approved["user"], action["user"]["id"]);
    assert_eq!(approved["app"], "echosign");
    assert_eq!(approved["at"], "2026-11-23T10:00:00Z");
    assert_eq!(approved["details"]["digest"], action["digest"]);
}

#[tokio::test]
async fn the_history_is_restricted_by_the_beginning_of_a_verb() {
    let api = Api::new().await;
    api.create_waits().await;

    let one = api.get("/api/v1/audit?verb=user.created").await;
    let some = api.get("/api/v1/audit?verb=token.").await;

    assert_eq!(verbs(one.items()), ["user.created"]);
    assert_eq!(verbs(some.items()), ["token.created"; 4]);
}
