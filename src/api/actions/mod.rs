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
        store::{self, Filter, Part},
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
    known(&state.pool, &apps, &filter, &mut query).await?;
    query.finish()?;

    let part = page.cursor.as_deref().map_or(Part::First, Part::After);
    let leaf = store::list(&state.pool, &filter, filter.order(), part, page.limit).await?;
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

/// A list of an app or a source that is not there would be empty, and look as if all was well.
async fn known(
    pool: &PgPool,
    apps: &[App],
    filter: &Filter,
    query: &mut Query,
) -> sqlx::Result<()> {
    let one_of = |slugs: Vec<&str>| format!("Must be one of {}.", slugs.join(", "));
    if let Some(app) = &filter.app
        && !apps.iter().any(|known| known.slug == *app)
    {
        query.fault("app", one_of(apps.iter().map(|app| &*app.slug).collect()));
    }
    if let Some(source) = &filter.source {
        let sources = directory::store::source_names(pool).await?;
        if !sources.iter().any(|(known, _)| known.0 == *source) {
            query.fault("source", one_of(sources.iter().map(|(source, _)| &*source.0).collect()));
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
