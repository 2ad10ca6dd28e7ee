//! Reads and writes `attempts`: each try at sending an action, with what was asked and what came back.

use sqlx::{PgConnection, PgPool, types::Json as Typed};
use time::OffsetDateTime;

use super::super::flow::Unwell;
use crate::{
    apps::change::{Attributes, Change},
    connector::Exchange,
    db::Corrupt,
    kernel::{ActionId, AppId, UserId, words},
};

words! {
    /// How a try ended.
    AttemptOutcome {
        /// The app has it.
        Provisioned = "provisioned",
        /// The account was there already and was taken over.
        Adopted = "adopted",
        /// To be tried again.
        Again = "again",
        /// The app will not take it.
        Failed = "failed",
        /// It was not sent: it is no longer what was approved.
        Drifted = "drifted",
    }
}

/// One try at sending an action.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Counted from 1.
    pub number: i32,
    /// When it began.
    pub started_at: OffsetDateTime,
    /// When it ended and how; `None` while it is under way, or when its worker died.
    pub ended: Option<(OffsetDateTime, AttemptOutcome)>,
    /// The outcome in plain words, where there is more to say.
    pub says: Option<String>,
    /// What was asked and what came back.
    pub exchanges: Vec<Exchange>,
}

/// The tries at one action, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn attempts(pool: &PgPool, action: ActionId) -> sqlx::Result<Vec<Attempt>> {
    let rows = sqlx::query!(
        "select number, started_at, finished_at, outcome, says, exchanges
         from attempts where action_id = $1 order by number limit 100",
        action.uuid(),
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            let corrupt = || Corrupt { table: "attempts", row: format!("{action} {}", row.number) };
            let ended = match (row.finished_at, row.outcome) {
                (Some(at), Some(outcome)) => Some((at, outcome.parse().map_err(|_| corrupt())?)),
                (None, None) => None,
                _ => return Err(corrupt().into()),
            };
            let exchanges = serde_json::from_value(row.exchanges).map_err(|_| corrupt())?;
            Ok(Attempt {
                number: row.number,
                started_at: row.started_at,
                ended,
                says: row.says,
                exchanges,
            })
        })
        .collect()
}

/// Whether an earlier try may have made an account: it asked for one and was not refused, or its worker died and
/// nobody knows.
///
/// # Errors
/// When the database does not answer.
pub async fn may_have_created(tx: &mut PgConnection, action: ActionId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select 1 from attempts
               where action_id = $1
                 and (finished_at is null or exchanges @? '$[*] ? (@.request.method == "POST"
                     && (@.status == null || @.status < 300 || @.status == 408 || @.status >= 500))')
           ) as "may!""#,
        action.uuid(),
    )
    .fetch_one(tx)
    .await
}

/// Whether a try since the app last told may have changed the account, and nobody heard: it asked for it and was
/// not refused, or its worker died and nobody knows.
///
/// # Errors
/// When the database does not answer.
pub async fn may_have_changed(tx: &mut PgConnection, action: ActionId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select 1 from attempts
               join actions on actions.id = action_id
               join accounts on accounts.app_id = actions.app_id and accounts.user_id = actions.user_id
               where action_id = $1 and (confirmed_at is null or started_at >= confirmed_at)
                 and (finished_at is null or exchanges @? '$[*] ? (@.request.method != "GET"
                     && (@.status == null || @.status < 300 || @.status == 408 || @.status >= 500))')
           ) as "may!""#,
        action.uuid(),
    )
    .fetch_one(tx)
    .await
}

/// An account that a create may have left, of which nobody heard how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The number of the create.
    pub number: i64,
    /// What the account has, if it is there.
    pub attributes: Attributes,
}

/// The account that may be there of somebody who has none as far as is known: a create asked for it and was not
/// refused, and the app told nothing of it since. A try that is under way is not over, and leaves nothing yet.
///
/// # Errors
/// When the database does not answer.
pub async fn left(tx: &mut PgConnection, app: AppId, user: UserId) -> sqlx::Result<Option<Left>> {
    let row = sqlx::query!(
        r#"select id, number, changes from actions
           where user_id = $1 and app_id = $2 and kind = 'create' and exists (
               select 1 from attempts
               join accounts on accounts.user_id = $1 and accounts.app_id = $2
               where action_id = actions.id and (confirmed_at is null or started_at > confirmed_at)
                 and (exchanges @? '$[*] ? (@.request.method == "POST"
                         && (@.status == null || @.status < 300 || @.status == 408 || @.status >= 500))'
                     or finished_at is null and exists (
                         select 1 from attempts later
                         where later.action_id = attempts.action_id and later.number > attempts.number
                     ))
           )
           order by number desc
           limit 1"#,
        user.uuid(),
        app.uuid(),
    )
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = ActionId::from(row.id);
    let changes: Vec<Change> = serde_json::from_value(row.changes)
        .map_err(|_| Corrupt { table: "actions", row: id.to_string() })?;
    let attributes = changes.into_iter().filter_map(|change| Some((change.attribute, change.to?)));
    Ok(Some(Left { number: row.number, attributes: attributes.collect() }))
}

