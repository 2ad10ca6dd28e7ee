//! How approved actions are sent: how long they can be undone, how fast they go, what does not bring them back.

use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use super::gate_of;
use crate::{
    access::Owner,
    apps::{self, App, LONGEST_UNDO, Sending},
    audit::{self, About, Verb},
    directory::FieldError,
    jobs::store::gates,
};

/// The highest rate, in requests a minute.
pub const MOST_A_MINUTE: i32 = 60_000;

/// All that can be set about sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tuned {
    /// What stands with the app.
    #[serde(flatten)]
    pub sending: Sending,
    /// Requests a minute at most; `None` for no limit.
    pub rate: Option<i32>,
}

/// Why the settings were not stored.
#[derive(Debug, thiserror::Error)]
pub enum TuneError {
    /// Some fields have to be mended: `undoSeconds`, `rate`.
    #[error("{}", all(.0))]
    Fields(Vec<FieldError>),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

fn all(fields: &[FieldError]) -> String {
    let each = fields.iter().map(|field| format!("{}: {}", field.field, field.says));
    each.collect::<Vec<_>>().join(" ")
}

/// Every field that has to be mended.
fn faults(tuned: &Tuned) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if tuned.sending.undo_seconds > LONGEST_UNDO {
        let says = format!("Must be 0 to {LONGEST_UNDO} seconds: at most ten minutes.");
        faults.push(FieldError { field: "undoSeconds", says });
    }
    if tuned.rate.is_some_and(|rate| !(1..=MOST_A_MINUTE).contains(&rate)) {
        let says =
            format!("Must be 1 to {MOST_A_MINUTE} requests a minute, or empty for no limit.");
        faults.push(FieldError { field: "rate", says });
    }
    faults
}

/// Stores how approved actions are sent. What is approved already keeps the time it has.
///
/// # Errors
/// [`TuneError::Fields`] names each, a delay or a rate, that is too long or too high.
pub async fn tune(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
    tuned: &Tuned,
) -> Result<(), TuneError> {
    let faults = faults(tuned);
    if !faults.is_empty() {
        return Err(TuneError::Fields(faults));
    }
    let before = Tuned {
        sending: app.sending.clone(),
        rate: gates::find(pool, &gate_of(app.id)).await?.rate,
    };
    if *tuned == before {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    apps::store::lock(&mut tx, app.id).await?;
    apps::store::put_sending(&mut tx, app.id, &tuned.sending).await?;
    gates::pace(&mut tx, &gate_of(app.id), tuned.rate).await?;
    let told = json!({ "app": app.name, "from": before, "to": tuned });
    audit::record(&mut tx, now, &by.actor().by(), Verb::AppConfigured, About::app(app.id), told)
        .await?;
    tx.commit().await?;
    Ok(())
}
