//! The third-party `scim2-server`, which speaks SCIM as its own authors understand it.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
};

/// A server of its own for one test; ends with it.
pub(crate) struct Scim2Server {
    child: Child,
    base_url: String,
}

/// Where its program is; other programs of the same environment stand beside it.
#[expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "config reads no variables of tests"
)]
pub(crate) fn program() -> String {
    std::env::var("COUNTERSIGN_TEST_SCIM2_SERVER")
        .expect("COUNTERSIGN_TEST_SCIM2_SERVER names the program; bin/test sets it")
}

impl Scim2Server {
    /// Starts one that takes `token`.
    pub(crate) fn start(token: &str) -> Self {
        Self::start_with(token, &[])
    }

    /// Starts one with more arguments.
    pub(crate) fn start_with(token: &str, more: &[&str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new(program())
            .args(["--port", &port.to_string(), "--bearer-token", token])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut says = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut says).unwrap();
        let base_url = says.trim().rsplit(' ').next().unwrap().to_owned();
        Self { child, base_url }
    }

    /// Where its SCIM API is.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }
}

impl Drop for Scim2Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
