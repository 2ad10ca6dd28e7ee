//! Brings runs on, a bounded piece at a time.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Run, piece};
use crate::{
    jobs::{self, HandlerError, NewJob, Piecework},
    kernel::{Clock, RunId},
};

/// The kind of its jobs.
pub const KIND: &str = "run";

/// Works the jobs of runs.
#[derive(Debug, Clone)]
pub struct Worker {
    pool: PgPool,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct Payload {
    run: RunId,
}

impl Worker {
    /// A worker over `pool`.
    #[must_use]
    pub const fn new(pool: PgPool, clock: Arc<dyn Clock>) -> Self {
        Self { pool, clock }
    }
}

#[async_trait]
impl Piecework for Worker {
    const PIECES: usize = 40;

    fn pool(&self) -> &PgPool {
        &self.pool
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    async fn piece(&self, payload: &Json) -> Result<bool, HandlerError> {
        let Payload { run } = Payload::deserialize(payload)?;
        Ok(piece(&self.pool, self.now(), run).await?)
    }
}

/// Enqueues the work on a run that the caller holds.
pub(super) async fn enqueue(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    run: &Run,
) -> sqlx::Result<()> {
    let lane = run.lane();
    let payload = json!({ "run": run.id });
    let job = NewJob { kind: KIND, lane: Some(&lane), gate: "", due_at: now, payload };
    jobs::store::enqueue(tx, now, &[job]).await
}
