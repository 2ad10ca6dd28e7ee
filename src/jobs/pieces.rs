//! Long work, a bounded piece at a time.

use async_trait::async_trait;
use serde_json::Value as Json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{Claim, Handler, HandlerError, Settled, Step, store};

/// Jobs that are worked piece by piece, each in a transaction of its own: what a crash or a lease that ran out
/// leaves is gone on with.
#[async_trait]
pub trait Piecework: Send + Sync {
    /// How many pieces are worked under one lease; far fewer than it has time for.
    const PIECES: usize;

    /// Where the jobs are.
    fn pool(&self) -> &PgPool;

    /// What time it is.
    fn now(&self) -> OffsetDateTime;

    /// Works the next piece of a job; `false` when there is no more.
    async fn piece(&self, payload: &Json) -> Result<bool, HandlerError>;
}

#[async_trait]
impl<P: Piecework> Handler for P {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        let mut more = true;
        for _ in 0..P::PIECES {
            more = self.piece(&claim.payload).await?;
            if !more {
                break;
            }
        }
        let says = "there is more to do".to_owned();
        let step = if more { Step::Later { at: self.now(), says } } else { Step::Done };
        let mut tx = self.pool().begin().await?;
        let settled = store::settle(&mut tx, &claim, step).await?;
        tx.commit().await?;
        Ok(settled)
    }
}
