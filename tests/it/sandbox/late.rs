//! Accounts that look-ups do not show at once.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{Running, path_of, setting};

#[tokio::test]
async fn a_new_account_is_found_only_after_a_while() {
    let running = Running::start().await;
    running.faults(&json!({ "appearsAfterMs": 2_000 })).await;
    let path = path_of(&running.created("ana").await);

    let by_name = r#"userName eq "ana""#;
    let early = (running.found(by_name).await, running.user_names().await);
    let early_id = running.status(Method::GET, &path).await;
    let total = running.json(Method::GET, "/Users", &json!({})).await["totalResults"].clone();
    let again = running.create("ANA").await.unwrap().status();
    running.clock.advance(Duration::from_secs(2));

    assert_eq!(early, (vec![], vec![]));
    assert_eq!((early_id, total, again.as_u16()), (404, json!(0), 409));
    assert_eq!(running.found(by_name).await, ["ana"]);
    assert_eq!(running.user_names().await, ["ana"]);
    assert_eq!(running.status(Method::GET, &path).await, 200);
}

#[tokio::test]
async fn an_account_that_is_not_shown_yet_can_be_changed() {
    let running = Running::start().await;
    running.faults(&json!({ "appearsAfterMs": 2_000 })).await;
    let path = path_of(&running.created("ana").await);

    let patched = running.json(Method::PATCH, &path, &setting("title", "Clerk")).await;
    let unseen = running.status(Method::GET, &path).await;
    let kept = running.the_account();
    let deleted = running.status(Method::DELETE, &path).await;

    assert_eq!((&patched["title"], &kept["title"]), (&json!("Clerk"), &json!("Clerk")));
    assert_eq!((unseen, deleted), (404, 204));
    assert!(running.keeps().is_empty());
    assert_eq!(running.create("ana").await.unwrap().status(), 201, "the name is free again");
}

#[tokio::test]
async fn what_was_there_before_or_was_seeded_is_shown() {
    let running = Running::start().await;
    running.created("ana").await;
    running.faults(&json!({ "appearsAfterMs": 2_000 })).await;
    running.sandbox.seed([json!({ "userName": "ben" })]).unwrap();
    running.created("cy").await;

    assert_eq!(running.user_names().await, ["ana", "ben"]);
    assert!(running.page().await.contains("cy"), "the page shows what is kept");
}
