//! Who is asking: the session, and proofs of what they may do as extractors.
//!
//! A handler that takes `May<Approver>` cannot be reached by anybody else.

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{Method, request::Parts},
};
use tower_sessions::Session;
use uuid::Uuid;

use super::{parts::Callout, paths, problem::Problem, shell, state::WebState};
use crate::{
    access::{self, Actor, Proof, SessionTable},
    kernel::AdministratorId,
};

/// The key under which a session holds what to say on the next page.
const FLASH: &str = "flash";
/// The key under which it holds where that leads.
const FLASH_LINK: &str = "flash-link";

/// Someone who is signed in and may do what `P` proves.
#[derive(Debug, Clone)]
pub(super) struct May<P>(pub(super) P);

impl<P: Proof> FromRequestParts<WebState> for May<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        let session = session_of(parts)?;
        match actor(&session, state).await? {
            Some(actor) => Ok(Self(P::of(&actor)?)),
            None => Err(Problem::sign_in_first(paths::sign_in(&next(parts)))),
        }
    }
}

/// The session layer's session.
///
/// # Errors
/// Never, behind the session layer.
pub(super) fn session_of(parts: &Parts) -> Result<Session, Problem> {
    let missing = || Problem::ours(std::io::Error::other("no session layer"));
    parts.extensions.get::<Session>().cloned().ok_or_else(missing)
}

/// Whoever the session belongs to, if they may still sign in.
pub(super) async fn actor(session: &Session, state: &WebState) -> Result<Option<Actor>, Problem> {
    let id: Option<Uuid> =
        session.get(SessionTable::ADMINISTRATOR).await.map_err(|error| unreadable(&error))?;
    let Some(id) = id else { return Ok(None) };
    let administrator = access::store::find_enabled(&state.pool, AdministratorId::from(id)).await?;
    Ok(administrator.map(Actor::from))
}

/// Makes the session `actor`'s, under a new id.
pub(super) async fn begin(
    session: &Session,
    administrator: AdministratorId,
) -> Result<(), Problem> {
    session.cycle_id().await.map_err(|error| unreadable(&error))?;
    session
        .insert(SessionTable::ADMINISTRATOR, administrator.uuid())
        .await
        .map_err(|error| unreadable(&error))
}

/// Ends the session.
pub(super) async fn end(session: &Session) -> Result<(), Problem> {
    session.flush().await.map_err(|error| unreadable(&error))
}

/// Says something on the next page that is shown.
pub(super) async fn say(session: &Session, says: impl Into<String>) -> Result<(), Problem> {
    session.insert(FLASH, says.into()).await.map_err(|error| unreadable(&error))
}

/// The same with a link that leads on.
pub(super) async fn say_leading_to(
    session: &Session,
    says: impl Into<String>,
    href: &str,
    words: &str,
) -> Result<(), Problem> {
    session.insert(FLASH_LINK, (href, words)).await.map_err(|error| unreadable(&error))?;
    say(session, says).await
}

/// What is to be said on this page; it is said once. Where there is nothing to say the session is
/// only read: removing would mark it as changed, and every page would write it.
pub(super) async fn said(session: &Session) -> Result<Option<Callout>, Problem> {
    let says: Option<String> = session.get(FLASH).await.map_err(|error| unreadable(&error))?;
    let Some(says) = says else { return Ok(None) };
    session.remove_value(FLASH).await.map_err(|error| unreadable(&error))?;
    let link: Option<(String, String)> =
        session.remove(FLASH_LINK).await.map_err(|error| unreadable(&error))?;
    let done = shell::done(says);
    Ok(Some(match link {
        Some((href, words)) => done.leading_to(href, words),
        None => done,
    }))
}

fn unreadable(error: &tower_sessions::session::Error) -> Problem {
    // The store speaks to nothing but the database.
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "the session could not be read or written"
    );
    Problem::told(axum::http::StatusCode::SERVICE_UNAVAILABLE, "")
}

/// Where to go after signing in: back to what was asked for, if that can be asked for again.
fn next(parts: &Parts) -> String {
    let asked = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
    match (&parts.method, asked.path_and_query()) {
        (&Method::GET, Some(asked)) => asked.as_str().to_owned(),
        _ => paths::HOME.to_owned(),
    }
}
