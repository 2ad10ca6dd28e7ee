//! The queue.

use std::collections::HashMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};
use tower_sessions::Session;

use super::{
    page,
    people::{Sources, name_of, sources, who},
    query,
};
use crate::{
    access::{Actor, Reader},
    apps::App,
    directory::{self, User},
    kernel::UserId,
    queue::{
        self, Action, State as ActionState,
        search::Search,
        store::{Filter, Tab as Tabbed},
    },
    web::{
        parts::{Badge, Callout, ChangeLine, Moment, Pager, Tab, Tone, Who, counted},
        paths,
        problem::Problem,
        queue::{Note, Nothing, QueuePage, QueueRow, QueueState, RowDecide},
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        status,
        surroundings::{at_most, echosign, how_many},
    },
};

/// How many actions a page shows.
const PAGE: usize = 50;
/// After how long a wait is shown as too long.
const LATE: Duration = Duration::hours(12);

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    status: String,
    #[serde(default)]
    q: String,
    cursor: Option<String>,
}

/// The word of the tab that is not one of the store's.
const ALL: &str = "all";

impl Asked {
    /// The tab that is shown; `None` for all of them.
    fn tab(&self) -> Option<Tabbed> {
        match &*self.status {
            ALL => None,
            word => Some(word.parse().unwrap_or(Tabbed::Pending)),
        }
    }

    fn word(&self) -> &'static str {
        self.tab().map_or(ALL, Tabbed::word)
    }

    fn address(&self, cursor: &str) -> String {
        // What waits is what one comes for: it needs no word.
        let word = if self.tab() == Some(Tabbed::Pending) { "" } else { self.word() };
        format!(
            "{}{}",
            paths::QUEUE,
            query(&[("status", word), ("q", &self.q), ("cursor", cursor)])
        )
    }
}

/// `GET /users/provisioning`
pub(super) async fn list(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let search = Search::read(&asked.q, now);
    let filter = Filter { tab: asked.tab(), ..search.filter };
    let actions = queue::store::list(&state.pool, &filter, asked.cursor.as_deref(), PAGE).await?;
    let ids: Vec<UserId> = actions.items.iter().map(|action| action.content.account).collect();
    let people = directory::store::find_all(&state.pool, &ids).await?;
    let people: HashMap<_, _> = people.into_iter().map(|user| (user.id, user)).collect();
    let app = echosign(&state).await?;
    let drawing = Drawing {
        actor: reader.actor(),
        app: &app,
        people: &people,
        sources: sources(&state).await?,
        now,
    };
    let rows: Vec<_> = actions.items.iter().map(|action| drawing.row(action)).collect();
    let counts = how_many(&state).await?;
    let problems = search.problems.join(" ");
    let shell = Shell {
        flash: match session::said(&session).await? {
            _ if !problems.is_empty() => Some(Callout::new(Tone::Warn, problems).announced()),
            said => said,
        },
        ..Shell::around(&state, reader.actor(), "Provisioning", Place::Queue, &app, counts.pending)
    };
    page(&QueuePage {
        shell: shell.by_way_of([Crumb::at("Users"), Crumb::at("Provisioning")]),
        state: QueueState {
            waiting: counts.pending.unsigned_abs(),
            oldest: counts.oldest.map(|at| Moment::ago(at, now)),
            dot: dot(&app),
            app: how_is(&app),
        },
        tabs: tabs(&asked, counts),
        status: asked.word().to_owned(),
        waits: asked.tab() == Some(Tabbed::Pending),
        nothing: nothing(&asked, &app),
        here: asked.address(asked.cursor.as_deref().unwrap_or_default()),
        pager: Pager {
            first: asked.cursor.is_some().then(|| asked.address("")),
            next: actions.next.as_deref().map(|next| asked.address(next)),
            onward: if filter.oldest_first() { "Newer" } else { "Older" },
            shown: counted(rows.len(), "action", "actions"),
        },
        rows,
        query: asked.q,
    })
}

