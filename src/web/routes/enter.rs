//! Setting up, signing in and out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    Form,
    extract::{ConnectInfo, FromRequestParts, Query, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use secrecy::SecretString;
use serde::Deserialize;
use tower_sessions::Session;

use super::{lead_to, page, page_with};
use crate::{
    access::{
        self, AdministratorError, NewAdministrator, Role, SignInError, Who, setup::SetupError,
    },
    directory::FieldError,
    web::{
        paths,
        problem::Problem,
        session::{self, May},
        setup::{OwnerDraft, SetupPage, SpentPage},
        sign_in::{Refused, SignInPage},
        state::WebState,
    },
};

/// The address that a request came from.
pub(super) struct Address(IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())))
    }
}

#[derive(Deserialize)]
pub(super) struct Key {
    #[serde(default)]
    token: String,
}

/// `GET /setup?token=…`
pub(super) async fn setup_form(
    State(state): State<WebState>,
    Query(key): Query<Key>,
) -> Result<Response, Problem> {
    if access::setup::is_open(&state.pool, &key.token).await? {
        page(&SetupPage::new(key.token, &OwnerDraft::default(), &[]))
    } else {
        spent(&state).await
    }
}

async fn spent(state: &WebState) -> Result<Response, Problem> {
    let set_up = access::setup::is_done(&state.pool).await?;
    page_with(StatusCode::GONE, &SpentPage { set_up })
}

#[derive(Deserialize)]
pub(super) struct NewOwner {
    token: String,
    name: String,
    email: String,
    password: SecretString,
}

/// `POST /setup`
pub(super) async fn set_up(
    State(state): State<WebState>,
    session: Session,
    Form(typed): Form<NewOwner>,
) -> Result<Response, Problem> {
    let draft = OwnerDraft { name: typed.name.clone(), email: typed.email.clone() };
    let owner = NewAdministrator {
        email: typed.email,
        name: typed.name,
        role: Role::Owner,
        password: typed.password,
    };
    let now = state.clock.now();
    match access::setup::claim(&state.pool, now, &state.passwords, &typed.token, owner).await {
        Ok(owner) => {
            session::begin(&session, owner.id).await?;
            session::say(&session, "You are the owner. Connect EchoSign next.").await?;
            Ok(lead_to(paths::CONFIGURATION))
        }
        Err(SetupError::Closed) => spent(&state).await,
        Err(SetupError::Administrator(AdministratorError::Field { field, says })) => {
            let page = SetupPage::new(typed.token, &draft, &[FieldError { field, says }]);
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(SetupError::Administrator(AdministratorError::Store(error))) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Onward {
    #[serde(default)]
    next: String,
}

/// `GET /sign-in?next=…`
pub(super) async fn sign_in_form(
    State(state): State<WebState>,
    session: Session,
    Query(onward): Query<Onward>,
) -> Result<Response, Problem> {
    if session::actor(&session, &state).await?.is_some() {
        return Ok(lead_to(own(&onward.next)));
    }
    page(&SignInPage::new(own(&onward.next)))
}

#[derive(Deserialize)]
pub(super) struct SignIn {
    email: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// `POST /sign-in`
pub(super) async fn sign_in(
    State(state): State<WebState>,
    Address(address): Address,
    session: Session,
    Form(typed): Form<SignIn>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let signed_in =
        access::sign_in(&state.pool, now, &state.passwords, address, &typed.email, typed.password)
            .await;
    let next = own(&typed.next);
    let (status, why) = match signed_in {
        Ok(actor) => {
            if let Who::Administrator(id) = actor.who {
                session::begin(&session, id).await?;
            }
            return Ok(lead_to(next));
        }
        Err(SignInError::Refused) => (StatusCode::UNPROCESSABLE_ENTITY, Refused::Unknown),
        Err(SignInError::Throttled { until }) => {
            (StatusCode::TOO_MANY_REQUESTS, Refused::Throttled(until - now))
        }
        Err(SignInError::Store(error)) => return Err(error.into()),
    };
    page_with(status, &SignInPage::refused(&typed.email, next, why))
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    State(state): State<WebState>,
    May(reader): May<access::Reader>,
    session: Session,
) -> Result<Response, Problem> {
    access::sign_out(&state.pool, state.clock.now(), reader.actor()).await?;
    session::end(&session).await?;
    Ok(lead_to(paths::SIGN_IN))
}

/// The way on, if it is one of ours: a path, and no other host in disguise.
fn own(next: &str) -> &str {
    let is_path = next.starts_with('/') && !next[1..].starts_with(['/', '\\']);
    if is_path && !next.contains(char::is_control) { next } else { paths::HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_on_to_our_own_pages_only() {
        for ours in ["/users", "/users/provisioning?status=failed&q=ana"] {
            assert_eq!(own(ours), ours);
        }
        for other in
            ["", "users", "//evil.example", "/\\evil.example", "https://evil.example", "/\n/evil"]
        {
            assert_eq!(own(other), "/", "{other:?}");
        }
    }
}
