//! How fast approved actions go out, what stops them by itself, and what lets them go on.

use std::time::Duration;

use countersign::{
    apps::{
        PausedBy, Sending,
        change::{Attribute, Kind},
    },
    audit::Verb,
    jobs::{
        self, NewJob,
        store::{enqueue, gates},
    },
    queue::{
        Status,
        flow::{self, Tuned, gate_of},
        link,
    },
    sandbox::faults::Method,
};
use serde_json::json;

use crate::support::app::TestApp;

impl TestApp {
    /// Sixty requests a minute, and so many jobs that are due, each of a lane of its own.
    async fn is_paced(&self, jobs: usize) -> String {
        let gate = gate_of(self.app().await.id);
        let mut tx = self.pool.begin().await.unwrap();
        gates::pace(&mut tx, &gate, Some(60)).await.unwrap();
        let job = || NewJob {
            kind: "test",
            lane: None,
            gate: &gate,
            due_at: self.now(),
            payload: json!({}),
        };
        let jobs: Vec<_> = (0..jobs).map(|_| job()).collect();
        enqueue(&mut tx, self.now(), &jobs).await.unwrap();
        tx.commit().await.unwrap();
        self.leaves_jobs();
        gate
    }

    async fn claims(&self) -> i64 {
        let claims = jobs::store::claim(&self.pool, self.now(), 10).await.unwrap();
        i64::try_from(claims.len()).unwrap()
    }

    /// How many requests may be made right now.
    async fn left(&self) -> i64 {
        self.gate().await.left(self.now()).unwrap().0
    }

    /// Paula approves new accounts for so many.
    async fn are_approved(&self, people: std::ops::Range<usize>) {
        for number in people {
            let user = self.a_person(&format!("person{number}@example.com")).await;
            self.approve_all(user.id).await;
        }
    }

    async fn sends_anyway(&self, attributes: &[Attribute]) {
        let send_anyway = attributes.iter().copied().collect();
        let tuned = Tuned { sending: Sending { undo_seconds: 0, send_anyway }, rate: None };
        let (olivia, app) = (self.owner.owner().unwrap(), self.app().await);
        flow::tune(&self.pool, self.now(), &olivia, &app, &tuned).await.unwrap();
    }
}

#[tokio::test]
async fn no_more_is_claimed_than_was_saved_up_and_then_as_much_as_the_rate_allows() {
    let app = TestApp::provisioned().await;
    app.is_paced(20).await;

    let (saved_up, then) = (app.claims().await, app.claims().await);
    app.clock.advance(Duration::from_secs(4));
    let later = app.claims().await;
    app.clock.advance(Duration::from_mins(2));
    let rested = app.claims().await;

    // Ten seconds are saved up, and a try is taken to cost two requests.
    assert_eq!((saved_up, then, later), (5, 0, 2));
    assert_eq!(rested, 5, "no more is saved up than that");
}

#[tokio::test]
async fn what_a_try_really_cost_is_paid() {
    let app = TestApp::provisioned().await;
    let gate = app.is_paced(20).await;
    app.claims().await;
    let mut connection = app.pool.acquire().await.unwrap();

    let mut left = Vec::new();
    for requests in [2, 0, 5] {
        gates::charge(&mut connection, &gate, requests).await.unwrap();
        left.push(app.left().await);
    }

    assert_eq!(left, [0, 2, -1]);
}

#[tokio::test]
async fn what_two_claims_at_once_take_is_paid_back_before_the_next() {
    let app = TestApp::provisioned().await;
    app.is_paced(20).await;

    let (one, other) = tokio::join!(app.claims(), app.claims());

    let tries = one + other;
    assert!((5..=10).contains(&tries), "{one} and {other}");
    assert_eq!((app.left().await, app.claims().await), (10 - 2 * tries, 0));
    app.clock.advance(Duration::from_secs((2 * tries - 10).unsigned_abs()));
    assert_eq!(app.claims().await, 0, "not a second too early");
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(app.claims().await, 1);
}

