//! Apps, how each is provisioned, and each account as its app last confirmed it.
//!
//! May use: db, directory, kernel.
//!
//! A credential is sealed before it is stored, and nothing here can show it.
//! Nothing here speaks to an app; that is the connector's work.

pub mod account;
pub mod change;
pub mod mapping;
