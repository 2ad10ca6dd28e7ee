//! What every page says about how much there is.

use std::time::Duration;

use countersign::queue::{
    Tally, Totals,
    store::{Counts, Filter, Tab, counts, oldest_pending},
};
use sqlx::Executor;

use crate::support::app::TestApp;

impl TestApp {
    async fn totals(&self, tally: &Tally) -> Totals {
        tally.now(&self.pool, self.now()).await.unwrap().totals(&self.pool).await.unwrap()
    }

    async fn found(&self, tally: &Tally, filter: &Filter) -> Counts {
        let known = tally.now(&self.pool, self.now()).await.unwrap();
        known.search(&self.pool, filter).await.unwrap().counts
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
async fn many_searches_at_once_are_forgotten_before_they_fill_the_memory() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    let named = |number: usize| Filter { words: vec![format!("{number}@")], ..Filter::default() };
    app.a_person("ana7@example.com").await;
    assert_eq!(app.found(&tally, &named(7)).await.pending, 1);
    app.withdraw_untold().await;
    assert_eq!(app.found(&tally, &named(7)).await.pending, 1, "kept");

    for number in 100..200 {
        app.found(&tally, &named(number)).await;
    }

    assert_eq!(app.found(&tally, &named(7)).await.pending, 0, "counted anew");
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
    app.withdraw_untold().await;
    assert_eq!(app.found(&tally, &named("ben")).await.pending, 1, "and that is kept, too");
    assert_eq!(app.totals(&tally).await.counts.pending, 0, "of everything nobody asked before");
}

#[tokio::test]
async fn a_clock_that_is_put_back_keeps_no_count_longer() {
    let app = TestApp::provisioned().await;
    let tally = Tally::default();
    assert_eq!(app.totals(&tally).await.counts.pending, 0);
    app.an_action_waits().await;

    let earlier = app.now() - time::Duration::HOUR;
    let known = tally.now(&app.pool, earlier).await.unwrap();

    assert_eq!(known.totals(&app.pool).await.unwrap().counts.pending, 1);
}
