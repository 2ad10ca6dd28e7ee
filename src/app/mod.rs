//! The composition root: from a configuration to a running Countersign, and the commands beside it.
//!
//! May use: access, api, apps, audit, config, connector, db, directory, forwarder, imports, inbound, jobs, kernel, queue, sandbox, sources, web.
//!
//! The only room that knows which parts there are. It decides nothing.

pub mod command;
mod database;
mod demo;
pub mod dev;
mod house;
mod housekeeping;
mod serve;

use std::net::SocketAddr;

pub use self::{
    database::Database,
    demo::demo,
    house::House,
    serve::{Serving, serve, work},
};

/// Why Countersign could not go on, in one line that tells the mend.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The embedded Postgres could not be used.
    #[error(transparent)]
    Embedded(#[from] crate::db::embedded::EmbeddedError),
    /// It ended by itself.
    #[error(
        "Postgres has ended ({0}); Countersign ends too. What it said last stands in the log above"
    )]
    PostgresEnded(String),
    /// `DATABASE_URL` is no Postgres URL.
    #[error(transparent)]
    Url(#[from] crate::db::BadUrl),
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] crate::db::MigrateError),
    /// The key that credentials are sealed with could not be read.
    #[error(transparent)]
    Key(#[from] crate::config::SecretKeyError),
    /// The file that the sandbox keeps its accounts in cannot be used.
    #[error(transparent)]
    Sandbox(#[from] crate::sandbox::JournalError),
    /// Nobody can be served there.
    #[error("cannot listen on {0}: {1}. Set COUNTERSIGN_LISTEN to a free address")]
    Listen(SocketAddr, std::io::Error),
    /// No HTTP client could be made.
    #[error(transparent)]
    Transport(#[from] crate::connector::transport::NoTransport),
    /// Something of the system.
    #[error("{0}: {1}")]
    Io(&'static str, std::io::Error),
    /// The database did not answer.
    #[error("the database did not answer: {0}")]
    Store(#[from] sqlx::Error),
    /// A command did what it could and left some of it out; the text says how much.
    #[error("{0}")]
    LeftOut(String),
    /// A command was refused; the text says why and what to do.
    #[error("{0}")]
    Refused(String),
}
