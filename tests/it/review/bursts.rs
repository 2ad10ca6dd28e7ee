//! Many actions of one source at once.

use std::time::Duration;

use countersign::{
    directory::Source,
    queue::{
        hint::Hint,
        store::{Burst, Filter, Order, bursts_between, note_bursts},
    },
};
use sqlx::{Executor, PgPool};
use time::OffsetDateTime;

use super::listed;
use crate::support::app::TestApp;

impl TestApp {
    /// So many people come, of whom each causes an action.
    async fn come(&self, people: std::ops::Range<usize>) {
        for number in people {
            self.a_person(&format!("person{number}@admins.example")).await;
        }
    }

    /// The bursts that are known after a look for them, the newest first.
    async fn bursts(&self) -> Vec<Burst> {
        note_bursts(&self.pool, self.now()).await.unwrap();
        bursts_between(&self.pool, OffsetDateTime::UNIX_EPOCH, self.now()).await.unwrap()
    }
}

#[tokio::test]
async fn fifty_within_a_minute_are_a_burst_that_grows_and_one_less_are_none() {
    let app = TestApp::provisioned().await;
    let began_at = app.now();
    app.come(0..20).await;
    app.clock.advance(Duration::from_secs(59));
    app.come(20..49).await;

    let none = app.bursts().await;
    app.come(49..50).await;
    let one = app.bursts().await;
    app.clock.advance(Duration::from_secs(1));
    app.come(50..80).await;
    let grown = app.bursts().await;
    let again = app.bursts().await;

    let mut burst = Burst {
        source: Source::console(),
        began_at,
        ended_at: began_at + Duration::from_secs(59),
        actions: 50,
    };
    assert_eq!((none, &*one), (vec![], std::slice::from_ref(&burst)));
    burst.ended_at += Duration::from_secs(1);
    burst.actions = 80;
    assert_eq!((grown, again), (vec![burst.clone()], vec![burst]));
}

#[tokio::test]
async fn fifty_that_take_longer_than_a_minute_are_none() {
    let app = TestApp::provisioned().await;
    app.come(0..25).await;
    app.clock.advance(Duration::from_secs(61));
    app.come(25..50).await;

    assert_eq!(app.bursts().await, []);
}

#[tokio::test]
async fn fifty_of_two_sources_are_none() {
    let app = TestApp::provisioned().await;
    app.come(0..50).await;
    app.pool
        .execute(
            "insert into sources (slug, kind, name, provider, created_at)
             values ('okta', 'scim', 'Okta', 'okta', now());
             update actions set source = 'okta' where number = 50",
        )
        .await
        .unwrap();

    assert_eq!(app.bursts().await, []);
}

#[tokio::test]
async fn what_comes_after_a_rest_is_another_burst() {
    let app = TestApp::provisioned().await;
    app.come(0..50).await;
    let first = app.bursts().await;
    app.clock.advance(Duration::from_mins(3));
    app.come(50..100).await;

    let both = app.bursts().await;

    let sizes: Vec<_> = both.iter().map(|burst| burst.actions).collect();
    assert_eq!((first.len(), sizes), (1, vec![50, 50]));
    assert_eq!(both[0].began_at, app.now());
}

#[tokio::test]
async fn what_is_part_of_a_burst_is_found_and_what_came_before_or_after_is_not() {
    let app = TestApp::provisioned().await;
    app.come(0..1).await;
    app.clock.advance(Duration::from_mins(2));
    app.come(1..51).await;
    let [burst] = &*app.bursts().await else { panic!("one burst") };
    app.clock.advance(Duration::from_mins(2));
    app.come(51..52).await;

    let filter = Filter { hints: vec![Hint::Burst], ..Filter::default() };
    let found = listed(&app, &filter, Order::Oldest).await;

    assert_eq!(found.len(), 50);
    assert!(found.iter().all(|action| burst.holds(action)));
    let all = listed(&app, &Filter::default(), Order::Oldest).await;
    assert_eq!(all.iter().filter(|action| burst.holds(action)).count(), 50);
}

#[tokio::test]
async fn the_oldest_of_many_bursts_is_still_found_and_that_of_another_source_is_not() {
    let app = TestApp::provisioned().await;
    let filter = Filter { hints: vec![Hint::Burst], ..Filter::default() };
    app.come(0..1).await;
    assert_eq!(listed(&app, &filter, Order::Oldest).await, [], "there is none at all");
    app.pool
        .execute(
            "insert into sources (slug, kind, name, provider, created_at)
             values ('okta', 'scim', 'Okta', 'okta', now());
             insert into bursts (source, began_at, ended_at, actions)
             select 'okta', created_at, created_at, 50 from actions",
        )
        .await
        .unwrap();
    let of_okta = listed(&app, &filter, Order::Oldest).await;

    app.pool
        .execute(
            "insert into bursts (source, began_at, ended_at, actions)
             select 'console', at, at, 50
             from actions, generate_series(created_at, created_at + interval '99 hours', '1 hour') as at",
        )
        .await
        .unwrap();
    let of_console = listed(&app, &filter, Order::Oldest).await;

    assert_eq!((of_okta.len(), of_console.len()), (0, 1));
}

#[tokio::test]
async fn two_processes_that_look_at_once_note_it_once() {
    let app = TestApp::provisioned().await;
    app.come(0..50).await;
    let (one, other) = (process(&app).await, process(&app).await);

    let (first, second) =
        tokio::join!(note_bursts(&one, app.now()), note_bursts(&other, app.now()));

    first.unwrap();
    second.unwrap();
    let noted = bursts_between(&app.pool, OffsetDateTime::UNIX_EPOCH, app.now()).await.unwrap();
    assert_eq!(noted.iter().map(|burst| burst.actions).collect::<Vec<_>>(), [50]);
}

/// What another process has: a pool of its own.
async fn process(app: &TestApp) -> PgPool {
    PgPool::connect(&app.url()).await.unwrap()
}
