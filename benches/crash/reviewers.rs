//! Reviewers that approve and reject over the API, and whoever has failed actions sent again.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::Method;
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    client::{Answer, Client},
    people::is_rejected,
};

const ACTIONS: &str = "/api/v1/actions";
/// How often failed actions are sent again.
const RETRY_EVERY: Duration = Duration::from_secs(3);

/// What was decided, as far as it was answered.
#[derive(Debug, Default)]
pub(crate) struct Decided {
    /// The id of an action, and the digest that was approved.
    pub(crate) approved: Vec<(String, String)>,
    /// The id of an action.
    pub(crate) rejected: Vec<String>,
    /// Failed actions that were sent again.
    pub(crate) retried: u64,
    /// What should not have been answered.
    pub(crate) faults: Vec<String>,
}

/// Whoever decides.
#[derive(Clone)]
pub(crate) struct Reviewer {
    client: Client,
    decided: Arc<Mutex<Decided>>,
}

impl Reviewer {
    pub(crate) const fn new(client: Client, decided: Arc<Mutex<Decided>>) -> Self {
        Self { client, decided }
    }

    /// Decides on what waits until `stop`. Some is left for later, so that newer changes are folded in.
    pub(crate) async fn decide(self, seed: u64, stop: CancellationToken) {
        let mut random = StdRng::seed_from_u64(seed);
        while !stop.is_cancelled() {
            let mut waiting = self.list("pending").await;
            waiting.shuffle(&mut random);
            for action in waiting {
                match random.random_range(0..100) {
                    0..20 => {}
                    20..45 if is_rejected(text(&action["user"]["userName"])) => {
                        self.reject(&action).await;
                    }
                    20..40 => self.approve(&self.live(&action).await.unwrap_or(action)).await,
                    _ => self.approve(&action).await,
                }
            }
            sleep(Duration::from_millis(random.random_range(50..400))).await;
        }
    }

    /// Has what failed sent again until `stop`.
    pub(crate) async fn retry(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            for action in self.list("failed").await {
                let path = format!("{ACTIONS}/{}/retry", text(&action["id"]));
                let answer = self.client.ask(Method::POST, &path, None).await;
                if answer.is_some_and(|answer| answer.is_accepted()) {
                    self.note(|decided| decided.retried += 1);
                }
            }
            sleep(RETRY_EVERY).await;
        }
    }

    async fn list(&self, status: &str) -> Vec<Value> {
        let path = format!("{ACTIONS}?status={status}&limit=100");
        let answer = self.client.ask(Method::GET, &path, None).await;
        let body = answer.filter(Answer::is_accepted).map(|answer| answer.body);
        body.and_then(|body| body["items"].as_array().cloned()).unwrap_or_default()
    }

    /// An action as a reviewer sees it who opens it: over what the app has now.
    async fn live(&self, action: &Value) -> Option<Value> {
        let path = format!("{ACTIONS}/{}", text(&action["id"]));
        let answer = self.client.ask(Method::GET, &path, None).await?;
        answer.is_accepted().then_some(answer.body)
    }

    async fn approve(&self, action: &Value) {
        let (id, digest) = (text(&action["id"]), text(&action["digest"]));
        if self.decision(id, "approve", &json!({ "digest": digest })).await {
            self.note(|decided| decided.approved.push((id.to_owned(), digest.to_owned())));
        }
    }

    async fn reject(&self, action: &Value) {
        let id = text(&action["id"]);
        if self.decision(id, "reject", &json!({ "reason": "Not now." })).await {
            self.note(|decided| decided.rejected.push(id.to_owned()));
        }
    }

    /// Whether it was answered that the decision stands. That somebody was quicker, 409, is no fault.
    async fn decision(&self, id: &str, step: &str, body: &Value) -> bool {
        let answer =
            self.client.ask(Method::POST, &format!("{ACTIONS}/{id}/{step}"), Some(body)).await;
        let Some(answer) = answer else { return false };
        if answer.says_no() && answer.status != 409 {
            self.note(|decided| decided.faults.push(format!("{step} {id}: {answer:?}")));
        }
        answer.is_accepted()
    }

    fn note(&self, what: impl FnOnce(&mut Decided)) {
        what(&mut self.decided.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
