//! What has to be done from time to time: sealing the history, noting bursts, pausing apps that have drained, forgetting expired sessions, old requests and old files.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::{
    access, audit, imports,
    kernel::Clock,
    queue::{self, flow},
    sources::log,
};

/// How long an event waits for its link in the chain, at the most.
const SEAL_EVERY: Duration = Duration::from_secs(1);
/// Sessions are forgotten once in so many rounds.
const ROUNDS: u32 = 3_600;
/// How long a decision on many actions that nobody started is kept.
const DRAFTS: time::Duration = time::Duration::days(1);
/// Bursts are looked for once in so many.
const BURSTS: u32 = 5;
/// How many old requests are forgotten in one statement. After a full one the next round goes on.
const REQUESTS: i64 = 5_000;

/// Keeps house until `stop`. A database that does not answer is waited for. Requests of sources are
/// kept for `requests`.
pub(super) async fn keep(
    pool: PgPool,
    clock: Arc<dyn Clock>,
    requests: time::Duration,
    stop: CancellationToken,
) {
    let mut round = 0_u32;
    let mut more_requests = false;
    while !stop.is_cancelled() {
        match audit::seal(&pool).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "sealing waits for the database"
            ),
        }
        if let Err(error) = flow::finish_draining(&pool, clock.now()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "no app was seen to drain");
        }
        if round.is_multiple_of(ROUNDS)
            && let Err(error) = queue::store::runs::forget_drafts(&pool, clock.now() - DRAFTS).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old drafts were not forgotten"
            );
        }
        if round.is_multiple_of(BURSTS)
            && let Err(error) = queue::store::note_bursts(&pool, clock.now()).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "no burst was noted");
        }
        if round.is_multiple_of(ROUNDS)
            && let Err(error) = access::store::forget_expired_sessions(&pool, clock.now()).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "expired sessions were not forgotten"
            );
        }
        if more_requests || round.is_multiple_of(ROUNDS) {
            more_requests = forget_requests(&pool, clock.now() - requests).await;
        }
        if round.is_multiple_of(ROUNDS)
            && let Err(error) = forget_old_files(&pool, clock.as_ref()).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lines of old imports were not erased"
            );
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(SEAL_EVERY) => {}
        }
    }
}

/// Forgets some old requests; says whether there may be more.
async fn forget_requests(pool: &PgPool, before: time::OffsetDateTime) -> bool {
    match log::store::forget(pool, before, REQUESTS).await {
        Ok(forgotten) => forgotten >= REQUESTS.unsigned_abs(),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "old requests were not forgotten"
            );
            false
        }
    }
}

async fn forget_old_files(pool: &PgPool, clock: &dyn Clock) -> sqlx::Result<()> {
    while imports::store::erase(pool, clock.now()).await? > 0 {}
    Ok(())
}
