//! Letting an app go on, once it answers.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::{FlowError, gate, gate_of, is_paused};
use crate::{
    access::Retrier,
    apps::{self, App, PausedBy},
    audit::{self, About, By, Verb},
    connector::Connectors,
    jobs::store::gates,
    queue::late,
};

/// The kind of job that asks a failing app whether it is well again; its payload is `{"app": "app_…"}`.
pub const PROBE: &str = "probe";

/// Lets an app go on that was paused, or was about to be, after asking it whether it answers.
///
/// # Errors
/// [`FlowError::Unanswered`] when it does not, [`FlowError::Already`] when it was not paused.
pub async fn resume(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    by: &Retrier,
    app: &App,
) -> Result<(), FlowError> {
    if let Some(says) = unanswered(connectors, app).await {
        return Err(FlowError::Unanswered(says));
    }
    if go_on(pool, now, &by.actor().by(), app).await? {
        return Ok(());
    }
    let mut connection = pool.acquire().await?;
    let since = apps::store::fetch(&mut connection, app.id).await?;
    if let Some(pause) = since.pause {
        return Err(is_paused(app, &pause));
    }
    let by = late::by_whom(&mut connection, app.id, Verb::AppResumed).await?;
    let resumed = if by.is_empty() { by } else { format!(": resumed{by}") };
    Err(FlowError::Already(format!("{} is not paused{resumed}.", app.name)))
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// Nobody waits for an answer any more.
    Over,
    /// It answers, and goes on.
    Well,
    /// It does not; why.
    Unwell(String),
}

/// Asks an app that failed too often whether it is well again, and lets it go on if it is.
///
/// # Errors
/// When the database does not answer.
pub async fn probe(
    pool: &PgPool,
    connectors: &Connectors,
    now: OffsetDateTime,
    app: &App,
) -> sqlx::Result<Probed> {
    if app.pause.as_ref().is_none_or(|pause| pause.by != PausedBy::Failures) {
        return Ok(Probed::Over);
    }
    if let Some(says) = unanswered(connectors, app).await {
        return Ok(Probed::Unwell(says));
    }
    let by = By::System(app.name.clone());
    let went_on = go_on(pool, now, &by, app).await?;
    Ok(if went_on { Probed::Well } else { Probed::Over })
}

/// Why an app does not answer as it should, if it does not.
async fn unanswered(connectors: &Connectors, app: &App) -> Option<String> {
    match connectors.of(app) {
        Ok(connector) => connector.probe().await.err().map(|refusal| refusal.says(&app.name)),
        Err(bad) => Some(bad.to_string()),
    }
}

/// Opens the gate; what was put off is due. `false` when the app was not paused, or by something else than was seen.
async fn go_on(pool: &PgPool, now: OffsetDateTime, by: &By, app: &App) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?;
    // What was asked was the app as it was seen: a refusal since then is another matter.
    if before.pause != app.pause || !apps::store::resume(&mut tx, now, app.id).await? {
        return Ok(false);
    }
    gate::set(&mut tx, app.id).await?;
    gates::wake(&mut tx, now, &gate_of(app.id)).await?;
    let told = json!({ "app": app.name });
    audit::record(&mut tx, now, by, Verb::AppResumed, About::app(app.id), told).await?;
    tx.commit().await?;
    Ok(true)
}
