//! A Postgres of our own, for a machine where nobody has set one up.
//!
//! It listens on a Unix socket in a folder that only its own user may enter, so it needs neither port
//! nor password. It lives and dies with this process, also when that is killed, and keeps its data.

mod error;
mod former;
mod owner;
mod place;
mod programs;
mod server;

use std::{
    io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{
    Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::{task, time::sleep};

pub use error::EmbeddedError;
use place::Place;
use server::Server;

/// The application's role, which is no superuser, and the database it owns.
const NAME: &str = "countersign";

/// How long what is left of a killed server may hold its memory.
const AFTERMATH: Duration = Duration::from_secs(15);

/// A running Postgres. Dropping it stops the server, which blocks for some tenths of a second.
#[derive(Debug)]
pub struct Embedded {
    server: Server,
}

impl Embedded {
    /// Starts the server whose data is, or will be, in `folder`, with the programs in the folder
    /// `programs` or else with installed ones. Returns when the application's database is there.
    ///
    /// # Errors
    /// [`EmbeddedError`], whose text says what to do.
    pub async fn start(folder: &Path, programs: Option<&Path>) -> Result<Self, EmbeddedError> {
        let (folder, programs) = (folder.to_owned(), programs.map(Path::to_owned));
        let preparing = task::spawn_blocking(move || prepare(&folder, programs.as_deref()));
        let prepared = preparing
            .await
            .map_err(io::Error::other)
            .map_err(EmbeddedError::io("finish", "initdb"))?;
        let (place, is_aftermath) = prepared?;

        let deadline = Instant::now() + AFTERMATH;
        let server = loop {
            let mut server = Server::start(Arc::clone(&place))?;
            match server.ready().await {
                Ok(()) => break server,
                Err(EmbeddedError::Ended { .. }) if is_aftermath && Instant::now() < deadline => {
                    sleep(Duration::from_millis(300)).await;
                }
                Err(error) => return Err(error),
            }
        };
        set_up(server.socket()).await?;
        Ok(Self { server })
    }

    /// How to connect to the application's database, as its owner.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        options(self.server.socket(), NAME, NAME)
    }

    /// Waits until the server has ended, by whatever means; says how.
    pub async fn ended(&self) -> String {
        self.server.ended().await
    }

    /// Stops the server in order, and returns when it has ended.
    pub async fn stop(self) {
        // Only a runtime that is going away refuses, and then it is dropped all the same.
        let _ = task::spawn_blocking(move || drop(self)).await;
    }
}

/// How to connect to the server in `folder` when another countersign runs it, so that a command can
/// work beside it; `None` when none does. Only that server's user, and root, may.
#[must_use]
pub fn find_running(folder: &Path) -> Option<PgConnectOptions> {
    let folder = folder.canonicalize().ok()?;
    place::is_taken(&folder).then(|| options(&place::socket_folder(&folder), NAME, NAME))
}

/// Everything up to the start, which is work for a thread that may block. Also tells whether an
/// earlier server was killed.
fn prepare(folder: &Path, programs: Option<&Path>) -> Result<(Arc<Place>, bool), EmbeddedError> {
    let place = Place::take(folder, programs)?;
    let is_aftermath = former::clear(&place)?;
    place.fill()?;
    Ok((Arc::new(place), is_aftermath))
}

/// Every field is set, as sqlx would else take it from libpq's environment variables.
fn options(socket: &Path, role: &str, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(5432)
        .username(role)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

/// Makes the application's role and database where they are missing.
async fn set_up(socket: &Path) -> Result<(), EmbeddedError> {
    let mut connection =
        PgConnection::connect_with(&options(socket, "postgres", "postgres")).await?;
    let has = sqlx::query!(
        r#"
        select
            exists (select from pg_available_extensions where name = 'pg_trgm') as "trigrams!",
            exists (select from pg_roles where rolname = 'countersign') as "role!",
            exists (select from pg_database where datname = 'countersign') as "database!"
        "#
    )
    .fetch_one(&mut connection)
    .await?;
    if !has.trigrams {
        return Err(EmbeddedError::NoTrigrams);
    }
    if !has.role {
        connection.execute("create role countersign login").await?;
    }
    if !has.database {
        // Its owner may create the trusted extensions, such as pg_trgm.
        connection.execute("create database countersign owner countersign").await?;
    }
    connection.close().await?;
    Ok(())
}
