//! Brings imports on, a bounded piece at a time.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Import, apply, compare};
use crate::{
    jobs::{self, HandlerError, NewJob, Piecework},
    kernel::{Clock, ImportId},
};

/// The kind of its jobs.
pub const KIND: &str = "import";

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
    pub async fn next(&self, id: ImportId) -> sqlx::Result<bool> {
        Ok(compare::step(&self.pool, id).await?
            || apply::step(&self.pool, self.clock.now(), id).await?)
    }
}

#[async_trait]
impl Piecework for Worker {
    const PIECES: usize = 20;

    fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    async fn piece(&self, payload: &Json) -> Result<bool, HandlerError> {
        let Payload { import } = Payload::deserialize(payload)?;
        Ok(self.next(import).await?)
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
