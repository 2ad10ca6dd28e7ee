//! What an action's history says that its row no longer does.

use time::OffsetDateTime;

use crate::{
    apps::change::Change,
    audit::{Event, Verb},
    directory::Source,
};

/// An approval that is void, since what was approved is no longer what would be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CameBack {
    /// Who approved: a name, or `a rule`.
    pub(super) by: String,
    /// When that was.
    pub(super) at: Option<OffsetDateTime>,
    /// What was approved.
    pub(super) changes: Vec<Change>,
    /// Why it came back, in a sentence.
    pub(super) says: String,
}

/// The approval that came to nothing, if nobody has approved since.
pub(super) fn came_back(events: &[Event]) -> Option<CameBack> {
    let newest = newest(events, &[Verb::ActionDrifted, Verb::ActionApproved])?;
    let approved = newest.details.get("approved")?;
    let by = approved.get("by")?.as_str()?;
    let at = approved.get("at").and_then(serde_json::Value::as_i64);
    Some(CameBack {
        by: if by.starts_with("by rule") { "a rule".to_owned() } else { by.to_owned() },
        at: at.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()),
        changes: serde_json::from_value(approved.get("changes")?.clone()).ok()?,
        says: newest.detail("says").unwrap_or_default().to_owned(),
    })
}

/// Newer changes that became part of an action while it waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folds {
    /// From where, and how many, in the order in which they first came.
    pub(super) from: Vec<(Source, usize)>,
    /// When the last one came.
    pub(super) last: OffsetDateTime,
}

/// What was folded into an action, if anything was.
pub(super) fn folded(events: &[Event]) -> Option<Folds> {
    let last = newest(events, &[Verb::ActionFolded])?.at;
    let mut from: Vec<(Source, usize)> = Vec::new();
    let sources = events.iter().filter(|event| event.verb == Verb::ActionFolded);
    for source in sources.filter_map(|event| event.detail("source")) {
        match from.iter_mut().find(|(known, _)| known.0 == source) {
            Some((_, times)) => *times += 1,
            None => from.push((Source(source.to_owned()), 1)),
        }
    }
    (!from.is_empty()).then_some(Folds { from, last })
}

/// The newest event of one of `verbs`; events come oldest first.
pub(super) fn newest<'a>(events: &'a [Event], verbs: &[Verb]) -> Option<&'a Event> {
    events.iter().rev().find(|event| verbs.contains(&event.verb))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};
    use time::Duration;
    use uuid::Uuid;

    use super::*;
    use crate::{
        apps::change::{Attribute, Value},
        audit::About,
        kernel::EventId,
    };

    fn event(seq: i64, verb: Verb, details: Json) -> Event {
        Event {
            seq,
            id: EventId::from(Uuid::nil()),
            at: OffsetDateTime::UNIX_EPOCH + Duration::minutes(seq),
            actor_kind: "system".to_owned(),
            actor: None,
            verb,
            about: About::default(),
            details,
        }
    }

    fn drifted(seq: i64, by: &str) -> Event {
        let changes = json!([{ "attribute": "title", "from": "Analyst", "to": "Director" }]);
        let approved = json!({ "by": by, "at": 60, "changes": changes });
        event(seq, Verb::ActionDrifted, json!({ "says": "It changed.", "approved": approved }))
    }

    #[test]
    fn what_came_back_names_who_approved_what_and_when() {
        let back = came_back(&[event(1, Verb::ActionApproved, json!({})), drifted(2, "Paula")]);

        let back = back.expect("it came back");
        let to = Some(Value::Text("Director".to_owned()));
        assert_eq!((&*back.by, &*back.says), ("Paula", "It changed."));
        assert_eq!(back.at, Some(OffsetDateTime::UNIX_EPOCH + Duration::minutes(1)));
        assert_eq!((back.changes[0].attribute, &back.changes[0].to), (Attribute::Title, &to));
        let rule = came_back(&[drifted(1, "by rule: update needs no approval")]);
        assert_eq!(rule.expect("it came back").by, "a rule");
    }

    #[test]
    fn what_was_approved_since_or_erased_did_not_come_back() {
        let again = event(2, Verb::ActionApproved, json!({}));
        let erased = event(1, Verb::ActionDrifted, Json::Null);

        assert_eq!(came_back(&[drifted(1, "Paula"), again]), None);
        assert_eq!(came_back(&[erased]), None);
        assert_eq!(came_back(&[]), None);
    }

    #[test]
    fn what_was_folded_in_is_counted_by_where_it_came_from() {
        let fold = |seq, source| event(seq, Verb::ActionFolded, json!({ "source": source }));

        let folds = folded(&[fold(1, "okta"), fold(2, "console"), fold(3, "okta")]);

        let folds = folds.expect("some were");
        let from = [(Source("okta".to_owned()), 2), (Source("console".to_owned()), 1)];
        assert_eq!(folds.from, from);
        assert_eq!(folds.last, OffsetDateTime::UNIX_EPOCH + Duration::minutes(3));
        assert_eq!(folded(&[drifted(1, "Paula")]), None);
    }
}
