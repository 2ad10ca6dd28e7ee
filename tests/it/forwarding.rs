//! Sending what was approved: in order, once, and whatever the app answers.

use std::time::Duration;

use countersign::{
    apps::{
        self, Learnt,
        change::{Attribute, Kind, Value},
    },
    audit::Verb,
    jobs::{self, Handler},
    queue::{
        Status, cancel,
        retry::{self, MoveError},
        settle::{Begun, Ended, begin, settle},
        store::AttemptOutcome,
    },
    sandbox::faults::{Method, Quirk},
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
async fn what_follows_a_failed_action_is_sent_all_the_same() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.suspend(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 422, 1);

    app.run_jobs().await;

    let expected = [(Kind::Update, Status::Failed), (Kind::Suspend, Status::Provisioned)];
    assert_eq!(app.story(ana.id).await[1..], expected);
}

#[tokio::test]
async fn a_worker_that_dies_in_the_middle_leaves_one_account() {
    for external_id in [true, false] {
        let app = TestApp::provisioned().await;
        if !external_id {
            app.echosign.always_has("externalId", json!(null));
        }
        let id = app.an_action_waits().await;
        app.approve(id).await;
        app.echosign.hangs_at(Method::Post);
        let claim = app.claim().await;
        tokio::select! {
            settled = app.forwarder.work(claim) => panic!("{settled:?}"),
            () = app.echosign.has_done(Method::Post) => {}
        }

        let early = app.run_jobs().await;
        app.clock.advance(jobs::LEASE);
        app.run_jobs().await;

        assert_eq!(early, 0, "the lease still holds");
        assert_eq!(app.status(id).await, Status::Provisioned);
        assert_eq!(app.echosign.was_sent(), ["POST"]);
        assert_eq!(app.echosign.accounts().await.len(), 1);
        let attempts = app.attempts(id).await;
        let ends: Vec<_> = attempts.iter().map(|attempt| attempt.ended.map(|end| end.1)).collect();
        assert_eq!(ends, [None, Some(AttemptOutcome::Provisioned)]);
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_changes_nothing() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let slow = app.claim().await;
    let Begun::Work(work) = begin(&app.pool, app.now(), &slow, id).await.unwrap() else {
        panic!("nothing to do")
    };
    app.clock.advance(jobs::LEASE);
    let quick = app.claim().await;
    app.forwarder.work(quick).await.unwrap();
    let (action, verbs) = (app.action(id).await, app.verbs(id).await);

    let says = "too late".to_owned();
    let ended = Ended::Failed { says, pause: true };
    settle(&app.pool, app.now(), &slow, &work, ended, &[]).await.unwrap();
    let again = begin(&app.pool, app.now(), &slow, id).await.unwrap();

    assert!(matches!(again, Begun::Nothing(_)));
    assert_eq!((app.action(id).await, app.verbs(id).await), (action, verbs));
    assert_eq!(app.app().await.pause, None);
    assert_eq!(app.jobs().await, 0);
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_does_not_end_the_job_of_the_next() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    let slow = app.claim().await;
    let Begun::Work(work) = begin(&app.pool, app.now(), &slow, id).await.unwrap() else {
        panic!("nothing to do")
    };
    app.clock.advance(jobs::LEASE);
    let quick = app.claim().await;

    settle(&app.pool, app.now(), &slow, &work, Ended::Gone, &[]).await.unwrap();
    let before = (app.status(id).await, app.jobs().await);
    app.forwarder.work(quick).await.unwrap();

    assert_eq!(before, (Status::Sending, 1));
    assert_eq!((app.status(id).await, app.jobs().await), (Status::Provisioned, 0));
}

#[tokio::test]
async fn an_outcome_that_cannot_be_written_is_found_out_again() {
    for table in ["events", "attempts", "accounts"] {
        let app = TestApp::provisioned().await;
        let id = app.an_action_waits().await;
        app.approve(id).await;
        let claim = app.claim().await;
        let Begun::Work(_) = begin(&app.pool, app.now(), &claim, id).await.unwrap() else {
            panic!("nothing")
        };
        app.breaks(table).await;
        app.forwarder.work(claim).await.unwrap_err();
        let kept = (app.status(id).await, app.verbs(id).await.pop(), app.jobs().await);

        app.mends(table).await;
        app.clock.advance(jobs::LEASE);
        app.run_jobs().await;

        assert_eq!(kept, (Status::Sending, Some(Verb::ActionSending), 1), "{table}");
        assert_eq!(app.status(id).await, Status::Provisioned, "{table}");
        assert_eq!(app.echosign.accounts().await.len(), 1, "{table}");
    }
}

#[tokio::test]
async fn an_account_whose_answer_was_lost_is_looked_up_and_not_made_again() {
    for external_id in [true, false] {
        let app = TestApp::provisioned().await;
        app.echosign.has_quirk(Quirk::AllowsDuplicates);
        let id = app.an_action_waits().await;
        app.approve(id).await;
        app.echosign.loses_the_answer(Method::Post);
        app.run_jobs().await;
        let before = app.status(id).await;
        if !external_id {
            app.echosign.changes("ana@example.com", "externalId", json!(null)).await;
        }

        app.clock.advance(MINUTE);
        app.run_jobs().await;

        assert_eq!((before, app.status(id).await), (Status::Approved, Status::Provisioned));
        assert_eq!(app.echosign.was_sent(), ["POST"]);
        assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionProvisioned), "it is our own");
    }
}

