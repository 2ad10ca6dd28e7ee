//! What the service says of itself (RFC 7644 section 4).

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use serde_json::Value;

use super::{
    Sandbox,
    answer::{Asked, Base, Refused, Scim},
    faults::Quirk,
    users::PAGE,
};
use crate::scim::{
    discovery::ServiceProviderConfig,
    list::ListResponse,
    schema::{ENTERPRISE_USER, USER, USERS},
};

/// What it says of itself wherever a service can say something.
pub(super) const SAYS: &str = "This is a stand-in for EchoSign. Nothing here reaches Adobe.";

pub(super) fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/ServiceProviderConfig", get(config))
        .route("/ResourceTypes", get(resource_types))
        .route("/ResourceTypes/{id}", get(resource_type))
        .route("/Schemas", get(schemas))
        .route("/Schemas/{id}", get(schema))
}

async fn config(State(sandbox): State<Arc<Sandbox>>, Base(base): Base) -> Scim {
    let world = sandbox.world();
    let page = base.trim_end_matches("/scim/v2");
    let config = ServiceProviderConfig {
        base: &base,
        documentation: Some(page),
        bearer_token: &format!("The token that the sandbox was started with. {SAYS}"),
        patch: !world.faults.has(Quirk::RefusesPatch),
        filter: (!world.faults.has(Quirk::IgnoresFilters)).then_some(PAGE),
        sort: false,
        etag: true,
        pagination: None,
    };
    Scim(config.to_value())
}

async fn resource_types(Base(base): Base, asked: Asked) -> Result<Scim, Refused> {
    list(&asked, vec![USERS.to_value(&base)])
}

async fn resource_type(Base(base): Base, Path(id): Path<String>) -> Result<Scim, Refused> {
    one([USERS.to_value(&base)], &id)
}

async fn schemas(
    State(sandbox): State<Arc<Sandbox>>,
    Base(base): Base,
    asked: Asked,
) -> Result<Scim, Refused> {
    list(&asked, both_schemas(&sandbox, &base))
}

async fn schema(
    State(sandbox): State<Arc<Sandbox>>,
    Base(base): Base,
    Path(id): Path<String>,
) -> Result<Scim, Refused> {
    one(both_schemas(&sandbox, &base), &id)
}

fn both_schemas(sandbox: &Sandbox, base: &str) -> Vec<Value> {
    let mut user = USER.to_value(base);
    if sandbox.world().faults.has(Quirk::RefusesTypes) {
        leave_types_out(&mut user);
    }
    vec![user, ENTERPRISE_USER.to_value(base)]
}

/// A service that takes no types describes none.
fn leave_types_out(schema: &mut Value) {
    let attributes = schema["attributes"].as_array_mut().into_iter().flatten();
    for attribute in attributes {
        if let Some(parts) = attribute["subAttributes"].as_array_mut() {
            parts.retain(|part| part["name"] != "type");
        }
    }
}

fn list(asked: &Asked, resources: Vec<Value>) -> Result<Scim, Refused> {
    if asked.filter.is_some() {
        let says = "descriptions cannot be filtered";
        return Err(Refused::new(StatusCode::FORBIDDEN, says));
    }
    let list =
        ListResponse { total: Some(resources.len() as u64), start: Some(1), next: None, resources };
    Ok(Scim(list.to_value()))
}

fn one(all: impl IntoIterator<Item = Value>, id: &str) -> Result<Scim, Refused> {
    let is_it = |description: &Value| {
        description["id"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id))
    };
    let found = all.into_iter().find(is_it);
    found.map(Scim).ok_or_else(|| {
        Refused::new(StatusCode::NOT_FOUND, &format!("there is no description {id}"))
    })
}
