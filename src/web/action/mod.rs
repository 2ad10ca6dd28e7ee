//! `/users/provisioning/{act_…}`: one action, everything a decision needs, and the decision.

use askama::Template;

use super::{
    parts::{
        Attempt, Badge, Callout, CandidateLine, Countdown, Diff, Icon, Moment, RequestBlock,
        TimelineEntry, Who, counted,
    },
    paths,
    queue::Hinted,
    shell::Shell,
};
use crate::kernel::{ActionId, UserId};

/// What will be sent, as far as it can be told now.
#[derive(Debug, Clone)]
pub enum Planned {
    /// These requests, in this order.
    Requests(Vec<RequestBlock>),
    /// Nothing is left to do; why, in a sentence.
    Nothing(String),
    /// It cannot be told; why, in a sentence.
    Unknown(String),
    /// It is over, or on its way: what was sent stands under the attempts.
    Past,
}

/// Whether the reader may let it through.
#[derive(Debug, Clone)]
pub enum Approval {
    /// They may. The first eight digits of what they approve, to compare: `9c41 e07b`.
    Open(String),
    /// They may not, though they may turn it down. Why, in a sentence.
    Barred(String),
}

/// What the reader can do about it.
#[derive(Debug, Clone)]
pub enum Decide {
    /// Decide.
    Open {
        /// The digest of what is shown, which either decision is bound to.
        digest: String,
        /// Whether approving is among it.
        approval: Approval,
        /// The reason that was typed.
        reason: String,
        /// Whether approving needs one, too.
        needed: bool,
        /// What is wrong with it.
        refused: Option<String>,
    },
    /// Nothing: it waits for somebody else. Why, in a sentence.
    Barred(String),
    /// Send it again, or give it up.
    Failed {
        /// Whether the reader may.
        may: bool,
    },
    /// Wait until it is sent, or keep it from that.
    Approved {
        /// When it is sent.
        leaves: Leaves,
        /// What the reader may do before.
        recall: Recall,
    },
    /// Take a rejection back; whether the reader may.
    Rejected(bool),
    /// Prepare the opposite of what was carried out; what that does, in a sentence.
    Done(String),
    /// It is being sent or it is over.
    Over,
}

/// When an approved action is sent.
#[derive(Debug, Clone)]
pub enum Leaves {
    /// At this time.
    At(Countdown),
    /// Once something else has come about; what, in a sentence.
    Once(String),
}

/// What a reader may do about an approved action before it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recall {
    /// Take the approval back.
    Undo,
    /// Give it up: it was tried already, or taking back is not theirs.
    GiveUp,
    /// Nothing.
    Nothing,
}

/// Newer changes that became part of an action while it waited.
#[derive(Debug, Clone)]
pub struct Folded {
    /// How many, and from where: `3 changes from Okta`.
    pub says: String,
    /// When the last one came.
    pub last: Moment,
}

/// The ways to the actions before and after this one, in the list it was opened from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// To the one before.
    pub previous: Option<String>,
    /// To the next.
    pub next: Option<String>,
}

/// One action.
#[derive(Debug, Template)]
#[template(path = "action.html")]
pub struct ActionPage {
    /// What stands around it; the title is `Update Marek Rybak`.
    pub shell: Shell,
    /// Which action.
    pub id: ActionId,
    /// The list it was opened from, as a query string; empty when it was from none.
    pub context: String,
    /// Its neighbours there.
    pub beside: Option<Beside>,
    /// Its number, for people: `#1042`.
    pub number: String,
    /// Whose account.
    pub user: UserId,
    /// Their name and address.
    pub who: Who,
    /// The groups they are in: `Finance, Legal, +3`; empty when they are in none.
    pub groups: String,
    /// In which app: `EchoSign`.
    pub app: String,
    /// What is done.
    pub kind: Badge,
    /// How far it has come.
    pub state: Badge,
    /// Where it came from: `Okta`.
    pub source: String,
    /// When it was asked for.
    pub asked: Moment,
    /// Newer changes that became part of it.
    pub folded: Option<Folded>,
    /// What to look at twice.
    pub hints: Vec<Hinted>,
    /// What the reader should know first: it changed since they looked, it failed and why,
    /// it waits for another action, the app is paused, an account was taken over.
    pub callouts: Vec<Callout>,
    /// Accounts that may be theirs, where somebody has to choose one, or none.
    pub candidates: Vec<CandidateLine>,
    /// What was approved before it came back, to stand beside what would be done now.
    pub approved: Option<Diff>,
    /// Now and proposed.
    pub diff: Diff,
    /// What will be sent.
    pub planned: Planned,
    /// What the requests are written in: `SCIM 2.0`.
    pub language: String,
    /// What really was sent, first try first.
    pub attempts: Vec<Attempt>,
    /// What happened to it, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// What the reader can do about it.
    pub decide: Decide,
    /// After how many seconds the page looks again by itself, while it is on its way.
    pub again: Option<i64>,
}

impl ActionPage {
    /// `EchoSign has 2 accounts that may be Ana Lima's.`
    fn whose(&self) -> String {
        let accounts = counted(self.candidates.len(), "account", "accounts");
        format!("{} has {accounts} that may be {}'s.", self.app, self.who.name())
    }

    /// `SCIM 2.0, 1 request`
    fn planned_as(&self, requests: &[RequestBlock]) -> String {
        format!("{}, {}", self.language, counted(requests.len(), "request", "requests"))
    }
}

#[cfg(test)]
mod tests;
