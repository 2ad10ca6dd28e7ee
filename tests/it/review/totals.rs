//! What every page says about how much there is.

use std::time::Duration;

use countersign::queue::{
    AsOf, Tally, Totals,
    store::{Counts, Filter, Tab, counts, oldest_pending},
};
use sqlx::Executor;

use crate::support::app::TestApp;

impl TestApp {
    async fn as_of(&self) -> AsOf {
        AsOf::now(&self.pool, self.now()).await.unwrap()
    }

    async fn totals(&self, tally: &Tally) -> Totals {
        tally.totals(&self.pool, self.as_of().await).await.unwrap()
    }

    async fn found(&self, tally: &Tally, filter: &Filter) -> Counts {
        tally.search(&self.pool, self.as_of().await, filter).await.unwrap().counts
    }

    /// Something that no event tells of.
    async fn withdraw_untold(&self) {
        let untold = "update actions set state = 'withdrawn', ended_at = created_at";
        self.pool.execute(untold).await.unwrap();
    }
}

#[tokio::test]
async fn totals_are_what_is_there_after_everything_that_happens() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    let agree = async |pending| {
        let totals = app.totals(&tally).await;
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
async fn a_count_is_believed_for_ten_seconds_while_nothing_is_told() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    let pending = async || app.totals(&tally).await.counts.pending;
    app.an_action_waits().await;
    assert_eq!(pending().await, 1);

    app.withdraw_untold().await;

    assert_eq!(pending().await, 1, "believed");
    app.clock.advance(Duration::from_secs(10));
    assert_eq!(pending().await, 0, "counted again");
}

#[tokio::test]
async fn what_a_search_finds_is_counted_anew_after_an_event_and_not_before() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    let named = |name: &str| Filter { words: vec![name.to_owned()], ..Filter::default() };
    app.a_person("ana@example.com").await;
    assert_eq!(app.found(&tally, &named("ana")).await.pending, 1);
    assert_eq!(app.found(&tally, &named("ben")).await.pending, 0, "another search");

    app.withdraw_untold().await;
    let on_a_tab = Filter { tab: Some(Tab::Failed), ..named("ana") };
    assert_eq!(app.found(&tally, &on_a_tab).await.pending, 1, "the same search, kept");
    app.a_person("ben@example.com").await;

    assert_eq!(app.found(&tally, &named("ana")).await.pending, 0);
    assert_eq!(app.found(&tally, &named("ben")).await.pending, 1, "who came is found");
}