fn tabs(asked: &Asked, counts: queue::store::Counts) -> Vec<Tab> {
    let tab = |name, word: &str, count: Option<i64>, bad| {
        let of = Asked { status: word.to_owned(), q: asked.q.clone(), cursor: None };
        Tab {
            href: of.address(""),
            name,
            count: count.filter(|count| *count > 0).map(at_most),
            bad,
            here: asked.word() == word,
        }
    };
    vec![
        tab("Pending", "pending", Some(counts.pending), false),
        tab("In progress", "progress", Some(counts.progress), false),
        tab("Failed", "failed", Some(counts.failed), true),
        tab("Done", "done", None, false),
        tab("Rejected", "rejected", None, false),
        tab("All", ALL, None, false),
    ]
}

fn nothing(asked: &Asked, app: &App) -> Nothing {
    match asked.tab() {
        _ if !asked.q.trim().is_empty() => Nothing::Matches,
        Some(Tabbed::Pending) if app.connection.is_none() => Nothing::Unconnected,
        Some(Tabbed::Pending) => Nothing::Waits,
        _ => Nothing::Here,
    }
}

fn dot(app: &App) -> &'static str {
    match (&app.connection, &app.pause) {
        (Some(_), Some(_)) => "bad",
        (Some(_), None) if app.provisioning.enabled => "good",
        _ => "warn",
    }
}

/// How the app is, in a sentence.
fn how_is(app: &App) -> String {
    match (&app.connection, &app.pause) {
        (None, _) => format!("{} is not connected.", app.name),
        (Some(_), Some(_)) => format!("{} is paused.", app.name),
        (Some(_), None) if app.provisioning.enabled => format!("{} is connected.", app.name),
        (Some(_), None) => format!("Provisioning to {} is off.", app.name),
    }
}

/// What rows are drawn with.
struct Drawing<'a> {
    actor: &'a Actor,
    app: &'a App,
    people: &'a HashMap<UserId, User>,
    sources: Sources,
    now: OffsetDateTime,
}

impl Drawing<'_> {
    fn row(&self, action: &Action) -> QueueRow {
        let href = paths::action(action.id);
        let who = match self.people.get(&action.content.account) {
            Some(user) => who(user),
            None => Who::new("Somebody", ""),
        };
        let pending = action.state == ActionState::Pending;
        QueueRow {
            id: action.id.to_string(),
            who: who.opening(href.clone()),
            kind: Badge::kind(action.content.kind),
            change: ChangeLine::of(action.content.kind, &action.content.changes),
            notes: self.notes(action),
            at: Moment::short(action.created_at, self.now),
            late: pending && self.now - action.created_at > LATE,
            source: name_of(&self.sources, &action.source),
            state: status::badge(action.state.status()),
            decide: (pending && self.may_decide(action) && action.candidates.is_empty()).then(
                || RowDecide {
                    approve: paths::action_step(action.id, "approve"),
                    reject: format!("{href}#decide"),
                    digest: action.digest().to_string(),
                },
            ),
        }
    }

    fn may_decide(&self, action: &Action) -> bool {
        self.actor.approver().is_ok() && !self.is_barred(action)
    }

    fn is_barred(&self, action: &Action) -> bool {
        action.bars(self.actor, self.app)
    }

    fn notes(&self, action: &Action) -> Vec<Note> {
        match &action.state {
            ActionState::Failed(_, _, cause) => vec![Note::bad(cause.clone())],
            ActionState::Pending if self.actor.approver().is_ok() && self.is_barred(action) => {
                vec![Note::quiet("You asked for this, or it is about you")]
            }
            ActionState::Pending if !action.candidates.is_empty() => {
                vec![Note::look("Which account is theirs?")]
            }
            ActionState::Approved(_) if self.app.pause.is_some() => vec![Note::look("Paused")],
            _ => Vec::new(),
        }
    }
}
