//! `/Users` (RFC 7644 sections 3.3 to 3.6).

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    InboundState,
    answer::{One, has_it, may_change, not_modified, version},
    asked::Asked,
    enter::Client,
    refused::Refused,
    sent::{In, Sent},
    shown,
};
use crate::{
    directory::store,
    kernel::UserId,
    queue::{
        Submitted,
        push::{self, Added, Told},
    },
    scim::{Patch, projection::Projection, resource, schema::USERS, user::EXTERNAL_ID},
};

/// The longest id that a source may know somebody by, in characters.
const LONGEST_EXTERNAL_ID: usize = 256;

/// Adds a person, or brings back one whom the same source deactivated.
pub(super) async fn create(
    State(state): State<InboundState>,
    client: Client,
    asked: Asked,
    Sent(body): Sent,
) -> Result<One, Refused> {
    let projection = asked.projection()?;
    let told = told(resource::accept(&body, &USERS)?)?;
    let (by, source) = (&client.operator, &client.source);
    let (status, submitted) =
        match push::add(&state.pool, state.clock.now(), by, source, told).await? {
            Added::New(submitted) => (StatusCode::CREATED, submitted),
            Added::Restored(submitted) => (StatusCode::OK, submitted),
        };
    Ok(one(&state, &client, &projection, status, submitted))
}

/// Shows a person, active or not.
pub(super) async fn show(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<UserId>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let projection = asked.projection()?;
    let user = store::find(&state.pool, id).await?.filter(|user| user.deleted_at.is_none());
    let user = user.ok_or_else(|| Refused::gone("user"))?;
    if has_it(&headers, &version(user.version)) {
        return Ok(not_modified(version(user.version)));
    }
    let submitted = Submitted { user, caused: Vec::new() };
    Ok(one(&state, &client, &projection, StatusCode::OK, submitted).into_response())
}

/// Puts another whole resource in the place of a person's. What it does not say of `active` stays.
pub(super) async fn replace(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<UserId>,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<One, Refused> {
    let projection = asked.projection()?;
    let told = told(resource::accept(&body, &USERS)?)?;
    let (by, source) = (&client.operator, &client.source);
    let change = |user: &_| {
        seen(&headers, user)?;
        Ok::<_, Refused>(told)
    };
    let submitted = push::change(&state.pool, state.clock.now(), by, source, id, change).await?;
    Ok(one(&state, &client, &projection, StatusCode::OK, submitted))
}

/// Changes what a PATCH names, as a whole or not at all.
pub(super) async fn patch(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<UserId>,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<One, Refused> {
    let projection = asked.projection()?;
    let patch = Patch::read(&body)?;
    let (by, source) = (&client.operator, &client.source);
    let change = |user: &crate::directory::User| {
        seen(&headers, user)?;
        let now = shown::user(&state, source, user.clone());
        told(patch.apply(&now, &USERS)?)
    };
    let submitted = push::change(&state.pool, state.clock.now(), by, source, id, change).await?;
    Ok(one(&state, &client, &projection, StatusCode::OK, submitted))
}

/// Deletes a person.
pub(super) async fn delete(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<UserId>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (by, source) = (&client.operator, &client.source);
    let may = |user: &_| seen(&headers, user);
    let submitted = push::delete(&state.pool, state.clock.now(), by, source, id, may).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(submitted.caused);
    Ok(response)
}

fn seen(headers: &HeaderMap, user: &crate::directory::User) -> Result<(), Refused> {
    may_change(headers, &version(user.version))
}

/// A resource, and the id that is the source's own, apart.
fn told(mut resource: Value) -> Result<Told, Refused> {
    let external_id = resource.as_object_mut().and_then(|members| members.remove(EXTERNAL_ID));
    let external_id = match external_id {
        Some(Value::String(id)) => Some(id),
        _ => None,
    };
    if external_id.as_ref().is_some_and(|id| id.chars().count() > LONGEST_EXTERNAL_ID) {
        let says = format!("{EXTERNAL_ID}: Must have at most {LONGEST_EXTERNAL_ID} characters.");
        return Err(Refused::value(says));
    }
    Ok(Told { resource, external_id })
}

fn one(
    state: &InboundState,
    client: &Client,
    projection: &Projection,
    status: StatusCode,
    Submitted { user, caused }: Submitted,
) -> One {
    let version = version(user.version);
    let body = projection.of(shown::user(state, &client.source, user));
    One { status, version, body, caused }
}
