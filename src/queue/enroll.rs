//! Queueing everybody who has no account yet.

use sqlx::PgPool;
use time::OffsetDateTime;

use super::{asking::Asking, propose::propose_in, submission::whom_it_is_about};
use crate::{
    access::Owner,
    apps::{self, App},
    audit::Ledger,
    directory::{self, Source},
};

/// How many people one transaction takes.
const BATCH: i64 = 200;

/// Proposes an account for every active person who has none and for whom nothing is under way.
/// Returns how many people were looked at. Safe to repeat, and to interrupt.
///
/// # Errors
/// When the database does not answer.
pub async fn enroll(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Owner,
    app: &App,
) -> sqlx::Result<usize> {
    let mut looked_at = 0;
    let mut after = None;
    loop {
        let ids = directory::store::without_account(pool, app.id.uuid(), after, BATCH).await?;
        let Some(last) = ids.last() else { return Ok(looked_at) };
        after = Some(*last);
        let mut tx = pool.begin().await?;
        let app = apps::store::fetch(&mut tx, app.id).await?;
        if !app.provisioning.enabled {
            return Ok(looked_at);
        }
        let mut ledger = Ledger::default();
        for id in &ids {
            let Some(user) = directory::store::lock(&mut tx, *id).await? else { continue };
            let barred = by.actor().same_person();
            let (by, source) = (by.actor().by(), Source::console());
            let mut asking = Asking { now, by, source, barred, always_held: false };
            for (_, id) in whom_it_is_about(&mut tx, [(0, &user.profile)]).await? {
                asking.bar(id);
            }
            propose_in(&mut tx, &mut ledger, &asking, &app, &user).await?;
        }
        ledger.write(&mut tx).await?;
        tx.commit().await?;
        looked_at += ids.len();
    }
}
