//! Reading the queue.

pub(super) mod decide;
pub(super) mod undo;
pub(super) mod view;

use std::collections::HashMap;

use axum::{Json, extract::State};
use sqlx::PgPool;
use time::OffsetDateTime;

use self::view::{ActionInFull, ActionView};
use super::{ApiState, Listed, path::In, problem::Problem, proof::May, query::Query};
use crate::{
    access::Reader,
    apps::{self, App, change::Kind},
    directory::{self, group_store},
    jobs,
    kernel::{ActionId, AppId},
    queue::{
        self, Action, Status, preview,
        search::Search,
        store::{self, Part, Sieve, Unknown, list_through},
    },
};

/// How many groups of a person are named.
const GROUPS: usize = 100;

/// One page of the actions.
pub(super) async fn list(
    State(state): State<ApiState>,
    May(reader): May<Reader>,
    mut query: Query,
) -> Result<Json<Listed<ActionView>>, Problem> {
    let apps = apps::store::list(&mut *state.pool.acquire().await?).await?;
    let line = query.text("q").unwrap_or_default();
    let search = Search::read(&line, state.clock.now(), reader.actor().email.as_deref());
    for says in search.problems {
        query.fault("q", says);
    }
    let mut filter = search.filter;
    filter.status = both(&mut query, "status", filter.status, Query::parsed::<Status>);
    filter.tab = filter.status.map(Status::tab);
    let searched = Some(filter.kinds).filter(|kinds| !kinds.is_empty());
    let one = |query: &mut Query, name| query.parsed::<Kind>(name).map(|kind| vec![kind]);
    filter.kinds = both(&mut query, "kind", searched, one).unwrap_or_default();
    filter.app = both(&mut query, "app", filter.app, Query::text);
    filter.source = both(&mut query, "source", filter.source, Query::text);
    filter.user = query.parsed("user");
    let page = query.page();
    let sieve = filter.sieve(&state.pool).await?;
    known(&state.pool, &apps, &sieve, &mut query).await?;
    query.finish()?;

    let part = page.cursor.as_deref().map_or(Part::First, Part::After);
    let leaf = list_through(&state.pool, &sieve, filter.order(), part, page.limit).await?;
    let items = told(&state.pool, apps, &leaf.actions).await?;
    Ok(Json(Listed { items, next_cursor: leaf.next }))
}

/// One action with all that a reviewer sees, read from its app a moment ago where it is pending. The
/// digest is the one to approve with.
pub(super) async fn show(
    State(state): State<ApiState>,
    May(_): May<Reader>,
    In(id): In<ActionId>,
) -> Result<Json<ActionInFull>, Problem> {
    let now = state.clock.now();
    let preview = preview::glance(&state.pool, &state.connectors, now, id).await?;
    let preview = preview.ok_or_else(|| Problem::not_found("There is no such action."))?;
    let attempts = store::attempts(&state.pool, id).await?;
    let groups = group_store::names_of(&state.pool, preview.user.id, GROUPS).await?;
    let sends_at = match (&preview.action.state, &*attempts) {
        (queue::State::Approved(_), []) => sends_at(&state.pool, now, &preview.action).await?,
        _ => None,
    };
    Ok(Json(ActionInFull::new(preview, groups.first, attempts, sends_at)))
}

/// Until when an approval that was not tried yet can be undone at leisure.
async fn sends_at(
    pool: &PgPool,
    now: OffsetDateTime,
    action: &Action,
) -> sqlx::Result<Option<OffsetDateTime>> {
    let due = jobs::store::due_at(pool, &action.lane(), &action.job()).await?;
    Ok(due.filter(|at| *at > now))
}

/// What a parameter and a qualifier in `q` both restrict the list to.
fn both<T: PartialEq>(
    query: &mut Query,
    name: &'static str,
    searched: Option<T>,
    read: impl Fn(&mut Query, &'static str) -> Option<T>,
) -> Option<T> {
    let given = read(query, name);
    if given.is_some() && searched.is_some() && given != searched {
        query.fault(name, "Is another one than the one in q. Leave one of them out.");
    }
    given.or(searched)
}

/// A list of an app, a source or a decider that is not there would be empty, and look as if all was well.
async fn known(pool: &PgPool, apps: &[App], sieve: &Sieve, query: &mut Query) -> sqlx::Result<()> {
    let one_of = |slugs: Vec<&str>| format!("Must be one of {}.", slugs.join(", "));
    for unknown in sieve.unknown() {
        match unknown {
            Unknown::App(_) => {
                query.fault("app", one_of(apps.iter().map(|app| &*app.slug).collect()));
            }
            Unknown::Source(_) => {
                let known = directory::store::source_names(pool).await?;
                query.fault("source", one_of(known.iter().map(|(source, _)| &*source.0).collect()));
            }
            Unknown::Decider(name) => {
                query.fault(
                    "q",
                    format!("No administrator and no token is called {name}: name one after by."),
                );
            }
        }
    }
    Ok(())
}

/// Actions with their people and apps, which are read once for all of them.
async fn told(pool: &PgPool, apps: Vec<App>, actions: &[Action]) -> sqlx::Result<Vec<ActionView>> {
    let ids: Vec<_> = actions.iter().map(|action| action.content.account).collect();
    let users = directory::store::find_all(pool, &ids).await?;
    let users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
    let apps: HashMap<AppId, _> = apps.into_iter().map(|app| (app.id, app)).collect();
    actions
        .iter()
        .map(|action| {
            let user = users.get(&action.content.account).ok_or(sqlx::Error::RowNotFound)?;
            let app = apps.get(&action.content.app).ok_or(sqlx::Error::RowNotFound)?;
            Ok(ActionView::new(action, user, app))
        })
        .collect()
}
