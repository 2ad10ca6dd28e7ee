//! `/Groups` (RFC 7644 sections 3.3 to 3.6). A source sees its own, and no others.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;

use super::{
    InboundState,
    answer::{One, has_it, may_change, not_modified, version},
    asked::Asked,
    enter::Client,
    membership::{self, GroupPatch},
    refused::Refused,
    sent::{In, Sent, external_id},
    shown::{self, address},
};
use crate::{
    directory::{Group, group_store as store},
    kernel::GroupId,
    queue::groups::{self, GroupChange, GroupTold},
    scim::{Patch, projection::Projection, resource, schema::GROUPS, user::DISPLAY_NAME},
};

/// Adds a group.
pub(super) async fn create(
    State(state): State<InboundState>,
    client: Client,
    asked: Asked,
    Sent(body): Sent,
) -> Result<One, Refused> {
    let projection = asked.projection()?;
    let told = told(resource::accept(&body, &GROUPS)?)?;
    let (by, source) = (&client.operator, &client.source);
    let group = groups::add(&state.pool, state.clock.now(), by, source, told).await?;
    let created_at = Some(address(&state, &GROUPS, &group.id.to_string()));
    Ok(One { created_at, ..one(&state, &projection, group).await? })
}

/// Shows a group.
pub(super) async fn show(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<GroupId>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let projection = asked.projection()?;
    let group = store::find(&state.pool, &client.source, id).await?;
    let group = group.ok_or_else(|| Refused::gone("group"))?;
    if has_it(&headers, &version(group.version)) {
        return Ok(not_modified(version(group.version)));
    }
    Ok(one(&state, &projection, group).await?.into_response())
}

/// Puts another whole resource in the place of a group's: whoever it does not name leaves the group.
pub(super) async fn replace(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<GroupId>,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<One, Refused> {
    let projection = asked.projection()?;
    let GroupTold { display_name, external_id, resource, members } =
        told(resource::accept(&body, &GROUPS)?)?;
    let change = |group: &Group| {
        may_change(&headers, &version(group.version))?;
        Ok::<_, Refused>(GroupChange {
            rename: Some(display_name),
            external_id: Some(external_id),
            resource: Some(resource),
            replace_all: Some(members),
            ..GroupChange::default()
        })
    };
    let (by, source) = (&client.operator, &client.source);
    let group = groups::change(&state.pool, state.clock.now(), by, source, id, change).await?;
    one(&state, &projection, group).await
}

/// Changes what a PATCH names, as a whole or not at all. Its answer has no body unless attributes were
/// asked for: to tell of one who came, ten thousand would be read (RFC 7644 section 3.5.2).
pub(super) async fn patch(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<GroupId>,
    asked: Asked,
    headers: HeaderMap,
    Sent(body): Sent,
) -> Result<Response, Refused> {
    let projection = asked.projection()?;
    let patch = GroupPatch::of(Patch::read(&body)?)?;
    let change = |group: &Group| {
        may_change(&headers, &version(group.version))?;
        if patch.is_of_members_alone() {
            return Ok(patch.members);
        }
        let now = shown::group(&state, &Projection::All, group.clone(), &[]);
        let told = told(Patch(patch.rest).apply(&now, &GROUPS)?)?;
        Ok::<_, Refused>(GroupChange {
            rename: Some(told.display_name),
            external_id: Some(told.external_id),
            resource: Some(told.resource),
            ..patch.members
        })
    };
    let (by, source) = (&client.operator, &client.source);
    let group = groups::change(&state.pool, state.clock.now(), by, source, id, change).await?;
    if projection == Projection::All {
        let etag = [(header::ETAG, version(group.version))];
        return Ok((StatusCode::NO_CONTENT, etag).into_response());
    }
    Ok(one(&state, &projection, group).await?.into_response())
}

/// Deletes a group.
pub(super) async fn delete(
    State(state): State<InboundState>,
    client: Client,
    In(id): In<GroupId>,
    headers: HeaderMap,
) -> Result<StatusCode, Refused> {
    let may = |group: &Group| may_change(&headers, &version(group.version));
    let (by, source) = (&client.operator, &client.source);
    groups::delete(&state.pool, state.clock.now(), by, source, id, may).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A resource, taken apart.
fn told(mut resource: Value) -> Result<GroupTold, Refused> {
    let external_id = external_id(&mut resource)?;
    let display_name = resource::text(&resource, DISPLAY_NAME).unwrap_or_default().to_owned();
    let members = resource.get("members").map(membership::known).transpose()?.unwrap_or_default();
    Ok(GroupTold { display_name, external_id, resource, members })
}

/// A group as it is now, with its members where they are to be shown.
async fn one(state: &InboundState, projection: &Projection, group: Group) -> Result<One, Refused> {
    let version = version(group.version);
    let members = if projection.shows("members") {
        store::members_of(&state.pool, &[group.id]).await?.remove(&group.id).unwrap_or_default()
    } else {
        Vec::new()
    };
    let body = shown::group(state, projection, group, &members);
    Ok(One { created_at: None, version, body, caused: Vec::new() })
}
