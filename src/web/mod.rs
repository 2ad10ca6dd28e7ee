//! The pages: what they show, how they look, and what their addresses do.
//!
//! May use: access, apps, audit, connector, db, directory, imports, jobs, kernel, queue, sources.
//!
//! A page is a struct of ready-to-show data and a template of `if` and `for`; `routes` fills it.
//! Nothing is scripted or styled inline, so the content security policy is a constant. Every page
//! works without a script; a script only makes it smoother. A GET changes nothing.

pub mod action;
pub mod activity;
pub mod app_configuration;
pub mod app_head;
pub mod app_provisioning;
pub mod app_sending;
pub mod assets;
mod draw;
mod health;
pub mod imports;
pub mod imports_detail;
pub mod overview;
pub mod parts;
pub mod paths;
pub mod people;
pub mod person;
pub mod person_form;
pub mod problem;
pub mod problem_page;
pub mod queue;
mod router;
mod routes;
pub mod run;
mod session;
pub mod setup;
pub mod shell;
pub mod sign_in;
pub mod sources;
pub mod sources_form;
pub mod sources_page;
mod state;
mod status;
mod story;
mod surroundings;

#[cfg(test)]
mod samples;

pub use router::{CONTENT_SECURITY_POLICY, guarded, router};
pub use state::WebState;
