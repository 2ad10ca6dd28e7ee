//! What a file would do, before anybody is changed.

use countersign::imports::{
    Attribute, ImportError, Meaning, Missing, State, Verdict, compare::compare_again, store,
};
use time::Duration;

use super::{PEOPLE, many};
use crate::support::app::TestApp;

#[tokio::test]
async fn a_file_is_compared_line_by_line_and_changes_nobody() {
    let app = TestApp::provisioned().await;
    let ana = app.a_person("Ana@Example.com").await;
    let suspended = app.a_person("cy@example.com").await;
    app.suspend(suspended.id).await;
    let text = "status,login,mail,title\n\
        ,ana@example.com,Ana@Example.com,Senior Analyst\n\
        active,cy@example.com,cy@example.com,Analyst\n\
        yes,dan@example.com,dan@example.com,\n\
        ,eve@example.com,eve,\n\
        ,dan@example.com,,\n";
    let before = app.people().await;

    let import = app.uploads(text).await.unwrap();

    assert_eq!(import.state, State::Ready);
    assert_eq!(import.name, "people.csv, 2 Mar 2026");
    let tally = import.preview;
    assert_eq!((tally.create, tally.update, tally.reactivate, tally.bad), (0, 1, 1, 3));
    let update = &app.rows(import.id, Verdict::Update).await[0];
    assert_eq!((update.user, update.changes.len()), (Some(ana.id), 1));
    assert_eq!(update.changes[0].attribute, Attribute::Title);
    assert_eq!(update.changes[0].to.as_deref(), Some("Senior Analyst"));
    let bad = app.rows(import.id, Verdict::Bad).await;
    let told: Vec<_> =
        bad.iter().map(|row| (row.line.clone().unwrap().0, &*row.faults[0].field)).collect();
    assert_eq!(told, [(4, "userName"), (5, "email"), (6, "userName")]);
    assert!(bad[0].faults[0].says.contains("line 6") && bad[2].faults[0].says.contains("line 4"));
    assert_eq!(app.people().await, before);
}

#[tokio::test]
async fn a_file_without_a_user_name_waits_for_somebody_to_say_which_it_is() {
    let app = TestApp::new().await;
    let oscar = app.operator.operator().unwrap();

    let import = app.uploads("Kennung,Title\nana@example.com,Clerk\n").await.unwrap();
    let refused = compare_again(
        &app.pool,
        app.now(),
        &oscar,
        import.id,
        vec![None, Some(Meaning::Title)],
        Missing::Keep,
    )
    .await;
    let meant = vec![Some(Meaning::UserNameAndEmail), Some(Meaning::Title)];
    let compared =
        compare_again(&app.pool, app.now(), &oscar, import.id, meant, Missing::Keep).await.unwrap();

    assert_eq!(import.state, State::Columns);
    assert!(matches!(refused, Err(ImportError::Columns(faults)) if faults[0].column == 0));
    assert_eq!((compared.state, compared.preview.create, compared.round), (State::Ready, 1, 2));
    let row = &app.rows(import.id, Verdict::Create).await[0];
    assert_eq!(row.key.as_deref(), Some("ana@example.com"));
}

