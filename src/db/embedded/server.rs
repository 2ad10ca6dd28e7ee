//! One run of the server, watched from a thread of its own.

use std::{
    collections::VecDeque,
    fs,
    io::{self, BufRead, BufReader},
    os::unix::process::CommandExt,
    path::Path,
    process::{ChildStderr, Command, Stdio},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::sleep};

use super::{error::EmbeddedError, former, place::Place, programs::bare};

/// How many of its last lines are kept to explain why it did not start.
const LAST_LINES: usize = 12;

/// How often a start that takes long is mentioned.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a server on its own machine, with its data on that machine's disk, should be told.
/// Everything about durability stays as Postgres has it: on.
const SETTINGS: [&str; 12] = [
    "cluster_name=countersign",
    // Nothing but the socket, and that only for our own user.
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "shared_buffers=128MB",
    // Solid state; and queries too short to be worth compiling.
    "random_page_cost=1.1",
    "jit=off",
    "timezone=UTC",
    // We log a failed statement ourselves; Postgres would log its values with it.
    "log_min_messages=log",
    "log_checkpoints=off",
    "log_line_prefix=",
    "logging_collector=off",
];

/// A server that runs. Dropping it stops it, and blocks until it has.
#[derive(Debug)]
pub(super) struct Server {
    place: Arc<Place>,
    pid: u32,
    ended: watch::Receiver<Option<String>>,
    /// `None` once it has ended and its last lines were read.
    keeper: Option<JoinHandle<String>>,
}

impl Server {
    /// Starts one. It is not ready yet.
    pub(super) fn start(place: Arc<Place>) -> Result<Self, EmbeddedError> {
        let mut command = until_we_die(&place);
        command.arg("-D").arg(&place.data).arg("-k").arg(&place.socket);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        // A group of its own, so that Ctrl-C reaches only us: Postgres ends last.
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::piped());

        // The signal that ends Postgres when we die belongs to the thread that forked, not to the
        // process. So that thread stays as long as the server does; a pooled one would be retired.
        let (started, starting) = mpsc::channel();
        let (ending, ended) = watch::channel(None);
        let keeper = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || keep(command, &started, &ending))
            .map_err(EmbeddedError::io("start a thread for", place.program("postgres")))?;
        let pid = starting
            .recv()
            .unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()))
            .map_err(EmbeddedError::io("run", place.program("postgres")))?;
        Ok(Self { place, pid, ended, keeper: Some(keeper) })
    }

    /// Waits until it takes connections, however long it has to recover from a crash.
    pub(super) async fn ready(&mut self) -> Result<(), EmbeddedError> {
        let pid_file = self.place.data.join("postmaster.pid");
        let mut mention = Instant::now() + PATIENCE;
        loop {
            if fs::read_to_string(&pid_file).is_ok_and(|text| says_ready(&text, self.pid)) {
                return Ok(());
            }
            if let Some(status) = self.ended.borrow().clone() {
                let last_words =
                    self.keeper.take().and_then(|keeper| keeper.join().ok()).unwrap_or_default();
                return Err(EmbeddedError::Ended { status, last_words });
            }
            if Instant::now() > mention {
                tracing::info!(
                    "still waiting for Postgres, which may have to recover from a crash"
                );
                mention += PATIENCE;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until it has ended; how.
    pub(super) async fn ended(&self) -> String {
        let mut ended = self.ended.clone();
        // The keeper tells before it goes, so a silent one means the worst.
        let status = ended.wait_for(Option::is_some).await.ok().and_then(|status| status.clone());
        status.unwrap_or_else(|| "its keeper is gone".to_owned())
    }

    /// The folder of its socket.
    pub(super) fn socket(&self) -> &Path {
        &self.place.socket
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            if self.ended.borrow().is_none() {
                former::stop(&self.place);
            }
            let _ = keeper.join();
        }
    }
}

/// Postgres, asked to end when we do, where the system can do that.
fn until_we_die(place: &Place) -> Command {
    const DIE_WITH_PARENT: [&str; 2] = ["--pdeathsig", "INT"];
    let can = bare("setpriv").args(DIE_WITH_PARENT).arg("true").stderr(Stdio::null()).status();
    if !can.is_ok_and(|status| status.success()) {
        return place.command("postgres");
    }
    let mut command = bare("setpriv");
    command.args(DIE_WITH_PARENT);
    if let Some(owner) = &place.owner {
        command
            .arg(format!("--reuid={}", owner.uid))
            .arg(format!("--regid={}", owner.gid))
            .arg("--clear-groups");
    }
    command.arg(place.program("postgres"));
    command
}

/// Runs `command` to its end, on the thread that has to outlive it.
fn keep(
    mut command: Command,
    started: &mpsc::Sender<io::Result<u32>>,
    ending: &watch::Sender<Option<String>>,
) -> String {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = started.send(Err(error));
            return String::new();
        }
    };
    let listener = child.stderr.take().map(|stderr| thread::spawn(move || listen(stderr)));
    let _ = started.send(Ok(child.id()));
    let status = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
    ending.send_replace(Some(status));
    listener.and_then(|listener| listener.join().ok()).unwrap_or_default()
}

/// Puts what the server says into our own log.
fn listen(stderr: ChildStderr) -> String {
    let mut last = VecDeque::with_capacity(LAST_LINES);
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        // What ends a session (FATAL) is told to that session, too.
        if line.starts_with("PANIC") {
            tracing::error!(target: "postgres", "{line}");
        } else {
            tracing::debug!(target: "postgres", "{line}");
        }
        if last.len() == LAST_LINES {
            last.pop_front();
        }
        last.push_back(line);
    }
    Vec::from(last).join("; ")
}

fn says_ready(pid_file: &str, pid: u32) -> bool {
    let mut lines = pid_file.lines().map(str::trim);
    lines.next().and_then(|line| line.parse().ok()) == Some(pid) && lines.nth(6) == Some("ready")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_server_counts_as_ready() {
        let ready = "321\n/data\n1700000000\n5432\n/run\n\n  5432001 0\nready   \n";

        assert!(says_ready(ready, 321));
        assert!(!says_ready(ready, 322));
        assert!(!says_ready(&ready.replace("ready", "starting"), 321));
        assert!(!says_ready("", 321));
    }
}
