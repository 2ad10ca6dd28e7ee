//! Postgres: the pool, the migrations, and a server of our own where none is given.
//!
//! May use: nothing.
//!
//! Knows no table but the migrations' own. A row that its constraints should have
//! made impossible is an error, never a panic.

/// The schema, forward only. Compiled in, so that the binary brings its own.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// A row that its table's constraints should have made impossible.
#[derive(Debug, thiserror::Error)]
#[error("{table} holds a row that cannot be: {row}")]
pub struct Corrupt {
    /// The table.
    pub table: &'static str,
    /// The id of the row.
    pub row: String,
}

impl From<Corrupt> for sqlx::Error {
    fn from(corrupt: Corrupt) -> Self {
        Self::Decode(Box::new(corrupt))
    }
}
