//! What the reader is told of each error of the rooms below. Exhaustive: a new one does not compile
//! until someone decides its status.

use serde_json::json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{super::actions::view::ChangeView, Fault, Kind, Problem};
use crate::{
    access::Forbidden,
    db::{self, ListError},
    directory::FieldError,
    kernel::BadCursor,
    queue::{
        Illegal,
        configure::ConfigureError,
        decide::DecideError,
        domains::DomainsError,
        flow::{FlowError, TuneError},
        link::LinkError,
        people::PeopleError,
        preview::Preview,
        reasons::{ReasonsError, RuleFault},
        retry::MoveError,
        reverse::ReverseError,
    },
};

impl From<Forbidden> for Problem {
    fn from(Forbidden { needs, has }: Forbidden) -> Self {
        Self::new(
            Kind::Forbidden,
            format_args!("This needs the role {needs}; this token has the role {has}."),
        )
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let problem = if db::is_down(&error) {
            // A commit whose answer was lost may stand.
            Self::new(
                Kind::Unavailable,
                "It is not known whether this request was done. Look, and send it again in some seconds if it was not.",
            )
        } else {
            Self::new(Kind::Internal, "The cause is in the log of the server.")
        };
        Self { cause: Some(error.into()), ..problem }
    }
}

impl From<BadCursor> for Problem {
    fn from(error: BadCursor) -> Self {
        Self::query(vec![Fault::new("cursor", error)])
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Cursor(error) => error.into(),
            ListError::Store(error) => of_list(error),
        }
    }
}

/// Every parameter but the cursor was looked at before: when Postgres finds a character or a time
/// that cannot be, the cursor was made up.
fn of_list(error: sqlx::Error) -> Problem {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.as_deref() {
        Some("22021" | "22008") => BadCursor.into(),
        _ => error.into(),
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Fields(fields) => Self::fields(fields.iter().map(Fault::from).collect()),
            PeopleError::Taken(field) => Self::fields(vec![Fault::from(&field)]),
            PeopleError::NotFound => Self::not_found(error),
            PeopleError::Store(error) => error.into(),
        }
    }
}

impl From<&FieldError> for Fault {
    fn from(error: &FieldError) -> Self {
        Self::new(error.field, &error.says)
    }
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound => Self::not_found(error),
            DecideError::OwnRequest => Self::new(Kind::OwnRequest, error),
            DecideError::Changed(preview) => changed(&preview),
            DecideError::Stale => Self::new(Kind::Changed, error),
            DecideError::Reason(says) => Self::fields(vec![Fault::new("reason", says)]),
            DecideError::Illegal(illegal) => illegal.into(),
            DecideError::Store(error) => error.into(),
        }
    }
}

/// With what it is now, so that a program can show it and ask again.
fn changed(preview: &Preview) -> Problem {
    let says = "What would be done is no longer what was shown. Look at current, and approve its digest instead.";
    let changes: Vec<_> = preview.content.changes.iter().map(ChangeView::from).collect();
    let current = json!({
        "status": preview.action.state.status(),
        "digest": preview.digest,
        "changes": changes,
    });
    Problem { current: Some(current), ..Problem::new(Kind::Changed, says) }
}

impl From<MoveError> for Problem {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::NotFound => Self::not_found(error),
            MoveError::Illegal(illegal) => illegal.into(),
            MoveError::Begun | MoveError::Off(_) => Self::new(Kind::State, error),
            MoveError::Store(error) => error.into(),
        }
    }
}

impl From<ReverseError> for Problem {
    fn from(error: ReverseError) -> Self {
        match error {
            ReverseError::NotFound => Self::not_found("There is no such action."),
            ReverseError::Not(says) => Self::new(Kind::State, says),
            // Nobody sent these fields: they are what the person had before.
            ReverseError::People(PeopleError::Fields(fields)) => as_they_were(&fields),
            ReverseError::People(PeopleError::Taken(field)) => as_they_were(&[field]),
            ReverseError::People(error) => error.into(),
        }
    }
}

/// What the person had before cannot be had again.
fn as_they_were(fields: &[FieldError]) -> Problem {
    Problem::with(Kind::State, fields.iter().map(Fault::from).collect())
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotFound => Self::not_found(error),
            LinkError::Not(says) => Self::new(Kind::State, says),
            LinkError::OwnRequest => Self::new(Kind::OwnRequest, error),
            LinkError::Illegal(illegal) => illegal.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<FlowError> for Problem {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Already(says) => Self::new(Kind::State, says),
            FlowError::Unanswered(_) => Self::new(Kind::Unanswered, error),
            FlowError::Reason(says) => Self::fields(vec![Fault::new("reason", says)]),
            FlowError::Store(error) => error.into(),
        }
    }
}

impl From<TuneError> for Problem {
    fn from(error: TuneError) -> Self {
        match error {
            TuneError::Fields(fields) => Self::fields(fields.iter().map(Fault::from).collect()),
            TuneError::Store(error) => error.into(),
        }
    }
}

impl From<ReasonsError> for Problem {
    fn from(error: ReasonsError) -> Self {
        match error {
            ReasonsError::Rules(faults) => {
                let named = |RuleFault { kind, field, says }: RuleFault| {
                    Fault::new(&format!("reasons.{kind}.{field}"), says)
                };
                Self::fields(faults.into_iter().map(named).collect())
            }
            ReasonsError::Store(error) => error.into(),
        }
    }
}

impl From<DomainsError> for Problem {
    fn from(error: DomainsError) -> Self {
        match error {
            DomainsError::TooMany => Self::fields(vec![Fault::new("domains", error)]),
            DomainsError::Store(error) => error.into(),
        }
    }
}

impl From<ConfigureError> for Problem {
    fn from(error: ConfigureError) -> Self {
        match error {
            ConfigureError::NotConnected { .. } => Self::new(Kind::NotConnected, error),
            ConfigureError::Store(error) => error.into(),
        }
    }
}

impl From<Illegal> for Problem {
    fn from(illegal: Illegal) -> Self {
        let current = json!({ "status": illegal.from });
        Self { current: Some(current), ..Self::new(Kind::State, says(&illegal)) }
    }
}

/// Who was quicker, where somebody was.
fn says(illegal: &Illegal) -> String {
    format!("Cannot {} it: {}.", illegal.step, illegal.fact(exactly))
}

fn exactly(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::{Moved, Status};

    #[test]
    fn whoever_was_too_late_hears_who_was_quicker_and_when() {
        let approved = |by: &str| {
            Some(Moved { did: "approved", by: by.to_owned(), at: OffsetDateTime::UNIX_EPOCH })
        };
        let at = "1970-01-01T00:00:00Z";
        let table = [
            (
                Status::Approved,
                "approve",
                approved("Ana"),
                format!("Cannot approve it: already approved by Ana at {at}."),
            ),
            (
                Status::Provisioned,
                "retry",
                approved("Ana"),
                format!("Cannot retry it: it is provisioned, approved by Ana at {at}."),
            ),
            (Status::Pending, "retry", None, "Cannot retry it: it is pending.".to_owned()),
        ];
        for (from, step, last, told) in table {
            assert_eq!(says(&Illegal { from, step, last }), told);
        }
    }
}
