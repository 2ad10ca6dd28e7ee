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
fn whose_approval_was_undone_or_is_void_is_named() {
    let tell = |verb, details| tell(&event(verb, "administrator", details)).did;
    let undone = |by| json!({ "actor": "Paula", "kind": "update", "approvedBy": by });
    let asked_again = |by| json!({ "actor": "Paula", "kind": "update", "rejectedBy": by });
    let drifted = |by| json!({ "kind": "update", "approved": { "by": by } });
    let rule = "by rule: update needs no approval";

    for (verb, details, did) in [
        (Verb::ActionUndone, undone("Paula"), "undid the approval of the update"),
        (Verb::ActionUndone, asked_again("Paula"), "undid the rejection of the update"),
        (Verb::ActionUndone, asked_again("Ruth"), "undid Ruth's rejection of the update"),
        (Verb::ActionUndone, undone("Ruth"), "undid Ruth's approval of the update"),
        (Verb::ActionUndone, undone(rule), "undid the rule's approval of the update"),
        (
            Verb::ActionDrifted,
            drifted("Paula"),
            "held something else: the update came back for review; the approval of Paula is void",
        ),
        (
            Verb::ActionDrifted,
            drifted(rule),
            "held something else: the update came back for review; the rule's approval is void",
        ),
        (
            Verb::ActionDrifted,
            serde_json::Value::Null,
            "held something else: the change came back for review",
        ),
    ] {
        assert_eq!(tell(verb, details), did);
    }
}

#[test]
fn an_app_stops_by_itself_or_somebody_stops_it() {
    let tell = |kind, verb| {
        let told = tell(&event(verb, kind, json!({ "actor": "Olivia", "app": "EchoSign" })));
        format!("{} {}", told.actor, told.did)
    };

    assert_eq!(tell("system", Verb::AppPaused), "Olivia was paused");
    assert_eq!(tell("administrator", Verb::AppPaused), "Olivia paused EchoSign");
    assert_eq!(tell("system", Verb::AppResumed), "Olivia answers again, and goes on");
    assert_eq!(tell("token", Verb::AppResumed), "Olivia let EchoSign go on");
    assert_eq!(
        tell("administrator", Verb::AppDraining),
        "Olivia has EchoSign finish what was approved, to be paused then"
    );
}

#[test]
fn what_was_withdrawn_says_why_whoever_caused_it() {
    let details = json!({ "actor": "EchoSign", "kind": "update", "says": "It is gone." });

    let told = tell(&event(Verb::ActionWithdrawn, "system", details));

    assert_eq!(told.did, "withdrew the update, which is no longer wanted");
    assert_eq!(told.quote.as_deref(), Some("It is gone."));
}

#[test]
fn what_was_erased_stays_told_without_a_name() {
    let told = tell(&event(Verb::SignedIn, "administrator", serde_json::Value::Null));

    assert_eq!((&*told.actor, told.quote), ("Somebody, erased", None));
}

#[test]
fn the_end_of_a_try_tells_what_was_asked_and_leads_to_its_action() {
    let action = ActionId::at(OffsetDateTime::UNIX_EPOCH);
    let asked = vec![("GET".to_owned(), Some(200)), ("POST".to_owned(), None)];
    let tries = [2, 1].map(|number| {
        let (at, asked) = (OffsetDateTime::UNIX_EPOCH, asked.clone());
        Answered { action, number, at, asked }
    });
    let mut answered = Vec::from(tries);
    let mut told = |verb| {
        let mut event = event(verb, "system", json!({ "actor": "EchoSign", "number": 12 }));
        event.about.action = Some(action);
        entry_of_person(&event, &mut answered, OffsetDateTime::UNIX_EPOCH)
    };

    let (end, other, first) =
        (told(Verb::ActionFailed), told(Verb::ActionSending), told(Verb::ActionPostponed));

    assert_eq!(end.answered.as_deref(), Some("Attempt 2: GET 200, POST no answer"));
    assert_eq!(first.answered.as_deref(), Some("Attempt 1: GET 200, POST no answer"));
    assert_eq!(other.answered, None);
    assert_eq!(other.action, Some((paths::action(action), "#12".to_owned())));
}

#[test]
fn a_change_of_a_person_names_its_fields() {
    let details = json!({ "actor": "Ana", "fields": ["title", "givenName"] });

    assert_eq!(
        tell(&event(Verb::UserUpdated, "administrator", details)).did,
        "changed title, first name"
    );
}
