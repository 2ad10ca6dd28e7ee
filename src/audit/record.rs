//! Writing an event in the transaction of what it tells.

use serde_json::{Value as Json, json};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::{About, By, Verb};
use crate::kernel::{ActionId, AppId, Digest, EventId, UserId};

/// Records that `by` did `verb` to what `about` names. `details` is an object; the actor's name is added.
///
/// # Errors
/// When the database does not answer.
pub async fn record(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &By,
    verb: Verb,
    about: About,
    mut details: Json,
) -> sqlx::Result<()> {
    details["actor"] = json!(by.name());
    let salt: [u8; 16] = rand::random();
    let digest = details_digest(&salt, &details);
    sqlx::query!(
        "with event as (
             insert into events
                 (id, at, actor_kind, actor_id, verb, action_id, user_id, app_id, details, salt, details_digest)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
             returning seq
         )
         insert into unsealed (event_seq) select seq from event",
        EventId::at(now).uuid(),
        now,
        by.kind(),
        by.id(),
        verb.word(),
        about.action.map(ActionId::uuid),
        about.user.map(UserId::uuid),
        about.app.map(AppId::uuid),
        details,
        &salt[..],
        digest.bytes(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) fn details_digest(salt: &[u8], details: &Json) -> Digest {
    Digest::of(&json!({ "salt": salt, "details": details }))
}
