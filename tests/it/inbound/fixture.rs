//! A SCIM server over a database of its own, and a source that asks it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use countersign::{
    access::{Actor, tokens},
    apps::change::Kind,
    directory::{Source, User, store},
    inbound::{self, InboundState, Rate},
    kernel::{Clock, UserId},
    queue::{Intake, Status},
    sources::{
        self, Provider,
        log::{Log, Writer},
    },
};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use sqlx::{AssertSqlSafe, Executor, Row};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::support::app::TestApp;

pub(crate) const BASE: &str = "https://countersign.example/scim/v2";
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(super) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What was answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// `Null` when there was none.
    pub(super) body: Json,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[track_caller]
    pub(super) fn ok(self, status: u16) -> Json {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// That it is a refusal as RFC 7644 section 3.12 wants it, and what it says.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, kind: Option<&str>) -> &str {
        let body = &self.body;
        assert_eq!(self.status, status, "{body}");
        assert_eq!(self.header("content-type"), Some("application/scim+json"));
        assert_eq!(
            body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
            "{body}"
        );
        assert_eq!(body["status"], status.to_string(), "{body}");
        assert_eq!(body["scimType"].as_str(), kind, "{body}");
        body["detail"].as_str().filter(|says| !says.is_empty()).unwrap()
    }
}

/// An identity provider that pushes to us; EchoSign is provisioned, and everything waits for approval.
pub(crate) struct Idp {
    pub(crate) app: TestApp,
    pub(crate) router: Router,
    pub(crate) token: String,
    pub(super) source: Source,
    writer: Writer,
}

impl Idp {
    pub(crate) async fn new() -> Self {
        Self::at_rate(0).await
    }

    /// One that may ask so often a second.
    pub(super) async fn at_rate(rate: u32) -> Self {
        let app = TestApp::provisioned().await;
        let clock: Arc<dyn Clock> = app.clock.clone();
        let (log, writer) = Log::open(app.pool.clone());
        let router = inbound::router(InboundState {
            pool: app.pool.clone(),
            intake: Intake::open(app.pool.clone()),
            clock: Arc::clone(&clock),
            base: BASE.into(),
            rate: Rate::new(rate, clock),
            log,
        });
        let owner = app.owner.owner().unwrap();
        let created = sources::create(&app.pool, app.now(), &owner, "Okta", Provider::Okta).await;
        let sources::Created { source, secret } = created.unwrap();
        Self { app, router, token: secret, source, writer }
    }

    /// The token of another source.
    pub(super) async fn another_source(&self, name: &str) -> String {
        let owner = self.app.owner.owner().unwrap();
        let created =
            sources::create(&self.app.pool, self.app.now(), &owner, name, Provider::Entra).await;
        created.unwrap().secret
    }

    /// A token of the JSON API.
    pub(super) async fn an_api_token(&self) -> String {
        let owner = Actor::command_line().owner().unwrap();
        let scope = tokens::Scope::Api(countersign::access::Role::Owner);
        tokens::create(&self.app.pool, self.app.now(), &owner, "CI", scope).await.unwrap()
    }

    /// Serves over HTTP, and returns the base URL.
    pub(crate) async fn served(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/scim/v2")
    }

    // --- asking ---

    /// Sends just these headers and bytes to an address below the server's own.
    pub(super) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/scim/v2{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body =
            if bytes.is_empty() { Json::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Sends as this source does, with more headers.
    pub(super) async fn with(
        &self,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &Json,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", &*bearer)];
        headers.extend(more);
        if body.is_null() {
            return self.raw(method, path, &headers, Body::empty()).await;
        }
        headers.push(("content-type", "application/scim+json; charset=utf-8"));
        self.raw(method, path, &headers, body.to_string()).await
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: &Json) -> Answer {
        self.with(method, path, &[], body).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Json::Null).await
    }

    pub(super) async fn post(&self, body: &Json) -> Answer {
        self.send("POST", "/Users", body).await
    }

    /// Sends the operations, and only them, as a PATCH.
    pub(super) async fn patch(&self, user: &Json, operations: Json) -> Answer {
        let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
        self.send("PATCH", &path(user), &body).await
    }

    // --- what is there ---

    /// A person whom this source has pushed, as it was answered.
    pub(super) async fn pushed(&self, user_name: &str) -> Json {
        self.post(&someone(user_name)).await.ok(201)
    }

    /// The same, and the account has been made.
    pub(super) async fn with_account(&self, user_name: &str) -> Json {
        let pushed = self.pushed(user_name).await;
        self.app.approve_all(id(&pushed)).await;
        self.app.run_jobs().await;
        pushed
    }

    /// What the directory holds of somebody who was answered.
    pub(super) async fn kept(&self, user: &Json) -> User {
        store::find(&self.app.pool, id(user)).await.unwrap().unwrap()
    }

    /// What their actions are and how far they have come, oldest first.
    pub(super) async fn story(&self, user: &Json) -> Vec<(Kind, Status)> {
        self.app.story(id(user)).await
    }

    /// What was noted of the last request: method, path, status, refusal, and how many actions it caused.
    pub(super) async fn last_noted(&mut self) -> (String, String, i16, Option<String>, usize) {
        self.writer.write_noted().await;
        let row = sqlx::query!(
            "select method, path, status, says, caused from requests order by seq desc limit 1"
        )
        .fetch_one(&self.app.pool)
        .await
        .unwrap();
        (row.method, row.path, row.status, row.says, row.caused.as_array().unwrap().len())
    }

    /// Everything that is kept in any table, as text.
    pub(super) async fn everything(&mut self) -> String {
        self.writer.write_noted().await;
        let mut all = String::new();
        for table in ["users", "actions", "events", "jobs", "requests"] {
            let sql = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
            let row = self.app.pool.fetch_one(AssertSqlSafe(sql)).await.unwrap();
            all.push_str(row.get(0));
        }
        all
    }
}

/// Somebody, as Okta sends them.
pub(super) fn someone(user_name: &str) -> Json {
    let address =
        if user_name.contains('@') { user_name.to_owned() } else { format!("{user_name}@ex.test") };
    json!({
        "schemas": [USER], "userName": user_name, "externalId": format!("00u-{user_name}"),
        "name": { "givenName": "Ana", "familyName": "Lima" }, "displayName": "Ana Lima", "title": "Clerk",
        "emails": [{ "primary": true, "value": address, "type": "work" }], "active": true,
    })
}

pub(super) fn id(user: &Json) -> UserId {
    user["id"].as_str().unwrap().parse().unwrap()
}

pub(super) fn path(user: &Json) -> String {
    format!("/Users/{}", user["id"].as_str().unwrap())
}
