//! Connections to Postgres, and what makes one unusable.

use std::time::Duration;

use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// How long a request waits for a connection before it is told that the database is down.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// What every session is held to: no statement, lock or idle transaction may hold the others up. Compiling a
/// statement (`jit`) takes longer than any of ours runs: it made a claim of jobs thirty times as slow. A page that
/// is read at random costs about as much as the next one (`random_page_cost`), on disks of today and in memory: at
/// the default the newest of what is done was looked for among everything. What was answered as accepted is on
/// disk, however the server is set (`synchronous_commit`).
const LIMITS: [(&str, &str); 6] = [
    ("jit", "off"),
    ("random_page_cost", "1.1"),
    ("synchronous_commit", "on"),
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
];

/// `DATABASE_URL` cannot be read. The URL itself is left out, as it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error(
    "DATABASE_URL cannot be read ({0}): write it as postgres://user:password@host:5432/database"
)]
pub struct BadUrl(String);

/// How long a connection that nobody uses is taken to be there still.
const TRUSTED: Duration = Duration::from_secs(1);

/// Reads a `postgres://` URL.
///
/// # Errors
/// [`BadUrl`] when it is not one.
pub fn options(url: &str) -> Result<PgConnectOptions, BadUrl> {
    url.parse().map_err(|error| match error {
        sqlx::Error::Configuration(cause) => BadUrl(cause.to_string()),
        other => BadUrl(other.to_string()),
    })
}

/// A pool of at most `connections`. It connects when it is first asked, so a database that is down
/// does not stop the process from starting.
#[must_use]
pub fn connect(options: PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A connection that was used just now need not be asked whether it is still there.
        .test_before_acquire(false)
        .before_acquire(|connection, used| {
            Box::pin(async move {
                if used.idle_for >= TRUSTED {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options.application_name("countersign").options(LIMITS))
}

/// Whether the database itself is out of reach, so that the same request may succeed later.
#[must_use]
pub fn is_down(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_down_code(&code)),
        _ => false,
    }
}

/// Connection lost (08), out of connections or memory (53), shutting down or starting up (57P);
/// or a lock that was not to be had in time (55P03), or two that waited for each other (40P01).
fn is_down_code(code: &str) -> bool {
    ["08", "53", "57P", "55P03", "40P01"].iter().any(|begin| code.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_is_none_is_refused_without_being_repeated() {
        let error = options("postgres://ana:hunter2@host:port/x").unwrap_err().to_string();

        assert!(error.starts_with("DATABASE_URL cannot be read"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_url_may_name_a_socket_folder() {
        let options = options("postgres://countersign@localhost/postgres?host=/run/pg").unwrap();

        assert_eq!(options.get_socket().unwrap().to_str(), Some("/run/pg"));
    }

    #[test]
    fn only_what_may_pass_by_itself_counts_as_down() {
        for (code, down) in [
            ("57P01", true),
            ("57P03", true),
            ("53300", true),
            ("08006", true),
            ("57014", false),
            ("23505", false),
        ] {
            assert_eq!(is_down_code(code), down, "{code}");
        }
        assert!(is_down(&sqlx::Error::PoolTimedOut));
        assert!(!is_down(&sqlx::Error::RowNotFound));
    }

    #[tokio::test]
    async fn a_database_that_is_not_there_is_down_and_says_so_within_the_timeout() {
        let pool = connect(options("postgres://x@localhost/x?host=/nowhere").unwrap(), 1);

        let error =
            tokio::time::timeout(ACQUIRE_TIMEOUT * 2, pool.acquire()).await.unwrap().unwrap_err();

        assert!(is_down(&error), "{error:?}");
    }
}
