//! Claims jobs and has them worked.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use sqlx::{PgPool, postgres::PgListener};
use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    Claim, Handler, HandlerError, Step,
    schedule::{jittered, wait},
    store,
};
use crate::kernel::Clock;

/// How many jobs are worked at once.
const AT_ONCE: usize = 64;
/// How many are claimed together while more wait than are worked, …
const TOGETHER: u32 = 32;
/// … and how long at most the runner waits for that many to end.
const MOMENT: Duration = Duration::from_millis(5);
/// How long the runner sleeps when nobody wakes it: leases run out and due times pass without a notice.
const POLL: Duration = Duration::from_secs(1);
/// The pause after the database did not answer.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);

/// What works which kind of job.
#[derive(Clone)]
pub struct Runner {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    handlers: Arc<HashMap<&'static str, Arc<dyn Handler>>>,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("kinds", &self.handlers.keys()).finish_non_exhaustive()
    }
}

impl Runner {
    /// A runner whose `handlers` are named by the kind of job they work.
    pub fn new(
        pool: PgPool,
        clock: Arc<dyn Clock>,
        handlers: impl IntoIterator<Item = (&'static str, Arc<dyn Handler>)>,
    ) -> Self {
        Self { pool, clock, handlers: Arc::new(handlers.into_iter().collect()) }
    }

    /// Works jobs until `stop`, then lets those that were begun come to their end.
    /// A database that does not answer is waited for.
    pub async fn run(self, stop: CancellationToken) {
        let permits = Arc::new(Semaphore::new(AT_ONCE));
        let mut working = JoinSet::new();
        let mut bell = None;
        while !stop.is_cancelled() {
            // Interest is registered before looking, so that nothing is enqueued unseen in between.
            if bell.is_none() {
                bell = listen(&self.pool).await;
            }
            // A few large claims cost a fraction of many small ones.
            let _ = tokio::time::timeout(MOMENT, permits.acquire_many(TOGETHER)).await;
            while working.try_join_next().is_some() {}
            let free = permits.available_permits();
            let claims =
                match store::claim(&self.pool, self.clock.now(), i64::try_from(free).unwrap_or(1))
                    .await
                {
                    Ok(claims) => claims,
                    Err(error) => {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "jobs wait for the database"
                        );
                        bell = None;
                        rest(&stop, DATABASE_PAUSE).await;
                        continue;
                    }
                };
            let found = claims.len();
            for claim in claims {
                let runner = self.clone();
                let permit = Arc::clone(&permits).acquire_owned().await;
                working.spawn(async move {
                    runner.work(claim).await;
                    drop(permit);
                });
            }
            if found == free && free > 0 {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(jittered(POLL)) => {}
                _ = working.join_next(), if !working.is_empty() => {}
                heard = ring(&mut bell) => if !heard { bell = None },
            }
        }
        while working.join_next().await.is_some() {}
    }

    /// Has one job worked; whatever goes wrong, the job is settled or due again.
    async fn work(&self, claim: Claim) {
        let Some(handler) = self.handlers.get(&*claim.kind).cloned() else {
            tracing::error!(job.kind = claim.kind, "no handler for this kind of job");
            return self.again(&claim, "no handler for this kind of job").await;
        };
        let outcome = AssertUnwindSafe(handler.work(claim.clone())).catch_unwind().await;
        match outcome {
            Ok(Ok(_settled)) => {}
            Ok(Err(HandlerError::Payload(error))) => {
                tracing::error!(
                    job.seq = claim.seq,
                    error = &error as &dyn std::error::Error,
                    "job cannot be read"
                );
                self.again(&claim, "the payload cannot be read").await;
            }
            Ok(Err(HandlerError::Store(error))) => {
                tracing::warn!(
                    job.seq = claim.seq,
                    error = &error as &dyn std::error::Error,
                    "job waits for the database"
                );
                self.again(&claim, "the database did not answer").await;
            }
            Err(_panic) => {
                tracing::error!(job.seq = claim.seq, "a job handler panicked");
                self.again(&claim, "the handler panicked").await;
            }
        }
    }

    async fn again(&self, claim: &Claim, says: &str) {
        // A job never ends here: only its handler may say that it is done.
        let pause = wait(claim.attempt, None).unwrap_or(Duration::from_hours(1));
        let step = Step::Again { at: self.clock.now() + jittered(pause), says: says.to_owned() };
        let settled = async {
            let mut tx = self.pool.begin().await?;
            store::settle(&mut tx, claim, step).await?;
            tx.commit().await
        };
        if let Err(error) = settled.await {
            tracing::warn!(
                job.seq = claim.seq,
                error = &error as &dyn std::error::Error,
                "job is due again when its lease runs out"
            );
        }
    }
}

/// Works every job that is due now, one at a time, and returns how many: for tests and the command line.
///
/// # Errors
/// When the database does not answer.
pub async fn work_due(runner: &Runner) -> sqlx::Result<usize> {
    let mut worked = 0;
    loop {
        let claims = store::claim(&runner.pool, runner.clock.now(), 1).await?;
        if claims.is_empty() {
            return Ok(worked);
        }
        for claim in claims {
            runner.work(claim).await;
            worked += 1;
        }
    }
}

async fn listen(pool: &PgPool) -> Option<PgListener> {
    let mut listener = PgListener::connect_with(pool).await.ok()?;
    listener.ignore_pool_close_event(true);
    listener.listen(store::CHANNEL).await.ok()?;
    Some(listener)
}

/// Waits for a notice; `false` when the connection was lost.
async fn ring(bell: &mut Option<PgListener>) -> bool {
    match bell {
        Some(listener) => matches!(listener.try_recv().await, Ok(Some(_))),
        None => std::future::pending().await,
    }
}

async fn rest(stop: &CancellationToken, pause: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(pause) => {}
    }
}
