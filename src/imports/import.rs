//! One file of people, and how far it has come.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    columns::{ColumnFault, Columns},
    file::FileError,
};
use crate::{
    access::{Actor, Who},
    kernel::{AdministratorId, ImportId, words},
};

words! {
    /// How far an import has come.
    State {
        /// Its columns make no sense yet: somebody has to say which is the user name.
        Columns = "columns",
        /// It is being compared with the directory.
        Comparing = "comparing",
        /// It was compared and waits for somebody to apply it. Nobody was changed.
        Ready = "ready",
        /// It is being applied.
        Applying = "applying",
        /// Somebody, or the loss of a role, stopped it on the way. What was done stays done.
        Stopped = "stopped",
        /// It was applied to the end.
        Finished = "finished",
    }
}

words! {
    /// What becomes of people who are not in the file.
    Missing {
        /// They stay as they are.
        Keep = "keep",
        /// Those that came from a CSV file are suspended.
        Csv = "csv",
        /// All of them are suspended, wherever they came from.
        Everybody = "everybody",
    }
}

words! {
    /// What a line would do.
    Verdict {
        /// It adds a person.
        Create = "create",
        /// It changes what is known of somebody.
        Update = "update",
        /// It suspends somebody, and may change more of them.
        Suspend = "suspend",
        /// It lifts a suspension, and may change more of them.
        Reactivate = "reactivate",
        /// They are as it says already.
        Unchanged = "unchanged",
        /// It cannot be read.
        Bad = "bad",
    }
}

words! {
    /// What became of a row that was to do something.
    Outcome {
        /// It was done.
        Done = "done",
        /// By then it was so already.
        Already = "already",
        /// By then it would have done something else than was shown, so it was left.
        Differs = "differs",
        /// It was refused.
        Failed = "failed",
    }
}

/// How many rows have each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is called like its verdict")]
pub struct Tally {
    pub create: u32,
    pub update: u32,
    pub suspend: u32,
    pub reactivate: u32,
    pub unchanged: u32,
    pub bad: u32,
    /// Of those to suspend, the people who are not in the file.
    pub missing: u32,
    /// Of the bad ones, those that do not say whom they are about.
    pub unread: u32,
}

impl Tally {
    /// How many rows have a verdict.
    #[must_use]
    pub const fn of(&self, verdict: Verdict) -> u32 {
        match verdict {
            Verdict::Create => self.create,
            Verdict::Update => self.update,
            Verdict::Suspend => self.suspend,
            Verdict::Reactivate => self.reactivate,
            Verdict::Unchanged => self.unchanged,
            Verdict::Bad => self.bad,
        }
    }

    /// How many rows are to do something.
    #[must_use]
    pub const fn to_do(&self) -> u32 {
        self.create + self.update + self.suspend + self.reactivate
    }

    pub(super) const fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Create => self.create += 1,
            Verdict::Update => self.update += 1,
            Verdict::Suspend => self.suspend += 1,
            Verdict::Reactivate => self.reactivate += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Bad => self.bad += 1,
        }
    }
}

/// How many rows have each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is called like its outcome")]
pub struct Outcomes {
    pub done: u32,
    pub already: u32,
    pub differs: u32,
    pub failed: u32,
    /// The actions that were requested for apps on the way.
    pub requested: u32,
}

impl Outcomes {
    /// How many rows have an outcome.
    #[must_use]
    pub const fn all(&self) -> u32 {
        self.done + self.already + self.differs + self.failed
    }

    /// How many rows were left undone for a reason that somebody should read.
    #[must_use]
    pub const fn undone(&self) -> u32 {
        self.differs + self.failed
    }

    pub(super) const fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done => self.done += 1,
            Outcome::Already => self.already += 1,
            Outcome::Differs => self.differs += 1,
            Outcome::Failed => self.failed += 1,
        }
    }
}

/// Who applies an import: the actor of every change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedBy {
    /// Their id; `None` for the command line.
    pub administrator: Option<AdministratorId>,
    /// What they were called.
    pub name: String,
    /// Since when.
    pub at: OffsetDateTime,
}

