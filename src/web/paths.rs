//! Every address of the pages, for the router and for links.

use crate::kernel::{ActionId, UserId};

/// Where a signed-in administrator begins.
pub const HOME: &str = "/";
/// Creates the first owner, once.
pub const SETUP: &str = "/setup";
/// Begins a session.
pub const SIGN_IN: &str = "/sign-in";
/// Ends it.
pub const SIGN_OUT: &str = "/sign-out";
/// The people of the directory.
pub const PEOPLE: &str = "/users";
/// Adds a person.
pub const NEW_PERSON: &str = "/users/new";
/// The queue.
pub const QUEUE: &str = "/users/provisioning";
/// How EchoSign is reached.
pub const CONFIGURATION: &str = "/apps/echosign/configuration";
/// What is provisioned in EchoSign, and what of it needs a person.
pub const PROVISIONING: &str = "/apps/echosign/provisioning";
/// Queues a create for everybody without an account.
pub const QUEUE_MISSING: &str = "/apps/echosign/provisioning/queue-missing";
/// Goes on after a pause.
pub const RESUME: &str = "/apps/echosign/resume";
/// The audit history.
pub const ACTIVITY: &str = "/audit";

/// A person's page.
#[must_use]
pub fn person(id: UserId) -> String {
    format!("{PEOPLE}/{id}")
}

/// Something done to a person: `edit`, `suspend`, `reactivate`, `delete`.
#[must_use]
pub fn person_step(id: UserId, step: &str) -> String {
    format!("{PEOPLE}/{id}/{step}")
}

/// An action's page.
#[must_use]
pub fn action(id: ActionId) -> String {
    format!("{QUEUE}/{id}")
}

/// Something done to an action: `approve`, `reject`, `retry`, `cancel`.
#[must_use]
pub fn action_step(id: ActionId, step: &str) -> String {
    format!("{QUEUE}/{id}/{step}")
}
