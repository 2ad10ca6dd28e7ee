//! The program itself, as somebody would start it, over a database of the test.
#![expect(clippy::expect_used, reason = "a test without its program can only stop")]

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::support::db::TestDb;

/// The longest that it may take to end. Less than a browser would keep a stream open.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before looking again whether it has.
const STEP: Duration = Duration::from_millis(20);

/// `countersign` with its sandbox; ends with the test.
pub(super) struct Program {
    child: Child,
    folder: PathBuf,
    /// The one-time link to create the first owner.
    pub(super) link: String,
    /// Where the sandbox's SCIM API is.
    pub(super) sandbox: String,
    /// The token that it takes.
    pub(super) token: String,
}

impl Program {
    /// Starts it, and reads what it says to whoever started it.
    pub(super) fn start(db: &TestDb) -> Self {
        let folder =
            std::env::temp_dir().join(format!("countersign-{:016x}", rand::random::<u64>()));
        let child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .env("DATABASE_URL", db.url())
            .env("COUNTERSIGN_DATA_DIR", &folder)
            .env("COUNTERSIGN_LISTEN", "127.0.0.1:0")
            .env("COUNTERSIGN_SANDBOX", "on")
            .env("COUNTERSIGN_OUTBOUND_ALLOW", "127.0.0.1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program to start");
        let empty = String::new;
        let mut program = Self { child, folder, link: empty(), sandbox: empty(), token: empty() };
        program.listen();
        program
    }

    /// Reads what it says until it is ready.
    fn listen(&mut self) {
        let said = self.child.stdout.take().expect("what it says");
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            if line.trim().starts_with("http") {
                line.trim().clone_into(&mut self.link);
            }
            let sandbox = line.strip_prefix("The sandbox EchoSign is at ");
            if let Some((url, token)) =
                sandbox.and_then(|rest| rest.split_once(" with the bearer token "))
            {
                url.clone_into(&mut self.sandbox);
                token.clone_into(&mut self.token);
                return;
            }
        }
        assert!(!self.token.is_empty(), "the program ended before it was ready");
    }
}

impl Program {
    /// Asks it to end, as a service manager would, and waits until it has.
    pub(super) async fn end(&mut self) {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(pid).status().expect("a signal to be sent");
        let ended = async {
            while self.child.try_wait().expect("the program to be ours").is_none() {
                tokio::time::sleep(STEP).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("the program to end");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
