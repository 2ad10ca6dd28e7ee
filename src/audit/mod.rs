//! The history: who did what, when, to whom.
//!
//! May use: db, kernel.
//!
//! An event is recorded in the transaction of what it tells, or neither happens. Events are
//! append-only by trigger; a chain of hashes over them shows whether anyone went round that.
//! What is personal stands apart, so that it can be erased and the chain still verifies.

mod chain;
mod event;
mod read;
mod record;
mod tail;

pub use chain::{Length, Verdict, length, seal, verify};
pub use event::{About, By, Event, Verb};
pub use read::{Filter, after, list, newest_of_app, newest_of_user, of_action, of_user};
pub use record::{Ledger, record};
pub use tail::{Step, Tail, lately, newest};
