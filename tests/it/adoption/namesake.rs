//! Two people who went by one user name, one after the other, where nobody heard how a try ended; and what is
//! queued behind a create that found somebody else's account.

use std::time::Duration;

use countersign::{apps::change::Kind, queue::Status, sandbox::faults::Method};
use serde_json::json;

use super::ana_as;
use crate::support::app::TestApp;

#[tokio::test]
async fn a_delete_whose_answer_was_lost_never_takes_the_next_persons_account() {
    let app = TestApp::provisioned().await;
    let before = app.an_account("ana@example.com").await;
    app.delete(before.id).await;
    app.approve_all(before.id).await;
    app.echosign.loses_the_answer(Method::Delete);
    app.run_jobs().await;
    // So that the delete is tried again before the create is.
    app.clock.advance(Duration::from_secs(2));
    let ana = app.a_person("ana@example.com").await;
    app.approve_all(ana.id).await;
    app.echosign.loses_the_answer(Method::Post);
    app.run_jobs().await;

    app.clock.advance(Duration::from_mins(1));
    app.run_jobs().await;

    assert_eq!(app.story(before.id).await[1..], [(Kind::Delete, Status::Provisioned)]);
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Provisioned)]);
    assert_eq!(app.echosign.was_sent(), ["POST", "DELETE", "POST"]);
    assert_eq!(app.confirmed(before.id).await.remote_id, None);
}

#[tokio::test]
async fn an_account_that_was_made_for_somebody_is_nobody_elses_before_the_answer_is_known() {
    let app = TestApp::provisioned().await;
    let before = app.a_person("ana@example.com").await;
    app.approve_all(before.id).await;
    app.echosign.loses_the_answer(Method::Post);
    app.run_jobs().await;
    app.delete(before.id).await;
    app.approve_all(before.id).await;
    let ana = app.a_person("ana@example.com").await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let early = app.story(ana.id).await;

    app.clock.advance(Duration::from_mins(1));
    app.run_jobs().await;

    assert_eq!(early, [(Kind::Create, Status::Failed)]);
    let expected = [(Kind::Create, Status::Provisioned), (Kind::Delete, Status::Provisioned)];
    assert_eq!(app.story(before.id).await, expected);
    assert_eq!(app.echosign.was_sent(), ["POST", "DELETE"]);
}

#[tokio::test]
async fn what_is_queued_behind_a_create_never_goes_to_the_account_that_the_create_found() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;
    app.approve_all(ana.id).await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    let mut anothers = ana_as("Analyst");
    anothers["emails"][0]["value"] = json!("other@example.com");
    app.echosign.has(anothers);

    app.run_jobs().await;

    assert_eq!(app.echosign.was_sent(), [""; 0]);
    assert_eq!(app.the(Kind::Create, ana.id).await.state.status(), Status::Pending);
    assert_eq!(app.confirmed(ana.id).await.remote_id, None, "nobody let that be taken over");
}
