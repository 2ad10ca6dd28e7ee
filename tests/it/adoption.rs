//! Accounts that are not as they were thought to be: there already, changed, gone, or another person's.

use std::time::Duration;

use countersign::{
    apps::{
        Deletes, OnDelete,
        change::{Attribute, Change, Kind, Value},
    },
    audit::Verb,
    jobs::{self, Handler},
    queue::{Status, cancel, connect, retry, store::AttemptOutcome},
    sandbox::faults::{Method, Quirk},
};
use serde_json::{Value as Json, json};

use crate::support::app::{NOTHING, TestApp};

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

/// Ana as she would be after a create, with another title.
fn ana_as(title: &str) -> Json {
    let emails = json!([{ "value": "ana@example.com", "type": "work" }]);
    json!({ "userName": "ana@example.com", "emails": emails, "title": title })
}

#[tokio::test]
async fn an_account_that_is_just_as_wanted_is_adopted_and_said_to_be() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    app.approve(id).await;
    app.echosign.has(ana_as("Analyst"));

    app.run_jobs().await;

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
async fn an_account_that_is_different_is_taken_over_by_a_rule_where_a_rule_decides() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.approve = NOTHING).await;
    app.echosign.has(ana_as("Director"));
    let ana = app.a_person("ana@example.com").await;

    app.run_jobs().await;

    let create = app.the(Kind::Create, ana.id).await;
    assert_eq!(create.state.status(), Status::Provisioned);
    let told = [
        Verb::ActionRequested,
        Verb::ActionApproved,
        Verb::ActionSending,
        Verb::ActionDrifted,
        Verb::ActionApproved,
        Verb::ActionSending,
        Verb::ActionProvisioned,
    ];
    assert_eq!(app.verbs(create.id).await, told);
    assert_eq!(app.echosign.was_sent(), ["PATCH"]);
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

    assert_eq!(app.verbs(id).await.pop(), Some(Verb::ActionAdopted));
}

#[tokio::test]
async fn what_was_changed_over_there_comes_back_and_is_sent_once_it_was_seen() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let id = app.the(Kind::Update, ana.id).await.id;
    app.approve(id).await;
    app.echosign.changes("ana@example.com", "title", json!("Clerk")).await;

    app.run_jobs().await;
    let back = app.action(id).await;
    let sent = app.echosign.was_sent();
    app.approve(id).await;
    app.run_jobs().await;

    assert_eq!((back.state.status(), sent), (Status::Pending, vec!["POST".to_owned()]));
    let change = Change { attribute: Attribute::Title, from: text("Clerk"), to: text("Director") };
    assert_eq!(back.content.changes, [change]);
    assert_eq!(app.attempts(id).await[0].ended.unwrap().1, AttemptOutcome::Drifted);
    assert_eq!(app.status(id).await, Status::Provisioned);
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "Director");
}

#[tokio::test]
async fn what_was_changed_over_there_and_is_none_of_the_action_stays() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.changes("ana@example.com", "nickName", json!("Annie")).await;
    app.echosign.changes("ana@example.com", "displayName", json!("Ana L.")).await;

    app.run_jobs().await;

    let account = app.echosign.account("ana@example.com").await.unwrap();
    assert_eq!(app.the(Kind::Update, ana.id).await.state.status(), Status::Provisioned);
    assert_eq!(
        (&account["nickName"], &account["displayName"]),
        (&json!("Annie"), &json!("Ana L."))
    );
    assert_eq!(
        app.confirmed(ana.id).await.attributes.get(&Attribute::DisplayName),
        text("Ana L.").as_ref()
    );
}

#[tokio::test]
async fn what_is_already_so_is_done_without_being_sent() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.changes("ana@example.com", "title", json!("Director")).await;

    app.run_jobs().await;

    assert_eq!(app.the(Kind::Update, ana.id).await.state.status(), Status::Provisioned);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn where_the_account_is_gone_the_change_is_withdrawn_and_a_new_account_proposed() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;

    app.run_jobs().await;

    let expected = [(Kind::Update, Status::Withdrawn), (Kind::Create, Status::Pending)];
    assert_eq!(app.story(ana.id).await[1..], expected);
    let create = app.the(Kind::Create, ana.id).await;
    assert_eq!(create.content.wants(Attribute::Title), text("Director").as_ref());
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn where_the_account_is_gone_nothing_but_a_new_account_is_proposed() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.approve_all(ana.id).await;
    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;

    app.run_jobs().await;

    let expected = [
        (Kind::Update, Status::Withdrawn),
        (Kind::Update, Status::Withdrawn),
        (Kind::Create, Status::Pending),
    ];
    assert_eq!(app.story(ana.id).await[1..], expected);
}

