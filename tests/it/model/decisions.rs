//! What administrators do about actions.

use std::time::Duration;

use countersign::{
    apps::change::{Attribute, Content, Kind, Value},
    kernel::ActionId,
    queue::{
        Status, cancel,
        decide::{self, DecideError},
        link::{self, LinkError},
        preview::preview,
        retry::{self, MoveError},
        reverse::{self, ReverseError},
        store, undo,
    },
};

use super::{
    book::{During, shown, words},
    step::Nth,
    world::{Differs, World, odd},
};

impl World {
    /// Somebody looks at an action and approves what they see.
    pub(super) async fn approve(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Pending]) else { return Ok(()) };
        let (pool, connectors) = (&self.app.pool, &self.app.connectors);
        let looked = preview(pool, connectors, self.app.now(), id).await;
        let looked = looked.map_err(|error| odd("looking", error))?;
        self.approve_as(id, looked.unwrap().content).await
    }

    pub(super) async fn approve_unseen(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Pending]) else { return Ok(()) };
        let content = self.book.known[&id].content.clone();
        self.approve_as(id, content).await
    }

    pub(super) async fn approve_stale(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Pending]) else { return Ok(()) };
        let known = &self.book.known[&id];
        let old = known.seen.iter().find(|seen| **seen != known.content).cloned();
        let content = old.unwrap_or_else(|| {
            let mut never = known.content.clone();
            never.changes[0].from = Some(Value::Text("what nobody has".to_owned()));
            never
        });
        self.approve_as(id, content).await
    }

    /// An approval of exactly `content`: either that is let through, or nothing is.
    async fn approve_as(&mut self, id: ActionId, content: Content) -> Result<(), Differs> {
        let (pool, now) = (&self.app.pool, self.app.now());
        let by = self.decider().approver().unwrap();
        let name = by.actor().name.clone();
        let own = self.book.known[&id].askers.contains(&&*name);
        let four_eyes = self.provisioning.four_eyes;
        let connectors = &self.app.connectors;
        let approved =
            decide::approve(pool, connectors, now, &by, id, content.digest(), None).await;
        let during = match approved {
            Ok(action) if own && four_eyes => {
                return Err(format!("{name} asked for {}, and approved it", shown(&action)));
            }
            Ok(action) if action.content != content => {
                let seen = words(&content);
                return Err(format!("{} was approved by who saw {seen}", shown(&action)));
            }
            Ok(action) => {
                let undo = Duration::from_secs(self.undo.into());
                self.book.grant(&action, content, now + undo);
                During::Approve(id)
            }
            Err(DecideError::Changed(_)) => During::Nothing,
            Err(DecideError::OwnRequest) if four_eyes => During::Nothing,
            Err(error) => return Err(odd("approving", error)),
        };
        self.observe(during, self.person_of(id)).await
    }

    pub(super) async fn reject(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Pending]) else { return Ok(()) };
        let by = self.decider().approver().unwrap();
        let rejected = decide::reject(&self.app.pool, self.app.now(), &by, id, "No.").await;
        let content = rejected.map_err(|error| odd("rejecting", error))?.content;
        let (user, kind) = (content.account, content.kind);
        let changes = content.changes.into_iter().map(|change| (user, kind, change));
        self.book.rejected.extend(changes);
        self.observe(During::Reject(id), user).await
    }

    pub(super) async fn cancel(&mut self, nth: Nth) -> Result<(), Differs> {
        let states = [Status::Approved, Status::Failed];
        let Some(id) = self.book.nth(nth, &states) else { return Ok(()) };
        let by = self.asker().retrier().unwrap();
        let cancelled = cancel::cancel(&self.app.pool, self.app.now(), &by, id).await;
        cancelled.map_err(|error| odd("giving up", error))?;
        self.observe(During::Cancel(id), self.person_of(id)).await
    }

    pub(super) async fn undo(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Approved, Status::Rejected]) else {
            return Ok(());
        };
        let by = self.decider().approver().unwrap();
        let undone = undo::undo(&self.app.pool, self.app.now(), &by, id).await;
        let sent = self.book.open(id).is_some_and(|grant| grant.made || !grant.effects.is_empty());
        let during = match undone {
            Ok(action) if sent => {
                return Err(format!("{} was undone, and it was sent", shown(&action)));
            }
            Ok(_) => {
                self.book.no_longer_rejected(id);
                During::Undo(id)
            }
            Err(MoveError::Begun) => During::Nothing,
            Err(error) => return Err(odd("undoing", error)),
        };
        self.observe(during, self.person_of(id)).await
    }

    pub(super) async fn retry(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Failed]) else { return Ok(()) };
        self.retry_it(id).await
    }

    pub(super) async fn retry_it(&mut self, id: ActionId) -> Result<(), Differs> {
        let by = self.asker().retrier().unwrap();
        match retry::retry(&self.app.pool, self.app.now(), &by, id).await {
            // What is no longer wanted is withdrawn.
            Ok(_) | Err(MoveError::Illegal(_)) => {}
            Err(error) => return Err(odd("retrying", error)),
        }
        self.observe(During::Retry(id), self.person_of(id)).await
    }

    pub(super) async fn reverse(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Provisioned]) else { return Ok(()) };
        let by = self.app.owner.operator().unwrap();
        let during = match reverse::reverse(&self.app.pool, self.app.now(), &by, id).await {
            Ok(submitted) => {
                self.is_now(submitted.user);
                During::Reverse
            }
            Err(ReverseError::Not(_) | ReverseError::People(_)) => During::Nothing,
            Err(error) => return Err(odd("reversing", error)),
        };
        self.observe(during, self.person_of(id)).await
    }

    /// Somebody says that an account which is there already is the one that is to be made.
    pub(super) async fn link(&mut self, nth: Nth) -> Result<(), Differs> {
        let Some(id) = self.book.nth(nth, &[Status::Pending]) else { return Ok(()) };
        let content = self.book.known[&id].content.clone();
        let held = self.held().await;
        let name = content.wants(Attribute::UserName).map(ToString::to_string);
        let Some(held) = held.iter().find(|held| Some(held.name()) == name) else {
            return Ok(());
        };
        let by = self.decider().approver().unwrap();
        let (pool, now) = (&self.app.pool, self.app.now());
        let linked = link::link(pool, &self.app.connectors, now, &by, id, &held.id).await;
        let during = match linked {
            Ok(_) if content.kind != Kind::Create => {
                return Err(format!("{} was linked", words(&content)));
            }
            Ok(_) => {
                self.accounts.of.insert(content.account, held.id.clone());
                During::Link(id)
            }
            Err(LinkError::Not(_) | LinkError::OwnRequest) => During::Nothing,
            Err(error) => return Err(odd("linking", error)),
        };
        self.observe(during, content.account).await
    }

    /// What is stored of an action.
    pub(super) async fn stored(&self, id: ActionId) -> countersign::queue::Action {
        store::find(&self.app.pool, id).await.unwrap().unwrap()
    }
}
