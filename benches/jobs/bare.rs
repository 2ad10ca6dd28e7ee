//! The bounds: what the same Postgres does when nothing but plain SQL claims and ends jobs, driven by pgbench.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::pgbench::Pgbench;

/// How many bare jobs there are, in lanes of four: more than can be worked meanwhile.
const JOBS: i64 = 400_000;

const TABLES: &str = "
    drop table if exists bare_jobs, bare_events;
    create table bare_jobs (
        seq bigint primary key generated always as identity, lane text not null, payload jsonb not null,
        due_at timestamptz not null default now(), leased_until timestamptz
    );
    create index on bare_jobs (due_at, seq);
    create index on bare_jobs (lane, seq);
    create table bare_events (seq bigint primary key generated always as identity, details jsonb not null)";

/// One job gone for each commit, in no order.
const UNORDERED: &str = "delete from bare_jobs where seq = (
    select seq from bare_jobs order by due_at, seq limit 1 for update skip locked
);
";

/// A job that is the first of its lane is claimed, then ended with its event.
const ORDERED: &str = r"with next as (
    select seq from bare_jobs
    where due_at <= now() and (leased_until is null or leased_until <= now()) and not exists (
        select 1 from bare_jobs earlier where earlier.lane = bare_jobs.lane and earlier.seq < bare_jobs.seq
    )
    order by due_at, seq limit 1 for update skip locked
)
update bare_jobs set leased_until = now() + interval '5 minutes'
from next where bare_jobs.seq = next.seq returning bare_jobs.seq as job \gset
begin;
insert into bare_events (details) values (jsonb_build_object('job', :job::bigint));
delete from bare_jobs where seq = :job::bigint;
commit;
";

pub(crate) struct Bare {
    pgbench: Pgbench,
    database: String,
}

impl Bare {
    pub(crate) async fn new(pgbench: &str, database: &str, length: Duration) -> Self {
        let pgbench = Pgbench::new(pgbench, database, length);
        let bare = Self { pgbench, database: database.to_owned() };
        bare.connect().await.execute(TABLES).await.expect("the plain tables");
        bare
    }

    /// Jobs a second without any order.
    pub(crate) async fn unordered(&self, clients: usize) -> f64 {
        self.fill().await;
        self.pgbench.per_second(UNORDERED, clients)
    }

    /// Jobs a second in the order of their lanes, each with its event.
    pub(crate) async fn ordered(&self, clients: usize) -> f64 {
        self.fill().await;
        self.pgbench.per_second(ORDERED, clients)
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.database).await.expect("the database")
    }

    async fn fill(&self) {
        let fill = format!(
            "truncate bare_jobs, bare_events;
             insert into bare_jobs (lane, payload)
             select 'lane ' || n % {}, '{{\"action\": \"x\"}}' from generate_series(1, {JOBS}) as n;
             analyze bare_jobs;",
            JOBS / 4
        );
        self.connect().await.execute(AssertSqlSafe(fill)).await.expect("the bare jobs");
    }
}
