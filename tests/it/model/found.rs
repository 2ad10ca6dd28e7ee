//! Scripts that failed once.

use countersign::{apps::change::Kind, queue::Status, sandbox::faults::Method};
use serde_json::json;

use super::{
    plays,
    step::{Elsewhere, Fault, Step, Who},
};
use crate::support::app::TestApp;

async fn holds_for(script: &[Step]) {
    assert_eq!(plays(script).await, Ok(()));
}

#[tokio::test]
async fn where_an_account_was_to_be_taken_over_and_is_gone_none_is_made_unasked() {
    for approve in [Step::Approve(0), Step::ApproveUnseen(0)] {
        holds_for(&[
            Step::Add(Who::Ben),
            Step::Approve(0),
            Step::Elsewhere(Elsewhere::Makes(Who::Ben, "Clerk")),
            Step::Work(1),
            Step::Elsewhere(Elsewhere::Removes(Who::Ben)),
            approve,
        ])
        .await;
    }
}

#[tokio::test]
async fn who_looks_at_a_create_sees_that_the_account_that_was_found_is_gone() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.has(json!({ "userName": "ana@example.com", "title": "Clerk" }));
    app.run_jobs().await;
    let found = app.preview(id).await.content.changes;
    app.echosign.removes("ana@example.com").await;

    let seen = app.preview(id).await;
    app.approve(id).await;
    app.run_jobs().await;

    assert!(found.iter().any(|change| change.from.is_some()), "{found:?}");
    assert!(seen.content.changes.iter().all(|change| change.from.is_none()), "{seen:?}");
    assert_eq!((app.status(id).await, app.echosign.was_sent().len()), (Status::Provisioned, 1));
}

#[tokio::test]
async fn what_follows_a_create_that_came_back_is_not_done_to_the_account_that_was_found() {
    for title in ["Analyst", "Director"] {
        holds_for(&[
            Step::Add(Who::Ana),
            Step::Approve(0),
            Step::Retitle(Who::Ana, "Director"),
            Step::Approve(0),
            Step::Elsewhere(Elsewhere::Makes(Who::Ana, title)),
        ])
        .await;
    }
}

#[tokio::test]
async fn the_account_that_an_unheard_create_may_have_left_is_not_forgotten_with_its_person() {
    for goes in [Step::Delete(Who::Ana), Step::Suspend(Who::Ana)] {
        let lost = Step::Fault(Fault::LosesTheAnswer(Method::Post));
        let unheard = [Step::Add(Who::Ana), Step::Approve(0), lost, Step::Work(1)];
        holds_for(&[&unheard[..], &[Step::Cancel(0), goes]].concat()).await;
        holds_for(&[&unheard[..], &[Step::Cancel(0), goes, Step::Approve(0)]].concat()).await;
        holds_for(&[&unheard[..], &[Step::Cancel(0), Step::Reject(0), goes]].concat()).await;
    }
}

#[tokio::test]
async fn what_another_create_left_is_not_changed_by_who_has_not_seen_it() {
    holds_for(&[
        Step::Fault(Fault::LosesTheAnswer(Method::Post)),
        Step::Add(Who::Cleo),
        Step::Approve(0),
        Step::Retitle(Who::Cleo, "Clerk"),
        Step::ApproveUnseen(0),
        Step::Work(1),
        Step::Cancel(0),
        Step::Retitle(Who::Cleo, "Director"),
        Step::Approve(0),
    ])
    .await;
}

#[tokio::test]
async fn who_finds_the_account_of_a_create_that_was_given_up_has_nobody_asked_for_another() {
    for change in [Step::Retitle(Who::Ben, "Clerk"), Step::Rename(Who::Ben, "dan")] {
        holds_for(&[
            Step::Fault(Fault::LosesTheAnswer(Method::Post)),
            Step::Add(Who::Ben),
            Step::Approve(0),
            change,
            Step::ApproveUnseen(0),
            Step::Work(1),
            Step::Cancel(0),
        ])
        .await;
    }
}

#[tokio::test]
async fn what_follows_a_create_that_finds_two_accounts_is_asked_for_anew() {
    holds_for(&[
        Step::Add(Who::Ben),
        Step::Approve(0),
        Step::Elsewhere(Elsewhere::Makes(Who::Ben, "Analyst")),
        Step::Elsewhere(Elsewhere::Makes(Who::Ben, "Analyst")),
        Step::Delete(Who::Ben),
        Step::Approve(0),
    ])
    .await;
}

#[tokio::test]
async fn an_account_that_was_removed_and_made_anew_by_others_is_not_changed_unasked() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;
    app.echosign.has(json!({ "userName": "ana@example.com", "title": "Analyst" }));

    app.run_jobs().await;

    let expected = [(Kind::Update, Status::Withdrawn), (Kind::Create, Status::Pending)];
    assert_eq!(app.story(ana.id).await[1..], expected);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}
