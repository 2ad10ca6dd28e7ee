//! Reads and writes `refusals`: differences that a person rejected.

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool, types::Json as Typed};
use time::OffsetDateTime;

use super::super::Action;
use crate::{
    apps::change::{Attribute, Content, Kind, Value},
    db::Corrupt,
    kernel::{ActionId, AppId, UserId},
};

/// One attribute of a rejected difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The kind of action that was rejected.
    pub kind: Kind,
    /// Which attribute.
    pub attribute: Attribute,
    /// The value it shall not get; `None` for its removal.
    pub wanted: Option<Value>,
}

/// What stays rejected for one account.
///
/// # Errors
/// When the database does not answer.
pub async fn refused(
    tx: &mut PgConnection,
    app: AppId,
    user: UserId,
) -> sqlx::Result<Vec<Refused>> {
    let rows = sqlx::query!(
        "select kind, attribute, wanted from refusals where app_id = $1 and user_id = $2",
        app.uuid(),
        user.uuid(),
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(|row| read(user, &row.kind, &row.attribute, row.wanted)).collect()
}

/// Notes that the differences of an action stay rejected until their source values change.
///
/// # Errors
/// When the database does not answer.
pub async fn refuse(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    action: &Action,
) -> sqlx::Result<()> {
    refuse_all(tx, now, std::slice::from_ref(action)).await
}

/// The same for some actions, with one statement. No two of them are of one kind and one account.
///
/// # Errors
/// When the database does not answer.
pub async fn refuse_all(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    actions: &[Action],
) -> sqlx::Result<()> {
    let refused = || {
        let each = actions
            .iter()
            .flat_map(|action| action.content.changes.iter().map(move |change| (action, change)));
        each.map(|(action, change)| (&action.content, action.id, change))
    };
    sqlx::query!(
        "insert into refusals (app_id, user_id, kind, attribute, wanted, action_id, refused_at)
         select app_id, user_id, kind, attribute, wanted, action_id, $7
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::uuid[])
             as new (app_id, user_id, kind, attribute, wanted, action_id)
         on conflict (app_id, user_id, kind, attribute) do update
         set wanted = excluded.wanted, action_id = excluded.action_id, refused_at = excluded.refused_at",
        &refused().map(|(content, ..)| content.app.uuid()).collect::<Vec<_>>(),
        &refused().map(|(content, ..)| content.account.uuid()).collect::<Vec<_>>(),
        &refused().map(|(content, ..)| content.kind.word()).collect::<Vec<_>>() as _,
        &refused().map(|(.., change)| change.attribute.word()).collect::<Vec<_>>() as _,
        &refused().map(|(.., change)| Typed(&change.to)).collect::<Vec<_>>() as _,
        &refused().map(|(_, id, _)| id.uuid()).collect::<Vec<_>>(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets rejected differences whose source value has changed since.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_refusals(
    tx: &mut PgConnection,
    app: AppId,
    user: UserId,
    gone: &[Refused],
) -> sqlx::Result<()> {
    for refused in gone {
        sqlx::query!(
            "delete from refusals where app_id = $1 and user_id = $2 and kind = $3 and attribute = $4",
            app.uuid(),
            user.uuid(),
            refused.kind.word(),
            refused.attribute.word(),
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Forgets what was rejected with one action and still stands so.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_refusals_of(tx: &mut PgConnection, action: &Action) -> sqlx::Result<()> {
    let Content { app, account, kind, .. } = &action.content;
    sqlx::query!(
        "delete from refusals where app_id = $1 and user_id = $2 and kind = $3 and action_id = $4",
        app.uuid(),
        account.uuid(),
        kind.word(),
        action.id.uuid(),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A rejected difference that still stands, for a person's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingRefusal {
    /// In which app.
    pub app: AppId,
    /// What it was, and the value that the app does not get.
    pub refused: Refused,
    /// Since when, and by which action, where that was noted.
    pub since: Option<(OffsetDateTime, ActionId)>,
}

/// What stands rejected for one person, oldest first. Bounded: at most one for each kind and attribute of an app.
///
/// # Errors
/// When the database does not answer.
pub async fn standing_refusals(pool: &PgPool, user: UserId) -> sqlx::Result<Vec<StandingRefusal>> {
    let rows = sqlx::query!(
        "select app_id, kind, attribute, wanted, action_id, refused_at from refusals
         where user_id = $1
         order by refused_at nulls first, kind, attribute",
        user.uuid(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let refused = read(user, &row.kind, &row.attribute, row.wanted)?;
            let since = row.refused_at.zip(row.action_id.map(ActionId::from));
            Ok(StandingRefusal { app: AppId::from(row.app_id), refused, since })
        })
        .collect()
}

fn read(user: UserId, kind: &str, attribute: &str, wanted: Json) -> sqlx::Result<Refused> {
    let corrupt = || Corrupt { table: "refusals", row: format!("{user} {attribute}") };
    Ok(Refused {
        kind: kind.parse().map_err(|_| corrupt())?,
        attribute: attribute.parse().map_err(|_| corrupt())?,
        wanted: serde_json::from_value(wanted).map_err(|_| corrupt())?,
    })
}
