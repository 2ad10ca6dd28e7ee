//! Workers: one that works, and some that stop in the middle and are heard of again when others have their jobs.

use countersign::{
    apps,
    apps::change::{Attribute, Kind, Value, same},
    directory,
    forwarder::LONGEST_TRY,
    jobs::{self, Claim, Handler},
    kernel::ActionId,
    queue::{
        Status,
        action::SEND,
        flow,
        settle::{Ended, Work},
    },
};

use super::{
    accounts::{Held, Made},
    book::{During, End, words},
    effects::{Meanwhile, explain},
    step::{Nth, Stops},
    world::{Differs, World, odd},
};

/// A worker that took a job and was not heard of since.
pub(super) struct Stopped {
    claim: Claim,
    action: ActionId,
    /// How often the job was claimed then.
    claimed: u32,
    /// What it holds, once it began.
    work: Option<Box<Work>>,
}

impl World {
    pub(super) async fn work(&mut self, times: u8) -> Result<(), Differs> {
        for _ in 0..times {
            if !self.work_one().await? {
                break;
            }
        }
        Ok(())
    }

    /// Works the next job that is due; `false` when there is none.
    pub(super) async fn work_one(&mut self) -> Result<bool, Differs> {
        self.moves_on();
        let paused = self.is_paused().await;
        let Some(claim) = self.claim().await? else { return Ok(false) };
        match action_of(&claim) {
            Some(action) => {
                let worked = self.app.forwarder.work(claim).await;
                worked.map_err(|error| odd("sending", error))?;
                self.after_job(action, paused).await?;
            }
            None => {
                self.prober.work(claim).await.map_err(|error| odd("probing", error))?;
            }
        }
        self.finish_draining().await?;
        Ok(true)
    }

    async fn finish_draining(&self) -> Result<(), Differs> {
        let finished = flow::finish_draining(&self.app.pool, self.app.now()).await;
        finished.map_err(|error| odd("draining", error))
    }

    async fn is_paused(&self) -> bool {
        self.app.app().await.pause.is_some()
    }

    async fn claim(&mut self) -> Result<Option<Claim>, Differs> {
        let claimed = jobs::store::claim(&self.app.pool, self.app.now(), 1).await;
        let claim = claimed.map_err(|error| odd("claiming", error))?.pop();
        if let Some(claim) = &claim {
            *self.claims.entry(claim.seq).or_default() += 1;
        }
        Ok(claim)
    }

    /// Looks at what a job for an action did, in EchoSign and in the queue.
    async fn after_job(&mut self, action: ActionId, paused: bool) -> Result<(), Differs> {
        let (now, drains_since) = (self.app.now(), self.drains_since);
        let meanwhile = Meanwhile { now, paused, drains_since };
        for effect in self.app.echosign.effects() {
            let before: Vec<_> = effect.before.iter().map(Held::of).collect();
            for made in Made::of(&effect) {
                let (book, accounts) = (&mut self.book, &mut self.accounts);
                explain(book, accounts, action, &made, &before, meanwhile)?;
            }
        }
        let was = self.book.known[&action].status;
        self.observe(During::Job(action), self.person_of(action)).await?;
        if was != Status::Provisioned && self.book.known[&action].status == Status::Provisioned {
            self.is_there(action).await?;
        }
        Ok(())
    }

    /// What is said to be done is there, all of it.
    async fn is_there(&mut self, action: ActionId) -> Result<(), Differs> {
        let done =
            |grant: &&super::book::Grant| grant.action == action && grant.end == Some(End::Done);
        let Some(grant) = self.book.grants.iter().rev().find(done).cloned() else {
            return Err(format!("{action} is done, and was never let through"));
        };
        let user = grant.content.account;
        let confirmed = self.app.confirmed(user).await;
        let held = self.held().await;
        let held = held.iter().find(|held| Some(&held.id) == confirmed.remote_id.as_ref());
        let what = format!("#{} {} is said to be done", grant.number, words(&grant.content));
        let Some(held) = held else {
            let gone = grant.content.kind == Kind::Delete
                && !self.held().await.iter().any(|h| Some(&h.id) == self.accounts.of.get(&user));
            self.accounts.of.remove(&user);
            return if gone { Ok(()) } else { Err(format!("{what}, and there is no account")) };
        };
        let has = |attribute, to: Option<&Value>| same(attribute, held.has.get(&attribute), to);
        let missing =
            grant.content.changes.iter().find(|change| !has(change.attribute, change.to.as_ref()));
        if let Some(missing) = missing {
            return Err(format!("{what}, and {} is not so: {held:?}", missing.attribute));
        }
        let known = self.accounts.of.insert(user, held.id.clone());
        let ours = held.external_id.as_deref() == Some(&*user.to_string());
        let seen = grant.content.starts_from(Attribute::UserName).is_some();
        let tried = self.app.attempts(action).await.len() > 1;
        if known.as_ref() != Some(&held.id) && !ours && !seen && !tried {
            return Err(format!("{what}, with an account that nobody chose: {held:?}"));
        }
        Ok(())
    }

