//! The last requests that came in, for the page.

use std::collections::VecDeque;

use time::OffsetDateTime;

use super::faults::What;

/// How many are remembered.
const KEPT: usize = 20;

/// One request and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remembered {
    /// When it came.
    pub(super) at: OffsetDateTime,
    /// `POST`.
    pub(super) method: String,
    /// Below `/scim/v2`, with the query, readable.
    pub(super) path: String,
    /// The HTTP status, also of an answer that never arrived.
    pub(super) status: u16,
    /// What went wrong with the work or the answer.
    pub(super) what: Option<What>,
}

/// The last ones, the newest first.
#[derive(Debug, Default)]
pub(super) struct Requests(VecDeque<Remembered>);

impl Requests {
    /// Remembers one, and forgets the oldest.
    pub(super) fn push(&mut self, request: Remembered) {
        self.0.push_front(request);
        self.0.truncate(KEPT);
    }

    /// The newest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Remembered> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twenty_are_remembered_the_newest_first() {
        let mut requests = Requests::default();
        for status in 200..225 {
            let at = OffsetDateTime::UNIX_EPOCH;
            requests.push(Remembered {
                at,
                method: String::new(),
                path: String::new(),
                status,
                what: None,
            });
        }

        let statuses: Vec<_> = requests.iter().map(|request| request.status).collect();

        assert_eq!(statuses, (205..225).rev().collect::<Vec<_>>());
    }
}
