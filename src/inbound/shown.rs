//! People and groups as answers show them.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{InboundState, answer::version};
use crate::{
    directory::{Group, Member, Source, User},
    kernel::GroupId,
    scim::{
        projection::Projection,
        schema::{GROUPS, ResourceType, USERS},
        user::EXTERNAL_ID,
    },
};

/// What `projection` shows of a person to `source`: with our id, and the id that this source knows them by.
pub(super) fn user(
    state: &InboundState,
    projection: &Projection,
    source: &Source,
    user: User,
    groups: &[(GroupId, String)],
) -> Value {
    let id = user.id.to_string();
    let mut shown = user.resource;
    shown["meta"] = meta(state, &USERS, &id, [user.created_at, user.updated_at], user.version);
    shown["id"] = json!(id);
    if let Some(external) = user.external_id.filter(|external| external.source == *source) {
        shown[EXTERNAL_ID] = json!(external.id);
    }
    if !groups.is_empty() {
        let group = |(id, name): &(GroupId, String)| {
            let address = address(state, &GROUPS, &id.to_string());
            json!({ "value": id, "$ref": address, "display": name, "type": "direct" })
        };
        shown["groups"] = groups.iter().map(group).collect();
    }
    projection.of(shown)
}

/// What `projection` shows of a group and its members.
pub(super) fn group(
    state: &InboundState,
    projection: &Projection,
    group: Group,
    members: &[Member],
) -> Value {
    let id = group.id.to_string();
    let mut shown = group.resource;
    shown["meta"] = meta(state, &GROUPS, &id, [group.created_at, group.updated_at], group.version);
    shown["id"] = json!(id);
    if let Some(external) = group.external_id {
        shown[EXTERNAL_ID] = json!(external);
    }
    if !members.is_empty() {
        let with_names = projection.asks_for("members");
        let member = |one: &Member| {
            let address = address(state, &USERS, &one.user.to_string());
            let mut member = json!({ "value": one.user, "$ref": address, "type": USERS.name });
            if with_names {
                member["display"] = json!(one.display);
            }
            member
        };
        shown["members"] = members.iter().map(member).collect();
    }
    projection.of(shown)
}

/// Where a resource is.
pub(super) fn address(state: &InboundState, kind: &ResourceType, id: &str) -> String {
    format!("{}{}/{id}", state.base, kind.endpoint)
}

fn meta(
    state: &InboundState,
    kind: &ResourceType,
    id: &str,
    [created, changed]: [OffsetDateTime; 2],
    number: i64,
) -> Value {
    json!({
        "resourceType": kind.name,
        "created": when(created),
        "lastModified": when(changed),
        "location": address(state, kind, id),
        "version": version(number),
    })
}

fn when(at: OffsetDateTime) -> String {
    // A year past 9999 cannot be written so, and no clock of ours shows one.
    at.format(&Rfc3339).unwrap_or_default()
}
