//! A change whose answer was lost was given up, and is not wanted any more then: what it may have done is not forgotten.

use std::time::Duration;

use countersign::{
    apps::change::{Attribute, Kind},
    audit::Verb,
    directory::User,
    kernel::ActionId,
    queue::{Status, retry, reverse},
    sandbox::faults::Method,
};
use serde_json::{Value as Json, json};

use super::{gives_up, text};
use crate::support::app::TestApp;

/// Ana, an analyst whom a try of which nobody heard the end made a director, or did not.
async fn promoted(app: &TestApp, applied: bool) -> (User, ActionId) {
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let update = app.the(Kind::Update, ana.id).await.id;
    app.approve(update).await;
    if applied {
        app.echosign.loses_the_answer(Method::Patch);
    } else {
        app.echosign.answers(Method::Patch, 503, 1);
    }
    app.run_jobs().await;
    assert_eq!(app.status(update).await, Status::Approved, "it is tried again later");
    (ana, update)
}

async fn title_of(app: &TestApp, who: &str) -> Option<Json> {
    app.echosign.account(who).await.map(|account| account["title"].clone())
}

#[tokio::test]
async fn what_a_given_up_change_may_have_done_is_undone_once_it_is_not_wanted() {
    for applied in [true, false] {
        let app = TestApp::provisioned().await;
        let (ana, update) = promoted(&app, applied).await;
        let before = app.confirmed(ana.id).await.attributes;
        gives_up(&app, update).await;

        app.retitle(ana.id, "Analyst").await;
        let back = app.the(Kind::Update, ana.id).await;
        app.approve(back.id).await;
        app.run_jobs().await;

        let says = app.events(update).await.pop().unwrap();
        let may = "Nobody heard how its last try ended: EchoSign may have made the change.";
        assert_eq!(says.detail("says"), Some(may));
        let [change] = &*back.content.changes else { panic!("{:?}", back.content) };
        assert_eq!((change.from.clone(), change.to.clone()), (text("Director"), text("Analyst")));
        assert_eq!(app.status(back.id).await, Status::Provisioned);
        assert_eq!(title_of(&app, "ana@example.com").await, Some(json!("Analyst")));
        let sent = app.echosign.was_sent().len();
        assert_eq!(sent, if applied { 3 } else { 2 }, "what is so already is not sent");
        assert_eq!(app.confirmed(ana.id).await.attributes, before);
        assert_eq!(app.confirmed(ana.id).await.unheard.len(), 0);
    }
}

#[tokio::test]
async fn what_failed_unheard_and_is_not_wanted_any_more_is_undone() {
    let app = TestApp::provisioned().await;
    let (ana, update) = promoted(&app, true).await;
    app.echosign.answers(Method::Get, 403, 2);
    app.clock.advance(Duration::from_mins(1));
    app.run_jobs().await;
    let failed = app.status(update).await;

    app.retitle(ana.id, "Analyst").await;
    let back = app.the(Kind::Update, ana.id).await.id;
    let asked = app.events(back).await.remove(0);
    app.approve(back).await;
    app.run_jobs().await;

    assert_eq!((failed, app.status(update).await), (Status::Failed, Status::Withdrawn));
    assert_eq!(asked.verb, Verb::ActionRequested);
    let why = "Nobody heard how a change ended that was given up: EchoSign may have made it.";
    assert_eq!(asked.detail("says"), Some(why));
    assert_eq!(title_of(&app, "ana@example.com").await, Some(json!("Analyst")));
}

#[tokio::test]
async fn whoever_may_have_been_suspended_is_reactivated() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.suspend(ana.id).await;
    let suspend = app.the(Kind::Suspend, ana.id).await.id;
    app.approve(suspend).await;
    app.echosign.loses_the_answer(Method::Patch);
    app.run_jobs().await;
    gives_up(&app, suspend).await;

    app.edit(ana.id, |wish| wish.active = true).await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;

    let story = app.story(ana.id).await;
    assert!(story.contains(&(Kind::Reactivate, Status::Provisioned)), "{story:?}");
    let account = app.echosign.account("ana@example.com").await.unwrap();
    assert_eq!(account["active"], json!(true));
}

