//! What was changed or removed over there since it was approved.

use std::time::Duration;

use countersign::{
    apps::{
        Deletes,
        change::{Attribute, Change, Kind},
    },
    queue::{Status, connect, store::AttemptOutcome},
    sandbox::faults::Method,
};
use serde_json::{Value as Json, json};

use super::text;
use crate::support::app::TestApp;

#[tokio::test]
async fn what_was_changed_over_there_comes_back_and_is_sent_once_it_was_seen() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    app.approve(id).await;
    app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;

    app.run_jobs().await;
    let back = app.action(id).await;
    let sent = app.echosign.was_sent();
    app.approve(id).await;
    app.run_jobs().await;

    assert_eq!((back.state.status(), sent), (Status::Pending, vec!["POST".to_owned()]));
    let change = Change { attribute: Attribute::Title, from: text("Clerk"), to: text("Director") };
    assert_eq!(back.content.changes, [change]);
    assert_eq!(app.attempts(id).await[0].ended.unwrap().1, AttemptOutcome::Drifted);
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "Director");
}

#[tokio::test]
async fn what_was_changed_over_there_and_is_none_of_the_action_stays() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.changes("ana@example.com", "nickName", json!("Annie")).await;
    app.echosign.changes("ana@example.com", "displayName", json!("Ana L.")).await;

    app.run_jobs().await;

    let account = app.echosign.account("ana@example.com").await.unwrap();
    assert_eq!(app.the(Kind::Update, ana.id).await.state.status(), Status::Provisioned);
    assert_eq!(
        (&account["nickName"], &account["displayName"]),
        (&json!("Annie"), &json!("Ana L."))
    );
    assert_eq!(
        app.confirmed(ana.id).await.attributes.get(&Attribute::DisplayName),
        text("Ana L.").as_ref()
    );
}

#[tokio::test]
async fn what_is_already_so_is_done_without_being_sent() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.changes("ana@example.com", "title", json!("Director")).await;

    app.run_jobs().await;

    assert_eq!(app.the(Kind::Update, ana.id).await.state.status(), Status::Provisioned);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn where_the_account_is_gone_the_change_is_withdrawn_and_a_new_account_proposed() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;

    app.run_jobs().await;

    let expected = [(Kind::Update, Status::Withdrawn), (Kind::Create, Status::Pending)];
    assert_eq!(app.story(ana.id).await[1..], expected);
    let create = app.the(Kind::Create, ana.id).await;
    assert_eq!(create.content.wants(Attribute::Title), text("Director").as_ref());
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn where_the_account_is_gone_nothing_but_a_new_account_is_proposed() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;

    app.run_jobs().await;

    let expected = [
        (Kind::Update, Status::Withdrawn),
        (Kind::Update, Status::Withdrawn),
        (Kind::Create, Status::Pending),
    ];
    assert_eq!(app.story(ana.id).await[1..], expected);
}

#[tokio::test]
async fn to_delete_what_is_gone_is_done() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;

    app.run_jobs().await;

    assert_eq!(app.story(ana.id).await[1..], [(Kind::Delete, Status::Provisioned)]);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_done() {
    for deletes in [Deletes::Delete, Deletes::Deactivate] {
        let app = TestApp::provisioned().await;
        let wanted = connect::Wanted { deletes, ..app.connection(None) };
        app.connect(wanted).await.unwrap();
        let ana = app.an_account("ana@example.com").await;
        app.delete(ana.id).await;
        app.approve_all(ana.id).await;
        let method = if deletes == Deletes::Delete { Method::Delete } else { Method::Patch };
        app.echosign.loses_the_answer(method);

        app.run_jobs().await;
        app.clock.advance(Duration::from_mins(1));
        app.run_jobs().await;

        assert_eq!(
            app.story(ana.id).await[1..],
            [(Kind::Delete, Status::Provisioned)],
            "{deletes}"
        );
        assert_eq!(app.echosign.was_sent(), ["POST", method.as_str()]);
    }
}

#[tokio::test]
async fn an_account_that_goes_while_it_is_switched_off_is_deleted() {
    let app = TestApp::provisioned().await;
    let wanted = connect::Wanted { deletes: Deletes::Deactivate, ..app.connection(None) };
    app.connect(wanted).await.unwrap();
    let ana = app.an_account("ana@example.com").await;
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 404, 1);

    app.run_jobs().await;

    assert_eq!(app.story(ana.id).await[1..], [(Kind::Delete, Status::Provisioned)]);
    assert_eq!(app.confirmed(ana.id).await.remote_id, None);
}

#[tokio::test]
async fn a_delete_of_what_was_changed_over_there_comes_back() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.changes("ana@example.com", "title", json!("Director")).await;

    app.run_jobs().await;
    let back = app.the(Kind::Delete, ana.id).await;
    app.approve(back.id).await;
    app.run_jobs().await;

    assert_eq!(back.state.status(), Status::Pending);
    assert_eq!(app.status(back.id).await, Status::Provisioned);
    assert_eq!(app.echosign.accounts().await, [] as [Json; 0]);
}

#[tokio::test]
async fn what_an_app_does_not_keep_is_said_and_not_proposed_again() {
    let app = TestApp::provisioned().await;
    app.echosign.always_has("title", json!(null));
    let ana = app.an_account("ana@example.com").await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;

    let create = app.the(Kind::Create, ana.id).await.id;
    let says = app.events(create).await.pop().unwrap().detail("says").map(str::to_owned);
    assert_eq!(says.as_deref(), Some("EchoSign did not keep title."));
    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(
        changes.iter().map(|change| change.attribute).collect::<Vec<_>>(),
        [Attribute::Phone]
    );
    app.retitle(ana.id, "Director").await;
    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(changes[0].to, text("Director"), "a new value may fare better");
}

#[tokio::test]
async fn what_an_app_does_not_let_go_of_is_said_and_not_proposed_again() {
    let app = TestApp::provisioned().await;
    app.echosign.always_has("displayName", json!("Ana (EchoSign)"));
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let first = app.the(Kind::Update, ana.id).await;
    app.approve(first.id).await;
    app.run_jobs().await;

    app.retitle(ana.id, "President").await;

    let said = app.events(first.id).await.pop().unwrap().detail("says").map(str::to_owned);
    assert_eq!(app.status(first.id).await, Status::Provisioned);
    assert_eq!(said.as_deref(), Some("EchoSign did not let go of display name."));
    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(
        changes.iter().map(|change| change.attribute).collect::<Vec<_>>(),
        [Attribute::Title]
    );
}
