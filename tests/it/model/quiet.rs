//! When everything has come to rest: whether EchoSign, Countersign and what is wanted fit together.

use std::time::Duration;

use countersign::{
    apps::{
        account::{Confirmed, Unheard},
        change::{Attribute, Kind, same},
    },
    directory::User,
    kernel::ActionId,
    queue::{Status, cancel, store},
};

use super::{
    accounts::{Attributes, Held, wanted},
    book::{During, End},
    step::Step,
    world::{Differs, World, odd},
};

/// Longer than any lease, any wait of ours and any that the sandbox asks for.
const A_WHILE: Duration = Duration::from_hours(2);

impl World {
    /// Nothing goes wrong any more, everything may go on, and whatever waits for time or for a retry gets it.
    pub(super) async fn comes_to_rest(&mut self) -> Result<(), Differs> {
        self.stopped.clear();
        self.app.echosign.has_only(&self.quirks);
        self.take(&Step::Resume).await?;
        let app = self.app.app().await;
        if app.pause.is_some() || app.draining_at.is_some() {
            return Err(format!("it does not go on, though it could: {app:?}"));
        }
        for _ in 0..3 {
            self.works_until_none_is_due().await?;
            while let Some(failed) = self.book.nth(0, &[Status::Failed]) {
                let before = self.app.attempts(failed).await.len();
                if before > 12 {
                    self.give_up(failed).await?;
                    continue;
                }
                self.retry_it(failed).await?;
                self.works_until_none_is_due().await?;
                if self.book.known[&failed].status == Status::Failed {
                    self.give_up(failed).await?;
                }
            }
        }
        let open = [Status::Approved, Status::Sending, Status::Failed];
        if let Some(stuck) = self.book.nth(0, &open) {
            return Err(format!("{:?} never came to an end", self.stored(stuck).await));
        }
        match self.app.jobs().await {
            0 => Ok(()),
            left => Err(format!("{left} jobs are left, and nothing is to be done")),
        }
    }

    async fn works_until_none_is_due(&mut self) -> Result<(), Differs> {
        for _ in 0..30 {
            while self.work_one().await? {}
            if self.app.app().await.pause.is_some() {
                self.take(&Step::Resume).await?;
            }
            let under_way = self.book.nth(0, &[Status::Approved, Status::Sending]);
            if under_way.is_none() && self.app.jobs().await == self.parked() {
                return Ok(());
            }
            if let Some(id) = under_way
                && self.waits_for_a_failed_one(id)
            {
                return Ok(());
            }
            self.app.clock.advance(A_WHILE);
        }
        Err("jobs go on for ever".to_owned())
    }

    fn parked(&self) -> i64 {
        let failed = self.book.known.values().filter(|known| known.status == Status::Failed);
        i64::try_from(failed.count()).unwrap()
    }

    fn waits_for_a_failed_one(&self, id: ActionId) -> bool {
        let person = self.person_of(id);
        let failed = |known: &&super::book::Known| {
            known.status == Status::Failed && known.content.account == person
        };
        self.book.known.values().any(|known| failed(&known))
    }

    async fn give_up(&mut self, id: ActionId) -> Result<(), Differs> {
        self.book.rank += 1;
        let by = self.asker().retrier().unwrap();
        let cancelled = cancel::cancel(&self.app.pool, self.app.now(), &by, id).await;
        cancelled.map_err(|error| odd("giving up", error))?;
        self.observe(During::Cancel(id), self.person_of(id)).await
    }

    /// What is there is what was confirmed; what is not as wanted waits for somebody, or was turned down.
    pub(super) async fn fits_together(&mut self) -> Result<(), Differs> {
        let held = self.held().await;
        let people: Vec<User> = self.people.iter().map(|of| of.1.clone()).collect();
        for user in &people {
            self.observe(During::Nothing, user.id).await?;
            let confirmed = self.app.confirmed(user.id).await;
            let theirs = held.iter().find(|held| Some(&held.id) == confirmed.remote_id.as_ref());
            self.is_confirmed(user, &confirmed, theirs)?;
            self.is_asked(user, &confirmed).await?;
            self.is_no_orphan(user, confirmed.remote_id.as_deref(), &held)?;
        }
        Ok(())
    }

    fn is_confirmed(
        &self,
        user: &User,
        confirmed: &Confirmed,
        theirs: Option<&Held>,
    ) -> Result<(), Differs> {
        let Some(id) = &confirmed.remote_id else { return Ok(()) };
        let since = self.book.confirmed.get(&user.id).copied().unwrap_or_default();
        if self.accounts.touched(id).is_some_and(|touched| touched >= since) {
            return Ok(());
        }
        // What somebody gave up and nobody heard the end of may have been done or not.
        let fits = |held: &Held, attribute: &Attribute| {
            let has = held.has.get(attribute);
            let may = confirmed.unheard.get(attribute);
            has == confirmed.attributes.get(attribute) || may.is_some_and(|may| may.as_ref() == has)
        };
        match theirs {
            Some(held) if Attribute::ALL.iter().all(|attribute| fits(held, attribute)) => Ok(()),
            theirs => Err(format!("confirmed is {confirmed:?}, and there is {theirs:?}")),
        }
    }

