//! Sending what was approved: in order, once, and whatever the app answers.

mod lost;
mod refused;

use std::time::Duration;

use countersign::{
    apps::change::{Attribute, Kind, Value},
    audit::Verb,
    queue::{
        Status, cancel,
        retry::{self, MoveError},
        settle::begin,
        store::AttemptOutcome,
    },
    sandbox::faults::Method,
};
use serde_json::json;

use crate::support::app::{NOTHING, TestApp};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn each_kind_of_action_arrives() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    let created = app.echosign.account("ana@example.com").await.unwrap();
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let updated = app.echosign.account("ana@example.com").await.unwrap();
    app.suspend(ana.id).await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let suspended = app.echosign.account("ana@example.com").await.unwrap();
    app.edit(ana.id, |wish| wish.active = true).await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let reactivated = app.echosign.account("ana@example.com").await.unwrap();
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let deleted = app.echosign.account("ana@example.com").await;

    assert_eq!((&created["title"], &created["externalId"]), (&json!("Analyst"), &json!(ana.id)));
    assert_eq!((&updated["title"], &updated["active"]), (&json!("Director"), &json!(true)));
    assert_eq!((&suspended["active"], &reactivated["active"]), (&json!(false), &json!(true)));
    assert_eq!(deleted, None);
    let kinds = [Kind::Create, Kind::Update, Kind::Suspend, Kind::Reactivate, Kind::Delete];
    assert_eq!(app.story(ana.id).await, kinds.map(|kind| (kind, Status::Provisioned)));
    assert_eq!(app.echosign.was_sent(), ["POST", "PATCH", "PATCH", "PATCH", "DELETE"]);
    assert_eq!(app.confirmed(ana.id).await.remote_id, None);
}

#[tokio::test]
async fn a_try_is_kept_with_what_was_asked_and_what_came_back() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;
    let create = app.the(Kind::Create, ana.id).await.id;
    let shown = app.preview(create).await.requests;
    app.approve(create).await;

    app.run_jobs().await;

    let attempts = app.attempts(create).await;
    let exchanges =
        attempts[0].exchanges.iter().filter(|exchange| exchange.request.method != "GET");
    let sent: Vec<_> = exchanges.clone().map(|exchange| exchange.request.clone()).collect();
    let statuses: Vec<_> = exchanges.map(|exchange| exchange.status).collect();
    assert_eq!(sent, shown, "what is sent is what was shown");
    assert_eq!((attempts.len(), statuses), (1, vec![Some(201)]));
    assert_eq!(attempts[0].ended, Some((app.now(), AttemptOutcome::Provisioned)));
    let verbs =
        [Verb::ActionRequested, Verb::ActionApproved, Verb::ActionSending, Verb::ActionProvisioned];
    assert_eq!(app.verbs(create).await, verbs);
    let confirmed = app.confirmed(ana.id).await;
    assert_eq!(confirmed.attributes[&Attribute::Title], Value::Text("Analyst".to_owned()));
    assert_eq!(confirmed.at, Some(app.now()));
}

#[tokio::test]
async fn the_actions_of_an_account_go_out_in_the_order_of_approval() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    let ben = app.an_account("ben@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.suspend(ana.id).await;
    app.approve_all(ana.id).await;
    app.suspend(ben.id).await;
    app.approve_all(ben.id).await;
    app.echosign.answers(Method::Patch, 500, 1);

    app.run_jobs().await;

    // Ana's first was put off, so that her second waits for it; Ben's does not.
    let waits = [(Kind::Update, Status::Approved), (Kind::Suspend, Status::Approved)];
    assert_eq!(app.story(ana.id).await[1..], waits);
    assert_eq!(app.story(ben.id).await[1..], [(Kind::Suspend, Status::Provisioned)]);
    assert_eq!(app.preview(app.the(Kind::Suspend, ana.id).await.id).await.waits_for.len(), 1);
    app.clock.advance(MINUTE);
    app.run_jobs().await;
    let sent = [(Kind::Update, Status::Provisioned), (Kind::Suspend, Status::Provisioned)];
    assert_eq!(app.story(ana.id).await[1..], sent);
}

