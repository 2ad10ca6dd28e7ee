//! Jobs of the product's own making, and its runner over them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use countersign::{
    audit::{About, By, Ledger, Verb},
    db,
    jobs::{
        Claim, Ending, Handler, HandlerError, NewJob, Runner, Settled, Settler, Step, store,
        store::gates,
    },
    kernel::{Clock, SystemClock},
};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

const KIND: &str = "nothing";
/// How many jobs one statement enqueues where that is not what is measured.
const AT_ONCE: i64 = 2_000;
/// What is in the way: how many jobs stand behind each that failed.
const BEHIND: i64 = 10;

/// Why jobs are not worked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// Their app is paused.
    Paused,
    /// The first of their lane failed.
    Failed,
    /// They are tried again in an hour.
    Later,
}

pub(crate) struct World {
    pool: PgPool,
    settled: Arc<AtomicU64>,
}

/// Does nothing, and tells of it.
struct Nothing {
    settler: Settler<Told>,
    settled: Arc<AtomicU64>,
}

struct Told;

#[async_trait]
impl Ending for Told {
    async fn write(tx: &mut PgConnection, ended: &[(Claim, Self)]) -> sqlx::Result<Vec<Step>> {
        let (now, by) = (SystemClock.now(), By::System("Benchmark".to_owned()));
        let mut ledger = Ledger::default();
        for _ in ended {
            let told = json!({ "kind": "update", "app": "EchoSign" });
            ledger.tell(now, &by, Verb::ActionProvisioned, About::default(), told);
        }
        ledger.write(tx).await?;
        Ok(vec![Step::Done; ended.len()])
    }
}

#[async_trait]
impl Handler for Nothing {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        let settled = self.settler.settle(claim, Told).await?;
        self.settled.fetch_add(1, Ordering::Relaxed);
        Ok(settled)
    }
}

impl World {
    /// A database of its own on the same server.
    pub(crate) async fn new(server: &str) -> Self {
        let mut connection = PgConnection::connect(server).await.expect("the server");
        connection.execute("create database bench_jobs").await.expect("a database");
        let options = db::options(server).expect("a Postgres URL").database("bench_jobs");
        let pool = db::connect(options, 20);
        db::migrate(&pool).await.expect("the schema");
        let mut tx = pool.begin().await.expect("a transaction");
        gates::put(&mut tx, "open", false).await.expect("a gate");
        gates::put(&mut tx, "closed", true).await.expect("a gate");
        tx.commit().await.expect("to commit");
        Self { pool, settled: Arc::default() }
    }

    pub(crate) async fn clear(&self) {
        for statement in ["truncate jobs", "truncate unsealed", "checkpoint"] {
            let sql = AssertSqlSafe(statement.to_owned());
            self.pool.execute(sql).await.expect("to clear");
        }
    }

    /// Enqueues jobs one by one, each in a lane and a transaction of its own, and says how many a second.
    pub(crate) async fn enqueued(&self, clients: u32, length: Duration) -> f64 {
        let begun = Instant::now();
        let clients = (0..clients).map(|client| {
            let pool = self.pool.clone();
            tokio::task::spawn(async move {
                let mut made = 0_u32;
                while begun.elapsed() < length {
                    let lane = format!("{client}/{made}");
                    let mut tx = pool.begin().await.expect("a transaction");
                    enqueue(&mut tx, "open", &[lane]).await;
                    tx.commit().await.expect("to commit");
                    made += 1;
                }
                made
            })
        });
        let mut made = 0.0;
        for client in clients.collect::<Vec<_>>() {
            made += f64::from(client.await.expect("a client"));
        }
        made / begun.elapsed().as_secs_f64()
    }

    /// So many jobs wait, in lanes of `each`.
    pub(crate) async fn fill(&self, waiting: i64, each: i64) {
        self.fill_lanes("open", "lane", waiting, each).await;
        self.pool.execute("analyze jobs").await.expect("to analyze");
    }

