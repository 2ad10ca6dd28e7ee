//! Plain SQL, driven by pgbench over the same socket: the bound that a figure of ours stands beside.

use std::{fs, process::Command, time::Duration};

/// A pgbench against one database.
pub(crate) struct Pgbench {
    program: String,
    database: String,
    seconds: u64,
}

impl Pgbench {
    /// The program, what it runs against, and for how long each time.
    pub(crate) fn new(program: &str, database: &str, length: Duration) -> Self {
        let (program, database) = (program.to_owned(), database.to_owned());
        Self { program, database, seconds: length.as_secs() }
    }

    /// How often a second `clients` at once run a script.
    pub(crate) fn per_second(&self, script: &str, clients: usize) -> f64 {
        let name = format!("countersign-bench-{}.sql", std::process::id());
        let file = std::env::temp_dir().join(name);
        fs::write(&file, script).expect("to write the script");
        let (seconds, clients) = (self.seconds.to_string(), clients.to_string());
        let threads = if clients == "1" { "1" } else { "2" };
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared", "--time", &seconds, "--client", &clients])
            .args(["--jobs", threads, "--file"])
            .arg(&file)
            .arg(&self.database)
            .output()
            .expect("pgbench to run");
        let _ = fs::remove_file(&file);
        let text = String::from_utf8_lossy(&output.stdout);
        let tps = text
            .lines()
            .find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.unwrap_or_else(|| {
            unreachable!("pgbench said: {text}{}", String::from_utf8_lossy(&output.stderr))
        })
    }
}
