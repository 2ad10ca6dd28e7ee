//! Sends approved actions: job → action → connector → settle.
//!
//! May use: apps, connector, jobs, kernel, queue.
//!
//! Looks before it sends, and sends only what was approved. Sending is at least once and safe to
//! repeat. No transaction is open while an app is asked.

mod judge;
mod probe;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde::Deserialize;
use sqlx::PgPool;

use self::judge::{Judgement, judge};
pub use self::probe::Prober;
use crate::{
    apps::{
        Deletes,
        account::{self, Account},
        change::{Attribute, Kind, Value},
    },
    connector::{Connector, Connectors, Exchange, Fate, Refusal},
    jobs::{Claim, Handler, HandlerError, Settled, Settler},
    kernel::{ActionId, Clock},
    queue::{
        preview::sought,
        settle::{Begun, Ended, Tried, Work, begin},
    },
};

/// The longest one try takes. Ends before the lease of its job does, so that no other worker begins meanwhile.
pub const LONGEST_TRY: Duration = Duration::from_mins(4);

/// Works the jobs of kind [`SEND`](crate::queue::action::SEND).
#[derive(Debug, Clone)]
pub struct Forwarder {
    pool: PgPool,
    clock: Arc<dyn Clock>,
    connectors: Connectors,
    settler: Settler<Tried>,
}

#[derive(Deserialize)]
struct Payload {
    action: ActionId,
}

impl Forwarder {
    /// A forwarder to the apps that `connectors` reach.
    #[must_use]
    pub fn new(pool: PgPool, clock: Arc<dyn Clock>, connectors: Connectors) -> Self {
        let settler = Settler::open(pool.clone());
        Self { pool, clock, connectors, settler }
    }
}

#[async_trait]
impl Handler for Forwarder {
    #[tracing::instrument(skip_all, fields(job.seq = claim.seq, job.attempt = claim.attempt))]
    async fn work(&self, claim: Claim) -> Result<Settled, HandlerError> {
        let payload: Payload = serde_json::from_value(claim.payload.clone())?;
        let work = match begin(&self.pool, self.clock.now(), &claim, payload.action).await? {
            Begun::Work(work) => work,
            Begun::Nothing(settled) => return Ok(settled),
        };
        let mut exchanges = Vec::new();
        let ended = match self.connectors.of(&work.app) {
            Ok(connector) => {
                let (pool, connector) = (&self.pool, &*connector);
                let sending = Sending { pool, work: &work, connector, exchanges: &mut exchanges };
                let sent = tokio::time::timeout(LONGEST_TRY, sending.send()).await;
                match sent.unwrap_or_else(|_| Err(Refusal::TimedOut { asked: true }.into())) {
                    Ok(ended) => ended,
                    Err(Stop::Refused(refusal)) => self.refused(&work, &refusal),
                    Err(Stop::Anothers { deleted }) => match work.action.content.kind {
                        Kind::Create => Ended::Anothers { deleted },
                        kind => gone(kind),
                    },
                    Err(Stop::Unproven) => Ended::Failed(unproven(&work.app.name)),
                    Err(Stop::NotShown) => not_shown(&work.app.name),
                    Err(Stop::Store(error)) => return Err(error.into()),
                }
            }
            Err(bad) => Ended::Refused(bad.to_string()),
        };
        tracing::info!(action.id = %payload.action, app.id = %work.app.id, ended = name(&ended), "tried an action");
        let tried = Tried { now: self.clock.now(), work, ended, exchanges };
        Ok(self.settler.settle(claim, tried).await?)
    }
}

impl Forwarder {
    fn refused(&self, work: &Work, refusal: &Refusal) -> Ended {
        let says = refusal.says(&work.app.name);
        let kind = work.action.content.kind;
        match refusal.fate() {
            _ if *refusal == Refusal::NotFound && kind != Kind::Create => gone(kind),
            Fate::Again(after) => {
                let unwell = !matches!(refusal, Refusal::Throttled { .. });
                Ended::Again { says, after, unwell }
            }
            Fate::Simpler => match self.connectors.simpler(&work.app) {
                Some(learnt) => Ended::Simpler(learnt, says),
                None => Ended::Failed(says),
            },
            Fate::Never => Ended::Failed(says),
            Fate::NeverAndPause => Ended::Refused(says),
        }
    }
}

