//! The stream of what happens to a list of actions.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{Request, Response, StatusCode, header},
};
use countersign::{
    access::Actor,
    kernel::ActionId,
    queue::live::{Live, Pace, SEATS},
};
use futures_util::StreamExt;
use sqlx::Executor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Site, router_with};
use crate::support::app::TestApp;

const QUEUE: &str = "/users/provisioning/live";
/// Nothing is found by looking, in the time that a test takes.
const BY_BELL: Pace = Pace { look: Duration::from_hours(1), ask: Duration::from_hours(1) };

/// The pages, while the queue is watched.
struct Watched {
    site: Site,
    live: Live,
    over: CancellationToken,
}

impl Watched {
    async fn at(pace: Pace) -> Self {
        let app = TestApp::provisioned().await;
        let (live, over) = app.live(pace);
        let router = router_with(&app, app.pool.clone(), live.clone());
        Self { site: Site { app, router }, live, over }
    }

    async fn ask(&self, actor: &Actor, path: &str) -> Response<Body> {
        let request = Request::builder()
            .uri(path)
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::COOKIE, self.site.cookie(actor).await);
        let request = request.body(Body::empty()).unwrap();
        self.site.router.clone().oneshot(request).await.unwrap()
    }

    async fn stream(&self, actor: &Actor, path: &str) -> Stream {
        let response = self.ask(actor, path).await;
        assert_eq!(response.status(), StatusCode::OK);
        Stream { body: response.into_body().into_data_stream(), read: String::new() }
    }
}

/// What a browser reads.
struct Stream {
    body: BodyDataStream,
    read: String,
}

impl Stream {
    /// Reads on to an event about an action.
    async fn until(&mut self, name: &str, action: ActionId) {
        while let Some(told) = self.next().await {
            if Some(told) == event(name, &[action]) {
                return;
            }
        }
        unreachable!("it ended without {name}");
    }

    /// The next event: its name and its data; none when it is over.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name| event.lines().find_map(|line| line.strip_prefix(name));
                let event = Some((field("event: ")?.to_owned(), field("data: ")?.to_owned()));
                let read = self.read.len() - rest.len();
                self.read.drain(..read);
                return event;
            }
            let bytes = self.body.next().await?.unwrap();
            self.read.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }
}

fn event(name: &str, ids: &[ActionId]) -> Option<(String, String)> {
    let ids: Vec<_> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    Some((name.to_owned(), format!("[{}]", ids.join(","))))
}

#[tokio::test]
async fn whoever_reads_is_told_what_others_decide() {
    let watched = Watched::at(BY_BELL).await;
    let auditor = watched.site.an_auditor().await;
    let app = &watched.site.app;
    let action = app.an_action_waits().await;
    let mut stream = watched.stream(&auditor, QUEUE).await;
    let mut rejected = watched.stream(&app.approver, &format!("{QUEUE}?status=rejected")).await;

    app.reject(action).await;

    stream.until("news", action).await;
    stream.until("moved", action).await;
    rejected.until("moved", action).await;
    rejected.until("news", action).await;
}

#[tokio::test]
async fn what_comes_is_told_only_where_the_list_shows_it() {
    let watched = Watched::at(BY_BELL).await;
    let app = &watched.site.app;
    app.a_person("ana@example.com").await;
    let ben = app.a_person("ben@example.com").await;
    let ben = app.actions(ben.id).await[0].id;

    let mut stream = watched.stream(&app.approver, &format!("{QUEUE}?q=ben")).await;

    assert_eq!(stream.next().await, event("news", &[ben]));
}

#[tokio::test]
async fn the_stream_is_neither_held_back_nor_kept() {
    let watched = Watched::at(BY_BELL).await;

    let response = watched.ask(&watched.site.app.owner, QUEUE).await;

    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("content-encoding"), None);
    assert_eq!(header("x-accel-buffering"), Some("no"));
    assert!(header("cache-control").is_some_and(|says| says.contains("no-")), "{response:?}");
}

#[tokio::test]
async fn the_stream_ends_with_the_server() {
    let watched = Watched::at(BY_BELL).await;
    let mut stream = watched.stream(&watched.site.app.owner, QUEUE).await;

    watched.over.cancel();

    assert_eq!(stream.next().await, event("bye", &[]));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn the_stream_ends_for_whoever_signed_out_or_may_no_longer_sign_in() {
    let ask = Duration::from_millis(20);
    let watched = Watched::at(Pace { ask, ..BY_BELL }).await;
    let app = &watched.site.app;
    let mut signed_out = watched.stream(&app.owner, QUEUE).await;
    app.pool.execute("delete from sessions").await.unwrap();
    let mut disabled = watched.stream(&app.approver, QUEUE).await;
    app.pool.execute("update administrators set disabled_at = created_at").await.unwrap();

    assert_eq!(signed_out.next().await, None);
    assert_eq!(disabled.next().await, None);
}

#[tokio::test]
async fn too_many_are_asked_to_come_back() {
    let watched = Watched::at(BY_BELL).await;
    let _others: Vec<_> = (0..SEATS).map_while(|_| watched.live.watch()).collect();

    let response = watched.ask(&watched.site.app.owner, QUEUE).await;

    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(header::RETRY_AFTER));
}
