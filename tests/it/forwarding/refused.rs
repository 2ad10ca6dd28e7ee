//! An app that asks to wait, is down, refuses the token or wants to be asked in another way.

use std::time::Duration;

use countersign::{
    apps::{self, Learnt, change::Kind},
    audit::Verb,
    jobs,
    queue::{Status, flow},
    sandbox::faults::{Method, Quirk},
};

use super::MINUTE;
use crate::support::app::TestApp;

#[tokio::test]
async fn an_app_that_asks_to_wait_is_left_alone_for_that_long_by_everybody() {
    let app = TestApp::provisioned().await;
    for name in ["ana@example.com", "ben@example.com", "cleo@example.com"] {
        let user = app.a_person(name).await;
        app.approve_all(user.id).await;
    }
    app.echosign.asks_to_wait(600);
    app.run_jobs().await;
    let asked = app.echosign.times_asked();

    app.clock.advance(Duration::from_secs(599));
    app.run_jobs().await;
    let meanwhile = app.echosign.times_asked();
    // A fifth of jitter at the most comes on top.
    app.clock.advance(Duration::from_secs(121));
    app.run_jobs().await;

    assert_eq!(meanwhile, asked, "nobody asked before the time");
    assert_eq!(app.echosign.accounts().await.len(), 3);
    let resting = app.gate().await.opens_at.unwrap();
    assert!(resting > app.now() - Duration::from_secs(121), "{resting}");
}

#[tokio::test]
async fn who_was_put_off_often_keeps_nobody_else_waiting_longer_than_the_app_asked() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.answers(Method::Post, 500, 5);
    for _ in 0..5 {
        app.run_jobs().await;
        app.clock.advance(MINUTE * 4);
    }
    app.echosign.asks_to_wait(10);

    app.run_jobs().await;

    let rests = app.gate().await.opens_at.unwrap() - app.now();
    assert!(rests >= Duration::from_secs(10) && rests <= Duration::from_secs(12), "{rests}");
    let ben = app.a_person("ben@example.com").await;
    app.approve_all(ben.id).await;
    app.clock.advance(Duration::from_secs(12));
    app.run_jobs().await;
    assert_eq!(app.story(ben.id).await, [(Kind::Create, Status::Provisioned)]);
    assert_eq!(app.status(id).await, Status::Approved, "its own schedule is longer");
}

#[tokio::test]
async fn connect_ends_what_the_connection_caused_and_not_what_somebody_decided() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let oscar = app.operator.retrier().unwrap();
    flow::pause(&app.pool, app.now(), &oscar, &app.app().await, "Audit week").await.unwrap();

    app.connect(app.connection(None)).await.unwrap();
    app.run_jobs().await;

    assert_eq!(app.app().await.pause.unwrap().because, "Oscar paused it: Audit week");
    assert_eq!((app.status(id).await, app.echosign.was_sent()), (Status::Approved, vec![]));
    app.leaves_jobs();
}

#[tokio::test]
async fn an_app_that_is_down_is_tried_by_the_schedule_and_then_a_person_is_asked() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.answers(Method::Post, 500, jobs::ATTEMPTS);

    for attempt in 1..jobs::ATTEMPTS {
        app.run_jobs().await;
        assert_eq!(app.status(id).await, Status::Approved, "after try {attempt}");
        let wait = jobs::wait(attempt, None).unwrap();
        app.clock.advance(wait.saturating_sub(Duration::from_secs(1)));
        assert_eq!(app.run_jobs().await, 0, "not before its time, after try {attempt}");
        app.clock.advance(wait.mul_f64(0.2) + Duration::from_secs(1));
    }
    app.run_jobs().await;

    let failed = app.events(id).await.pop().unwrap();
    assert_eq!(app.status(id).await, Status::Failed);
    assert_eq!(failed.verb, Verb::ActionFailed);
    let says = failed.detail("says").unwrap();
    assert!(
        says.starts_with("Given up after 10 tries. EchoSign failed by its own fault (500)"),
        "{says}"
    );
    assert_eq!(app.attempts(id).await.len(), 10);
    assert_eq!((app.jobs().await, app.app().await.pause), (1, None), "it keeps its place");
}