/// What follows where there is no account: to delete it is done, anything else cannot be.
const fn gone(kind: Kind) -> Ended {
    match kind {
        Kind::Delete => Ended::Provisioned(None),
        _ => Ended::Gone,
    }
}

/// An account that was made just now may be shown late: whether it is there is asked again by the schedule.
fn not_shown(app: &str) -> Ended {
    let says = format!(
        "{app} says that it has this account already, and does not show it. An earlier try may have made it."
    );
    Ended::Again { says, after: None, unwell: false }
}

fn unproven(app: &str) -> String {
    format!(
        "{app} has an account by this name, and nothing shows that it was made for this person. Nothing was sent. \
         See to it there and retry, or give this up and reject it."
    )
}

/// Why a try came to no end of its own.
enum Stop {
    /// The app refused.
    Refused(Refusal),
    /// The account that was found is another person's here.
    Anothers { deleted: bool },
    /// The account that was found may have been made for this person, and nothing but its name says so.
    Unproven,
    /// The app says that it has the account, which an earlier try may have made, and does not show it.
    NotShown,
    /// The database did not answer.
    Store(sqlx::Error),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

/// One try.
struct Sending<'a> {
    pool: &'a PgPool,
    work: &'a Work,
    connector: &'a dyn Connector,
    exchanges: &'a mut Vec<Exchange>,
}

