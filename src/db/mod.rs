//! (being built)

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
