//! The stand-in EchoSign: what it keeps, what it shows, and how it misbehaves when asked to.
//! That it is a SCIM service is for `conformance` to say.

mod effects;
mod faults;
mod late;
mod quirks;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use countersign::{
    kernel::{Clock, HeldClock},
    sandbox::Sandbox,
};
use reqwest::{Client, Method, Response, redirect::Policy};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::conformance::serve;

const TOKEN: &str = "a-token";

/// One that runs, and a client that follows no redirects.
struct Running {
    sandbox: Arc<Sandbox>,
    clock: Arc<HeldClock>,
    base: String,
    client: Client,
}

impl Running {
    async fn start() -> Self {
        Self::started(|sandbox| sandbox).await
    }

    async fn started(set_up: impl FnOnce(Sandbox) -> Sandbox) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(HeldClock::at(
            OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000),
        ));
        let told: Arc<dyn Clock> = Arc::<HeldClock>::clone(&clock);
        let sandbox = Arc::new(set_up(Sandbox::new(TOKEN, told, "/static/app.css?v=1")));
        let base = serve(Arc::clone(&sandbox)).await;
        let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { sandbox, clock, base, client }
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Response> {
        let request = self.client.request(method, format!("{}/scim/v2{path}", self.base));
        request.bearer_auth(TOKEN).json(body).send().await
    }

    async fn create(&self, user_name: &str) -> reqwest::Result<Response> {
        self.send(Method::POST, "/Users", &json!({ "userName": user_name })).await
    }

    async fn status(&self, method: Method, path: &str) -> u16 {
        self.send(method, path, &json!({})).await.unwrap().status().as_u16()
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Value {
        self.send(method, path, body).await.unwrap().json().await.unwrap()
    }

    /// The account of a new user name, as the answer shows it.
    async fn created(&self, user_name: &str) -> Value {
        let made = self.create(user_name).await.unwrap();
        assert_eq!(made.status(), 201);
        made.json().await.unwrap()
    }

    /// The user names that a filter finds, in their order.
    async fn found(&self, filter: &str) -> Vec<String> {
        let asked = self.client.get(format!("{}/scim/v2/Users", self.base));
        let asked = asked.bearer_auth(TOKEN).query(&[("filter", filter)]);
        names_in(&asked.send().await.unwrap().json().await.unwrap())
    }

    /// The user names that it really keeps, whatever it shows.
    fn keeps(&self) -> Vec<String> {
        names_in(&json!({ "Resources": self.sandbox.accounts() }))
    }

    /// The only account that it really keeps.
    fn the_account(&self) -> Value {
        let accounts = self.sandbox.accounts();
        assert_eq!(accounts.len(), 1, "{accounts:?}");
        accounts[0].clone()
    }

    async fn user_names(&self) -> Vec<String> {
        let list: Value =
            self.send(Method::GET, "/Users", &json!({})).await.unwrap().json().await.unwrap();
        names_in(&list)
    }

    async fn faults(&self, faults: &Value) {
        let set =
            self.client.post(format!("{}/faults", self.base)).json(faults).send().await.unwrap();
        assert_eq!(set.status(), 200, "{}", set.text().await.unwrap());
    }

    async fn page(&self) -> String {
        self.client.get(&self.base).send().await.unwrap().text().await.unwrap()
    }
}

fn names_in(list: &Value) -> Vec<String> {
    let users = list["Resources"].as_array().unwrap().iter();
    users.map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
}

fn path_of(account: &Value) -> String {
    format!("/Users/{}", account["id"].as_str().unwrap())
}

/// A PATCH that sets one attribute.
fn setting(path: &str, value: impl Into<Value>) -> Value {
    json!({ "Operations": [{ "op": "replace", "path": path, "value": value.into() }] })
}

/// A file of its own, gone with the value.
struct Kept(PathBuf);

