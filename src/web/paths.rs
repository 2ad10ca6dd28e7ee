//! Every address of the pages, for the router and for links.

use crate::{
    directory::Source,
    kernel::{ActionId, ImportId, RunId, UserId, ViewId},
};

/// Where a signed-in administrator begins.
pub const HOME: &str = "/";
/// What waits, what was decided, what failed, how each app is.
pub const OVERVIEW: &str = "/overview";
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
/// The files of people that were imported, and the form for another one.
pub const IMPORTS: &str = "/users/import";
/// A file with nothing but a header, to begin with.
pub const IMPORT_TEMPLATE: &str = "/users/import/template.csv";
/// The queue.
pub const QUEUE: &str = "/users/provisioning";
/// Draws up a decision on many actions.
pub const BULK: &str = "/users/provisioning/bulk";
/// Lists of actions under a name.
pub const VIEWS: &str = "/users/provisioning/views";
/// The words that a search of the queue takes.
pub const TERMS: &str = "/users/provisioning/terms";
/// Where the queue tells what changes.
pub const LIVE: &str = "/users/provisioning/live";
/// How EchoSign is reached.
pub const CONFIGURATION: &str = "/apps/echosign/configuration";
/// What is provisioned in EchoSign, and what of it needs a person.
pub const PROVISIONING: &str = "/apps/echosign/provisioning";
/// Which groups' people are never changed without approval.
pub const HELD_GROUPS: &str = "/apps/echosign/provisioning/held-groups";
/// What reasons for decisions have to be like.
pub const REASONS: &str = "/apps/echosign/provisioning/reasons";
/// Which mail domains are the organisation's own.
pub const DOMAINS: &str = "/apps/echosign/provisioning/domains";
/// Queues a create for everybody without an account.
pub const QUEUE_MISSING: &str = "/apps/echosign/provisioning/queue-missing";
/// Whether, and how fast, approved actions are sent to EchoSign.
pub const SENDING: &str = "/apps/echosign/sending";
/// Stops sending.
pub const PAUSE: &str = "/apps/echosign/sending/pause";
/// Stops sending once what is approved is sent.
pub const DRAIN: &str = "/apps/echosign/sending/drain";
/// Lets sending go on.
pub const RESUME: &str = "/apps/echosign/sending/resume";
/// The audit history.
pub const ACTIVITY: &str = "/audit";

/// The identity providers that push.
pub const SOURCES: &str = "/settings/sources";
/// Adds one.
pub const NEW_SOURCE: &str = "/settings/sources/new";

/// A source's page.
#[must_use]
pub fn source(source: &Source) -> String {
    format!("{SOURCES}/{}", source.0)
}

/// Something done to a source: `rotate`, `revoke`.
#[must_use]
pub fn source_step(source: &Source, step: &str) -> String {
    format!("{SOURCES}/{}/{step}", source.0)
}

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

/// What a file of people would do, or did.
#[must_use]
pub fn import(id: ImportId) -> String {
    format!("{IMPORTS}/{id}")
}

/// Something done to a file: `columns`, `apply`, `stop`; `bad.csv` is read.
#[must_use]
pub fn import_step(id: ImportId, step: &str) -> String {
    format!("{IMPORTS}/{id}/{step}")
}

/// Something done to a view: `share`, `unshare`, `delete`.
#[must_use]
pub fn view_step(id: ViewId, step: &str) -> String {
    format!("{VIEWS}/{id}/{step}")
}

/// An action's page.
#[must_use]
pub fn action(id: ActionId) -> String {
    format!("{QUEUE}/{id}")
}

/// A decision on many actions.
#[must_use]
pub fn run(id: RunId) -> String {
    format!("{BULK}/{id}")
}

/// Something done to one: `start`, `stop`.
#[must_use]
pub fn run_step(id: RunId, step: &str) -> String {
    format!("{BULK}/{id}/{step}")
}

/// Something done to an action: `approve`, `reject`, `undo`, `retry`, `cancel`, `reverse`, `link`.
#[must_use]
pub fn action_step(id: ActionId, step: &str) -> String {
    format!("{QUEUE}/{id}/{step}")
}

/// The sign-in that leads back to `next`.
#[must_use]
pub fn sign_in(next: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    format!("{SIGN_IN}?next={next}")
}

/// The one-time link that creates the first owner.
#[must_use]
pub fn setup(secret: &str) -> String {
    format!("{SETUP}?token={secret}")
}

/// Who may ask for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum May {
    /// Anybody.
    Anybody,
    /// Whoever is signed in.
    Reader,
    /// Whoever may change people.
    Operator,
    /// Whoever may decide.
    Approver,
    /// Whoever may send again and give up.
    Retrier,
    /// Owners.
    Owner,
}

