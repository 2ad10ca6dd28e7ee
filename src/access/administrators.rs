//! Making an administrator.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    Passwords, Role, password,
    store::{self, Administrator},
};
use crate::{
    audit::{self, About, By, Verb},
    kernel::AdministratorId,
};

/// An administrator to be, as typed.
#[derive(Debug, Clone)]
pub struct NewAdministrator {
    /// What they will sign in with.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are trusted with.
    pub role: Role,
    /// At least [`password::MINIMUM`] characters.
    pub password: SecretString,
}

/// Why there is no new administrator.
#[derive(Debug, thiserror::Error)]
pub enum AdministratorError {
    /// A field has to be mended: its name, and how.
    #[error("{field}: {says}")]
    Field {
        /// `email`, `name` or `password`.
        field: &'static str,
        /// What is wrong and how to mend it.
        says: String,
    },
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl NewAdministrator {
    /// Trims what was typed and refuses what cannot be.
    ///
    /// # Errors
    /// [`AdministratorError::Field`] names the first field that has to be mended.
    pub fn checked(mut self) -> Result<Self, AdministratorError> {
        let refuse =
            |field, says: &str| Err(AdministratorError::Field { field, says: says.to_owned() });
        self.name = self.name.trim().to_owned();
        self.email = self.email.trim().to_owned();
        if self.name.is_empty() || self.name.chars().count() > 256 {
            return refuse("name", "A name is needed, of at most 256 characters.");
        }
        if self.name.chars().any(char::is_control) {
            return refuse("name", "Must be on one line, without control characters.");
        }
        let well_formed = self.email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.is_empty()
                && !self.email.contains(|c: char| c.is_whitespace() || c.is_control())
        });
        if !well_formed || self.email.chars().count() > 256 {
            return refuse("email", "Must be an e-mail address such as ana@example.com.");
        }
        let length = self.password.expose_secret().chars().count();
        if length < password::MINIMUM {
            let least = password::MINIMUM;
            return refuse(
                "password",
                &format!("Must have at least {least} characters; this has {length}."),
            );
        }
        if self.password.expose_secret().len() > 1024 {
            return refuse("password", "Must have at most 1,024 bytes.");
        }
        Ok(self)
    }
}

/// Makes an administrator; `by` says who lets them in.
///
/// # Errors
/// [`AdministratorError::Field`] for a value to mend, an address that is taken included.
pub async fn create_administrator(
    pool: &PgPool,
    now: OffsetDateTime,
    passwords: &Passwords,
    by: &By,
    new: NewAdministrator,
) -> Result<Administrator, AdministratorError> {
    let new = new.checked()?;
    let hash = passwords.hash(new.password.clone()).await;
    let mut tx = pool.begin().await?;
    let administrator = insert(&mut tx, now, by, &new, &hash).await?;
    tx.commit().await?;
    Ok(administrator)
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &By,
    new: &NewAdministrator,
    hash: &str,
) -> Result<Administrator, AdministratorError> {
    let administrator = Administrator {
        id: AdministratorId::at(now),
        email: new.email.clone(),
        name: new.name.clone(),
        role: new.role,
        enabled: true,
    };
    store::insert_administrator(tx, now, &administrator, hash).await.map_err(|error| {
        let taken = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint)
            == Some("administrators_email");
        if taken {
            let says = "Another administrator has this address.".to_owned();
            AdministratorError::Field { field: "email", says }
        } else {
            error.into()
        }
    })?;
    let details = json!({ "name": new.name, "email": new.email, "role": new.role });
    audit::record(tx, now, by, Verb::AdministratorCreated, About::default(), details).await?;
    Ok(administrator)
}
