//! A database full of people who do not exist, to measure and to try things at a size that takes years.
//!
//! The same numbers make the same people and the same actions, from the same time on. What is left out: actions that are
//! approved and not sent (they would need jobs, which an app would then be asked for), and the history of
//! all but the newest actions. Hints are drawn where they are plausible, and not judged as `queue::hint` does.

mod action;
mod dice;
mod names;
mod person;
mod plot;
mod store;
mod time;
mod write;

use std::num::TryFromIntError;

use ::time::OffsetDateTime;
use sqlx::PgPool;

use self::{plot::Plot, time::Times, write::Writer};
use crate::{apps, directory::FieldError};

/// Of how many of the newest actions the history is told.
const TOLD: usize = 10_000;

/// How much there shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub struct Size {
    /// People.
    #[arg(long)]
    pub people: usize,
    /// Actions.
    #[arg(long)]
    pub actions: usize,
    /// How many of those wait for a decision.
    #[arg(long)]
    pub pending: usize,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// Somebody is there already.
    #[error(
        "This database has people or actions already, and what is made up must not stand among them. Name an empty \
         one with DATABASE_URL, or another --data-dir."
    )]
    Used,
    /// It does not add up.
    #[error(
        "--pending can be at most --actions, and at most half of --people: nobody waits for two decisions here."
    )]
    TooManyWait,
    /// A person was made up who cannot be.
    #[error("{0}: {1}")]
    Person(String, String),
    /// More than can be counted.
    #[error("these are more than can be counted: {0}")]
    TooMany(#[from] TryFromIntError),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

impl From<Vec<FieldError>> for SeedError {
    fn from(fields: Vec<FieldError>) -> Self {
        let first = fields.into_iter().next();
        first.map_or_else(
            || Self::Person(String::new(), String::new()),
            |first| Self::Person(first.field.to_owned(), first.says),
        )
    }
}

/// Fills an empty database, all of it or nothing; `progress` hears what is written, and how much of it.
///
/// # Errors
/// Why nothing was written.
pub async fn seed(
    pool: &PgPool,
    now: OffsetDateTime,
    size: Size,
    progress: impl Fn(&str, usize),
) -> Result<(), SeedError> {
    if size.pending > size.actions || size.pending * 2 > size.people {
        return Err(SeedError::TooManyWait);
    }
    if size.people == 0 {
        return Ok(());
    }
    let app = apps::store::find_by_slug(pool, "echosign").await?.ok_or(sqlx::Error::RowNotFound)?;
    let mut tx = pool.begin().await?;
    if store::is_used(&mut tx).await? {
        return Err(SeedError::Used);
    }
    let (plot, times) = (Plot::of(size), Times::new(now, size.actions));
    let writer = Writer { app, plot, times, now, progress };
    writer.around(&mut tx).await?;
    writer.people(&mut tx).await?;
    writer.accounts(&mut tx).await?;
    writer.actions(&mut tx).await?;
    writer.history(&mut tx).await?;
    tx.commit().await?;
    store::tidy(pool).await?;
    Ok(())
}
