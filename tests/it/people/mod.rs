//! What a change of a person does to the queue.

mod standing;

use countersign::{
    apps::{
        OnDelete, OnSuspend,
        change::{Attribute, Change, Kind, Value},
    },
    audit::{self, Filter, Verb},
    directory::{Source, store},
    kernel::UserId,
    queue::{
        Status,
        people::{self, PeopleError},
    },
};
use sqlx::{AssertSqlSafe, Executor};

use crate::support::app::{NOTHING, TestApp, someone};

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn change(attribute: Attribute, from: Option<&str>, to: Option<&str>) -> Change {
    Change { attribute, from: from.and_then(text), to: to.and_then(text) }
}

async fn verbs(app: &TestApp) -> Vec<Verb> {
    let page = audit::list(&app.pool, &Filter::default(), None, 100).await.unwrap();
    let mut verbs: Vec<_> = page.items.iter().map(|event| event.verb).collect();
    verbs.reverse();
    verbs
}

#[tokio::test]
async fn a_new_person_waits_for_approval_and_nothing_is_sent() {
    let app = TestApp::provisioned().await;

    let user = app.a_person("ana@example.com").await;

    let action = app.the(Kind::Create, user.id).await;
    assert_eq!(app.story(user.id).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(
        action.content.changes,
        [
            change(Attribute::UserName, None, Some("ana@example.com")),
            change(Attribute::Email, None, Some("ana@example.com")),
            change(Attribute::Title, None, Some("Analyst")),
            Change { attribute: Attribute::Active, from: None, to: Some(Value::Flag(true)) },
        ]
    );
    assert_eq!(app.verbs(action.id).await, [Verb::ActionRequested]);
    assert_eq!(app.jobs().await, 0);
    assert_eq!(app.echosign.was_sent(), [""; 0]);
}

#[tokio::test]
async fn a_rule_approves_what_needs_no_people() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.approve = NOTHING).await;

    let user = app.a_person("ana@example.com").await;

    let action = app.the(Kind::Create, user.id).await;
    let decision = action.state.decision().unwrap();
    assert_eq!(action.state.status(), Status::Approved);
    assert_eq!(decision.by.name(), "by rule: create needs no approval");
    assert_eq!(decision.digest, action.digest());
    assert_eq!(app.verbs(action.id).await, [Verb::ActionRequested, Verb::ActionApproved]);
    assert_eq!(app.events(action.id).await[1].actor_kind, "rule");
    assert_eq!(app.jobs().await, 1);
    app.leaves_jobs();
}

#[tokio::test]
async fn a_submission_that_fails_in_the_middle_leaves_nothing_behind() {
    for table in ["accounts", "actions", "events", "unsealed", "jobs"] {
        let app = TestApp::provisioned().await;
        app.provisioning(|p| p.approve = NOTHING).await;
        let before = verbs(&app).await;
        app.breaks(table).await;

        let oscar = app.operator.operator().unwrap();
        let wish = someone("ana@example.com");
        let added = people::add(&app.pool, app.now(), &oscar, Source::console(), &wish).await;

        assert!(matches!(added, Err(PeopleError::Store(_))), "{table}");
        assert_eq!(store::list(&app.pool, "", None, 10).await.unwrap().items, [], "{table}");
        assert_eq!((app.jobs().await, verbs(&app).await), (0, before), "{table}");
        let rows = "select (select count(*) from actions) + (select count(*) from accounts)";
        let rows = app.pool.fetch_one(AssertSqlSafe(rows)).await.unwrap();
        assert_eq!(sqlx::Row::get::<i64, _>(&rows, 0), 0, "{table}");
    }
}

#[tokio::test]
async fn an_app_that_is_not_provisioned_hears_of_nobody() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.enabled = false).await;

    let user = app.a_person("ana@example.com").await;

    assert_eq!(app.story(user.id).await, []);
    assert_eq!(verbs(&app).await.last(), Some(&Verb::UserCreated));
}

