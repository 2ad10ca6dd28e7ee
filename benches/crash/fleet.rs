//! Four processes of Countersign on one database, of which any can be killed, and the commands beside them.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Command as Plain, Stdio},
    time::Duration,
};

use tokio::{process::Child, time::timeout};

use crate::child::{append, until_we_die};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");
/// How long a process that is asked to end may take.
const PATIENCE: Duration = Duration::from_secs(45);
/// Two that serve and work, two that only work.
const WAYS: [&str; 4] = ["serve", "serve", "worker", "worker"];

pub(crate) struct Fleet {
    settings: Vec<(&'static str, String)>,
    folder: PathBuf,
    members: Vec<Member>,
    /// What should not have happened, in words.
    pub(crate) faults: Vec<String>,
}

struct Member {
    name: String,
    way: &'static str,
    address: SocketAddr,
    child: Option<Child>,
}

impl Fleet {
    /// Four that were not started yet.
    pub(crate) fn new(database: &str, folder: &Path) -> Self {
        let settings = vec![
            ("DATABASE_URL", database.to_owned()),
            ("COUNTERSIGN_DATA_DIR", folder.join("data-dir").display().to_string()),
            ("COUNTERSIGN_SECRET_KEY", format!("{:064x}", rand::random::<u128>())),
            ("COUNTERSIGN_OUTBOUND_ALLOW", "127.0.0.1".to_owned()),
            ("COUNTERSIGN_SCIM_RATE", "0".to_owned()),
        ];
        // All of them are held at once, so that they differ.
        let free = WAYS.map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"));
        let members = WAYS.into_iter().zip(&free).zip(1..).map(|((way, free), number)| Member {
            name: format!("{way}-{number}"),
            way,
            address: free.local_addr().expect("its address"),
            child: None,
        });
        Self { settings, folder: folder.to_owned(), members: members.collect(), faults: Vec::new() }
    }

    /// Where they serve.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let serve = self.members.iter().filter(|member| member.way == "serve");
        serve.map(|member| member.address).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// How one is run: `serve` or `worker`.
    pub(crate) fn way(&self, place: usize) -> &'static str {
        self.members[place].way
    }

    pub(crate) fn start_all(&mut self) {
        (0..self.len()).for_each(|place| self.start(place));
    }

    fn start(&mut self, place: usize) {
        let member = &mut self.members[place];
        let log = self.folder.join(format!("{}.log", member.name));
        let child = until_we_die(Path::new(PROGRAM), &[])
            .arg(member.way)
            .envs(self.settings.iter().map(|(name, value)| (*name, value)))
            .env("COUNTERSIGN_LISTEN", member.address.to_string())
            .stdout(append(&log))
            .stderr(append(&log))
            .spawn();
        member.child = Some(child.expect("a process to start"));
    }

    /// Kills one and starts it again at once.
    pub(crate) async fn kill(&mut self, place: usize) {
        self.kill_only(place).await;
        self.start(place);
    }

    /// Kills them all, as a machine does that loses its power.
    pub(crate) async fn kill_all(&mut self) {
        for place in 0..self.len() {
            self.kill_only(place).await;
        }
    }

    async fn kill_only(&mut self, place: usize) {
        self.see_that_it_runs(place);
        if let Some(mut child) = self.members[place].child.take() {
            child.kill().await.expect("a process to be killed");
        }
    }

    /// Asks one to end, as a rolling restart does, and starts it again.
    pub(crate) async fn restart(&mut self, place: usize) {
        self.end(place).await;
        self.start(place);
    }

    /// Asks them all to end.
    pub(crate) async fn end_all(&mut self) {
        for place in 0..self.len() {
            self.end(place).await;
        }
    }

    async fn end(&mut self, place: usize) {
        self.see_that_it_runs(place);
        let member = &mut self.members[place];
        let Some(mut child) = member.child.take() else { return };
        let pid = child.id().expect("the id of a process that runs").to_string();
        let asked = Plain::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.is_ok_and(|status| status.success()), "kill -TERM {pid}");
        match timeout(PATIENCE, child.wait()).await {
            Ok(Ok(status)) if status.success() => {}
            Ok(status) => {
                self.faults.push(format!("{}, asked to end, ended with {status:?}", member.name));
            }
            Err(_) => self.faults.push(format!("{}, asked to end, did not", member.name)),
        }
    }

    /// Nobody ends but by our hand.
    fn see_that_it_runs(&mut self, place: usize) {
        let member = &mut self.members[place];
        let ended = member.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
        if let Some(status) = ended {
            self.faults.push(format!("{} ended by itself with {status}", member.name));
            self.start(place);
        }
    }

    /// Runs a command beside them and returns what it prints.
    pub(crate) fn command(&self, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut child = Plain::new(PROGRAM)
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a command to start");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("to be read");
        let output = child.wait_with_output().expect("the command to end");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}