/// Whether an action was ever tried.
///
/// # Errors
/// When the database does not answer.
pub async fn is_tried(tx: &mut PgConnection, action: ActionId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from attempts where action_id = $1) as "tried!""#,
        action.uuid(),
    )
    .fetch_one(tx)
    .await
}

/// Notes that a try begins and returns its number.
///
/// # Errors
/// When the database does not answer.
pub async fn begin_attempt(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    app: AppId,
    action: ActionId,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        "insert into attempts (action_id, app_id, number, started_at)
         select $1, $3, coalesce(max(number), 0) + 1, $2 from attempts where action_id = $1
         returning number",
        action.uuid(),
        now,
        app.uuid(),
    )
    .fetch_one(tx)
    .await
}

/// How a try ended, as it is noted.
#[derive(Debug, Clone)]
pub struct AttemptEnd {
    /// In a word.
    pub outcome: AttemptOutcome,
    /// In plain words, where there is more to say.
    pub says: Option<String>,
    /// Whether the app failed by its own fault.
    pub unwell: bool,
}

/// Notes how a try ended.
///
/// # Errors
/// When the database does not answer.
pub async fn finish_attempt(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    action: ActionId,
    number: i32,
    ended: &AttemptEnd,
    exchanges: &[Exchange],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update attempts set finished_at = $3, outcome = $4, says = $5, exchanges = $6, unwell = $7
         where action_id = $1 and number = $2",
        action.uuid(),
        number,
        now,
        ended.outcome.word(),
        ended.says,
        Typed(exchanges) as _,
        ended.unwell,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many of the last tries at an app since `since`, at most `window`, failed by its own fault.
///
/// # Errors
/// When the database does not answer.
pub async fn unwell(
    tx: &mut PgConnection,
    app: AppId,
    since: OffsetDateTime,
    window: i64,
) -> sqlx::Result<Unwell> {
    sqlx::query_as!(
        Unwell,
        r#"select count(*) filter (where unwell) as "failed!", count(*) as "tried!"
           from (
               select unwell from attempts
               where app_id = $1 and finished_at >= $2
               order by finished_at desc
               limit $3
           ) as last"#,
        app.uuid(),
        since,
        window,
    )
    .fetch_one(tx)
    .await
}

/// How a try that ended at a known time went, for a timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Of which action.
    pub action: ActionId,
    /// Which try it was, counted from 1.
    pub number: i32,
    /// When it ended.
    pub at: OffsetDateTime,
    /// What was asked, and the status that came back if any did: `POST`, 201.
    pub asked: Vec<(String, Option<i64>)>,
}

/// The tries at these actions that ended at these times, the last of each action first.
///
/// # Errors
/// When the database does not answer.
pub async fn answered(
    pool: &PgPool,
    ends: &[(ActionId, OffsetDateTime)],
) -> sqlx::Result<Vec<Answered>> {
    let (actions, times): (Vec<_>, Vec<_>) =
        ends.iter().map(|(action, at)| (action.uuid(), *at)).unzip();
    let rows = sqlx::query!(
        r#"select action_id, number, finished_at as "at!",
               array(
                   select coalesce(exchange -> 'request' ->> 'method', '')
                   from jsonb_array_elements(exchanges) with ordinality as made (exchange, place) order by place
               ) as "methods!",
               array(
                   select coalesce((exchange ->> 'status')::bigint, 0)
                   from jsonb_array_elements(exchanges) with ordinality as made (exchange, place) order by place
               ) as "statuses!"
           from (select distinct action, at from unnest($1::uuid[], $2::timestamptz[]) as told (action, at)) as ended
           join attempts on action_id = action and finished_at = at
           order by number desc"#,
        &actions,
        &times,
    )
    .fetch_all(pool)
    .await?;
    let answered = |status| Some(status).filter(|status| *status != 0);
    Ok(rows
        .into_iter()
        .map(|row| Answered {
            action: ActionId::from(row.action_id),
            number: row.number,
            at: row.at,
            asked: row.methods.into_iter().zip(row.statuses.into_iter().map(answered)).collect(),
        })
        .collect())
}