#[tokio::test]
async fn every_field_to_mend_is_named_and_nothing_is_changed() {
    let app = TestApp::provisioned().await;
    let user = app.a_person("ana@example.com").await;
    let oscar = app.operator.operator().unwrap();
    let before = verbs(&app).await;

    let edited = people::edit(&app.pool, app.now(), &oscar, Source::console(), user.id, |wish| {
        wish.draft.email = "ana".to_owned();
        wish.draft.title = "one\0two".to_owned();
    })
    .await;

    let Err(PeopleError::Fields(fields)) = edited else { panic!("{edited:?}") };
    assert_eq!(fields.iter().map(|field| field.field).collect::<Vec<_>>(), ["title", "email"]);
    assert_eq!(verbs(&app).await, before);
}

#[tokio::test]
async fn a_user_name_is_taken_in_any_case_until_its_owner_is_deleted() {
    let app = TestApp::new().await;
    let ana = app.a_person("ana@example.com").await;
    let oscar = app.operator.operator().unwrap();
    let wish = someone("ANA@example.com");
    let add = || people::add(&app.pool, app.now(), &oscar, Source::console(), &wish);

    let taken = add().await;
    app.delete(ana.id).await;
    let free = add().await;

    let Err(PeopleError::Taken(field)) = taken else { panic!("{taken:?}") };
    assert_eq!(field.field, "userName");
    assert!(free.is_ok(), "{free:?}");
}

#[tokio::test]
async fn who_is_not_there_cannot_be_changed() {
    let app = TestApp::provisioned().await;
    let gone = app.a_person("ana@example.com").await;
    app.delete(gone.id).await;
    let oscar = app.operator.operator().unwrap();

    for id in [gone.id, UserId::at(app.now())] {
        let (now, console) = (app.now(), Source::console);
        let edited = people::suspend(&app.pool, now, &oscar, console(), id).await;
        let deleted = people::delete(&app.pool, now, &oscar, console(), id).await;

        assert!(matches!(edited, Err(PeopleError::NotFound)), "{edited:?}");
        assert!(matches!(deleted, Err(PeopleError::NotFound)), "{deleted:?}");
    }
}

#[tokio::test]
async fn what_makes_no_difference_to_the_account_makes_no_action() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    let before = verbs(&app).await;

    app.retitle(ana.id, " Analyst ").await;
    let nothing = verbs(&app).await;
    // The directory has it in another case now; to the app it is the same.
    let changed =
        app.edit(ana.id, |wish| wish.draft.user_name = "Ana@Example.com".to_owned()).await;

    assert_eq!(nothing, before);
    assert_eq!(changed.profile.user_name.as_str(), "Ana@Example.com");
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Provisioned)]);
}

#[tokio::test]
async fn an_edit_is_told_with_the_names_of_its_fields() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;

    app.edit(ana.id, |wish| {
        wish.draft.title = "Director".to_owned();
        wish.draft.phone = "+44 20 7946 0018".to_owned();
        wish.active = false;
    })
    .await;

    let told = audit::of_user(&app.pool, ana.id, None, 100).await.unwrap().items;
    let updated = told.iter().find(|event| event.verb == Verb::UserUpdated).unwrap();
    assert_eq!(updated.details["fields"], serde_json::json!(["phone", "title"]));
    assert_eq!(
        (updated.actor.as_deref(), updated.detail("source")),
        (Some("Oscar"), Some("console"))
    );
    assert!(told.iter().any(|event| event.verb == Verb::UserSuspended));
    assert_eq!(
        app.story(ana.id).await[1..],
        [(Kind::Update, Status::Pending), (Kind::Suspend, Status::Pending)]
    );
}

#[tokio::test]
async fn a_newer_change_is_folded_into_the_action_that_waits() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let before = app.the(Kind::Update, ana.id).await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;

    let after = app.the(Kind::Update, ana.id).await;
    assert_eq!(after.id, before.id);
    assert_eq!(
        after.content.changes,
        [
            change(Attribute::Title, Some("Analyst"), Some("Director")),
            change(Attribute::Phone, None, Some("+44 20 7946 0018")),
        ]
    );
    assert_ne!(after.digest(), before.digest());
    assert_eq!(app.verbs(after.id).await, [Verb::ActionRequested, Verb::ActionFolded]);
}

