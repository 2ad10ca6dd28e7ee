//! What the forwarder reports: that sending begins, and how it ended.
//!
//! Each is one transaction over the action, its attempt, the account as confirmed, the history
//! and the job, guarded by the job's lease.

mod begin;

use std::time::Duration;

use serde_json::{Value as Json, json};
use sqlx::{Connection as _, PgConnection, PgPool};
use time::OffsetDateTime;

pub use self::begin::{Begun, Work, begin};
use super::{
    Action, Decider, State,
    decide::lock,
    propose::{Asking, approve_by_rule, details, propose_in},
    store::{self, AttemptOutcome},
};
use crate::{
    apps::{
        self, App, Learnt,
        account::{self, Account, Unkept},
        change::{Kind, same},
    },
    audit::{self, About, By, Ledger, Verb},
    connector::Exchange,
    directory::{User, held_store},
    jobs::{self, Claim, Settled, Step},
    policy::{self, Verdict},
};

/// How a try ended.
#[derive(Debug)]
pub enum Ended {
    /// The app has it; the account as it is now, `None` once there is none.
    Provisioned(Option<Account>),
    /// The account was there already, just as it shall be, and is taken over.
    Adopted(Account),
    /// Nothing was sent: the account is no longer what was reviewed.
    Drifted(Account),
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
    },
    /// The app wants to be asked in a simpler way.
    Simpler(Learnt, String),
    /// The app will not take it.
    Failed {
        /// Why and what to mend, in plain words.
        says: String,
        /// Whether nothing else can pass either until a person mends the connection.
        pause: bool,
    },
}

/// Settles a try. When the lease was lost, nothing is written: someone else has the job.
///
/// # Errors
/// When the database does not answer; the job is due again once its lease runs out.
pub async fn settle(
    pool: &PgPool,
    now: OffsetDateTime,
    claim: &Claim,
    work: &Work,
    ended: Ended,
    exchanges: &[Exchange],
) -> sqlx::Result<Settled> {
    let mut tx = pool.begin().await?;
    let held = jobs::store::hold(&mut tx, claim).await?;
    let (action, user, app) = lock(&mut tx, &work.action).await?;
    if !held || !matches!(action.state, State::Sending(_)) {
        return jobs::store::settle(&mut tx, claim, Step::Done).await;
    }
    let mut settling = Settling { now, action, user, app };
    let (outcome, says, step) = settling.end(&mut tx, claim, ended).await?;
    let id = settling.action.id;
    store::finish_attempt(&mut tx, now, id, work.attempt, outcome, says.as_deref(), exchanges)
        .await?;
    let settled = jobs::store::settle(&mut tx, claim, step).await?;
    tx.commit().await?;
    Ok(settled)
}

/// One try that is being settled.
struct Settling {
    now: OffsetDateTime,
    action: Action,
    user: User,
    app: App,
}

type Written = (AttemptOutcome, Option<String>, Step);

impl Settling {
    async fn end(
        &mut self,
        tx: &mut PgConnection,
        claim: &Claim,
        ended: Ended,
    ) -> sqlx::Result<Written> {
        match ended {
            Ended::Provisioned(account) => {
                self.provisioned(tx, account, Verb::ActionProvisioned).await
            }
            Ended::Adopted(account) => {
                self.provisioned(tx, Some(account), Verb::ActionAdopted).await
            }
            Ended::Drifted(account) => self.drifted(tx, &account).await,
            Ended::Gone => self.gone(tx).await,
            Ended::Anothers { deleted } => {
                let says = self.anothers(deleted);
                self.failed(tx, says, false).await
            }
            Ended::Again { says, after } => self.again(tx, claim, says, after).await,
            Ended::Simpler(learnt, says) => self.simpler(tx, learnt, says).await,
            Ended::Failed { says, pause } => self.failed(tx, says, pause).await,
        }
    }

