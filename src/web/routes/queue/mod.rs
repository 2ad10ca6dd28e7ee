//! The queue.

mod asked;
mod live;
mod live_row;
mod row;

use std::collections::HashMap;

use axum::{
    extract::{Query, State},
    response::Response,
};
use tower_sessions::Session;

pub(super) use self::{asked::Asked, live::live, live_row::row};
use self::{
    asked::{ALL, Understood},
    row::Drawing,
};
use super::{page, people::sources};
use crate::{
    access::Reader,
    apps::App,
    directory,
    kernel::UserId,
    queue::{
        self,
        store::{Counts, Filter, Order, Part, Tab as Tabbed},
    },
    web::{
        parts::{Callout, Moment, Pager, Tab, Tone, counted},
        problem::Problem,
        queue::{Nothing, QueuePage, QueueState},
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        surroundings::{at_most, echosign, how_many},
    },
};

/// How many actions a page shows.
const PAGE: usize = 50;

/// `GET /users/provisioning`
pub(super) async fn list(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let Understood { filter, order, problems } = asked.understood(now, reader.actor());
    let leaf = queue::store::list(&state.pool, &filter, order, asked.part(), PAGE).await?;
    let ids: Vec<UserId> = leaf.actions.iter().map(|action| action.content.account).collect();
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
    let rows: Vec<_> = leaf.actions.iter().map(|action| drawing.row(action)).collect();
    let counts = how_many(&state).await?;
    let problems = problems.join(" ");
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
        tabs: tabs(&asked, filter.tab, counts),
        status: filter.tab.map_or(ALL, Tabbed::word).to_owned(),
        waits: filter.tab == Some(Tabbed::Pending),
        nothing: nothing(&asked, &filter, &app),
        here: asked.at(asked.part()),
        pager: Pager {
            first: (asked.part() != Part::First).then(|| asked.at(Part::First)),
            next: leaf.next.as_deref().map(|next| asked.at(Part::After(next))),
            onward: if order == Order::Oldest { "Newer" } else { "Older" },
            shown: counted(rows.len(), "action", "actions"),
        },
        rows,
        query: asked.q,
    })
}

fn tabs(asked: &Asked, here: Option<Tabbed>, counts: Counts) -> Vec<Tab> {
    let tab = |name, word: &str, count: Option<i64>, bad| Tab {
        href: asked.on(word).at(Part::First),
        name,
        count: count.filter(|count| *count > 0).map(at_most),
        bad,
        here: here.map_or(ALL, Tabbed::word) == word,
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

fn nothing(asked: &Asked, filter: &Filter, app: &App) -> Nothing {
    match filter.tab {
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
