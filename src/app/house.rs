//! The parts that every way of running is made of.

use std::sync::Arc;

use sqlx::PgPool;

use super::AppError;
use crate::{
    access::Passwords,
    apps::seal::Key,
    config::{Config, OutboundAllow},
    connector::{
        Connectors,
        transport::{OutboundRules, Transport},
    },
    forwarder::{Forwarder, Prober},
    imports,
    jobs::{Handler, Runner},
    kernel::{Clock, SystemClock},
    queue::{action::SEND, flow::PROBE, run},
};

/// The parts, ready to be handed out.
#[derive(Debug, Clone)]
pub struct House {
    /// Connections to the database.
    pub pool: PgPool,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// What speaks to apps.
    pub connectors: Connectors,
    /// What hashes passwords.
    pub passwords: Passwords,
    /// How long requests of identity providers are kept.
    pub keeps_requests: time::Duration,
}

impl House {
    /// Builds the parts over `pool`.
    ///
    /// # Errors
    /// When the secret key or the trusted certificates cannot be read.
    pub fn build(
        config: &Config,
        outbound: &OutboundAllow,
        pool: PgPool,
    ) -> Result<Self, AppError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let rules = OutboundRules::new(
            outbound.hosts().iter().cloned(),
            outbound.networks().iter().copied(),
        );
        let transport = Transport::new(rules, Arc::clone(&clock))?;
        let connectors = Connectors::new(Key::new(config.secret_key()?), transport);
        let keeps_requests = time::Duration::days(config.request_log_days.into());
        Ok(Self { pool, clock, connectors, passwords: Passwords::default(), keeps_requests })
    }

    /// What works the jobs.
    #[must_use]
    pub fn runner(&self) -> Runner {
        let forwarder =
            Forwarder::new(self.pool.clone(), Arc::clone(&self.clock), self.connectors.clone());
        let importer = imports::Worker::new(self.pool.clone(), Arc::clone(&self.clock));
        let prober =
            Prober::new(self.pool.clone(), Arc::clone(&self.clock), self.connectors.clone());
        let decider = run::Worker::new(self.pool.clone(), Arc::clone(&self.clock));
        let handlers: [(&'static str, Arc<dyn Handler>); 4] = [
            (SEND, Arc::new(forwarder)),
            (PROBE, Arc::new(prober)),
            (imports::KIND, Arc::new(importer)),
            (run::KIND, Arc::new(decider)),
        ];
        Runner::new(self.pool.clone(), Arc::clone(&self.clock), handlers)
    }
}
