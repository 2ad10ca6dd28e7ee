//! Apps and how they are provisioned. Their credentials are not part of what is told.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::PgPool;
use time::{OffsetDateTime, serde::rfc3339};

use super::{ApiState, Listed, body::Body, path::In, problem::Problem, proof::May};
use crate::{
    access::{Owner, Reader},
    apps::{
        App, Approvals, Connection, ConnectorKind, Deletes, Learnt, Lookups, MailDomain, OnDelete,
        OnSuspend, Pause, PausedBy, Provisioning, ReasonRule, Reasons, Updates, change::Kind, once,
        store,
    },
    jobs::store::gates::{self, Gate},
    kernel::AppId,
    queue::{
        configure::{self, Configured},
        domains::{self, DomainsError},
        flow::{Tuned, gate_of},
        reasons,
    },
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
    sending: Tuned,
    paused: Option<PauseView>,
    #[serde(with = "rfc3339::option")]
    draining_since: Option<OffsetDateTime>,
    #[serde(with = "rfc3339::option")]
    rests_until: Option<OffsetDateTime>,
    requests_left: Option<i64>,
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
    reasons: Reasons,
    domains: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PauseView {
    #[serde(with = "rfc3339")]
    at: OffsetDateTime,
    by: PausedBy,
    because: String,
}

impl From<Pause> for PauseView {
    fn from(Pause { at, by, because }: Pause) -> Self {
        Self { at, by, because }
    }
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

impl AppView {
    /// An app as it is now, with how the gate stands that its actions go through.
    pub(super) async fn read(state: &ApiState, app: App) -> sqlx::Result<Self> {
        let gate = gates::find(&state.pool, &gate_of(app.id)).await?;
        Ok(Self::new(app, gate, state.clock.now()))
    }

    fn new(app: App, gate: Gate, now: OffsetDateTime) -> Self {
        let Provisioning { enabled, approve, on_delete, on_suspend, four_eyes } = app.provisioning;
        let approve = BOXES.into_iter().filter(|kind| approve.require(*kind)).collect();
        Self {
            id: app.id,
            slug: app.slug,
            name: app.name,
            connection: app.connection.map(ConnectionView::from),
            provisioning: ProvisioningView {
                enabled,
                approve,
                on_delete,
                on_suspend,
                four_eyes,
                reasons: app.reasons,
                domains: app.domains,
            },
            sending: Tuned { sending: app.sending, rate: gate.rate },
            paused: app.pause.map(PauseView::from),
            draining_since: app.draining_at,
            rests_until: gate.opens_at.filter(|at| *at > now),
            requests_left: gate.left(now).map(|(left, _)| left.max(0)),
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
    let mut items = Vec::new();
    for app in store::list(&mut *state.pool.acquire().await?).await? {
        items.push(AppView::read(&state, app).await?);
    }
    Ok(Json(Listed { items, next_cursor: None }))
}

/// One app.
pub(super) async fn show(
    State(state): State<ApiState>,
    May(_): May<Reader>,
    In(slug): In<String>,
) -> Result<Json<AppView>, Problem> {
    let app = find(&state.pool, &slug).await?;
    Ok(Json(AppView::read(&state, app).await?))
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
    let ours = body.all_parsed::<MailDomain>("domains").map(once);
    if ours.as_ref().is_some_and(|ours| ours.len() > domains::MOST) {
        body.fault("domains", DomainsError::TooMany);
    }
    let app = find(&state.pool, &slug).await?;
    let rules = body.object("reasons").map(|patch| patched(&app.reasons, patch, &mut body));
    body.finish(Some(()))?;

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
    if let Some(rules) = rules {
        reasons::want(&state.pool, state.clock.now(), &owner, &app, rules).await?;
    }
    if let Some(ours) = ours {
        domains::own(&state.pool, state.clock.now(), &owner, &app, ours).await?;
    }
    let still_waiting =
        still_waiting.into_iter().map(|(kind, count)| Waiting { kind, count }).collect();
    let app = AppView::read(&state, find(&state.pool, &slug).await?).await?;
    Ok(Json(ConfiguredView { app, still_waiting, without_account }))
}

/// Rules as a merge patch leaves them: a kind's `null` removes its rule.
fn patched(before: &Reasons, patch: Map<String, Value>, body: &mut Body) -> Reasons {
    let mut rules = before.clone();
    for (word, patch) in patch {
        let field = format!("reasons.{word}");
        let kind = match word.parse::<Kind>() {
            Ok(kind) => kind,
            Err(error) => {
                body.fault(&field, error);
                continue;
            }
        };
        match rule(before.get(&kind), patch) {
            Ok(rule) => _ = rules.insert(kind, rule),
            Err(error) => body.fault(&field, format_args!("Is no rule: {error}.")),
        }
    }
    for reasons::RuleFault { kind, field, says } in reasons::faults(&rules) {
        body.fault(&format!("reasons.{kind}.{field}"), says);
    }
    rules
}

/// One rule as a merge patch leaves it.
fn rule(before: Option<&ReasonRule>, patch: Value) -> serde_json::Result<ReasonRule> {
    let patch = match patch {
        Value::Null => return Ok(ReasonRule::default()),
        Value::Object(patch) => patch,
        other => return serde_json::from_value(other),
    };
    let mut rule = serde_json::to_value(before.cloned().unwrap_or_default())?;
    for (name, value) in patch {
        rule[name] = value;
    }
    serde_json::from_value(rule)
}

/// The app of that name in addresses.
pub(super) async fn find(pool: &PgPool, slug: &str) -> Result<App, Problem> {
    let app = store::find_by_slug(pool, slug).await?;
    app.ok_or_else(|| {
        Problem::not_found("There is no such app. GET /api/v1/apps lists those there are.")
    })
}
