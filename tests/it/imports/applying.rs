//! What becomes of the people once a file is applied.

use std::time::Duration;

use countersign::{
    access::Role,
    apps::change::Kind,
    audit::Verb,
    directory::Source,
    imports::{ImportError, Missing, Outcome, State, Verdict, apply, store},
    jobs::LEASE,
    queue::{Status, decide},
};

use super::{PEOPLE, many, outcomes};
use crate::support::app::TestApp;

#[tokio::test]
async fn what_was_shown_is_done_and_the_same_file_again_does_nothing() {
    let app = TestApp::provisioned().await;
    let ben = app.a_person("ben@example.com").await;

    let import = app.imports(PEOPLE).await;
    let again = app.uploads(PEOPLE).await.unwrap();

    assert_eq!(import.state, State::Finished);
    assert_eq!((import.outcome.done, import.outcome.requested), (2, 1));
    let ana = app.person("ana@example.com").await;
    assert_eq!((ana.source, ana.profile.name()), (Source::csv(), "Ana Lima".to_owned()));
    assert_eq!(app.story(ana.id).await, [(Kind::Create, Status::Pending)]);
    assert_eq!(
        app.story(ben.id).await,
        [(Kind::Create, Status::Pending)],
        "folded into what waits"
    );
    assert_eq!((again.preview.unchanged, again.preview.to_do()), (2, 0));
    assert!(matches!(app.begins(&again).await, Err(ImportError::Nothing)));
    let told = app.history(Verb::ImportFinished).await;
    assert_eq!(told[0].actor.as_deref(), Some("Oscar"));
    assert_eq!(told[0].details["outcome"]["done"], 2);
    assert_eq!(app.history(Verb::ImportStarted).await.len(), 1);
}

#[tokio::test]
async fn a_column_that_is_not_there_leaves_and_an_empty_cell_clears() {
    let app = TestApp::new().await;
    app.imports("login,title,department\nana@example.com,Clerk,Legal\n").await;

    app.imports("login,title\nana@example.com,\n").await;

    let ana = app.person("ana@example.com").await.profile;
    assert_eq!((ana.title, ana.department.as_deref()), (None, Some("Legal")));
}

#[tokio::test]
async fn whoever_applied_it_cannot_approve_it() {
    let app = TestApp::provisioned().await;
    app.provisioning(|provisioning| provisioning.four_eyes = true).await;
    let import = app.uploads(PEOPLE).await.unwrap();
    app.begins_as(&app.owner, &import).await.unwrap();
    app.run_jobs().await;
    let action = app.the(Kind::Create, app.person("ana@example.com").await.id).await;
    let shown = app.preview(action.id).await.digest;
    let approve = async |actor: &countersign::access::Actor| {
        let by = actor.approver().unwrap();
        decide::approve(&app.pool, &app.connectors, app.now(), &by, action.id, shown, None).await
    };

    let own = approve(&app.owner).await;
    let other = approve(&app.approver).await;

    assert!(matches!(own, Err(decide::DecideError::OwnRequest)), "{own:?}");
    assert!(other.is_ok(), "{other:?}");
    app.leaves_jobs();
}

#[tokio::test]
async fn a_suspension_needs_its_number_and_only_that() {
    let app = TestApp::provisioned().await;
    app.imports(&many(3, "Clerk")).await;
    let import = app.uploads_with(&many(1, "Clerk"), Some(Missing::Csv)).await.unwrap();
    let oscar = app.operator.operator().unwrap();
    let begin = async |typed| {
        apply::begin(&app.pool, app.now(), &oscar, import.id, import.round, typed).await
    };

    for typed in [None, Some(0), Some(3)] {
        assert!(matches!(begin(typed).await, Err(ImportError::Confirm(2))), "{typed:?}");
    }
    begin(Some(2)).await.unwrap();
    app.run_jobs().await;

    let active: Vec<_> = app.people().await.iter().map(|user| user.active).collect();
    assert_eq!(active.iter().filter(|active| **active).count(), 1);
}

#[tokio::test]
async fn a_comparison_that_was_not_looked_at_is_not_applied() {
    let app = TestApp::new().await;
    let import = app.uploads(PEOPLE).await.unwrap();
    let oscar = app.operator.operator().unwrap();
    let meant = import.columns.meanings().to_vec();
    super::compare_again(&app.pool, app.now(), &oscar, import.id, meant, Missing::Keep)
        .await
        .unwrap();

    let stale = app.begins(&import).await;

    assert!(matches!(stale, Err(ImportError::Stale)));
    assert_eq!(app.jobs().await, 0);
}

