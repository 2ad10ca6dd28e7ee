//! What every handler is given.

use std::sync::Arc;

use sqlx::PgPool;

use crate::{
    access::Passwords,
    connector::Connectors,
    kernel::Clock,
    queue::{Tally, live::Live},
};

/// What every handler is given.
#[derive(Debug, Clone)]
pub struct WebState {
    /// Connections to the database.
    pub pool: PgPool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What speaks to apps.
    pub connectors: Connectors,
    /// What hashes passwords.
    pub passwords: Passwords,
    /// Where the queue is watched from.
    pub live: Live,
    /// How much there is on each tab.
    pub tally: Tally,
    /// The origin that browsers reach us at, such as `https://countersign.example.com`.
    pub origin: String,
    /// Whether this is the demo.
    pub demo: bool,
}

impl WebState {
    /// Whether browsers reach us over https, so that cookies may be marked as for it only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }
}
