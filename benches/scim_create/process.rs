//! What a process used: memory, and processors, which says what a request costs whatever else the machine does.

use std::{fs, path::Path, time::Duration};

/// What Linux counts processor time in (`sysconf(_SC_CLK_TCK)` is 100 wherever it runs).
const TICK: Duration = Duration::from_millis(10);

/// How long one process worked.
pub(crate) fn worked(pid: u32) -> Duration {
    ticks(&stat(pid), 11..13)
}

/// How long a Postgres server worked whose socket is in `folder`, with all its processes, those that ended included.
pub(crate) fn postgres_worked(folder: &Path) -> Duration {
    let file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap_or_default();
    let Some(postmaster) = file.lines().next().and_then(|line| line.trim().parse().ok()) else {
        return Duration::ZERO;
    };
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let living = pids.map(stat).filter(|stat| stat.get(1) == Some(&u64::from(postmaster)));
    living.map(|stat| ticks(&stat, 11..13)).sum::<Duration>() + ticks(&stat(postmaster), 11..15)
}

/// The most memory that a process held at any time, in MB (`VmHWM` of proc(5)).
pub(crate) fn most_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.expect("what Linux says of the process") / 1024
}

/// The numbers of `/proc/<pid>/stat` from the state on, which is none and counts as 0 (proc(5)).
fn stat(pid: u32) -> Vec<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = text.rsplit_once(')').map_or("", |(_, after)| after);
    after.split_whitespace().map(|number| number.parse().unwrap_or(0)).collect()
}

fn ticks(stat: &[u64], fields: std::ops::Range<usize>) -> Duration {
    let ticks: u64 = stat.get(fields).unwrap_or_default().iter().sum();
    TICK * u32::try_from(ticks).unwrap_or(u32::MAX)
}
