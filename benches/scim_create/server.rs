//! The program as it is deployed, with EchoSign's stand-in connected and every change waiting for approval.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use sqlx::{Connection, PgConnection};

use crate::process;

pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    token: String,
    database: String,
    folder: PathBuf,
}

impl Server {
    pub(crate) fn start(database: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("countersign-bench-{}", std::process::id()));
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let mut child = program(database, &folder, address)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program to start");
        let said = BufReader::new(child.stdout.take().expect("what it says"));
        let sandbox = said.lines().map_while(Result::ok).find_map(|line| {
            let rest = line.strip_prefix("The sandbox EchoSign is at ")?.to_owned();
            rest.split_once(" with the bearer token ")
                .map(|(url, token)| (url.to_owned(), token.to_owned()))
        });
        let (url, secret) = sandbox.expect("the sandbox to be told");
        let server =
            Self { child, address, token: String::new(), database: database.to_owned(), folder };
        server.command(&["app", "connect", "--base-url", &url, "--token-stdin"], &secret);
        server.command(
            &["app", "set", "--provisioning", "on", "--approve", "create,update,suspend,delete"],
            "",
        );
        let token = server.command(&["token", "create", "--name", "Okta", "--scope", "scim"], "");
        Self { token, ..server }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
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

    /// That everything which was answered is there.
    pub(crate) async fn rows(&self) -> String {
        let mut connection = PgConnection::connect(&self.database).await.expect("the database");
        let sql = "select format('%s people, %s actions that wait, %s events', (select count(*) from users),
             (select count(*) from actions where state = 'pending'), (select count(*) from events))";
        sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("the counts")
    }

    pub(crate) fn stop(mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    /// Runs a command beside the server and returns what it prints.
    fn command(&self, arguments: &[&str], input: &str) -> String {
        let mut child = program(&self.database, &self.folder, self.address)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a command to start");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("to be read");
        let output = child.wait_with_output().expect("the command to end");
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

fn program(database: &str, folder: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .env("DATABASE_URL", database)
        .env("COUNTERSIGN_DATA_DIR", folder)
        .env("COUNTERSIGN_LISTEN", address.to_string())
        .env("COUNTERSIGN_SANDBOX", "on")
        .env("COUNTERSIGN_OUTBOUND_ALLOW", "127.0.0.1")
        .env("COUNTERSIGN_SCIM_RATE", "0");
    command
}
