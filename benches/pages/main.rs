//! How fast the pages of the queue are with ten thousand and with a million actions behind them, beside what the
//! same Postgres does on the page's bare query. Run it as `bin/bench pages`.
//!
//! Everything runs on this machine and shares its cores: the server in a process of its own, Postgres with its
//! durability on, and the visitors. What counts is therefore the ratio, both parts of which come from one run.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run can only stop")]

mod bare;
#[path = "../scim_create/figures.rs"]
mod figures;
#[path = "../scim_create/pgbench.rs"]
mod pgbench;
#[path = "../scim_create/process.rs"]
mod process;
mod server;
mod visitor;
mod world;

use std::{env, time::Duration};

use self::{figures::Figures, visitor::Visitor, world::World};

/// How long each figure is taken, in seconds; `BENCH_SECONDS` says otherwise.
const SECONDS: u64 = 5;
/// How many actions there are; `BENCH_ACTIONS` says otherwise, with commas. A tenth of them waits.
const ACTIONS: &str = "10000,1000000";
/// How many visitors ask at once.
const VISITORS: [usize; 2] = [1, 8];
/// And how many while something happens.
const BUSY: usize = 8;
/// How far the deep page is from the first.
const DEEP: usize = 500;
/// How many are approved one by one, by each number of visitors.
const APPROVALS: usize = 200;
/// What is approved in one go: of a hundred thousand that wait some ten thousand.
const AT_ONCE: &str = "source:csv";

#[tokio::main]
async fn main() {
    let database = variable("COUNTERSIGN_TEST_DATABASE_URL")
        .expect("COUNTERSIGN_TEST_DATABASE_URL: run this as bin/bench pages");
    let pgbench = variable("BENCH_PGBENCH").expect("BENCH_PGBENCH, which bin/bench sets");
    let seconds = variable("BENCH_SECONDS").and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let sizes = variable("BENCH_ACTIONS").unwrap_or_else(|| ACTIONS.to_owned());

    let mut before: Option<Vec<(String, Figures)>> = None;
    for actions in sizes.split(',').map(|size| size.parse().expect("a number of actions")) {
        let figures = measure(&database, &pgbench, actions, length).await;
        if let Some(before) = before {
            println!("\np99 beside that of the smaller queue, 8 at once:");
            for ((name, few), (_, many)) in before.iter().zip(&figures) {
                println!("  {name:<38} {:>6.2}", many.p99 / few.p99);
            }
        }
        before = Some(figures);
    }
}

/// Everything about a queue of so many actions; returns what eight visitors at once saw of each page.
async fn measure(
    database: &str,
    pgbench: &str,
    actions: i64,
    length: Duration,
) -> Vec<(String, Figures)> {
    let world = World::of(database, actions).await;
    println!("\n{}, seeded in {:.0} s", world.rows().await, world.seeded);
    let bare = bare::Bare::new(pgbench, world.url(), length);
    let bounds = VISITORS.map(|visitors| bare.page(visitors));

    let server = server::Server::start(world.url());
    let visitor = Visitor::sign_in(server.address()).await;
    println!("{:<40} {:>8} {:>9} {:>9} {:>9}", "", "at once", "per s", "p50 ms", "p99 ms");
    let mut figures = Vec::new();
    for (name, path) in pages(&world, &visitor).await {
        visitor.look(&path, 2, Duration::from_secs(1)).await;
        for (visitors, bound) in VISITORS.into_iter().zip(bounds) {
            let before = server.processor_time();
            let seen = visitor.look(&path, visitors, length).await;
            let [ours, postgres] = each(before, server.processor_time(), seen, length);
            row(&name, visitors, seen);
            if visitors == 8 {
                let share = seen.per_second / bound;
                println!(
                    "    {share:.2} of the bare query; ms of processor: Countersign {ours:.2}, Postgres {postgres:.2}"
                );
                figures.push((name.clone(), seen));
            }
        }
        let seen = world.busy(visitor.look(&path, BUSY, length)).await;
        row("  while 20 events a second are told", BUSY, seen);
    }
    for (visitors, bound) in VISITORS.into_iter().zip(bounds) {
        println!("{:<40} {visitors:>8} {bound:>9.0}", "bare: the 50 rows of a page");
    }
    for visitors in VISITORS {
        let waiting = world.waiting(i64::try_from(APPROVALS).unwrap_or(i64::MAX)).await;
        let (decided, seen) = visitor.approve_and_look(&waiting, visitors).await;
        row("one approval", visitors, decided);
        row("  and the first page meanwhile", 1, seen);
    }
    at_once(&world, &visitor).await;
    println!("memory of the server at its highest: {} MB", server.most_memory());
    server.stop();
    world.end().await;
    figures
}

/// The processor time of each request, in milliseconds.
fn each(before: [Duration; 2], after: [Duration; 2], seen: Figures, length: Duration) -> [f64; 2] {
    let requests = seen.per_second * length.as_secs_f64();
    [0, 1].map(|part| after[part].saturating_sub(before[part]).as_secs_f64() * 1e3 / requests)
}

/// What is looked at, each with its address.
async fn pages(world: &World, visitor: &Visitor) -> Vec<(String, String)> {
    let person = world.somebody_who_waits().await;
    let named = |name: &str, path: &str| (name.to_owned(), format!("/users/provisioning{path}"));
    let (pages, deep) = visitor.onward("/users/provisioning", DEEP).await;
    vec![
        named("first page", ""),
        named("filtered by action and source", "?q=action%3Aupdate+source%3Aokta"),
        named("filtered by source alone", "?q=source%3Acsv"),
        named("filtered by a burst", "?q=hint%3Aburst"),
        named("a person's name", &format!("?q={}", person.replace(' ', "+"))),
        named("two letters that many names have", "?q=an"),
        named("in the order of people", "?sort=person"),
        named("what is done", "?status=done"),
        (format!("{pages} pages on"), deep),
        ("overview".to_owned(), "/overview".to_owned()),
    ]
}

/// Approves what came from a file in one go, and all that a visitor sees meanwhile; beside it the bare statements.
async fn at_once(world: &World, visitor: &Visitor) {
    let run = visitor.draw_up(AT_ONCE).await;
    let (number, typed) = world.drawn_up(&run.id).await;
    let end = world.end_of(&run.id);
    let (elapsed, seen) = visitor.start_and_look(&run.path, &typed, end).await;
    let outcome = world.outcome(&run.id).await;
    let name = format!("approve {number} at once");
    println!("{name:<40} {elapsed:>8.2} s, drawn up in {:.2} s: {outcome}", run.took);
    row("  and the first page meanwhile", 1, seen);
    let (same, bare) = world.bare_approval(number).await;
    println!("{:<40} {bare:>8.2} s", format!("bare: two statements on {same}"));
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let ratio = (elapsed / number as f64) / (bare / same as f64);
    println!("{:<40} {ratio:>8.2}", "  of the bare statements, for each");
}

fn row(name: &str, visitors: usize, figures: Figures) {
    let Figures { per_second, p50, p99 } = figures;
    println!("{name:<40} {visitors:>8} {per_second:>9.0} {p50:>9.2} {p99:>9.2}");
}

#[expect(clippy::disallowed_methods, reason = "how a benchmark is told what bin/bench found")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
