//! Whether everything that was promised was kept: what was accepted against what the database and the app have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    database::{Action, Kept, User},
    deed::{self, Deed},
    people::{Change, Life},
    reviewers::Decided,
};

/// How many of a kind of fault are told in words.
const TOLD: usize = 8;

/// What was promised to providers and reviewers, what happened at the app, and what the database holds.
pub(crate) struct Evidence {
    pub(crate) lives: Vec<Life>,
    pub(crate) decided: Decided,
    /// What happened to the account of each user, in order.
    pub(crate) deeds: BTreeMap<String, Vec<Deed>>,
    /// The app's accounts at the end.
    pub(crate) accounts: Vec<Value>,
    pub(crate) kept: Kept,
}

/// What was wrong.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// People of whom an accepted change is missing, or there is more than was accepted.
    pub(crate) changes_lost: usize,
    /// Answered decisions that are not kept.
    pub(crate) decisions_lost: usize,
    /// Effects at the app of which there is no action that was provisioned.
    pub(crate) doubled: usize,
    /// Provisioned actions without an effect at the app.
    pub(crate) lost: usize,
    /// Accounts whose effects came in another order than the approvals.
    pub(crate) out_of_order: usize,
    /// Accounts that are not as their person is wanted.
    pub(crate) differ: usize,
    /// Actions that something was sent for without an approval.
    pub(crate) unapproved: usize,
    /// The first of each, in words.
    pub(crate) says: Vec<String>,
}

impl Verdict {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut verdict = Self::default();
        verdict.changes(&evidence.lives, &evidence.kept.users);
        verdict.decisions(&evidence.decided, &evidence.kept.actions);
        verdict.effects(&evidence.kept.actions, &evidence.deeds);
        verdict.accounts(&evidence.kept, &evidence.accounts);
        verdict.approvals(&evidence.kept.actions);
        verdict
    }

    /// What has to be none.
    pub(crate) const fn counts(&self) -> [(&'static str, usize); 7] {
        [
            ("people with accepted changes lost", self.changes_lost),
            ("answered decisions lost", self.decisions_lost),
            ("effects doubled", self.doubled),
            ("effects lost", self.lost),
            ("accounts out of order", self.out_of_order),
            ("accounts not as wanted", self.differ),
            ("actions sent unapproved", self.unapproved),
        ]
    }

    /// The history of each person is what was accepted, and they are as the last of it left them.
    fn changes(&mut self, lives: &[Life], users: &[User]) {
        let users: BTreeMap<_, _> = users.iter().map(|user| (&*user.id, user)).collect();
        let mut known = BTreeSet::new();
        for life in lives {
            known.insert(&*life.id);
            let user = users.get(&*life.id);
            let accepted: Vec<_> = life.accepted.iter().map(Change::verb).collect();
            let is_kept = user.is_some_and(|user| {
                let is_as_left = life.is_over()
                    || user.attributes["active"] == life.is_active()
                        && user.attributes.get("title").is_some_and(|title| title == life.title());
                user.verbs == accepted && user.deleted == life.is_over() && is_as_left
            });
            if !is_kept {
                self.changes_lost += 1;
                self.say(self.changes_lost, format!("accepted was {life:?}, kept is {user:?}"));
            }
        }
        for user in users.values().filter(|user| !known.contains(&*user.id)) {
            self.changes_lost += 1;
            self.say(self.changes_lost, format!("nobody pushed {user:?}"));
        }
    }

    /// Every decision that was answered stands in the history.
    fn decisions(&mut self, decided: &Decided, actions: &[Action]) {
        let actions: BTreeMap<_, _> = actions.iter().map(|action| (&*action.id, action)).collect();
        for (id, digest) in &decided.approved {
            let kept =
                actions.get(&**id).is_some_and(|action| action.approved().contains(&**digest));
            if !kept {
                self.decisions_lost += 1;
                self.say(
                    self.decisions_lost,
                    format!("the approval of {id} as {digest} is not kept"),
                );
            }
        }
        for id in &decided.rejected {
            if !actions.get(&**id).is_some_and(|action| action.was("action.rejected")) {
                self.decisions_lost += 1;
                self.say(self.decisions_lost, format!("the rejection of {id} is not kept"));
            }
        }
    }

    /// What happened to each account is what its provisioned actions do, in the order of their approval.
    fn effects(&mut self, actions: &[Action], deeds: &BTreeMap<String, Vec<Deed>>) {
        let mut due: BTreeMap<&str, Vec<(i64, Deed)>> = BTreeMap::new();
        for action in actions.iter().filter(|action| action.state == "provisioned") {
            let deed = deed::of_action(&action.kind, &action.changes);
            due.entry(&action.user).or_default().push((action.place().unwrap_or_default(), deed));
        }
        let users: BTreeSet<_> =
            due.keys().copied().chain(deeds.keys().map(|user| &**user)).collect();
        let mut wrong = 0;
        for user in users {
            let mut due = due.remove(user).unwrap_or_default();
            due.sort();
            let mut due: Vec<_> = due.into_iter().map(|(_, deed)| deed).collect();
            // Who was deleted before there was an account of theirs has none to lose.
            if due.iter().all(deed::is_delete) {
                due.clear();
            }
            let happened = deeds.get(user).map(Vec::as_slice).unwrap_or_default();
            let Differs { doubled, lost, out_of_order } = compare(&due, happened);
            self.doubled += doubled;
            self.lost += lost;
            self.out_of_order += usize::from(out_of_order);
            if doubled + lost > 0 || out_of_order {
                wrong += 1;
                self.say(wrong, format!("{user}: due was {due:#?}, and it came to {happened:#?}"));
            }
        }
    }

    /// Whoever was never rejected anything has the account that is wanted for them, and nobody has two.
    fn accounts(&mut self, kept: &Kept, accounts: &[Value]) {
        let mut of_user: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for account in accounts {
            let whose = account["externalId"].as_str().unwrap_or_default();
            of_user.entry(whose).or_default().push(deed::attributes(account));
        }
        let rejected: BTreeSet<_> = kept
            .actions
            .iter()
            .filter(|action| action.was("action.rejected"))
            .map(|action| &*action.user)
            .collect();
        for user in &kept.users {
            let has = of_user.remove(&*user.id).unwrap_or_default();
            let is_so = match (user.deleted, user.attributes["active"] == true, &*has) {
                (true, _, has) => has.is_empty(),
                // Nobody gets an account only to have it suspended.
                (false, false, []) => true,
                (false, _, [has]) => *has == user.attributes,
                (false, ..) => false,
            };
            if !is_so && (!rejected.contains(&*user.id) || has.len() > 1) {
                self.differ += 1;
                self.say(self.differ, format!("{user:?} has {has:?}"));
            }
        }
        for (whose, has) in of_user {
            self.differ += 1;
            self.say(self.differ, format!("nobody has the account of {whose}: {has:?}"));
        }
    }

    /// Nothing was tried without an approval, and nothing that was rejected.
    fn approvals(&mut self, actions: &[Action]) {
        for action in actions.iter().filter(|action| action.tries > 0) {
            let came_back = action.was("action.drifted");
            if !action.was("action.approved") || action.state == "rejected" && !came_back {
                self.unapproved += 1;
                self.say(self.unapproved, format!("tried unapproved: {action:?}"));
            }
        }
    }

    fn say(&mut self, number: usize, says: String) {
        if number <= TOLD {
            self.says.push(says);
        }
    }
}

