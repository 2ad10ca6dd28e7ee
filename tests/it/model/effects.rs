//! Whether what EchoSign was made to do is what was let through: exactly that, in its turn, once.

use std::collections::HashMap;

use countersign::{
    apps::change::{Attribute, Kind, same},
    kernel::{ActionId, UserId},
};
use time::OffsetDateTime;

use super::{
    accounts::{Held, Made},
    book::{Book, Grant, words},
};

/// Under what circumstances something was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meanwhile {
    pub(super) now: OffsetDateTime,
    pub(super) paused: bool,
    /// What was let through since then waits, as the app drains.
    pub(super) drains_since: Option<usize>,
}

/// Which account is whose, and what others did about them.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    pub(super) of: HashMap<UserId, String>,
    /// What somebody over there changed, and when.
    pub(super) touched: Vec<(String, Option<Attribute>, usize)>,
}

impl Accounts {
    /// When somebody over there last touched an account.
    pub(super) fn touched(&self, id: &str) -> Option<usize> {
        self.touched.iter().filter(|touched| touched.0 == id).map(|touched| touched.2).max()
    }

    /// Whether somebody over there changed an attribute of an account since `rank`.
    pub(super) fn changed_since(&self, id: &str, attribute: Attribute, rank: usize) -> bool {
        let is = |of: Option<Attribute>| of.is_none_or(|of| of == attribute);
        self.touched.iter().any(|(of, what, at)| of == id && is(*what) && *at >= rank)
    }
}

/// Says what was wrong about something that a job for `action` did, if anything was.
pub(super) fn explain(
    book: &mut Book,
    accounts: &mut Accounts,
    action: ActionId,
    made: &Made,
    all_before: &[Held],
    meanwhile: Meanwhile,
) -> Result<(), String> {
    let rank = book.rank;
    let Some(grant) = book.open(action).cloned() else {
        return Err(format!("{made:?} was made, and it was not let through, or no longer"));
    };
    let wrong = |what: &str| {
        Err(format!("{what}: #{} {} made {made:?}", grant.number, words(&grant.content)))
    };
    let user = grant.content.account;
    let drained = meanwhile.drains_since.is_some_and(|since| grant.rank >= since);
    if meanwhile.paused || drained {
        return wrong("the app was stopped");
    }
    if meanwhile.now < grant.not_before {
        return wrong("it could still have been undone");
    }
    let earlier = |other: &&Grant| {
        other.content.account == user && other.end.is_none() && other.rank < grant.rank
    };
    if let Some(first) = book.grants.iter().find(earlier) {
        let first = format!("it was not its turn, but that of #{}", first.number);
        return wrong(&first);
    }
    let kind = grant.content.kind;
    let explained = match made {
        Made::Created(held) if kind == Kind::Create => created(&grant, held, all_before),
        Made::Removed(held) if kind == Kind::Delete => removed(&grant, held, accounts),
        Made::Changed(was, is) if kind != Kind::Delete => changed(&grant, was, is, accounts),
        _ => Err("that is another kind of change"),
    };
    if let Err(what) = explained {
        return wrong(what);
    }
    let Some(grant) = book.open(action) else { return Ok(()) };
    match made {
        Made::Created(held) => {
            grant.made = true;
            accounts.of.insert(user, held.id.clone());
        }
        Made::Removed(_) => drop(accounts.of.remove(&user)),
        Made::Changed(was, is) => {
            accounts.of.insert(user, is.id.clone());
            grant.effects.extend(differing(was, is).into_iter().map(|attribute| (attribute, rank)));
        }
    }
    Ok(())
}

fn differing(was: &Held, is: &Held) -> Vec<Attribute> {
    let differs = |attribute: &&Attribute| was.has.get(attribute) != is.has.get(attribute);
    Attribute::ALL.iter().filter(differs).copied().collect()
}

fn created(grant: &Grant, held: &Held, before: &[Held]) -> Result<(), &'static str> {
    let id = grant.content.account.to_string();
    let there = |other: &Held| {
        other.external_id.as_ref() == Some(&id) || other.name().eq_ignore_ascii_case(&held.name())
    };
    if before.iter().any(there) {
        return Err("a second account was made");
    }
    if grant.content.changes.iter().any(|change| change.from.is_some()) {
        return Err("an account was made where another one was to be taken over");
    }
    let wishes = grant.content.changes.iter();
    let wished = wishes.filter_map(|change| Some((change.attribute, change.to.clone()?))).collect();
    if held.has == wished && held.external_id.as_ref() == Some(&id) {
        Ok(())
    } else {
        Err("the account is not what was let through")
    }
}

fn removed(grant: &Grant, held: &Held, accounts: &Accounts) -> Result<(), &'static str> {
    if accounts.of.get(&grant.content.account) != Some(&held.id) {
        return Err("that is not their account");
    }
    let seen = grant.content.changes.iter();
    let seen = seen.filter_map(|change| Some((change.attribute, change.from.clone()?))).collect();
    if held.has == seen { Ok(()) } else { Err("what went was not what was seen to go") }
}

fn changed(grant: &Grant, was: &Held, is: &Held, accounts: &Accounts) -> Result<(), &'static str> {
    let content = &grant.content;
    let own = accounts.of.get(&content.account) == Some(&was.id);
    let ours = was.external_id.as_deref() == Some(&*content.account.to_string());
    let seen = content.starts_from(Attribute::UserName).is_some_and(|seen| {
        same(Attribute::UserName, Some(seen), was.has.get(&Attribute::UserName))
    });
    if !own && !(content.kind == Kind::Create && (ours || seen)) {
        return Err("that is not their account");
    }
    let attributes = differing(was, is);
    if attributes.is_empty() {
        return Err("something was changed that nobody saw");
    }
    for attribute in attributes {
        let change = content.changes.iter().find(|change| change.attribute == attribute);
        let Some(change) = change else { return Err("more was changed than was let through") };
        if is.has.get(&attribute) != change.to.as_ref() {
            return Err("another value was sent than was let through");
        }
        // What an earlier try of the same create made is its own.
        let own = grant.made && content.kind == Kind::Create;
        if !own && !same(attribute, was.has.get(&attribute), change.from.as_ref()) {
            return Err("it was no longer what was reviewed");
        }
        let sent = grant.effects.iter().find(|effect| effect.0 == attribute);
        if sent.is_some_and(|(_, at)| !accounts.changed_since(&was.id, attribute, *at)) {
            return Err("the same was sent twice");
        }
    }
    Ok(())
}
