//! People as answers show them.

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{InboundState, answer::version};
use crate::{
    directory::{Source, User},
    scim::{schema::USERS, user::EXTERNAL_ID},
};

/// A person as `source` is shown them: with our id, and the id that this source knows them by.
pub(super) fn user(state: &InboundState, source: &Source, user: User) -> Value {
    let id = user.id.to_string();
    let mut shown = user.resource;
    shown["meta"] = json!({
        "resourceType": USERS.name,
        "created": when(user.created_at),
        "lastModified": when(user.updated_at),
        "location": format!("{}{}/{id}", state.base, USERS.endpoint),
        "version": version(user.version),
    });
    shown["id"] = json!(id);
    if let Some(external) = user.external_id.filter(|external| external.source == *source) {
        shown[EXTERNAL_ID] = json!(external.id);
    }
    shown
}

fn when(at: OffsetDateTime) -> String {
    // A year past 9999 cannot be written so, and no clock of ours shows one.
    at.format(&Rfc3339).unwrap_or_default()
}
