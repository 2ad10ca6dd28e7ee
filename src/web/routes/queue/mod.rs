//! The queue.

mod asked;
mod hints;
mod live;
mod row;
mod terms;
pub(super) mod views;

use axum::{
    extract::{Query, State},
    response::Response,
};
use tower_sessions::Session;

use self::asked::{ALL, unheard_of};
pub(super) use self::{
    asked::{Asked, Understood},
    hints::Hints,
    live::live,
    row::{Drawing, redrawn, show as row},
    terms::terms,
};
use super::page;
use crate::{
    access::Reader,
    apps::App,
    queue::{
        self, Totals,
        run::Verdict,
        store::{Counts, Filter, Order, Part, Tab as Tabbed, list_through},
    },
    web::{
        parts::{Callout, Moment, Pager, Tab, Tone, count, counted},
        paths,
        problem::Problem,
        queue::{Choice, Nothing, QueuePage, QueueState, RowAct},
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        surroundings::up_to,
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
    page(&drawn(&state, &reader, &session, asked).await?)
}

/// The page of a list.
async fn drawn(
    state: &WebState,
    reader: &Reader,
    session: &Session,
    asked: Asked,
) -> Result<QueuePage, Problem> {
    let now = state.clock.now();
    let Understood { filter, order, mut problems } = asked.understood(now, reader.actor());
    let pool = &state.pool;
    let known = state.tally.now(pool, now).await?;
    let found = known.search(pool, &filter).await?;
    let (sieve, matching) = (found.sieve.on(filter.tab), found.counts);
    problems.extend(sieve.unknown().iter().map(unheard_of));
    let leaf = list_through(pool, &sieve, order, asked.part(), PAGE).await?;
    let drawing = Drawing::load(state, reader.actor(), &asked, &leaf.actions).await?;
    let rows: Vec<_> = leaf.actions.iter().map(|action| drawing.row(action)).collect();
    let app = drawing.app();
    let Totals { counts: all, oldest } = known.totals(pool).await?;
    let here = matching_here(&filter, matching);
    let decides = rows.iter().any(|row| matches!(row.act, RowAct::Decide(_)));
    let shell = Shell {
        flash: session::said(session).await?,
        ..Shell::around(state, reader.actor(), "Provisioning", Place::Queue, app, all.pending)
    };
    Ok(QueuePage {
        shell: shell.by_way_of([Crumb::at("Users"), Crumb::at("Provisioning")]),
        state: QueueState {
            waiting: all.pending.unsigned_abs(),
            oldest: oldest.map(|at| Moment::ago(at, now)),
            dot: dot(app),
            app: how_is(app),
        },
        tabs: tabs(&asked, filter.tab, matching),
        status: filter.tab.map_or(ALL, Tabbed::word).to_owned(),
        sort: asked.sort.clone(),
        orders: orders(&asked, &filter, order),
        views: views::menu(state, reader.actor(), &asked).await?,
        waits: filter.tab == Some(Tabbed::Pending),
        all: here.filter(|_| decides && problems.is_empty()).map(|all| up_to(matching.bound, all)),
        live: format!("{}{}", paths::LIVE, asked.context()),
        nothing: nothing(&asked, &filter, app),
        running: running(state).await?,
        pager: Pager {
            first: (asked.part() != Part::First).then(|| asked.at(Part::First)),
            previous: leaf.previous.as_deref().map(|mark| asked.at(Part::Before(mark))),
            next: leaf.next.as_deref().map(|mark| asked.at(Part::After(mark))),
            onward: onward(order),
            shown: shown(rows.len(), here, matching.bound),
        },
        problems,
        rows,
        query: asked.q,
    })
}

/// A decision on many that is under way, and the way to it.
async fn running(state: &WebState) -> Result<Option<Callout>, Problem> {
    let run = queue::store::runs::running(&state.pool).await?;
    Ok(run.map(|run| {
        let (done, all) = (count(run.reached.unsigned_abs()), count(run.total.unsigned_abs()));
        let says = match run.verdict {
            Verdict::Approve => {
                format!("{} approves {all} changes at once: {done} are done.", run.name)
            }
            Verdict::Reject => {
                format!("{} rejects {all} changes at once: {done} are done.", run.name)
            }
        };
        Callout::new(Tone::Note, says).leading_to(paths::run(run.id), "See how it goes")
    }))
}

/// How many are in the list, where that is counted.
fn matching_here(filter: &Filter, counts: Counts) -> Option<i64> {
    match filter.tab? {
        Tabbed::Pending => Some(counts.pending),
        Tabbed::Progress => Some(counts.progress),
        Tabbed::Failed => Some(counts.failed),
        Tabbed::Done | Tabbed::Rejected => None,
    }
}

/// `50 of 1,204`
fn shown(rows: usize, all: Option<i64>, bound: i64) -> String {
    match all {
        Some(all) if all > i64::try_from(rows).unwrap_or(i64::MAX) => {
            format!("{} of {}", count(rows), up_to(bound, all))
        }
        _ => counted(rows, "action", "actions"),
    }
}

const fn onward(order: Order) -> &'static str {
    match order {
        Order::Oldest => "Newer",
        Order::Newest => "Older",
        _ => "Next",
    }
}

/// The orders that the list can be in.
fn orders(asked: &Asked, filter: &Filter, here: Order) -> Vec<Choice> {
    let orders = [
        (Order::Oldest, "Oldest first"),
        (Order::Newest, "Newest first"),
        (Order::Person, "Person, A to Z"),
        (Order::PersonBackwards, "Person, Z to A"),
        (Order::Kind, "Action"),
    ];
    let served = orders.into_iter().filter(|(order, _)| order.serves(filter));
    served
        .map(|(order, name)| {
            let word = if order == filter.order() { "" } else { order.word() };
            Choice { href: asked.sorted(word).at(Part::First), name, here: order == here }
        })
        .collect()
}

fn tabs(asked: &Asked, here: Option<Tabbed>, counts: Counts) -> Vec<Tab> {
    let tab = |name, word: &str, count: Option<i64>, bad| Tab {
        href: asked.on(word).at(Part::First),
        name,
        count: count.filter(|count| *count > 0).map(|count| up_to(counts.bound, count)),
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
