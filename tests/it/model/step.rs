//! What can happen, and how often it does. A script is a list of it; whatever makes no sense at its time does nothing,
//! so that a script makes sense with any of its steps left out.

use countersign::{apps::change::Kind, sandbox::faults::Method};
use proptest::{prelude::*, sample::select};

use crate::support::echosign::At;

/// Somebody in the directory; there are two of a name only while the first is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Ana,
    Ben,
    Cleo,
}

impl Who {
    /// The first name that they have.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ana => "ana",
            Self::Ben => "ben",
            Self::Cleo => "cleo",
        }
    }
}

/// One of those that are there, in the order of their numbers, counted round and round.
pub(super) type Nth = u8;

/// How the app misbehaves next.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    Answers(Method, u16, u32),
    AnswersWithAPage(Method),
    AsksToWait(u32),
    LosesTheAnswer(Method),
    RefusesTheToken,
}

/// What somebody does in the app itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Elsewhere {
    Retitles(Who, &'static str),
    Suspends(Who),
    Removes(Who),
    Makes(Who, &'static str),
}

/// Where a worker stops.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stops {
    HavingClaimed,
    Asking(At),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Add(Who),
    Approve(Nth),
    Work(u8),
    Retitle(Who, &'static str),
    Move(Who, &'static str),
    Rename(Who, &'static str),
    Suspend(Who),
    Reactivate(Who),
    Delete(Who),
    /// By what is stored, as those do who approve a thousand at once.
    ApproveUnseen(Nth),
    /// What somebody saw before it changed.
    ApproveStale(Nth),
    Reject(Nth),
    Cancel(Nth),
    Undo(Nth),
    Retry(Nth),
    Reverse(Nth),
    Link(Nth),
    Require(Kind),
    LetThrough(Kind),
    FourEyes(bool),
    /// Olivia and not Oscar changes people from now on.
    OliviaAsks(bool),
    /// Olivia and not Paula decides from now on.
    OliviaDecides(bool),
    UndoWithin(u16),
    Pause,
    Resume,
    Drain,
    Advance(u32),
    /// A worker takes the next job, and is not heard of for a while.
    Stops(Stops),
    /// It is heard of again.
    GoesOn(Nth),
    Fault(Fault),
    Elsewhere(Elsewhere),
    /// The app takes no user name twice from now on.
    UniqueNames,
    /// The app takes one operation in a PATCH from now on.
    OneOperation,
}

/// Somebody has an account already, most of the time; what follows comes one by one, or as things do that belong together.
pub(super) fn script() -> impl Strategy<Value = Vec<Step>> {
    let there = select(vec![vec![Who::Ana, Who::Ben], vec![Who::Ana], vec![]]);
    let there = there.prop_map(|there| {
        let begins = |who: &Who| [Step::Add(*who), Step::Approve(0), Step::Work(2)];
        there.iter().flat_map(begins).collect::<Vec<_>>()
    });
    let alone = vec![Step::FourEyes(true), Step::OliviaAsks(true), Step::OliviaDecides(true)];
    let meanwhile = prop_oneof![
        8 => proptest::collection::vec(settings(), 0..2),
        1 => Just(alone),
    ];
    (meanwhile, there, proptest::collection::vec(some_steps(), 3..=16))
        .prop_map(|(meanwhile, there, then)| [meanwhile, there, then.concat()].concat())
}

/// Steps that often come together: a change with its approval, what is done about it meanwhile, and work.
fn some_steps() -> impl Strategy<Value = Vec<Step>> {
    let late = (stops(), 0..3_u8)
        .prop_map(|(stops, nth)| vec![stops, Step::Advance(310), Step::Work(1), Step::GoesOn(nth)]);
    let two = (stops(), stops(), 0..3_u8)
        .prop_map(|(one, other, nth)| vec![one, Step::Advance(310), other, Step::GoesOn(nth)]);
    let fails = (fault(), 1..3_u8).prop_map(|(fault, n)| vec![Step::Fault(fault), Step::Work(n)]);
    prop_oneof![
        14 => step().prop_map(|step| vec![step]),
        6 => who().prop_flat_map(approved),
        6 => who().prop_flat_map(meddled_with),
        3 => fails,
        1 => late,
        2 => two,
    ]
}

fn approved(who: Who) -> impl Strategy<Value = Vec<Step>> {
    let approve = prop_oneof![2 => Just(Step::Approve(0)), 1 => Just(Step::ApproveUnseen(0))];
    (change_of(who), approve).prop_map(|(change, approve)| vec![change, approve])
}

fn meddled_with(who: Who) -> impl Strategy<Value = Vec<Step>> {
    let meddling = prop_oneof![
        4 => elsewhere(who).prop_map(Step::Elsewhere),
        2 => change_of(who),
        1 => fault().prop_map(Step::Fault),
        1 => decisions(),
        1 => stops(),
    ];
    let worked = (1..3_u8).prop_map(Step::Work);
    (approved(who), meddling, worked)
        .prop_map(|(approved, meddling, worked)| [approved, vec![meddling, worked]].concat())
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => who().prop_map(Step::Add),
        22 => who().prop_flat_map(change_of),
        24 => decisions(),
        20 => work(),
        7 => settings(),
        9 => fault().prop_map(Step::Fault),
        9 => who().prop_flat_map(elsewhere).prop_map(Step::Elsewhere),
        1 => Just(Step::UniqueNames),
        1 => Just(Step::OneOperation),
    ]
}

fn who() -> impl Strategy<Value = Who> {
    select(&[Who::Ana, Who::Ben, Who::Cleo][..])
}

fn title() -> impl Strategy<Value = &'static str> {
    select(&["Clerk", "Director", "Analyst"][..])
}

fn change_of(who: Who) -> impl Strategy<Value = Step> {
    let department = select(&["Legal", "Sales", ""][..]);
    let name = select(&["ana", "ben", "cleo", "dan"][..]);
    prop_oneof![
        6 => title().prop_map(move |title| Step::Retitle(who, title)),
        4 => department.prop_map(move |name| Step::Move(who, name)),
        2 => name.prop_map(move |name| Step::Rename(who, name)),
        3 => Just(Step::Suspend(who)),
        3 => Just(Step::Reactivate(who)),
        2 => Just(Step::Delete(who)),
    ]
}

fn decisions() -> impl Strategy<Value = Step> {
    let nth = 0..4_u8;
    prop_oneof![
        9 => nth.clone().prop_map(Step::Approve),
        6 => nth.clone().prop_map(Step::ApproveUnseen),
        1 => nth.clone().prop_map(Step::ApproveStale),
        2 => nth.clone().prop_map(Step::Reject),
        2 => nth.clone().prop_map(Step::Cancel),
        3 => nth.clone().prop_map(Step::Undo),
        2 => nth.clone().prop_map(Step::Retry),
        2 => nth.clone().prop_map(Step::Reverse),
        1 => nth.prop_map(Step::Link),
    ]
}

fn stops() -> impl Strategy<Value = Step> {
    let stops = [Stops::HavingClaimed, Stops::Asking(At::Look), Stops::Asking(At::Change)];
    select(stops.to_vec()).prop_map(Step::Stops)
}

fn work() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => (1..4_u8).prop_map(Step::Work),
        4 => select(&[7_u32, 70, 310, 4_000][..]).prop_map(Step::Advance),
        3 => stops(),
        2 => (0..4_u8).prop_map(Step::GoesOn),
    ]
}

