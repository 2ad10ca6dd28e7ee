//! The JSON API, over real Postgres and a stand-in app. Every answer that a test gets is held
//! against `openapi.json`, so that the document cannot say what is not so.

mod actions;
mod app_settings;
mod authority;
mod decisions;
mod document;
mod fixture;
mod flow;
mod history;
mod lists;
mod people;
mod races;
mod refusals;
mod undone;
