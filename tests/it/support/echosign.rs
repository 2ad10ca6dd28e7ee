//! The stand-in EchoSign on a port of its own, with somebody over there who changes accounts, and
//! with what only a test would ask of an app.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json as Body, Router,
    body::{self, Body as Bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use countersign::{
    kernel::Clock,
    sandbox::{
        Sandbox,
        faults::{Faults, Method, Mishap, Quirk},
    },
};
use serde_json::Value as Json;
use tokio::{net::TcpListener, sync::Notify};
use tower::ServiceExt;

/// The token that it takes, until it is told another.
pub(crate) const TOKEN: &str = "a-token-of-echosign";

/// The app.
pub(crate) struct EchoSign {
    url: String,
    inside: Arc<Inside>,
}

struct Inside {
    sandbox: Arc<Sandbox>,
    router: Router,
    state: Mutex<State>,
    was_asked: Notify,
}

/// A change that a request really made, whatever came back.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    /// The accounts before it …
    pub(crate) before: Vec<Json>,
    /// … and after it.
    pub(crate) after: Vec<Json>,
}

/// Where whoever asks is left without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// At the next look.
    Look,
    /// At the next request that is more than a look; it is carried out.
    Change,
}

#[derive(Default)]
struct State {
    token: String,
    asked: Vec<String>,
    faults: Faults,
    mishaps: Vec<Mishap>,
    effects: Option<Vec<Effect>>,
    stops_at: Option<At>,
    overruled: BTreeMap<&'static str, Json>,
    hangs_at: Option<Method>,
    garbles: Option<(Method, &'static str)>,
}

impl EchoSign {
    pub(crate) async fn start(clock: Arc<dyn Clock>) -> Self {
        let sandbox = Arc::new(Sandbox::new(TOKEN, clock, "/static/app.css"));
        let router = Arc::clone(&sandbox).router();
        let state = State { token: TOKEN.to_owned(), ..State::default() };
        let inside = Arc::new(Inside {
            sandbox,
            router,
            state: Mutex::new(state),
            was_asked: Notify::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let asked = Arc::clone(&inside);
        let service = Router::new().fallback(move |request: Request| {
            let asked = Arc::clone(&asked);
            async move { asked.answer(request).await }
        });
        tokio::task::spawn(async move { axum::serve(listener, service).await });
        Self { url, inside }
    }

    /// Where its SCIM API is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The methods of every request so far that was more than a look.
    pub(crate) fn was_sent(&self) -> Vec<String> {
        let asked = &self.inside.state().asked;
        asked.iter().filter(|method| *method != "GET").cloned().collect()
    }

    /// How often it was asked for anything.
    pub(crate) fn times_asked(&self) -> usize {
        self.inside.state().asked.len()
    }

    /// Comes back once it has done something by `method`.
    pub(crate) async fn has_done(&self, method: Method) {
        loop {
            let asked = self.inside.was_asked.notified();
            if self.was_sent().iter().any(|sent| sent == method.as_str()) {
                return;
            }
            asked.await;
        }
    }

    // --- what it keeps ---

    /// Its accounts.
    pub(crate) async fn accounts(&self) -> Vec<Json> {
        self.inside.accounts().await
    }

    /// The one account of a user name.
    pub(crate) async fn account(&self, user_name: &str) -> Option<Json> {
        let mut found = self.accounts().await;
        found.retain(|account| account["userName"] == user_name);
        assert!(found.len() < 2, "{user_name} has {} accounts", found.len());
        found.pop()
    }

    /// An account is there that nobody here made.
    pub(crate) fn has(&self, account: Json) {
        self.inside.sandbox.seed([account]).unwrap();
    }

    /// Somebody over there makes an account, as the app lets them.
    pub(crate) async fn makes(&self, account: Json) {
        assert_eq!(self.inside.ask("POST", "Users", Some(account)).await.0, StatusCode::CREATED);
    }

    /// Somebody over there changes an account.
    pub(crate) async fn changes(&self, user_name: &str, member: &str, to: Json) {
        let id = self.id(user_name).await;
        self.inside.overrule(&id, &BTreeMap::from([(member, to)])).await;
    }

    /// Somebody over there removes an account.
    pub(crate) async fn removes(&self, user_name: &str) {
        let path = format!("Users/{}", self.id(user_name).await);
        assert_eq!(self.inside.ask("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
    }

    /// Somebody over there changes an account that they know by its id.
    pub(crate) async fn changes_by_id(&self, id: &str, member: &str, to: Json) {
        self.inside.overrule(id, &BTreeMap::from([(member, to)])).await;
    }

    /// Somebody over there removes an account that they know by its id.
    pub(crate) async fn removes_by_id(&self, id: &str) {
        let path = format!("Users/{id}");
        assert_eq!(self.inside.ask("DELETE", &path, None).await.0, StatusCode::NO_CONTENT);
    }

    /// What requests changed since this was last asked; it is noted from the first time on.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        self.inside.state().effects.replace(Vec::new()).unwrap_or_default()
    }

    async fn id(&self, user_name: &str) -> String {
        self.account(user_name).await.unwrap()["id"].as_str().unwrap().to_owned()
    }

    // --- how it misbehaves ---

    /// From now on this is the only token it takes.
    pub(crate) fn takes_only(&self, token: &str) {
        token.clone_into(&mut self.inside.state().token);
    }

    /// It answers the next requests of `method` with a status, and does nothing.
    pub(crate) fn answers(&self, method: Method, status: u16, times: u32) {
        self.meets(Mishap {
            method: Some(method),
            status: Some(status),
            times,
            ..Mishap::default()
        });
    }

    /// It asks the next who comes to leave it alone for so many seconds.
    pub(crate) fn asks_to_wait(&self, seconds: u32) {
        self.meets(Mishap { status: Some(429), retry_after: Some(seconds), ..Mishap::default() });
    }

    /// It does what the next request of `method` asks, and the connection breaks before its answer.
    pub(crate) fn loses_the_answer(&self, method: Method) {
        self.meets(Mishap { method: Some(method), lose_answer: true, ..Mishap::default() });
    }

    fn meets(&self, mishap: Mishap) {
        let mut state = self.inside.state();
        state.faults.next = vec![mishap];
        self.inside.sandbox.misbehave(state.faults.clone());
    }

    /// This happens to the next requests that it concerns, after what is to happen already.
    pub(crate) fn is_to_meet(&self, mishap: Mishap) {
        self.inside.state().mishaps.push(mishap);
    }

    /// Nothing goes wrong any more but this.
    pub(crate) fn has_only(&self, quirks: &[Quirk]) {
        let mut state = self.inside.state();
        state.mishaps.clear();
        state.stops_at = None;
        state.faults = Faults {
            next: Vec::new(),
            quirks: quirks.iter().copied().collect(),
            ..Faults::default()
        };
        self.inside.sandbox.misbehave(state.faults.clone());
    }

    /// It leaves whoever asks next without an answer; `None` for nobody.
    pub(crate) fn is_to_stop(&self, at: Option<At>) {
        self.inside.state().stops_at = at;
    }

    /// Comes back once somebody is left without an answer.
    pub(crate) async fn has_stopped(&self) {
        loop {
            let asked = self.inside.was_asked.notified();
            if self.inside.state().stops_at.is_none() {
                return;
            }
            asked.await;
        }
    }

    /// From now on it does this wrong.
    pub(crate) fn has_quirk(&self, quirk: Quirk) {
        let mut state = self.inside.state();
        state.faults.quirks.insert(quirk);
        self.inside.sandbox.misbehave(state.faults.clone());
    }

    /// Look-ups show an account only so many seconds after it was made.
    pub(crate) fn shows_late(&self, seconds: u64) {
        let mut state = self.inside.state();
        state.faults.appears_after_ms = seconds * 1_000;
        self.inside.sandbox.misbehave(state.faults.clone());
    }

    /// It does what the next request of `method` asks, and never answers.
    pub(crate) fn hangs_at(&self, method: Method) {
        self.inside.state().hangs_at = Some(method);
    }

    /// It does what the next request of `method` asks, and answers with this.
    pub(crate) fn garbles(&self, method: Method, body: &'static str) {
        self.inside.state().garbles = Some((method, body));
    }

    /// Whatever is sent, an account has this; null for nothing at all.
    pub(crate) fn always_has(&self, member: &'static str, value: Json) {
        self.inside.state().overruled.insert(member, value);
    }
}

impl State {
    /// What happens to a request of `method`, which uses one of it up.
    fn mishap(&mut self, method: &str) -> Option<Mishap> {
        let concerns = |mishap: &Mishap| mishap.method.is_none_or(|of| of.as_str() == method);
        let at = self.mishaps.iter().position(concerns)?;
        self.mishaps[at].times -= 1;
        let taken = Mishap { times: 1, ..self.mishaps[at].clone() };
        self.mishaps.retain(|mishap| mishap.times > 0);
        Some(taken)
    }
}

impl Inside {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn answer(&self, mut request: Request) -> Response {
        let method = request.method().to_string();
        let token = format!("Bearer {}", self.state().token);
        if request
            .headers()
            .get(header::AUTHORIZATION)
            .is_some_and(|sent| sent.as_bytes() == token.as_bytes())
        {
            let known = HeaderValue::try_from(format!("Bearer {TOKEN}")).unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, known);
        } else {
            request.headers_mut().remove(header::AUTHORIZATION);
        }
        let mut response = self.carry_out(&method, request).await;
        let overruled = self.state().overruled.clone();
        if method != "GET" && !overruled.is_empty() && response.status().is_success() {
            let account = body_of(response).await;
            let status = if method == "POST" { StatusCode::CREATED } else { StatusCode::OK };
            let account = self.overrule(account["id"].as_str().unwrap(), &overruled).await;
            response = (status, Body(account)).into_response();
        }
        let at = if method == "GET" { At::Look } else { At::Change };
        let stops = self.state().stops_at.take_if(|stops| *stops == at);
        self.state().asked.push(method.clone());
        self.was_asked.notify_waiters();
        let is = |of: Method| of.as_str() == method;
        let hangs = self.state().hangs_at.take_if(|at| is(*at));
        if hangs.is_some() || stops.is_some() {
            std::future::pending::<()>().await;
        }
        let garbled = self.state().garbles.take_if(|(at, _)| is(*at));
        match garbled {
            Some((_, body)) => {
                ([(header::CONTENT_TYPE, "application/scim+json")], body).into_response()
            }
            None => response,
        }
    }

    /// Does what is asked, or what goes wrong instead, and notes what it changed.
    async fn carry_out(&self, method: &str, request: Request) -> Response {
        let notes = method != "GET" && self.state().effects.is_some();
        let before = if notes { self.accounts().await } else { Vec::new() };
        let mishap = self.state().mishap(method);
        let faults = self.state().faults.clone();
        if let Some(mishap) = &mishap {
            self.sandbox.misbehave(Faults { next: vec![mishap.clone()], ..faults.clone() });
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        if mishap.is_some() {
            self.sandbox.misbehave(faults);
        }
        if notes {
            let after = self.accounts().await;
            let changed = before != after;
            let mut state = self.state();
            state.effects.iter_mut().filter(|_| changed).for_each(|effects| {
                effects.push(Effect { before: before.clone(), after: after.clone() });
            });
        }
        response
    }

    async fn accounts(&self) -> Vec<Json> {
        let list = self.ask("GET", "Users?count=200", None).await.1;
        list["Resources"].as_array().unwrap().clone()
    }

    /// Writes some members of an account, whatever it holds, and returns it.
    async fn overrule(&self, id: &str, members: &BTreeMap<&str, Json>) -> Json {
        let path = format!("Users/{id}");
        let mut account = self.ask("GET", &path, None).await.1;
        for (member, value) in members {
            account[*member] = value.clone();
        }
        let (status, account) = self.ask("PUT", &path, Some(account)).await;
        assert_eq!(status, StatusCode::OK, "{account}");
        account
    }

    /// Asks it as whoever administers it.
    async fn ask(&self, method: &str, path: &str, body: Option<Json>) -> (StatusCode, Json) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2/{path}"))
            .header(header::HOST, "sandbox.example")
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, "application/scim+json")
            .body(body.map_or_else(Bytes::empty, |body| body.to_string().into()))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        (response.status(), body_of(response).await)
    }
}

async fn body_of(response: Response) -> Json {
    let bytes = body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or(Json::Null)
}
