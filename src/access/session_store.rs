//! Sessions in Postgres. The id is stored hashed, so that a copy of the table signs nobody in;
//! the administrator stands in a column, so that sessions can be listed and revoked.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::PgPool;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};
use uuid::Uuid;

use crate::kernel::{Clock, Digest};

/// The key under which a session holds the UUID of whoever signed in.
pub(super) const ADMINISTRATOR: &str = "administrator";

/// The table `sessions`.
#[derive(Debug, Clone)]
pub struct SessionTable {
    pool: PgPool,
    clock: Arc<dyn Clock>,
}

impl SessionTable {
    /// The key under which a session holds the UUID of whoever signed in.
    pub const ADMINISTRATOR: &str = ADMINISTRATOR;

    /// The sessions of `pool`.
    #[must_use]
    pub fn new(pool: PgPool, clock: Arc<dyn Clock>) -> Self {
        Self { pool, clock }
    }
}

fn hashed(id: Id) -> [u8; 32] {
    *Digest::of_bytes(&id.0.to_be_bytes()).bytes()
}

fn administrator(record: &Record) -> Option<Uuid> {
    serde_json::from_value(record.data.get(ADMINISTRATOR)?.clone()).ok()
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for SessionTable {
    async fn create(&self, record: &mut Record) -> Result<()> {
        record.id = Id::default();
        sqlx::query!(
            "insert into sessions (id_hash, administrator_id, data, expires_at) values ($1, $2, $3, $4)",
            &hashed(record.id)[..],
            administrator(record),
            serde_json::to_value(&record.data).map_err(backend)?,
            record.expiry_date,
        )
        .execute(&self.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    /// Changes a session that is there. One that has ended meanwhile stays ended: a request that was
    /// under way when somebody signed out must not sign them in again.
    async fn save(&self, record: &Record) -> Result<()> {
        sqlx::query!(
            "update sessions set administrator_id = $2, data = $3, expires_at = $4 where id_hash = $1",
            &hashed(record.id)[..],
            administrator(record),
            serde_json::to_value(&record.data).map_err(backend)?,
            record.expiry_date,
        )
        .execute(&self.pool)
        .await
        .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = sqlx::query!(
            "select data, expires_at from sessions where id_hash = $1 and expires_at > $2",
            &hashed(*id)[..],
            self.clock.now(),
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(backend)?;
        row.map(|row| {
            let data = serde_json::from_value(row.data).map_err(backend)?;
            Ok(Record { id: *id, data, expiry_date: row.expires_at })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        sqlx::query!("delete from sessions where id_hash = $1", &hashed(*id)[..])
            .execute(&self.pool)
            .await
            .map_err(backend)?;
        Ok(())
    }
}
