//! The bound: what the same Postgres reads when it is asked for the rows of a page and for nothing else.

use std::time::Duration;

use crate::pgbench::Pgbench;

const PAGE: &str = "
select id, number, app_id, user_id, kind, source, changes, digest, barred, four_eyes, candidates, hints, state,
    decided_at, decided_by, decided_name, decided_digest, reason, ended_at, cause, created_at, changed_at, person
from actions where tab = 'pending' order by created_at, id limit 51;
";

pub(crate) struct Bare(Pgbench);

impl Bare {
    pub(crate) fn new(pgbench: &str, database: &str, length: Duration) -> Self {
        Self(Pgbench::new(pgbench, database, length))
    }

    /// Pages a second.
    pub(crate) fn page(&self, clients: usize) -> f64 {
        self.0.per_second(PAGE, clients)
    }
}
