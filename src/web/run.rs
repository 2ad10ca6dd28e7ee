//! `/users/provisioning/bulk/{run_…}`: a decision on many actions, before it, while it goes on, and what came of it.

use askama::Template;

use super::{
    imports_detail::Progress,
    parts::{Badge, Callout, Field, Icon, Pager, Tab, Who},
    paths,
    shell::Shell,
};
use crate::kernel::RunId;

/// How many of one kind there are in one app.
#[derive(Debug, Clone)]
pub struct GroupLine {
    /// What is done.
    pub kind: Badge,
    /// In which app.
    pub app: String,
    /// To how many accounts: `1,204`.
    pub items: String,
}

/// How many there are with something to look at twice.
#[derive(Debug, Clone)]
pub struct HintLine {
    /// The hint: `Domain not ours`.
    pub says: &'static str,
    /// What it means, in a sentence.
    pub means: &'static str,
    /// How many: `1,204`.
    pub items: String,
}

/// One item, with what became of it.
#[derive(Debug, Clone)]
pub struct ResultRow {
    /// Whose account; the name opens the action.
    pub who: Who,
    /// What is done.
    pub kind: Badge,
    /// `#1042`
    pub number: String,
    /// What became of it.
    pub result: Badge,
    /// Why it was not decided.
    pub says: Option<String>,
}

/// What has to be said before it starts.
#[derive(Debug, Clone)]
pub struct StartForm {
    /// Why.
    pub reason: Field,
    /// What has to be typed, where somebody loses access.
    pub confirm: Option<Field>,
    /// `Approve 1,204`
    pub button: String,
    /// Whether it takes something away.
    pub destructive: bool,
}

/// A decision on many actions.
#[derive(Debug, Template)]
#[template(path = "run.html")]
pub struct RunPage {
    /// What stands around it.
    pub shell: Shell,
    /// Which run.
    pub id: RunId,
    /// How far it has come.
    pub state: Badge,
    /// `from the search action:create, drawn up by Ruth Varga`
    pub about: String,
    /// The list it was drawn up from.
    pub list: String,
    /// What there is to know first.
    pub callouts: Vec<Callout>,
    /// What it is about.
    pub groups: Vec<GroupLine>,
    /// What to look at twice among them, before they are approved.
    pub hints: Vec<HintLine>,
    /// Who loses access, as far as they are named here.
    pub losers: Vec<Who>,
    /// `and 80 more`; nothing when all are named.
    pub more_losers: Option<String>,
    /// The form to start it with.
    pub start: Option<StartForm>,
    /// What is going on.
    pub progress: Option<Progress>,
    /// Which results are shown, with how many there are.
    pub tabs: Vec<Tab>,
    /// The results.
    pub rows: Vec<ResultRow>,
    /// The way through them.
    pub pager: Pager,
}