impl AppliedBy {
    /// # Errors
    /// A token: its changes would be barred from nobody's approval but its own.
    pub(super) fn new(actor: &Actor, at: OffsetDateTime) -> Result<Self, ImportError> {
        let administrator = match actor.who {
            Who::Administrator(id) => Some(id),
            Who::CommandLine => None,
            Who::Token(..) => return Err(ImportError::Token),
        };
        Ok(Self { administrator, name: actor.name.clone(), at })
    }
}

/// One file of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// What the batch is called.
    pub name: String,
    /// What the file was called.
    pub file_name: String,
    /// How far it has come.
    pub state: State,
    /// The names of the file's columns; empty once the rows were erased.
    pub header: Vec<String>,
    /// What they mean.
    pub columns: Columns,
    /// What becomes of people who are not in the file.
    pub missing: Missing,
    /// How many lines the file has.
    pub total: i32,
    /// Counts the comparisons, from 1.
    pub round: i32,
    /// The place of the last row that was compared, or applied.
    pub reached: i32,
    /// What it would do.
    pub preview: Tally,
    /// What it did.
    pub outcome: Outcomes,
    /// When it was uploaded.
    pub uploaded_at: OffsetDateTime,
    /// By whom.
    pub uploaded_by: String,
    /// Who applies it.
    pub applied_by: Option<AppliedBy>,
    /// When it was stopped or finished.
    pub finished_at: Option<OffsetDateTime>,
    /// Why it was stopped.
    pub says: Option<String>,
    /// When its rows were erased.
    pub erased_at: Option<OffsetDateTime>,
}

impl Import {
    /// How much of what is going on is done, and how much there is: rows compared, or rows applied.
    #[must_use]
    pub fn progress(&self) -> (u32, u32) {
        match self.state {
            State::Columns | State::Comparing | State::Ready => (
                self.reached.unsigned_abs().min(self.total.unsigned_abs()),
                self.total.unsigned_abs(),
            ),
            State::Applying | State::Stopped | State::Finished => {
                (self.outcome.all(), self.preview.to_do())
            }
        }
    }

    /// Whether people who are not in the file could not be looked for, because a line that cannot be
    /// read may be about one of them.
    #[must_use]
    pub fn spares_the_missing(&self) -> bool {
        self.missing != Missing::Keep && self.preview.unread > 0
    }

    pub(super) fn lane(&self) -> String {
        format!("import/{}", self.id)
    }
}

/// Why nothing was done with an import.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The name cannot be kept.
    #[error("The name must be on one line, of at most 120 characters.")]
    Name,
    /// What the columns are to mean makes no sense.
    #[error("{}", .0.first().map_or("", |fault| &fault.says))]
    Columns(Vec<ColumnFault>),
    /// There is none.
    #[error("there is no such import")]
    NotFound,
    /// It has come too far for that, or not far enough.
    #[error("{}", not_now(*.0))]
    NotNow(State),
    /// Its rows were erased.
    #[error("Its lines were erased after 30 days. Upload the file again.")]
    Erased,
    /// It was compared again since it was looked at.
    #[error("It was compared again since you looked at it. Look at what it would do now.")]
    Stale,
    /// It suspends people, and the number was not typed.
    #[error("Type {0} to confirm that so many people are suspended.")]
    Confirm(u32),
    /// Everybody is as the file says.
    #[error("Everybody is as the file says already: there is nothing to apply.")]
    Nothing,
    /// A token cannot apply one.
    #[error("A token cannot apply a file. Apply it on its page or by the command line.")]
    Token,
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

const fn not_now(state: State) -> &'static str {
    match state {
        State::Columns => "Say first which column is the user name.",
        State::Comparing => {
            "It is still being compared with the directory. Wait for the end of that."
        }
        State::Ready => "It is not being applied.",
        State::Applying => "It is being applied already.",
        State::Stopped => "It was stopped already.",
        State::Finished => {
            "It was applied already. Upload the file again to see what is left to do."
        }
    }
}
