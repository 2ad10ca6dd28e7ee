//! A claimed job, and what can become of it.

use async_trait::async_trait;
use serde_json::Value as Json;
use time::OffsetDateTime;

/// A job that this worker holds until its lease runs out.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its place in the order of enqueueing, which names it.
    pub seq: i64,
    /// What it is for; names the handler.
    pub kind: String,
    /// What the handler needs, whole in itself.
    pub payload: Json,
    /// How often it was claimed. This number is the lease's token: settling with an older one does nothing.
    pub(super) attempts: i32,
    /// How many tries it has had that count, this one included.
    pub attempt: u32,
}

/// A job to be enqueued.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// What it is for; names the handler.
    pub kind: &'a str,
    /// Jobs of one lane are worked one at a time, in their order.
    pub lane: Option<&'a str>,
    /// What it stands behind; the empty name is always open.
    pub gate: &'a str,
    /// Not before then.
    pub due_at: OffsetDateTime,
    /// What the handler needs, whole in itself.
    pub payload: Json,
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
    /// It keeps its place, and its lane waits behind it until somebody lets it go on or takes it out.
    Park {
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
