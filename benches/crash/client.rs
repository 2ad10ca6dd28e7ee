//! Asking whichever process answers.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client as Http, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::time::timeout;

/// Longer than anything Countersign does before it answers: who gives up earlier could not know whether the
/// request is still under way.
const PATIENCE: Duration = Duration::from_mins(2);

/// How many of all answers are lost on the way.
const LOST: f64 = 0.02;

/// An answer that came whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) const fn is_accepted(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether asking again is in vain.
    pub(crate) const fn says_no(&self) -> bool {
        matches!(self.status, 400..=499)
    }
}

/// How often was asked, by all who share a client.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) requests: AtomicU64,
    pub(crate) unanswered: AtomicU64,
    /// Answers that came and were lost on the way, which is our own doing.
    pub(crate) lost: AtomicU64,
    /// 503: the database was away.
    pub(crate) away: AtomicU64,
    /// 500.
    pub(crate) broken: AtomicU64,
}

/// Speaks to several processes in turn, with one token. Clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    servers: Arc<[SocketAddr]>,
    next: Arc<AtomicUsize>,
    authorization: String,
    pub(crate) asked: Arc<Asked>,
}

impl Client {
    pub(crate) fn new(servers: Vec<SocketAddr>, token: &str) -> Self {
        Self {
            http: Http::builder(TokioExecutor::new()).build(HttpConnector::new()),
            servers: servers.into(),
            next: Arc::default(),
            authorization: format!("Bearer {token}"),
            asked: Arc::default(),
        }
    }

    /// The same with another token.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { authorization: format!("Bearer {token}"), ..self.clone() }
    }

    /// Asks one of them; `None` when no whole answer came.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<Answer> {
        self.asked.requests.fetch_add(1, Ordering::Relaxed);
        let answer = timeout(PATIENCE, self.ask_one(method, path, body)).await.ok().flatten();
        if answer.is_some() && rand::random_bool(LOST) {
            self.asked.lost.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let count = match &answer {
            None => &self.asked.unanswered,
            Some(answer) if answer.status == 503 => &self.asked.away,
            Some(answer) if answer.status >= 500 => &self.asked.broken,
            Some(_) => return answer,
        };
        count.fetch_add(1, Ordering::Relaxed);
        answer
    }

    async fn ask_one(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Answer> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let server = self.servers[turn % self.servers.len()];
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{server}{path}"))
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body.map_or_else(String::new, Value::to_string)))
            .expect("a request");
        let response = self.http.request(request).await.ok()?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.ok()?.to_bytes();
        Some(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }
}
