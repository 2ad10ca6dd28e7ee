//! Approving and rejecting: exactly what was shown, and once.

mod four_eyes;
mod reasons;
mod undone;

use std::sync::Arc;

use countersign::{
    access::Actor,
    apps::change::{Attribute, Kind, Value},
    audit::Verb,
    kernel::{ActionId, Digest},
    queue::{
        Action, Moved, Status,
        decide::{self, DecideError},
        preview::Read,
        store,
    },
    sandbox::faults::Method,
};
use serde_json::json;

use crate::support::app::TestApp;

async fn approve(
    app: &TestApp,
    by: &Actor,
    id: ActionId,
    shown: Digest,
) -> Result<Action, DecideError> {
    let by = by.approver().unwrap();
    decide::approve(&app.pool, &app.connectors, app.now(), &by, id, shown, None).await
}

/// Approves what is stored, as whoever does not look at the app.
async fn approve_stored(app: &TestApp, by: &Actor, id: ActionId) -> Result<Action, DecideError> {
    let shown = app.action(id).await.digest();
    approve(app, by, id, shown).await
}

#[tokio::test]
async fn an_approval_is_recorded_and_enqueued_together() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let shown = app.action(id).await.digest();
    let paula = app.approver.approver().unwrap();

    let now = app.now();
    let approved = decide::approve(
        &app.pool,
        &app.connectors,
        now,
        &paula,
        id,
        shown,
        Some(" New in Legal. "),
    )
    .await
    .unwrap();

    let decision = approved.state.decision().unwrap();
    assert_eq!((decision.by.name(), decision.digest, decision.at), ("Paula", shown, now));
    assert_eq!(decision.reason.as_deref(), Some("New in Legal."));
    assert_eq!(app.action(id).await, approved);
    let told = app.events(id).await.pop().unwrap();
    assert_eq!((told.verb, told.actor.as_deref()), (Verb::ActionApproved, Some("Paula")));
    assert_eq!(told.details["digest"], json!(shown));
    assert_eq!(told.detail("reason"), Some("New in Legal."));
    assert_eq!(app.jobs().await, 1);
    app.leaves_jobs();
}

#[tokio::test]
async fn a_decision_that_fails_in_the_middle_was_never_made() {
    for table in ["events", "jobs"] {
        let app = TestApp::provisioned().await;
        let id = app.an_action_waits().await;
        app.breaks(table).await;

        let decided = approve_stored(&app, &app.approver, id).await;

        assert!(matches!(decided, Err(DecideError::Store(_))), "{decided:?}");
        assert_eq!(app.status(id).await, Status::Pending);
        assert_eq!((app.verbs(id).await, app.jobs().await), (vec![Verb::ActionRequested], 0));
    }
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.breaks("refusals").await;

    let paula = app.approver.approver().unwrap();
    let rejected = decide::reject(&app.pool, app.now(), &paula, id, "No.").await;

    assert!(matches!(rejected, Err(DecideError::Store(_))), "{rejected:?}");
    assert_eq!(
        (app.status(id).await, app.verbs(id).await),
        (Status::Pending, vec![Verb::ActionRequested])
    );
}

#[tokio::test]
async fn nothing_but_what_was_shown_is_rejected() {
    let app = TestApp::provisioned().await;
    let paula = app.approver.approver().unwrap();
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    app.echosign.changes("ana@example.com", "title", json!("Assistant")).await;
    let reject = async |shown| {
        let (pool, connectors) = (&app.pool, &app.connectors);
        decide::reject_shown(pool, connectors, app.now(), &paula, id, shown, "No.").await
    };
    let shown = app.preview(id).await.digest;
    app.retitle(ana.id, "President").await;

    let unseen = reject(shown).await;
    let seen = app.preview(id).await.digest;
    let live = reject(seen).await.unwrap();
    let late = reject(seen).await;

    let Err(DecideError::Changed(preview)) = unseen else { panic!("{unseen:?}") };
    assert_eq!(preview.content.wants(Attribute::Title), Some(&Value::Text("President".to_owned())));
    assert_ne!(seen, live.digest(), "what the reviewer saw was read live");
    assert_eq!(live.state.status(), Status::Rejected);
    assert!(matches!(late, Err(DecideError::Illegal(_))), "{late:?}");
}

