//! Countersign puts a person between a directory and its EchoSign account.
//!
//! The rooms and their floors are drawn in `docs/ARCHITECTURE.md`; each room's
//! `mod.rs` is its door and says what it may use. `tests/architecture.rs` holds
//! the doors against the real imports.

pub mod access;
pub mod api;
pub mod app;
pub mod apps;
pub mod audit;
pub mod config;
pub mod connector;
pub mod db;
pub mod directory;
pub mod forwarder;
pub mod imports;
pub mod inbound;
pub mod jobs;
pub mod kernel;
pub mod policy;
pub mod queue;
pub mod sandbox;
pub mod scim;
pub mod sources;
pub mod telemetry;
pub mod web;