impl Sending<'_> {
    async fn send(mut self) -> Result<Ended, Stop> {
        let current = match self.find(None).await {
            Err(Stop::Refused(refusal @ Refusal::Ambiguous { .. })) if self.is_create() => {
                return self.several(refusal).await;
            }
            found => found?,
        };
        match self.judge(current.as_ref()) {
            Judgement::Send => self.make(current).await,
            Judgement::Anyway(changed) => {
                let says = self.changed_meanwhile(&changed, current.as_ref());
                Ok(match self.make(current).await? {
                    Ended::Provisioned(Some(account)) => Ended::Anyway(account, says),
                    ended => ended,
                })
            }
            settled => Ok(self.ended(&settled, current)),
        }
    }

    fn is_create(&self) -> bool {
        self.work.action.content.kind == Kind::Create
    }

    /// Somebody has to choose among the accounts that may be meant, where the app shows any.
    async fn several(&mut self, refusal: Refusal) -> Result<Ended, Stop> {
        let Work { action, user, confirmed, .. } = self.work;
        let found = self.connector.candidates(&sought(action, user, confirmed)).await;
        self.exchanges.extend(found.exchanges);
        let accounts = found.outcome?;
        let who = match accounts.len() {
            0 if self.work.tried => return Err(Stop::NotShown),
            0 => return Err(refusal.into()),
            1 => "an account that may be this person's".to_owned(),
            many => format!("{many} accounts that may be this person's"),
        };
        let name = &self.work.app.name;
        let says = format!("{name} has {who}. Nothing was sent: link one of them, or reject.");
        Ok(Ended::Several(accounts, says))
    }

    /// What was changed in the app since the approval and did not matter, in words.
    fn changed_meanwhile(&self, changed: &[Attribute], current: Option<&Account>) -> String {
        let values = changed.iter().map(|attribute| {
            let value = current.and_then(|account| account.attributes.get(attribute));
            format!(
                "{} ({})",
                attribute.label(),
                value.map_or_else(|| "none".to_owned(), Value::to_string)
            )
        });
        let values = values.collect::<Vec<_>>().join(", ");
        format!("Changed in {} meanwhile, and sent anyway: {values}.", self.work.app.name)
    }

    fn ended(&self, judgement: &Judgement, current: Option<Account>) -> Ended {
        match (judgement, current) {
            (Judgement::Adopt, Some(account)) => Ended::Adopted(account),
            (Judgement::Drifted, Some(account)) => Ended::Drifted(account),
            (Judgement::Gone, _) => Ended::Gone,
            (_, current) => {
                let name = &self.work.app.name;
                let says = match self.work.attempt {
                    1 => format!("It was already so in {name}. Nothing was sent."),
                    _ => format!("It was already so in {name}: an earlier try may have done it."),
                };
                Ended::Already(current, says)
            }
        }
    }

    fn judge(&self, current: Option<&Account>) -> Judgement {
        let content = &self.work.action.content;
        let off = |account: &Account| {
            account.attributes.get(&Attribute::Active) == Some(&Value::Flag(false))
        };
        // Where the app cannot delete, an account that is switched off is as deleted as can be.
        if content.kind == Kind::Delete && !self.deletes_for_good() && current.is_some_and(off) {
            return Judgement::Done;
        }
        judge(content, current, self.work.tried, &self.work.app.sending.send_anyway)
    }

    async fn make(&mut self, current: Option<Account>) -> Result<Ended, Stop> {
        let content = &self.work.action.content;
        let mut latest = None;
        for request in self.connector.plan(content, current.as_ref()) {
            let sent = self.connector.send(&request).await;
            self.exchanges.push(sent.exchange);
            latest = match sent.outcome {
                Ok(account) => account,
                Err(refusal @ Refusal::Conflict { .. })
                    if content.kind == Kind::Create && current.is_none() =>
                {
                    return self.conflict(refusal).await;
                }
                Err(refusal) => return Err(refusal.into()),
            };
        }
        if content.kind == Kind::Delete && self.deletes_for_good() {
            return Ok(Ended::Provisioned(None));
        }
        if latest.is_some() {
            return Ok(Ended::Provisioned(latest));
        }
        // The answer showed no account: look, and where that fails now, believe what was sent.
        let known = current.as_ref().map(|account| account.remote_id.clone());
        match (self.find(known).await, current) {
            (Ok(Some(account)), _) => Ok(Ended::Provisioned(Some(account))),
            (Err(Stop::Refused(_)), Some(before)) => {
                let attributes =
                    content.applied_to(Some(before.attributes.clone())).unwrap_or_default();
                Ok(Ended::Provisioned(Some(Account { attributes, resource: None, ..before })))
            }
            (Err(stop), _) => Err(stop),
            (Ok(None), _) => {
                let what = "it took the request and has no such account";
                Err(Refusal::Unreadable { what }.into())
            }
        }
    }

    /// The app says that it has such an account, and the look before did not find it: look again.
    async fn conflict(&mut self, refusal: Refusal) -> Result<Ended, Stop> {
        let current = match self.find(None).await {
            Ok(Some(current)) => current,
            // Nobody has the name: somebody may have the address.
            Ok(None) | Err(Stop::Refused(Refusal::Ambiguous { .. })) => {
                return self.several(refusal).await;
            }
            Err(stop) => return Err(stop),
        };
        match self.judge(Some(&current)) {
            // What is there was not reviewed, or it would have been found before.
            Judgement::Send => Ok(Ended::Drifted(current)),
            settled => Ok(self.ended(&settled, Some(current))),
        }
    }

    /// The account, if there is one; never another person's. By its name alone an account is theirs only for
    /// a create, whose approval may be to take it over.
    async fn find(&mut self, remote_id: Option<String>) -> Result<Option<Account>, Stop> {
        let Work { action, user, confirmed, .. } = self.work;
        let mut sought = sought(action, user, confirmed);
        sought.remote_id = remote_id.or(sought.remote_id);
        let found = self.connector.find(&sought).await;
        self.exchanges.extend(found.exchanges);
        let Some(account) = found.outcome? else { return Ok(None) };
        if confirmed.remote_id.as_ref() == Some(&account.remote_id) {
            return Ok(Some(account));
        }
        let holder = account::store::holder(self.pool, action.content.app, &account).await?;
        if let Some(holder) = holder.filter(|holder| holder.user != user.id) {
            return Err(Stop::Anothers { deleted: holder.deleted });
        }
        // By its name alone an account becomes theirs through a create that was approved, and through nothing else.
        let is_theirs = account.external_id.as_deref() == Some(&*user.id.to_string());
        match account.external_id {
            _ if is_theirs || self.is_create() => Ok(Some(account)),
            None if self.work.tried => Err(Stop::Unproven),
            _ => Ok(None),
        }
    }

    fn deletes_for_good(&self) -> bool {
        self.work
            .app
            .connection
            .as_ref()
            .is_some_and(|connection| connection.deletes == Deletes::Delete)
    }
}

fn name(ended: &Ended) -> &'static str {
    match ended {
        Ended::Provisioned(_) => "provisioned",
        Ended::Anyway(..) => "sent anyway",
        Ended::Already(..) => "already so",
        Ended::Adopted(_) => "adopted",
        Ended::Drifted(_) => "drifted",
        Ended::Several(..) => "several",
        Ended::Gone => "gone",
        Ended::Anothers { .. } => "another's",
        Ended::Again { .. } => "again",
        Ended::Simpler(..) => "simpler",
        Ended::Failed(_) => "failed",
        Ended::Refused(_) => "refused",
    }
}
