//! Two who do something at once, on connections of their own: what counts is one, and whoever came too
//! late hears what is so. Never is it the database that says no.
#![expect(clippy::panic, reason = "how a test fails")]

mod actions;
mod apps;
mod stage;

use std::{
    future::Future,
    sync::atomic::{AtomicUsize, Ordering},
};

use countersign::access::Actor;
use sqlx::{Connection, Executor, PgConnection};

use crate::support::app::TestApp;

/// How often each pair meets.
const ROUNDS: usize = 8;
/// When the tests begin, as whoever came too late is told it.
const NOW: &str = " at 2026-03-02 09:00 UTC";

/// How something ended for whoever did it.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    /// It counts.
    InTime,
    /// It does not, and this is why.
    TooLate(String),
}
use Came::{InTime, TooLate};

impl Came {
    fn in_time(&self) -> bool {
        *self == InTime
    }
}

/// Two who may do everything.
async fn two(app: &TestApp) -> [Actor; 2] {
    [app.an_owner("Quinn").await, app.an_owner("Rosa").await]
}

/// Lets two meet. In every other round all people and apps are held until both of them wait for one, so that
/// both have seen what was so before; otherwise they just run. Each is the first as often as the other.
async fn meet<T>(
    app: &TestApp,
    round: usize,
    one: impl Future<Output = T>,
    other: impl Future<Output = T>,
) -> (T, T) {
    // Whatever somebody does is large.
    let (one, other) = (Box::pin(one), Box::pin(other));
    if round.is_multiple_of(2) {
        return in_order(round, one, other).await;
    }
    let mut holder = PgConnection::connect(&app.url()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    held.execute("select 1 from users, apps for update").await.unwrap();
    let over = AtomicUsize::new(0);
    let counted = |come: T| {
        over.fetch_add(1, Ordering::Relaxed);
        come
    };
    let both = in_order(round, async { counted(one.await) }, async { counted(other.await) });
    let released = async {
        while waiting(app).await + over.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        held.commit().await.unwrap();
    };
    tokio::join!(both, released).0
}

async fn in_order<T>(
    round: usize,
    one: impl Future<Output = T>,
    other: impl Future<Output = T>,
) -> (T, T) {
    if round % 4 < 2 {
        tokio::join!(one, other)
    } else {
        let (other, one) = tokio::join!(other, one);
        (one, other)
    }
}

/// How many of them wait for what is held.
async fn waiting(app: &TestApp) -> usize {
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "count!" from pg_stat_activity
           where datname = current_database() and wait_event_type = 'Lock'"#
    );
    usize::try_from(waiting.fetch_one(&app.pool).await.unwrap()).unwrap()
}
