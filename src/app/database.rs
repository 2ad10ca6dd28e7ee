//! The database: one that is there, or the embedded one.

use std::{path::Path, time::Duration};

use secrecy::ExposeSecret;
use sqlx::PgPool;

use super::AppError;
use crate::{
    config::{self, Config},
    db::{self, embedded::Embedded},
};

/// How long to wait before a database that is down is asked again.
const PAUSE: Duration = Duration::from_secs(2);

/// A pool, and the server behind it where that is ours.
#[derive(Debug)]
pub struct Database {
    /// Connections.
    pub pool: PgPool,
    embedded: Option<Embedded>,
}

impl Database {
    /// Opens the database and brings its schema up to date. One that is down is waited for.
    ///
    /// # Errors
    /// What has to be mended.
    pub async fn open(config: &Config) -> Result<Self, AppError> {
        let database = match &config.database {
            config::Database::Url(url) => {
                let options = db::options(url.expose_secret())?;
                Self { pool: db::connect(options, config.database_connections), embedded: None }
            }
            config::Database::Embedded { folder, programs } => {
                let embedded = Embedded::start(folder, programs.as_deref()).await?;
                let pool = db::connect(embedded.options(), config.database_connections);
                Self { pool, embedded: Some(embedded) }
            }
        };
        while let Err(error) = db::migrate(&database.pool).await {
            if !error.is_down() {
                database.close().await;
                return Err(error.into());
            }
            tracing::warn!(error = &error as &dyn std::error::Error, "waiting for the database");
            tokio::time::sleep(PAUSE).await;
        }
        if matches!(db::is_durable(&database.pool).await, Ok(false)) {
            tracing::warn!(
                "Postgres runs with fsync or full_page_writes off: what was accepted may be lost when the machine \
                 fails. Switch both on in postgresql.conf and reload it."
            );
        }
        Ok(database)
    }

    /// Opens the database for one command, beside a server that may be running on it.
    ///
    /// # Errors
    /// What has to be mended.
    pub async fn open_beside(config: &Config) -> Result<Self, AppError> {
        if let config::Database::Embedded { folder, .. } = &config.database
            && let Some(options) = db::embedded::find_running(Path::new(folder))
        {
            return Ok(Self { pool: db::connect(options, 2), embedded: None });
        }
        Self::open(config).await
    }

    /// Waits until a server of ours ends by itself; for ever when there is none.
    pub async fn ended(&self) -> String {
        match &self.embedded {
            Some(embedded) => embedded.ended().await,
            None => std::future::pending().await,
        }
    }

    /// Closes the pool and stops a server of ours.
    pub async fn close(self) {
        self.pool.close().await;
        if let Some(embedded) = self.embedded {
            embedded.stop().await;
        }
    }
}
