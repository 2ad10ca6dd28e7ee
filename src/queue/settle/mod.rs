//! What the forwarder reports: that sending begins, and how it ended.
//!
//! Each is one transaction over the action, its attempt, the account as confirmed, the history
//! and the job, guarded by the job's lease.

mod begin;
mod settling;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub use self::begin::{Begun, Work, begin};
use self::settling::Settling;
use super::{
    State,
    decide::lock,
    flow::gate_of,
    store::{self, AttemptEnd, AttemptOutcome},
};
use crate::{
    apps::{Learnt, account::Account},
    audit::Ledger,
    connector::Exchange,
    jobs::{self, Claim, Ending, Step},
};

/// How a try ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// The app has it; the account as it is now, `None` once there is none.
    Provisioned(Option<Account>),
    /// Changes that were made in the app meanwhile did not keep it from being sent; which, in words.
    Anyway(Account, String),
    /// Nothing was sent: the app had all of it already; in words.
    Already(Option<Account>, String),
    /// The account was there already, as it was reviewed or as an earlier try left it, and is taken over.
    Adopted(Account),
    /// Nothing was sent: the account is no longer what was reviewed.
    Drifted(Account),
    /// Nothing was sent: the app has accounts that may be meant, and somebody has to choose; why, in words.
    Several(Vec<Account>, String),
    /// Nothing was sent: the app has no such account any more.
    Gone,
    /// Nothing was sent: the account is another person's here.
    Anothers {
        /// Whether that person was deleted, and something is still to be done about the account.
        deleted: bool,
    },
    /// The app could not take it now.
    Again {
        /// Why, in plain words.
        says: String,
        /// The app asked all its callers to wait that long.
        after: Option<Duration>,
        /// Whether it failed by its own fault, which too often stops sending to it.
        unwell: bool,
    },
    /// The app wants to be asked in a simpler way.
    Simpler(Learnt, String),
    /// The app will not take it; why and what to mend, in plain words.
    Failed(String),
    /// Nothing can pass until a person mends the connection; why, in plain words.
    Refused(String),
}

/// A try that came to its end.
#[derive(Debug)]
pub struct Tried {
    /// When.
    pub now: OffsetDateTime,
    /// What was tried.
    pub work: Box<Work>,
    /// How it ended.
    pub ended: Ended,
    /// What was asked and what came back.
    pub exchanges: Vec<Exchange>,
}

#[async_trait]
impl Ending for Tried {
    async fn write(tx: &mut PgConnection, ended: &[(Claim, Self)]) -> sqlx::Result<Vec<Step>> {
        let mut ledger = Ledger::default();
        let mut steps = Vec::with_capacity(ended.len());
        for (claim, tried) in ended {
            steps.push(tried.settle(tx, &mut ledger, claim).await?);
        }
        ledger.write(tx).await?;
        Ok(steps)
    }
}

impl Tried {
    /// When the lease was lost, nothing is written: someone else has the job.
    async fn settle(
        &self,
        tx: &mut PgConnection,
        ledger: &mut Ledger,
        claim: &Claim,
    ) -> sqlx::Result<Step> {
        let (action, user, app) = lock(tx, &self.work.action).await?;
        let held = jobs::store::hold(tx, claim).await?;
        if !held || !matches!(action.state, State::Sending(_)) {
            return Ok(Step::Done);
        }
        let (id, app_id) = (action.id, app.id);
        let was_known = self.work.confirmed.remote_id.is_some();
        let mut settling = Settling { now: self.now, action, user, app, was_known, ledger };
        let (end, step) = settling.end(tx, claim, self.ended.clone()).await?;
        store::finish_attempt(tx, self.now, id, self.work.attempt, &end, &self.exchanges).await?;
        if end.unwell {
            settling.stop_if_unwell(tx, end.says.as_deref()).await?;
        }
        jobs::store::gates::charge(tx, &gate_of(app_id), self.exchanges.len()).await?;
        Ok(step)
    }
}

fn ended(outcome: AttemptOutcome, says: Option<String>) -> AttemptEnd {
    AttemptEnd { outcome, says, unwell: false }
}
