//! Workers that die, leases that run out, answers that get lost: nothing is lost and nothing sent twice.

use std::time::Duration;

use countersign::{
    apps::change::Kind,
    audit::Verb,
    jobs::{self, Handler},
    queue::{
        Status, retry,
        settle::{Begun, Ended, begin},
        store::AttemptOutcome,
    },
    sandbox::faults::{Method, Quirk},
};
use serde_json::json;

use super::MINUTE;
use crate::support::app::{NOTHING, TestApp};

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
        let taken = if external_id { AttemptOutcome::Provisioned } else { AttemptOutcome::Adopted };
        assert_eq!(ends, [None, Some(taken)]);
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

    app.settle(&slow, work, Ended::Refused("too late".to_owned())).await;
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

    app.settle(&slow, work, Ended::Gone).await;
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
        let told = if external_id { Verb::ActionProvisioned } else { Verb::ActionAdopted };
        assert_eq!(app.verbs(id).await.pop(), Some(told), "what carries our id is our own");
    }
}

#[tokio::test]
async fn an_account_whose_answer_was_lost_and_that_is_shown_late_is_waited_for() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.shows_late(600);
    app.echosign.loses_the_answer(Method::Post);
    app.run_jobs().await;
    app.clock.advance(MINUTE);
    app.run_jobs().await;
    let (meanwhile, tries) = (app.status(id).await, app.attempts(id).await);

    app.clock.advance(MINUTE * 10);
    app.run_jobs().await;

    assert_eq!((meanwhile, tries.len()), (Status::Approved, 2));
    let says = "EchoSign says that it has this account already, and does not show it. \
                An earlier try may have made it.";
    assert_eq!(tries[1].says.as_deref(), Some(says));
    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionProvisioned));
    assert_eq!(app.echosign.was_sent(), ["POST", "POST"]);
    assert_eq!(app.echosign.accounts().await.len(), 1);
}

#[tokio::test]
async fn what_others_made_while_a_create_was_tried_is_left_to_a_person_once_it_shows() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.shows_late(600);
    app.echosign.answers(Method::Post, 500, 1);
    app.run_jobs().await;
    app.echosign.makes(json!({ "userName": "ana@example.com", "title": "Director" })).await;
    for _ in 0..2 {
        app.clock.advance(MINUTE * 6);
        app.run_jobs().await;
    }

    assert_eq!(app.status(id).await, Status::Pending);
    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionDrifted));
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "Director");
    assert_eq!(app.attempts(id).await.len(), 3, "it was neither given up nor taken over");
}

#[tokio::test]
async fn a_create_that_was_refused_before_takes_nothing_over_by_its_name() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.answers(Method::Post, 422, 1);
    app.run_jobs().await;
    let emails = json!([{ "value": "ana@example.com", "type": "work" }]);
    let same = json!({ "userName": "ana@example.com", "emails": emails, "title": "Analyst" });
    app.echosign.has(same);
    let oscar = app.operator.retrier().unwrap();

    retry::retry(&app.pool, app.now(), &oscar, id).await.unwrap();
    app.run_jobs().await;

    assert_eq!(app.status(id).await, Status::Pending, "nobody had seen it");
    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionDrifted));
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
