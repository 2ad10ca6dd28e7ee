//! Starting a process that ends with us.

use std::{
    fs::{File, OpenOptions},
    path::Path,
    process::{Command as Plain, Stdio},
    sync::LazyLock,
};

use tokio::process::Command;

/// What asks Linux to kill a child when whoever started it is gone.
const DIE_WITH_PARENT: [&str; 2] = ["--pdeathsig", "KILL"];

static CAN: LazyLock<bool> = LazyLock::new(|| {
    let tried =
        Plain::new("setpriv").args(DIE_WITH_PARENT).arg("true").stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
});

/// `program`, to be started by the main thread: it is killed when that is gone, where the system can do so.
/// `more` is what else setpriv is told.
pub(crate) fn until_we_die(program: &Path, more: &[String]) -> Command {
    let mut command = if *CAN {
        let mut command = Command::new("setpriv");
        command.args(DIE_WITH_PARENT).args(more).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// A log that goes on where it ended.
pub(crate) fn append(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).expect("a log to be opened")
}
