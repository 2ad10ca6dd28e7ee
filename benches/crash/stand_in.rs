//! The app: EchoSign's stand-in, in our own process so that it is never killed, with a record of everything that
//! happened to its accounts and some trouble of its own.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, header},
    middleware::{self, Next},
    response::Response,
};
use countersign::{
    kernel::SystemClock,
    sandbox::{
        Sandbox,
        faults::{Faults, Method as Kept, Mishap},
    },
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::deed::{self, Deed};

/// What it lets in.
pub(crate) const TOKEN: &str = "the-stand-in-takes-this";
const USERS: &str = "/scim/v2/Users";
/// How often something goes wrong there, on average.
const TROUBLE_EVERY: Duration = Duration::from_millis(400);
/// More than a page of the stand-in holds is read in several.
const PAGE: usize = 200;

pub(crate) struct StandIn {
    sandbox: Arc<Sandbox>,
    recorder: Arc<Recorder>,
    address: SocketAddr,
}

/// What was asked, and what came of it.
struct Recorder {
    inside: Router,
    /// Held while an account changes, so that before and after belong together.
    one_by_one: tokio::sync::Mutex<()>,
    /// What happened to the account of each of Countersign's users, in order.
    deeds: Mutex<BTreeMap<String, Vec<Deed>>>,
    under_way: AtomicUsize,
    changing: AtomicU64,
    in_vain: AtomicU64,
}

impl StandIn {
    pub(crate) async fn start() -> Self {
        let sandbox = Arc::new(Sandbox::new(TOKEN, Arc::new(SystemClock), ""));
        let inside = Arc::clone(&sandbox).router();
        let recorder = Arc::new(Recorder {
            inside: inside.clone(),
            one_by_one: tokio::sync::Mutex::default(),
            deeds: Mutex::default(),
            under_way: AtomicUsize::default(),
            changing: AtomicU64::default(),
            in_vain: AtomicU64::default(),
        });
        let router = inside.layer(middleware::from_fn_with_state(Arc::clone(&recorder), watch));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { sandbox, recorder, address }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/scim/v2", self.address)
    }

    /// Does something wrong now and then, until `stop`.
    pub(crate) async fn make_trouble(&self, seed: u64, stop: CancellationToken) {
        let mut random = StdRng::seed_from_u64(seed);
        while !stop.is_cancelled() {
            sleep(TROUBLE_EVERY.mul_f64(random.random_range(0.2..1.8))).await;
            self.sandbox.misbehave(Faults { next: vec![mishap(&mut random)], ..Faults::default() });
        }
        self.sandbox.misbehave(Faults::default());
    }

    /// Waits until nobody changes anything there.
    pub(crate) async fn is_still(&self) {
        while self.recorder.under_way.load(Ordering::SeqCst) > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// What happened to the account of each of Countersign's users, in order.
    pub(crate) fn deeds(&self) -> BTreeMap<String, Vec<Deed>> {
        self.recorder.deeds.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests were to change something, and how many of them changed nothing.
    pub(crate) fn changing(&self) -> (u64, u64) {
        let Recorder { changing, in_vain, .. } = &*self.recorder;
        (changing.load(Ordering::SeqCst), in_vain.load(Ordering::SeqCst))
    }

    /// All accounts as they are.
    pub(crate) async fn accounts(&self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let page = format!("{USERS}?startIndex={}&count={PAGE}", all.len() + 1);
            let list = self.recorder.get(&page).await.expect("the accounts");
            let found = list["Resources"].as_array().cloned().unwrap_or_default();
            if found.is_empty() {
                return all;
            }
            all.extend(found);
        }
    }
}

/// An answer that is lost after the work is done, most of all; or an error, or a delay.
fn mishap(random: &mut StdRng) -> Mishap {
    let writes = [Kept::Post, Kept::Patch, Kept::Patch, Kept::Delete];
    let method = Some(writes[random.random_range(0..writes.len())]);
    match random.random_range(0..100) {
        0..50 => Mishap { method, lose_answer: true, ..Mishap::default() },
        50..65 => Mishap { method, status: Some(500), ..Mishap::default() },
        65..75 => Mishap { method: Some(Kept::Get), status: Some(503), ..Mishap::default() },
        75..97 => Mishap { method, delay_ms: random.random_range(100..800), ..Mishap::default() },
        _ => Mishap { method, status: Some(429), retry_after: Some(1), ..Mishap::default() },
    }
}

/// Notes what a request does to an account. Once it began it comes to its end, whoever has gone meanwhile.
async fn watch(State(recorder): State<Arc<Recorder>>, request: Request, next: Next) -> Response {
    sleep(Duration::from_millis(rand::random_range(0..10))).await;
    if request.method() == Method::GET {
        return next.run(request).await;
    }
    recorder.under_way.fetch_add(1, Ordering::SeqCst);
    let noting = tokio::spawn(async move {
        let response = recorder.note(request, next).await;
        recorder.under_way.fetch_sub(1, Ordering::SeqCst);
        response
    });
    noting.await.expect("an answer of the stand-in")
}

impl Recorder {
    async fn note(&self, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let path = parts.uri.path().to_owned();
        let changes_one_by_one = self.one_by_one.lock().await;
        let before = self.account(&path, &body).await;
        let response = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
        let after = self.account(&path, &body).await;
        drop(changes_one_by_one);
        self.changing.fetch_add(1, Ordering::SeqCst);
        let Some(deed) = deed::between(before.as_ref(), after.as_ref()) else {
            self.in_vain.fetch_add(1, Ordering::SeqCst);
            return response;
        };
        let whose =
            before.or(after).and_then(|account| Some(account["externalId"].as_str()?.to_owned()));
        let mut deeds = self.deeds.lock().unwrap_or_else(PoisonError::into_inner);
        deeds.entry(whose.unwrap_or_default()).or_default().push(deed);
        response
    }

    /// The account that a request is about: by its id in the path, or by the user name of a POST.
    async fn account(&self, path: &str, body: &Bytes) -> Option<Value> {
        if path != USERS {
            return self.get(path).await;
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let filter = format!("userName eq {}", body["userName"]);
        let filter = utf8_percent_encode(&filter, NON_ALPHANUMERIC);
        self.get(&format!("{USERS}?filter={filter}")).await?["Resources"].get(0).cloned()
    }

    /// What is there. Trouble that was meant for Countersign is passed over.
    async fn get(&self, path: &str) -> Option<Value> {
        loop {
            let request = Request::get(path)
                .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
                .body(Body::empty())
                .expect("a request");
            let Ok(response) = self.inside.clone().oneshot(request).await;
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), usize::MAX).await;
            match (status, body) {
                (404, _) => return None,
                (200, Ok(body)) => return serde_json::from_slice(&body).ok(),
                _ => {}
            }
        }
    }
}
