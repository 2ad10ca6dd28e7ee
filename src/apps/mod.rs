//! Apps, how each is provisioned, and each account as its app last confirmed it.
//!
//! May use: db, directory, kernel.
//!
//! A credential is sealed before it is stored, and nothing here can show it.
//! Nothing here speaks to an app; that is the connector's work.

pub mod account;
mod app;
pub mod change;
mod domain;
pub mod mapping;
mod reason;
pub mod seal;
pub mod store;

pub use app::{
    App, Approvals, Connection, ConnectorKind, Deletes, LONGEST_UNDO, Learnt, Lookups, OnDelete,
    OnSuspend, Pause, PausedBy, Provisioning, Sending, Updates,
};
pub use domain::{BadDomain, MailDomain, once};
pub use reason::{ReasonRule, Reasons};
