//! What happens to whom, in order: decided before anything is written, since people are written as they end.

use super::{
    Size,
    dice::Dice,
    person::{Person, Standing},
};
use crate::apps::change::Kind;

const DEEDS: u64 = 2;

/// What becomes of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Pending,
    Provisioned,
    Failed,
    Rejected,
    Cancelled,
    Withdrawn,
}

/// One action: an account that goes from one standing to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) person: u32,
    pub(super) kind: Kind,
    pub(super) from: Option<Standing>,
    pub(super) to: Option<Standing>,
    pub(super) fate: Fate,
    /// Nothing was done to this account before.
    pub(super) is_first: bool,
    /// The account was deleted before.
    pub(super) is_return: bool,
}

/// Somebody in the middle of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// As their account is; none before it is created and after it is deleted.
    pub(super) account: Option<Standing>,
    /// As the organisation wants them.
    pub(super) wanted: Option<Standing>,
    /// As they were when there was last anything to know of them.
    pub(super) last: Standing,
    /// An action of theirs is not over.
    open: bool,
    known: bool,
    deleted: bool,
}

impl Life {
    /// They are gone from the directory, or are to be.
    pub(super) const fn is_over(&self) -> bool {
        self.known && self.wanted.is_none() && (self.account.is_some() || self.deleted)
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Plot {
    pub(super) deeds: Vec<Deed>,
    pub(super) lives: Vec<Life>,
}

impl Plot {
    pub(super) fn of(size: Size) -> Self {
        let lives = (0..size.people).map(|number| {
            let person = Person::of(number);
            let account = person.is_established.then_some(person.begins);
            let last = person.begins;
            Life { account, wanted: account, last, open: false, known: false, deleted: false }
        });
        let mut plot = Self { deeds: Vec::with_capacity(size.actions), lives: lives.collect() };
        let mut waiting = size.pending;
        let mut failed = 0;
        for number in 0..size.actions {
            let mut dice = Dice::of(DEEDS, number);
            let fate = match waiting.checked_sub(1) {
                Some(nth) if waits_at(nth, size) == number => {
                    waiting = nth;
                    Fate::Pending
                }
                _ => dice.share(&[
                    (86, Fate::Provisioned),
                    (usize::from(failed * 10 < size.people), Fate::Failed),
                    (6, Fate::Rejected),
                    (3, Fate::Cancelled),
                    (4, Fate::Withdrawn),
                ]),
            };
            failed += usize::from(fate == Fate::Failed);
            plot.act(&mut dice, fate);
        }
        plot
    }

    /// Somebody of whom nothing waits is chosen, and something is done that can be done to them.
    fn act(&mut self, dice: &mut Dice, fate: Fate) {
        let begin = dice.roll(self.lives.len());
        let someone = (begin..self.lives.len()).chain(0..begin).find(|at| !self.lives[*at].open);
        let at = someone.unwrap_or(begin);
        let life = &mut self.lives[at];
        let (kind, to) = next(dice, life);
        self.deeds.push(Deed {
            person: u32::try_from(at).unwrap_or(u32::MAX),
            kind,
            from: life.account,
            to,
            fate,
            is_first: !life.known && kind != Kind::Create,
            is_return: life.deleted && kind == Kind::Create,
        });
        life.known = true;
        match fate {
            Fate::Pending | Fate::Failed => (life.open, life.wanted) = (true, to),
            Fate::Provisioned => {
                life.deleted |= kind == Kind::Delete;
                (life.account, life.wanted) = (to, to);
            }
            Fate::Rejected | Fate::Cancelled | Fate::Withdrawn => {}
        }
        life.last = life.wanted.unwrap_or(life.last);
    }
}

/// The number of the `nth` newest action that waits: half of them are among the newest sixth.
fn waits_at(nth: usize, size: Size) -> usize {
    let (nth, pending) = (nth as u128, size.pending as u128);
    let old = (size.actions - size.pending) as u128 * nth.pow(3) / pending.pow(3).max(1);
    size.actions - 1 - usize::try_from(nth + old).unwrap_or(0)
}

fn next(dice: &mut Dice, life: &Life) -> (Kind, Option<Standing>) {
    let Some(now) = life.account else {
        return (Kind::Create, Some(Standing { active: true, ..life.last }));
    };
    if !now.active {
        return match dice.roll(3) {
            0 => (Kind::Delete, None),
            _ => (Kind::Reactivate, Some(Standing { active: true, ..now })),
        };
    }
    let updated = match dice.roll(10) {
        0..5 => Standing { level: (now.level + 1) % 4, ..now },
        5..7 => Standing { department: (now.department + 1) % 7, ..now },
        _ => Standing { phone: now.phone % 200 + 1, ..now },
    };
    dice.share(&[
        (78, (Kind::Update, Some(updated))),
        (14, (Kind::Suspend, Some(Standing { active: false, ..now }))),
        (8, (Kind::Delete, None)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { people: 500, actions: 2_000, pending: 200 };

    #[test]
    fn exactly_so_many_wait_and_most_of_them_are_new() {
        let Plot { deeds, .. } = Plot::of(SIZE);
        let waits = |deeds: &[Deed]| deeds.iter().filter(|deed| deed.fate == Fate::Pending).count();

        assert_eq!((deeds.len(), waits(&deeds)), (2_000, 200));
        assert!(waits(&deeds[1_600..]) >= 100);
        assert!(waits(&deeds[..1_000]) > 0);
    }

    #[test]
    fn nothing_is_done_to_anybody_of_whom_something_waits_or_has_failed() {
        let Plot { deeds, .. } = Plot::of(SIZE);

        for (at, deed) in deeds.iter().enumerate() {
            let is_over = !matches!(deed.fate, Fate::Pending | Fate::Failed);
            assert!(is_over || deeds[at + 1..].iter().all(|later| later.person != deed.person));
        }
    }

    #[test]
    fn all_may_wait() {
        let size = Size { people: 20, actions: 10, pending: 10 };

        let Plot { deeds, .. } = Plot::of(size);

        assert!(deeds.iter().all(|deed| deed.fate == Fate::Pending));
    }

    #[test]
    fn every_kind_and_every_fate_occurs() {
        let Plot { deeds, .. } = Plot::of(SIZE);

        for kind in Kind::ALL {
            assert!(deeds.iter().any(|deed| deed.kind == *kind), "{kind}");
        }
        for fate in
            [Fate::Provisioned, Fate::Failed, Fate::Rejected, Fate::Cancelled, Fate::Withdrawn]
        {
            assert!(deeds.iter().any(|deed| deed.fate == fate), "{fate:?}");
        }
    }
}
