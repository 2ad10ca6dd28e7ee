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
    sent::{In, Sent, external_id},
    shown::{self, address},
};
use crate::{
    directory::{User, group_store, store},
    kernel::UserId,
    queue::{
        Submitted,
        push::{self, Added, Told},
    },
    scim::{Patch, projection::Projection, resource, schema::USERS, user::ACTIVE},
};

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
    match push::add(&state.intake, state.clock.now(), by, source, told).await? {
        Added::New(Submitted { user, caused }) => {
            let created_at = Some(address(&state, &USERS, &user.id.to_string()));
            let version = version(user.version);
            // Nobody is in a group before they are there.
            let body = shown::user(&state, &projection, source, user, &[]);
            Ok(One { created_at, version, body, caused })
        }
        Added::Restored(submitted) => one(&state, &client, &projection, submitted).await,
    }
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
    Ok(one(&state, &client, &projection, submitted).await?.into_response())
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
    let change = |user: &User| {
        may_change(&headers, &version(user.version))?;
        Ok::<_, Refused>(told)
    };
    let submitted = push::change(&state.pool, state.clock.now(), by, source, id, change).await?;
    one(&state, &client, &projection, submitted).await
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
    let change = |user: &User| {
        may_change(&headers, &version(user.version))?;
        let now = shown::user(&state, &Projection::All, source, user.clone(), &[]);
        let mut changed = patch.apply(&now, &USERS)?;
        if now.get(ACTIVE).is_some() && changed.get(ACTIVE).is_none() {
            // It was taken away (RFC 7644 section 3.5.2.2), which is not the same as not told.
            changed[ACTIVE] = Value::Null;
        }
        told(changed)
    };
    let submitted = push::change(&state.pool, state.clock.now(), by, source, id, change).await?;
    one(&state, &client, &projection, submitted).await
}

/// Deletes a person.
pub(super) async fn delete(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<UserId>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let (by, source) = (&client.operator, &client.source);
    let may = |user: &User| may_change(&headers, &version(user.version));
    let submitted = push::delete(&state.pool, state.clock.now(), by, source, id, may).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.extensions_mut().insert(submitted.caused);
    Ok(response)
}

/// A resource, and the id that is the source's own, apart.
fn told(mut resource: Value) -> Result<Told, Refused> {
    let external_id = external_id(&mut resource)?;
    Ok(Told { resource, external_id })
}

/// Somebody as they are now, with the groups that they are in.
async fn one(
    state: &InboundState,
    client: &Client,
    projection: &Projection,
    Submitted { user, caused }: Submitted,
) -> Result<One, Refused> {
    let version = version(user.version);
    let groups = if projection.shows("groups") {
        let mut groups = group_store::groups_of(&state.pool, &client.source, &[user.id]).await?;
        groups.remove(&user.id).unwrap_or_default()
    } else {
        Vec::new()
    };
    let body = shown::user(state, projection, &client.source, user, &groups);
    Ok(One { created_at: None, version, body, caused })
}
