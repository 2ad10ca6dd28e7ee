//! Who may do what: administrators, their roles and sessions, and bearer tokens.
//!
//! May use: audit, db, directory, kernel.
//!
//! Passwords are argon2id, tokens and session ids SHA-256; none of them can be read back.
//! A proof such as [`Approver`] is made only by an [`Actor`] whose role allows it.

mod actor;
mod administrators;
mod password;
mod session_store;
pub mod setup;
mod sign_in;
pub mod store;
mod token_store;
pub mod tokens;

pub use actor::{Actor, Approver, Forbidden, Operator, Owner, Proof, Reader, Retrier, Role, Who};
pub use administrators::{AdministratorError, NewAdministrator, create_administrator};
pub use password::{MINIMUM as PASSWORD_MINIMUM, Passwords};
pub use session_store::SessionTable;
pub use sign_in::{ACCOUNT_FAILURES, ADDRESS_FAILURES, SignInError, WINDOW, sign_in, sign_out};
