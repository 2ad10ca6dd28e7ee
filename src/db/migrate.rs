//! Brings a database to the schema that this binary was built for.

use sqlx::{Executor, PgPool, migrate::Migrator};

use super::pool::is_down;

/// The schema, forward only. Compiled in, so that the binary brings its own.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A newer countersign has been here.
    #[error(
        "the database was made by a newer countersign (its schema has step {0}, which this one does not know): \
         start that version again, or restore a backup"
    )]
    Newer(i64),
    /// The file of a landed migration was changed.
    #[error(
        "step {0} of the schema is not the one this database was made with: start the version that made it"
    )]
    Changed(i64),
    /// A statement failed, or the database could not be reached.
    #[error("the schema could not be brought up to date: {0}")]
    Failed(#[source] sqlx::migrate::MigrateError),
    /// The database could not be reached.
    #[error("the database could not be reached: {0}")]
    Store(#[from] sqlx::Error),
}

impl MigrateError {
    /// Whether the database is only out of reach, so that trying again may help.
    #[must_use]
    pub fn is_down(&self) -> bool {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match self {
            Self::Store(error) | Self::Failed(Execute(error) | ExecuteMigration(error, _)) => {
                is_down(error)
            }
            Self::Newer(_) | Self::Changed(_) | Self::Failed(_) => false,
        }
    }
}

/// Applies what is missing. Safe to call from several processes at once: they take turns.
///
/// # Errors
/// [`MigrateError`] when the database is down, is another version's, or refuses a statement.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    // On a connection that is thrown away afterwards, as a migration may take longer than a request.
    let mut connection = pool.acquire().await?.detach();
    connection.execute("set statement_timeout = 0; set lock_timeout = 0").await?;
    MIGRATOR.run(&mut connection).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::VersionMissing(step) => MigrateError::Newer(step),
        sqlx::migrate::MigrateError::VersionMismatch(step) => MigrateError::Changed(step),
        other => MigrateError::Failed(other),
    })
}
