//! Brings runs on, a bounded piece at a time.

use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Run, piece};
use crate::{
    jobs::{self, Claim, Handler, HandlerError, NewJob, Settled, Step},
    kernel::{Clock, RunId},
};

/// The kind of its jobs.
pub const KIND: &str = "run";
/// How many pieces are worked under one lease: some seconds, where a lease is five minutes.
const PIECES: usize = 40;

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
impl Handler for Worker {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        let Payload { run } = serde_json::from_value(claim.payload.clone())?;
        let mut more = true;
        for _ in 0..PIECES {
            more = piece(&self.pool, self.clock.now(), run).await?;
            if !more {
                break;
            }
        }
        let says = "there are more items".to_owned();
        let step = if more { Step::Later { at: self.clock.now(), says } } else { Step::Done };
        let mut tx = self.pool.begin().await?;
        let settled = jobs::store::settle(&mut tx, &claim, step).await?;
        tx.commit().await?;
        Ok(settled)
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