#[tokio::test]
async fn what_cannot_be_read_leaves_nothing_behind() {
    let app = TestApp::new().await;
    for text in ["", "login,mail\n", "login\nana\n\"ben\nx\n"] {
        let refused = app.uploads(text).await;

        assert!(matches!(refused, Err(ImportError::File(_))), "{text}");
    }
    assert!(store::list(&app.pool, None, 10).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn people_who_are_not_in_the_file_are_only_suspended_where_that_was_wished() {
    let app = TestApp::provisioned().await;
    app.imports(&many(3, "Analyst")).await;
    app.a_person("console@example.com").await;
    let text = many(1, "Analyst");

    let keep = app.uploads(&text).await.unwrap();
    let csv = app.uploads_with(&text, Some(Missing::Csv)).await.unwrap();
    let everybody = app.uploads_with(&text, Some(Missing::Everybody)).await.unwrap();

    assert_eq!((keep.preview.suspend, keep.preview.unchanged), (0, 1));
    assert_eq!((csv.preview.suspend, csv.preview.missing), (2, 2));
    assert_eq!(everybody.preview.missing, 3);
    let rows = app.rows(csv.id, Verdict::Suspend).await;
    assert!(rows.iter().all(|row| row.line.is_none() && row.user.is_some()));
}

#[tokio::test]
async fn nobody_counts_as_missing_while_a_line_does_not_say_whom_it_is_about() {
    let app = TestApp::new().await;
    app.imports(&many(3, "Analyst")).await;
    let text = format!("{}torn line\n", many(1, "Analyst"));

    let import = app.uploads_with(&text, Some(Missing::Everybody)).await.unwrap();

    assert_eq!((import.preview.unread, import.preview.suspend), (1, 0));
    assert!(import.spares_the_missing());
}

#[tokio::test]
async fn another_comparison_forgets_who_was_missing_before() {
    let app = TestApp::new().await;
    app.imports(&many(3, "Analyst")).await;
    let import = app.uploads_with(&many(1, "Clerk"), Some(Missing::Csv)).await.unwrap();
    let oscar = app.operator.operator().unwrap();
    let meant = import.columns.meanings().to_vec();

    let again =
        compare_again(&app.pool, app.now(), &oscar, import.id, meant, Missing::Keep).await.unwrap();

    assert_eq!((import.preview.suspend, again.preview.suspend, again.preview.update), (2, 0, 1));
    assert!(app.rows(import.id, Verdict::Suspend).await.is_empty());
}

#[tokio::test]
async fn a_long_file_is_compared_by_a_job_and_read_in_pages() {
    let app = TestApp::new().await;

    let import = app.uploads(&many(2_345, "Clerk")).await.unwrap();
    let early = app.begins(&import).await;
    app.run_jobs().await;

    assert_eq!(import.state, State::Comparing);
    assert!(matches!(early, Err(ImportError::NotNow(State::Comparing))));
    let ready = app.import(import.id).await;
    assert_eq!((ready.state, ready.preview.create), (State::Ready, 2_345));
    let first =
        store::of_verdict(&app.pool, import.id, Verdict::Create, None, 1_000).await.unwrap();
    let second =
        store::of_verdict(&app.pool, import.id, Verdict::Create, first.next.as_deref(), 2_000)
            .await
            .unwrap();
    assert_eq!((first.items.len(), second.items.len()), (1_000, 1_345));
    assert_eq!(second.items[0].line.as_ref().unwrap().0, 1_002);
}

#[tokio::test]
async fn the_lines_of_an_old_file_are_erased_and_its_counts_stay() {
    let app = TestApp::new().await;
    let import = app.uploads(PEOPLE).await.unwrap();

    app.clock.advance(Duration::days(29).unsigned_abs());
    assert_eq!(store::erase(&app.pool, app.now()).await.unwrap(), 0);
    app.clock.advance(Duration::days(2).unsigned_abs());
    assert_eq!(store::erase(&app.pool, app.now()).await.unwrap(), 1);

    let erased = app.import(import.id).await;
    assert_eq!((erased.preview.create, erased.header.len()), (2, 0));
    assert!(app.rows(import.id, Verdict::Create).await.is_empty());
    assert!(matches!(app.begins(&erased).await, Err(ImportError::Erased)));
    assert_eq!(store::erase(&app.pool, app.now()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_list_is_paged_newest_first() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        app.clock.advance(Duration::MINUTE.unsigned_abs());
        ids.insert(0, app.uploads(PEOPLE).await.unwrap().id);
    }

    let first = store::list(&app.pool, None, 2).await.unwrap();
    let rest = store::list(&app.pool, first.next.as_deref(), 2).await.unwrap();

    let listed: Vec<_> = first.items.iter().chain(&rest.items).map(|import| import.id).collect();
    assert_eq!(listed, ids);
}
