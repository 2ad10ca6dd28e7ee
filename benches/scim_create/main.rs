//! How many people a second an identity provider can create, each durable before its 201, beside what the
//! same Postgres does on a bare transaction. Run it as `bin/bench scim_create`.
//!
//! Everything runs on this machine and shares its cores: the server in a process of its own, Postgres with
//! its durability on, and whoever loads them. What counts is therefore the ratio, both parts of which come from one run.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run can only stop")]

mod bare;
mod figures;
mod load;
mod pgbench;
mod process;
mod server;

use std::{env, time::Duration};

use self::{bare::Bare, load::Load, server::Server};

/// How long each figure is taken, in seconds; `BENCH_SECONDS` says otherwise.
const SECONDS: u64 = 10;
/// How many clients ask at once.
const CLIENTS: [usize; 3] = [1, 8, 32];

#[tokio::main]
async fn main() {
    let database = variable("COUNTERSIGN_TEST_DATABASE_URL")
        .expect("COUNTERSIGN_TEST_DATABASE_URL: run this as bin/bench scim_create");
    let pgbench = variable("BENCH_PGBENCH").expect("BENCH_PGBENCH, which bin/bench sets");
    let seconds = variable("BENCH_SECONDS").and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(SECONDS));

    let server = Server::start(&database);
    let load = Load::new(server.address(), server.token());
    println!("{:<34} {:>8} {:>9} {:>9} {:>9}", "", "clients", "per s", "p50 ms", "p99 ms");
    load.run(8, Duration::from_secs(2)).await;
    let before = server.processor_time();
    let mut ours = Vec::new();
    let mut created = 0.0;
    for clients in CLIENTS {
        let figures = load.run(clients, length).await;
        println!(
            "{:<34} {clients:>8} {:>9.0} {:>9.2} {:>9.2}",
            "POST /scim/v2/Users, durable", figures.per_second, figures.p50, figures.p99
        );
        ours.push(figures.per_second);
        created += figures.per_second * length.as_secs_f64();
    }
    let worked = server.processor_time();
    let each =
        |part: usize| worked[part].saturating_sub(before[part]).as_secs_f64() * 1e6 / created;
    println!(
        "processor time of each create: Countersign {:.0} µs, Postgres {:.0} µs",
        each(0),
        each(1)
    );
    let memory = server.most_memory();
    let rows = server.rows().await;
    server.stop();

    let bare = Bare::new(&pgbench, &database, length).await;
    let mut bounds = Vec::new();
    for clients in CLIENTS {
        let figure = bare.plain(clients);
        println!("{:<34} {clients:>8} {figure:>9.0}", "bare: user + action + event");
        bounds.push(figure);
    }
    let same = bare.same_tables(8).await;
    println!("{:<34} {:>8} {same:>9.0}", "bare, into our tables", 8);

    println!();
    for ((clients, ours), bound) in CLIENTS.iter().zip(&ours).zip(&bounds) {
        println!("{clients:>2} clients: {:.2} of the bare transaction", ours / bound);
    }
    println!(" 8 clients: {:.2} of the bare transaction into our tables", ours[1] / same);
    println!("memory of the server at its highest: {memory} MB");
    println!("kept: {rows}");
}

#[expect(clippy::disallowed_methods, reason = "how a benchmark is told what bin/bench found")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}
