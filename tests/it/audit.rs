//! The history: nothing is missing from it, and nobody goes round it unseen.

use std::sync::Arc;

use countersign::{
    apps::change::Kind,
    audit::{self, About, By, Filter, Verb, Verdict},
    db::ListError,
    queue::{Status, cancel, retry},
    sandbox::faults::Method,
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor, PgPool};

use crate::support::{app::TestApp, db::TestDb};

/// Records some events about nothing in particular.
async fn events(pool: &PgPool, count: usize) {
    let mut tx = pool.begin().await.unwrap();
    for number in 0..count {
        record(&mut tx, number).await;
    }
    tx.commit().await.unwrap();
}

async fn record(tx: &mut sqlx::PgConnection, number: usize) {
    let at = time::macros::datetime!(2026-03-02 09:00 UTC);
    let by = By::System("test".to_owned());
    let details = json!({ "number": number });
    audit::record(tx, at, &by, Verb::UserUpdated, About::default(), details).await.unwrap();
}

async fn seal_all(pool: &PgPool) {
    while audit::seal(pool).await.unwrap() {}
}

/// Somebody who owns the database and means ill.
async fn forge(pool: &PgPool, sql: &str) {
    let mut connection = pool.acquire().await.unwrap();
    connection.execute("set session_replication_role = replica").await.unwrap();
    connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    connection.execute("reset session_replication_role").await.unwrap();
}

#[tokio::test]
async fn every_change_of_state_has_its_event() {
    let app = TestApp::provisioned().await;
    let oscar = app.operator.retrier().unwrap();
    let ana = app.an_account("ana@example.com").await;
    app.retitle(ana.id, "Director").await;
    app.reject(app.the(Kind::Update, ana.id).await.id).await;
    app.suspend(ana.id).await;
    app.approve_all(ana.id).await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.run_jobs().await;
    let suspend = app.the(Kind::Suspend, ana.id).await.id;
    retry::retry(&app.pool, app.now(), &oscar, suspend).await.unwrap();
    cancel::cancel(&app.pool, app.now(), &oscar, suspend).await.unwrap();
    // It is still wanted, so it is asked for again.
    app.reject(app.the(Kind::Suspend, ana.id).await.id).await;
    app.delete(ana.id).await;
    let ben = app.an_account("ben@example.com").await;

    for action in [app.actions(ana.id).await, app.actions(ben.id).await].concat() {
        let verbs = app.verbs(action.id).await;
        let last = match action.state.status() {
            Status::Pending => Verb::ActionRequested,
            Status::Provisioned => Verb::ActionProvisioned,
            Status::Rejected => Verb::ActionRejected,
            Status::Cancelled => Verb::ActionCancelled,
            other => panic!("{other}"),
        };
        assert_eq!((verbs.first(), verbs.last()), (Some(&Verb::ActionRequested), Some(&last)));
        assert_eq!(verbs.contains(&Verb::ActionFailed), action.id == suspend);
        for event in app.events(action.id).await {
            let about = event.about;
            assert_eq!(
                (about.user, about.app),
                (Some(action.content.account), Some(action.content.app))
            );
            assert!(event.details["digest"].is_string() && event.actor.is_some(), "{event:?}");
        }
    }
    seal_all(&app.pool).await;
    let Verdict::Intact { sealed, unsealed, head } = audit::verify(&app.pool).await.unwrap() else {
        panic!()
    };
    let recorded = sqlx::query_scalar!(r#"select count(*) as "count!" from events"#);
    assert_eq!((sealed, unsealed), (recorded.fetch_one(&app.pool).await.unwrap(), 0));
    assert_eq!(head.len(), 64);
}

#[tokio::test]
async fn an_event_is_never_changed_or_deleted() {
    let db = TestDb::new().await;
    events(&db.pool, 2).await;
    seal_all(&db.pool).await;
    for sql in [
        "update events set verb = 'user.deleted'",
        "update events set at = now()",
        "update events set details = '{}'",
        "update events set details = null, salt = null, verb = 'user.deleted'",
        "update events set details_digest = ''",
        "delete from events",
        "truncate events cascade",
        "update links set hash = ''",
        "delete from links",
        "truncate links",
    ] {
        let refused = db.pool.execute(sql).await.unwrap_err().to_string();

        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    let half = db.pool.execute("update events set details = null").await.unwrap_err();
    assert!(half.to_string().contains("append-only"), "{half}");
    assert!(matches!(audit::verify(&db.pool).await.unwrap(), Verdict::Intact { sealed: 2, .. }));
}

#[tokio::test]
async fn what_is_personal_can_be_erased_and_the_chain_still_verifies() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    audit::seal(&app.pool).await.unwrap();
    app.retitle(ana.id, "Director").await;
    let before = audit::of_user(&app.pool, ana.id, None, 100).await.unwrap().items;

    let erase = format!(
        "update events set details = null, salt = null where user_id = '{}'",
        ana.id.uuid()
    );
    app.pool.execute(AssertSqlSafe(erase)).await.unwrap();
    seal_all(&app.pool).await;

    let after = audit::of_user(&app.pool, ana.id, None, 100).await.unwrap().items;
    assert!(matches!(audit::verify(&app.pool).await.unwrap(), Verdict::Intact { unsealed: 0, .. }));
    assert_eq!(after.len(), before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (before.id, before.verb, before.at, before.about),
            (after.id, after.verb, after.at, after.about)
        );
        assert!(after.actor.is_none() && after.details.is_null(), "{after:?}");
    }
    let back = "update events set details = '{}', salt = '\\x00' where details is null";
    assert!(app.pool.execute(back).await.is_err(), "what is erased stays erased");
}

