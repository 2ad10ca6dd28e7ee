//! What an identity provider pushes: people as whole SCIM resources, answered at once.

use serde_json::Value as Json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{
    Intake,
    people::PeopleError,
    submission::{Submission, Submitted, Wanted},
};
use crate::{
    access::Operator,
    directory::{ExternalId, Profile, Source, User, resource, store},
    kernel::UserId,
};

/// A person as a source tells them. Names are in the RFC's case, as `scim::resource::accept` leaves them.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Everything but what is not theirs to say.
    pub resource: Json,
    /// The source's own id of them.
    pub external_id: Option<String>,
}

impl Told {
    /// What the directory makes of it. Where the resource does not say whether the person may work, it is `active`.
    fn wanted(self, source: &Source, active: bool) -> Result<Wanted, PeopleError> {
        let profile =
            Profile::parse(&resource::draft(&self.resource)).map_err(PeopleError::Fields)?;
        let active = resource::active(&self.resource).unwrap_or(active);
        let external_id = self.external_id.filter(|id| !id.is_empty());
        let external_id = external_id.map(|id| ExternalId { source: source.clone(), id });
        Ok(Wanted { profile, active, resource: self.resource, external_id })
    }
}

/// How a person came to be there.
#[derive(Debug, Clone)]
pub enum Added {
    /// They are new.
    New(Submitted),
    /// The same source deactivated them, and brings them back by its id of them
    /// (Okta: facts/identity-providers.md 3.1).
    Restored(Submitted),
}

/// Adds a person, or brings back one that the same source deactivated.
///
/// # Errors
/// [`PeopleError::Taken`] when somebody else has the user name, or somebody active the external id.
pub async fn add(
    intake: &Intake,
    now: OffsetDateTime,
    by: &Operator,
    source: &Source,
    told: Told,
) -> Result<Added, PeopleError> {
    let submission = Submission::new(now, by, source.clone());
    let wanted = told.wanted(source, true)?;
    let taken = match intake.add(submission.clone(), wanted.clone()).await {
        Ok(submitted) => return Ok(Added::New(submitted)),
        Err(taken @ PeopleError::Taken(_)) => taken,
        Err(error) => return Err(error),
    };
    let Some(external) = &wanted.external_id else { return Err(taken) };

    let mut tx = intake.pool.begin().await?;
    match store::lock_external(&mut tx, external).await? {
        Some(before) if !before.active => {
            let submitted = submission.change(&mut tx, before, wanted).await?;
            tx.commit().await?;
            Ok(Added::Restored(submitted))
        }
        _ => Err(taken),
    }
}

/// Changes a person: `change` is given them as they are, while nobody else can change them, and says
/// what is told of them now. Where that does not say whether they may work, nothing changes about it.
///
/// # Errors
/// What `change` refuses with, and as [`add`].
pub async fn change<E: From<PeopleError>>(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: &Source,
    id: UserId,
    change: impl FnOnce(&User) -> Result<Told, E>,
) -> Result<Submitted, E> {
    let store = |error: sqlx::Error| E::from(error.into());
    let mut tx = pool.begin().await.map_err(store)?;
    let before = super::people::lock(&mut tx, id).await?;
    let told = change(&before)?;
    let mut wanted = told.wanted(source, before.active)?;
    if wanted.external_id.is_none() {
        // What another source knows them by is not this one's to forget.
        wanted.external_id = before.external_id.clone().filter(|id| id.source != *source);
    }
    let submission = Submission::new(now, by, source.clone());
    let submitted = submission.change(&mut tx, before, wanted).await?;
    tx.commit().await.map_err(store)?;
    Ok(submitted)
}

/// Deletes a person, if `may` lets them go.
///
/// # Errors
/// What `may` refuses with, and [`PeopleError::NotFound`] when there is no such person.
pub async fn delete<E: From<PeopleError>>(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: &Source,
    id: UserId,
    may: impl FnOnce(&User) -> Result<(), E>,
) -> Result<Submitted, E> {
    let store = |error: sqlx::Error| E::from(error.into());
    let mut tx = pool.begin().await.map_err(store)?;
    let before = super::people::lock(&mut tx, id).await?;
    may(&before)?;
    let submission = Submission::new(now, by, source.clone());
    let submitted = submission.delete(&mut tx, before).await.map_err(store)?;
    tx.commit().await.map_err(store)?;
    Ok(submitted)
}
