//! A whole API over a database and an app of its own.

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use countersign::{
    access::{Actor, Owner, Role, tokens},
    api::{ApiState, router},
    apps::{
        App, Approvals, Connection, ConnectorKind, Deletes, Lookups, OnDelete, OnSuspend,
        Provisioning, Updates,
        change::Attributes,
        {account, seal::Key, store},
    },
    connector::{
        Connectors,
        transport::{OutboundRules, Transport},
    },
    forwarder::Forwarder,
    jobs::{Handler, Runner, store::gates, work_due},
    kernel::{Clock, HeldClock, UserId},
    queue::{action::SEND, flow::gate_of},
};
use http_body_util::BodyExt;
use secrecy::SecretBox;
use serde_json::{Value as Json, json};
use time::macros::datetime;
use tower::ServiceExt;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::document::Document;
use crate::support::db::TestDb;

/// What the API answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: axum::http::HeaderMap,
    /// `Null` when there was none.
    pub(super) body: Json,
}

impl Answer {
    /// The end of the problem's `type`.
    pub(super) fn problem(&self) -> &str {
        self.body["type"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("urn:countersign:problem:")
    }

    /// The fields that it wants mended.
    pub(super) fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().into_iter().flatten();
        errors.map(|error| error["field"].as_str().unwrap()).collect()
    }

    pub(super) fn items(&self) -> &[Json] {
        self.body["items"].as_array().unwrap()
    }
}

pub(super) struct Api {
    pub(super) db: TestDb,
    pub(super) clock: Arc<HeldClock>,
    /// The app. Knows nobody, until a test says otherwise.
    pub(super) app: MockServer,
    /// A token of each role, in the order of [`Role::ALL`].
    tokens: Vec<String>,
    connectors: Connectors,
    router: Router,
    document: Document,
}

impl Api {
    /// An API whose app is connected, is provisioned, and has everything approved by people.
    pub(super) async fn new() -> Self {
        let (db, app) = (TestDb::new().await, MockServer::start().await);
        let clock = Arc::new(HeldClock::at(datetime!(2026-11-23 10:00 UTC)));
        // A second time is no fault: tests share the process with others.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rules = OutboundRules::new([], [IpAddr::from([127, 0, 0, 1]).into()]);
        let transport = Transport::new(rules, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        let connectors = Connectors::new(Key::new(SecretBox::new(Box::new([7; 32]))), transport);
        let state = ApiState {
            pool: db.pool.clone(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            connectors: connectors.clone(),
        };
        let router = router(state);
        let document =
            Document(raw(&router, "GET", "/api/v1/openapi.json", &[], Body::empty()).await.body);
        let mut api = Self { db, clock, app, tokens: Vec::new(), connectors, router, document };
        for role in Role::ALL {
            api.tokens.push(api.token_of(&command_line(), *role).await);
        }
        api.connect().await;
        api.has_accounts(&[]).await;
        api
    }

    pub(super) async fn echosign(&self) -> App {
        store::find_by_slug(&self.db.pool, "echosign").await.unwrap().unwrap()
    }

    async fn connect(&self) {
        let app = self.echosign().await;
        let connection = Connection {
            connector: ConnectorKind::Scim,
            base_url: format!("{}/scim/v2/", self.app.uri()).parse().unwrap(),
            credential: self.connectors.seal(app.id, &"the-token-of-the-app".into()),
            updates: Updates::Patch,
            lookups: Lookups::Filter,
            deletes: Deletes::Delete,
            learnt: None,
            capabilities: None,
            verified_at: Some(self.clock.now()),
        };
        let provisioning = Provisioning {
            enabled: true,
            approve: Approvals { create: true, update: true, suspend: true, delete: true },
            on_delete: OnDelete::Delete,
            on_suspend: OnSuspend::Suspend,
            four_eyes: false,
        };
        let mut connection_to_db = self.db.pool.acquire().await.unwrap();
        store::put_connection(&mut connection_to_db, app.id, &connection).await.unwrap();
        store::put_provisioning(&mut connection_to_db, app.id, &provisioning).await.unwrap();
        gates::put(&mut connection_to_db, &gate_of(app.id), false).await.unwrap();
    }

    /// Whatever is looked for in the app, these are what it has.
    pub(super) async fn has_accounts(&self, resources: &[Json]) {
        self.app.reset().await;
        let scim = |body: &Json| {
            ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/scim+json")
        };
        for resource in resources {
            let by_id = path(format!("/scim/v2/Users/{}", resource["id"].as_str().unwrap()));
            Mock::given(method("GET"))
                .and(by_id)
                .respond_with(scim(resource))
                .mount(&self.app)
                .await;
        }
        let list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": resources.len(),
            "startIndex": 1,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        });
        let search = Mock::given(method("GET")).and(path("/scim/v2/Users"));
        search.respond_with(scim(&list)).mount(&self.app).await;
    }

