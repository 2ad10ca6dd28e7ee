//! A deed as an action.

use time::Duration;

use super::{
    dice::Dice,
    names::{ADMINISTRATORS, REASONS},
    person::Person,
    plot::{Deed, Fate},
    time::Times,
};
use crate::{
    apps::change::{Content, Kind},
    connector::Refusal,
    directory::Source,
    kernel::{AdministratorId, AppId, Digest, UserId},
    queue::{Action, Decider, Decision, State, hint::Hint},
};

const ACTIONS: u64 = 4;
const USERS: u64 = 5;
const DECIDERS: u64 = 6;

pub(super) fn user_id(number: usize) -> UserId {
    Dice::id(USERS, number)
}

pub(super) fn administrator_id(number: usize) -> AdministratorId {
    Dice::id(DECIDERS, number)
}

/// The `number`th action. It gets its number from the table.
pub(super) fn action(app: AppId, times: Times, number: usize, deed: &Deed) -> Action {
    let mut dice = Dice::of(ACTIONS, number);
    let person = Person::of(deed.person as usize);
    let content = Content {
        app,
        account: user_id(deed.person as usize),
        kind: deed.kind,
        changes: person.changes(deed.from, deed.to),
    };
    let created_at = times.of(number);
    let source = times.source(number).unwrap_or(match dice.roll(12) {
        0 => "console",
        _ => person.source,
    });
    let state = state(&mut dice, times, deed, content.digest(), created_at);
    let decided_at = state.decision().map(|decision| decision.at);
    Action {
        id: Dice::id(ACTIONS, number),
        number: 0,
        source: Source(source.to_owned()),
        barred: Vec::new(),
        four_eyes: false,
        candidates: Vec::new(),
        hints: hints(&person, deed),
        changed_at: state.ended_at().or(decided_at).unwrap_or(created_at),
        content,
        state,
        created_at,
    }
}

fn state(
    dice: &mut Dice,
    times: Times,
    deed: &Deed,
    digest: Digest,
    created_at: time::OffsetDateTime,
) -> State {
    let person = dice.roll(ADMINISTRATORS.len());
    let by_rule = matches!(deed.fate, Fate::Provisioned | Fate::Failed) && dice.roll(4) == 0;
    let (by, most) = if by_rule {
        let words = format!("by rule: {} needs no approval", deed.kind);
        (Decider::Rule(words), Duration::ZERO)
    } else {
        let name = ADMINISTRATORS[person].0.to_owned();
        let by = Decider::Person { id: administrator_id(person).uuid(), name };
        (by, Duration::hours(30))
    };
    let reason = match deed.fate {
        Fate::Rejected => Some((*dice.pick(&REASONS)).to_owned()),
        _ if by_rule => None,
        _ => (dice.roll(5) == 0).then(|| format!("HR-{}", 1_000 + dice.roll(9_000))),
    };
    let at = times.after(created_at, most, dice);
    let decision = Decision { by, at, digest, reason };
    let ended_at = times.after(at, Duration::minutes(4), dice);
    match deed.fate {
        Fate::Pending => State::Pending,
        Fate::Provisioned => State::Provisioned(decision, ended_at),
        Fate::Failed => State::Failed(decision, ended_at, cause(dice)),
        Fate::Rejected => State::Rejected(decision),
        Fate::Cancelled => State::Cancelled(decision, ended_at),
        Fate::Withdrawn => State::Withdrawn(None, at),
    }
}

/// Why apps refuse, in the words that the page has for it.
fn cause(dice: &mut Dice) -> String {
    let detail = || Some("No licence is left for this group.".to_owned());
    let refusal = match dice.roll(5) {
        0 | 1 => Refusal::Conflict { detail: None },
        2 => Refusal::Invalid { status: 400, detail: Some("title is too long".to_owned()) },
        3 => Refusal::Forbidden { detail: detail() },
        _ => Refusal::NotFound,
    };
    refusal.says("EchoSign")
}

fn hints(person: &Person, deed: &Deed) -> Vec<Hint> {
    let creates = deed.kind == Kind::Create;
    let holds = |hint: &Hint| match hint {
        Hint::First => deed.is_first,
        Hint::Domain => creates && person.is_outsider,
        Hint::Namesake => creates && person.has_namesake,
        Hint::Recreate => deed.is_return,
        Hint::Admin => person.is_administrator,
        Hint::Leaver => deed.kind == Kind::Delete,
        Hint::Opposite | Hint::Burst => false,
    };
    Hint::ALL.iter().copied().filter(holds).collect()
}
