//! Refusals, in the form of RFC 7644 section 3.12 and in words that the administrator of an
//! identity provider can act on.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::answer::Scim;
use crate::{
    db::is_down,
    directory::{FieldError, query::QueryError},
    queue::{groups::GroupError, people::PeopleError},
    scim::{self, ErrorType, filter::BadFilter},
};

/// How soon to ask again when the database is away, in seconds.
const AWAY: u64 = 5;

/// A refusal as an answer.
#[derive(Debug)]
pub(super) struct Refused {
    error: scim::Error,
    hint: Option<Hint>,
    /// What no client is told.
    cause: Option<sqlx::Error>,
}

/// What else the client is told, in a header.
#[derive(Debug, Clone, Copy)]
enum Hint {
    /// How to prove who it is.
    Challenge(&'static str),
    /// How many seconds to wait.
    RetryAfter(u64),
}

/// What a refusal said, for the log of requests.
#[derive(Debug, Clone)]
pub(super) struct Said(pub(super) String);

impl Refused {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        scim::Error::new(status.as_u16(), detail).into()
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        scim::Error::of(ErrorType::InvalidValue, detail).into()
    }

    /// A client that did not prove who it is.
    pub(super) fn unauthorized(challenge: &'static str, detail: impl Into<String>) -> Self {
        Self {
            hint: Some(Hint::Challenge(challenge)),
            ..Self::new(StatusCode::UNAUTHORIZED, detail)
        }
    }

    /// One request too many; the next is due after so many seconds.
    pub(super) fn too_many(seconds: u64) -> Self {
        let says = format!(
            "too many requests from this source at once: wait {seconds} s, then go on; \
             COUNTERSIGN_SCIM_RATE sets how many are allowed"
        );
        Self::new(StatusCode::TOO_MANY_REQUESTS, says).until(seconds)
    }

    pub(super) fn gone(what: &str) -> Self {
        let says = format!("there is no such {what}; it may have been deleted");
        Self::new(StatusCode::NOT_FOUND, says)
    }

    pub(super) fn not_found() -> Self {
        let says = "there is nothing at this address: the base URL ends in /scim/v2, and below it are \
            Users, Groups, ServiceProviderConfig, Schemas and ResourceTypes";
        Self::new(StatusCode::NOT_FOUND, says)
    }

    pub(super) fn wrong_method() -> Self {
        let says = "this address does not take that method; the header Allow names those it takes";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, says)
    }

    /// A member whom nobody has pushed.
    pub(super) fn unknown_member(id: &str) -> Self {
        let id: String = id.chars().take(80).collect();
        Self::value(format!(
            "members: there is no user with the id {id}. Push the user first, and name them by the id that was answered"
        ))
    }

    /// What cannot be asked here at all.
    pub(super) fn unsupported(says: &str) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, says)
    }

    /// Something of ours broke; nothing about it is told.
    pub(super) fn broken() -> Self {
        let says = "something went wrong in Countersign, and nothing was changed; its log says what, \
            under the id in the header X-Request-Id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, says)
    }

    fn until(self, seconds: u64) -> Self {
        Self { hint: Some(Hint::RetryAfter(seconds)), ..self }
    }
}

impl From<scim::Error> for Refused {
    fn from(error: scim::Error) -> Self {
        Self { error, hint: None, cause: None }
    }
}

impl From<BadFilter> for Refused {
    fn from(bad: BadFilter) -> Self {
        scim::Error::from(bad).into()
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        let refused = if is_down(&error) {
            // A commit whose answer was lost may stand.
            let says = "Countersign cannot reach its database at the moment, and does not know whether this was done: \
                try again, which is safe";
            Self::new(StatusCode::SERVICE_UNAVAILABLE, says).until(AWAY)
        } else {
            Self::broken()
        };
        Self { cause: Some(error), ..refused }
    }
}

impl From<QueryError> for Refused {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Refused(error) => error.into(),
            QueryError::Store(error) => error.into(),
        }
    }
}

impl From<GroupError> for Refused {
    fn from(error: GroupError) -> Self {
        match error {
            GroupError::Taken(field) => taken("group", field),
            GroupError::UnknownMember(id) => Self::unknown_member(&id.to_string()),
            GroupError::Name => Self::value(error.to_string()),
            GroupError::TooMany => Self::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()),
            GroupError::NotFound => Self::gone("group"),
            GroupError::Store(error) => error.into(),
        }
    }
}

impl From<PeopleError> for Refused {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Fields(fields) => Self::value(mends(&fields)),
            PeopleError::Taken(field) => taken("user", field.field),
            PeopleError::NotFound => Self::gone("user"),
            PeopleError::Store(error) => error.into(),
        }
    }
}

/// What is wrong with each field, by its name in SCIM.
fn mends(fields: &[FieldError]) -> String {
    let one = |field: &FieldError| format!("{}: {}", name_in_scim(field.field), field.says);
    fields.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// What SCIM calls a field of the API.
fn name_in_scim(field: &str) -> &str {
    use scim::user::{DEPARTMENT, FAMILY_NAME, GIVEN_NAME};
    match field {
        "givenName" => GIVEN_NAME,
        "familyName" => FAMILY_NAME,
        "email" => "emails.value",
        "phone" => "phoneNumbers.value",
        "department" => DEPARTMENT,
        same => same,
    }
}

fn taken(what: &str, field: &str) -> Refused {
    let says = format!(
        "{field}: another {what} has this one already. Find that {what} with a filter such as \
         {field} eq \"…\" and update it, or send another {field}"
    );
    scim::Error::of(ErrorType::Uniqueness, says).into()
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(error = cause as &dyn std::error::Error, "request failed");
        }
        let status = StatusCode::from_u16(self.error.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Scim(self.error.to_value())).into_response();
        let hint = self.hint.map(|hint| match hint {
            Hint::Challenge(how) => (header::WWW_AUTHENTICATE, HeaderValue::from_static(how)),
            Hint::RetryAfter(seconds) => (header::RETRY_AFTER, seconds.into()),
        });
        response.headers_mut().extend(hint);
        response.extensions_mut().insert(Said(self.error.detail));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_the_client_knows_it() {
        let says = |field| mends(&[FieldError { field, says: "Mend it.".to_owned() }]);

        assert_eq!(says("familyName"), "name.familyName: Mend it.");
        assert_eq!(says("userName"), "userName: Mend it.");
        assert!(
            says("department").starts_with("urn:ietf:params:scim:schemas:extension:enterprise")
        );
    }

    #[test]
    fn a_database_that_is_away_is_worth_another_try_and_one_that_fails_is_not() {
        let away = Refused::from(sqlx::Error::PoolTimedOut).into_response();
        let fails = Refused::from(sqlx::Error::RowNotFound).into_response();

        assert_eq!(
            (away.status().as_u16(), &away.headers()["retry-after"]),
            (503, &HeaderValue::from(5))
        );
        assert_eq!((fails.status().as_u16(), fails.headers().get("retry-after")), (500, None));
    }
}