    /// The app takes no change of any kind.
    pub(super) async fn refuses(&self) {
        let refusal = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "400",
            "scimType": "invalidValue",
            "detail": "title is not allowed",
        });
        let answer =
            ResponseTemplate::new(400).set_body_raw(refusal.to_string(), "application/scim+json");
        Mock::given(method("POST")).respond_with(answer).mount(&self.app).await;
    }

    /// The app makes an account of whatever it is sent: this one.
    pub(super) async fn makes(&self, account: &Json) {
        let answer =
            ResponseTemplate::new(201).set_body_raw(account.to_string(), "application/scim+json");
        Mock::given(method("POST")).respond_with(answer).mount(&self.app).await;
    }

    /// The app told this of a person's account some time ago.
    pub(super) async fn confirmed(&self, user: &str, attributes: &Attributes) {
        let (app, user) = (self.echosign().await.id, user.parse::<UserId>().unwrap());
        let mut tx = self.db.pool.begin().await.unwrap();
        account::store::lock(&mut tx, app, user).await.unwrap();
        let account = Some(("remote-1", attributes));
        account::store::confirm(
            &mut tx,
            self.clock.now(),
            app,
            user,
            account,
            &account::Unkept::new(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// A new token that `by` makes.
    pub(super) async fn token_of(&self, by: &Owner, role: Role) -> String {
        let (pool, now) = (&self.db.pool, self.clock.now());
        tokens::create(pool, now, by, &format!("A token of {role}"), tokens::Scope::Api(role))
            .await
            .unwrap()
    }

    pub(super) fn token(&self, role: Role) -> &str {
        let place = Role::ALL.iter().position(|known| *known == role).unwrap();
        &self.tokens[place]
    }

    /// Sends a request as `role`, with `body` as JSON unless it is `Null`.
    pub(super) async fn send(&self, role: Role, method: &str, path: &str, body: Json) -> Answer {
        self.send_with(self.token(role), method, path, body).await
    }

    pub(super) async fn send_with(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Json,
    ) -> Answer {
        let authorization = format!("Bearer {token}");
        let mut headers = vec![("authorization", &*authorization)];
        let body = if body.is_null() {
            Body::empty()
        } else {
            headers.push(("content-type", "application/json"));
            Body::from(body.to_string())
        };
        self.raw(method, path, &headers, body).await
    }

    /// Sends a request as it is.
    pub(super) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Answer {
        let answer = raw(&self.router, method, path, headers, body).await;
        let kind = answer
            .headers
            .get("content-type")
            .map(|kind| kind.to_str().unwrap())
            .unwrap_or_default();
        self.document.hold(method, path, answer.status, kind, &answer.body);
        assert_eq!(answer.headers["cache-control"], "no-store", "{method} {path}");
        if answer.status >= 400 {
            assert_eq!(kind, "application/problem+json", "{method} {path}");
            assert_eq!(answer.body["status"], answer.status, "{method} {path}");
        }
        answer
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Role::Auditor, "GET", path, Json::Null).await
    }

    /// Adds a person as an operator and returns their id.
    pub(super) async fn add(&self, user: Json) -> String {
        let answer = self.send(Role::Operator, "POST", "/api/v1/users", user).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// The one action that waits.
    pub(super) async fn waiting(&self) -> Json {
        let answer = self.get("/api/v1/actions?status=pending").await;
        assert_eq!(answer.items().len(), 1, "{}", answer.body);
        answer.items()[0].clone()
    }

    /// Adds Ana and returns the action that creates her account.
    pub(super) async fn create_waits(&self) -> Json {
        self.add(
            json!({ "userName": "ana@example.com", "displayName": "Ana Lima", "title": "Analyst" }),
        )
        .await;
        self.waiting().await
    }

    /// Sends what was approved.
    pub(super) async fn forward(&self) -> usize {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let forwarder =
            Forwarder::new(self.db.pool.clone(), Arc::clone(&clock), self.connectors.clone());
        let handler: Arc<dyn Handler> = Arc::new(forwarder);
        work_due(&Runner::new(self.db.pool.clone(), clock, [(SEND, handler)])).await.unwrap()
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    pub(super) fn a_minute_passes(&self) {
        self.clock.advance(Duration::from_mins(1));
    }
}

/// Someone at the machine, who may make tokens.
pub(super) fn command_line() -> Owner {
    Actor::command_line().owner().unwrap()
}

async fn raw(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Answer {
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = if bytes.is_empty() { Json::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// The path of an action, and of what is done to it.
pub(super) fn at(action: &Json, step: &str) -> String {
    let id = action["id"].as_str().unwrap();
    if step.is_empty() {
        format!("/api/v1/actions/{id}")
    } else {
        format!("/api/v1/actions/{id}/{step}")
    }
}