#[tokio::test]
async fn to_delete_what_is_gone_is_done() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.removes("ana@example.com").await;

    app.run_jobs().await;

    assert_eq!(app.story(ana.id).await[1..], [(Kind::Delete, Status::Provisioned)]);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_done() {
    for deletes in [Deletes::Delete, Deletes::Deactivate] {
        let app = TestApp::provisioned().await;
        let wanted = connect::Wanted { deletes, ..app.connection(None) };
        app.connect(wanted).await.unwrap();
        let ana = app.an_account("ana@example.com").await;
        app.delete(ana.id).await;
        app.approve_all(ana.id).await;
        let method = if deletes == Deletes::Delete { Method::Delete } else { Method::Patch };
        app.echosign.loses_the_answer(method);

        app.run_jobs().await;
        app.clock.advance(Duration::from_mins(1));
        app.run_jobs().await;

        assert_eq!(
            app.story(ana.id).await[1..],
            [(Kind::Delete, Status::Provisioned)],
            "{deletes}"
        );
        assert_eq!(app.echosign.was_sent(), ["POST", method.as_str()]);
    }
}

#[tokio::test]
async fn an_account_that_goes_while_it_is_switched_off_is_deleted() {
    let app = TestApp::provisioned().await;
    let wanted = connect::Wanted { deletes: Deletes::Deactivate, ..app.connection(None) };
    app.connect(wanted).await.unwrap();
    let ana = app.an_account("ana@example.com").await;
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 404, 1);

    app.run_jobs().await;

    assert_eq!(app.story(ana.id).await[1..], [(Kind::Delete, Status::Provisioned)]);
    assert_eq!(app.confirmed(ana.id).await.remote_id, None);
}

#[tokio::test]
async fn a_delete_of_what_was_changed_over_there_comes_back() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.delete(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.changes("ana@example.com", "title", json!("Director")).await;

    app.run_jobs().await;
    let back = app.the(Kind::Delete, ana.id).await;
    app.approve(back.id).await;
    app.run_jobs().await;

    assert_eq!(back.state.status(), Status::Pending);
    assert_eq!(app.status(back.id).await, Status::Provisioned);
    assert_eq!(app.echosign.accounts().await, [] as [Json; 0]);
}

#[tokio::test]
async fn what_an_app_does_not_keep_is_said_and_not_proposed_again() {
    let app = TestApp::provisioned().await;
    app.echosign.always_has("title", json!(null));
    let ana = app.an_account("ana@example.com").await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;

    let create = app.the(Kind::Create, ana.id).await.id;
    let says = app.events(create).await.pop().unwrap().detail("says").map(str::to_owned);
    assert_eq!(says.as_deref(), Some("EchoSign did not keep title."));
    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(
        changes.iter().map(|change| change.attribute).collect::<Vec<_>>(),
        [Attribute::Phone]
    );
    app.retitle(ana.id, "Director").await;
    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(changes[0].to, text("Director"), "a new value may fare better");
}

#[tokio::test]
async fn what_an_app_does_not_let_go_of_is_said_and_not_proposed_again() {
    let app = TestApp::provisioned().await;
    app.echosign.always_has("displayName", json!("Ana (EchoSign)"));
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let first = app.the(Kind::Update, ana.id).await;
    app.approve(first.id).await;
    app.run_jobs().await;

    app.retitle(ana.id, "President").await;

    let said = app.events(first.id).await.pop().unwrap().detail("says").map(str::to_owned);
    assert_eq!(app.status(first.id).await, Status::Provisioned);
    assert_eq!(said.as_deref(), Some("EchoSign did not let go of displayName."));
    let changes = app.the(Kind::Update, ana.id).await.content.changes;
    assert_eq!(
        changes.iter().map(|change| change.attribute).collect::<Vec<_>>(),
        [Attribute::Title]
    );
}

#[tokio::test]
async fn an_account_that_is_another_persons_here_is_never_touched() {
    for rule in [false, true] {
        let app = TestApp::provisioned().await;
        let ana = app.an_account("ana@example.com").await;
        // Ana's new name waits, so that over there she still goes by the old one, which Ben gets here.
        app.edit(ana.id, |wish| wish.draft.user_name = "ana.lima@example.com".to_owned()).await;
        app.provisioning(|p| p.approve.create = !rule).await;
        let ben = app.a_person("ana@example.com").await;
        app.retitle(ben.id, "Director").await;

        app.approve_all_of(Kind::Create, ben.id).await;
        app.run_jobs().await;

        let create = app.the(Kind::Create, ben.id).await;
        let says = app
            .events(create.id)
            .await
            .pop()
            .unwrap()
            .detail("says")
            .unwrap_or_default()
            .to_owned();
        assert_eq!(create.state.status(), Status::Failed, "by rule: {rule}");
        assert!(says.contains("another person"), "{says}");
        assert_eq!(app.echosign.was_sent(), ["POST"]);
        assert_eq!(app.confirmed(ben.id).await.remote_id, None);
        assert!(app.confirmed(ana.id).await.remote_id.is_some());
    }
}

