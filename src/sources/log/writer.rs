//! Writes what was noted, in batches.

use std::time::Duration;

use sqlx::PgPool;
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{Line, store};
use crate::db;

/// How many entries are written at once.
const BATCH: usize = 500;
/// How long the first entry of a batch waits for others.
const GATHER: Duration = Duration::from_millis(200);
/// The pause after the database did not answer.
const DATABASE_PAUSE: Duration = Duration::from_secs(2);
/// How long requests that were under way at the end may take to be noted.
const GRACE: Duration = Duration::from_secs(2);

/// Writes what a [`Log`](super::Log) was given.
#[derive(Debug)]
pub struct Writer {
    pool: PgPool,
    lines: mpsc::Receiver<Line>,
}

impl Writer {
    pub(super) const fn new(pool: PgPool, lines: mpsc::Receiver<Line>) -> Self {
        Self { pool, lines }
    }

    /// Writes until `stop`, and then what is left once every handle is gone. A database that does not
    /// answer is waited for.
    pub async fn run(mut self, stop: CancellationToken) {
        let end = async {
            stop.cancelled().await;
            sleep(GRACE).await;
        };
        let mut end = std::pin::pin!(end);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let came = tokio::select! {
                came = self.lines.recv_many(&mut batch, BATCH) => came,
                () = &mut end => 0,
            };
            if came == 0 {
                break;
            }
            if came < BATCH {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = sleep(GATHER) => {}
                }
            }
            self.take(&mut batch);
            self.write(&mut batch, &stop).await;
        }
        self.write_noted().await;
        stop.cancelled().await;
    }

    /// Writes what was noted so far, for those who look at once.
    pub async fn write_noted(&mut self) {
        let mut batch = Vec::new();
        let now = CancellationToken::new();
        now.cancel();
        loop {
            self.take(&mut batch);
            if batch.is_empty() {
                return;
            }
            self.write(&mut batch, &now).await;
        }
    }

    /// Fills the batch with what waits.
    fn take(&mut self, batch: &mut Vec<Line>) {
        while batch.len() < BATCH
            && let Ok(line) = self.lines.try_recv()
        {
            batch.push(line);
        }
    }

    /// Writes a batch. It is tried again while the database is down, until `stop`.
    async fn write(&self, batch: &mut Vec<Line>, stop: &CancellationToken) {
        while let Err(error) = store::insert(&self.pool, batch).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                entries = batch.len(),
                "requests of sources were not noted"
            );
            if !db::is_down(&error) || stop.is_cancelled() {
                break;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(DATABASE_PAUSE) => {}
            }
        }
        batch.clear();
    }
}
