//! Brings imports on, a bounded piece at a time.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Import, apply, compare};
use crate::{
    jobs::{self, Claim, Handler, HandlerError, NewJob, Settled, Step},
    kernel::{Clock, ImportId},
};

/// The kind of its jobs.
pub const KIND: &str = "import";
/// How many pieces are worked under one lease: about a minute on a slow machine, where a lease is five.
const PIECES: usize = 20;

/// Works the jobs of imports.
#[derive(Debug, Clone)]
pub struct Worker {
    pool: PgPool,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct Payload {
    import: ImportId,
}

impl Worker {
    /// A worker over `pool`.
    #[must_use]
    pub const fn new(pool: PgPool, clock: Arc<dyn Clock>) -> Self {
        Self { pool, clock }
    }

    /// Brings an import one piece on; `false` when there is nothing more to do for a machine. Whoever
    /// else is at it waits meanwhile, and goes on where this ended.
    ///
    /// # Errors
    /// When the database does not answer. Nothing of the piece was done then.
    pub async fn piece(&self, id: ImportId) -> sqlx::Result<bool> {
        Ok(compare::step(&self.pool, id).await?
            || apply::step(&self.pool, self.clock.now(), id).await?)
    }
}

#[async_trait]
impl Handler for Worker {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        let Payload { import } = serde_json::from_value(claim.payload.clone())?;
        let mut more = true;
        for _ in 0..PIECES {
            more = self.piece(import).await?;
            if !more {
                break;
            }
        }
        let says = "there is more of the file".to_owned();
        let step = if more { Step::Later { at: self.clock.now(), says } } else { Step::Done };
        let mut tx = self.pool.begin().await?;
        let settled = jobs::store::settle(&mut tx, &claim, step).await?;
        tx.commit().await?;
        Ok(settled)
    }
}

/// Enqueues the work on an import that the caller holds.
pub(super) async fn enqueue(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    import: &Import,
) -> sqlx::Result<()> {
    let lane = import.lane();
    let payload = json!({ "import": import.id });
    let job = NewJob { kind: KIND, lane: Some(&lane), gate: "", due_at: now, payload };
    jobs::store::enqueue(tx, now, &[job]).await
}