/// Every address of the pages: method, path and who may. The router and this list are held
/// against each other by a test that asks for each as each role.
pub const ALL: &[(&str, &str, May)] = &[
    ("GET", "/healthz", May::Anybody),
    ("GET", "/readyz", May::Anybody),
    ("GET", "/favicon.ico", May::Anybody),
    ("GET", "/static/app.css", May::Anybody),
    ("GET", "/setup", May::Anybody),
    ("POST", "/setup", May::Anybody),
    ("GET", "/sign-in", May::Anybody),
    ("POST", "/sign-in", May::Anybody),
    ("GET", "/", May::Anybody),
    ("GET", "/apps/echosign", May::Anybody),
    ("POST", "/sign-out", May::Reader),
    ("GET", "/overview", May::Reader),
    ("GET", "/users", May::Reader),
    ("POST", "/users", May::Operator),
    ("GET", "/users/new", May::Operator),
    ("GET", "/users/{user}", May::Reader),
    ("GET", "/users/{user}/edit", May::Operator),
    ("POST", "/users/{user}/edit", May::Operator),
    ("POST", "/users/{user}/suspend", May::Operator),
    ("POST", "/users/{user}/reactivate", May::Operator),
    ("GET", "/users/{user}/delete", May::Operator),
    ("POST", "/users/{user}/delete", May::Operator),
    ("GET", "/users/import", May::Reader),
    ("POST", "/users/import", May::Operator),
    ("GET", "/users/import/template.csv", May::Reader),
    ("GET", "/users/import/{import}", May::Reader),
    ("GET", "/users/import/{import}/bad.csv", May::Reader),
    ("POST", "/users/import/{import}/columns", May::Operator),
    ("POST", "/users/import/{import}/apply", May::Operator),
    ("POST", "/users/import/{import}/stop", May::Operator),
    ("GET", "/users/provisioning", May::Reader),
    ("POST", "/users/provisioning/bulk", May::Approver),
    ("GET", "/users/provisioning/bulk/{run}", May::Reader),
    ("POST", "/users/provisioning/bulk/{run}/start", May::Approver),
    ("POST", "/users/provisioning/bulk/{run}/stop", May::Approver),
    ("GET", "/users/provisioning/terms", May::Reader),
    ("GET", "/users/provisioning/live", May::Reader),
    ("POST", "/users/provisioning/views", May::Reader),
    ("POST", "/users/provisioning/views/{view}/share", May::Approver),
    ("POST", "/users/provisioning/views/{view}/unshare", May::Reader),
    ("POST", "/users/provisioning/views/{view}/delete", May::Reader),
    ("GET", "/users/provisioning/{action}", May::Reader),
    ("GET", "/users/provisioning/{action}/row", May::Reader),
    ("POST", "/users/provisioning/{action}/approve", May::Approver),
    ("POST", "/users/provisioning/{action}/reject", May::Approver),
    ("POST", "/users/provisioning/{action}/retry", May::Retrier),
    ("POST", "/users/provisioning/{action}/cancel", May::Retrier),
    ("POST", "/users/provisioning/{action}/undo", May::Approver),
    ("POST", "/users/provisioning/{action}/reverse", May::Operator),
    ("POST", "/users/provisioning/{action}/link", May::Approver),
    ("GET", "/apps/echosign/configuration", May::Reader),
    ("POST", "/apps/echosign/configuration", May::Owner),
    ("GET", "/apps/echosign/provisioning", May::Reader),
    ("POST", "/apps/echosign/provisioning", May::Owner),
    ("POST", "/apps/echosign/provisioning/held-groups", May::Owner),
    ("POST", "/apps/echosign/provisioning/reasons", May::Owner),
    ("POST", "/apps/echosign/provisioning/domains", May::Owner),
    ("POST", "/apps/echosign/provisioning/queue-missing", May::Owner),
    ("GET", "/apps/echosign/sending", May::Reader),
    ("POST", "/apps/echosign/sending", May::Owner),
    ("POST", "/apps/echosign/sending/pause", May::Retrier),
    ("POST", "/apps/echosign/sending/drain", May::Retrier),
    ("POST", "/apps/echosign/sending/resume", May::Retrier),
    ("GET", "/audit", May::Reader),
    ("GET", "/settings/sources", May::Reader),
    ("POST", "/settings/sources", May::Owner),
    ("GET", "/settings/sources/new", May::Owner),
    ("GET", "/settings/sources/{source}", May::Reader),
    ("POST", "/settings/sources/{source}/rotate", May::Owner),
    ("POST", "/settings/sources/{source}/revoke", May::Owner),
];
