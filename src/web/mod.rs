//! The pages: what they show and how they look.
//!
//! May use: apps, directory, kernel.
//!
//! A page is a struct of ready-to-show data and a template of `if` and `for`. Nothing is
//! scripted or styled inline, so the content security policy is a constant. Every page
//! works without a script; a script only makes it smoother.

pub mod action;
pub mod activity;
pub mod app_configuration;
pub mod app_head;
pub mod app_provisioning;
pub mod assets;
pub mod parts;
pub mod paths;
pub mod people;
pub mod person;
pub mod person_form;
pub mod problem_page;
pub mod queue;
pub mod setup;
pub mod shell;
pub mod sign_in;

#[cfg(test)]
mod samples;
