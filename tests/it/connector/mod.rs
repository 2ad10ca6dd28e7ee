//! The connector against apps that answer in every way that was seen (`facts/scim-apps.md`).

mod connect;
mod look_up;
mod lost;
mod quirks;
mod raw;
mod sending;
mod third_party;
mod tls;
mod wire;

use std::{sync::Arc, time::Duration};

use countersign::{
    apps::{
        Deletes,
        account::Account,
        change::{Attribute, Change, Content, Kind, Value},
    },
    connector::{
        Connector, Request, Sought,
        scim::{ScimConnector, ScimSettings, UpdateStyle},
        transport::{BaseUrl, Endpoint, OutboundRules, Transport},
    },
    kernel::{AppId, SystemClock, UserId},
};
use serde_json::{Value as Json, json};
use time::OffsetDateTime;

/// The token that every app here is given.
const TOKEN: &str = "s3cret-t0ken-of-the-app";

/// Patience with an app that should answer.
const PATIENT: Duration = Duration::from_secs(20);

fn settings() -> ScimSettings {
    ScimSettings {
        updates: UpdateStyle::Patch,
        filter: true,
        deletes: Deletes::Delete,
        untyped: false,
    }
}

/// A transport that connects in half the time that it has in all.
fn transport(rules: OutboundRules, patience: Duration) -> Transport {
    Transport::with_timeouts(rules, Arc::new(SystemClock), patience / 2, patience).unwrap()
}

/// Rules that let this machine be called.
fn loopback() -> OutboundRules {
    OutboundRules::new([], ["127.0.0.0/8".parse().unwrap()])
}

fn endpoint(base_url: &str) -> Endpoint {
    Endpoint::new(BaseUrl::parse(base_url).unwrap(), &TOKEN.into()).unwrap()
}

fn connector_with(base_url: &str, settings: ScimSettings) -> ScimConnector {
    ScimConnector::new(transport(loopback(), PATIENT), endpoint(base_url), settings)
}

fn connector(base_url: &str) -> ScimConnector {
    connector_with(base_url, settings())
}

/// The same, with little patience.
fn hasty(base_url: &str) -> ScimConnector {
    let transport = transport(loopback(), Duration::from_secs(1));
    ScimConnector::new(transport, endpoint(base_url), settings())
}

fn ana() -> UserId {
    "usr_019200000000700080000000000000a1".parse().unwrap()
}

fn sought(remote_id: Option<&str>) -> Sought {
    Sought {
        user: ana(),
        remote_id: remote_id.map(str::to_owned),
        user_name: "Ana@example.com".to_owned(),
        email: None,
    }
}

fn get(path: &str) -> Request {
    request("GET", path, None)
}

fn request(method: &str, path: &str, body: Option<Json>) -> Request {
    Request { method: method.to_owned(), path: path.to_owned(), body }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn content(kind: Kind, wanted: &[(Attribute, Option<Value>)]) -> Content {
    let changes = wanted
        .iter()
        .map(|(attribute, to)| Change { attribute: *attribute, from: None, to: to.clone() })
        .collect();
    Content { app: AppId::at(OffsetDateTime::UNIX_EPOCH), account: ana(), kind, changes }
}

fn user(id: &str, user_name: &str) -> Json {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": user_name })
}

fn list(users: &[Json]) -> Json {
    list_of(users, users.len())
}

fn list_of(users: &[Json], total: usize) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total, "startIndex": 1, "itemsPerPage": users.len(), "Resources": users,
    })
}

fn scim_error(status: u16, kind: Option<&str>) -> Json {
    let schema = "urn:ietf:params:scim:api:messages:2.0:Error";
    let mut body =
        json!({ "schemas": [schema], "status": status.to_string(), "detail": "because" });
    if let Some(kind) = kind {
        body["scimType"] = json!(kind);
    }
    body
}

/// Finds the account and takes it to the content, as the forwarder does.
async fn carry_out(
    connector: &dyn Connector,
    content: &Content,
    sought: &Sought,
) -> Option<Account> {
    let current = connector.find(sought).await.outcome.unwrap();
    for request in connector.plan(content, current.as_ref()) {
        connector.send(&request).await.outcome.unwrap();
    }
    connector.find(sought).await.outcome.unwrap()
}
