//! Adding people as fast as a source sends them: whoever arrives while a transaction is under way
//! shares the next one, and is answered once that is on disk.

use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use super::{
    people::PeopleError,
    submission::{Submission, Submitted, Wanted, add_all},
};
use crate::db::share;

/// How many people share a transaction at most.
const MOST: usize = 64;
/// How many transactions are under way at once: one commits while another is filled.
const AT_ONCE: usize = 2;

type Answer = Result<Submitted, PeopleError>;

/// Takes people in. Clones share the same transactions.
#[derive(Debug, Clone)]
pub struct Intake {
    pub(super) pool: PgPool,
    waiting: mpsc::Sender<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    new: (Submission, Wanted),
    answer: oneshot::Sender<Answer>,
}

impl Intake {
    /// Begins to take people in, on the runtime of whoever calls it, until the last clone is gone.
    #[must_use]
    pub fn open(pool: PgPool) -> Self {
        let adding = pool.clone();
        let waiting = share(MOST, AT_ONCE, move |batch| add_together(adding.clone(), batch));
        Self { pool, waiting }
    }

    /// Adds a person. Once this returns they are on disk, whoever hears of it.
    pub(super) async fn add(&self, by: Submission, wanted: Wanted) -> Answer {
        let (answer, told) = oneshot::channel();
        let ended = || PeopleError::Store(sqlx::Error::WorkerCrashed);
        let waiting = Waiting { new: (by, wanted), answer };
        self.waiting.send(waiting).await.map_err(|_| ended())?;
        told.await.map_err(|_| ended())?
    }
}

/// Adds them in one transaction. If that fails, each is tried alone, so that everyone hears of their own fault.
async fn add_together(pool: PgPool, batch: Vec<Waiting>) {
    let (new, answers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.new, waiting.answer)).unzip();
    let results =
        match in_one_transaction(&pool, &new).await {
            Ok(results) => results,
            Err(error) if new.len() == 1 => vec![Err(error.into())],
            Err(_) => {
                let mut results = Vec::new();
                for one in new {
                    let alone = in_one_transaction(&pool, &[one]).await;
                    results.push(alone.map_err(PeopleError::from).and_then(|mut one| {
                        one.pop().unwrap_or(Err(sqlx::Error::RowNotFound.into()))
                    }));
                }
                results
            }
        };
    for (answer, result) in answers.into_iter().zip(results) {
        // Whoever no longer listens is added all the same.
        let _ = answer.send(result);
    }
}

async fn in_one_transaction(
    pool: &PgPool,
    new: &[(Submission, Wanted)],
) -> sqlx::Result<Vec<Answer>> {
    let mut tx = pool.begin().await?;
    let results = add_all(&mut tx, new).await?;
    tx.commit().await?;
    Ok(results)
}
