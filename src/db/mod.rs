//! Postgres: the pool, the migrations, and a server of our own where none is given.
//!
//! May use: nothing.
//!
//! Knows no table but the migrations' own. A row that its constraints should have
//! made impossible is an error, never a panic.

/// The schema, forward only. Compiled in, so that the binary brings its own.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();
