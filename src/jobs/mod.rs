//! Work that must happen once a transaction commits.
//!
//! May use: db, kernel.
//!
//! A job is enqueued in the transaction that causes it and worked at least once. Jobs of one lane
//! are worked one at a time, in the order they were enqueued; other lanes never wait for it. Only the
//! first of a lane, behind an open gate, is ever looked at. A lease that runs out is simply due again.
//! What a worker settles after it lost its lease is dropped.

mod job;
mod pieces;
mod runner;
mod schedule;
mod settler;
pub mod store;

pub use job::{Claim, Handler, HandlerError, NewJob, Settled, Step};
pub use pieces::Piecework;
pub use runner::{Runner, work_due};
pub use schedule::{ATTEMPTS, LONGEST_ASKED, jittered, wait};
pub use settler::{Ending, Settler};
pub use store::LEASE;
