//! The history in words.

use super::{
    parts::{Icon, Moment, TimelineEntry, counted},
    paths,
};
use crate::{
    audit::{Event, Verb},
    kernel::ActionId,
    queue::store::Answered,
};
use time::OffsetDateTime;

/// One event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// A picture of it.
    pub(super) icon: Icon,
    /// `good`, `bad`, `waits` or nothing: its colour.
    pub(super) class: &'static str,
    /// Who did it.
    pub(super) actor: String,
    /// What they did: `approved the create`.
    pub(super) did: String,
    /// What was said with it: a reason, a cause.
    pub(super) quote: Option<String>,
}

/// Tells an event.
#[must_use]
pub(super) fn tell(event: &Event) -> Told {
    let kind = event.detail("kind").map_or("change", noun);
    let app = app(event);
    let attempt = event.details.get("attempt").and_then(serde_json::Value::as_i64).unwrap_or(1);
    let (icon, class, did) = match event.verb {
        Verb::ActionRequested => (Icon::Inbox, "waits", format!("asked for the {kind}")),
        Verb::ActionFolded => (Icon::Pencil, "", format!("changed the {kind} that waits")),
        Verb::ActionRebased => {
            (Icon::Reload, "", format!("saw what {app} holds now, and the {kind} starts from that"))
        }
        Verb::ActionApproved => (Icon::Check, "good", format!("approved the {kind}")),
        Verb::ActionUndone => (Icon::Undo, "", undid(event, kind)),
        Verb::ActionLinked => (Icon::Link, "good", linked(event, kind)),
        Verb::ActionRejected => (Icon::Cross, "bad", format!("rejected the {kind}")),
        Verb::ActionWithdrawn => {
            (Icon::Undo, "", format!("withdrew the {kind}, which is no longer wanted"))
        }
        Verb::ActionSending => {
            (Icon::Send, "", format!("began to send the {kind}, attempt {attempt}"))
        }
        Verb::ActionPostponed => {
            (Icon::Clock, "waits", format!("could not take the {kind} now; it is tried again"))
        }
        Verb::ActionDrifted => (Icon::Warning, "waits", came_back(event, kind)),
        Verb::ActionAdopted => (
            Icon::Link,
            "good",
            "had this account already, just as it shall be; it was taken over".to_owned(),
        ),
        Verb::ActionProvisioned if kind == NEW_ACCOUNT => {
            (Icon::Good, "good", format!("has the {kind}"))
        }
        Verb::ActionProvisioned => (Icon::Good, "good", format!("carried out the {kind}")),
        Verb::ActionFailed => (Icon::Bad, "bad", format!("did not take the {kind}")),
        Verb::ActionRetried => (Icon::Retry, "", format!("had the {kind} sent again")),
        Verb::ActionCancelled => (Icon::Ban, "", format!("gave the {kind} up")),
        _ => of_the_house(event),
    };
    let quote =
        event.detail("says").or_else(|| event.detail("reason")).or_else(|| event.detail("email"));
    let (actor, quote) = match (&*event.actor_kind, &event.actor) {
        // A rule's name is its words.
        ("rule", Some(words)) => ("Rule".to_owned(), Some(words.clone())),
        (_, Some(name)) => (name.clone(), quote.map(str::to_owned)),
        (_, None) => ("Somebody, erased".to_owned(), None),
    };
    Told { icon, class, actor, did, quote }
}

/// How many actions were decided on at once: `approve 1,204 actions`.
fn many(event: &Event, which: &str) -> String {
    let number = event.details.get(which).and_then(serde_json::Value::as_u64).unwrap_or_default();
    let verdict = event.detail("verdict").unwrap_or("decide on");
    format!(
        "{verdict} {}",
        counted(usize::try_from(number).unwrap_or(usize::MAX), "action", "actions")
    )
}

