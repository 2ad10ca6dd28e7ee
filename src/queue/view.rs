//! Lists of actions that somebody comes back to, under a name: their own, and what others share.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::store;
use crate::{
    access::{Actor, Approver, Reader},
    kernel::{AdministratorId, ViewId},
};

/// The most views that somebody keeps.
pub const MOST: i64 = 100;
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;
/// The longest query, in bytes.
const LONGEST_QUERY: usize = 2_000;

/// A list of actions under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Which.
    pub id: ViewId,
    /// Whose.
    pub owner: AdministratorId,
    /// Their name.
    pub owner_name: String,
    /// What it is called; nobody has two of one name.
    pub name: String,
    /// The list, as the query of its address has it.
    pub query: String,
    /// Whether everybody sees it.
    pub shared: bool,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// There is no such view that they see.
    #[error("there is no such view")]
    NotFound,
    /// It is somebody else's.
    #[error("this view is {0}'s: only they can change it")]
    Theirs(String),
    /// Only a person who signs in has views.
    #[error("only somebody who signed in keeps views")]
    NoPerson,
    /// The name is missing, too long or taken, or there is no room; with the mend.
    #[error("{0}")]
    Unfit(String),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Keeps a list under a name, for oneself.
///
/// # Errors
/// [`ViewError::Unfit`] when the name will not do.
pub async fn save(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Reader,
    name: &str,
    query: &str,
) -> Result<View, ViewError> {
    keep(pool, now, by.actor(), (name, query, false)).await
}

/// Keeps a list under a name, for everybody.
///
/// # Errors
/// [`ViewError::Unfit`] when the name will not do.
pub async fn save_shared(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Approver,
    name: &str,
    query: &str,
) -> Result<View, ViewError> {
    keep(pool, now, by.actor(), (name, query, true)).await
}

/// Lets everybody see a view of one's own.
///
/// # Errors
/// [`ViewError::Theirs`] when it is another's.
pub async fn share(pool: &PgPool, by: &Approver, id: ViewId) -> Result<View, ViewError> {
    let mut tx = pool.begin().await?;
    let view = own(&mut tx, by.actor(), id).await?;
    store::put_shared(&mut tx, id, true).await?;
    tx.commit().await?;
    Ok(View { shared: true, ..view })
}

/// Keeps a view of one's own to oneself again.
///
/// # Errors
/// [`ViewError::Theirs`] when it is another's.
pub async fn unshare(pool: &PgPool, by: &Reader, id: ViewId) -> Result<View, ViewError> {
    let mut tx = pool.begin().await?;
    let view = own(&mut tx, by.actor(), id).await?;
    store::put_shared(&mut tx, id, false).await?;
    tx.commit().await?;
    Ok(View { shared: false, ..view })
}

/// Forgets a view of one's own; an owner may forget what others share, too.
///
/// # Errors
/// [`ViewError::Theirs`] when it is another's.
pub async fn delete(pool: &PgPool, by: &Reader, id: ViewId) -> Result<View, ViewError> {
    let mut tx = pool.begin().await?;
    let view = match own(&mut tx, by.actor(), id).await {
        Err(ViewError::Theirs(_)) if by.actor().owner().is_ok() => {
            store::lock_view(&mut tx, id).await?.ok_or(ViewError::NotFound)?
        }
        own => own?,
    };
    store::delete_view(&mut tx, id).await?;
    tx.commit().await?;
    Ok(view)
}

/// The views that somebody sees: their own first.
///
/// # Errors
/// When the database does not answer.
pub async fn seen_by(pool: &PgPool, reader: &Actor) -> sqlx::Result<Vec<View>> {
    match reader.administrator() {
        Some(id) => store::views(pool, id).await,
        None => Ok(Vec::new()),
    }
}

/// A view of somebody's own. Of another's private one they do not even hear that it is there.
async fn own(tx: &mut PgConnection, actor: &Actor, id: ViewId) -> Result<View, ViewError> {
    let me = actor.administrator().ok_or(ViewError::NoPerson)?;
    let view = store::lock_view(tx, id).await?.ok_or(ViewError::NotFound)?;
    match view {
        own if own.owner == me => Ok(own),
        shared if shared.shared => Err(ViewError::Theirs(shared.owner_name)),
        _ => Err(ViewError::NotFound),
    }
}

async fn keep(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Actor,
    (name, query, shared): (&str, &str, bool),
) -> Result<View, ViewError> {
    let owner = by.administrator().ok_or(ViewError::NoPerson)?;
    let name = name.trim();
    fit(name, query).map_err(ViewError::Unfit)?;
    let (id, name, query) = (ViewId::at(now), name.to_owned(), query.to_owned());
    let view = View { id, owner, owner_name: by.name.clone(), name, query, shared };

    let mut tx = pool.begin().await?;
    if store::count_views(&mut tx, owner).await? >= MOST {
        let says = format!(
            "You have {MOST} views, which is the most. Delete one that you no longer need."
        );
        return Err(ViewError::Unfit(says));
    }
    store::insert_view(&mut tx, now, &view).await.map_err(|error| taken(&view.name, error))?;
    tx.commit().await?;
    Ok(view)
}

fn fit(name: &str, query: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("A view needs a name.".to_owned());
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(format!("A name may have at most {LONGEST_NAME} characters."));
    }
    if name.chars().any(char::is_control) {
        return Err("A name may not hold control characters. Type it again.".to_owned());
    }
    if query.len() > LONGEST_QUERY {
        return Err("This search is too long to keep. Search for less.".to_owned());
    }
    Ok(())
}

fn taken(name: &str, error: sqlx::Error) -> ViewError {
    let constraint = error.as_database_error().and_then(sqlx::error::DatabaseError::constraint);
    if constraint == Some("views_by_name") {
        ViewError::Unfit(format!(
            "You have a view that is called {name}. Choose another name, or delete that one first."
        ))
    } else {
        error.into()
    }
}
