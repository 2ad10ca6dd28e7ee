//! The program as it is deployed.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use crate::process;

/// Whoever looks and decides.
pub(crate) const EMAIL: &str = "ruth@northwind.example";
/// What they sign in with.
pub(crate) const PASSWORD: &str = "only for this benchmark";

pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    database: String,
    folder: PathBuf,
}

impl Server {
    /// The program over a database, and somebody who may sign in.
    pub(crate) fn start(database: &str) -> Self {
        let folder = folder();
        command(
            database,
            &[
                "admin",
                "create",
                "--email",
                EMAIL,
                "--name",
                "Ruth",
                "--role",
                "owner",
                "--password-stdin",
            ],
            PASSWORD,
        );
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut child = program(database, &folder)
            .env("COUNTERSIGN_LISTEN", address.to_string())
            .arg("serve")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program to start");
        let said = BufReader::new(child.stdout.take().expect("what it says"));
        let mut lines = said.lines().map_while(Result::ok);
        lines.find(|line| line.starts_with("Countersign is at")).expect("it to serve");
        Self { child, address, database: database.to_owned(), folder }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How long it worked, and how long Postgres did.
    pub(crate) fn processor_time(&self) -> [Duration; 2] {
        let folder = self.database.rsplit_once("host=").map_or("", |(_, folder)| folder);
        [process::worked(self.child.id()), process::postgres_worked(Path::new(folder))]
    }

    /// The most memory that it held at any time, in MB.
    pub(crate) fn most_memory(&self) -> u64 {
        process::most_memory(self.child.id())
    }

    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Runs a command over a database.
pub(crate) fn command(database: &str, arguments: &[&str], input: &str) {
    let mut child = program(database, &folder())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a command to start");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("to be read");
    let status = child.wait().expect("the command to end");
    assert!(status.success(), "{arguments:?}");
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()))
}

fn program(database: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env("DATABASE_URL", database).env("COUNTERSIGN_DATA_DIR", folder);
    command
}