impl Kept {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("sandbox-{:016x}", rand::random::<u64>())))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_restart_keeps_the_accounts_as_they_were() {
    let file = Kept::new();
    let before = Running::started(|sandbox| sandbox.kept_in(&file.0).unwrap()).await;
    let made: Value = before.create("ana").await.unwrap().json().await.unwrap();
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    let ben: Value = before.create("ben").await.unwrap().json().await.unwrap();
    let change = json!({ "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    before.send(Method::PATCH, &path, &change).await.unwrap();
    assert_eq!(
        before.status(Method::DELETE, &format!("/Users/{}", ben["id"].as_str().unwrap())).await,
        204
    );

    let after = Running::started(|sandbox| sandbox.kept_in(&file.0).unwrap()).await;

    assert_eq!(after.user_names().await, ["ana"]);
    let ana: Value =
        after.send(Method::GET, &path, &json!({})).await.unwrap().json().await.unwrap();
    assert_eq!((&ana["active"], &ana["meta"]["version"]), (&json!(false), &json!("W/\"2\"")));
}

#[tokio::test]
async fn seeded_accounts_are_there_with_their_external_ids() {
    let running = Running::start().await;
    let user = |name: &str, active| json!({ "userName": name, "externalId": format!("usr_{name}"), "active": active });

    let ids = running.sandbox.seed([user("ana", true), user("ben", false)]).unwrap();
    let twice = running.sandbox.seed([user("ANA", true)]).unwrap_err();

    let ben = format!("/Users/{}", ids[1]);
    let ben: Value =
        running.send(Method::GET, &ben, &json!({})).await.unwrap().json().await.unwrap();
    assert_eq!((&ben["externalId"], &ben["active"]), (&json!("usr_ben"), &json!(false)));
    assert_eq!(twice.status, 409);
}

#[tokio::test]
async fn it_says_what_it_is_on_its_page_and_in_its_description() {
    let running = Running::start().await;
    let says = "This is a stand-in for EchoSign. Nothing here reaches Adobe.";

    let page = running.page().await;
    let config: Value = running
        .send(Method::GET, "/ServiceProviderConfig", &json!({}))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();

    assert!(page.contains(says) && page.contains("No accounts"), "{page}");
    assert!(config["authenticationSchemes"][0]["description"].as_str().unwrap().contains(says));
    assert_eq!(config["documentationUri"], json!(running.base));
}

#[tokio::test]
async fn the_page_shows_accounts_and_requests_and_runs_nothing() {
    let running = Running::start().await;
    let user = json!({
        "userName": "ana@example.com", "displayName": "<b>Ana</b> Lima", "title": "Clerk", "active": "false",
        "department": "Legal",
    });
    assert_eq!(running.send(Method::POST, "/Users", &user).await.unwrap().status(), 201);
    running.clock.advance(Duration::from_hours(3));
    running.send(Method::GET, "/Users?filter=userName+eq+%22ana%22", &json!({})).await.unwrap();

    let answer = running.client.get(&running.base).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = answer.text().await.unwrap();

    for shown in [
        "&#60;b&#62;Ana&#60;/b&#62; Lima",
        "ana@example.com",
        "Suspended",
        "Clerk",
        "Legal",
        "3 h ago",
        "POST /Users",
        "201",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(page.contains("GET /Users?filter=userName eq &#34;ana&#34;"), "{page}");
    assert!(page.contains(r#"<link rel="stylesheet" href="/static/app.css?v=1">"#));
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("script")
    );
    for inline in ["<script", "<style", " style=", " onclick="] {
        assert!(!page.contains(inline), "{inline}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_scim_refuses() {
    let running = Running::start().await;

    let answer = running
        .send(Method::POST, "/Users", &json!({ "userName": "x".repeat(3_000_000) }))
        .await
        .unwrap();

    assert_eq!(answer.status(), 413);
    assert_eq!(answer.json::<Value>().await.unwrap()["status"], "413");
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_the_version_alone() {
    let running = Running::start().await;
    let made: Value = running.create("ana").await.unwrap().json().await.unwrap();
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    running.clock.advance(Duration::from_mins(1));

    let change = json!({ "Operations": [{ "op": "replace", "path": "active", "value": true }] });
    let patched: Value =
        running.send(Method::PATCH, &path, &change).await.unwrap().json().await.unwrap();
    let put: Value = running
        .send(Method::PUT, &path, &json!({ "userName": "ana" }))
        .await
        .unwrap()
        .json()
        .await
        .unwrap();

    assert_eq!(patched["meta"], made["meta"]);
    assert_eq!(put["meta"], made["meta"]);
}
