//! What an earlier run left behind in the data directory.

use std::{fs, path::Path};

use super::{error::EmbeddedError, place::Place};

/// What became of the process that `postmaster.pid` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Former {
    /// It is gone, or its number is another program's now.
    Gone,
    /// It still serves this data directory.
    Serves,
    /// It is a Postgres, and does not say of which data directory.
    Unclear,
}

/// Ends a server that outlived its countersign, and removes the traces of one that was killed.
/// Says whether there was either: then shared memory may still be held for a moment.
pub(super) fn clear(place: &Place) -> Result<bool, EmbeddedError> {
    let file = place.data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else { return Ok(false) };
    let pid: u32 = text.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or(0);
    if !Path::new("/proc/self/cmdline").exists() {
        // Without /proc, Postgres's own look at the file has to do.
        stop(place);
        return Ok(true);
    }
    // A zombie has an empty command line, a process that is gone has none.
    let command_line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    match judge(&command_line, &place.data) {
        Former::Unclear => Err(EmbeddedError::Foreign { data: place.data.clone(), pid }),
        Former::Serves => {
            tracing::warn!(pid, "ending the Postgres that an earlier run left behind");
            stop(place);
            Ok(true)
        }
        Former::Gone => {
            fs::remove_file(&file).map_err(EmbeddedError::io("remove", &file))?;
            Ok(true)
        }
    }
}

/// Ends whatever serves the data directory, in order if it can be.
pub(super) fn stop(place: &Place) {
    for mode in ["fast", "immediate"] {
        let stopping = place
            .command("pg_ctl")
            .args(["stop", "--wait", "--timeout=30", "--mode", mode, "--pgdata"])
            .arg(&place.data)
            .output();
        match stopping {
            Ok(done) if done.status.success() => return,
            Ok(done) => tracing::warn!(
                mode,
                "Postgres did not stop: {}",
                String::from_utf8_lossy(&done.stderr).trim()
            ),
            Err(error) => tracing::warn!(mode, %error, "pg_ctl did not run"),
        }
    }
}

fn judge(command_line: &[u8], data: &Path) -> Former {
    let mut arguments =
        command_line.split(|byte| *byte == 0).filter(|argument| !argument.is_empty());
    let program = arguments.next().unwrap_or_default();
    if !program.ends_with(b"postgres") && !program.ends_with(b"postmaster") {
        // A server's children, which may have got its number, call themselves "postgres: …".
        return Former::Gone;
    }
    let arguments: Vec<_> = arguments.collect();
    if arguments.contains(&data.as_os_str().as_encoded_bytes()) {
        return Former::Serves;
    }
    let names_another = arguments
        .iter()
        .zip(arguments.iter().skip(1))
        .any(|(option, value)| *option == b"-D" && value.starts_with(b"/"));
    if names_another { Former::Gone } else { Former::Unclear }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_believed_to_be_ours_only_by_its_data_directory() {
        for (command_line, expected) in [
            ("", Former::Gone),
            ("/usr/bin/vim\0notes", Former::Gone),
            ("postgres: main: checkpointer \0", Former::Gone),
            ("/usr/lib/postgresql/15/bin/postgres\0-D\0/ours/data\0-k\0/run", Former::Serves),
            ("/usr/lib/postgresql/15/bin/postgres\0-D\0/theirs/data", Former::Gone),
            ("/usr/lib/postgresql/15/bin/postgres\0-D\0data", Former::Unclear),
            ("postgres\0", Former::Unclear),
        ] {
            assert_eq!(
                judge(command_line.as_bytes(), Path::new("/ours/data")),
                expected,
                "{command_line:?}"
            );
        }
    }
}
