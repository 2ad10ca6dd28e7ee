//! What is wanted of a person against what their account has. Pure.

use super::{Action, store::Refused};
use crate::{
    apps::{
        OnDelete, OnSuspend, Provisioning,
        account::Confirmed,
        change::{Attribute, Attributes, Change, Kind, Value, same},
        mapping,
    },
    directory::User,
};

/// What would be done to a user's account, by kind; empty when it is as wanted, for all that is known.
pub(super) fn difference(
    user: &User,
    provisioning: Provisioning,
    baseline: Option<&Attributes>,
    known: &Confirmed,
) -> Vec<(Kind, Vec<Change>)> {
    let wanted = mapping::wanted(user);
    let Some(has) = baseline else {
        return match (user.deleted_at, user.active) {
            (None, true) => {
                vec![(Kind::Create, changes(&Attributes::new(), &wanted).filter(differs).collect())]
            }
            _ => Vec::new(),
        };
    };
    // What seems to be as wanted, and may be otherwise, is to be made so.
    let may_have = |mut change: Change| {
        match known.unheard.get(&change.attribute) {
            Some(may) if !differs(&change) => change.from.clone_from(may),
            _ => {}
        }
        change
    };
    let switched = |active| {
        let (attribute, to) = (Attribute::Active, Some(Value::Flag(active)));
        let change = may_have(Change { attribute, from: has.get(&attribute).cloned(), to });
        (change.from != change.to).then(|| vec![change])
    };
    let suspend =
        || switched(false).map(|changes| (Kind::Suspend, changes)).into_iter().collect::<Vec<_>>();
    if user.deleted_at.is_some() {
        return match provisioning.on_delete {
            OnDelete::Delete => {
                vec![(Kind::Delete, changes(has, &Attributes::new()).filter(differs).collect())]
            }
            OnDelete::Suspend => suspend(),
            OnDelete::Nothing => Vec::new(),
        };
    }
    let mut drafts = match (user.active, provisioning.on_suspend) {
        (true, _) => {
            switched(true).map(|changes| (Kind::Reactivate, changes)).into_iter().collect()
        }
        (false, OnSuspend::Suspend) => suspend(),
        (false, OnSuspend::Nothing) => Vec::new(),
    };
    let update: Vec<_> = changes(has, &wanted)
        .map(may_have)
        .filter(|change| change.attribute != Attribute::Active && differs(change))
        .filter(|change| {
            let unkept = known.unkept.get(&change.attribute) == Some(&change.to);
            // It may have another value by now than the one that the app kept instead.
            !unkept || known.unheard.contains_key(&change.attribute)
        })
        .collect();
    if !update.is_empty() {
        drafts.push((Kind::Update, update));
    }
    drafts
}

/// From one account to another, attribute by attribute, whether they differ in it or not.
fn changes(from: &Attributes, to: &Attributes) -> impl Iterator<Item = Change> {
    Attribute::ALL.iter().map(|attribute| Change {
        attribute: *attribute,
        from: from.get(attribute).cloned(),
        to: to.get(attribute).cloned(),
    })
}

fn differs(change: &Change) -> bool {
    !same(change.attribute, change.from.as_ref(), change.to.as_ref())
}

/// Why an action of `kind` is no longer wanted.
pub(super) fn why_unwanted(user: &User, kind: Kind) -> &'static str {
    match (user.deleted_at, kind) {
        (Some(_), Kind::Delete) => "The account is not to be deleted any more.",
        (Some(_), _) => "The person was deleted before it was done.",
        (None, Kind::Create | Kind::Reactivate) if !user.active => {
            "The person was suspended before it was done."
        }
        (None, _) => "What it would have changed is as wanted, or a newer change took its place.",
    }
}

/// Takes out what stays rejected, and returns the rejections whose source value has changed since.
/// Of an update the attributes stand alone; every other kind is rejected as a whole.
pub(super) fn without_refused(
    drafts: &mut Vec<(Kind, Vec<Change>)>,
    refused: &[Refused],
) -> Vec<Refused> {
    let still = |kind: Kind, change: &Change| {
        refused.iter().any(|refused| {
            refused.kind == kind
                && refused.attribute == change.attribute
                && refused.wanted == change.to
        })
    };
    let over: Vec<Refused> = refused
        .iter()
        .filter(|refused| {
            let draft = drafts.iter().find(|draft| draft.0 == refused.kind);
            !draft.is_some_and(|(kind, changes)| {
                let same = |change: &&Change| change.attribute == refused.attribute;
                changes.iter().find(same).is_some_and(|change| still(*kind, change))
            })
        })
        .cloned()
        .collect();
    for (kind, changes) in drafts.iter_mut() {
        if *kind == Kind::Update || changes.iter().all(|change| still(*kind, change)) {
            changes.retain(|change| !still(*kind, change));
        }
    }
    drafts.retain(|(_, changes)| !changes.is_empty());
    over
}

/// A create starts from the account that was found in its place, whatever is wanted since.
pub(super) fn keep_what_was_found(waiting: &[Action], changes: &mut [Change]) {
    for change in changes {
        let found = waiting.iter().find_map(|action| action.content.starts_from(change.attribute));
        change.from = found.cloned();
    }
}
