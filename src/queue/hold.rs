//! Which groups' people are never changed without a person.

use serde_json::json;
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    access::Owner,
    apps::App,
    audit::{self, About, Verb},
    directory::held_store,
    kernel::GroupId,
};

/// From now on changes of people in these groups, and in no others, wait for approval whatever the
/// check boxes of the app say. What was let through before is not held back.
///
/// # Errors
/// When the database does not answer.
pub async fn hold(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
    groups: &[GroupId],
) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    if let Some(held) = held_store::hold(&mut tx, groups).await? {
        let details = json!({ "app": app.name, "heldGroups": held });
        let about = About::app(app.id);
        audit::record(&mut tx, now, &by.actor().by(), Verb::AppConfigured, about, details).await?;
    }
    tx.commit().await
}
