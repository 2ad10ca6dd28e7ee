//! Preparing the opposite of an action that was carried out.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    State,
    late::{minute, whoever},
    people::PeopleError,
    store,
    submission::{Submission, Submitted, Wanted},
};
use crate::{
    access::Operator,
    apps::{
        change::{Content, Kind, same},
        mapping,
    },
    audit::{self, Verb},
    directory::{self, Draft, Profile, Source, User},
    kernel::{ActionId, UserId},
};

/// Why the opposite was not prepared. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReverseError {
    /// There is no such action.
    #[error("there is no such action")]
    NotFound,
    /// It was not carried out, or the person has changed since; says what is so and what to do.
    #[error("{0}")]
    Not(String),
    /// The person cannot be as they were.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl From<sqlx::Error> for ReverseError {
    fn from(error: sqlx::Error) -> Self {
        Self::People(error.into())
    }
}

/// Puts the person back to what they were before an action that was carried out, so that the opposite change
/// is in the queue, where it waits for somebody whatever the rules say. Nobody is deleted by this: the
/// opposite of a create is that the person is suspended.
///
/// # Errors
/// [`ReverseError::Not`] unless it was carried out and is still what is wanted.
#[tracing::instrument(skip_all, fields(action.id = %id))]
pub async fn reverse(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    id: ActionId,
) -> Result<Submitted, ReverseError> {
    let action = store::find(pool, id).await?.ok_or(ReverseError::NotFound)?;
    if !matches!(action.state, State::Provisioned(..)) {
        let says = format!(
            "Only what was carried out has an opposite; this is {}.",
            action.state.status()
        );
        return Err(ReverseError::Not(says));
    }
    let mut tx = pool.begin().await?;
    let user = directory::store::lock(&mut tx, action.content.account).await?;
    let before = user.ok_or(ReverseError::NotFound)?;
    let submission = Submission::new(now, by, Source::console()).always_held();
    let submitted = if before.deleted_at.is_some() {
        submission.restore(&mut tx, restored(&action.content, before)?).await?
    } else {
        let wanted = match as_before(&action.content, &before) {
            Err(ReverseError::Not(says)) => return Err(since(&mut tx, before.id, &says).await?),
            wanted => wanted?,
        };
        submission.change(&mut tx, before, wanted).await?
    };
    tx.commit().await?;
    Ok(submitted)
}

/// Why not, with whoever changed the person last.
async fn since(tx: &mut PgConnection, user: UserId, says: &str) -> sqlx::Result<ReverseError> {
    let verbs = [Verb::UserUpdated, Verb::UserSuspended, Verb::UserReactivated];
    let changed = audit::newest_of_user(tx, user, &verbs).await?;
    let last = changed.and_then(|event| {
        let at = minute(event.at);
        Some(format!(" Last changed by {} at {at}.", whoever(event)?))
    });
    Ok(ReverseError::Not(format!("{says}{}", last.unwrap_or_default())))
}

/// Whether a person is such that the opposite of what was carried out can be prepared.
///
/// # Errors
/// Why not, as [`reverse`] says it.
pub fn check(content: &Content, user: &User) -> Result<(), ReverseError> {
    match user.deleted_at {
        Some(_) => restored(content, user.clone()).map(drop),
        None => as_before(content, user).map(drop),
    }
}

/// A person who was deleted, as they were.
fn restored(content: &Content, before: User) -> Result<User, ReverseError> {
    match content.kind {
        Kind::Delete | Kind::Suspend => Ok(User { active: true, ..before }),
        _ => Err(ReverseError::Not(
            "The person was deleted since. Reverse the deletion first.".to_owned(),
        )),
    }
}

/// A person as they were before `content` was carried out, if nothing of it has changed since.
fn as_before(content: &Content, user: &User) -> Result<Wanted, ReverseError> {
    let wanted = mapping::wanted(user);
    if content.kind == Kind::Delete {
        return Err(ReverseError::Not("The person is there again already.".to_owned()));
    }
    // A create says a lot that is no access: its opposite takes the access away.
    let changes = content.changes.iter().filter(|_| content.kind != Kind::Create);
    let mut draft = Draft::from(&user.profile);
    for change in changes {
        let now = wanted.get(&change.attribute);
        if !same(change.attribute, now, change.to.as_ref()) {
            let says = format!(
                "The {} has changed again since. Edit the person instead.",
                change.attribute.label()
            );
            return Err(ReverseError::Not(says));
        }
        if let Some(field) = mapping::field(&mut draft, change.attribute) {
            *field = change.from.as_ref().map(ToString::to_string).unwrap_or_default();
        }
    }
    let active = match content.kind {
        Kind::Suspend => true,
        Kind::Create | Kind::Reactivate => false,
        Kind::Update | Kind::Delete => user.active,
    };
    if active == user.active && content.kind != Kind::Update {
        return Err(ReverseError::Not("It is so already: nothing is to be reversed.".to_owned()));
    }
    let profile = Profile::parse(&draft).map_err(PeopleError::Fields)?;
    Ok(Wanted::of(user, profile, active))
}