    async fn provisioned(
        &mut self,
        tx: &mut PgConnection,
        account: Option<Account>,
        verb: Verb,
    ) -> sqlx::Result<Written> {
        let unkept = account.as_ref().map(|account| self.unkept(account)).unwrap_or_default();
        let mut savepoint = tx.begin().await?;
        let confirmed = self.confirm(&mut savepoint, account.as_ref(), &unkept).await;
        match confirmed {
            Ok(()) => savepoint.commit().await?,
            Err(error) if account::store::is_anothers(&error) => {
                savepoint.rollback().await?;
                let says = self.anothers(false);
                return self.failed(tx, says, false).await;
            }
            Err(error) => return Err(error),
        }
        self.step(State::provision);
        let says = what_was_unkept(&self.app.name, &unkept);
        self.write(tx, verb, json!({ "says": says })).await?;
        let outcome = match verb {
            Verb::ActionAdopted => AttemptOutcome::Adopted,
            _ => AttemptOutcome::Provisioned,
        };
        Ok((outcome, says, Step::Done))
    }

    /// What was sent and is not so afterwards. An account that a delete leaves behind keeps what it has.
    fn unkept(&self, account: &Account) -> Unkept {
        let content = &self.action.content;
        let sent = content.changes.iter().filter(|_| content.kind != Kind::Delete);
        sent.filter(|change| {
            let has = account.attributes.get(&change.attribute);
            !same(change.attribute, has, change.to.as_ref())
        })
        .map(|change| (change.attribute, change.to.clone()))
        .collect()
    }

    fn anothers(&self, deleted: bool) -> String {
        let name = &self.app.name;
        if deleted {
            format!(
                "The account that {name} has by this name was another person's, who was deleted here and about \
                 whose account something is still to be decided or done. See to that, then retry."
            )
        } else {
            format!(
                "The account that {name} has by this name belongs to another person here. Give one of them \
                 another user name."
            )
        }
    }

    async fn confirm(
        &self,
        tx: &mut PgConnection,
        account: Option<&Account>,
        unkept: &Unkept,
    ) -> sqlx::Result<()> {
        let (app, user) = (self.app.id, self.user.id);
        let mut all = account::store::lock(tx, app, user).await?.unkept;
        all.retain(|attribute, _| {
            !self.action.content.changes.iter().any(|c| c.attribute == *attribute)
        });
        all.extend(unkept.clone());
        let account = account.map(|account| (&*account.remote_id, &account.attributes));
        if let Some((remote_id, _)) = account.filter(|_| self.user.deleted_at.is_none()) {
            account::store::let_go(tx, app, remote_id).await?;
        }
        account::store::confirm(tx, self.now, app, user, account, &all).await
    }

    async fn drifted(&mut self, tx: &mut PgConnection, account: &Account) -> sqlx::Result<Written> {
        // What a create found is nobody's account here until somebody approves to take it over.
        if self.action.content.kind != Kind::Create {
            self.confirm(tx, Some(account), &Unkept::new()).await?;
        }
        let by_rule = matches!(self.action.state.decision().map(|d| &d.by), Some(Decider::Rule(_)));
        self.step(|state, _| state.drift());
        self.action.content = self.action.content.over(&account.attributes);
        let says = if self.action.content.kind == Kind::Create {
            format!(
                "{} has an account by this name already. Approving takes it over and brings it to what is shown.",
                self.app.name
            )
        } else {
            format!(
                "The account was changed in {} since this was approved. Nothing was sent.",
                self.app.name
            )
        };
        self.write(tx, Verb::ActionDrifted, json!({ "says": says })).await?;
        // What is wanted may have changed since the approval.
        self.propose(tx).await?;
        let held = held_store::is_held(tx, self.user.id).await?;
        if let (true, Verdict::ByRule(words)) =
            (by_rule, policy::judge(&self.app.provisioning, self.action.content.kind, held))
        {
            let mut ledger = Ledger::default();
            let about = (&self.user, &self.app);
            approve_by_rule(tx, self.now, &mut ledger, &mut self.action, about, words).await?;
            ledger.write(tx).await?;
        }
        Ok((AttemptOutcome::Drifted, Some(says), Step::Done))
    }

    async fn gone(&mut self, tx: &mut PgConnection) -> sqlx::Result<Written> {
        self.confirm(tx, None, &Unkept::new()).await?;
        self.step(State::withdraw);
        let says = format!("{} has no such account any more. Nothing was sent.", self.app.name);
        self.write(tx, Verb::ActionWithdrawn, json!({ "says": says })).await?;
        self.propose(tx).await?;
        Ok((AttemptOutcome::Drifted, Some(says), Step::Done))
    }