    /// A worker takes the next job, and stops.
    pub(super) async fn stops(&mut self, stops: Stops) -> Result<(), Differs> {
        let paused = self.is_paused().await;
        let Some(claim) = self.claim().await? else { return Ok(()) };
        let Some(action) = action_of(&claim) else {
            self.prober.work(claim).await.map_err(|error| odd("probing", error))?;
            return Ok(());
        };
        let claimed = self.claims[&claim.seq];
        let mut stopped = Stopped { claim, action, claimed, work: None };
        if let Stops::Asking(at) = stops {
            self.app.echosign.is_to_stop(Some(at));
            tokio::select! {
                worked = self.app.forwarder.work(stopped.claim.clone()) => {
                    worked.map_err(|error| odd("sending", error))?;
                    self.app.echosign.is_to_stop(None);
                    return self.after_job(action, paused).await;
                }
                () = self.app.echosign.has_stopped() => {}
            }
            self.after_job(action, paused).await?;
            stopped.work = Some(self.held_work(action).await);
        }
        self.stopped.push(stopped);
        Ok(())
    }

    /// What a worker holds that has begun with an action.
    async fn held_work(&self, id: ActionId) -> Box<Work> {
        let action = self.stored(id).await;
        let pool = &self.app.pool;
        let user = directory::store::find(pool, action.content.account).await.unwrap().unwrap();
        let app = self.app.app().await;
        let confirmed = apps::account::store::find(pool, app.id, user.id).await.unwrap();
        let attempts = self.app.attempts(id).await.len();
        let attempt = i32::try_from(attempts).unwrap();
        Box::new(Work { action, user, app, confirmed, attempt, tried: attempt > 1 })
    }

    /// A worker that had stopped goes on. If somebody else has its job by now, nothing may come of it.
    pub(super) async fn goes_on(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(at) = usize::from(nth).checked_rem(self.stopped.len()) else { return Ok(()) };
        let Stopped { claim, action, claimed, work } = self.stopped.remove(at);
        let lost = self.claims[&claim.seq] != claimed;
        let (paused, jobs) = (self.is_paused().await, self.app.jobs().await);
        let says = "It did not answer in time.".to_owned();
        match work {
            None => {
                let worked = self.app.forwarder.work(claim).await;
                worked.map_err(|error| odd("sending", error))?;
            }
            Some(work) if lost => {
                let ended = match nth % 4 {
                    0 => Ended::Failed(says),
                    1 => Ended::Refused(says),
                    2 => Ended::Gone,
                    _ => Ended::Again { says, after: Some(LONGEST_TRY), unwell: true },
                };
                self.app.settle(&claim, work, ended).await;
            }
            Some(work) => {
                let ended = Ended::Again { says, after: None, unwell: true };
                self.app.settle(&claim, work, ended).await;
            }
        }
        if !lost {
            return self.after_job(action, paused).await;
        }
        self.observe(During::Nothing, self.person_of(action)).await?;
        let effects = self.app.echosign.effects();
        if !effects.is_empty() {
            return Err(format!("a worker without its job sent something: {effects:?}"));
        }
        if (paused, jobs) != (self.is_paused().await, self.app.jobs().await) {
            return Err("a worker without its job stopped the app, or moved a job".to_owned());
        }
        Ok(())
    }
}

/// The action that a job is to send.
fn action_of(claim: &Claim) -> Option<ActionId> {
    if claim.kind != SEND {
        return None;
    }
    claim.payload["action"].as_str()?.parse().ok()
}