/// Tells what is no action's.
fn of_the_house(event: &Event) -> (Icon, &'static str, String) {
    let app = app(event);
    let name = event.detail("name").unwrap_or("somebody");
    match event.verb {
        Verb::AdministratorCreated => {
            let role = event.detail("role").unwrap_or("administrator");
            (Icon::PersonMore, "", format!("made {name} an administrator: {role}"))
        }
        Verb::SignedIn => (Icon::Person, "", "signed in".to_owned()),
        Verb::SignedOut => (Icon::SignOut, "", "signed out".to_owned()),
        Verb::SignInRefused => (Icon::Lock, "bad", "refused a sign-in".to_owned()),
        Verb::TokenCreated => (Icon::Key, "", format!("made the token {name}")),
        Verb::SourceCreated => (Icon::Plug, "good", format!("let {name} push people")),
        Verb::SourceRotated => (Icon::Key, "", format!("gave {name} a new token")),
        Verb::SourceRevoked => (Icon::Lock, "bad", format!("no longer lets {name} push people")),
        Verb::GroupCreated => (Icon::PersonMore, "", format!("added the group {name}")),
        Verb::GroupUpdated => (Icon::Pencil, "", format!("changed the group {name}")),
        Verb::GroupDeleted => (Icon::Bin, "", format!("deleted the group {name}")),
        Verb::RunStarted => (Icon::Play, "", format!("began to {} at once", many(event, "total"))),
        Verb::RunEnded => (Icon::Check, "", format!("did {} at once", many(event, "decided"))),
        Verb::ImportStarted => (Icon::Play, "", format!("began to apply the file {name}")),
        Verb::ImportFinished => (Icon::Check, "good", format!("applied the file {name}")),
        Verb::AppConnected => (Icon::Plug, "good", format!("connected {app}")),
        Verb::AppConfigured => (Icon::Check, "", format!("changed how {app} is provisioned")),
        Verb::AppPaused if event.actor_kind == "system" => {
            (Icon::Pause, "bad", "was paused".to_owned())
        }
        Verb::AppPaused => (Icon::Pause, "bad", format!("paused {app}")),
        Verb::AppDraining => {
            (Icon::Pause, "waits", format!("has {app} finish what was approved, to be paused then"))
        }
        Verb::AppResumed if event.actor_kind == "system" => {
            (Icon::Play, "good", "answers again, and goes on".to_owned())
        }
        Verb::AppResumed => (Icon::Play, "good", format!("let {app} go on")),
        Verb::AppLearnt => (Icon::Info, "", "is asked in a simpler way from now on".to_owned()),
        Verb::UserCreated => (Icon::PersonMore, "", "added the person".to_owned()),
        Verb::UserUpdated => (Icon::Pencil, "", format!("changed {}", fields(event))),
        Verb::UserSuspended => (Icon::Pause, "", "suspended the person".to_owned()),
        Verb::UserReactivated => (Icon::Play, "", "reactivated the person".to_owned()),
        Verb::UserDeleted => (Icon::Bin, "", "deleted the person".to_owned()),
        // The rest is told by whoever asks.
        other => (Icon::Info, "", other.word().replace(['.', '_'], " ")),
    }
}

/// Whose decision was undone, where it is another's.
fn undid(event: &Event, kind: &str) -> String {
    let (by, what) = match event.detail("rejectedBy") {
        Some(by) => (Some(by), "rejection"),
        None => (event.detail("approvedBy"), "approval"),
    };
    match (by, event.actor.as_deref()) {
        (Some(by), _) if is_rule(by) => format!("undid the rule's {what} of the {kind}"),
        (Some(by), Some(actor)) if by != actor => format!("undid {by}'s {what} of the {kind}"),
        _ => format!("undid the {what} of the {kind}"),
    }
}

