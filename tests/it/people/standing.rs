//! What was rejected, approved or let through before a change comes.

use countersign::{
    apps::change::{Attribute, Kind},
    queue::Status,
};

use super::{change, text};
use crate::support::app::{NOTHING, TestApp};

#[tokio::test]
async fn a_rejected_difference_stays_rejected_until_its_source_value_changes() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.reject(app.the(Kind::Update, ana.id).await.id).await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    let other = app.the(Kind::Update, ana.id).await.content.changes;
    app.retitle(ana.id, "President").await;
    let newer = app.the(Kind::Update, ana.id).await.content.changes;

    let phone = change(Attribute::Phone, None, Some("+44 20 7946 0018"));
    assert_eq!(other, std::slice::from_ref(&phone));
    assert_eq!(newer, [change(Attribute::Title, Some("Analyst"), Some("President")), phone]);
}

#[tokio::test]
async fn a_rejected_removal_stays_rejected() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "").await;
    app.reject(app.the(Kind::Update, ana.id).await.id).await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;

    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(changes, [change(Attribute::Phone, None, Some("+44 20 7946 0018"))]);
}

#[tokio::test]
async fn a_rejected_difference_that_was_undone_may_be_asked_for_again() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.suspend(ana.id).await;
    app.reject(app.the(Kind::Suspend, ana.id).await.id).await;

    app.retitle(ana.id, "Director").await;
    let still = app.the(Kind::Suspend, ana.id).await.state.status();
    app.edit(ana.id, |wish| wish.active = true).await;
    app.suspend(ana.id).await;

    assert_eq!(still, Status::Rejected);
    assert_eq!(app.the(Kind::Suspend, ana.id).await.state.status(), Status::Pending);
}

#[tokio::test]
async fn a_rejected_account_is_asked_for_again_once_the_person_changes() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let ana = app.reject(id).await.content.account;

    app.edit(ana, |wish| wish.draft.user_name = "ANA@example.com".to_owned()).await;
    app.retitle(ana, "Director").await;

    let create = app.the(Kind::Create, ana).await;
    assert_ne!(create.id, id);
    assert_eq!(create.state.status(), Status::Pending);
    assert_eq!(create.content.wants(Attribute::Title), text("Director").as_ref());
}

#[tokio::test]
async fn a_cleared_check_box_lets_new_attributes_past_what_waits_and_releases_none_of_it() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let waiting = app.the(Kind::Update, ana.id).await;

    app.provisioning(|p| p.approve.update = false).await;
    let released = app.jobs().await;
    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;

    let passed = app.the(Kind::Update, ana.id).await;
    assert_eq!(released, 0);
    assert_eq!(app.action(waiting.id).await, waiting);
    assert_eq!(passed.content.changes, [change(Attribute::Phone, None, Some("+44 20 7946 0018"))]);
    assert_eq!(passed.state.status(), Status::Approved);
    app.run_jobs().await;
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "Analyst");
}

#[tokio::test]
async fn a_cleared_check_box_does_not_release_an_account_that_waits() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.provisioning(|p| p.approve = NOTHING).await;

    app.retitle(ana, "Director").await;

    assert_eq!(app.story(ana).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(app.action(id).await.content.wants(Attribute::Title), text("Director").as_ref());
}

#[tokio::test]
async fn a_change_is_compared_with_what_is_approved_and_not_yet_sent() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    let beside = app.the(Kind::Update, ana.id).await.content.changes;
    app.retitle(ana.id, "Analyst").await;
    let back = app.the(Kind::Update, ana.id).await.content.changes;

    let phone = change(Attribute::Phone, None, Some("+44 20 7946 0018"));
    assert_eq!(beside, std::slice::from_ref(&phone));
    assert_eq!(back, [change(Attribute::Title, Some("Director"), Some("Analyst")), phone]);
    app.leaves_jobs();
}

#[tokio::test]
async fn who_is_deleted_while_their_account_is_on_its_way_loses_it_after_it_was_made() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;
    app.approve_all(ana.id).await;

    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;

    let expected = [(Kind::Create, Status::Provisioned), (Kind::Delete, Status::Provisioned)];
    assert_eq!(app.story(ana.id).await, expected);
    assert_eq!(app.echosign.was_sent(), ["POST", "DELETE"]);
    assert_eq!(app.echosign.accounts().await, [] as [serde_json::Value; 0]);
}