/// How what happened differs from what was due.
#[derive(Debug, PartialEq, Eq)]
struct Differs {
    doubled: usize,
    lost: usize,
    out_of_order: bool,
}

fn compare(due: &[Deed], happened: &[Deed]) -> Differs {
    let mut missing = due.to_vec();
    let mut doubled = 0;
    for deed in happened {
        match missing.iter().position(|missing| missing == deed) {
            Some(place) => drop(missing.remove(place)),
            None => doubled += 1,
        }
    }
    let lost = missing.len();
    Differs { doubled, lost, out_of_order: doubled == 0 && lost == 0 && due != happened }
}

/// A judge that sees nothing would always be content: before anything is killed, it has to see what is wrong.
pub(crate) fn sees_what_is_wrong() {
    let deeds = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let differs = |doubled, lost, out_of_order| Differs { doubled, lost, out_of_order };
    for (happened, expected) in [
        (&["create", "a", "b"][..], differs(0, 0, false)),
        (&["create", "a", "a", "b"], differs(1, 0, false)),
        (&["create", "create", "a", "b"], differs(1, 0, false)),
        (&["create", "b"], differs(0, 1, false)),
        (&["create", "b", "a"], differs(0, 0, true)),
        (&["create", "a", "c"], differs(1, 1, false)),
    ] {
        assert_eq!(
            compare(&deeds(&["create", "a", "b"]), &deeds(happened)),
            expected,
            "{happened:?}"
        );
    }
}
