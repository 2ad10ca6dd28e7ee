//! How many jobs a second are worked, strictly in the order of their lane and each with its event, beside what
//! the same Postgres does bare. Run it as `bin/bench jobs`.
//!
//! The jobs are enqueued, claimed and settled as the product does it, by the same runner; their handler asks no
//! app. What counts is the ratio to the bare figures of the same run, and that it stays the same however many wait.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run can only stop")]

mod bare;
#[path = "../scim_create/pgbench.rs"]
mod pgbench;
mod world;

use std::{env, time::Duration};

use self::{bare::Bare, world::World};

/// How long each figure is taken, in seconds; `BENCH_SECONDS` says otherwise.
const SECONDS: u64 = 10;
/// How many jobs wait while a figure is taken.
const WAITING: [i64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// How many jobs each lane has.
const EACH: i64 = 4;
/// How many wait in the way of those that are worked.
const IN_THE_WAY: i64 = 100_000;

#[tokio::main]
async fn main() {
    let database = variable("COUNTERSIGN_TEST_DATABASE_URL")
        .expect("COUNTERSIGN_TEST_DATABASE_URL: run this as bin/bench jobs");
    let pgbench = variable("BENCH_PGBENCH").expect("BENCH_PGBENCH, which bin/bench sets");
    let seconds = variable("BENCH_SECONDS").and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(SECONDS));

    let bare = Bare::new(&pgbench, &database, length).await;
    let unordered = bare.unordered(8).await;
    line("bare: skip locked, one commit, no order, no event, 8 clients", unordered);
    let ordered = bare.ordered(8).await;
    line("bare: ordered claim, event, settle in two commits, 8 clients", ordered);
    println!();

    let world = World::new(&database).await;
    line("enqueued one in each transaction, 8 clients", world.enqueued(8, length).await);
    let mut figures = Vec::new();
    for waiting in WAITING {
        world.clear().await;
        world.fill(waiting, EACH).await;
        let figure = world.worked(length, waiting, EACH).await;
        line(&format!("worked in order, {waiting} waiting"), figure);
        figures.push(figure);
    }

    for (name, trouble) in [
        ("behind a paused app", world::Trouble::Paused),
        ("behind failed ones", world::Trouble::Failed),
        ("put off for later", world::Trouble::Later),
    ] {
        world.clear().await;
        world.put_in_the_way(trouble, IN_THE_WAY).await;
        world.fill(10_000, EACH).await;
        let figure = world.worked(length, 10_000, EACH).await;
        line(&format!("worked in order, {IN_THE_WAY} {name}"), figure);
        figures.push(figure);
    }
    world.clear().await;
    world.fill_one_lane(10_000).await;
    world.fill(10_000, EACH).await;
    let figure = world.worked(length, 10_000, EACH).await;
    line("worked in order, 10000 more in one lane", figure);
    figures.push(figure);
    world.clear().await;
    world.fill_one_lane(10_000).await;
    line("worked in order, one lane alone", world.drained(length).await);

    println!();
    let lowest = figures.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = figures.iter().copied().fold(0.0, f64::max);
    println!(
        "{:.2} of the unordered bound, {:.2} of the ordered one",
        lowest / unordered,
        lowest / ordered
    );
    println!("from the slowest figure to the quickest: {:.2}", lowest / highest);
}

fn line(what: &str, per_second: f64) {
    println!("{what:<64} {per_second:>8.0} a second");
}

#[expect(clippy::disallowed_methods, reason = "how a benchmark is told what bin/bench found")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