fn settings() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => select(Kind::ALL).prop_map(Step::LetThrough),
        1 => select(Kind::ALL).prop_map(Step::Require),
        1 => any::<bool>().prop_map(Step::FourEyes),
        1 => any::<bool>().prop_map(Step::OliviaAsks),
        1 => any::<bool>().prop_map(Step::OliviaDecides),
        1 => select(&[0_u16, 60][..]).prop_map(Step::UndoWithin),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => Just(Step::Drain),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let changes = || select(&[Method::Post, Method::Patch, Method::Delete][..]);
    let any = select(&[Method::Get, Method::Post, Method::Patch, Method::Delete][..]);
    let answers = (any, select(&[500_u16, 422][..]), select(&[1_u32, 2, 12][..]));
    prop_oneof![
        4 => answers.prop_map(|(method, status, times)| Fault::Answers(method, status, times)),
        4 => changes().prop_map(Fault::LosesTheAnswer),
        1 => Just(Fault::AsksToWait(60)),
        1 => Just(Fault::RefusesTheToken),
        1 => changes().prop_map(Fault::AnswersWithAPage),
    ]
}

fn elsewhere(who: Who) -> impl Strategy<Value = Elsewhere> {
    prop_oneof![
        3 => title().prop_map(move |title| Elsewhere::Retitles(who, title)),
        1 => Just(Elsewhere::Suspends(who)),
        2 => Just(Elsewhere::Removes(who)),
        2 => title().prop_map(move |title| Elsewhere::Makes(who, title)),
    ]
}
