//! The stand-in EchoSign: what it keeps, what it shows, and how it misbehaves when asked to.
//! That it is a SCIM service is for `conformance` to say.

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

    async fn user_names(&self) -> Vec<String> {
        let list: Value =
            self.send(Method::GET, "/Users", &json!({})).await.unwrap().json().await.unwrap();
        let users = list["Resources"].as_array().unwrap().iter();
        users.map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
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
async fn the_next_requests_go_wrong_as_often_as_asked() {
    let running = Running::start().await;
    running
        .faults(&json!({ "next": [
            { "method": "POST", "times": 2, "status": 503, "retryAfter": 7 },
            { "method": "PUT", "status": 200, "html": true },
        ] }))
        .await;

    let refused = running.create("ana").await.unwrap();
    let again = running.create("ana").await.unwrap().status();
    let page = running.send(Method::PUT, "/Users/x", &json!({})).await.unwrap();

    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(again, 503);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(running.user_names().await.is_empty(), "nothing was done");
    assert_eq!(running.create("ana").await.unwrap().status(), 201);
}

#[tokio::test]
async fn an_answer_is_lost_after_the_work_is_done() {
    let running = Running::start().await;
    running.faults(&json!({ "next": [{ "method": "POST", "loseAnswer": true }] })).await;

    let lost = running.create("ana").await;

    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(running.user_names().await, ["ana"]);
    assert!(running.page().await.contains("lost"));
}

#[tokio::test]
async fn an_answer_comes_late_when_it_was_asked_to() {
    let running = Running::start().await;
    running.faults(&json!({ "next": [{ "delayMs": 60_000 }] })).await;

    let patience = Duration::from_millis(100);
    let late = tokio::time::timeout(patience, running.create("ana")).await;

    assert!(late.is_err(), "it waits");
    assert_eq!(running.create("ben").await.unwrap().status(), 201, "only the next one does");
    assert_eq!(running.user_names().await, ["ben"]);
}

#[tokio::test]
async fn what_cannot_be_done_wrong_is_refused() {
    let running = Running::start().await;
    for faults in [
        json!({ "next": [{ "status": 200 }] }),
        json!({ "quirks": ["unheardOf"] }),
        json!({ "nxt": [] }),
    ] {
        let answer = running.client.post(format!("{}/faults", running.base)).json(&faults);
        assert_eq!(answer.send().await.unwrap().status(), 400, "{faults}");
    }
}

#[tokio::test]
async fn the_form_of_the_page_sets_faults_and_returns_to_the_page() {
    let running = Running::start().await;
    let form = [
        ("quirk", "refusesPatch"),
        ("quirk", "noLocation"),
        ("what", "429"),
        ("method", "GET"),
        ("times", "3"),
        ("seconds", "9"),
    ];

    let answer =
        running.client.post(format!("{}/faults", running.base)).form(&form).send().await.unwrap();

    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/sandbox/echosign".parse().unwrap())
    );
    let set: Value = running
        .client
        .get(format!("{}/faults", running.base))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(set["quirks"], json!(["refusesPatch", "noLocation"]));
    let next = &set["next"][0];
    assert_eq!(
        (&next["method"], &next["times"], &next["status"], &next["retryAfter"]),
        (&json!("GET"), &json!(3), &json!(429), &json!(9))
    );
    assert!(
        running
            .page()
            .await
            .contains("The next 3 GET requests: gets 429, is asked to come back in 9 s.")
    );
}

#[tokio::test]
async fn another_site_cannot_set_faults() {
    let running = Running::start().await;

    let foreign = running
        .client
        .post(format!("{}/faults", running.base))
        .header("sec-fetch-site", "cross-site");
    let foreign = foreign.form(&[("what", "500")]).send().await.unwrap();

    assert_eq!(foreign.status(), 403);
    assert_eq!(running.create("ana").await.unwrap().status(), 201);
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
async fn ids_take_the_forms_they_take_elsewhere() {
    let running = Running::start().await;

    running.faults(&json!({ "quirks": ["idIsUserName"] })).await;
    let ana: Value = running.create("ana@example.com").await.unwrap().json().await.unwrap();
    running.faults(&json!({ "quirks": ["idIsNumber"] })).await;
    let ben: Value = running.create("ben").await.unwrap().json().await.unwrap();

    assert_eq!(ana["id"], "ana@example.com");
    assert_eq!(running.status(Method::GET, "/Users/ana%40example.com").await, 200);
    assert_eq!(ben["id"], 2);
    assert_eq!(running.status(Method::DELETE, "/Users/2").await, 204);
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
