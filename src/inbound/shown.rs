//! People and groups as answers show them.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{InboundState, answer::version};
use crate::{
    directory::{Group, Member, Source, User},
    kernel::GroupId,
    scim::{
        schema::{GROUPS, ResourceType, USERS},
        user::EXTERNAL_ID,
    },
};

/// A person as `source` is shown them: with our id, and the id that this source knows them by.
pub(super) fn user(
    state: &InboundState,
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
    shown
}

/// A group with those of its members that are to be shown.
pub(super) fn group(state: &InboundState, group: Group, members: &[Member]) -> Value {
    let id = group.id.to_string();
    let mut shown = group.resource;
    shown["meta"] = meta(state, &GROUPS, &id, [group.created_at, group.updated_at], group.version);
    shown["id"] = json!(id);
    if let Some(external) = group.external_id {
        shown[EXTERNAL_ID] = json!(external);
    }
    if !members.is_empty() {
        shown["members"] = members.iter().map(|one| member(state, one)).collect();
    }
    shown
}

/// Somebody in a group.
pub(super) fn member(state: &InboundState, member: &Member) -> Value {
    let address = address(state, &USERS, &member.user.to_string());
    json!({ "value": member.user, "$ref": address, "display": member.display, "type": "User" })
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
