//! Tests over real parts: Postgres, HTTP, processes, a browser. Run them with `bin/test`.
#![expect(clippy::unwrap_used, reason = "a test that meets what cannot be can only stop")]
#![expect(clippy::unnecessary_wraps, reason = "what a change holds is an option")]

mod access;
mod adoption;
mod api;
mod audit;
mod browser;
mod bulk;
mod command;
mod conformance;
mod connector;
mod decide;
mod dev;
mod durable;
mod embedded;
mod flow;
mod forwarding;
mod groups;
mod imports;
mod inbound;
mod jobs;
mod live;
mod model;
mod overview;
mod pages;
mod people;
mod query;
mod races;
mod review;
mod sandbox;
mod settings;
mod settling;
mod sources;
mod support;