#[tokio::test]
async fn a_person_who_is_deleted_before_a_decision_never_was() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("ana@example.com").await;

    app.delete(ana.id).await;

    let create = app.the(Kind::Create, ana.id).await;
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Withdrawn)]);
    assert_eq!(app.verbs(create.id).await, [Verb::ActionRequested, Verb::ActionWithdrawn]);
}

#[tokio::test]
async fn a_change_that_is_undone_before_a_decision_is_withdrawn() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;

    app.retitle(ana.id, "Analyst").await;

    assert_eq!(app.story(ana.id).await[1..], [(Kind::Update, Status::Withdrawn)]);
}

#[tokio::test]
async fn a_suspension_that_is_lifted_before_a_decision_is_withdrawn() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.suspend(ana.id).await;

    app.edit(ana.id, |wish| wish.active = true).await;

    assert_eq!(app.story(ana.id).await[1..], [(Kind::Suspend, Status::Withdrawn)]);
}

#[tokio::test]
async fn who_is_suspended_gets_an_account_only_once_they_are_not() {
    let app = TestApp::provisioned().await;
    let oscar = app.operator.operator().unwrap();
    let wish = people::Wish { active: false, ..someone("ana@example.com") };

    let ana = people::add(&app.pool, app.now(), &oscar, Source::console(), &wish).await.unwrap();
    let suspended = app.story(ana.id).await;
    app.edit(ana.id, |wish| wish.active = true).await;

    assert_eq!(suspended, []);
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Pending)]);
}

#[tokio::test]
async fn the_account_of_a_deleted_person_is_deleted_suspended_or_left() {
    let table = [
        (OnDelete::Delete, vec![(Kind::Delete, Status::Pending)]),
        (OnDelete::Suspend, vec![(Kind::Suspend, Status::Pending)]),
        (OnDelete::Nothing, vec![]),
    ];
    for (on_delete, expected) in table {
        let app = TestApp::provisioned().await;
        app.provisioning(|p| p.on_delete = on_delete).await;
        let ana = app.an_account("ana@example.com").await;

        app.delete(ana.id).await;

        assert_eq!(app.story(ana.id).await[1..], expected, "{on_delete}");
    }
}

#[tokio::test]
async fn the_account_of_a_suspended_person_is_suspended_or_left() {
    let table = [
        (OnSuspend::Suspend, vec![(Kind::Suspend, Status::Pending)]),
        (OnSuspend::Nothing, vec![]),
    ];
    for (on_suspend, expected) in table {
        let app = TestApp::provisioned().await;
        app.provisioning(|p| p.on_suspend = on_suspend).await;
        let ana = app.an_account("ana@example.com").await;

        app.suspend(ana.id).await;

        assert_eq!(app.story(ana.id).await[1..], expected, "{on_suspend}");
    }
}

#[tokio::test]
async fn a_delete_takes_the_place_of_what_waits_for_the_account() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;

    app.delete(ana.id).await;

    let expected = [(Kind::Update, Status::Withdrawn), (Kind::Delete, Status::Pending)];
    assert_eq!(app.story(ana.id).await[1..], expected);
}

#[tokio::test]
async fn two_changes_of_one_person_at_once_are_both_kept() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;

    let titled = app.retitle(ana.id, "Director");
    let phoned = app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned());
    tokio::join!(titled, phoned);

    let update = app.the(Kind::Update, ana.id).await;
    assert_eq!(app.story(ana.id).await.len(), 2);
    assert_eq!(update.content.wants(Attribute::Title), text("Director").as_ref());
    assert_eq!(update.content.wants(Attribute::Phone), text("+44 20 7946 0018").as_ref());
}