#[tokio::test]
async fn what_was_to_undo_it_and_is_not_heard_of_either_is_still_wanted() {
    for gives_up_too in [true, false] {
        let app = TestApp::provisioned().await;
        let (ana, update) = promoted(&app, true).await;
        gives_up(&app, update).await;
        app.retitle(ana.id, "Analyst").await;
        let back = app.the(Kind::Update, ana.id).await.id;
        app.approve(back).await;
        app.echosign.answers(Method::Patch, 503, 1);
        app.run_jobs().await;
        if gives_up_too {
            gives_up(&app, back).await;
            app.approve_all(ana.id).await;
        } else {
            app.echosign.answers(Method::Get, 403, 1);
            app.clock.advance(Duration::from_mins(1));
            app.run_jobs().await;
            assert_eq!(app.status(back).await, Status::Failed);
            retry::retry(&app.pool, app.now(), &app.operator.retrier().unwrap(), back)
                .await
                .unwrap();
        }
        app.clock.advance(Duration::from_mins(1));
        app.run_jobs().await;

        let story = app.story(ana.id).await;
        let title = title_of(&app, "ana@example.com").await;
        assert_eq!(title, Some(json!("Analyst")), "{gives_up_too}: {story:?}");
    }
}

#[tokio::test]
async fn what_is_being_undone_is_not_asked_for_twice() {
    let app = TestApp::provisioned().await;
    let (ana, update) = promoted(&app, true).await;
    gives_up(&app, update).await;
    app.retitle(ana.id, "Analyst").await;
    let back = app.the(Kind::Update, ana.id).await.id;
    app.approve(back).await;

    app.edit(ana.id, |wish| "Legal".clone_into(&mut wish.draft.department)).await;

    let next = app.the(Kind::Update, ana.id).await;
    let changed: Vec<_> = next.content.changes.iter().map(|change| change.attribute).collect();
    assert_eq!(changed, [Attribute::Department]);
    app.leaves_jobs();
}

#[tokio::test]
async fn whoever_may_have_been_deleted_and_is_to_stay_is_looked_for() {
    for applied in [true, false] {
        let app = TestApp::provisioned().await;
        let ana = app.an_account("ana@example.com").await;
        app.delete(ana.id).await;
        let delete = app.the(Kind::Delete, ana.id).await.id;
        app.approve(delete).await;
        app.run_jobs().await;
        let olga = app.owner.operator().unwrap();
        reverse::reverse(&app.pool, app.now(), &olga, delete).await.unwrap();
        app.approve_all(ana.id).await;
        app.run_jobs().await;
        app.delete(ana.id).await;
        let again = app.the(Kind::Delete, ana.id).await.id;
        app.approve(again).await;
        if applied {
            app.echosign.loses_the_answer(Method::Delete);
        } else {
            app.echosign.answers(Method::Delete, 503, 1);
        }
        app.run_jobs().await;
        app.echosign.answers(Method::Get, 403, 2);
        app.clock.advance(Duration::from_mins(1));
        app.run_jobs().await;
        assert_eq!(app.status(again).await, Status::Failed);

        reverse::reverse(&app.pool, app.now(), &olga, delete).await.unwrap();
        for _ in 0..2 {
            app.approve_all(ana.id).await;
            app.run_jobs().await;
        }

        let account = app.echosign.account("ana@example.com").await;
        assert_eq!(
            account.map(|account| account["active"].clone()),
            Some(json!(true)),
            "{applied}"
        );
    }
}

#[tokio::test]
async fn what_was_refused_changed_nothing() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let update = app.the(Kind::Update, ana.id).await.id;
    app.approve(update).await;
    app.echosign.answers(Method::Patch, 403, 1);
    app.run_jobs().await;

    app.retitle(ana.id, "Analyst").await;

    assert_eq!(app.status(update).await, Status::Withdrawn);
    let waits =
        app.actions(ana.id).await.into_iter().filter(|one| one.state.status() == Status::Pending);
    assert_eq!(waits.count(), 0);
}
