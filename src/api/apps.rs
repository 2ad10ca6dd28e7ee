//! Apps and how they are provisioned. Their credentials are not part of what is told.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgPool;
use time::{OffsetDateTime, serde::rfc3339};

use super::{ApiState, Listed, body::Body, path::In, problem::Problem, proof::May};
use crate::{
    access::{Owner, Reader},
    apps::{
        App, Approvals, Connection, ConnectorKind, Deletes, Learnt, Lookups, OnDelete, OnSuspend,
        Provisioning, Updates, change::Kind, store,
    },
    kernel::AppId,
    queue::configure::{self, Configured},
};

/// An app, as told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AppView {
    id: AppId,
    slug: String,
    name: String,
    connection: Option<ConnectionView>,
    provisioning: ProvisioningView,
    paused: Option<PauseView>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ConnectionView {
    connector: ConnectorKind,
    base_url: String,
    updates: Updates,
    lookups: Lookups,
    deletes: Deletes,
    learnt: Option<Learnt>,
    capabilities: Option<Value>,
    #[serde(with = "rfc3339::option")]
    verified_at: Option<OffsetDateTime>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProvisioningView {
    enabled: bool,
    approve: Vec<Kind>,
    on_delete: OnDelete,
    on_suspend: OnSuspend,
    four_eyes: bool,
}

#[derive(Debug, Serialize)]
struct PauseView {
    #[serde(with = "rfc3339")]
    at: OffsetDateTime,
    because: String,
}

/// The check boxes of *Require admin approval before this action is performed*.
const BOXES: [Kind; 4] = [Kind::Create, Kind::Update, Kind::Suspend, Kind::Delete];

fn approvals(held: &[Kind]) -> Approvals {
    let has = |kind| held.contains(&kind);
    Approvals {
        create: has(Kind::Create),
        update: has(Kind::Update),
        suspend: has(Kind::Suspend),
        delete: has(Kind::Delete),
    }
}

impl From<App> for AppView {
    fn from(app: App) -> Self {
        let Provisioning { enabled, approve, on_delete, on_suspend, four_eyes } = app.provisioning;
        let approve = BOXES.into_iter().filter(|kind| approve.require(*kind)).collect();
        Self {
            id: app.id,
            slug: app.slug,
            name: app.name,
            connection: app.connection.map(ConnectionView::from),
            provisioning: ProvisioningView { enabled, approve, on_delete, on_suspend, four_eyes },
            paused: app.pause.map(|pause| PauseView { at: pause.at, because: pause.because }),
        }
    }
}

impl From<Connection> for ConnectionView {
    fn from(connection: Connection) -> Self {
        Self {
            connector: connection.connector,
            base_url: connection.base_url.into(),
            updates: connection.updates,
            lookups: connection.lookups,
            deletes: connection.deletes,
            learnt: connection.learnt,
            capabilities: connection.capabilities,
            verified_at: connection.verified_at,
        }
    }
}

/// Every app. There are a handful, so one page holds them all.
pub(super) async fn list(
    State(state): State<ApiState>,
    May(_): May<Reader>,
) -> Result<Json<Listed<AppView>>, Problem> {
    let apps = store::list(&mut *state.pool.acquire().await?).await?;
    Ok(Json(Listed { items: apps.into_iter().map(AppView::from).collect(), next_cursor: None }))
}

/// One app.
pub(super) async fn show(
    State(state): State<ApiState>,
    May(_): May<Reader>,
    In(slug): In<String>,
) -> Result<Json<AppView>, Problem> {
    Ok(Json(find(&state.pool, &slug).await?.into()))
}

/// The app with its new settings, and what they leave undone.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConfiguredView {
    app: AppView,
    still_waiting: Vec<Waiting>,
    without_account: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Waiting {
    kind: Kind,
    count: i64,
}

/// Changes how an app is provisioned by a merge patch (RFC 7396): absent is unchanged.
pub(super) async fn configure(
    State(state): State<ApiState>,
    May(owner): May<Owner>,
    In(slug): In<String>,
    mut body: Body,
) -> Result<Json<ConfiguredView>, Problem> {
    let enabled = body.flag("enabled");
    let approve = body.all_parsed::<Kind>("approve");
    if approve.as_ref().is_some_and(|held| held.contains(&Kind::Reactivate)) {
        body.fault("approve", "Leave reactivate out: it needs approval when create does.");
    }
    let on_delete = body.parsed::<OnDelete>("onDelete");
    let on_suspend = body.parsed::<OnSuspend>("onSuspend");
    let four_eyes = body.flag("fourEyes");
    body.finish(Some(()))?;

    let app = find(&state.pool, &slug).await?;
    let before = app.provisioning;
    let provisioning = Provisioning {
        enabled: enabled.unwrap_or(before.enabled),
        approve: approve.map_or(before.approve, |held| approvals(&held)),
        on_delete: on_delete.unwrap_or(before.on_delete),
        on_suspend: on_suspend.unwrap_or(before.on_suspend),
        four_eyes: four_eyes.unwrap_or(before.four_eyes),
    };
    let Configured { still_waiting, without_account } =
        configure::configure(&state.pool, state.clock.now(), &owner, &app, provisioning).await?;
    let still_waiting =
        still_waiting.into_iter().map(|(kind, count)| Waiting { kind, count }).collect();
    let app = App { provisioning, ..app }.into();
    Ok(Json(ConfiguredView { app, still_waiting, without_account }))
}

async fn find(pool: &PgPool, slug: &str) -> Result<App, Problem> {
    let app = store::find_by_slug(pool, slug).await?;
    app.ok_or_else(|| {
        Problem::not_found("There is no such app. GET /api/v1/apps lists those there are.")
    })
}
