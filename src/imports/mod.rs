//! Files of people: read, compared with the directory, shown, and applied as one batch.
//!
//! May use: access, audit, db, directory, jobs, kernel, queue.
//!
//! Nobody is changed before somebody has seen what would change and said so. A row's outcome commits
//! with its change, so nothing is done twice, whoever dies on the way. A row that would do something
//! else than was shown is left undone and says so.

pub mod apply;
pub mod columns;
pub mod compare;
pub mod file;
mod guess;
mod import;
pub mod judge;
pub mod store;
pub mod upload;
mod worker;

pub use columns::{Attribute, Meaning};
pub use import::{
    AppliedBy, Import, ImportError, Missing, Outcome, Outcomes, State, Tally, Verdict,
};
pub use worker::{KIND, Worker};