    /// Brings the queue in line with what the app turned out to have, this action included.
    async fn propose(&mut self, tx: &mut PgConnection) -> sqlx::Result<()> {
        if !self.app.provisioning.enabled {
            return Ok(());
        }
        let asking = Asking {
            now: self.now,
            by: By::System(self.app.name.clone()),
            source: self.action.source.clone(),
            barred: self.action.barred.clone(),
        };
        let mut ledger = Ledger::default();
        propose_in(tx, &mut ledger, &asking, &self.app, &self.user).await?;
        ledger.write(tx).await?;
        let id = self.action.id;
        self.action = store::lock(tx, id).await?.ok_or(sqlx::Error::RowNotFound)?;
        Ok(())
    }

    async fn again(
        &mut self,
        tx: &mut PgConnection,
        claim: &Claim,
        says: String,
        after: Option<Duration>,
    ) -> sqlx::Result<Written> {
        let Some(wait) = jobs::wait(claim.attempt, after) else {
            let says = format!("Given up after {} tries. {says}", claim.attempt);
            return self.failed(tx, says, false).await;
        };
        let at = self.now + jobs::jittered(wait);
        if after.is_some() {
            apps::store::rest_until(tx, self.app.id, at).await?;
        }
        self.step(|state, _| state.postpone());
        self.write(
            tx,
            Verb::ActionPostponed,
            json!({ "says": says, "again": at.unix_timestamp() }),
        )
        .await?;
        Ok((AttemptOutcome::Again, Some(says.clone()), Step::Again { at, says }))
    }

    async fn simpler(
        &mut self,
        tx: &mut PgConnection,
        learnt: Learnt,
        says: String,
    ) -> sqlx::Result<Written> {
        if apps::store::learn(tx, self.app.id, learnt).await? {
            let by = By::System(self.app.name.clone());
            let told = json!({ "app": self.app.name, "learnt": learnt, "says": says });
            audit::record(tx, self.now, &by, Verb::AppLearnt, About::app(self.app.id), told)
                .await?;
        }
        self.step(|state, _| state.postpone());
        self.write(
            tx,
            Verb::ActionPostponed,
            json!({ "says": says, "again": self.now.unix_timestamp() }),
        )
        .await?;
        Ok((AttemptOutcome::Again, Some(says.clone()), Step::Again { at: self.now, says }))
    }

    async fn failed(
        &mut self,
        tx: &mut PgConnection,
        says: String,
        pause: bool,
    ) -> sqlx::Result<Written> {
        self.step(|state, now| state.fail(now, says.clone()));
        self.write(tx, Verb::ActionFailed, json!({ "says": says })).await?;
        if pause && apps::store::pause(tx, self.now, self.app.id, &says).await? {
            let by = By::System(self.app.name.clone());
            let told = json!({ "app": self.app.name, "says": says });
            audit::record(tx, self.now, &by, Verb::AppPaused, About::app(self.app.id), told)
                .await?;
        }
        Ok((AttemptOutcome::Failed, Some(says), Step::Done))
    }

    /// Moves the state. It is being sent, from where each of these steps is allowed.
    fn step(&mut self, step: impl FnOnce(State, OffsetDateTime) -> Result<State, super::Illegal>) {
        if let Ok(state) = step(self.action.state.clone(), self.now) {
            self.action.state = state;
        }
    }

    async fn write(&mut self, tx: &mut PgConnection, verb: Verb, more: Json) -> sqlx::Result<()> {
        store::put(tx, self.now, &mut self.action).await?;
        let mut told = details(&self.action, &self.user, &self.app);
        if let (Some(told), Json::Object(more)) = (told.as_object_mut(), more) {
            told.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        let by = By::System(self.app.name.clone());
        audit::record(tx, self.now, &by, verb, self.action.about(), told).await
    }
}

/// What an app did not keep and what it did not let go of, in plain words.
fn what_was_unkept(app: &str, unkept: &Unkept) -> Option<String> {
    let sentence = |verb, removed| {
        let of = unkept.iter().filter(|(_, sent)| sent.is_none() == removed);
        let names: Vec<_> = of.map(|(attribute, _)| attribute.word()).collect();
        (!names.is_empty()).then(|| format!("{app} did not {verb} {}.", names.join(", ")))
    };
    let says = [sentence("keep", false), sentence("let go of", true)];
    Some(says.into_iter().flatten().collect::<Vec<_>>().join(" ")).filter(|says| !says.is_empty())
}
