//! What went wrong: what the reader may know, apart from what the log may.
//!
//! A problem knows no template. `web::draw`, the outermost layer, draws it as a page or as a
//! message in the page that is there.

use std::{error::Error, fmt::Display};

use axum::{
    Extension,
    extract::rejection::{FormRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use time::{format_description::BorrowedFormatItem, macros::format_description};

use crate::{
    access::Forbidden,
    db::{self, ListError},
    imports::ImportError,
    kernel::{BadCursor, sentence},
    queue::{
        Illegal,
        configure::ConfigureError,
        decide::DecideError,
        domains::DomainsError,
        flow::{FlowError, TuneError},
        link::LinkError,
        people::PeopleError,
        reasons::ReasonsError,
        retry::MoveError,
        reverse::ReverseError,
        run::RunError,
        view::ViewError,
    },
    sources::SourceError,
};

/// What went wrong.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    says: String,
    cause: Option<Box<dyn Error + Send + Sync>>,
    elsewhere: Option<String>,
}

/// A problem to be drawn; an extension of the response that carries its status.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) says: String,
}

/// That this leads to the sign-in; an extension of the response.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignInFirst;

impl Problem {
    /// One that the reader may know all of; `says` is empty for what the status says by itself.
    #[must_use]
    pub fn told(status: StatusCode, says: impl Display) -> Self {
        Self { status, says: format!("{says}"), cause: None, elsewhere: None }
    }

    /// Its status, and what the reader may know.
    #[must_use]
    pub(super) fn shown(&self) -> (StatusCode, &str) {
        (self.status, &self.says)
    }

    /// There is nothing at this address, or no longer.
    #[must_use]
    pub fn not_found() -> Self {
        Self::told(StatusCode::NOT_FOUND, "")
    }

    /// One of ours: the log hears the cause.
    #[must_use]
    pub fn ours(cause: impl Error + Send + Sync + 'static) -> Self {
        let cause = Some(Box::new(cause) as Box<dyn Error + Send + Sync>);
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            says: String::new(),
            cause,
            elsewhere: None,
        }
    }

    /// Nobody is signed in: the way to the sign-in, which leads back to `next`.
    #[must_use]
    pub fn sign_in_first(to: String) -> Self {
        Self { elsewhere: Some(to), ..Self::told(StatusCode::SEE_OTHER, "") }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let status = if db::is_down(&error) {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        Self { status, ..Self::ours(error) }
    }
}

impl From<Forbidden> for Problem {
    fn from(error: Forbidden) -> Self {
        let Forbidden { needs, has } = error;
        Self::told(StatusCode::FORBIDDEN, format!("This needs the role {needs}; you are {has}."))
    }
}

impl From<BadCursor> for Problem {
    fn from(_: BadCursor) -> Self {
        Self::told(
            StatusCode::BAD_REQUEST,
            "This page of the list is gone. Start again at the first page.",
        )
    }
}

macro_rules! rejections {
    ($($rejection:ty),*) => {$(
        impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                Self::told(rejection.status(), "")
            }
        }
    )*};
}
rejections!(FormRejection, PathRejection, QueryRejection);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(to) = self.elsewhere {
            let to =
                HeaderValue::try_from(to).unwrap_or_else(|_| HeaderValue::from_static("/sign-in"));
            return (self.status, Extension(SignInFirst), [(header::LOCATION, to)]).into_response();
        }
        if let Some(cause) = &self.cause {
            tracing::error!(error = &**cause as &dyn Error, "request failed");
        }
        let mut response = (self.status, self.says.clone()).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response.extensions_mut().insert(Shown { says: self.says });
        response
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Cursor(error) => error.into(),
            ListError::Store(error) => error.into(),
        }
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::NotFound => Self::not_found(),
            PeopleError::Fields(_) | PeopleError::Taken(_) => {
                Self::told(StatusCode::UNPROCESSABLE_ENTITY, error)
            }
            PeopleError::Store(error) => error.into(),
        }
    }
}