#[tokio::test]
async fn nothing_but_what_was_shown_is_approved() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    let shown = app.preview(id).await.digest;
    app.retitle(ana.id, "President").await;

    let decided = approve(&app, &app.approver, id, shown).await;

    let Err(DecideError::Changed(preview)) = decided else { panic!("{decided:?}") };
    assert_eq!(preview.content.wants(Attribute::Title), Some(&Value::Text("President".to_owned())));
    assert_eq!((app.status(id).await, app.jobs().await), (Status::Pending, 0));
    let again = approve(&app, &app.approver, id, preview.digest).await.unwrap();
    assert_eq!(again.state.status(), Status::Approved);
    app.leaves_jobs();
}

#[tokio::test]
async fn looking_reads_the_app_and_changes_nothing_here() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let stored = app.the(Kind::Update, ana.id).await;
    app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;

    let preview = app.preview(stored.id).await;

    assert_eq!(preview.read, Read::Live { at: app.now() });
    assert_eq!(preview.content.changes[0].from, Some(Value::Text("Clerk".to_owned())));
    assert!(preview.is_rebased());
    assert_eq!(app.action(stored.id).await, stored);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn what_was_seen_live_is_what_is_approved() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;
    let shown = app.preview(id).await;

    let approved = approve(&app, &app.approver, id, shown.digest).await.unwrap();

    assert_eq!(approved.content, shown.content);
    assert_eq!(approved.state.decision().unwrap().digest, shown.digest);
    assert_eq!(
        app.verbs(id).await,
        [Verb::ActionRequested, Verb::ActionRebased, Verb::ActionApproved]
    );
    app.leaves_jobs();
}

#[tokio::test]
async fn what_was_seen_live_and_is_so_no_longer_is_shown_again() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;
    let shown = app.preview(id).await.digest;
    app.echosign.changes("ana@example.com", "title", json!("Counsel")).await;

    let decided = approve(&app, &app.approver, id, shown).await;

    let Err(DecideError::Changed(preview)) = decided else { panic!("{decided:?}") };
    assert_eq!(preview.content.changes[0].from, Some(Value::Text("Counsel".to_owned())));
    assert_eq!(app.status(id).await, Status::Pending);
}

#[tokio::test]
async fn an_app_that_cannot_be_read_is_shown_as_it_was_last_confirmed() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    app.echosign.answers(Method::Get, 500, 1);

    let preview = app.preview(id).await;

    let Read::Confirmed { at, because } = preview.read else { panic!("{:?}", preview.read) };
    assert_eq!(at, Some(app.now()));
    let because = because.unwrap();
    assert!(because.starts_with("EchoSign failed by its own fault (500)"), "{because}");
    assert_eq!(preview.digest, preview.action.digest());
    assert_eq!(preview.requests.len(), 1);
}

#[tokio::test]
async fn a_rejection_needs_a_reason_and_keeps_it() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let paula = app.approver.approver().unwrap();
    let reject = |reason: String| {
        let (pool, now, paula) = (&app.pool, app.now(), &paula);
        async move { decide::reject(pool, now, paula, id, &reason).await }
    };

    for reason in [String::new(), " \n".to_owned(), "x".repeat(1_001), "a\0b".to_owned()] {
        let refused = reject(reason.clone()).await;

        assert!(matches!(refused, Err(DecideError::Reason(_))), "{reason:?}: {refused:?}");
    }
    let rejected = reject(" Not hired after all. ".to_owned()).await.unwrap();

    assert_eq!(rejected.state.decision().unwrap().reason.as_deref(), Some("Not hired after all."));
    assert_eq!(app.events(id).await[1].detail("reason"), Some("Not hired after all."));
    assert_eq!((app.status(id).await, app.jobs().await), (Status::Rejected, 0));
}