    /// Every difference between what is wanted and what is confirmed, or may be there instead, waits for a decision,
    /// or was turned down; and nothing else waits.
    async fn is_asked(&self, user: &User, confirmed: &Confirmed) -> Result<(), Differs> {
        let has = confirmed.attributes();
        let mut differences = differing(user, has);
        let may = has.map(|has| as_it_may_be(has, &confirmed.unheard));
        differences.extend(differing(user, may.as_ref()));
        let refused = store::standing_refusals(&self.app.pool, user.id).await;
        let refused = refused.map_err(|error| odd("reading refusals", error))?;
        for standing in &refused {
            let refused = &standing.refused;
            let is = |(of, kind, change): &(_, Kind, countersign::apps::change::Change)| {
                *of == user.id
                    && *kind == refused.kind
                    && change.attribute == refused.attribute
                    && change.to == refused.wanted
            };
            if !self.book.rejected.iter().any(is) {
                return Err(format!("nobody turned {refused:?} down"));
            }
        }
        // What somebody changed over there is noticed with the next change of the person, and not before.
        let id = self.accounts.of.get(&user.id);
        let meddled =
            |attribute| id.is_some_and(|id| self.accounts.changed_since(id, attribute, 0));
        let waits: Vec<_> = self
            .book
            .known
            .values()
            .filter(|known| known.status == Status::Pending && known.content.account == user.id)
            .collect();
        for (kind, attribute, to) in &differences {
            let change = |change: &countersign::apps::change::Change| {
                change.attribute == *attribute && change.to == *to
            };
            let asked = waits.iter().any(|known| {
                known.content.kind == *kind && known.content.changes.iter().any(change)
            });
            let turned_down = refused.iter().any(|standing| {
                let refused = &standing.refused;
                refused.kind == *kind && refused.attribute == *attribute && refused.wanted == *to
            });
            if !asked && !turned_down && !meddled(*attribute) {
                let to = to.as_ref().map(ToString::to_string);
                return Err(format!("{kind}: {attribute} → {to:?} is wanted, and nobody is asked"));
            }
        }
        // Whoever shall have no account may have one that nobody heard of.
        let left = has.is_none() && !is_to_have_one(user) && self.was_given_up(user);
        for known in waits.iter().filter(|known| !left || known.content.kind == Kind::Create) {
            for change in &known.content.changes {
                let wanted = (known.content.kind, change.attribute, change.to.clone());
                if !differences.contains(&wanted) && !meddled(change.attribute) {
                    let what = super::book::words(&known.content);
                    return Err(format!("#{} {what} waits, and is not wanted", known.number));
                }
            }
        }
        Ok(())
    }

    /// An account that carries somebody's id is known to be theirs, or something is to be decided about it.
    fn is_no_orphan(
        &self,
        user: &User,
        remote_id: Option<&str>,
        held: &[Held],
    ) -> Result<(), Differs> {
        let ours = |held: &&Held| held.external_id.as_deref() == Some(&*user.id.to_string());
        let Some(orphan) = held.iter().filter(ours).find(|held| Some(&*held.id) != remote_id)
        else {
            return Ok(());
        };
        let asked = match (user.deleted_at, user.active) {
            (Some(_), _) => Kind::Delete,
            (None, true) => Kind::Create,
            (None, false) => Kind::Suspend,
        };
        let is_asked = self.book.known.values().any(|known| {
            known.content.account == user.id
                && known.content.kind == asked
                && [Status::Pending, Status::Rejected].contains(&known.status)
        });
        if is_asked { Ok(()) } else { Err(format!("nobody knows of {orphan:?}")) }
    }

    /// Whether a create of theirs was let through and came to nothing.
    fn was_given_up(&self, user: &User) -> bool {
        self.book.grants.iter().any(|grant| {
            grant.content.account == user.id
                && grant.content.kind == Kind::Create
                && matches!(grant.end, Some(End::TakenBack | End::Withdrawn))
        })
    }
}

/// An account that has all that it may have instead of what was confirmed.
fn as_it_may_be(has: &Attributes, unheard: &Unheard) -> Attributes {
    let mut has = has.clone();
    for (attribute, may) in unheard {
        match may {
            Some(value) => _ = has.insert(*attribute, value.clone()),
            None => _ = has.remove(attribute),
        }
    }
    has
}

fn is_to_have_one(user: &User) -> bool {
    user.deleted_at.is_none() && user.active
}

/// What is to be done about an account, by what is wanted and what is confirmed.
fn differing(
    user: &User,
    has: Option<&Attributes>,
) -> Vec<(Kind, Attribute, Option<countersign::apps::change::Value>)> {
    let wanted = wanted(user);
    let Some(has) = has else {
        let create = user.deleted_at.is_none() && user.active;
        let all = wanted.into_iter().filter(|_| create);
        return all.map(|(attribute, to)| (Kind::Create, attribute, Some(to))).collect();
    };
    if user.deleted_at.is_some() {
        return has.keys().map(|attribute| (Kind::Delete, *attribute, None)).collect();
    }
    let differs =
        |attribute: &&Attribute| !same(**attribute, has.get(attribute), wanted.get(attribute));
    let all = Attribute::ALL.iter().filter(differs);
    all.map(|attribute| {
        let kind = match (attribute, user.active) {
            (Attribute::Active, true) => Kind::Reactivate,
            (Attribute::Active, false) => Kind::Suspend,
            _ => Kind::Update,
        };
        (kind, *attribute, wanted.get(attribute).cloned())
    })
    .collect()
}
