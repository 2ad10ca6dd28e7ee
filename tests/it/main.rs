//! Tests over real parts: Postgres, HTTP, processes, a browser. Run them with `bin/test`.
#![expect(clippy::unwrap_used, reason = "a test that meets what cannot be can only stop")]

mod connector;
mod embedded;
mod support;
