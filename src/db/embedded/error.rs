//! Why an embedded Postgres did not start, and what to do about it.

use std::{io, path::PathBuf};

/// Why an embedded Postgres did not start. Each text names the mend.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No `postgres` and `initdb` where they usually are.
    #[error(
        "no Postgres server programs (15 or later) were found: install them (on Debian: apt-get install postgresql), \
         or set COUNTERSIGN_POSTGRES_PROGRAMS to the folder that holds `initdb`, or set DATABASE_URL to a Postgres you have"
    )]
    NoPrograms,
    /// The configured folder holds none.
    #[error("COUNTERSIGN_POSTGRES_PROGRAMS={} holds no working `postgres` (15 or later) and `initdb`", .0.display())]
    BadPrograms(PathBuf),
    /// Root, and nobody to become.
    #[error(
        "Postgres does not run as root, and there is no user `postgres` or `nobody` to run it as: \
         start countersign as an ordinary user, or set DATABASE_URL"
    )]
    NoOwner,
    /// A folder on the way that Postgres's user may not enter.
    #[error(
        "{} is closed to the user `{owner}`, whom Postgres runs as: open it (chmod o+x), or set COUNTERSIGN_DATA_DIR \
         to a folder that others may enter, such as /var/lib/countersign", .folder.display()
    )]
    Closed {
        /// The folder.
        folder: PathBuf,
        /// Postgres's user.
        owner: String,
    },
    /// The lock is held.
    #[error("another countersign (process {holder}) already uses {}: stop it, or set COUNTERSIGN_DATA_DIR", .folder.display())]
    InUse {
        /// The folder both want.
        folder: PathBuf,
        /// The other's process id, as far as it is known.
        holder: String,
    },
    /// A server that somebody started there by hand.
    #[error("{} is used by a Postgres that was started by hand (process {pid}): stop it", .data.display())]
    Foreign {
        /// The data directory.
        data: PathBuf,
        /// The server's process id.
        pid: u32,
    },
    /// `data` holds files, but no database.
    #[error("{} is neither empty nor a Postgres data directory: move it away", .0.display())]
    NotData(PathBuf),
    /// Data of a major version that is not installed.
    #[error(
        "{} was made by Postgres {data_major}, but only Postgres {programs_major} is installed: install postgresql-{data_major}, \
         or carry the data over with pg_upgrade", .data.display()
    )]
    OtherMajor {
        /// The data directory.
        data: PathBuf,
        /// The major version that made it.
        data_major: u32,
        /// The newest one installed.
        programs_major: u32,
    },
    /// `initdb` failed.
    #[error("initdb could not make the database: {0}")]
    Initdb(String),
    /// Somebody else's folder where the socket would be.
    #[error("{} is not ours, so the socket cannot be there: remove it, or set COUNTERSIGN_DATA_DIR to a shorter path", .0.display())]
    SocketFolder(PathBuf),
    /// The server went away while starting.
    #[error("Postgres ended while starting ({status}): {last_words}")]
    Ended {
        /// Its exit status.
        status: String,
        /// Its last lines.
        last_words: String,
    },
    /// The server's extensions are not installed.
    #[error(
        "this Postgres lacks the extension pg_trgm: install its contrib package \
         (postgresql-contrib; on Debian it is part of postgresql)"
    )]
    NoTrigrams,
    /// A file could not be made, read or removed, or a program not be started.
    #[error("could not {doing} {}: {source}", .path.display())]
    Io {
        /// A verb.
        doing: &'static str,
        /// The file or program.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The server runs but would not be set up.
    #[error("the embedded Postgres could not be set up: {0}")]
    SetUp(#[from] sqlx::Error),
}

impl EmbeddedError {
    /// For `map_err`: what was being done, and to what.
    pub(super) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}
