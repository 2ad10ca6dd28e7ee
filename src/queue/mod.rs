//! Changes that wait for a decision, and what becomes of them.
//!
//! May use: access, apps, audit, connector, db, directory, jobs, kernel, policy.
//!
//! One use-case a file, one transaction each: state, event and job stand or fall together.
//! An action moves only by a method of [`State`]; the table's constraints refuse what those
//! methods refuse. An app is asked here to show, never to change, and never inside a transaction.

pub mod action;
mod asking;
pub mod cancel;
pub mod configure;
pub mod connect;
pub mod decide;
mod difference;
pub mod domains;
mod doubt;
pub mod enroll;
pub mod flow;
pub mod groups;
pub mod hint;
pub mod hold;
mod intake;
mod late;
pub mod link;
pub mod live;
pub mod people;
pub mod preview;
mod propose;
pub mod push;
pub mod reasons;
pub mod retry;
pub mod reverse;
pub mod run;
pub mod search;
pub mod settle;
mod state;
pub mod store;
mod submission;
mod tally;
pub mod undo;
pub mod view;

pub use action::Action;
pub use intake::Intake;
pub use late::{Illegal, Moved};
pub use propose::Caused;
pub use state::{Decider, Decision, State, Status};
pub use submission::Submitted;
pub use tally::{Found, Known, Tally, Totals};