#[tokio::test]
async fn who_changed_since_the_comparison_is_left_as_they_are_and_listed() {
    let app = TestApp::new().await;
    let changed = app.a_person("person-1@example.com").await;
    let same = app.a_person("person-2@example.com").await;
    let there = app.a_person("person-3@example.com").await;
    let text = "userName,title\nperson-1@example.com,Head\nperson-2@example.com,Head\nperson-3@example.com,Head\nperson-4@example.com,Head\n";
    let import = app.uploads(text).await.unwrap();
    app.retitle(changed.id, "Director").await;
    app.retitle(there.id, "Head").await;
    app.a_person("person-4@example.com").await;

    app.begins(&import).await.unwrap();
    app.run_jobs().await;

    assert_eq!(
        outcomes(&app.rows(import.id, Verdict::Update).await),
        [Some(Outcome::Differs), Some(Outcome::Done), Some(Outcome::Already)]
    );
    assert_eq!(outcomes(&app.rows(import.id, Verdict::Create).await), [Some(Outcome::Differs)]);
    assert_eq!(app.person("person-1@example.com").await.profile.title.as_deref(), Some("Director"));
    assert_eq!(app.person("person-2@example.com").await.id, same.id);
    let undone = store::undone(&app.pool, import.id, None, 10).await.unwrap().items;
    assert_eq!(undone.len(), 2);
    assert!(undone[0].says.as_deref().is_some_and(|says| says.contains("Upload the file again")));
}

#[tokio::test]
async fn a_row_that_the_database_refuses_undoes_none_of_the_others() {
    let app = TestApp::new().await;
    sqlx::query!(
        "alter table users add constraint broken check (user_name <> 'person-7@example.com')"
    )
    .execute(&app.pool)
    .await
    .unwrap();

    let import = app.imports(&many(300, "Clerk")).await;

    assert_eq!(
        (import.state, import.outcome.done, import.outcome.failed),
        (State::Finished, 299, 1)
    );
    let undone = store::undone(&app.pool, import.id, None, 10).await.unwrap().items;
    assert_eq!(undone[0].key.as_deref(), Some("person-7@example.com"));
    assert_eq!(app.people().await.len(), 299);
}

#[tokio::test]
async fn a_worker_that_dies_on_the_way_leaves_nothing_undone_and_nothing_twice() {
    let app = TestApp::provisioned().await;
    let import = app.uploads(&many(1_200, "Clerk")).await.unwrap();
    app.begins(&import).await.unwrap();
    // It takes the job, does a piece of it, and is gone in the middle of the next.
    app.claim().await;
    assert!(app.worker().next(import.id).await.unwrap());
    let _gone = tokio::time::timeout(Duration::from_millis(20), app.worker().next(import.id)).await;

    app.clock.advance(LEASE);
    app.run_jobs().await;

    let import = app.import(import.id).await;
    assert_eq!((import.state, import.outcome.done), (State::Finished, 1_200));
    assert_eq!(import.outcome.requested, 1_200);
    assert_eq!(app.people().await.len(), 1_000, "as many as a page of the list holds");
    assert_eq!(app.history(Verb::ImportFinished).await.len(), 1);
}

#[tokio::test]
async fn two_workers_at_one_file_do_each_row_once() {
    let app = TestApp::provisioned().await;
    let import = app.uploads(&many(600, "Clerk")).await.unwrap();
    app.begins(&import).await.unwrap();
    let work = async || while app.worker().next(import.id).await.unwrap() {};

    tokio::join!(work(), work());
    app.run_jobs().await;

    let import = app.import(import.id).await;
    assert_eq!((import.outcome.done, import.outcome.requested), (600, 600));
    assert_eq!(app.history(Verb::ImportFinished).await.len(), 1);
}

#[tokio::test]
async fn it_can_be_stopped_and_the_rest_applied_later() {
    let app = TestApp::new().await;
    let import = app.uploads(&many(600, "Clerk")).await.unwrap();
    let oscar = app.operator.operator().unwrap();
    app.begins(&import).await.unwrap();
    app.worker().next(import.id).await.unwrap();

    let stopped = apply::stop(&app.pool, app.now(), &oscar, import.id).await.unwrap();
    app.run_jobs().await;

    assert_eq!((stopped.state, stopped.outcome.done), (State::Stopped, 500));
    assert_eq!(stopped.says.as_deref(), Some("Oscar stopped it."));
    assert_eq!(app.people().await.len(), 500);
    assert!(matches!(
        apply::stop(&app.pool, app.now(), &oscar, import.id).await,
        Err(ImportError::NotNow(State::Stopped))
    ));
    app.begins(&stopped).await.unwrap();
    app.run_jobs().await;
    assert_eq!(app.import(import.id).await.outcome.done, 600);
}

#[tokio::test]
async fn who_lost_the_role_meanwhile_changes_nobody_any_more() {
    let app = TestApp::new().await;
    let import = app.uploads(PEOPLE).await.unwrap();
    app.begins(&import).await.unwrap();
    sqlx::query!(
        "update administrators set role = $2 where id = $1",
        app.operator.id().unwrap(),
        Role::Auditor.word()
    )
    .execute(&app.pool)
    .await
    .unwrap();

    app.run_jobs().await;

    let import = app.import(import.id).await;
    assert_eq!((import.state, import.outcome.all()), (State::Stopped, 0));
    assert_eq!(import.says.as_deref(), Some("Oscar may no longer change people."));
    assert!(app.people().await.is_empty());
}

#[tokio::test]
async fn a_person_may_come_in_suspended() {
    let app = TestApp::provisioned().await;

    app.imports("login,status\nana@example.com,suspended\n").await;

    let ana = app.person("ana@example.com").await;
    assert!(!ana.active);
    assert!(app.story(ana.id).await.is_empty());
}
