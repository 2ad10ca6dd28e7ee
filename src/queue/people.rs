//! Changes to people: the directory, the history and the queue in one transaction.

use serde_json::{Value as Json, json};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::propose::{Asking, propose};
use crate::{
    access::{self, Actor, Operator},
    audit::{self, About, Verb},
    directory::{Draft, FieldError, Profile, Source, User, store},
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
    /// There is no such person, or no longer.
    #[error("there is no such person; they may have been deleted")]
    NotFound,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

fn first(fields: &[FieldError]) -> String {
    fields.first().map_or_else(String::new, |field| format!("{}: {}", field.field, field.says))
}

/// Adds a person.
///
/// # Errors
/// [`PeopleError::Fields`] names every field to mend, a user name that is taken included.
pub async fn add(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    source: Source,
    wish: &Wish,
) -> Result<User, PeopleError> {
    let profile = Profile::parse(&wish.draft).map_err(PeopleError::Fields)?;
    let user = User {
        id: UserId::at(now),
        profile,
        active: wish.active,
        source: source.clone(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let mut tx = pool.begin().await?;
    store::insert(&mut tx, &user).await.map_err(taken)?;
    let submission = Submission { now, actor: by.actor(), source };
    submission.record(&mut tx, Verb::UserCreated, &user, json!({})).await?;
    submission.propose(&mut tx, &user, &[&user.profile]).await?;
    tx.commit().await?;
    Ok(user)
}

/// Changes what is wanted of a person: `edit` is given what is wanted now.
///
/// # Errors
/// [`PeopleError::Fields`] names every field to mend.
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
    let mut wish = Wish { draft: Draft::from(&before.profile), active: before.active };
    edit(&mut wish);
    let profile = Profile::parse(&wish.draft).map_err(PeopleError::Fields)?;
    let user = User { profile, active: wish.active, updated_at: now, ..before.clone() };
    if user.profile == before.profile && user.active == before.active {
        return Ok(before);
    }
    store::put(&mut tx, &user).await.map_err(taken)?;
    let submission = Submission { now, actor: by.actor(), source };
    if user.profile != before.profile {
        let fields = changed(&before.profile, &user.profile);
        submission.record(&mut tx, Verb::UserUpdated, &user, json!({ "fields": fields })).await?;
    }
    if user.active != before.active {
        let verb = if user.active { Verb::UserReactivated } else { Verb::UserSuspended };
        submission.record(&mut tx, verb, &user, json!({})).await?;
    }
    submission.propose(&mut tx, &user, &[&user.profile, &before.profile]).await?;
    tx.commit().await?;
    Ok(user)
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
    let user = User { updated_at: now, deleted_at: Some(now), ..before };
    store::put(&mut tx, &user).await?;
    let submission = Submission { now, actor: by.actor(), source };
    submission.record(&mut tx, Verb::UserDeleted, &user, json!({})).await?;
    submission.propose(&mut tx, &user, &[&user.profile]).await?;
    tx.commit().await?;
    Ok(user)
}

async fn lock(tx: &mut PgConnection, id: UserId) -> Result<User, PeopleError> {
    let user = store::lock(tx, id).await?;
    user.filter(|user| user.deleted_at.is_none()).ok_or(PeopleError::NotFound)
}

fn taken(error: sqlx::Error) -> PeopleError {
    if store::is_taken(&error) {
        let says = "Another person has this user name. Open them instead, or choose another one."
            .to_owned();
        PeopleError::Fields(vec![FieldError { field: "userName", says }])
    } else {
        error.into()
    }
}

fn changed(before: &Profile, after: &Profile) -> Vec<String> {
    let fields = |profile| match serde_json::to_value(Draft::from(profile)) {
        Ok(Json::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (before, after) = (fields(before), fields(after));
    after
        .into_iter()
        .filter(|(name, value)| before.get(name) != Some(value))
        .map(|(name, _)| name)
        .collect()
}

/// One change of one person by one actor.
struct Submission<'a> {
    now: OffsetDateTime,
    actor: &'a Actor,
    source: Source,
}

impl Submission<'_> {
    async fn record(
        &self,
        tx: &mut PgConnection,
        verb: Verb,
        user: &User,
        mut details: Json,
    ) -> sqlx::Result<()> {
        details["person"] = json!(user.profile.name());
        details["userName"] = json!(user.profile.user_name);
        details["source"] = json!(self.source.0);
        audit::record(tx, self.now, &self.actor.by(), verb, About::user(user.id), details).await
    }

    /// Proposes what follows. It is about whoever goes, or went, by one of the `profiles`: a change
    /// of somebody's address is about them too.
    async fn propose(
        &self,
        tx: &mut PgConnection,
        user: &User,
        profiles: &[&Profile],
    ) -> sqlx::Result<()> {
        let mut barred = self.actor.same_person();
        for profile in profiles {
            let email = profile.email.as_deref();
            barred.extend(access::store::ids_of_person(tx, &profile.user_name, email).await?);
        }
        barred.sort_unstable();
        barred.dedup();
        let asking = Asking { by: self.actor.by(), source: self.source.clone(), barred };
        propose(tx, self.now, &asking, user).await
    }
}