#[tokio::test]
async fn an_account_whose_answer_never_came_is_looked_up_and_not_made_again() {
    let app = TestApp::with_patience(Duration::from_secs(2)).await;
    app.echosign_is_connected().await;
    app.provisioning(|_| {}).await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.hangs_at(Method::Post);
    app.run_jobs().await;
    let says = app.attempts(id).await[0].says.clone().unwrap();

    app.clock.advance(MINUTE);
    app.run_jobs().await;

    assert!(says.starts_with("EchoSign did not answer in time."), "{says}");
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
    assert_eq!(app.echosign.accounts().await.len(), 1);
}

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
    let resting = app.app().await.resume_at.unwrap();
    assert!(resting > app.now() - Duration::from_secs(121), "{resting}");
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
    assert_eq!((app.jobs().await, app.app().await.pause), (0, None));
}

#[tokio::test]
async fn a_refused_token_fails_one_action_and_the_others_wait_until_it_is_mended() {
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
    app.connect(app.connection(Some("another-token"))).await.unwrap();
    app.run_jobs().await;

    let failed = app.the(Kind::Create, ana.id).await;
    assert_eq!(asked, meanwhile, "nobody asks while it is paused");
    assert_eq!(failed.state.status(), Status::Failed);
    let says = "EchoSign refused the token (401). Create a new token there and press Connect.";
    assert_eq!(app.events(failed.id).await.pop().unwrap().detail("says"), Some(says));
    assert_eq!(app.story(ben.id).await, [(Kind::Create, Status::Provisioned)]);
    assert_eq!(app.attempts(app.the(Kind::Create, ben.id).await.id).await.len(), 1);
    assert_eq!(app.app().await.pause, None);
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

#[tokio::test]
async fn an_answer_that_makes_no_sense_loses_nothing() {
    let bodies = [
        "<html>signed out</html>",
        "",
        "[]",
        r#"{"id":"7\u0000","userName":"ana@example.com","active":true}"#,
        r#"{"id":"7","userName":"ana@example.com","title":"Ana\u0000lyst","active":true}"#,
        "\0\0",
    ];
    for body in bodies {
        let app = TestApp::provisioned().await;
        let id = app.an_action_waits().await;
        app.approve(id).await;
        app.echosign.garbles(Method::Post, body);

        app.run_jobs().await;
        let over = [Status::Provisioned, Status::Failed].contains(&app.status(id).await);
        app.connect(app.connection(None)).await.unwrap();
        if !over {
            app.clock.advance(jobs::LEASE);
            app.run_jobs().await;
        } else if app.status(id).await == Status::Failed {
            let oscar = app.operator.retrier().unwrap();
            retry::retry(&app.pool, app.now(), &oscar, id).await.unwrap();
            app.run_jobs().await;
        }

        assert_eq!(app.status(id).await, Status::Provisioned, "{body:?}");
        assert_eq!(app.echosign.was_sent(), ["POST"], "{body:?}");
    }
}

#[tokio::test]
async fn two_workers_at_once_send_everything_once_and_in_order() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.approve = NOTHING).await;
    let mut people = Vec::new();
    for number in 0..6 {
        let user = app.a_person(&format!("person{number}@example.com")).await;
        app.retitle(user.id, "Director").await;
        app.suspend(user.id).await;
        people.push(user.id);
    }

    tokio::join!(app.run_jobs(), app.run_jobs(), app.run_jobs());

    for user in people {
        let kinds = [Kind::Create, Kind::Update, Kind::Suspend];
        assert_eq!(app.story(user).await, kinds.map(|kind| (kind, Status::Provisioned)));
        for action in app.actions(user).await {
            assert_eq!(app.attempts(action.id).await.len(), 1, "{:?}", action.content.kind);
        }
    }
    assert_eq!(app.echosign.was_sent().len(), 18);
}
