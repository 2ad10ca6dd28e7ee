//! What sources asked, and what it was answered: what an administrator looks at when their identity
//! provider shows a red badge. Nothing of a person gets in: a body is masked before it is held.

mod mask;
pub mod store;
mod writer;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::sync::mpsc::{self, error::TrySendError};

pub use self::{mask::Masked, writer::Writer};
use crate::{apps::change::Kind, audit::Verb, directory::Source, kernel::ActionId};

/// How many entries wait at the most. More come only while the database does not answer.
const WAITING: usize = 4_096;
/// Of how many actions one entry tells.
const TOLD: usize = 20;

/// A request of a source, and its answer.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Who asked.
    pub source: Source,
    /// When it began.
    pub at: OffsetDateTime,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Path and query, as they were sent; what a filter looks for is left out before it is kept.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// From the request to the answer.
    pub duration: Duration,
    /// What was sent: `Masked::of(&body)`.
    pub body: Option<Masked>,
    /// The `detail` of a refusal.
    pub says: Option<String>,
    /// What became of the queue. Of more than twenty only the number is kept.
    pub caused: Vec<Caused>,
}

/// What a request made of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caused {
    /// `action.requested`, `action.folded` or `action.withdrawn`.
    pub verb: Verb,
    /// Which action.
    pub action: ActionId,
    /// Its number.
    pub number: i64,
    /// What it does to the account.
    pub kind: Kind,
}

/// Where requests are noted. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Log {
    queue: mpsc::Sender<Line>,
    lost: Arc<AtomicU64>,
}

/// An entry as it is kept.
#[derive(Debug)]
struct Line {
    source: Source,
    at: OffsetDateTime,
    method: String,
    path: String,
    status: i16,
    duration_us: i32,
    body: Option<Masked>,
    says: Option<String>,
    caused: serde_json::Value,
}

impl Log {
    /// A log, and what writes it: [`Writer::run`] has to be spawned.
    #[must_use]
    pub fn open(pool: PgPool) -> (Self, Writer) {
        let (queue, lines) = mpsc::channel(WAITING);
        (Self { queue, lost: Arc::default() }, Writer::new(pool, lines))
    }

    /// Notes a request. It never waits: when the database is so far behind that there is no room, the
    /// entry is lost, which the log of the server says once.
    pub fn note(&self, entry: Entry) {
        match self.queue.try_send(Line::of(entry)) {
            Ok(()) => self.lost.store(0, Ordering::Relaxed),
            // Nobody writes any more: the server is ending.
            Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => {
                if self.lost.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::warn!("requests of sources are not noted: the database is behind");
                }
            }
        }
    }
}

impl Line {
    fn of(entry: Entry) -> Self {
        Self {
            source: entry.source,
            at: entry.at,
            method: mask::method(&entry.method),
            path: mask::path(&entry.path),
            status: i16::try_from(entry.status).unwrap_or(i16::MAX),
            duration_us: i32::try_from(entry.duration.as_micros()).unwrap_or(i32::MAX),
            body: entry.body,
            says: entry.says.as_deref().map(mask::sentence),
            caused: told(&entry.caused),
        }
    }
}

/// The first actions, and how many more there are.
fn told(caused: &[Caused]) -> serde_json::Value {
    let mut told: Vec<_> = caused.iter().take(TOLD).map(|one| serde_json::json!(one)).collect();
    if let Some(more) = caused.len().checked_sub(TOLD).filter(|more| *more > 0) {
        told.push(more.into());
    }
    told.into()
}
