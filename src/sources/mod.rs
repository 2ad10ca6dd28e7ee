//! The identity providers that push people to us: each is a source with tokens of its own.
//!
//! May use: access, apps, audit, db, directory, kernel.
//!
//! A source stays for ever, as actions and events name it; what ends is its tokens. A token is
//! shown once and stored hashed.

mod create;
pub mod log;
mod provider;
pub mod store;

pub use create::{Created, SourceError, create, token_for};
pub use provider::Provider;