#[tokio::test]
async fn whoever_goes_round_the_triggers_is_found_out_and_where() {
    let third = "(select event_seq from links where position = 3)";
    let last = "(select event_seq from links where position = 5)";
    let table = [
        (3, format!("update events set verb = 'user.deleted' where seq = {third}")),
        (3, format!("update events set at = at + interval '1 second' where seq = {third}")),
        (3, format!("update events set actor_kind = 'rule' where seq = {third}")),
        (3, format!("update events set user_id = gen_random_uuid() where seq = {third}")),
        (3, format!("update events set details = '{{\"number\": 7}}' where seq = {third}")),
        (3, format!("update events set details_digest = sha256('') where seq = {third}")),
        (3, format!("delete from events where seq = {third}")),
        (3, "update links set hash = sha256('') where position = 3".to_owned()),
        (3, "delete from links where position = 3".to_owned()),
        (
            3,
            format!("delete from events where seq = {third}; delete from links where position = 3"),
        ),
        (5, format!("delete from events where seq = {last}")),
        (3, "update links set event_seq = 0 where position = 3".to_owned()),
    ];
    for (position, sql) in table {
        let db = TestDb::new().await;
        events(&db.pool, 5).await;
        seal_all(&db.pool).await;

        forge(&db.pool, &sql).await;

        let verdict = audit::verify(&db.pool).await.unwrap();
        let Verdict::Broken { position: at, says } = verdict else { panic!("{sql}: {verdict:?}") };
        assert_eq!(at, position, "{sql}: {says}");
    }
}

#[tokio::test]
async fn an_event_that_was_hidden_from_the_chain_is_found_out() {
    let db = TestDb::new().await;
    events(&db.pool, 3).await;
    seal_all(&db.pool).await;
    events(&db.pool, 1).await;

    forge(&db.pool, "delete from unsealed").await;
    seal_all(&db.pool).await;

    let verdict = audit::verify(&db.pool).await.unwrap();
    assert!(matches!(verdict, Verdict::Broken { position: 4, .. }), "{verdict:?}");
}

