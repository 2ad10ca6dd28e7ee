//! Accounts that are not as they were thought to be: there already, changed, gone, or another person's.

mod elsewhere;
mod meanwhile;
mod namesake;
mod orphan;
mod unheard;

use std::time::Duration;

use countersign::{
    apps::change::{Attribute, Kind, Value},
    audit::Verb,
    jobs,
    kernel::ActionId,
    queue::{Status, cancel, store::AttemptOutcome},
    sandbox::faults::{Method, Quirk},
};
use serde_json::{Value as Json, json};

use crate::support::app::{NOTHING, TestApp};

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

/// Oscar gives an action up.
async fn gives_up(app: &TestApp, id: ActionId) {
    let oscar = app.operator.retrier().unwrap();
    cancel::cancel(&app.pool, app.now(), &oscar, id).await.unwrap();
}

/// Ana as she would be after a create, with another title.
fn ana_as(title: &str) -> Json {
    let emails = json!([{ "value": "ana@example.com", "type": "work" }]);
    json!({ "userName": "ana@example.com", "emails": emails, "title": title })
}

#[tokio::test]
async fn an_account_that_is_just_as_wanted_is_taken_over_by_a_person_and_said_to_be() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.has(ana_as("Analyst"));
    app.run_jobs().await;
    let before = app.status(id).await;

    app.approve(id).await;
    app.run_jobs().await;

    assert_eq!(before, Status::Pending, "nobody had seen it");
    let attempt = app.attempts(id).await.pop().unwrap();
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionAdopted));
    assert_eq!(attempt.ended.unwrap().1, AttemptOutcome::Adopted);
    assert_eq!(app.echosign.was_sent(), [""; 0]);
    assert!(app.confirmed(app.action(id).await.content.account).await.remote_id.is_some());
}

#[tokio::test]
async fn an_account_that_is_different_comes_back_and_is_never_touched_without_a_new_approval() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let first = app.approve(id).await.digest();
    app.echosign.has(ana_as("Director"));

    app.run_jobs().await;
    let back = app.action(id).await;
    let untouched = app.echosign.was_sent();
    app.approve(id).await;
    app.run_jobs().await;

    assert_eq!((back.state.status(), untouched), (Status::Pending, vec![]));
    assert_ne!(back.digest(), first);
    let title =
        back.content.changes.iter().find(|change| change.attribute == Attribute::Title).unwrap();
    assert_eq!((&title.from, &title.to), (&text("Director"), &text("Analyst")));
    assert!(app.verbs(id).await.contains(&Verb::ActionDrifted));
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.echosign.was_sent(), ["PATCH"]);
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "Analyst");
}

#[tokio::test]
async fn an_account_that_was_seen_before_the_approval_is_taken_over_by_it() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.echosign.has(ana_as("Director"));
    let shown = app.preview(id).await;
    app.approve(id).await;

    app.run_jobs().await;

    assert_eq!(shown.present.unwrap()[&Attribute::Title], Value::Text("Director".to_owned()));
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.echosign.was_sent(), ["PATCH"]);
}

#[tokio::test]
async fn no_rule_takes_an_account_over() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.approve = NOTHING).await;
    app.echosign.has(ana_as("Director"));
    let ana = app.a_person("ana@example.com").await;

    app.run_jobs().await;

    let create = app.the(Kind::Create, ana.id).await;
    assert_eq!(create.state.status(), Status::Pending);
    let told =
        [Verb::ActionRequested, Verb::ActionApproved, Verb::ActionSending, Verb::ActionDrifted];
    assert_eq!(app.verbs(create.id).await, told);
    assert_eq!(app.echosign.was_sent(), [""; 0]);
}

#[tokio::test]
async fn an_account_that_nobody_approved_to_take_over_is_not_changed_by_a_rule_for_updates() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.approve.update = false).await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.approve(id).await;
    app.echosign.has(ana_as("Director"));
    app.run_jobs().await;

    app.retitle(ana, "President").await;
    app.run_jobs().await;

    assert_eq!(app.story(ana).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(app.echosign.was_sent(), [""; 0]);
    assert_eq!(app.action(id).await.content.wants(Attribute::Title), text("President").as_ref());
}

#[tokio::test]
async fn an_account_is_not_taken_for_our_own_because_an_earlier_look_failed() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.has(ana_as("Analyst"));
    app.echosign.answers(Method::Get, 500, 1);

    app.run_jobs().await;
    app.clock.advance(Duration::from_mins(1));
    app.run_jobs().await;

    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionDrifted));
}

#[tokio::test]
async fn what_the_database_cannot_hold_reaches_a_person_and_not_the_same_job_for_ever() {
    let app = TestApp::provisioned().await;
    app.echosign.always_has("title", json!("Ana\u{0}lyst"));
    let id = app.an_action_waits().await;
    app.approve(id).await;

    for _ in 0..jobs::ATTEMPTS {
        app.run_jobs().await;
        app.clock.advance(Duration::from_hours(2));
    }

    assert!([Status::Failed, Status::Provisioned].contains(&app.status(id).await));
    assert_eq!((app.jobs().await, app.echosign.accounts().await.len()), (0, 1));
}

#[tokio::test]
async fn an_app_with_two_accounts_of_one_name_is_not_guessed_at() {
    let app = TestApp::provisioned().await;
    app.echosign.has_quirk(Quirk::AllowsDuplicates);
    app.echosign.has(ana_as("Analyst"));
    app.echosign.has(ana_as("Director"));
    let id = app.an_action_waits().await;
    app.approve(id).await;

    app.run_jobs().await;

    let says = app.events(id).await.pop().unwrap().detail("says").unwrap().to_owned();
    let back = app.action(id).await;
    assert_eq!((back.state.status(), back.candidates.len()), (Status::Pending, 2));
    assert!(says.starts_with("EchoSign has 2 accounts that may be"), "{says}");
    assert_eq!(app.echosign.was_sent(), [""; 0]);
}