#[tokio::test]
async fn a_failed_action_holds_up_what_follows_until_it_is_sent_again_in_its_old_place() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    let ben = app.an_account("ben@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.suspend(ana.id).await;
    app.suspend(ben.id).await;
    app.approve_all(ana.id).await;
    app.approve_all(ben.id).await;
    app.echosign.answers(Method::Patch, 422, 1);

    app.run_jobs().await;
    let (stopped, other) = (app.story(ana.id).await, app.story(ben.id).await);
    let update = app.the(Kind::Update, ana.id).await;
    let waits_for = app.preview(app.the(Kind::Suspend, ana.id).await.id).await.waits_for;
    let oscar = app.operator.retrier().unwrap();
    retry::retry(&app.pool, app.now(), &oscar, update.id).await.unwrap();
    app.run_jobs().await;

    let expected = [(Kind::Update, Status::Failed), (Kind::Suspend, Status::Approved)];
    assert_eq!(stopped[1..], expected);
    assert_eq!(other[1..], [(Kind::Suspend, Status::Provisioned)], "nobody else waits");
    assert_eq!(waits_for, [update.number]);
    let sent = [(Kind::Update, Status::Provisioned), (Kind::Suspend, Status::Provisioned)];
    assert_eq!(app.story(ana.id).await[1..], sent);
    assert_eq!(app.attempts(update.id).await.len(), 2);
}

#[tokio::test]
async fn what_follows_a_failed_action_goes_on_once_that_is_given_up_and_what_is_still_wanted_is_asked_again()
 {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.suspend(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;
    // Even where a rule would let it through.
    app.provisioning(|p| p.approve = NOTHING).await;
    let oscar = app.operator.retrier().unwrap();

    let update = app.the(Kind::Update, ana.id).await.id;
    cancel::cancel(&app.pool, app.now(), &oscar, update).await.unwrap();
    app.run_jobs().await;

    let expected = [
        (Kind::Update, Status::Cancelled),
        (Kind::Suspend, Status::Provisioned),
        (Kind::Update, Status::Pending),
    ];
    assert_eq!(app.story(ana.id).await[1..], expected);
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "Analyst");
}

#[tokio::test]
async fn what_was_given_up_and_is_rejected_then_stays_away() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    let oscar = app.operator.retrier().unwrap();
    let update = app.the(Kind::Update, ana.id).await.id;
    cancel::cancel(&app.pool, app.now(), &oscar, update).await.unwrap();

    app.reject(app.the(Kind::Update, ana.id).await.id).await;
    app.edit(ana.id, |wish| "Legal".clone_into(&mut wish.draft.department)).await;

    let asked = app.the(Kind::Update, ana.id).await.content;
    assert_eq!((asked.changes.len(), asked.wants(Attribute::Title)), (1, None));
}

#[tokio::test]
async fn what_is_cancelled_before_it_is_sent_is_not_sent() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let oscar = app.operator.retrier().unwrap();

    cancel::cancel(&app.pool, app.now(), &oscar, id).await.unwrap();
    app.run_jobs().await;

    assert_eq!(app.status(id).await, Status::Cancelled);
    assert_eq!(app.echosign.was_sent(), [""; 0]);
    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionCancelled));
    let again = cancel::cancel(&app.pool, app.now(), &oscar, id).await;
    assert!(matches!(again, Err(MoveError::Illegal(_))), "{again:?}");
}

#[tokio::test]
async fn what_is_being_sent_cannot_be_cancelled() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let claim = app.claim().await;
    let _working = begin(&app.pool, app.now(), &claim, id).await.unwrap();
    let oscar = app.operator.retrier().unwrap();

    let cancelled = cancel::cancel(&app.pool, app.now(), &oscar, id).await;

    let Err(MoveError::Illegal(illegal)) = cancelled else { panic!("{cancelled:?}") };
    assert_eq!((illegal.from, illegal.step), (Status::Sending, "cancel"));
    app.leaves_jobs();
}

#[tokio::test]
async fn a_failed_action_is_sent_again_by_its_old_approval() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.answers(Method::Post, 422, 1);
    app.run_jobs().await;
    let failed = app.status(id).await;
    let oscar = app.operator.retrier().unwrap();

    retry::retry(&app.pool, app.now(), &oscar, id).await.unwrap();
    app.run_jobs().await;

    assert_eq!((failed, app.status(id).await), (Status::Failed, Status::Provisioned));
    assert_eq!(app.action(id).await.state.decision().unwrap().by.name(), "Paula");
    assert!(app.verbs(id).await.contains(&Verb::ActionRetried));
    let again = retry::retry(&app.pool, app.now(), &oscar, id).await;
    assert!(matches!(again, Err(MoveError::Illegal(_))), "{again:?}");
}

#[tokio::test]
async fn a_failed_action_is_withdrawn_by_a_newer_change() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;

    app.retitle(ana.id, "President").await;

    let expected = [(Kind::Update, Status::Withdrawn), (Kind::Update, Status::Pending)];
    assert_eq!(app.story(ana.id).await[1..], expected);
}