#[tokio::test]
async fn to_delete_the_account_of_a_name_never_takes_the_next_persons() {
    let app = TestApp::provisioned().await;
    let before = app.a_person("ana@example.com").await;
    app.approve_all(before.id).await;
    app.delete(before.id).await;
    app.approve_all(before.id).await;
    let ana = app.a_person("ana@example.com").await;
    let create = app.the(Kind::Create, ana.id).await.id;
    app.echosign.answers(Method::Post, 422, 1);
    let failing = app.claim().await;
    app.forwarder.work(failing).await.unwrap();
    app.approve(create).await;
    let deleting = app.claim().await;
    app.run_jobs().await;
    app.forwarder.work(deleting).await.unwrap();

    let expected = [(Kind::Create, Status::Failed), (Kind::Delete, Status::Provisioned)];
    assert_eq!(app.story(before.id).await, expected);
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Provisioned)]);
    assert_eq!(app.echosign.accounts().await.len(), 1);
}

#[tokio::test]
async fn who_comes_back_gets_the_account_that_was_left_when_they_were_deleted() {
    for on_delete in [OnDelete::Suspend, OnDelete::Nothing] {
        let app = TestApp::provisioned().await;
        app.provisioning(|p| p.on_delete = on_delete).await;
        let before = app.an_account("ana@example.com").await;
        app.delete(before.id).await;
        app.approve_all(before.id).await;
        app.run_jobs().await;

        let ana = app.a_person("ana@example.com").await;
        app.approve_all(ana.id).await;
        app.run_jobs().await;

        assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Provisioned)], "{on_delete}");
        let accounts = app.echosign.accounts().await;
        assert_eq!((accounts.len(), &accounts[0]["active"]), (1, &json!(true)));
        assert_eq!(app.confirmed(before.id).await.remote_id, None);
        assert!(app.confirmed(ana.id).await.remote_id.is_some());
    }
}

#[tokio::test]
async fn an_account_that_is_still_to_be_suspended_is_not_yet_anybody_elses() {
    let app = TestApp::provisioned().await;
    app.provisioning(|p| p.on_delete = OnDelete::Suspend).await;
    let before = app.an_account("ana@example.com").await;
    app.delete(before.id).await;

    let ana = app.a_person("ana@example.com").await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;

    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Failed)]);
    assert_eq!(app.echosign.was_sent(), ["POST"]);
}

#[tokio::test]
async fn nobody_makes_an_account_for_who_was_deleted_meanwhile() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.approve(id).await;
    app.delete(ana).await;
    app.approve_all(ana).await;
    app.echosign.answers(Method::Post, 422, 1);
    app.run_jobs().await;
    let oscar = app.operator.retrier().unwrap();

    let retried = retry::retry(&app.pool, app.now(), &oscar, id).await;
    app.run_jobs().await;

    assert!(retried.is_err(), "{retried:?}");
    assert_eq!(app.echosign.accounts().await, [] as [Json; 0]);
}

#[tokio::test]
async fn an_account_that_comes_back_for_who_was_deleted_meanwhile_is_not_asked_for_again() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let ana = app.action(id).await.content.account;
    app.approve(id).await;
    app.echosign.has(ana_as("Director"));
    app.delete(ana).await;

    app.run_jobs().await;

    assert_eq!(app.status(id).await, Status::Withdrawn);
    app.approve_all(ana).await;
    app.run_jobs().await;
    assert_eq!(app.echosign.was_sent(), [""; 0], "it was never ours");
}

#[tokio::test]
async fn a_retry_is_of_what_is_still_wanted() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    let old = app.the(Kind::Update, ana.id).await.id;
    app.approve(old).await;
    app.retitle(ana.id, "President").await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;
    app.approve_all(ana.id).await;
    app.run_jobs().await;
    let oscar = app.operator.retrier().unwrap();

    let retried = retry::retry(&app.pool, app.now(), &oscar, old).await;
    app.run_jobs().await;

    assert!(retried.is_err(), "{retried:?}");
    assert_eq!(app.echosign.account("ana@example.com").await.unwrap()["title"], "President");
    assert!(
        app.actions(ana.id).await.iter().all(|action| action.state.status() != Status::Pending)
    );
}

#[tokio::test]
async fn what_a_rule_sent_and_failed_is_not_left_behind_by_the_next_change() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.provisioning(|p| p.approve.update = false).await;
    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0018".to_owned()).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;

    app.edit(ana.id, |wish| wish.draft.phone = "+44 20 7946 0019".to_owned()).await;
    app.run_jobs().await;

    let expected = [
        (Kind::Update, Status::Pending),
        (Kind::Update, Status::Withdrawn),
        (Kind::Update, Status::Provisioned),
    ];
    assert_eq!(app.story(ana.id).await[1..], expected);
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
    assert_eq!(app.status(id).await, Status::Failed);
    assert!(says.starts_with("2 accounts in EchoSign match"), "{says}");
    let oscar = app.operator.retrier().unwrap();
    cancel::cancel(&app.pool, app.now(), &oscar, id).await.unwrap();
    assert_eq!(app.status(id).await, Status::Cancelled);
}
