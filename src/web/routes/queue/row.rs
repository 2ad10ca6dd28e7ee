//! Rows of the queue.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use super::super::people::{Sources, name_of, who};
use crate::{
    access::Actor,
    apps::App,
    directory::User,
    kernel::UserId,
    queue::{Action, State as ActionState},
    web::{
        parts::{Badge, ChangeLine, Moment, Who},
        paths,
        queue::{Note, QueueRow, RowDecide},
        status,
    },
};

/// After how long a wait is shown as too long.
const LATE: Duration = Duration::hours(12);

/// What rows are drawn with.
pub(super) struct Drawing<'a> {
    pub(super) actor: &'a Actor,
    pub(super) app: &'a App,
    pub(super) people: &'a HashMap<UserId, User>,
    pub(super) sources: Sources,
    pub(super) now: OffsetDateTime,
}

impl Drawing<'_> {
    pub(super) fn row(&self, action: &Action) -> QueueRow {
        let href = paths::action(action.id);
        let who = match self.people.get(&action.content.account) {
            Some(user) => who(user),
            None => Who::new("Somebody", ""),
        };
        let pending = action.state == ActionState::Pending;
        QueueRow {
            id: action.id.to_string(),
            who: who.opening(href.clone()),
            kind: Badge::kind(action.content.kind),
            change: ChangeLine::of(action.content.kind, &action.content.changes),
            notes: self.notes(action),
            at: Moment::short(action.created_at, self.now),
            late: pending && self.now - action.created_at > LATE,
            source: name_of(&self.sources, &action.source),
            state: status::badge(action.state.status()),
            decide: (pending && self.may_decide(action) && action.candidates.is_empty()).then(
                || RowDecide {
                    approve: paths::action_step(action.id, "approve"),
                    reject: format!("{href}#decide"),
                    digest: action.digest().to_string(),
                },
            ),
        }
    }

    fn may_decide(&self, action: &Action) -> bool {
        self.actor.approver().is_ok() && !self.is_barred(action)
    }

    fn is_barred(&self, action: &Action) -> bool {
        action.bars(self.actor, self.app)
    }

    fn notes(&self, action: &Action) -> Vec<Note> {
        match &action.state {
            ActionState::Failed(_, _, cause) => vec![Note::bad(cause.clone())],
            ActionState::Pending if self.actor.approver().is_ok() && self.is_barred(action) => {
                vec![Note::quiet("You asked for this, or it is about you")]
            }
            ActionState::Pending if !action.candidates.is_empty() => {
                vec![Note::look("Which account is theirs?")]
            }
            ActionState::Approved(_) if self.app.pause.is_some() => vec![Note::look("Paused")],
            _ => Vec::new(),
        }
    }
}
