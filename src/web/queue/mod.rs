//! `/users/provisioning`: the queue.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{
        Badge, Callout, ChangeLine, Countdown, Empty, Icon, Moment, Pager, Tab, Views, Who, count,
    },
    paths,
    shell::Shell,
};

/// A remark under a change that a reviewer should see before deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A picture of it.
    pub icon: Icon,
    /// `bad`, `quiet` or nothing: its colour.
    pub class: &'static str,
    /// The remark, short.
    pub says: String,
}

impl Note {
    /// Something to look at twice: `Suspended 2 d ago`.
    #[must_use]
    pub fn look(says: impl Into<String>) -> Self {
        Self { icon: Icon::Warning, class: "", says: says.into() }
    }

    /// Something good to know: `After #1041`, `Paused`, `You asked for this`.
    #[must_use]
    pub fn quiet(says: impl Into<String>) -> Self {
        Self { icon: Icon::Info, class: "quiet", says: says.into() }
    }

    /// Why it failed.
    #[must_use]
    pub fn bad(says: impl Into<String>) -> Self {
        Self { icon: Icon::Error, class: "bad", says: says.into() }
    }
}

/// A hint, short; what it means is told on hover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hinted {
    /// The hint: `Domain not ours`.
    pub says: String,
    /// What it means, in a sentence.
    pub means: String,
}

/// What a row's buttons send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDecide {
    /// Where an approval goes.
    pub approve: String,
    /// Where a rejection goes.
    pub reject: String,
    /// Where the action is rejected, or approved, by hand.
    pub by_hand: String,
    /// What the approval is bound to, all 64 digits.
    pub digest: String,
    /// Whether an approval has to say why.
    pub needs_reason: bool,
}

/// What can be done on a row.
#[derive(Debug, Clone)]
pub enum RowAct {
    /// Decide.
    Decide(RowDecide),
    /// Take a decision back: where that goes, and until when, where it is not for ever.
    Undo(String, Option<Countdown>),
    /// Nothing.
    Nothing,
}

/// One action in the list.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/queue_row.html")]
pub struct QueueRow {
    /// The action's id, which is the row's id on the page.
    pub id: String,
    /// Where this row is drawn anew.
    pub row: String,
    /// Whose account; the name opens the action.
    pub who: Who,
    /// What is done.
    pub kind: Badge,
    /// What changes.
    pub change: ChangeLine,
    /// What to look at twice.
    pub hints: Vec<Hinted>,
    /// What else there is to know.
    pub notes: Vec<Note>,
    /// When it was asked for.
    pub at: Moment,
    /// Whether that is too long ago.
    pub late: bool,
    /// Where it came from: `Okta`.
    pub source: String,
    /// In which app: `EchoSign`.
    pub app: String,
    /// How far it has come.
    pub state: Badge,
    /// Who decided, and when.
    pub decided: Option<(String, Moment)>,
    /// Whether it left the list that it is shown in.
    pub over: bool,
    /// What to tell whoever cannot see that it changed.
    pub said: String,
    /// What can be done.
    pub act: RowAct,
}

impl HtmlSafe for QueueRow {}

impl QueueRow {
    /// `Update Ana Lima`
    fn named(&self) -> String {
        format!("{} {}", self.kind.word(), self.who.name())
    }
}

/// A way to look at the list that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where it leads.
    pub href: String,
    /// Its name: `Oldest first`.
    pub name: &'static str,
    /// Whether it is the one that is shown.
    pub here: bool,
}

/// How the queue is, in one sentence.
#[derive(Debug, Clone)]
pub struct QueueState {
    /// How many actions wait for a decision.
    pub waiting: u64,
    /// When the oldest of them was asked for.
    pub oldest: Option<Moment>,
    /// `good`, `warn` or `bad`: the colour of the dot.
    pub dot: &'static str,
    /// How the app is: `EchoSign is connected.`
    pub app: String,
}

/// Why a list is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// Nothing waits.
    Waits,
    /// Nothing is in this tab.
    Here,
    /// Nothing matches the search.
    Matches,
    /// Nothing can be queued before EchoSign is connected.
    Unconnected,
}

/// The queue.
#[derive(Debug, Template)]
#[template(path = "queue.html")]
pub struct QueuePage {
    /// What stands around it.
    pub shell: Shell,
    /// How the queue is.
    pub state: QueueState,
    /// The tabs, each with its number.
    pub tabs: Vec<Tab>,
    /// The word of the tab that is shown, as the address has it.
    pub status: String,
    /// What was searched for.
    pub query: String,
    /// The order, as the address has it.
    pub sort: String,
    /// The orders that this list can be in.
    pub orders: Vec<Choice>,
    /// The lists that the reader comes back to.
    pub views: Views,
    /// Whether this tab shows what waits, and so how long it has waited.
    pub waits: bool,
    /// How many match, and may be decided at once; nothing where the reader may not.
    pub all: Option<String>,
    /// Where the list tells what changes.
    pub live: String,
    /// The actions.
    pub rows: Vec<QueueRow>,
    /// Why there are none.
    pub nothing: Nothing,
    /// A decision on many that is under way.
    pub running: Option<Callout>,
    /// What the search could not be understood in.
    pub problems: Vec<String>,
    /// The way to the next page.
    pub pager: Pager,
}

impl QueuePage {
    fn waiting(&self) -> String {
        match self.state.waiting {
            0 => "Nothing waits for approval".to_owned(),
            1 => "1 change waits for approval".to_owned(),
            many => format!("{} changes wait for approval", count(many)),
        }
    }

    /// The order that is shown.
    fn order(&self) -> &'static str {
        self.orders.iter().find(|order| order.here).map_or("Order", |order| order.name)
    }

    fn empty(&self) -> Empty {
        let (icon, title, says, next) = match self.nothing {
            Nothing::Waits => (
                Icon::Good,
                "All done",
                "Nothing waits for a decision. A change to a person that needs approval appears here.",
                Some((paths::PEOPLE, "Go to People")),
            ),
            Nothing::Here => (Icon::Inbox, "Nothing here", "No action is in this state.", None),
            Nothing::Matches => (
                Icon::Search,
                "Nothing matches",
                "Try a part of a name, or fewer qualifiers.",
                Some((paths::QUEUE, "Show everything that waits")),
            ),
            Nothing::Unconnected => (
                Icon::Plug,
                "EchoSign is not connected",
                "Once it is, and provisioning is on, each change to a person is queued here.",
                Some((paths::CONFIGURATION, "Connect EchoSign")),
            ),
        };
        let next = next.map(|(href, words)| (href.to_owned(), words));
        Empty { icon, title, says: says.to_owned(), next }
    }
}

#[cfg(test)]
mod tests;
