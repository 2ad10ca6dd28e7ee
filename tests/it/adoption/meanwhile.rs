//! What is wanted has changed since it was approved, or the account is another person's by now.

use countersign::{
    apps::{OnDelete, change::Kind},
    jobs::Handler,
    queue::{Status, cancel, retry},
    sandbox::faults::Method,
};
use serde_json::{Value as Json, json};

use super::ana_as;
use crate::support::app::TestApp;

#[tokio::test]
async fn an_account_that_is_another_persons_here_is_never_touched() {
    for rule in [false, true] {
        let app = TestApp::provisioned().await;
        let ana = app.an_account("ana@example.com").await;
        // Ana's new name waits, so that over there she still goes by the old one, which Ben gets here.
        app.edit(ana.id, |wish| wish.draft.user_name = "ana.lima@example.com".to_owned()).await;
        app.provisioning(|p| p.approve.create = !rule).await;
        let ben = app.a_person("ana@example.com").await;
        app.retitle(ben.id, "Director").await;

        app.approve_all_of(Kind::Create, ben.id).await;
        app.run_jobs().await;

        let create = app.the(Kind::Create, ben.id).await;
        let says = app
            .events(create.id)
            .await
            .pop()
            .unwrap()
            .detail("says")
            .unwrap_or_default()
            .to_owned();
        assert_eq!(create.state.status(), Status::Failed, "by rule: {rule}");
        assert!(says.contains("another person"), "{says}");
        assert_eq!(app.echosign.was_sent(), ["POST"]);
        assert_eq!(app.confirmed(ben.id).await.remote_id, None);
        assert!(app.confirmed(ana.id).await.remote_id.is_some());
    }
}

#[tokio::test]
async fn to_delete_the_account_of_a_name_never_takes_the_next_persons() {
    let app = TestApp::provisioned().await;
    let before = app.a_person("ana@example.com").await;
    app.approve_all(before.id).await;
    app.delete(before.id).await;
    app.approve_all(before.id).await;
    let ana = app.a_person("ana@example.com").await;
    let create = app.the(Kind::Create, ana.id).await.id;
    app.echosign.answers(Method::Post, 422, 1);
    let failing = app.claim().await;
    app.forwarder.work(failing).await.unwrap();
    // What failed holds the deletion up until somebody gives it up.
    let failed = app.the(Kind::Create, before.id).await.id;
    let oscar = app.operator.retrier().unwrap();
    cancel::cancel(&app.pool, app.now(), &oscar, failed).await.unwrap();
    let deleting = app.claim().await;
    app.approve(create).await;
    app.run_jobs().await;
    app.forwarder.work(deleting).await.unwrap();

    let expected = [(Kind::Create, Status::Cancelled), (Kind::Delete, Status::Provisioned)];
    assert_eq!(app.story(before.id).await, expected);
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Provisioned)]);
    assert_eq!(app.echosign.accounts().await.len(), 1);
}

#[tokio::test]
async fn who_comes_back_gets_the_account_that_was_left_when_they_were_deleted() {
    for on_delete in [OnDelete::Suspend, OnDelete::Nothing] {
        let app = TestApp::provisioned().await;
        app.provisioning(|p| p.on_delete = on_delete).await;
        let before = app.an_account("ana@example.com").await;
        app.delete(before.id).await;
        app.approve_all(before.id).await;
        app.run_jobs().await;

        let ana = app.a_person("ana@example.com").await;
        app.approve_all(ana.id).await;
        app.run_jobs().await;

        assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Provisioned)], "{on_delete}");
        let accounts = app.echosign.accounts().await;
        assert_eq!((accounts.len(), &accounts[0]["active"]), (1, &json!(true)));
        assert_eq!(app.confirmed(before.id).await.remote_id, None);
        assert!(app.confirmed(ana.id).await.remote_id.is_some());
    }
}

#[tokio::test]
async fn an_account_that_is_still_to_be_suspended_is_not_yet_anybody_elses() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.on_delete = OnDelete::Suspend).await;
    let before = app.an_account("ana@example.com").await;
    app.delete(before.id).await;

    let ana = app.a_person("ana@example.com").await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;

    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Failed)]);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn nobody_makes_an_account_for_who_was_deleted_meanwhile() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.approve(id).await;
    app.delete(ana).await;
    app.approve_all(ana).await;
    app.echosign.answers(Method::Post, 422, 1);
    app.run_jobs().await;
    let oscar = app.operator.retrier().unwrap();

    let retried = retry::retry(&app.pool, app.now(), &oscar, id).await;
    app.run_jobs().await;

    assert!(retried.is_err(), "{retried:?}");
    assert_eq!(app.echosign.accounts().await, [] as [Json; 0]);
}

#[tokio::test]
async fn an_account_that_comes_back_for_who_was_deleted_meanwhile_is_not_asked_for_again() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.approve(id).await;
    app.echosign.has(ana_as("Director"));
    app.delete(ana).await;

    app.run_jobs().await;

    assert_eq!(app.status(id).await, Status::Withdrawn);
    app.approve_all(ana).await;
    app.run_jobs().await;
    assert_eq!(app.echosign.was_sent(), [""; 0], "it was never ours");
}

#[tokio::test]
async fn a_retry_is_of_what_is_still_wanted() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let old = app.the(Kind::Update, ana.id).await.id;
    app.approve(old).await;
    app.retitle(ana.id, "President").await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;
    let oscar = app.operator.retrier().unwrap();

    let retried = retry::retry(&app.pool, app.now(), &oscar, old).await;
    // What waited behind it goes on, and finds that what it was laid over never came.
    app.run_jobs().await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;

    assert!(retried.is_err(), "{retried:?}");
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "President");
    assert!(
        app.actions(ana.id).await.iter().all(|action| action.state.status() != Status::Pending)
    );
}

#[tokio::test]
async fn what_a_rule_sent_and_failed_is_not_left_behind_by_the_next_change() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.provisioning(|p| p.approve.update = false).await;
    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0019".to_owned()).await;
    app.run_jobs().await;

    let expected = [
        (Kind::Update, Status::Pending),
        (Kind::Update, Status::Withdrawn),
        (Kind::Update, Status::Provisioned),
    ];
    assert_eq!(app.story(ana.id).await[1..], expected);
}
