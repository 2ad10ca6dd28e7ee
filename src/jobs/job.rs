//! A claimed job, and what can become of it.

use async_trait::async_trait;
use serde_json::Value as Json;
use time::OffsetDateTime;

use crate::kernel::JobId;

/// A job that this worker holds until its lease runs out.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Which job.
    pub id: JobId,
    /// What it is for; names the handler.
    pub kind: String,
    /// What the handler needs, whole in itself.
    pub payload: Json,
    /// How often it was claimed. This number is the lease's token: settling with an older one does nothing.
    pub(super) attempts: i32,
    /// How many tries it has had that count, this one included.
    pub attempt: u32,
}

/// What becomes of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is finished, well or not; the job goes.
    Done,
    /// It is tried again then, and this try counts.
    Again {
        /// When.
        at: OffsetDateTime,
        /// Why, for whoever looks at the table.
        says: String,
    },
    /// It is tried again then, and this try does not count: nothing was attempted.
    Later {
        /// When.
        at: OffsetDateTime,
        /// Why.
        says: String,
    },
}

/// Proof that a job was settled, or that it was somebody else's by then. Only the store makes it.
#[derive(Debug)]
pub struct Settled(pub(super) ());

/// Why a handler could not settle its job. The runner has it tried again.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
    /// The payload is not what this handler's jobs hold.
    #[error("the payload of the job cannot be read: {0}")]
    Payload(#[from] serde_json::Error),
}

/// Works the jobs of one kind.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Works one job and settles it, in the transaction that writes what came of it.
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError>;
}
