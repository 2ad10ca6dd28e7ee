//! The service that is asked, and its answers.

use reqwest::{Client, Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Where two services may rightly differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// Whether it understands what RFC 7644 does not ask for and identity providers send anyway:
    /// an `add` to `emails[type eq "work"].value` that is to make the entry (Entra ID; the RFC's
    /// `noTarget` is as right), a manager as a bare text (Entra ID), `emails` as one object
    /// (OneLogin), a filter's value without quotes (Microsoft's example).
    pub(crate) reads_real_clients: bool,
    /// Whether it keeps attributes that no schema of its has. RFC 7643 leaves both open.
    pub(crate) keeps_unknown: bool,
}

impl Dialect {
    /// What our own services promise.
    pub(crate) const OURS: Self = Self { reads_real_clients: true, keeps_unknown: true };
    /// The letter of the RFC, as `scim2-server` takes it.
    pub(crate) const STRICT: Self = Self { reads_real_clients: false, keeps_unknown: false };
}

/// A service under test.
#[derive(Debug)]
pub(crate) struct Service {
    base: String,
    token: String,
    client: Client,
    mark: String,
    pub(crate) dialect: Dialect,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Service {
    /// The one whose `/Users` is below `base`.
    pub(crate) fn at(base: String, token: &str, dialect: Dialect) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        let mark = format!("{:08x}", rand::random::<u32>());
        Self { base, token: token.to_owned(), client, mark, dialect }
    }

    /// A request that is not signed.
    pub(crate) fn unsigned(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.unsigned(method, path).bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::to(self.request(Method::GET, path)).await
    }

    pub(crate) async fn list(&self, query: &[(&str, &str)]) -> Value {
        Answer::to(self.request(Method::GET, "/Users").query(query)).await.ok(200)
    }

    /// The user names that a filter finds, of those that this run made.
    pub(crate) async fn found(&self, filter: &str) -> Vec<String> {
        let list = self.list(&[("filter", filter)]).await;
        assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len(), "{filter}");
        let names = list["Resources"].as_array().unwrap().iter();
        let mut names: Vec<_> = names
            .map(|user| user["userName"].as_str().unwrap().to_owned())
            .filter(|name| name.contains(&self.mark))
            .collect();
        names.sort();
        names
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        Answer::to(scim(self.request(method, path), body)).await
    }

    pub(crate) async fn post(&self, body: &Value) -> Answer {
        self.send(Method::POST, "/Users", body).await
    }

    pub(crate) async fn patch(&self, user: &Value, operations: &Value) -> Answer {
        self.send(Method::PATCH, &path(user), &operations_of(operations)).await
    }

    /// The user after a PATCH. It may be answered with 200 and the whole user or with 204
    /// (RFC 7644 section 3.5.2); in both cases a read shows the same.
    pub(crate) async fn patched(&self, user: &Value, operations: &Value) -> Value {
        let answer = self.patch(user, operations).await;
        let read = self.get(&path(user)).await.ok(200);
        match answer.status {
            204 => assert_eq!(answer.body, Value::Null),
            _ => assert_eq!(answer.ok(200), read),
        }
        read
    }

    /// A name that only this run uses.
    pub(crate) fn name(&self, who: &str) -> String {
        format!("{who}-{}@Conformance.Example", self.mark)
    }

    /// An account with a value of every kind.
    pub(crate) fn body(&self, who: &str) -> Value {
        json!({
            "schemas": [USER, ENTERPRISE], "userName": self.name(who), "externalId": format!("Ext-{who}-{}", self.mark),
            "name": { "givenName": who, "familyName": "Lima" }, "displayName": format!("{who} Lima"),
            "active": true, "emails": [{ "value": self.name(who), "type": "work", "primary": true }],
            ENTERPRISE: { "department": "Legal" },
        })
    }

    pub(crate) async fn created(&self, who: &str) -> Value {
        self.post(&self.body(who)).await.ok(201)
    }
}

impl Answer {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&text) };
        Self { status, headers, body: body.unwrap_or(Value::String(text)) }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body of an answer that is as good as it should be, and SCIM.
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.is_scim();
        self.body
    }

    /// That it is a refusal as RFC 7644 section 3.12 wants it.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, kind: Option<&str>) {
        assert_eq!(self.status, status, "{}", self.body);
        self.is_scim();
        assert_eq!(self.body["schemas"], json!([ERROR]), "{}", self.body);
        assert_eq!(self.body["status"], status.to_string(), "a text: {}", self.body);
        assert!(self.body["detail"].as_str().is_some_and(|says| !says.is_empty()), "{}", self.body);
        assert_eq!(self.body["scimType"].as_str(), kind, "{}", self.body);
    }

    #[track_caller]
    fn is_scim(&self) {
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/scim+json"), "{kind}: {}", self.body);
    }
}

pub(crate) fn path(user: &Value) -> String {
    format!("/Users/{}", user["id"].as_str().unwrap())
}

pub(crate) fn scim(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header("content-type", "application/scim+json").body(body.to_string())
}

pub(crate) fn operations_of(operations: &Value) -> Value {
    json!({ "schemas": [PATCH_OP], "Operations": operations })
}
