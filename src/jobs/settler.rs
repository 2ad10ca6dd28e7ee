//! Settling as fast as jobs end: whatever ends while a transaction is under way shares the next one.

use async_trait::async_trait;
use sqlx::{PgConnection, PgPool};
use tokio::sync::{mpsc, oneshot};

use super::{Claim, Settled, Step, store};
use crate::db::share;

/// How many ends share a transaction at most.
const MOST: usize = 64;
/// How many transactions are under way at once: one commits while another is filled.
const AT_ONCE: usize = 2;

/// How jobs of one kind end.
#[async_trait]
pub trait Ending: Send + Sync + Sized + 'static {
    /// Writes what came of jobs that share a transaction, and says what becomes of each, in their order.
    /// Asked again for each alone when that transaction failed, so it looks at the state anew.
    async fn write(tx: &mut PgConnection, ended: &[(Claim, Self)]) -> sqlx::Result<Vec<Step>>;
}

/// Settles jobs. Clones share the same transactions.
#[derive(Debug)]
pub struct Settler<E> {
    waiting: mpsc::Sender<Waiting<E>>,
}

/// A job with how it ended, and who waits to hear that it is settled.
type Waiting<E> = ((Claim, E), oneshot::Sender<sqlx::Result<Settled>>);

impl<E> Clone for Settler<E> {
    fn clone(&self) -> Self {
        Self { waiting: self.waiting.clone() }
    }
}

impl<E: Ending> Settler<E> {
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
    pub async fn settle(&self, claim: Claim, ending: E) -> sqlx::Result<Settled> {
        let (answer, told) = oneshot::channel();
        let waiting = ((claim, ending), answer);
        self.waiting.send(waiting).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        told.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }
}

/// Settles them in one transaction. If that fails, each is tried alone, so that one poisoned end spoils no other.
async fn settle_together<E: Ending>(pool: PgPool, batch: Vec<Waiting<E>>) {
    let (ended, answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
    let mut results = Vec::with_capacity(ended.len());
    match in_one_transaction(&pool, &ended).await {
        Ok(()) => results.resize_with(ended.len(), || Ok(())),
        Err(error) if ended.len() == 1 => results.push(Err(error)),
        Err(_) => {
            for alone in ended.chunks(1) {
                results.push(in_one_transaction(&pool, alone).await);
            }
        }
    }
    for (answer, result) in answers.into_iter().zip(results) {
        // Whoever no longer listens is settled all the same.
        let _ = answer.send(result.map(|()| Settled(())));
    }
}

async fn in_one_transaction<E: Ending>(pool: &PgPool, ended: &[(Claim, E)]) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    let steps = E::write(&mut tx, ended).await?;
    let mut done = Vec::new();
    for ((claim, _), step) in ended.iter().zip(steps) {
        match step {
            Step::Done => done.push(claim),
            step => {
                store::settle(&mut tx, claim, step).await?;
            }
        }
    }
    store::finish(&mut tx, &done).await?;
    tx.commit().await
}
