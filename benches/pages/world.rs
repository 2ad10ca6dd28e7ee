//! A database with as many actions as it shall have.
#![expect(
    clippy::disallowed_methods,
    reason = "what only a benchmark asks is not among the product's checked queries"
)]

use std::time::{Duration, Instant};

use countersign::kernel::{ActionId, RunId};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};
use uuid::Uuid;

use crate::server;

/// How long anything may take at most.
const LONGEST: Duration = Duration::from_mins(10);

/// The two statements that an approval of many comes to, when nothing else is asked of them.
const APPROVE: &str = "
    with chosen as (
        select id from actions where tab = 'pending' order by created_at, id limit $1 for update
    )
    update actions
    set state = 'approved', decided_at = now(), decided_by = $2, decided_name = 'Ruth', decided_digest = digest,
        changed_at = now()
    from chosen where actions.id = chosen.id
    returning actions.id";
const TELL: &str = "
    insert into events (id, at, actor_kind, actor_id, verb, action_id, details, salt, details_digest)
    select gen_random_uuid(), now(), 'administrator', $2, 'action.approved', id, '{\"name\": \"Ruth\"}', 'x', sha256('x')
    from unnest($1::uuid[]) as id";
/// Something happens.
const HAPPEN: &str = "
    insert into events (id, at, actor_kind, verb, details, salt, details_digest)
    values (gen_random_uuid(), now(), 'system', 'user.updated', '{\"name\": \"Ruth\"}', 'x', sha256('x'))";
/// How often it does.
const OFTEN: Duration = Duration::from_millis(50);

/// What waits, with what an approval of it is bound to.
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) digest: String,
}

pub(crate) struct World {
    pool: PgPool,
    around: String,
    name: String,
    url: String,
    /// How many seconds it took to fill.
    pub(crate) seeded: f64,
}

impl World {
    /// A new database beside `around`, filled.
    pub(crate) async fn of(around: &str, actions: i64) -> Self {
        let name = format!("pages_{actions}");
        run(around, &format!("create database {name}")).await;
        let url = beside(around, &name);
        let begin = Instant::now();
        let [people, all, pending] =
            [actions / 4, actions, actions / 10].map(|number| number.to_string());
        let seed = ["dev", "seed", "--people", &people, "--actions", &all, "--pending", &pending];
        server::command(&url, &seed, "");
        let seeded = begin.elapsed().as_secs_f64();
        // What autovacuum does in its own time.
        run(&url, "vacuum (analyze)").await;
        run(&url, "checkpoint").await;
        let pool = PgPool::connect(&url).await.expect("the database");
        Self { pool, around: around.to_owned(), name, url, seeded }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What there is.
    pub(crate) async fn rows(&self) -> String {
        let sql = "select format('%s actions, %s of them waiting, of %s people with %s events',
             (select count(*) from actions), (select count(*) from actions where tab = 'pending'),
             (select count(*) from users), (select count(*) from events))";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("the counts")
    }

    /// What `looked` comes to while something happens again and again, so that nothing that was counted holds.
    pub(crate) async fn busy<T>(&self, looked: impl Future<Output = T>) -> T {
        let happens = async {
            let mut tick = tokio::time::interval(OFTEN);
            loop {
                tick.tick().await;
                self.pool.execute(HAPPEN).await.expect("an event");
            }
        };
        tokio::select! {
            found = looked => found,
            () = happens => unreachable!("it happens for ever"),
        }
    }

    /// The name of somebody who waits, in the middle of the queue.
    pub(crate) async fn somebody_who_waits(&self) -> String {
        let sql = "select lower(given_name || ' ' || family_name) from users
             where id = (select user_id from actions where tab = 'pending' order by number offset 400 limit 1)";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("somebody")
    }

    /// The oldest that wait and take nothing away.
    pub(crate) async fn waiting(&self, most: i64) -> Vec<Waiting> {
        let sql =
            "select id, encode(digest, 'hex') from actions where tab = 'pending' and kind in ('create', 'update')
             order by created_at, id limit $1";
        let rows: Vec<(Uuid, String)> =
            sqlx::query_as(sql).bind(most).fetch_all(&self.pool).await.expect("what waits");
        rows.into_iter()
            .map(|(id, digest)| Waiting { id: ActionId::from(id).to_string(), digest })
            .collect()
    }

    /// How many items a run has, and what has to be typed before it starts: `delete 14 suspend 3`.
    pub(crate) async fn drawn_up(&self, run: &str) -> (i64, String) {
        let sql = "select count(*), concat_ws(' ',
                 'delete ' || nullif(count(*) filter (where kind = 'delete'), 0),
                 'suspend ' || nullif(count(*) filter (where kind = 'suspend'), 0))
             from run_items join actions on actions.id = action_id where run_id = $1";
        let id: RunId = run.parse().expect("the id of a run");
        sqlx::query_as(sql).bind(id.uuid()).fetch_one(&self.pool).await.expect("the run")
    }

    /// Ends when a run has ended.
    pub(crate) async fn end_of(&self, run: &str) {
        let id: RunId = run.parse().expect("the id of a run");
        let begin = Instant::now();
        while begin.elapsed() < LONGEST {
            let state: String = sqlx::query_scalar("select state from runs where id = $1")
                .bind(id.uuid())
                .fetch_one(&self.pool)
                .await
                .expect("the run");
            if state != "running" && state != "drafted" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        unreachable!("the run did not end")
    }

    /// What became of a run.
    pub(crate) async fn outcome(&self, run: &str) -> String {
        let id: RunId = run.parse().expect("the id of a run");
        sqlx::query_scalar(
            "select format('%s decided, %s skipped, %s', decided, skipped, state) from runs where id = $1",
        )
        .bind(id.uuid())
        .fetch_one(&self.pool)
        .await
        .expect("the run")
    }

    /// Approves so many by the bare statements, in one transaction: how many, and in how many seconds.
    pub(crate) async fn bare_approval(&self, most: i64) -> (i64, f64) {
        let by: Uuid = sqlx::query_scalar("select id from administrators where email = $1")
            .bind(server::EMAIL)
            .fetch_one(&self.pool)
            .await
            .expect("somebody");
        let begin = Instant::now();
        let mut tx = self.pool.begin().await.expect("a transaction");
        let ids: Vec<Uuid> = sqlx::query_scalar(APPROVE)
            .bind(most)
            .bind(by)
            .fetch_all(&mut *tx)
            .await
            .expect("an approval");
        sqlx::query(TELL).bind(&ids).bind(by).execute(&mut *tx).await.expect("events");
        tx.commit().await.expect("a commit");
        (i64::try_from(ids.len()).unwrap_or(i64::MAX), begin.elapsed().as_secs_f64())
    }

    /// Leaves room for the next.
    pub(crate) async fn end(self) {
        self.pool.close().await;
        run(&self.around, &format!("drop database {} with (force)", self.name)).await;
    }
}

/// The address of another database of the same server.
fn beside(url: &str, name: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = path.rsplit_once('/').expect("the name of a database");
    format!("{server}/{name}?{query}")
}

async fn run(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.expect("the database");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect("a statement");
    connection.close().await.expect("to part");
}