    pub(crate) async fn fill_one_lane(&self, waiting: i64) {
        self.fill_lanes("open", "only", waiting, waiting).await;
        self.pool.execute("analyze jobs").await.expect("to analyze");
    }

    async fn fill_lanes(&self, gate: &str, name: &str, waiting: i64, each: i64) {
        let salt = rand::random::<u32>();
        for from in (0..waiting).step_by(AT_ONCE.unsigned_abs().try_into().expect("small")) {
            let lanes = (from..waiting.min(from + AT_ONCE))
                .map(|n| format!("{name}-{salt}/{}", n % (waiting / each).max(1)));
            let lanes: Vec<_> = lanes.collect();
            let mut tx = self.pool.begin().await.expect("a transaction");
            enqueue(&mut tx, gate, &lanes).await;
            tx.commit().await.expect("to commit");
        }
    }

    /// Jobs that are due or not, and that nobody may work.
    pub(crate) async fn put_in_the_way(&self, trouble: Trouble, jobs: i64) {
        let (gate, each, then) = match trouble {
            Trouble::Paused => ("closed", 1, "select 1"),
            Trouble::Failed => ("open", BEHIND, "update jobs set due_at = null where head"),
            Trouble::Later => ("open", 1, "update jobs set due_at = now() + interval '1 hour'"),
        };
        self.fill_lanes(gate, "trouble", jobs, each).await;
        self.pool.execute(AssertSqlSafe(then.to_owned())).await.expect("trouble");
    }

    /// Works jobs for so long, and enqueues as many as are worked, so that as many wait at the end as at the
    /// beginning. Says how many a second.
    pub(crate) async fn worked(&self, length: Duration, waiting: i64, each: i64) -> f64 {
        let stop = CancellationToken::new();
        let runner = tokio::task::spawn(self.runner().run(stop.clone()));
        let begun = (Instant::now(), self.settled.load(Ordering::Relaxed));
        let mut refilled = begun.1;
        while begun.0.elapsed() < length {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let behind = self.settled.load(Ordering::Relaxed) - refilled;
            // A tenth at a time, so that refilling is cheap and the depth stays.
            if i64::try_from(behind).expect("small") >= (waiting / 10).min(AT_ONCE) {
                refilled += behind;
                self.fill_lanes("open", "more", i64::try_from(behind).expect("small"), each).await;
            }
        }
        let took = begun.0.elapsed();
        let worked = self.settled.load(Ordering::Relaxed) - begun.1;
        stop.cancel();
        runner.await.expect("the runner");
        per_second(worked, took)
    }

    /// Works jobs until none is left or the time is over; says how many a second.
    pub(crate) async fn drained(&self, length: Duration) -> f64 {
        let stop = CancellationToken::new();
        let runner = tokio::task::spawn(self.runner().run(stop.clone()));
        let (begun, before) = (Instant::now(), self.settled.load(Ordering::Relaxed));
        tokio::time::sleep(length).await;
        let figure = per_second(self.settled.load(Ordering::Relaxed) - before, begun.elapsed());
        stop.cancel();
        runner.await.expect("the runner");
        figure
    }

    fn runner(&self) -> Runner {
        let settler = Settler::open(self.pool.clone());
        let nothing = Nothing { settler, settled: Arc::clone(&self.settled) };
        let handler: Arc<dyn Handler> = Arc::new(nothing);
        Runner::new(self.pool.clone(), Arc::new(SystemClock), [(KIND, handler)])
    }
}

async fn enqueue(tx: &mut PgConnection, gate: &str, lanes: &[String]) {
    let now = SystemClock.now();
    let jobs: Vec<_> = lanes
        .iter()
        .map(|lane| NewJob {
            kind: KIND,
            lane: Some(lane),
            gate,
            due_at: now,
            payload: json!({ "action": "act_01900000000070008000000000000001" }),
        })
        .collect();
    store::enqueue(tx, now, &jobs).await.expect("to enqueue");
}

#[expect(clippy::cast_precision_loss, reason = "a count of jobs is small")]
fn per_second(count: u64, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
