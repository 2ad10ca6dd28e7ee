//! Taking a rejection back. (Taking back an approval: `flow`, `api::undone`.)

use countersign::{
    apps::{
        OnDelete,
        change::{Attribute, Kind, Value},
    },
    audit::Verb,
    kernel::ActionId,
    queue::{Action, State, Status, hint::Hint, retry::MoveError, store, undo},
};

use crate::support::app::{NOTHING, TestApp};

async fn undo(app: &TestApp, id: ActionId) -> Result<Action, MoveError> {
    undo::undo(&app.pool, app.now(), &app.owner.approver().unwrap(), id).await
}

/// What of an action is wanted of one attribute.
fn wanted(action: &Action, attribute: Attribute) -> Option<&Value> {
    let mut changes = action.content.changes.iter();
    changes.find(|change| change.attribute == attribute)?.to.as_ref()
}

#[tokio::test]
async fn a_rejection_is_taken_back_and_can_be_decided_anew() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;
    let id = app.the(Kind::Create, ana.id).await.id;
    let asked = app.action(id).await;
    app.reject(id).await;

    let undone = undo(&app, id).await.unwrap();

    assert_eq!((&undone.state, &undone.content), (&State::Pending, &asked.content));
    assert_eq!(app.actions(ana.id).await.len(), 1, "it is the same one");
    assert_eq!(store::standing_refusals(&app.pool, ana.id).await.unwrap(), []);
    let [.., event] = &app.events(id).await[..] else { panic!("no events") };
    let told = (event.verb, event.actor.as_deref(), event.detail("rejectedBy"));
    assert_eq!(told, (Verb::ActionUndone, Some("Olivia"), Some("Paula")));
    app.approve(id).await;
    app.run_jobs().await;
    assert_eq!(app.status(id).await, Status::Provisioned);
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_withdrawn_when_its_rejection_is_taken_back() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let update = app.the(Kind::Update, ana.id).await.id;
    app.reject(update).await;
    app.retitle(ana.id, "Analyst").await;

    let undone = undo(&app, update).await.unwrap();

    assert_eq!(undone.state.status(), Status::Withdrawn);
    let last = app.verbs(update).await.into_iter().next_back();
    assert_eq!(last, Some(Verb::ActionWithdrawn));
}

#[tokio::test]
async fn what_came_after_a_rejection_becomes_part_of_what_is_asked_for_again() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let first = app.the(Kind::Update, ana.id).await.id;
    app.reject(first).await;
    app.edit(ana.id, |wish| "+44 20".clone_into(&mut wish.draft.phone)).await;
    let second = app.the(Kind::Update, ana.id).await.id;
    assert_ne!(first, second);

    let undone = undo(&app, first).await.unwrap();

    assert_eq!(wanted(&undone, Attribute::Title), Some(&Value::Text("Director".to_owned())));
    assert!(wanted(&undone, Attribute::Phone).is_some(), "{:?}", undone.content);
    assert_eq!(app.status(second).await, Status::Withdrawn, "nothing is asked for twice");
}

#[tokio::test]
async fn a_later_rejection_stands_when_an_earlier_one_is_taken_back() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let first = app.the(Kind::Update, ana.id).await.id;
    app.reject(first).await;
    app.retitle(ana.id, "Chair").await;
    let second = app.the(Kind::Update, ana.id).await.id;
    app.reject(second).await;

    let undone = undo(&app, first).await.unwrap();

    assert_eq!(undone.state.status(), Status::Withdrawn, "what it asked for is rejected still");
    assert_eq!(app.status(second).await, Status::Rejected);
}

#[tokio::test]
async fn no_rule_lets_through_what_a_person_had_rejected() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.reject(id).await;
    app.provisioning(|wanted| wanted.approve = NOTHING).await;

    let undone = undo(&app, id).await.unwrap();

    assert_eq!(undone.state, State::Pending);
}

#[tokio::test]
async fn who_takes_it_back_second_hears_who_was_first() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.reject(id).await;
    undo(&app, id).await.unwrap();

    let Err(MoveError::Illegal(illegal)) = undo(&app, id).await else { panic!("done twice") };

    assert!(illegal.to_string().contains("undone by Olivia"), "{illegal}");
}

#[tokio::test]
async fn what_to_look_at_twice_is_judged_anew() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.suspend(ana.id).await;
    let id = app.the(Kind::Suspend, ana.id).await.id;
    app.reject(id).await;
    assert!(!app.action(id).await.hints.contains(&Hint::Leaver));
    app.provisioning(|wanted| wanted.on_delete = OnDelete::Suspend).await;
    app.delete(ana.id).await;

    let undone = undo(&app, id).await.unwrap();

    assert_eq!(undone.state, State::Pending);
    assert!(undone.hints.contains(&Hint::Leaver), "{:?}", undone.hints);
}

#[tokio::test]
async fn while_nothing_is_asked_for_no_rejection_is_taken_back() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.reject(id).await;
    app.provisioning(|wanted| wanted.enabled = false).await;

    let Err(MoveError::Off(name)) = undo(&app, id).await else { panic!("it was taken back") };

    assert_eq!((&*name, app.status(id).await), ("EchoSign", Status::Rejected));
}
