//! The gate that the jobs of an app stand behind, and what closes it by itself.

use serde_json::json;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::resume::PROBE;
use crate::{
    apps::{self, App, PausedBy},
    audit::{self, About, By, Verb},
    jobs::{NewJob, store as jobs, store::gates},
    kernel::AppId,
    queue::store,
};

/// How many of the last tries are looked at …
const WINDOW: i64 = 20;
/// … how many of them, failed by the app's own fault, are too many …
const TOO_MANY: i64 = 10;
/// … and how far back they count.
const SPAN: Duration = Duration::minutes(10);
/// When an app that fails is asked whether it is well again.
pub(super) const FIRST_PROBE: Duration = Duration::minutes(1);

/// The name of the gate that the jobs of an app stand behind.
#[must_use]
pub fn gate_of(app: AppId) -> String {
    app.to_string()
}

/// Brings the gate of an app in line with what the app says. Whoever changes an app does this in the same transaction.
pub(in crate::queue) async fn set(tx: &mut PgConnection, app: AppId) -> sqlx::Result<()> {
    let app = apps::store::fetch(tx, app).await?;
    if app.draining_at.is_some() && app.is_open() {
        return Ok(());
    }
    gates::put(tx, &gate_of(app.id), !app.is_open()).await
}

/// Stops sending to an app by itself, once; whoever comes later finds it stopped.
pub(in crate::queue) async fn stop(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    app: &App,
    by: PausedBy,
    because: &str,
) -> sqlx::Result<()> {
    if !apps::store::pause(tx, now, app.id, by, because).await? {
        return Ok(());
    }
    set(tx, app.id).await?;
    if by == PausedBy::Failures {
        let due_at = now + FIRST_PROBE;
        let payload = json!({ "app": app.id });
        let job = NewJob { kind: PROBE, lane: None, gate: "", due_at, payload };
        jobs::enqueue(tx, now, &[job]).await?;
    }
    let told = json!({ "app": app.name, "by": by, "says": because });
    let system = By::System(app.name.clone());
    audit::record(tx, now, &system, Verb::AppPaused, About::app(app.id), told).await
}

/// How many of the last tries failed by the app's own fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwell {
    /// So many failed …
    pub failed: i64,
    /// … of so many.
    pub tried: i64,
}

/// Stops sending to an app when too many of its last tries failed by its own fault. The caller has just
/// written one that did.
pub(in crate::queue) async fn stop_if_unwell(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    app: &App,
    says: &str,
) -> sqlx::Result<()> {
    let since = app.resumed_at.map_or(now - SPAN, |resumed| resumed.max(now - SPAN));
    let Unwell { failed, tried } = store::unwell(tx, app.id, since, WINDOW).await?;
    if failed < TOO_MANY {
        return Ok(());
    }
    let because = format!(
        "{failed} of the last {tried} tries failed. {says} It is asked again from time to time, and goes on \
         by itself once it answers."
    );
    stop(tx, now, app, PausedBy::Failures, &because).await
}
