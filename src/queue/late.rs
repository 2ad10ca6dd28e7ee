//! What whoever comes too late is told: who was quicker, and when.

use sqlx::PgConnection;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::{Action, State, Status};
use crate::{
    audit::{self, Event, Verb},
    kernel::{ActionId, AppId},
};

const MINUTE: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute] UTC");

/// A step that a state does not allow: most often, someone else was quicker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Illegal {
    /// The state it is in.
    pub from: Status,
    /// The step that was asked for.
    pub step: &'static str,
    /// Who moved it last, where somebody did.
    pub last: Option<Moved>,
}

/// Who moved an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What they did to it: `approved`, `undone`.
    pub did: &'static str,
    /// What they are called.
    pub by: String,
    /// When.
    pub at: OffsetDateTime,
}

impl std::fmt::Display for Illegal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot {}: {}", self.step, self.fact(minute))
    }
}

/// A time as it is written where no reader's own way of writing it is known.
pub(super) fn minute(at: OffsetDateTime) -> String {
    at.format(MINUTE).unwrap_or_default()
}

impl Illegal {
    /// What is so, and who made it so: `already approved by Ana at …`, where `write` writes the time.
    #[must_use]
    pub fn fact(&self, write: impl FnOnce(OffsetDateTime) -> String) -> String {
        let is = if self.from == Status::Sending { "being sent" } else { self.from.word() };
        match &self.last {
            None => format!("it is {is}"),
            Some(Moved { did, by, at }) if *did == is => {
                format!("already {did} by {by} at {}", write(*at))
            }
            Some(Moved { did, by, at }) => {
                format!("it is {is}, {did} by {by} at {}", write(*at))
            }
        }
    }
}

/// A rule is called "by rule: …" where it decides.
pub(super) fn a_rule(words: &str) -> String {
    format!("a rule ({})", words.trim_start_matches("by rule: "))
}

/// Moves an action on, or says who moved it last.
pub(super) async fn step<E: From<Illegal> + From<sqlx::Error>>(
    tx: &mut PgConnection,
    action: &Action,
    step: impl FnOnce(State) -> Result<State, Illegal>,
) -> Result<State, E> {
    match step(action.state.clone()) {
        Ok(state) => Ok(state),
        Err(illegal) => {
            let last = moved(tx, action.id).await?.or(illegal.last);
            Err(Illegal { last, ..illegal }.into())
        }
    }
}

/// The last time that somebody moved an action, where the history still names them.
async fn moved(tx: &mut PgConnection, action: ActionId) -> sqlx::Result<Option<Moved>> {
    let story = audit::of_action(tx, action).await?;
    Ok(story.into_iter().rev().find_map(|event| {
        let did = did(event.verb)?;
        Some(Moved { did, at: event.at, by: whoever(event)? })
    }))
}

/// What the history calls them, in a sentence.
pub(super) fn whoever(event: Event) -> Option<String> {
    let name = event.actor?;
    Some(if event.actor_kind == "rule" { a_rule(&name) } else { name })
}

/// Who did something to an app the last time and when, where the history still names them: ` by Ana at …`.
pub(super) async fn by_whom(tx: &mut PgConnection, app: AppId, verb: Verb) -> sqlx::Result<String> {
    let event = audit::newest_of_app(tx, app, verb).await?;
    let at = event.as_ref().map(|event| minute(event.at)).unwrap_or_default();
    let by = event.and_then(whoever);
    Ok(by.map(|by| format!(" by {by} at {at}")).unwrap_or_default())
}

/// What is done to an action when it is moved by a decision, in a word.
const fn did(verb: Verb) -> Option<&'static str> {
    match verb {
        Verb::ActionApproved => Some("approved"),
        Verb::ActionRejected => Some("rejected"),
        Verb::ActionUndone => Some("undone"),
        Verb::ActionLinked => Some("linked"),
        Verb::ActionCancelled => Some("cancelled"),
        Verb::ActionRetried => Some("retried"),
        Verb::ActionWithdrawn => Some("withdrawn"),
        Verb::ActionDrifted => Some("brought back"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_so_is_told_with_whoever_made_it_so() {
        let table = [
            (Status::Pending, None, "it is pending"),
            (Status::Pending, Some("undone"), "it is pending, undone by Ana at noon"),
            (Status::Cancelled, Some("cancelled"), "already cancelled by Ana at noon"),
            (Status::Sending, Some("approved"), "it is being sent, approved by Ana at noon"),
        ];
        for (from, did, says) in table {
            let last =
                did.map(|did| Moved { did, by: "Ana".to_owned(), at: OffsetDateTime::UNIX_EPOCH });
            let illegal = Illegal { from, step: "undo", last };

            assert_eq!(illegal.fact(|_| "noon".to_owned()), says);
        }
    }
}
