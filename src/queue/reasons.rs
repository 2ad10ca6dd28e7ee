//! What reasons for decisions have to be like.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

pub use crate::policy::reason::{RuleFault, faults};

use crate::{
    access::Owner,
    apps::{self, App, ReasonRule, Reasons},
    audit::{self, About, Verb},
};

/// Why the rules were not stored.
#[derive(Debug, thiserror::Error)]
pub enum ReasonsError {
    /// Some cannot be; what is wrong with each.
    #[error("{}", .0.first().map_or("the rules cannot be", |fault| &fault.says))]
    Rules(Vec<RuleFault>),
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

/// From now on reasons are as these rules want them, also for what waits already. What was decided stays so.
///
/// # Errors
/// [`ReasonsError::Rules`] when a pattern cannot be read, or a text is too long.
pub async fn want(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
    mut reasons: Reasons,
) -> Result<(), ReasonsError> {
    reasons.retain(|_, rule| *rule != ReasonRule::default());
    let unfit = faults(&reasons);
    if !unfit.is_empty() {
        return Err(ReasonsError::Rules(unfit));
    }
    let mut tx = pool.begin().await?;
    let before = apps::store::lock(&mut tx, app.id).await?.reasons;
    if before != reasons {
        apps::store::put_reasons(&mut tx, app.id, &reasons).await?;
        let details = json!({ "app": app.name, "reasons": { "from": before, "to": reasons } });
        let about = About::app(app.id);
        audit::record(&mut tx, now, &by.actor().by(), Verb::AppConfigured, about, details).await?;
    }
    Ok(tx.commit().await?)
}
