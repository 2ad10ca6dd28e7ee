//! The SCIM 2.0 server that identity providers push people and groups to.
//!
//! May use: access, db, directory, kernel, queue, scim, sources.
//!
//! Every answer is JSON of the RFC's form, refusals included, and none waits for an approval:
//! what a request causes is in the queue before its answer leaves. A source sees every person,
//! and of ids only its own. Whoever shows no good token learns nothing but that.

mod answer;
mod asked;
mod describe;
mod enter;
mod groups;
mod lists;
mod membership;
mod noted;
mod rate;
mod refused;
mod routes;
mod sent;
mod shown;
mod users;

use std::sync::Arc;

use sqlx::PgPool;

pub use self::{
    rate::Rate,
    routes::{ROUTES, Route, router},
};
use crate::{kernel::Clock, queue::Intake, sources::log::Log};

/// Where the server is, below the public URL.
pub const PATH: &str = crate::sources::SCIM_PATH;
/// The longest request body, in bytes.
pub const LONGEST_BODY: usize = 1024 * 1024;
/// How many resources a page of a list has at most.
pub const PAGE: usize = 200;

/// What the handlers work with.
#[derive(Debug, Clone)]
pub struct InboundState {
    /// Connections to Postgres.
    pub pool: PgPool,
    /// Takes new people in.
    pub intake: Intake,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The base URL as clients know it, without a slash at its end.
    pub base: Arc<str>,
    /// How much each source may ask.
    pub rate: Rate,
    /// Where what they ask is noted.
    pub log: Log,
}
