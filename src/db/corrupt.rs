//! A row that cannot be.

/// A row whose columns contradict each other, which the schema's constraints should have refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "row {row} of table {table} contradicts itself; it was changed by hand or restored in part"
)]
pub struct Corrupt {
    /// The table that holds it.
    pub table: &'static str,
    /// Its key.
    pub row: String,
}

impl From<Corrupt> for sqlx::Error {
    fn from(corrupt: Corrupt) -> Self {
        Self::Decode(Box::new(corrupt))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corrupt_row_names_itself_through_the_database_error() {
        let error = sqlx::Error::from(Corrupt { table: "actions", row: "act_1".to_owned() });

        assert!(error.to_string().contains("row act_1 of table actions"), "{error}");
    }
}