#[tokio::test]
async fn ten_tries_that_failed_stop_an_app_and_it_goes_on_by_itself_once_it_answers() {
    let app = TestApp::provisioned().await;
    app.echosign.answers(Method::Post, 500, 10);
    app.are_approved(0..9).await;
    app.run_jobs().await;
    let after_nine = app.app().await.pause;
    app.are_approved(9..11).await;
    app.run_jobs().await;
    let pause = app.app().await.pause.unwrap();
    let sent = app.echosign.was_sent().len();

    // It is asked in two ways.
    app.echosign.answers(Method::Get, 503, 2);
    app.clock.advance(Duration::from_mins(1));
    app.run_jobs().await;
    let asked = (app.app().await.pause.is_some(), app.echosign.was_sent().len());
    // A fifth of jitter at the most comes on top.
    app.clock.advance(Duration::from_secs(72));
    app.run_jobs().await;

    assert_eq!(after_nine, None);
    assert_eq!((pause.by, sent), (PausedBy::Failures, 10), "{}", pause.because);
    assert!(pause.because.starts_with("10 of the last 10 tries failed."), "{}", pause.because);
    assert_eq!(asked, (true, 10), "nothing is sent before it is well");
    assert_eq!((app.app().await.pause, app.echosign.accounts().await.len()), (None, 11));
    assert_eq!(app.history(Verb::AppPaused).await.len(), 1);
    assert_eq!(app.history(Verb::AppResumed).await.len(), 1);
}

#[tokio::test]
async fn failures_that_are_long_over_stop_nothing() {
    let app = TestApp::provisioned().await;
    app.echosign.answers(Method::Post, 500, 10);
    app.are_approved(0..9).await;
    app.run_jobs().await;

    app.clock.advance(Duration::from_mins(11));
    app.run_jobs().await;

    assert_eq!(app.app().await.pause, None);
    assert_eq!(app.echosign.accounts().await.len(), 8, "one failed once more");
}

#[tokio::test]
async fn what_the_settings_name_is_sent_over_what_was_changed_there_and_nothing_else_is() {
    let mail = |to: &str| json!([{ "value": to, "type": "work" }]);
    let table = [
        ("emails", mail("old@example.com"), Status::Provisioned),
        ("title", json!("Clerk"), Status::Pending),
    ];
    for (member, changed, expected) in table {
        let app = TestApp::provisioned().await;
        app.sends_anyway(&[Attribute::Email]).await;
        let ana = app.an_account("ana@example.com").await;
        app.edit(ana.id, |wish| {
            "new@example.com".clone_into(&mut wish.draft.email);
            "Director".clone_into(&mut wish.draft.title);
        })
        .await;
        let update = app.the(Kind::Update, ana.id).await.id;
        app.approve(update).await;
        app.echosign.changes("ana@example.com", member, changed).await;

        app.run_jobs().await;

        assert_eq!(app.status(update).await, expected, "{member}");
        let says = app.attempts(update).await.pop().unwrap().says.unwrap();
        let title = &app.echosign.account("ana@example.com").await.unwrap()["title"];
        if expected == Status::Provisioned {
            let anyway =
                "Changed in EchoSign meanwhile, and sent anyway: e-mail (old@example.com).";
            assert_eq!((&*says, title), (anyway, &json!("Director")));
        } else {
            assert!(says.ends_with("since this was approved. Nothing was sent."), "{says}");
            assert_eq!(title, "Clerk");
        }
    }
}

#[tokio::test]
async fn an_account_is_linked_by_its_name_however_that_is_written() {
    let app = TestApp::provisioned().await;
    app.echosign.has(json!({ "userName": "ANA@Example.com", "title": "Analyst" }));
    let account = app.echosign.account("ANA@Example.com").await.unwrap();
    let remote_id = account["id"].as_str().unwrap();
    let id = app.an_action_waits().await;
    let paula = app.approver.approver().unwrap();

    let linked = link::link(&app.pool, &app.connectors, app.now(), &paula, id, remote_id).await;

    assert_eq!(linked.unwrap().state.status(), Status::Withdrawn);
    let ana = app.action(id).await.content.account;
    assert_eq!(app.confirmed(ana).await.remote_id.as_deref(), Some(remote_id));
}
