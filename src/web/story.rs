//! The history in words.

use super::parts::{Icon, Moment, TimelineEntry};
use crate::audit::{Event, Verb};
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
        Verb::ActionRejected => (Icon::Cross, "bad", format!("rejected the {kind}")),
        Verb::ActionWithdrawn => (Icon::Undo, "", format!("undid the {kind}")),
        Verb::ActionSending => {
            (Icon::Send, "", format!("began to send the {kind}, attempt {attempt}"))
        }
        Verb::ActionPostponed => {
            (Icon::Clock, "waits", format!("could not take the {kind} now; it is tried again"))
        }
        Verb::ActionDrifted => (
            Icon::Warning,
            "waits",
            format!("held something else: the {kind} came back for review"),
        ),
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
        Verb::ImportStarted => (Icon::Play, "", format!("began to apply the file {name}")),
        Verb::ImportFinished => (Icon::Check, "good", format!("applied the file {name}")),
        Verb::AppConnected => (Icon::Plug, "good", format!("connected {app}")),
        Verb::AppConfigured => (Icon::Check, "", format!("changed how {app} is provisioned")),
        Verb::AppPaused => (Icon::Pause, "bad", "was paused".to_owned()),
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
        at: Moment::short(event.at, now),
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
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{audit::About, kernel::EventId};

    fn event(verb: Verb, actor_kind: &str, details: serde_json::Value) -> Event {
        let actor = details.get("actor").and_then(serde_json::Value::as_str).map(str::to_owned);
        Event {
            seq: 1,
            id: EventId::from(Uuid::nil()),
            at: OffsetDateTime::UNIX_EPOCH,
            actor_kind: actor_kind.to_owned(),
            actor,
            verb,
            about: About::default(),
            details,
        }
    }

    #[test]
    fn every_verb_is_told_without_a_gap() {
        for verb in Verb::ALL {
            let told = tell(&event(*verb, "system", json!({ "actor": "EchoSign" })));

            assert!(!told.did.is_empty() && !told.did.contains("  "), "{verb}: {told:?}");
        }
    }

    #[test]
    fn a_rule_speaks_with_its_words() {
        let words = "by rule: update needs no approval";
        let told =
            tell(&event(Verb::ActionApproved, "rule", json!({ "actor": words, "kind": "update" })));

        assert_eq!(
            (&*told.actor, &*told.did, told.quote.as_deref()),
            ("Rule", "approved the update", Some(words))
        );
    }

    #[test]
    fn what_was_erased_stays_told_without_a_name() {
        let told = tell(&event(Verb::SignedIn, "administrator", serde_json::Value::Null));

        assert_eq!((&*told.actor, told.quote), ("Somebody, erased", None));
    }

    #[test]
    fn a_change_of_a_person_names_its_fields() {
        let details = json!({ "actor": "Ana", "fields": ["title", "givenName"] });

        assert_eq!(
            tell(&event(Verb::UserUpdated, "administrator", details)).did,
            "changed title, first name"
        );
    }
}