#[tokio::test]
async fn an_event_of_nothing_that_was_written_down_is_told_as_unsealed() {
    let db = TestDb::new().await;
    let empty = audit::verify(&db.pool).await.unwrap();
    events(&db.pool, 3).await;

    let fresh = audit::verify(&db.pool).await.unwrap();

    assert_eq!(empty, Verdict::Intact { sealed: 0, unsealed: 0, head: String::new() });
    assert_eq!(fresh, Verdict::Intact { sealed: 0, unsealed: 3, head: String::new() });
}

#[tokio::test]
async fn who_seals_at_once_makes_one_chain() {
    let db = Arc::new(TestDb::new().await);
    events(&db.pool, 1_200).await;
    let sealing = (0..4).map(|_| {
        let db = Arc::clone(&db);
        tokio::task::spawn(async move {
            for _ in 0..5 {
                audit::seal(&db.pool).await.unwrap();
                events(&db.pool, 5).await;
            }
        })
    });
    for sealed in sealing.collect::<Vec<_>>() {
        sealed.await.unwrap();
    }

    seal_all(&db.pool).await;

    let verdict = audit::verify(&db.pool).await.unwrap();
    assert!(matches!(verdict, Verdict::Intact { sealed: 1_300, unsealed: 0, .. }), "{verdict:?}");
}

#[tokio::test]
async fn what_is_committed_late_is_linked_late_and_not_forgotten() {
    let db = TestDb::new().await;
    let mut slow = db.pool.begin().await.unwrap();
    record(&mut slow, 1).await;
    events(&db.pool, 1).await;
    seal_all(&db.pool).await;

    slow.commit().await.unwrap();
    seal_all(&db.pool).await;

    let order = sqlx::query_scalar!("select event_seq from links order by position");
    assert_eq!(order.fetch_all(&db.pool).await.unwrap(), [2, 1]);
    assert!(matches!(
        audit::verify(&db.pool).await.unwrap(),
        Verdict::Intact { sealed: 2, unsealed: 0, .. }
    ));
}

#[tokio::test]
async fn the_history_is_read_page_by_page_and_by_what_was_done() {
    let app = TestApp::provisioned().await;
    let ana = app.an_account("ana@example.com").await;
    app.a_person("ben@example.com").await;
    let all = audit::list(&app.pool, &Filter::default(), None, 100).await.unwrap().items;
    let mut paged = Vec::new();
    let mut cursor = None;
    loop {
        let page = audit::list(&app.pool, &Filter::default(), cursor.as_deref(), 4).await.unwrap();
        assert!(page.items.len() <= 4);
        paged.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let actions = Filter { verb: "action.".to_owned(), user: Some(ana.id) };

    let of_ana = audit::list(&app.pool, &actions, None, 100).await.unwrap().items;
    let forged = audit::list(&app.pool, &actions, Some("forged"), 100).await;

    assert_eq!(paged, all);
    assert!(all.windows(2).all(|two| two[0].seq > two[1].seq), "newest first");
    assert!(of_ana.iter().all(|event| event.about.user == Some(ana.id)), "{of_ana:?}");
    let verbs =
        [Verb::ActionProvisioned, Verb::ActionSending, Verb::ActionApproved, Verb::ActionRequested];
    assert_eq!(of_ana.iter().map(|event| event.verb).collect::<Vec<_>>(), verbs);
    assert!(matches!(forged, Err(ListError::Cursor(_))), "{forged:?}");
}

#[tokio::test]
async fn of_a_very_long_story_the_end_is_told_in_its_order() {
    let app = TestApp::provisioned().await;
    let id = app.an_action_waits().await;
    let about = app.action(id).await.about();
    let mut tx = app.pool.begin().await.unwrap();
    for number in 1..=205 {
        let by = By::System("EchoSign".to_owned());
        let told = json!({ "number": number });
        audit::record(&mut tx, app.now(), &by, Verb::ActionPostponed, about, told).await.unwrap();
    }
    tx.commit().await.unwrap();

    let told = app.events(id).await;

    let numbers: Vec<_> =
        told.iter().map(|event| event.details["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (6..=205).collect::<Vec<_>>());
}
