//! Following the history while it is written.
//!
//! Events become visible in the order of commits, which is not that of `seq`: what a long transaction
//! tells comes after later ones. So whoever follows notes the gaps, and looks whether they were filled.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sqlx::PgPool;
use time::OffsetDateTime;
use uuid::Uuid;

use super::Verb;
use crate::{db::Corrupt, kernel::ActionId};

/// How many events are read at once, and looked through for gaps at the beginning.
const BATCH: i64 = 1_000;
/// How long a gap is looked into: longer than a transaction may take. Most are of what was rolled back.
const PATIENCE: Duration = Duration::from_mins(1);
/// How many gaps are looked into, the newest first.
const GAPS: i64 = 20_000;
/// The most that [`lately`] tells.
const LATELY: i64 = 200;

/// That something happened to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// To which.
    pub action: ActionId,
    /// What.
    pub verb: Verb,
}

fn step(seq: i64, verb: &str, action: Uuid) -> Result<Step, Corrupt> {
    let verb = verb.parse().map_err(|_| Corrupt { table: "events", row: seq.to_string() })?;
    Ok(Step { action: ActionId::from(action), verb })
}

/// The `seq` of the newest event that can be seen; 0 before the first.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"select coalesce(max(seq), 0) as "last!" from events"#)
        .fetch_one(pool)
        .await
}

/// How far the history was followed.
#[derive(Debug)]
pub struct Tail {
    last: i64,
    gaps: BTreeMap<i64, Instant>,
    is_behind: bool,
}

impl Tail {
    /// Begins after everything that can be seen now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of_now(pool: &PgPool) -> sqlx::Result<Self> {
        let last = newest(pool).await?.saturating_sub(BATCH).max(0);
        let mut tail = Self { last, gaps: BTreeMap::new(), is_behind: false };
        tail.next(pool).await?;
        Ok(tail)
    }

    /// What happened to actions since, up to a batch; each event is told once.
    ///
    /// # Errors
    /// When the database does not answer; nothing is lost then.
    pub async fn next(&mut self, pool: &PgPool) -> sqlx::Result<Vec<Step>> {
        self.gaps.retain(|_, seen| seen.elapsed() < PATIENCE);
        let gaps: Vec<i64> = self.gaps.keys().copied().collect();
        let rows = sqlx::query!(
            r#"select seq as "seq!", verb as "verb!", action_id
               from (
                   select seq, verb, action_id from events where seq = any($1)
                   union all
                   (select seq, verb, action_id from events where seq > $2 order by seq limit $3)
               ) as told
               order by seq"#,
            &gaps,
            self.last,
            BATCH,
        )
        .fetch_all(pool)
        .await?;
        let before = self.last;
        let mut steps = Vec::new();
        for row in &rows {
            self.pass(row.seq);
            steps.extend(row.action_id.map(|action| step(row.seq, &row.verb, action)).transpose()?);
        }
        let new = rows.iter().filter(|row| row.seq > before).count();
        self.is_behind = i64::try_from(new).is_ok_and(|new| new >= BATCH);
        Ok(steps)
    }

    /// Whether there may be more than was told.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        self.is_behind
    }

    fn pass(&mut self, seq: i64) {
        if seq <= self.last {
            self.gaps.remove(&seq);
            return;
        }
        let (from, now) = ((self.last + 1).max(seq - GAPS), Instant::now());
        self.gaps.extend((from..seq).map(|gap| (gap, now)));
        self.last = seq;
        while self.gaps.len() > usize::try_from(GAPS).unwrap_or(usize::MAX) {
            self.gaps.pop_first();
        }
    }
}

/// What happened to actions since a time, among the last few events: for whoever began to follow a
/// moment after they looked.
///
/// # Errors
/// When the database does not answer.
pub async fn lately(pool: &PgPool, since: OffsetDateTime) -> sqlx::Result<Vec<Step>> {
    let rows = sqlx::query!(
        r#"select seq, verb, action_id as "action!"
           from (select seq, at, verb, action_id from events order by seq desc limit $2) as newest
           where at >= $1 and action_id is not null
           order by seq"#,
        since,
        LATELY,
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| Ok(step(row.seq, &row.verb, row.action)?)).collect()
}