#[tokio::test]
async fn of_two_who_approve_at_once_one_does_and_the_other_hears_who() {
    let app = Arc::new(TestApp::provisioned().await);
    let (quinn, rosa) = (app.an_approver("Quinn").await, app.an_approver("Rosa").await);
    for round in 0..5 {
        let ana = app.a_person(&format!("ana{round}@example.com")).await;
        let id = app.the(Kind::Create, ana.id).await.id;
        let approving = |by: &Actor| {
            let (app, by) = (Arc::clone(&app), by.clone());
            tokio::task::spawn(async move { approve_stored(&app, &by, id).await })
        };

        let (quinns, rosas) = tokio::join!(approving(&quinn), approving(&rosa));

        let (won, lost, winner) = match (quinns.unwrap(), rosas.unwrap()) {
            (Ok(won), Err(lost)) => (won, lost, "Quinn"),
            (Err(lost), Ok(won)) => (won, lost, "Rosa"),
            both => panic!("{both:?}"),
        };
        let DecideError::Illegal(lost) = lost else { panic!("{lost:?}") };
        assert_eq!(won.state.decision().unwrap().by.name(), winner);
        let moved = Moved { did: "approved", by: winner.to_owned(), at: app.now() };
        assert_eq!((lost.from, lost.last), (Status::Approved, Some(moved)));
        assert_eq!(app.verbs(id).await, [Verb::ActionRequested, Verb::ActionApproved]);
    }
    assert_eq!(app.jobs().await, 5);
    app.leaves_jobs();
}

#[tokio::test]
async fn of_an_approval_and_a_rejection_at_once_one_counts() {
    let app = Arc::new(TestApp::provisioned().await);
    let id = app.an_action_waits().await;
    let shown = app.action(id).await.digest();
    let approving = tokio::task::spawn({
        let app = Arc::clone(&app);
        async move { approve(&app, &app.owner, id, shown).await.is_ok() }
    });
    let paula = app.approver.approver().unwrap();

    let (approved, rejected) =
        tokio::join!(approving, decide::reject(&app.pool, app.now(), &paula, id, "No."));

    assert_ne!(approved.unwrap(), rejected.is_ok());
    let decided = if rejected.is_ok() { Status::Rejected } else { Status::Approved };
    assert_eq!(app.status(id).await, decided);
    assert_eq!(app.jobs().await, i64::from(rejected.is_err()));
    app.leaves_jobs();
}

#[tokio::test]
async fn who_comes_too_late_hears_that_and_not_that_something_changed() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    let shown = app.preview(id).await.digest;
    app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;
    app.approve(id).await;

    let late = approve(&app, &app.owner, id, shown).await;

    let Err(DecideError::Illegal(late)) = late else { panic!("{late:?}") };
    assert_eq!(late.last.map(|last| last.by).as_deref(), Some("Paula"));
    app.leaves_jobs();
}

#[tokio::test]
async fn what_is_over_or_unknown_is_not_decided() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.delete(app.action(id).await.content.account).await;
    let nobody = ActionId::at(app.now());
    let paula = app.approver.approver().unwrap();
    let shown = app.action(id).await.digest();

    let over = approve(&app, &app.approver, id, shown).await;
    let rejected = decide::reject(&app.pool, app.now(), &paula, id, "No.").await;
    let unknown = approve(&app, &app.approver, nobody, shown).await;

    for refused in [over, rejected] {
        let Err(DecideError::Illegal(illegal)) = refused else { panic!("{refused:?}") };
        assert_eq!(illegal.from, Status::Withdrawn);
    }
    assert!(matches!(unknown, Err(DecideError::NotFound)), "{unknown:?}");
    assert!(store::find(&app.pool, nobody).await.unwrap().is_none());
}
