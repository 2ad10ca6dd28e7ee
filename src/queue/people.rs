//! Changes to people by hand, by file and by the API, one transaction each.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::submission::{Submission, Submitted, Wanted};
use crate::{
    access::Operator,
    directory::{Draft, FieldError, Profile, Source, User, resource, store},
    kernel::UserId,
};

/// What is wanted of a person, as typed or sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What is known of them.
    pub draft: Draft,
    /// Whether they may work.
    pub active: bool,
}

/// Why a person was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Some fields have to be mended.
    #[error("{}", first(.0))]
    Fields(Vec<FieldError>),
    /// Somebody else has what is one person's alone: a user name, or a source's id.
    #[error("{}: {}", .0.field, .0.says)]
    Taken(FieldError),
    /// There is no such person, or no longer.
    #[error("there is no such person; they may have been deleted")]
    NotFound,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl Wish {
    /// What is wanted of a person now.
    #[must_use]
    pub fn of(user: &User) -> Self {
        Self { draft: Draft::from(&user.profile), active: user.active }
    }
}

impl PeopleError {
    /// The fields to mend, where that is what is wrong.
    #[must_use]
    pub fn fields(&self) -> Option<&[FieldError]> {
        match self {
            Self::Fields(fields) => Some(fields),
            Self::Taken(field) => Some(std::slice::from_ref(field)),
            Self::NotFound | Self::Store(_) => None,
        }
    }
}

fn first(fields: &[FieldError]) -> String {
    fields.first().map_or_else(String::new, |field| format!("{}: {}", field.field, field.says))
}

/// Adds a person.
///
/// # Errors
/// [`PeopleError::Fields`] names every field to mend, [`PeopleError::Taken`] the one that somebody else has.
pub async fn add(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    wish: &Wish,
) -> Result<User, PeopleError> {
    let mut tx = pool.begin().await?;
    let submitted = add_within(&mut tx, now, by, source, wish).await?;
    tx.commit().await?;
    Ok(submitted.user)
}

/// The same in the caller's transaction, which must not go on after an error.
///
/// # Errors
/// As [`add`].
pub async fn add_within(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    wish: &Wish,
) -> Result<Submitted, PeopleError> {
    let profile = Profile::parse(&wish.draft).map_err(PeopleError::Fields)?;
    let resource = resource::empty();
    let wanted = Wanted { profile, active: wish.active, resource, external_id: None };
    Submission::new(now, by, source).add(tx, wanted).await
}

/// Changes what is wanted of a person: `edit` is given what is wanted now.
///
/// # Errors
/// [`PeopleError::Fields`] names every field to mend, [`PeopleError::Taken`] the one that somebody else has.
pub async fn edit(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    id: UserId,
    edit: impl FnOnce(&mut Wish),
) -> Result<User, PeopleError> {
    let mut tx = pool.begin().await?;
    let before = lock(&mut tx, id).await?;
    let mut wish = Wish::of(&before);
    edit(&mut wish);
    let submitted = edit_within(&mut tx, now, by, source, before, &wish).await?;
    tx.commit().await?;
    Ok(submitted.user)
}

/// The same in the caller's transaction, which holds `before` and must not go on after an error.
///
/// # Errors
/// As [`edit`].
pub async fn edit_within(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    before: User,
    wish: &Wish,
) -> Result<Submitted, PeopleError> {
    let profile = Profile::parse(&wish.draft).map_err(PeopleError::Fields)?;
    let wanted = Wanted::of(&before, profile, wish.active);
    Submission::new(now, by, source).change(tx, before, wanted).await
}

/// Suspends a person.
///
/// # Errors
/// [`PeopleError::NotFound`] when there is no such person.
pub async fn suspend(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    id: UserId,
) -> Result<User, PeopleError> {
    edit(pool, now, by, source, id, |wish| wish.active = false).await
}

/// Lifts a suspension.
///
/// # Errors
/// [`PeopleError::NotFound`] when there is no such person.
pub async fn reactivate(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    id: UserId,
) -> Result<User, PeopleError> {
    edit(pool, now, by, source, id, |wish| wish.active = true).await
}

/// Deletes a person. The row stays until the last action is finished; outside they are gone at once.
///
/// # Errors
/// [`PeopleError::NotFound`] when there is no such person.
pub async fn delete(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    id: UserId,
) -> Result<User, PeopleError> {
    let mut tx = pool.begin().await?;
    let before = lock(&mut tx, id).await?;
    let submitted = Submission::new(now, by, source).delete(&mut tx, before).await?;
    tx.commit().await?;
    Ok(submitted.user)
}

pub(super) async fn lock(tx: &mut PgConnection, id: UserId) -> Result<User, PeopleError> {
    let user = store::lock(tx, id).await?;
    user.filter(|user| user.deleted_at.is_none()).ok_or(PeopleError::NotFound)
}
