//! On whose behalf actions are proposed.

use time::OffsetDateTime;
use uuid::Uuid;

use super::Action;
use crate::{audit::By, directory::Source};

/// On whose behalf actions are proposed.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    /// When.
    pub(super) now: OffsetDateTime,
    /// How the history names them.
    pub(super) by: By,
    /// Where the change came from.
    pub(super) source: Source,
    /// Who is no second pair of eyes for it: whoever asked, and whom it is about.
    pub(super) barred: Vec<Uuid>,
    /// Whether a person is asked whatever the rules say.
    pub(super) always_held: bool,
}

impl Asking {
    /// Asks again for whatever is still wanted where `action` was: on behalf of `by`, and with the same people
    /// barred from approving it.
    pub(super) fn again(now: OffsetDateTime, by: By, action: &Action) -> Self {
        let (source, barred) = (action.source.clone(), action.barred.clone());
        Self { now, by, source, barred, always_held: false }
    }

    /// The same, where a person is asked whatever the rules say.
    pub(super) fn always_held(self) -> Self {
        Self { always_held: true, ..self }
    }

    /// The same, where nobody who is barred from one of `actions` is a second pair of eyes for what takes its place.
    pub(super) fn for_all_of(&self, actions: &[Action]) -> Self {
        let mut all = self.clone();
        actions.iter().flat_map(|action| &action.barred).for_each(|id| all.bar(*id));
        all
    }

    /// Bars somebody from approving what is asked for.
    pub(super) fn bar(&mut self, id: Uuid) {
        if !self.barred.contains(&id) {
            self.barred.push(id);
        }
    }
}