/// Whose approval is void now.
fn came_back(event: &Event, kind: &str) -> String {
    let approved = event.details.get("approved").and_then(|approved| approved["by"].as_str());
    let void = match approved {
        Some(by) if is_rule(by) => "; the rule's approval is void".to_owned(),
        Some(by) => format!("; the approval of {by} is void"),
        None => String::new(),
    };
    format!("held something else: the {kind} came back for review{void}")
}

fn linked(event: &Event, kind: &str) -> String {
    match event.detail("remoteId") {
        Some(account) => format!("linked the account {account} instead of the {kind}"),
        None => format!("linked an account instead of the {kind}"),
    }
}

/// Whether a decision was a rule's, by its words.
fn is_rule(by: &str) -> bool {
    by.starts_with("by rule")
}

fn app(event: &Event) -> &str {
    event.detail("app").unwrap_or("the app")
}

/// The same for a timeline.
#[must_use]
pub(super) fn entry(event: &Event, now: OffsetDateTime) -> TimelineEntry {
    let Told { icon, class, actor, did, quote } = tell(event);
    TimelineEntry {
        icon,
        class,
        says: format!("{actor} {did}."),
        quote,
        answered: None,
        action: None,
        at: Moment::short(event.at, now),
    }
}

/// The same for the timeline of a person: it leads to its action, and tells what the app answered, by the last
/// try in `answered` that fits. That is taken out: a try has one end.
#[must_use]
pub(super) fn entry_of_person(
    event: &Event,
    answered: &mut Vec<Answered>,
    now: OffsetDateTime,
) -> TimelineEntry {
    let number = event.details.get("number").and_then(serde_json::Value::as_i64);
    let action = event.about.action.map(|action| {
        let number = number.map_or_else(|| "action".to_owned(), |number| format!("#{number}"));
        (paths::action(action), number)
    });
    let ended = answered.iter().position(|one| ends(event) == Some((one.action, one.at)));
    let ended = ended.map(|place| tried(&answered.remove(place)));
    TimelineEntry { action, answered: ended, ..entry(event, now) }
}

/// The action whose try an event ends, and when, where it ends one.
#[must_use]
pub(super) fn ends(event: &Event) -> Option<(ActionId, OffsetDateTime)> {
    let is_end = matches!(
        event.verb,
        Verb::ActionPostponed
            | Verb::ActionDrifted
            | Verb::ActionAdopted
            | Verb::ActionProvisioned
            | Verb::ActionFailed
            | Verb::ActionWithdrawn
    );
    event.about.action.filter(|_| is_end).map(|action| (action, event.at))
}

/// `Attempt 2: GET 200, POST no answer`
fn tried(tried: &Answered) -> String {
    let exchange = |(method, status): &(String, Option<i64>)| match status {
        Some(status) => format!("{method} {status}"),
        None => format!("{method} no answer"),
    };
    match &*tried.asked {
        [] => format!("Attempt {}: nothing was asked", tried.number),
        asked => {
            let asked: Vec<_> = asked.iter().map(exchange).collect();
            format!("Attempt {}: {}", tried.number, asked.join(", "))
        }
    }
}

fn fields(event: &Event) -> String {
    let fields = event.details.get("fields").and_then(serde_json::Value::as_array);
    let names: Vec<_> =
        fields.into_iter().flatten().filter_map(serde_json::Value::as_str).map(spoken).collect();
    if names.is_empty() { "the person".to_owned() } else { names.join(", ") }
}

/// What a create brings.
const NEW_ACCOUNT: &str = "new account";

/// What an action of a kind brings.
fn noun(kind: &str) -> &str {
    match kind {
        "create" => NEW_ACCOUNT,
        "suspend" => "suspension",
        "reactivate" => "reactivation",
        "delete" => "deletion",
        other => other,
    }
}

/// A field of the API in words.
fn spoken(field: &str) -> &str {
    match field {
        "userName" => "user name",
        "givenName" => "first name",
        "familyName" => "last name",
        "displayName" => "display name",
        "email" => "e-mail",
        other => other,
    }
}

#[cfg(test)]
mod tests;
