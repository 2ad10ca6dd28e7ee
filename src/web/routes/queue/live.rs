//! What happens to a list of actions, as a stream of events.

use std::{collections::VecDeque, convert::Infallible};

use axum::{
    extract::{Query, State},
    http::{HeaderName, StatusCode},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::stream;
use tokio::time::{Instant, Interval, interval_at};
use tower_sessions::Session;

use super::Asked;
use crate::{
    access::Reader,
    kernel::ActionId,
    queue::{
        live::{Heard, Told, Watching},
        store::Filter,
    },
    web::{
        problem::Problem,
        session::{self, May},
        state::WebState,
    },
};

/// What proxies are told that would hold an answer back until it is whole.
const UNHELD: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// `GET /users/provisioning/live`: the events `moved` (ids of actions whose state or content changed) and `news`
/// (ids of those that came to the list), `reload` where some were missed, and `bye` before the server ends.
pub(in crate::web::routes) async fn live(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let filter = asked.understood(state.clock.now(), reader.actor()).filter;
    let Some(watching) = state.live.watch() else {
        let says = "Too many watch the queue at once. The page works all the same; reload it.";
        return Err(Problem::told(StatusCode::SERVICE_UNAVAILABLE, says));
    };
    let ask = state.live.pace().ask;
    let mut line = Line {
        watching,
        filter,
        session,
        due: VecDeque::new(),
        ask: interval_at(Instant::now() + ask, ask),
        is_over: false,
        state,
    };
    let lately = line.state.live.lately().await?;
    line.tell(&lately).await?;
    let events = stream::unfold(line, async |mut line| {
        Some((Ok::<_, Infallible>(line.next().await?), line))
    });
    Ok(([UNHELD], Sse::new(events).keep_alive(KeepAlive::default())).into_response())
}

/// A line to one reader.
struct Line {
    state: WebState,
    session: Session,
    filter: Filter,
    watching: Watching,
    /// What is still to be said.
    due: VecDeque<Event>,
    /// When to ask whether the reader is still signed in.
    ask: Interval,
    is_over: bool,
}

impl Line {
    /// The next event, once there is one; none when it is over.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.due.pop_front() {
                return Some(event);
            }
            if self.is_over {
                return None;
            }
            tokio::select! {
                heard = self.watching.next() => self.hear(heard).await,
                _ = self.ask.tick() => self.is_over = !self.is_signed_in().await,
            }
        }
    }

    async fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Told(told) => {
                if let Err(error) = self.tell(&told).await {
                    // The browser comes back, and looks at everything anew.
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "a line to a reader was cut"
                    );
                    self.is_over = true;
                }
            }
            Heard::Missed => self.say("reload", &[]),
            Heard::Over => {
                self.say("bye", &[]);
                self.is_over = true;
            }
        }
    }

    async fn tell(&mut self, told: &Told) -> sqlx::Result<()> {
        let moved = told.moved();
        if !moved.is_empty() {
            self.say("moved", &moved);
        }
        let news = told.came(&self.state.pool, &self.filter).await?;
        if !news.is_empty() {
            self.say("news", &news);
        }
        Ok(())
    }

    fn say(&mut self, name: &str, actions: &[ActionId]) {
        let ids: Vec<_> = actions.iter().map(ToString::to_string).collect();
        let ids = serde_json::json!(ids).to_string();
        self.due.push_back(Event::default().event(name).data(ids));
    }

    /// Whether the session still stands, and whoever it belongs to may still sign in.
    async fn is_signed_in(&self) -> bool {
        self.session.load().await.is_ok()
            && matches!(session::actor(&self.session, &self.state).await, Ok(Some(_)))
    }
}
