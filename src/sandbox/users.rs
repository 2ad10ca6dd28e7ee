//! `/Users` (RFC 7644 sections 3.3 to 3.6).

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
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
    let projection = asked.projection()?;
    let filter = asked.filter.as_deref().map(str::parse::<Filter>).transpose()?;
    if let Some(filter) = &filter {
        filter.check(&USERS)?;
    }
    let paging = Paging::read(asked.start_index.as_deref(), asked.count.as_deref(), PAGE)?;
    let world = sandbox.world();
    let faults = &world.faults;
    let filter = filter.filter(|_| !faults.has(Quirk::IgnoresFilters));
    let finds_nothing = faults.has(Quirk::IgnoresExternalId)
        && filter.as_ref().is_some_and(|filter| filter.to_string().contains(user::EXTERNAL_ID));
    let first = Paging { start: 1, count: PAGE };
    let paging = if faults.has(Quirk::IgnoresPaging) { first } else { paging };
    let matching = world.accounts.matching(filter.as_ref()).filter(|_| !finds_nothing);
    let shown = matching.cloned().map(|account| shown(account, &base, faults));
    let page = ListResponse::page(shown, paging);
    let resources = page.resources.into_iter().map(|account| projection.of(account)).collect();
    Ok(Scim(ListResponse { resources, ..page }.to_value()))
}

async fn create(
    State(sandbox): State<Arc<Sandbox>>,
    base: Base,
    asked: Asked,
    Sent(body): Sent,
) -> Result<Response, Refused> {
    let projection = asked.projection()?;
    let mut world = sandbox.world();
    let id = match world.create(&body, sandbox.now()) {
        Err(error) if error.status == 409 && world.faults.has(Quirk::ConflictAsPage) => {
            return Ok(conflict_as_page());
        }
        made => made?,
    };
    let account = world.find(&id)?;
    let etag = etag(account);
    let account = shown(account.clone(), &base, &world.faults);
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
    let account = world.find(&id)?;
    if names_version(&headers, header::IF_NONE_MATCH, account) == Some(true) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag(account))]).into_response());
    }
    answer(&world, account, &base, &asked)
}

async fn replace(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    base: Base,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Response, Refused> {
    let mut world = sandbox.world();
    may_change(&world, &id, &headers)?;
    world.replace(&id, &body, sandbox.now())?;
    answer(&world, world.find(&id)?, &base, &asked)
}

async fn patch(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
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
    world.patch(&id, &body, sandbox.now())?;
    let account = world.find(&id)?;
    if world.faults.has(Quirk::PatchWithoutBody) {
        return Ok((StatusCode::NO_CONTENT, [(header::ETAG, etag(account))]).into_response());
    }
    answer(&world, account, &base, &asked)
}

async fn delete(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refused> {
    let mut world = sandbox.world();
    may_change(&world, &id, &headers)?;
    world.delete(&id)?;
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
    let id = resource::text(&account, user::ID).unwrap_or_default().to_owned();
    let last = percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC);
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
        if fails { Error::new(500, "an unexpected error has happened") } else { error }
    })?;
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
