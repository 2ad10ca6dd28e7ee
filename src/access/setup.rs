//! The one-time link that creates the first owner.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    AdministratorError, NewAdministrator, Passwords, Role, administrators,
    store::{self, Administrator},
};
use crate::{audit::By, kernel::Digest};

/// Why there is no first owner.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The link was used, is not ours, or there is an administrator already.
    #[error("this link was used or is not valid; if there is an administrator, sign in")]
    Closed,
    /// A field has to be mended, or the database did not answer.
    #[error(transparent)]
    Administrator(#[from] AdministratorError),
}

impl From<sqlx::Error> for SetupError {
    fn from(error: sqlx::Error) -> Self {
        Self::Administrator(error.into())
    }
}

/// Opens a link and returns its secret, to be shown once; `None` when there is an administrator already.
///
/// # Errors
/// When the database does not answer.
pub async fn open(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<Option<String>> {
    let mut tx = pool.begin().await?;
    if store::any_administrator(&mut tx).await? {
        return Ok(None);
    }
    let secret = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 24]>());
    store::insert_setup_link(&mut tx, now, Digest::of_bytes(secret.as_bytes())).await?;
    tx.commit().await?;
    Ok(Some(secret))
}

/// Whether the link of `secret` still opens.
///
/// # Errors
/// When the database does not answer.
pub async fn is_open(pool: &PgPool, secret: &str) -> sqlx::Result<bool> {
    let mut connection = pool.acquire().await?;
    store::setup_link_is_open(&mut connection, Digest::of_bytes(secret.as_bytes())).await
}

/// Whether anyone could sign in.
///
/// # Errors
/// When the database does not answer.
pub async fn is_done(pool: &PgPool) -> sqlx::Result<bool> {
    let mut connection = pool.acquire().await?;
    store::any_administrator(&mut connection).await
}

/// Makes the first owner and closes every link, in one transaction.
///
/// # Errors
/// [`SetupError::Closed`] for a link that no longer opens; a field to mend otherwise.
pub async fn claim(
    pool: &PgPool,
    now: OffsetDateTime,
    passwords: &Passwords,
    secret: &str,
    owner: NewAdministrator,
) -> Result<Administrator, SetupError> {
    if !is_open(pool, secret).await? {
        return Err(SetupError::Closed);
    }
    let owner = NewAdministrator { role: Role::Owner, ..owner }.checked()?;
    let hash = passwords.hash(owner.password.clone()).await;
    let mut tx = pool.begin().await?;
    if !store::take_setup_link(&mut tx, Digest::of_bytes(secret.as_bytes())).await? {
        return Err(SetupError::Closed);
    }
    let by = By::System("Setup link".to_owned());
    let administrator = administrators::insert(&mut tx, now, &by, &owner, &hash).await?;
    tx.commit().await?;
    Ok(administrator)
}
