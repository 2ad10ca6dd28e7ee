//! The users and groups of the directory, as the organisation wants them.
//!
//! May use: db, kernel, scim.
//!
//! A [`User`] holds parsed values only: what cannot be a user name or an e-mail
//! address never becomes one. Nothing here knows of apps or accounts.

mod group;
pub mod group_store;
pub mod held_store;
pub mod likeness_store;
pub mod profile;
pub mod query;
pub mod resource;
pub mod store;
mod user;

pub use group::{Group, Member};
pub use profile::{Draft, FieldError, Profile};
pub use user::{ExternalId, Named, Source, User};
