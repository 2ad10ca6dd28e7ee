//! `/Users` (RFC 7644 sections 3.3 to 3.6).

use std::{convert::Infallible, sync::Arc};

use axum::{
    Router,
    extract::{FromRequestParts, Path, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    Sandbox,
    answer::{Asked, Base, Refused, Scim, Sent},
    faults::{Faults, Quirk},
    world::World,
};
use crate::scim::{
    Error, Filter, MEDIA_TYPE, http,
    list::{ListResponse, Paging},
    resource,
    schema::USERS,
    user,
};

/// How many accounts a page has at most.
pub(super) const PAGE: usize = 200;
/// What a service says that fails by its own fault.
const UNEXPECTED: &str = "an unexpected error has happened";

/// What is to be done with what is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Work {
    /// It is done.
    #[default]
    Done,
    /// It is answered as if it was done.
    Pretended,
}

impl<S: Send + Sync> FromRequestParts<S> for Work {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

pub(super) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/Users", get(list).post(create))
        .route("/Users/{id}", get(show).put(replace).patch(patch).delete(delete))
}

async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    base: Base,
    asked: Asked,
) -> Result<Scim, Refused> {
    let world = sandbox.world();
    let faults = &world.faults;
    if asked.count.is_some() && faults.has(Quirk::CountFails) {
        return Err(Refused::new(StatusCode::INTERNAL_SERVER_ERROR, UNEXPECTED));
    }
    let projection = asked.projection()?;
    let filter = asked.filter.as_deref().map(str::parse::<Filter>).transpose()?;
    if let Some(filter) = &filter {
        filter.check(&USERS)?;
    }
    let paging = Paging::read(asked.start_index.as_deref(), asked.count.as_deref(), PAGE)?;
    let first = Paging { start: 1, count: PAGE };
    let paging = if faults.has(Quirk::IgnoresPaging) { first } else { paging };
    let listed = world.listed(filter.as_ref(), sandbox.now());
    let shown = listed.cloned().map(|account| shown(account, &base, faults));
    let page = ListResponse::page(shown, paging);
    let resources = page.resources.into_iter().map(|account| projection.of(account)).collect();
    Ok(Scim(ListResponse { resources, ..page }.to_value()))
}

async fn create(
    State(sandbox): State<Arc<Sandbox>>,
    work: Work,
    base: Base,
    asked: Asked,
    Sent(body): Sent,
) -> Result<Response, Refused> {
    let projection = asked.projection()?;
    let mut world = sandbox.world();
    let now = sandbox.now();
    let account = match world.drafted(&body, now) {
        Err(error) if error.status == 409 && world.faults.has(Quirk::ConflictAsPage) => {
            return Ok(conflict_as_page());
        }
        drafted => drafted?,
    };
    if work == Work::Done {
        world.add(account.clone(), now)?;
    }
    let etag = etag(&account);
    let account = shown(account, &base, &world.faults);
    let location = resource::text(&account, "meta.location").unwrap_or_default().to_owned();
    let headers = [(header::LOCATION, location), (header::ETAG, etag)];
    let body = Scim(projection.of(account));
    if world.faults.has(Quirk::NoLocation) {
        return Ok((StatusCode::CREATED, body).into_response());
    }
    Ok((StatusCode::CREATED, headers, body).into_response())
}

async fn show(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    base: Base,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let world = sandbox.world();
    let account = world.shown(&id, sandbox.now())?;
    if names_version(&headers, header::IF_NONE_MATCH, account) == Some(true) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(account))]).into_response());
    }
    answer(&world, account, &base, &asked)
}

async fn replace(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    work: Work,
    base: Base,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Response, Refused> {
    let mut world = sandbox.world();
    may_change(&world, &id, &headers)?;
    let account = world.replaced(&id, &body, sandbox.now())?;
    if work == Work::Done {
        world.keep(account.clone())?;
    }
    answer(&world, &account, &base, &asked)
}

async fn patch(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    work: Work,
    base: Base,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Response, Refused> {
    let mut world = sandbox.world();
    if world.faults.has(Quirk::RefusesPatch) {
        return Err(Refused::new(StatusCode::NOT_IMPLEMENTED, "PATCH is not supported"));
    }
    may_change(&world, &id, &headers)?;
    let account = world.patched(&id, &body, sandbox.now())?;
    let is_unchanged = world.find(&id)? == &account;
    if work == Work::Done {
        world.keep(account.clone())?;
    }
    let faults = &world.faults;
    if faults.has(Quirk::PatchWithoutBody)
        || is_unchanged && faults.has(Quirk::UnchangedWithoutBody)
    {
        return Ok((StatusCode::NO_CONTENT, [(header::ETAG, etag(&account))]).into_response());
    }
    answer(&world, &account, &base, &asked)
}

async fn delete(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    work: Work,
    headers: HeaderMap,
) -> Result<StatusCode, Refused> {
    let mut world = sandbox.world();
    may_change(&world, &id, &headers)?;
    if work == Work::Done {
        world.remove(&id)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn answer(world: &World, account: &Value, base: &Base, asked: &Asked) -> Result<Response, Refused> {
    let projection = asked.projection()?;
    let headers = [(header::ETAG, etag(account))];
    let body = projection.of(shown(account.clone(), base, &world.faults));
    Ok((headers, Scim(body)).into_response())
}

/// An account as an answer shows it: with its address, and its id as the quirks want it.
fn shown(mut account: Value, base: &Base, faults: &Faults) -> Value {
    let text = |path| resource::text(&account, path).unwrap_or_default().to_owned();
    let (id, user_name) = (text(user::ID), text(user::USER_NAME));
    let last = if faults.has(Quirk::LocationByUserName) { &user_name } else { &id };
    let last = percent_encoding::utf8_percent_encode(last, percent_encoding::NON_ALPHANUMERIC);
    account["meta"]["location"] = json!(format!("{}/Users/{last}", base.0));
    if let (true, Ok(number)) = (faults.has(Quirk::IdIsNumber), id.parse::<u64>()) {
        account["id"] = json!(number);
    }
    account
}

fn etag(account: &Value) -> String {
    resource::text(account, user::VERSION).unwrap_or_default().to_owned()
}

/// Whether the account is there, and is the one the client has seen if it says which that is.
fn may_change(world: &World, id: &str, headers: &HeaderMap) -> Result<(), Refused> {
    let account = world.find(id).map_err(|error| {
        let fails = world.faults.has(Quirk::UnknownIdFails);
        if fails { Error::new(500, UNEXPECTED) } else { error }
    })?;
    if world.faults.has(Quirk::IgnoresVersions) {
        return Ok(());
    }
    match names_version(headers, header::IF_MATCH, account) {
        Some(false) => {
            let says = "the user has changed since: read it again";
            Err(Refused::new(StatusCode::PRECONDITION_FAILED, says))
        }
        Some(true) | None => Ok(()),
    }
}

/// Whether the header, if it is there, names the account's version among others (RFC 9110 section 13.1).
fn names_version(headers: &HeaderMap, name: header::HeaderName, account: &Value) -> Option<bool> {
    let named = headers.get(name)?.to_str().unwrap_or_default();
    Some(http::names_version(named, &etag(account)))
}

/// What one service says instead of 409.
fn conflict_as_page() -> Response {
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE)];
    let page = "<!doctype html><title>Error</title><h1>Internal Server Error</h1>";
    (StatusCode::INTERNAL_SERVER_ERROR, headers, page).into_response()
}
