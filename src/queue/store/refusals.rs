//! Reads and writes `refusals`: differences that a person rejected.

use sqlx::{PgConnection, types::Json as Typed};

use super::super::Action;
use crate::{
    apps::change::{Attribute, Kind, Value},
    db::Corrupt,
    kernel::{AppId, UserId},
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
    rows.into_iter()
        .map(|row| {
            let corrupt =
                || Corrupt { table: "refusals", row: format!("{user} {}", row.attribute) };
            Ok(Refused {
                kind: row.kind.parse().map_err(|_| corrupt())?,
                attribute: row.attribute.parse().map_err(|_| corrupt())?,
                wanted: serde_json::from_value(row.wanted).map_err(|_| corrupt())?,
            })
        })
        .collect()
}

/// Notes that the differences of an action stay rejected until their source values change.
///
/// # Errors
/// When the database does not answer.
pub async fn refuse(tx: &mut PgConnection, action: &Action) -> sqlx::Result<()> {
    for change in &action.content.changes {
        sqlx::query!(
            "insert into refusals (app_id, user_id, kind, attribute, wanted) values ($1, $2, $3, $4, $5)
             on conflict (app_id, user_id, kind, attribute) do update set wanted = excluded.wanted",
            action.content.app.uuid(),
            action.content.account.uuid(),
            action.content.kind.word(),
            change.attribute.word(),
            Typed(&change.to) as _,
        )
        .execute(&mut *tx)
        .await?;
    }
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
