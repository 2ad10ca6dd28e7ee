//! Postgres: the pool, the migrations, and a server of our own where none is given.
//!
//! May use: kernel.
//!
//! Knows no table but the migrations' own. A row that its constraints should have
//! made impossible is a [`Corrupt`], never a panic.

mod corrupt;
mod durable;
pub mod embedded;
mod list;
mod migrate;
mod pool;
mod share;

pub use corrupt::Corrupt;
pub use durable::is_durable;
pub use list::ListError;
pub use migrate::{MIGRATOR, MigrateError, migrate};
pub use pool::{ACQUIRE_TIMEOUT, BadUrl, connect, is_down, options};
pub use share::share;
