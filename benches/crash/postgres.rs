//! A Postgres of our own, as durable as it is by itself, whose postmaster can be killed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command as Plain, Stdio},
    time::{Duration, Instant},
};

use tokio::{process::Child, time::sleep};

use crate::child::{append, until_we_die};

/// How long it may take to recover.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    owner: Vec<String>,
    /// Whether it answers before a commit is on disk.
    careless: bool,
    child: Child,
}

impl Postgres {
    /// Makes a cluster in `folder` and starts it.
    pub(crate) async fn start(programs: &Path, folder: &Path, careless: bool) -> Self {
        let owner = owner(folder);
        let mut initdb = until_we_die(&programs.join("initdb"), &owner);
        let made = initdb
            .args(["--username=countersign", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .arg(format!("--pgdata={}", folder.join("data").display()))
            .current_dir("/")
            .stdout(append(&folder.join("postgres.log")))
            .status()
            .await
            .expect("initdb to run");
        assert!(made.success(), "initdb: {made}");
        let (programs, folder) = (programs.to_owned(), folder.to_owned());
        let child = spawn(&programs, &folder, &owner, careless);
        let mut postgres = Self { programs, folder, owner, careless, child };
        assert!(postgres.is_ready().await, "Postgres did not start: see its log");
        postgres
    }

    /// How it is reached.
    pub(crate) fn url(&self) -> String {
        format!("postgres://countersign@localhost/postgres?host={}", self.folder.display())
    }

    /// Kills the postmaster, starts another over the same data, and returns how long nobody was answered.
    pub(crate) async fn kill(&mut self) -> Duration {
        let begin = Instant::now();
        self.child.kill().await.expect("the postmaster to be killed");
        loop {
            self.child = spawn(&self.programs, &self.folder, &self.owner, self.careless);
            if self.is_ready().await {
                return begin.elapsed();
            }
            // Postgres does not start while a process of the one before is there still.
            assert!(begin.elapsed() < PATIENCE, "Postgres did not recover: see its log");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until it takes connections; `false` when it ended instead.
    async fn is_ready(&mut self) -> bool {
        let file = self.folder.join("data/postmaster.pid");
        let pid = self.child.id().map(|pid| pid.to_string());
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let mut lines = text.lines().map(str::trim);
            if lines.next() == pid.as_deref() && lines.nth(6) == Some("ready") {
                return true;
            }
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

fn spawn(programs: &Path, folder: &Path, owner: &[String], careless: bool) -> Child {
    let commit = if careless { "synchronous_commit=off" } else { "synchronous_commit=on" };
    until_we_die(&programs.join("postgres"), owner)
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-c", "listen_addresses=", "-c", "max_connections=200", "-c", commit])
        .current_dir("/")
        .stdout(Stdio::null())
        .stderr(append(&folder.join("postgres.log")))
        .spawn()
        .expect("Postgres to start")
}

/// Postgres refuses to run as root: then it runs as the user `postgres`, or as nobody, who owns the folder.
/// Returns what has to be told to setpriv.
fn owner(folder: &Path) -> Vec<String> {
    let id = |arguments: &[&str]| {
        let output = Plain::new("id").args(arguments).stderr(Stdio::null()).output();
        let output = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if id(&["-u"]).as_deref() != Some("0") {
        return Vec::new();
    }
    let name = if id(&["-u", "postgres"]).is_some() { "postgres" } else { "nobody" };
    let given = Plain::new("chown").arg(name).arg(folder).status();
    assert!(given.is_ok_and(|status| status.success()), "chown {name}");
    let group = id(&["-g", name]).expect("the group of who runs Postgres");
    vec![format!("--reuid={name}"), format!("--regid={group}"), "--clear-groups".to_owned()]
}
