//! The JSON API, for scripts and other programs.
//!
//! May use: access, apps, audit, connector, db, directory, jobs, kernel, queue.
//!
//! Speaks to the same use-cases as the pages. A handler that needs a role takes its proof, so it
//! cannot be reached without; every refusal is a [`Problem`]. What is told is what
//! `openapi.json` says: the tests hold each answer against it. No credential is ever shown.

mod actions;
mod apps;
mod audit;
mod body;
mod flow;
mod openapi;
mod path;
pub mod problem;
mod proof;
mod query;
mod routes;
mod users;

use std::sync::Arc;

use serde::Serialize;
use sqlx::PgPool;

pub use self::{
    problem::Problem,
    routes::{ROUTES, Route, Who, router},
};
use crate::{
    connector::Connectors,
    kernel::{Clock, Page},
};

/// The longest request body, in bytes.
pub const LONGEST_BODY: usize = 256 * 1024;

/// What the handlers work with.
#[derive(Debug, Clone)]
pub struct ApiState {
    /// Connections to Postgres.
    pub pool: PgPool,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Speak to the apps, to preview an action.
    pub connectors: Connectors,
}

/// One page of a list, as it is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<T> {
    items: Vec<T>,
    /// What `cursor` has to be for the next page; `None` on the last one.
    next_cursor: Option<String>,
}

impl<T> From<Page<T>> for Listed<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next }
    }
}
