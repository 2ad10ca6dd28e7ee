//! Asks an app that failed too often whether it is well again.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::PgPool;

use crate::{
    apps,
    connector::Connectors,
    jobs::{self, Claim, Handler, HandlerError, Settled, Step},
    kernel::{AppId, Clock},
    queue::flow::{Probed, probe},
};

/// The wait after the first probe that was not answered; doubled each time …
const FIRST: Duration = Duration::from_mins(1);
/// … up to this.
const LONGEST: Duration = Duration::from_mins(15);

/// Works the jobs of kind [`PROBE`](crate::queue::flow::PROBE).
#[derive(Debug, Clone)]
pub struct Prober {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    connectors: Connectors,
}

#[derive(Deserialize)]
struct Payload {
    app: AppId,
}

impl Prober {
    /// A prober of the apps that `connectors` reach.
    #[must_use]
    pub fn new(pool: PgPool, clock: Arc<dyn Clock>, connectors: Connectors) -> Self {
        Self { pool, clock, connectors }
    }
}

#[async_trait]
impl Handler for Prober {
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        let Payload { app } = serde_json::from_value(claim.payload.clone())?;
        let app = apps::store::fetch(&mut *self.pool.acquire().await?, app).await?;
        let probed = probe(&self.pool, &self.connectors, self.clock.now(), &app).await?;
        let step = match probed {
            Probed::Over | Probed::Well => Step::Done,
            Probed::Unwell(says) => {
                let at = self.clock.now() + jobs::jittered(wait(claim.attempt));
                Step::Again { at, says }
            }
        };
        let mut tx = self.pool.begin().await?;
        let settled = jobs::store::settle(&mut tx, &claim, step).await?;
        tx.commit().await?;
        Ok(settled)
    }
}

fn wait(attempt: u32) -> Duration {
    FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_asked_less_and_less_often_and_never_given_up() {
        let minutes = [1, 2, 3, 4, 5, 6, 1_000].map(|attempt| wait(attempt).as_secs() / 60);

        assert_eq!(minutes, [1, 2, 4, 8, 15, 15, 15]);
    }
}
