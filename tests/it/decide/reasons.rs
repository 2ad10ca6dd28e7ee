//! Reasons: as the app's rules want them, whoever decides and wherever.

use countersign::{
    access::Actor,
    apps::{App, ReasonRule, Reasons, change::Kind},
    audit::Verb,
    kernel::ActionId,
    queue::{
        Action, Status,
        decide::{self, DecideError},
        reasons::{self, ReasonsError},
    },
};

use crate::support::app::TestApp;

const MEND: &str = "Name the change, such as CHG-1234.";

fn a_ticket() -> ReasonRule {
    let (pattern, says) = (Some(r"CHG-\d+".to_owned()), Some(MEND.to_owned()));
    ReasonRule { required: true, pattern, says }
}

async fn approve(
    app: &TestApp,
    by: &Actor,
    id: ActionId,
    reason: Option<&str>,
) -> Result<Action, DecideError> {
    let (by, shown) = (by.approver().unwrap(), app.action(id).await.digest());
    decide::approve(&app.pool, &app.connectors, app.now(), &by, id, shown, reason).await
}

fn refused(done: Result<Action, DecideError>) -> String {
    let refused = done.unwrap_err();
    assert!(matches!(refused, DecideError::Reason(_)), "{refused:?}");
    refused.to_string()
}

async fn want(app: &TestApp, echosign: &App, rules: Reasons) -> Result<(), ReasonsError> {
    let olivia = app.owner.owner().unwrap();
    reasons::want(&app.pool, app.now(), &olivia, echosign, rules).await
}

#[tokio::test]
async fn an_approval_without_the_reason_that_is_required_changes_nothing() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.wants_reasons(Kind::Create, a_ticket()).await;

    let none = refused(approve(&app, &app.approver, id, None).await);
    let other = refused(approve(&app, &app.approver, id, Some("She starts on Monday.")).await);
    let before = (app.status(id).await, app.jobs().await, app.verbs(id).await);
    let approved = approve(&app, &app.approver, id, Some("As in CHG-12.")).await.unwrap();

    assert_eq!([&*none, &*other], [MEND, MEND]);
    assert_eq!(before, (Status::Pending, 0, vec![Verb::ActionRequested]));
    assert_eq!(approved.state.decision().unwrap().reason.as_deref(), Some("As in CHG-12."));
    app.leaves_jobs();
}

#[tokio::test]
async fn a_rejection_is_held_to_the_same_pattern() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.wants_reasons(Kind::Create, ReasonRule { required: false, ..a_ticket() }).await;
    let (paula, now) = (app.approver.approver().unwrap(), app.now());

    let other = refused(decide::reject(&app.pool, now, &paula, id, "Not ours.").await);
    let rejected = decide::reject(&app.pool, now, &paula, id, "Not ours: CHG-12").await.unwrap();

    assert_eq!(other, MEND);
    assert_eq!(rejected.state.status(), Status::Rejected);
}

#[tokio::test]
async fn a_rule_is_for_its_kind_alone() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.wants_reasons(Kind::Delete, a_ticket()).await;

    let approved = approve(&app, &app.approver, id, None).await;

    assert_eq!(approved.unwrap().state.status(), Status::Approved);
    app.leaves_jobs();
}

#[tokio::test]
async fn rules_are_told_to_the_history_once_and_what_asks_nothing_is_no_rule() {
    let app = TestApp::provisioned().await;
    let echosign = app.app().await;
    let before = app.history(Verb::AppConfigured).await.len();
    let nothing = (Kind::Update, ReasonRule::default());
    let rules = Reasons::from([(Kind::Delete, a_ticket()), nothing]);

    want(&app, &echosign, rules.clone()).await.unwrap();
    want(&app, &echosign, rules).await.unwrap();

    let stored = app.app().await.reasons;
    assert_eq!(stored, Reasons::from([(Kind::Delete, a_ticket())]));
    let told = app.history(Verb::AppConfigured).await;
    assert_eq!(told.len(), before + 1);
    assert!(told.iter().any(|event| event.details["reasons"]["to"]["delete"]["message"] == MEND));
}

#[tokio::test]
async fn a_pattern_that_cannot_be_read_leaves_the_rules_as_they_were() {
    let app = TestApp::provisioned().await;
    app.wants_reasons(Kind::Delete, a_ticket()).await;
    let bad = ReasonRule { pattern: Some("CHG-[".to_owned()), ..a_ticket() };

    let refused = want(&app, &app.app().await, Reasons::from([(Kind::Delete, bad)])).await;

    let Err(ReasonsError::Rules(faults)) = refused else { panic!("{refused:?}") };
    assert_eq!((faults[0].kind, faults[0].field), (Kind::Delete, "pattern"));
    assert_eq!(app.app().await.reasons, Reasons::from([(Kind::Delete, a_ticket())]));
}
