//! What each end of a try means for the action, the account, the app and the queue.

use std::time::Duration;

use serde_json::{Value as Json, json};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;

use super::{
    super::{
        Action, Decider, Illegal, State,
        asking::Asking,
        flow::{gate, gate_of},
        propose::{approve_by_rule, details, rederive},
        store::{self, AttemptEnd, AttemptOutcome},
    },
    Ended, ended,
};
use crate::{
    apps::{
        self, App, Learnt, PausedBy,
        account::{self, Account, Candidate, Unkept},
        change::{Kind, same},
    },
    audit::{About, By, Ledger, Verb},
    directory::{User, held_store},
    jobs::{self, Claim, LONGEST_ASKED, Step, store::gates},
    policy::{self, Verdict},
};

/// One try that is being settled.
pub(super) struct Settling<'a> {
    pub(super) now: OffsetDateTime,
    pub(super) action: Action,
    pub(super) user: User,
    pub(super) app: App,
    /// Whether the account was known when the try began.
    pub(super) was_known: bool,
    /// What is told of all that share the transaction.
    pub(super) ledger: &'a mut Ledger,
}

type Written = (AttemptEnd, Step);

impl Settling<'_> {
    pub(super) async fn end(
        &mut self,
        tx: &mut PgConnection,
        claim: &Claim,
        ended: Ended,
    ) -> sqlx::Result<Written> {
        match ended {
            Ended::Provisioned(account) => self.provisioned(tx, account, false, None).await,
            Ended::Anyway(account, says) => {
                self.provisioned(tx, Some(account), false, Some(says)).await
            }
            Ended::Already(account, says) => self.provisioned(tx, account, false, Some(says)).await,
            Ended::Adopted(account) => self.provisioned(tx, Some(account), true, None).await,
            Ended::Drifted(account) => self.drifted(tx, &account).await,
            Ended::Several(accounts, says) => self.several(tx, accounts, says).await,
            Ended::Gone => self.gone(tx).await,
            Ended::Anothers { deleted } => {
                let says = self.anothers(deleted);
                self.failed(tx, says).await
            }
            Ended::Again { says, after, unwell } => {
                let (mut end, step) = self.again(tx, claim, says, after).await?;
                end.unwell = unwell;
                Ok((end, step))
            }
            Ended::Simpler(learnt, says) => self.simpler(tx, learnt, says).await,
            Ended::Failed(says) => self.failed(tx, says).await,
            Ended::Refused(says) => self.refused(tx, says).await,
        }
    }

    async fn provisioned(
        &mut self,
        tx: &mut PgConnection,
        account: Option<Account>,
        adopted: bool,
        says: Option<String>,
    ) -> sqlx::Result<Written> {
        let unkept = account.as_ref().map(|account| self.unkept(account)).unwrap_or_default();
        let mut savepoint = tx.begin().await?;
        let confirmed = self.confirm(&mut savepoint, account.as_ref(), &unkept).await;
        match confirmed {
            Ok(()) => savepoint.commit().await?,
            Err(error) if account::store::is_anothers(&error) => {
                savepoint.rollback().await?;
                let says = self.anothers(false);
                return self.failed(tx, says).await;
            }
            Err(error) => return Err(error),
        }
        self.step(State::provision);
        let unkept = what_was_unkept(&self.app.name, &unkept);
        let says = Some([says, unkept].into_iter().flatten().collect::<Vec<_>>().join(" "))
            .filter(|says| !says.is_empty());
        let (verb, outcome) = if adopted {
            (Verb::ActionAdopted, AttemptOutcome::Adopted)
        } else {
            (Verb::ActionProvisioned, AttemptOutcome::Provisioned)
        };
        self.write(tx, verb, json!({ "says": says })).await?;
        if !self.was_known && self.action.content.kind != Kind::Create && account.is_some() {
            // Whoever gave its create up was asked for another one.
            self.propose(tx).await?;
        }
        Ok((ended(outcome, says), Step::Done))
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
        let name = self.app.name.clone();
        let found = self.action.content.kind == Kind::Create;
        // What a create found is nobody's account here until somebody approves to take it over.
        if !found {
            self.confirm(tx, Some(account), &Unkept::new()).await?;
        }
        let by_rule = matches!(self.action.state.decision().map(|d| &d.by), Some(Decider::Rule(_)));
        let approved = self.what_was_approved();
        self.step(|state, _| state.drift());
        self.action.content = self.action.content.over(&account.attributes);
        let says = if found {
            format!(
                "{name} has an account by this name already. Approving takes it over and brings it to what is shown."
            )
        } else {
            format!("The account was changed in {name} since this was approved. Nothing was sent.")
        };
        self.write(tx, Verb::ActionDrifted, json!({ "says": says, "approved": approved })).await?;
        // What is wanted may have changed since the approval.
        self.propose(tx).await?;
        // A rule that approved decides again, but never that somebody's account is taken over.
        let held = found || held_store::is_held(tx, self.user.id).await?;
        if let (true, Verdict::ByRule(words)) =
            (by_rule, policy::judge(&self.app.provisioning, self.action.content.kind, held))
        {
            let about = (&self.user, &self.app);
            approve_by_rule(tx, self.now, self.ledger, &mut self.action, about, words).await?;
        }
        Ok((ended(AttemptOutcome::Drifted, Some(says)), Step::Done))
    }

    /// Whose approval is void now, and of what, for whoever decides next.
    fn what_was_approved(&self) -> Json {
        let decision = self.action.state.decision();
        json!({
            "by": decision.map(|decision| decision.by.name()),
            "at": decision.map(|decision| decision.at.unix_timestamp()),
            "changes": self.action.content.changes,
        })
    }

    async fn several(
        &mut self,
        tx: &mut PgConnection,
        accounts: Vec<Account>,
        says: String,
    ) -> sqlx::Result<Written> {
        let approved = self.what_was_approved();
        self.step(|state, _| state.drift());
        self.write(tx, Verb::ActionDrifted, json!({ "says": says, "approved": approved })).await?;
        // What is wanted may have changed since the approval.
        self.propose(tx).await?;
        if self.action.state == State::Pending {
            self.action.candidates = accounts.into_iter().map(Candidate::from).collect();
            store::put(tx, self.now, &mut self.action).await?;
        }
        Ok((ended(AttemptOutcome::Drifted, Some(says)), Step::Done))
    }

    async fn gone(&mut self, tx: &mut PgConnection) -> sqlx::Result<Written> {
        self.confirm(tx, None, &Unkept::new()).await?;
        self.step(State::withdraw);
        let says = format!("{} has no such account any more. Nothing was sent.", self.app.name);
        self.write(tx, Verb::ActionWithdrawn, json!({ "says": says })).await?;
        self.propose(tx).await?;
        Ok((ended(AttemptOutcome::Drifted, Some(says)), Step::Done))
    }

    /// Brings the queue in line with what the app turned out to have, this action included.
    async fn propose(&mut self, tx: &mut PgConnection) -> sqlx::Result<()> {
        self.told_so_far(tx).await?;
        let asking = Asking::again(self.now, By::System(self.app.name.clone()), &self.action);
        rederive(tx, &asking, &self.app, &self.user).await?;
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
            return self.failed(tx, says).await;
        };
        let at = self.now + jobs::jittered(wait);
        if let Some(after) = after {
            // As long as the app asked, and not as long as this one's own schedule.
            let rests = self.now + jobs::jittered(after.min(LONGEST_ASKED));
            gates::rest_until(tx, &gate_of(self.app.id), Some(rests)).await?;
        }
        self.step(|state, _| state.postpone());
        self.write(
            tx,
            Verb::ActionPostponed,
            json!({ "says": says, "again": at.unix_timestamp() }),
        )
        .await?;
        Ok((ended(AttemptOutcome::Again, Some(says.clone())), Step::Again { at, says }))
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
            self.ledger.tell(self.now, &by, Verb::AppLearnt, About::app(self.app.id), told);
        }
        self.step(|state, _| state.postpone());
        self.write(
            tx,
            Verb::ActionPostponed,
            json!({ "says": says, "again": self.now.unix_timestamp() }),
        )
        .await?;
        let end = ended(AttemptOutcome::Again, Some(says.clone()));
        Ok((end, Step::Again { at: self.now, says }))
    }

    /// The action keeps its place: what follows it waits until somebody retries it or gives it up.
    async fn failed(&mut self, tx: &mut PgConnection, says: String) -> sqlx::Result<Written> {
        self.step(|state, now| state.fail(now, says.clone()));
        self.write(tx, Verb::ActionFailed, json!({ "says": says })).await?;
        let end = ended(AttemptOutcome::Failed, Some(says.clone()));
        Ok((end, Step::Park { says }))
    }

    /// Nothing is wrong with the action: it waits with all others until the app goes on.
    async fn refused(&mut self, tx: &mut PgConnection, says: String) -> sqlx::Result<Written> {
        gate::stop(tx, self.now, &self.app, PausedBy::Refusal, &says).await?;
        self.step(|state, _| state.postpone());
        self.write(tx, Verb::ActionPostponed, json!({ "says": says })).await?;
        let end = ended(AttemptOutcome::Again, Some(says.clone()));
        Ok((end, Step::Later { at: self.now, says }))
    }

    /// Stops sending to the app when this was one failure too many.
    pub(super) async fn stop_if_unwell(
        &mut self,
        tx: &mut PgConnection,
        says: Option<&str>,
    ) -> sqlx::Result<()> {
        self.told_so_far(tx).await?;
        gate::stop_if_unwell(tx, self.now, &self.app, says.unwrap_or_default()).await
    }

    /// Moves the state. It is being sent, from where each of these steps is allowed.
    fn step(&mut self, step: impl FnOnce(State, OffsetDateTime) -> Result<State, Illegal>) {
        if let Ok(state) = step(self.action.state.clone(), self.now) {
            self.action.state = state;
        }
    }

    /// Writes what was told so far, before others write what follows from it.
    async fn told_so_far(&mut self, tx: &mut PgConnection) -> sqlx::Result<()> {
        std::mem::take(self.ledger).write(tx).await
    }

    async fn write(&mut self, tx: &mut PgConnection, verb: Verb, more: Json) -> sqlx::Result<()> {
        store::put(tx, self.now, &mut self.action).await?;
        let mut told = details(&self.action, &self.user, &self.app);
        if let (Some(told), Json::Object(more)) = (told.as_object_mut(), more) {
            told.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        let by = By::System(self.app.name.clone());
        self.ledger.tell(self.now, &by, verb, self.action.about(), told);
        Ok(())
    }
}

/// What an app did not keep and what it did not let go of, in plain words.
fn what_was_unkept(app: &str, unkept: &Unkept) -> Option<String> {
    let sentence = |verb, removed| {
        let of = unkept.iter().filter(|(_, sent)| sent.is_none() == removed);
        let names: Vec<_> = of.map(|(attribute, _)| attribute.label()).collect();
        (!names.is_empty()).then(|| format!("{app} did not {verb} {}.", names.join(", ")))
    };
    let says = [sentence("keep", false), sentence("let go of", true)];
    Some(says.into_iter().flatten().collect::<Vec<_>>().join(" ")).filter(|says| !says.is_empty())
}
