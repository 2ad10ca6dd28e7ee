//! What every page says about how much there is.

use std::time::Duration;

use countersign::queue::{
    Tally,
    store::{Filter, counts, oldest_pending},
};
use sqlx::Executor;

use crate::support::app::TestApp;

#[tokio::test]
async fn totals_are_what_is_there_after_everything_that_happens() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    let agree = async |pending| {
        let totals = tally.totals(&app.pool, app.now()).await.unwrap();
        let everything = Filter::default().sieve(&app.pool).await.unwrap();
        assert_eq!(totals.counts, counts(&app.pool, &everything).await.unwrap());
        assert_eq!(totals.oldest, oldest_pending(&app.pool).await.unwrap());
        assert_eq!((totals.counts.pending, totals.oldest.is_some()), (pending, pending > 0));
    };

    agree(0).await;
    let first = app.an_action_waits().await;
    agree(1).await;
    app.a_person("ben@example.com").await;
    agree(2).await;
    app.reject(first).await;
    agree(1).await;
}

#[tokio::test]
async fn a_count_is_believed_for_two_seconds_while_nothing_is_told() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    let pending = async || tally.totals(&app.pool, app.now()).await.unwrap().counts.pending;
    app.an_action_waits().await;
    assert_eq!(pending().await, 1);

    let untold = "update actions set state = 'withdrawn', ended_at = created_at";
    app.pool.execute(untold).await.unwrap();

    assert_eq!(pending().await, 1, "believed");
    app.clock.advance(Duration::from_secs(2));
    assert_eq!(pending().await, 0, "counted again");
}
