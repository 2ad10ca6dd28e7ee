//! Settling as fast as jobs end: whatever ends while a transaction is under way shares the next one.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{PgConnection, PgPool};
use tokio::sync::{mpsc, oneshot};

use super::{Claim, Settled, Step, store};
use crate::db::share;

/// How many ends share a transaction at most.
const MOST: usize = 64;
/// How many transactions are under way at once: one commits while another is filled.
const AT_ONCE: usize = 2;

/// How a job ends. Asked again when the transaction that it shared failed, so it looks at the state anew.
#[async_trait]
pub trait Ending: Send + Sync {
    /// Writes what came of the job, and says what becomes of it.
    async fn write(&self, tx: &mut PgConnection, claim: &Claim) -> sqlx::Result<Step>;
}

/// Settles jobs. Clones share the same transactions.
#[derive(Debug, Clone)]
pub struct Settler {
    waiting: mpsc::Sender<Waiting>,
}

struct Waiting {
    claim: Claim,
    ending: Arc<dyn Ending>,
    answer: oneshot::Sender<sqlx::Result<Settled>>,
}

impl Settler {
    /// Begins to settle, on the runtime of whoever calls it, until the last clone is gone.
    #[must_use]
    pub fn open(pool: PgPool) -> Self {
        let waiting = share(MOST, AT_ONCE, move |batch| settle_together(pool.clone(), batch));
        Self { waiting }
    }

    /// Settles a job together with what came of it. When the lease was lost, the job is left alone.
    ///
    /// # Errors
    /// When the database does not answer; the job is due again once its lease runs out.
    pub async fn settle(&self, claim: Claim, ending: Arc<dyn Ending>) -> sqlx::Result<Settled> {
        let (answer, told) = oneshot::channel();
        let waiting = Waiting { claim, ending, answer };
        self.waiting.send(waiting).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        told.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }
}

/// Settles them in one transaction. If that fails, each is tried alone, so that one poisoned end spoils no other.
async fn settle_together(pool: PgPool, batch: Vec<Waiting>) {
    let together = in_one_transaction(&pool, &batch).await;
    let alone = together.is_err() && batch.len() > 1;
    let mut shared = Some(together);
    for waiting in batch {
        let result = match (alone, shared.take()) {
            (false, Some(Err(error))) => Err(error),
            (false, _) => Ok(()),
            (true, _) => in_one_transaction(&pool, std::slice::from_ref(&waiting)).await,
        };
        // Whoever no longer listens is settled all the same.
        let _ = waiting.answer.send(result.map(|()| Settled(())));
    }
}

async fn in_one_transaction(pool: &PgPool, batch: &[Waiting]) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let mut done = Vec::new();
    for Waiting { claim, ending, .. } in batch {
        match ending.write(&mut tx, claim).await? {
            Step::Done => done.push(claim),
            step => {
                store::settle(&mut tx, claim, step).await?;
            }
        }
    }
    store::finish(&mut tx, &done).await?;
    tx.commit().await
}
