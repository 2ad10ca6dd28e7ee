//! Following the history: each event once, in whichever order they commit.

use countersign::{
    audit::{self, About, By, Step, Tail, Verb},
    kernel::{ActionId, AppId, UserId},
};
use sqlx::PgConnection;

use crate::support::app::TestApp;

/// Something that happened to an action, in a transaction that has not committed yet.
async fn tell(app: &TestApp, tx: &mut PgConnection, verb: Verb) -> Step {
    let now = app.now();
    let action = ActionId::at(now);
    let about = About::action(action, UserId::at(now), AppId::at(now));
    let by = By::System("Test".to_owned());
    audit::record(tx, now, &by, verb, about, serde_json::json!({})).await.unwrap();
    Step { action, verb }
}

#[tokio::test]
async fn what_commits_late_is_told_late_and_once() {
    let app = TestApp::new().await;
    let mut tail = Tail::of_now(&app.pool).await.unwrap();
    let (mut slow, mut quick) = (app.pool.begin().await.unwrap(), app.pool.begin().await.unwrap());
    let early = tell(&app, &mut slow, Verb::ActionFolded).await;
    let late = tell(&app, &mut quick, Verb::ActionApproved).await;

    quick.commit().await.unwrap();
    let first = tail.next(&app.pool).await.unwrap();
    slow.commit().await.unwrap();
    let second = tail.next(&app.pool).await.unwrap();
    let third = tail.next(&app.pool).await.unwrap();

    assert_eq!((first, second, third), (vec![late], vec![early], vec![]));
}

#[tokio::test]
async fn what_was_under_way_at_the_beginning_is_told_and_what_was_over_is_not() {
    let app = TestApp::new().await;
    let (mut slow, mut quick) = (app.pool.begin().await.unwrap(), app.pool.begin().await.unwrap());
    let early = tell(&app, &mut slow, Verb::ActionFolded).await;
    tell(&app, &mut quick, Verb::ActionApproved).await;
    quick.commit().await.unwrap();

    let mut tail = Tail::of_now(&app.pool).await.unwrap();
    slow.commit().await.unwrap();

    assert_eq!(tail.next(&app.pool).await.unwrap(), [early]);
}

#[tokio::test]
async fn what_was_rolled_back_holds_nothing_up() {
    let app = TestApp::new().await;
    let mut tail = Tail::of_now(&app.pool).await.unwrap();
    let mut tx = app.pool.begin().await.unwrap();
    tell(&app, &mut tx, Verb::ActionFolded).await;
    tx.rollback().await.unwrap();
    let mut tx = app.pool.begin().await.unwrap();
    let told = tell(&app, &mut tx, Verb::ActionApproved).await;
    tx.commit().await.unwrap();

    assert_eq!(tail.next(&app.pool).await.unwrap(), [told]);
}

#[tokio::test]
async fn more_than_a_batch_is_told_batch_by_batch() {
    let app = TestApp::new().await;
    let mut tail = Tail::of_now(&app.pool).await.unwrap();
    let mut tx = app.pool.begin().await.unwrap();
    let mut ledger = audit::Ledger::default();
    for _ in 0..1_200 {
        let about = About { action: Some(ActionId::at(app.now())), ..About::default() };
        let by = By::System("Test".to_owned());
        ledger.tell(app.now(), &by, Verb::ActionApproved, about, serde_json::json!({}));
    }
    ledger.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();

    let first = tail.next(&app.pool).await.unwrap();
    let is_behind = tail.is_behind();
    let second = tail.next(&app.pool).await.unwrap();

    assert_eq!((first.len(), is_behind), (1_000, true));
    assert_eq!((second.len(), tail.is_behind()), (200, false));
}

#[tokio::test]
async fn only_what_happened_lately_is_told_to_whoever_begins() {
    let app = TestApp::new().await;
    let mut tx = app.pool.begin().await.unwrap();
    tell(&app, &mut tx, Verb::ActionApproved).await;
    app.clock.advance(std::time::Duration::from_mins(1));
    let told = tell(&app, &mut tx, Verb::ActionRejected).await;
    tx.commit().await.unwrap();

    let since = app.now() - time::Duration::SECOND;

    assert_eq!(audit::lately(&app.pool, since).await.unwrap(), [told]);
}