#[tokio::test]
async fn a_refused_token_fails_nothing_and_everything_waits_until_it_is_mended() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;
    let ben = app.a_person("ben@example.com").await;
    app.approve_all(ana.id).await;
    app.approve_all(ben.id).await;
    app.echosign.takes_only("another-token");

    app.run_jobs().await;
    let asked = app.echosign.times_asked();
    app.clock.advance(MINUTE * 5);
    app.run_jobs().await;
    let meanwhile = app.echosign.times_asked();
    let waits = [app.story(ana.id).await, app.story(ben.id).await];
    app.connect(app.connection(Some("another-token"))).await.unwrap();
    app.run_jobs().await;

    assert_eq!(asked, meanwhile, "nobody asks while it is paused");
    assert_eq!(waits, [[(Kind::Create, Status::Approved)]; 2]);
    let first = app.the(Kind::Create, ana.id).await;
    let events = app.events(first.id).await;
    let postponed = events.iter().find(|event| event.verb == Verb::ActionPostponed).unwrap();
    let says = "EchoSign refused the token (401). Create a new token there and press Connect.";
    assert_eq!(postponed.detail("says"), Some(says));
    for user in [ana.id, ben.id] {
        assert_eq!(app.story(user).await, [(Kind::Create, Status::Provisioned)]);
    }
    assert_eq!(app.attempts(app.the(Kind::Create, ben.id).await.id).await.len(), 1);
    assert_eq!(app.app().await.pause, None);
    assert_eq!(app.history(Verb::AppResumed).await.len(), 1);
}

#[tokio::test]
async fn an_app_is_paused_once_and_says_why() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.takes_only("another-token");

    app.run_jobs().await;

    let pause = app.app().await.pause.unwrap();
    assert_eq!(pause.at, app.now());
    assert!(pause.because.contains("refused the token"), "{}", pause.because);
    assert_eq!(app.history(Verb::AppPaused).await.len(), 1);
    app.leaves_jobs();
}

#[tokio::test]
async fn what_an_app_does_not_take_at_once_is_learnt_and_remembered() {
    let table = [
        (Quirk::RefusesSeveralOperations, Learnt::OneOperation, vec!["PATCH", "PATCH", "PATCH"]),
        (Quirk::RefusesPatch, Learnt::Put, vec!["PATCH", "PATCH", "PUT"]),
    ];
    for (quirk, learnt, sent) in table {
        let app = TestApp::provisioned().await;
        let ana = app.an_account("ana@example.com").await;
        app.echosign.has_quirk(quirk);
        let edit = |title: &str| {
            let title = title.to_owned();
            app.edit(ana.id, move |wish| {
                wish.draft.phone = format!("+44 20 7946 00{}", title.len());
                wish.draft.title = title;
            })
        };

        edit("Director").await;
        app.approve_all(ana.id).await;
        app.run_jobs().await;
        let first = app.echosign.was_sent();
        edit("President").await;
        app.approve_all(ana.id).await;
        app.run_jobs().await;
        let second = app.echosign.was_sent();

        assert_eq!(first[1..], sent, "{quirk:?}");
        assert_eq!(app.story(ana.id).await[1..], [(Kind::Update, Status::Provisioned); 2]);
        assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "President");
        assert_eq!(app.app().await.connection.unwrap().learnt, Some(learnt));
        assert!(
            !second[first.len()..].is_empty() && second.len() < first.len() + 3,
            "{quirk:?} {second:?}"
        );
    }
}

#[tokio::test]
async fn a_worker_that_was_slower_to_learn_unlearns_nothing() {
    let app = TestApp::provisioned().await;
    let id = app.app().await.id;
    let mut connection = app.pool.acquire().await.unwrap();

    let mut learnt = Vec::new();
    for way in [Learnt::OneOperation, Learnt::Put, Learnt::OneOperation, Learnt::Put] {
        learnt.push(apps::store::learn(&mut connection, id, way).await.unwrap());
    }

    assert_eq!(learnt, [true, true, false, false]);
    assert_eq!(app.app().await.connection.unwrap().learnt, Some(Learnt::Put));
}

#[tokio::test]
async fn an_app_that_is_switched_off_is_not_sent_to() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.provisioning(|p| p.enabled = false).await;

    app.run_jobs().await;
    let off = app.status(id).await;
    app.provisioning(|_| {}).await;
    app.clock.advance(MINUTE);
    app.run_jobs().await;

    assert_eq!((off, app.status(id).await), (Status::Approved, Status::Provisioned));
}
