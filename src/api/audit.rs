//! Reading the history.

use std::collections::HashMap;

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use time::{OffsetDateTime, serde::rfc3339};

use super::{ApiState, Listed, problem::Problem, proof::May, query::Query};
use crate::{
    access::Reader,
    apps,
    audit::{self, Event, Filter, Verb},
    kernel::{ActionId, AppId, EventId, UserId},
};

/// An event, as told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventView {
    id: EventId,
    #[serde(with = "rfc3339")]
    at: OffsetDateTime,
    actor: ActorView,
    verb: Verb,
    action: Option<ActionId>,
    user: Option<UserId>,
    app: Option<String>,
    details: Option<Value>,
}

#[derive(Debug, Serialize)]
struct ActorView {
    kind: String,
    name: Option<String>,
}

/// One page of the history, newest first.
pub(super) async fn list(
    State(state): State<ApiState>,
    May(_): May<Reader>,
    mut query: Query,
) -> Result<Json<Listed<EventView>>, Problem> {
    let verb = query.text("verb").unwrap_or_default();
    if !Verb::ALL.iter().any(|known| known.word().starts_with(&*verb)) {
        query.fault(
            "verb",
            "Must be a verb such as action.approved, or the beginning of some, such as action.",
        );
    }
    let user = query.parsed("user");
    let page = query.page();
    query.finish()?;

    let apps = apps::store::list(&mut *state.pool.acquire().await?).await?;
    let apps: HashMap<AppId, String> = apps.into_iter().map(|app| (app.id, app.slug)).collect();
    let filter = Filter { verb, user };
    let page = audit::list(&state.pool, &filter, page.cursor.as_deref(), page.limit).await?;
    Ok(Json(page.map(|event| told(event, &apps)).into()))
}

fn told(event: Event, apps: &HashMap<AppId, String>) -> EventView {
    EventView {
        id: event.id,
        at: event.at,
        actor: ActorView { kind: event.actor_kind, name: event.actor },
        verb: event.verb,
        action: event.about.action,
        user: event.about.user,
        app: event.about.app.and_then(|app| apps.get(&app).cloned()),
        details: Some(event.details).filter(|details| !details.is_null()),
    }
}
