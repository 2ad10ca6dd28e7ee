//! What the service says of itself (RFC 7644 section 4).

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use serde_json::Value;

use super::{InboundState, PAGE, answer::Scim, asked::Asked, refused::Refused};
use crate::scim::{
    discovery::{Pagination, ServiceProviderConfig},
    list::ListResponse,
    schema::{ENTERPRISE_USER, GROUP, GROUPS, ResourceType, Schema, USER, USERS},
};

const KINDS: [&ResourceType; 2] = [&USERS, &GROUPS];
const SCHEMAS: [&Schema; 3] = [&USER, &ENTERPRISE_USER, &GROUP];

const BEARER_TOKEN: &str = "The token of this source. An owner makes and rotates it in Countersign, under Settings > Sources.";

pub(super) async fn config(State(state): State<InboundState>) -> Scim {
    let config = ServiceProviderConfig {
        base: &state.base,
        documentation: None,
        bearer_token: BEARER_TOKEN,
        patch: true,
        filter: Some(PAGE),
        sort: true,
        etag: true,
        pagination: Some(Pagination { usual: PAGE, most: PAGE }),
    };
    Scim(config.to_value())
}

pub(super) async fn resource_types(
    State(state): State<InboundState>,
    asked: Asked,
) -> Result<Scim, Refused> {
    list(&asked, KINDS.map(|kind| kind.to_value(&state.base)))
}

pub(super) async fn resource_type(
    State(state): State<InboundState>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Scim, Refused> {
    one(KINDS.map(|kind| kind.to_value(&state.base)), name, "resource type")
}

pub(super) async fn schemas(
    State(state): State<InboundState>,
    asked: Asked,
) -> Result<Scim, Refused> {
    list(&asked, SCHEMAS.map(|schema| schema.to_value(&state.base)))
}

pub(super) async fn schema(
    State(state): State<InboundState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Scim, Refused> {
    one(SCHEMAS.map(|schema| schema.to_value(&state.base)), id, "schema")
}

fn list<const N: usize>(asked: &Asked, resources: [Value; N]) -> Result<Scim, Refused> {
    if asked.filter.is_some() {
        // RFC 7644 section 4 asks for this status.
        let says = "this list cannot be filtered: ask for it without a filter";
        return Err(Refused::new(StatusCode::FORBIDDEN, says));
    }
    let resources = resources.into();
    let list = ListResponse { total: Some(N as u64), start: Some(1), next: None, resources };
    Ok(Scim(list.to_value()))
}

fn one<const N: usize>(
    all: [Value; N],
    id: Result<Path<String>, PathRejection>,
    what: &str,
) -> Result<Scim, Refused> {
    let found = id.ok().and_then(|Path(id)| {
        let is_it =
            |one: &Value| one["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(&id));
        all.into_iter().find(is_it)
    });
    let says = || format!("there is no such {what}; the list of all of them is one address up");
    found.map(Scim).ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, says()))
}