impl From<SourceError> for Problem {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::NotFound => Self::not_found(),
            SourceError::Stale => Self::told(StatusCode::CONFLICT, error),
            SourceError::Name | SourceError::Taken => {
                Self::told(StatusCode::UNPROCESSABLE_ENTITY, error)
            }
            SourceError::Store(error) => error.into(),
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotFound => Self::not_found(),
            ImportError::File(_)
            | ImportError::Name
            | ImportError::Columns(_)
            | ImportError::Confirm(_) => Self::told(StatusCode::UNPROCESSABLE_ENTITY, error),
            ImportError::NotNow(_)
            | ImportError::Erased
            | ImportError::Stale
            | ImportError::Nothing => Self::told(StatusCode::CONFLICT, error),
            ImportError::Token => Self::told(StatusCode::FORBIDDEN, error),
            ImportError::Store(error) => error.into(),
        }
    }
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::NotFound => Self::not_found(),
            DecideError::OwnRequest => Self::told(
                StatusCode::FORBIDDEN,
                "You asked for this change, or it is about you. With four eyes, somebody else has to approve it.",
            ),
            DecideError::Changed(_) | DecideError::Stale => Self::told(StatusCode::CONFLICT, error),
            DecideError::Reason(says) => Self::told(StatusCode::UNPROCESSABLE_ENTITY, says),
            DecideError::Illegal(illegal) => illegal.into(),
            DecideError::Store(error) => error.into(),
        }
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        let status = match error {
            RunError::NotFound => StatusCode::NOT_FOUND,
            RunError::NoPerson => StatusCode::FORBIDDEN,
            RunError::NotYours(_) | RunError::Nothing | RunError::NotNow(_) => StatusCode::CONFLICT,
            RunError::TooMany | RunError::Confirm(_) | RunError::Reason(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            RunError::Store(error) => return error.into(),
        };
        Self::told(status, sentence(error))
    }
}

impl From<MoveError> for Problem {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::NotFound => Self::not_found(),
            MoveError::Illegal(illegal) => illegal.into(),
            MoveError::Begun => Self::told(
                StatusCode::CONFLICT,
                "It was tried already and may have had an effect. Give it up instead, or prepare the reverse action once it is done.",
            ),
            MoveError::Off(_) => Self::told(StatusCode::CONFLICT, sentence(error)),
            MoveError::Store(error) => error.into(),
        }
    }
}

impl From<ReverseError> for Problem {
    fn from(error: ReverseError) -> Self {
        match error {
            ReverseError::NotFound => Self::not_found(),
            ReverseError::Not(says) => Self::told(StatusCode::CONFLICT, says),
            ReverseError::People(error) => error.into(),
        }
    }
}

impl From<LinkError> for Problem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::NotFound => Self::not_found(),
            LinkError::Not(says) => Self::told(StatusCode::CONFLICT, says),
            LinkError::OwnRequest => Self::told(
                StatusCode::FORBIDDEN,
                "You asked for this change, or it is about you. With four eyes, somebody else has to choose.",
            ),
            LinkError::Illegal(illegal) => illegal.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<Illegal> for Problem {
    fn from(illegal: Illegal) -> Self {
        const AT: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute] UTC");
        let fact = illegal.fact(|at| at.format(AT).unwrap_or_default());
        Self::told(StatusCode::CONFLICT, format!("Nothing was changed: {fact}."))
    }
}

impl From<FlowError> for Problem {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Already(says) => Self::told(StatusCode::CONFLICT, says),
            FlowError::Unanswered(_) => Self::told(StatusCode::CONFLICT, error),
            FlowError::Reason(says) => Self::told(StatusCode::UNPROCESSABLE_ENTITY, says),
            FlowError::Store(error) => error.into(),
        }
    }
}

impl From<TuneError> for Problem {
    fn from(error: TuneError) -> Self {
        match error {
            TuneError::Fields(_) => Self::told(StatusCode::UNPROCESSABLE_ENTITY, error),
            TuneError::Store(error) => error.into(),
        }
    }
}

impl From<ReasonsError> for Problem {
    fn from(error: ReasonsError) -> Self {
        match error {
            ReasonsError::Rules(_) => Self::told(StatusCode::UNPROCESSABLE_ENTITY, error),
            ReasonsError::Store(error) => error.into(),
        }
    }
}

impl From<DomainsError> for Problem {
    fn from(error: DomainsError) -> Self {
        match error {
            DomainsError::TooMany => Self::told(StatusCode::UNPROCESSABLE_ENTITY, error),
            DomainsError::Store(error) => error.into(),
        }
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::NotFound => Self::not_found(),
            ViewError::Theirs(whose) => Self::told(
                StatusCode::FORBIDDEN,
                format!("This view is {whose}'s. Only they can change it."),
            ),
            ViewError::NoPerson => Self::told(StatusCode::FORBIDDEN, error),
            ViewError::Unfit(says) => Self::told(StatusCode::UNPROCESSABLE_ENTITY, says),
            ViewError::Store(error) => error.into(),
        }
    }
}

impl From<ConfigureError> for Problem {
    fn from(error: ConfigureError) -> Self {
        match error {
            ConfigureError::NotConnected { .. } => Self::told(StatusCode::CONFLICT, error),
            ConfigureError::Store(error) => error.into(),
        }
    }
}
