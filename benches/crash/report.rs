//! What a run came to, as a table.

use std::{
    fmt,
    sync::{Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use crate::{
    client::Asked,
    killer::Kills,
    people::Heard,
    reviewers::Decided,
    verdict::{Evidence, Verdict},
};

/// What a run came to.
pub(crate) struct Report {
    rows: Vec<(String, String)>,
    verdict: Verdict,
    /// What else should not have happened.
    pub(crate) faults: Vec<String>,
}

impl Report {
    pub(crate) fn new(evidence: &Evidence) -> Self {
        Self { rows: Vec::new(), verdict: Verdict::of(evidence), faults: Vec::new() }
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_content(&self) -> bool {
        self.faults.is_empty() && self.verdict.counts().iter().all(|(_, count)| *count == 0)
    }

    pub(crate) fn row(&mut self, name: &str, value: impl fmt::Display) {
        self.rows.push((name.to_owned(), value.to_string()));
    }

    pub(crate) fn killed(&mut self, kills: &Kills) {
        self.row("kill -9 in all", kills.all());
        self.row("  of a process that serves", kills.serve);
        self.row("  of a worker", kills.worker);
        self.row("  of all four processes at once, each time 4", kills.power_cuts);
        self.row("  of Postgres", kills.postgres);
        self.row("    until it took connections again, at most", seconds(kills.longest_recovery));
        self.row("rolling restarts (SIGTERM)", kills.restarts);
    }

    pub(crate) fn asked(&mut self, asked: &Asked) {
        let Asked { requests, unanswered, lost, away, broken } = asked;
        for (name, count) in [
            ("requests to Countersign", requests),
            ("  without an answer", unanswered),
            ("  whose answer we lost on purpose", lost),
            ("  answered 503", away),
            ("  answered 500", broken),
        ] {
            self.row(name, count.load(Ordering::Relaxed));
        }
    }

    pub(crate) fn pushed(&mut self, evidence: &Evidence, heard: &Mutex<Heard>) {
        let heard = &*heard.lock().unwrap_or_else(PoisonError::into_inner);
        let accepted: usize = evidence.lives.iter().map(|life| life.accepted.len()).sum();
        self.row("changes accepted", accepted);
        self.row("  by a look-up, as the answer was lost", heard.found);
        self.row("  asked for more than once", heard.repeated);
        self.row("  answered 503, and done all the same", heard.done_all_the_same);
        self.row("people", evidence.lives.len());
        self.faults.extend(heard.faults.iter().cloned());
    }

    pub(crate) fn decided(&mut self, decided: &Decided) {
        self.row("approvals answered", decided.approved.len());
        self.row("rejections answered", decided.rejected.len());
        self.row("failed actions sent again", decided.retried);
        self.faults.extend(decided.faults.iter().cloned());
    }

    pub(crate) fn done(&mut self, evidence: &Evidence, (changing, in_vain): (u64, u64)) {
        let actions = &evidence.kept.actions;
        let left = evidence.kept.left;
        let state = |state: &str| actions.iter().filter(|action| action.state == state).count();
        let by_rule =
            actions.iter().filter(|action| action.state == "provisioned" && action.by_rule);
        self.row("actions", actions.len());
        self.row("  provisioned", state("provisioned"));
        self.row("    by a rule", by_rule.count());
        self.row("  withdrawn", state("withdrawn"));
        self.row("  rejected", state("rejected"));
        let came_back = actions.iter().filter(|action| action.was("action.drifted"));
        self.row("  that came back for review", came_back.count());
        self.row("attempts", left.attempts);
        self.row("  whose worker died", left.unfinished);
        self.row("requests to the app that change something", changing);
        self.row("  that changed nothing", in_vain);
        self.row("effects at the app", evidence.deeds.values().map(Vec::len).sum::<usize>());
        if left.jobs > 0 {
            self.faults.push(format!("{} jobs are left", left.jobs));
        }
    }

    pub(crate) fn took(&mut self, killing: Duration, whole: Duration) {
        self.row("time of killing", seconds(killing));
        self.row("time of all", seconds(whole));
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.rows {
            writeln!(f, "{name:<52} {value:>10}")?;
        }
        writeln!(f)?;
        for (name, count) in self.verdict.counts() {
            writeln!(f, "{name:<52} {count:>10}")?;
        }
        for says in self.verdict.says.iter().chain(&self.faults) {
            writeln!(f, "\n{says}")?;
        }
        let content = if self.is_content() {
            "Nothing was lost, doubled or out of order."
        } else {
            "It is not as promised."
        };
        write!(f, "\n{content}")
    }
}
