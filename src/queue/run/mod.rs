//! Deciding on many actions at once: exactly those that were counted, as they were counted.
//!
//! A run is drawn up, looked at and started; a job works it piece by piece. What changed since it was drawn up
//! is skipped, and says so.

mod start;
mod work;
mod worker;

use sqlx::PgPool;
use time::OffsetDateTime;

pub use self::{
    start::{Destructive, start, stop},
    work::piece,
    worker::{KIND, Worker},
};
use super::store::{self, Filter, Tab};
use crate::{
    access::Approver,
    apps::change::Kind,
    kernel::{AdministratorId, RunId, words},
};

/// How many actions a run decides on at most.
pub const MOST: usize = 100_000;

words! {
    /// What is decided.
    Verdict {
        /// They are let through.
        Approve = "approve",
        /// They are turned down.
        Reject = "reject",
    }
}

words! {
    /// How far a run has come.
    Stage {
        /// It is drawn up, and nothing is decided.
        Drafted = "drafted",
        /// It is being worked.
        Running = "running",
        /// Every item has a result.
        Finished = "finished",
        /// Somebody stopped it, or whoever started it may no longer decide. What was decided stays so.
        Stopped = "stopped",
    }
}

/// A decision on many actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// What is decided.
    pub verdict: Verdict,
    /// How far it has come.
    pub stage: Stage,
    /// Who decides.
    pub administrator: AdministratorId,
    /// What they are called.
    pub name: String,
    /// The list it was drawn up from, as a query string.
    pub list: String,
    /// Why.
    pub reason: Option<String>,
    /// How many items it has.
    pub total: i32,
    /// How many have a result.
    pub reached: i32,
    /// How many were decided.
    pub decided: i32,
    /// How many were not, each of which says why.
    pub skipped: i32,
    /// When it was drawn up.
    pub created_at: OffsetDateTime,
    /// When it was started.
    pub started_at: Option<OffsetDateTime>,
    /// When it finished or was stopped.
    pub ended_at: Option<OffsetDateTime>,
    /// Why it stopped.
    pub says: Option<String>,
}

impl Run {
    /// The lane its jobs are worked in.
    #[must_use]
    pub fn lane(&self) -> String {
        self.id.to_string()
    }
}

/// How many items of a run are of one kind in one app, and how many of those cannot be decided by whoever
/// drew it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they do.
    pub kind: Kind,
    /// In which app.
    pub app: String,
    /// How many there are.
    pub items: i64,
    /// How many somebody else has to decide: four eyes are on, and these are their own.
    pub own: i64,
    /// Of how many somebody has to say first which account is meant.
    pub unclear: i64,
}

/// Why a run was not drawn up, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no such run, or it was forgotten because nobody started it.
    #[error("there is no such run; select the actions again")]
    NotFound,
    /// Nothing that was chosen waits for a decision.
    #[error("nothing of what you selected waits for a decision any more")]
    Nothing,
    /// There are too many.
    #[error("at most 100,000 actions are decided at once: narrow the search, or decide in parts")]
    TooMany,
    /// Only people decide on many at once.
    #[error("only an administrator who signs in decides on many actions at once")]
    NoPerson,
    /// Somebody else drew it up.
    #[error("{0} drew this up: only they can start it")]
    NotYours(String),
    /// It is not at that stage.
    #[error("this was {0} already")]
    NotNow(Stage),
    /// What has to be typed was not: this.
    #[error("type \u{201c}{0}\u{201d} to go on")]
    Confirm(String),
    /// The reason is missing or too long.
    #[error("{0}")]
    Reason(String),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// Draws up a decision on every waiting action that `filter` lets through now, the oldest first. Nothing is
/// decided.
///
/// # Errors
/// [`RunError::Nothing`] and [`RunError::TooMany`].
pub async fn draw_up(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Approver,
    verdict: Verdict,
    filter: &Filter,
    list: String,
) -> Result<Run, RunError> {
    let administrator = by.actor().administrator().ok_or(RunError::NoPerson)?;
    let filter = Filter { tab: Some(Tab::Pending), ..filter.clone() };
    let mut run = Run {
        id: RunId::at(now),
        verdict,
        stage: Stage::Drafted,
        administrator,
        name: by.actor().name.clone(),
        list,
        reason: None,
        total: 0,
        reached: 0,
        decided: 0,
        skipped: 0,
        created_at: now,
        started_at: None,
        ended_at: None,
        says: None,
    };
    let sieve = filter.sieve(pool).await?;
    let mut tx = pool.begin().await?;
    let total = store::runs::insert(&mut tx, &run, &sieve, MOST).await?;
    match usize::try_from(total) {
        Ok(0) => return Err(RunError::Nothing),
        Ok(total) if total > MOST => return Err(RunError::TooMany),
        _ => {}
    }
    run.total = total;
    tx.commit().await?;
    Ok(run)
}
