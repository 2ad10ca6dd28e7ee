//! A create whose answer was lost was given up, and then its person goes: the account that may be there is not forgotten.

use std::time::Duration;

use countersign::{
    apps::{OnDelete, change::Kind},
    audit::Verb,
    directory::User,
    kernel::ActionId,
    queue::{Status, retry},
    sandbox::faults::Method,
};
use serde_json::json;

use super::gives_up;
use crate::support::app::TestApp;

/// Ana, whose account was made by a try of which nobody heard the end.
async fn unheard(app: &TestApp) -> (User, ActionId) {
    let ana = app.a_person("ana@example.com").await;
    let create = app.the(Kind::Create, ana.id).await.id;
    app.approve(create).await;
    app.echosign.loses_the_answer(Method::Post);
    app.run_jobs().await;
    (ana, create)
}

async fn says(app: &TestApp, id: ActionId, verb: Verb) -> String {
    let events = app.events(id).await;
    let event = events.iter().rev().find(|event| event.verb == verb).unwrap();
    event.detail("says").unwrap_or_default().to_owned()
}

#[tokio::test]
async fn who_is_deleted_after_an_unheard_create_was_given_up_has_their_account_deleted() {
    let app = TestApp::provisioned().await;
    let (ana, create) = unheard(&app).await;
    gives_up(&app, create).await;

    app.delete(ana.id).await;
    let asked = app.story(ana.id).await;
    let delete = app.the(Kind::Delete, ana.id).await.id;
    app.approve(delete).await;
    app.run_jobs().await;

    let cancelled = says(&app, create, Verb::ActionCancelled).await;
    let may = "Nobody heard how its last try ended: EchoSign may have made the account.";
    assert_eq!(cancelled, may);
    let requested = says(&app, delete, Verb::ActionRequested).await;
    assert_eq!(requested, "Nobody heard how #1 ended: EchoSign may have this account.");
    let (given_up, again) = ((Kind::Create, Status::Cancelled), (Kind::Create, Status::Withdrawn));
    assert_eq!(asked, [given_up, again, (Kind::Delete, Status::Pending)]);
    assert_eq!(app.status(delete).await, Status::Provisioned);
    assert_eq!(app.echosign.was_sent(), ["POST", "DELETE"]);
}

#[tokio::test]
async fn an_unheard_create_that_failed_is_not_forgotten_with_its_person() {
    for deleted in [true, false] {
        let app = TestApp::provisioned().await;
        let (ana, create) = unheard(&app).await;
        // By the filter, and page by page.
        app.echosign.answers(Method::Get, 403, 2);
        app.clock.advance(Duration::from_mins(1));
        app.run_jobs().await;
        let failed = app.status(create).await;

        if deleted {
            app.delete(ana.id).await
        } else {
            app.suspend(ana.id).await
        };
        app.approve_all(ana.id).await;
        app.run_jobs().await;

        let kind = if deleted { Kind::Delete } else { Kind::Suspend };
        let expected = [(Kind::Create, Status::Withdrawn), (kind, Status::Provisioned)];
        assert_eq!((failed, app.story(ana.id).await), (Status::Failed, expected.to_vec()));
        let left = app.echosign.account("ana@example.com").await;
        let active = left.map(|account| account["active"].clone());
        assert_eq!(active, (!deleted).then_some(json!(false)));
    }
}

#[tokio::test]
async fn what_may_be_there_is_treated_as_the_app_says_and_found_out_once() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.on_delete = OnDelete::Suspend).await;
    let (ana, create) = unheard(&app).await;
    gives_up(&app, create).await;
    app.echosign.removes("ana@example.com").await;
    app.suspend(ana.id).await;

    app.approve_all(ana.id).await;
    app.run_jobs().await;
    app.delete(ana.id).await;

    let gone = (Kind::Suspend, Status::Withdrawn);
    assert_eq!(app.story(ana.id).await[2..], [gone], "it was looked for, and there was none");
}

#[tokio::test]
async fn what_was_refused_leaves_nothing_behind_to_delete() {
    for fault in [Method::Get, Method::Post] {
        let app = TestApp::provisioned().await;
        let id = app.an_action_waits().await;
        let ana = app.action(id).await.content.account;
        app.approve(id).await;
        app.echosign.answers(fault, 403, 2);
        app.run_jobs().await;

        app.delete(ana).await;

        assert_eq!(app.story(ana).await, [(Kind::Create, Status::Withdrawn)], "{fault:?}");
    }
}

#[tokio::test]
async fn an_account_that_nothing_but_its_name_tells_to_be_theirs_is_left_to_a_person() {
    let app = TestApp::provisioned().await;
    let (ana, create) = unheard(&app).await;
    app.echosign.changes("ana@example.com", "externalId", json!(null)).await;
    gives_up(&app, create).await;
    app.delete(ana.id).await;

    app.approve_all(ana.id).await;
    app.run_jobs().await;

    let delete = app.the(Kind::Delete, ana.id).await.id;
    let failed = says(&app, delete, Verb::ActionFailed).await;
    assert!(failed.contains("nothing shows that it was made for this person"), "{failed}");
    assert_eq!(app.echosign.was_sent(), ["POST"]);
    app.echosign.removes("ana@example.com").await;
    let oscar = app.operator.retrier().unwrap();
    retry::retry(&app.pool, app.now(), &oscar, delete).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.status(delete).await, Status::Provisioned);
}
