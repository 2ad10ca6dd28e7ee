//! What the reader of an action should know before anything else.

use time::OffsetDateTime;

use super::{
    decision::Waiting,
    past::{CameBack, newest},
};
use crate::{
    apps::change::Kind,
    audit::{Event, Verb},
    jobs::store::COUNTED,
    queue::{Action, State as ActionState, Status, preview::Preview},
    web::{
        parts::{Callout, Tone, span},
        paths, status,
    },
};

/// What is known of an action besides how it would be done.
pub(super) struct Told<'a> {
    /// Its history, oldest first.
    pub(super) events: &'a [Event],
    /// The approval that came to nothing.
    pub(super) came_back: Option<&'a CameBack>,
    /// What it waits for, and what waits for it.
    pub(super) waiting: &'a Waiting,
    /// When it is looked at.
    pub(super) now: OffsetDateTime,
}

pub(super) fn callouts(preview: &Preview, told: &Told<'_>) -> Vec<Callout> {
    let before = sent_after(&told.waiting.before).filter(|_| is_open(preview));
    let (first, state) = (about_the_account(preview, told), about_the_state(preview, told));
    first.into_iter().chain(before).chain(state).collect()
}

fn is_open(preview: &Preview) -> bool {
    preview.action.state.ended_at().is_none()
}

/// That what would be done is not what was asked for, or what was approved.
fn about_the_account(preview: &Preview, told: &Told<'_>) -> Option<Callout> {
    let (action, app) = (&preview.action, &preview.app.name);
    let pending = action.state == ActionState::Pending;
    if pending && action.content.kind == Kind::Create && preview.present.is_some() {
        let says = "Approving takes it over and brings it to what is shown here.";
        let title = format!("{app} has an account by this name already.");
        return Some(Callout::new(Tone::Warn, says).titled(title));
    }
    if let Some(back) = told.came_back {
        return Some(
            Callout::new(Tone::Warn, back.says.clone()).titled("It came back for review."),
        );
    }
    (pending && preview.is_rebased()).then(|| {
        let says = format!(
            "{app} holds something else than when this was asked for. It is shown as {app} has it now."
        );
        Callout::new(Tone::Note, says)
    })
}

/// Which actions go first, and whether somebody has to see to one of them.
fn sent_after(before: &[Action]) -> Option<Callout> {
    let held_up = before.iter().any(|action| action.state.status() == Status::Failed);
    let says = match before {
        [] => return None,
        [_] => "It is sent after this one, which is of the same account and not finished:",
        _ => "It is sent after these, which are of the same account and not finished:",
    };
    let callout = Callout::new(if held_up { Tone::Warn } else { Tone::Quiet }, says);
    Some(before.iter().fold(callout, |callout, action| {
        let (words, kind) = (format!("#{}", action.number), status::word(action.content.kind));
        let says = match action.state.status() {
            Status::Failed => {
                format!("{kind}, which failed: it has to be sent again or given up first.")
            }
            Status::Sending => format!("{kind}, which is being sent."),
            _ => format!("{kind}, which is {}.", action.state.status()),
        };
        callout.naming(paths::action(action.id), words, says)
    }))
}

fn about_the_state(preview: &Preview, told: &Told<'_>) -> Vec<Callout> {
    let app = &preview.app.name;
    match &preview.action.state {
        ActionState::Failed(_, _, cause) => {
            let failed =
                Callout::new(Tone::Bad, cause.clone()).titled(format!("{app} did not take it."));
            [failed].into_iter().chain(waits_behind(told.waiting.behind)).collect()
        }
        ActionState::Rejected(decision) => {
            let reason = decision.reason.clone().unwrap_or_default();
            let title = format!("{} rejected it.", decision.by.name());
            vec![Callout::new(Tone::Note, reason).titled(title)]
        }
        ActionState::Approved(_) => about_the_sending(preview, told).into_iter().collect(),
        ActionState::Withdrawn(..) => withdrawn(told.events).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Why what is approved is not sent just now, where that is somebody's trouble.
fn about_the_sending(preview: &Preview, told: &Told<'_>) -> Option<Callout> {
    let app = &preview.app.name;
    if let Some(pause) = &preview.app.pause {
        let title = format!("{app} is paused.");
        return Some(Callout::new(Tone::Warn, pause.because.clone()).titled(title));
    }
    let again = told.waiting.due_at.filter(|at| told.waiting.tried && *at > told.now)?;
    let says = format!("It is tried again by itself in {}.", span(again - told.now));
    Some(Callout::new(Tone::Warn, says).titled(format!("{app} could not take it.")))
}

/// How many of the same account are held up by one that failed.
fn waits_behind(behind: i64) -> Option<Callout> {
    let says = match behind {
        0 => return None,
        1 => "1 approved change of the same account waits behind it".to_owned(),
        many if many < COUNTED => {
            format!("{many} approved changes of the same account wait behind it")
        }
        _ => format!("{COUNTED} or more approved changes of the same account wait behind it"),
    };
    Some(Callout::new(Tone::Quiet, format!("{says} until it is sent again or given up.")))
}

/// Why it is no longer wanted.
fn withdrawn(events: &[Event]) -> Option<Callout> {
    let newest = newest(events, &[Verb::ActionWithdrawn, Verb::ActionLinked])?;
    if newest.verb == Verb::ActionLinked {
        let who = newest.actor.as_deref().unwrap_or("Somebody");
        let account = newest.detail("remoteId").unwrap_or_default();
        let says = format!("No new account was made: the account {account} is theirs.");
        let title = format!("{who} linked an account that was there already.");
        return Some(Callout::new(Tone::Note, says).titled(title));
    }
    let says = newest.detail("says")?.to_owned();
    Some(Callout::new(Tone::Note, says).titled("It was withdrawn."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_behind_a_failed_one_is_counted_up_to_a_bound() {
        for (behind, told) in [
            (1, "1 approved change of the same account waits behind it until"),
            (2, "2 approved changes of the same account wait behind it until"),
            (COUNTED, "100 or more approved changes"),
        ] {
            let drawn = waits_behind(behind).expect("some wait").to_string();

            assert!(drawn.contains(told), "{drawn}");
        }
        assert!(waits_behind(0).is_none());
    }
}
