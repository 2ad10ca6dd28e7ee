//! The identity providers that push people to us: each is a source with tokens of its own.
//!
//! May use: access, apps, audit, db, directory, kernel.
//!
//! A source stays for ever, as actions and events name it; what ends is its tokens. A token is
//! shown once and stored hashed.

mod client;
mod create;
mod guide;
pub mod log;
mod provider;
mod rotate;
mod store;

pub use client::{Client, find, list};
pub use create::{Created, SourceError, create, token_for};
pub use guide::{Guide, Piece};
pub use provider::Provider;
pub use rotate::{Overlap, revoke, rotate};

/// Where sources push to, below the public URL.
pub const SCIM_PATH: &str = "/scim/v2";
