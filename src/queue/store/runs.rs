//! Reads and writes `runs` and `run_items`.

use sqlx::{PgConnection, PgPool, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    super::{
        hint::Hint,
        run::{Group, Run, Stage, Verdict},
    },
    filter::Sieve,
    former::opposed,
};
use crate::{
    apps::change::Kind,
    db::{Corrupt, ListError},
    kernel::{ActionId, AdministratorId, Digest, Page, RunId, UserId, decode_cursor},
};

struct Row {
    id: Uuid,
    verdict: String,
    state: String,
    administrator_id: Uuid,
    name: String,
    list: String,
    reason: Option<String>,
    total: i32,
    reached: i32,
    decided: i32,
    skipped: i32,
    created_at: OffsetDateTime,
    started_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    says: Option<String>,
}

impl TryFrom<Row> for Run {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let id = RunId::from(row.id);
        let bad = |_| Corrupt { table: "runs", row: id.to_string() };
        Ok(Self {
            id,
            verdict: row.verdict.parse::<Verdict>().map_err(bad)?,
            stage: row.state.parse::<Stage>().map_err(bad)?,
            administrator: AdministratorId::from(row.administrator_id),
            name: row.name,
            list: row.list,
            reason: row.reason,
            total: row.total,
            reached: row.reached,
            decided: row.decided,
            skipped: row.skipped,
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            says: row.says,
        })
    }
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select runs.id, verdict, state, administrator_id, administrators.name, list, reason, total, reached,
                 decided, skipped, runs.created_at, started_at, ended_at, says
             from runs join administrators on administrators.id = administrator_id " + $rest
            $(, $bind)*
        )
    };
}

/// A run.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, id: RunId) -> sqlx::Result<Option<Run>> {
    let row = select!("where runs.id = $1", id.uuid()).fetch_optional(pool).await?;
    Ok(row.map(Run::try_from).transpose()?)
}

/// Reads one and holds it until `tx` ends. Whatever brings a run on takes this lock first.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut PgConnection, id: RunId) -> sqlx::Result<Option<Run>> {
    let row =
        select!("where runs.id = $1 for update of runs", id.uuid()).fetch_optional(tx).await?;
    Ok(row.map(Run::try_from).transpose()?)
}

/// The run that began last of those that are being worked.
///
/// # Errors
/// When the database does not answer.
pub async fn running(pool: &PgPool) -> sqlx::Result<Option<Run>> {
    let row = select!("where runs.state = 'running' order by runs.created_at desc limit 1")
        .fetch_optional(pool)
        .await?;
    Ok(row.map(Run::try_from).transpose()?)
}

/// Writes a new run with the actions that `sieve` lets through as its items, the oldest first, and returns
/// how many there are: at most one more than `most`.
pub(in crate::queue) async fn insert(
    tx: &mut PgConnection,
    run: &Run,
    sieve: &Sieve,
    most: usize,
) -> sqlx::Result<i32> {
    sqlx::query!(
        "insert into runs (id, verdict, state, administrator_id, list, total, created_at)
         values ($1, $2, 'drafted', $3, $4, 1, $5)",
        run.id.uuid(),
        run.verdict.word(),
        run.administrator.uuid(),
        run.list,
        run.created_at,
    )
    .execute(&mut *tx)
    .await?;
    let mut items =
        QueryBuilder::new("insert into run_items (run_id, place, action_id, digest) select ");
    items.push_bind(run.id.uuid());
    items.push(", row_number() over (order by created_at, id), id, digest from (");
    items.push("select id, digest, created_at from actions where true");
    sieve.restrict(&mut items);
    items.push(" order by created_at, id limit ");
    items.push_bind(i64::try_from(most + 1).unwrap_or(i64::MAX)).push(") as chosen");
    let total =
        items.build().persistent(sieve.plans_once()).execute(&mut *tx).await?.rows_affected();
    let total = i32::try_from(total).unwrap_or(i32::MAX);
    sqlx::query!("update runs set total = greatest($2, 1) where id = $1", run.id.uuid(), total)
        .execute(tx)
        .await?;
    Ok(total)
}

/// Writes back all of a run that may change.
pub(in crate::queue) async fn put(tx: &mut PgConnection, run: &Run) -> sqlx::Result<()> {
    sqlx::query!(
        "update runs
         set state = $2, reason = $3, reached = $4, decided = $5, skipped = $6, started_at = $7, ended_at = $8, says = $9
         where id = $1",
        run.id.uuid(),
        run.stage.word(),
        run.reason,
        run.reached,
        run.decided,
        run.skipped,
        run.started_at,
        run.ended_at,
        run.says,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many items a run has of each kind in each app; `reader` is whoever would decide.
///
/// # Errors
/// When the database does not answer.
pub async fn groups(tx: &mut PgConnection, id: RunId, reader: Uuid) -> sqlx::Result<Vec<Group>> {
    let rows = sqlx::query!(
        r#"select actions.kind, apps.name, count(*) as "items!",
               count(*) filter (where apps.four_eyes and $2 = any (actions.barred)) as "own!",
               count(*) filter (where actions.candidates <> '[]') as "unclear!"
           from run_items
           join actions on actions.id = run_items.action_id
           join apps on apps.id = actions.app_id
           where run_id = $1
           group by actions.kind, apps.name
           order by apps.name, actions.kind"#,
        id.uuid(),
        reader,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let bad = |_| Corrupt { table: "actions", row: id.to_string() };
            let kind = row.kind.parse::<Kind>().map_err(bad)?;
            Ok(Group { kind, app: row.name, items: row.items, own: row.own, unclear: row.unclear })
        })
        .collect()
}

/// How many items of a run have something to look at twice, the most frequent first. An opposite counts while it is
/// not finished.
///
/// # Errors
/// When the database does not answer.
pub async fn hinted(pool: &PgPool, id: RunId) -> sqlx::Result<Vec<(Hint, i64)>> {
    let rows = sqlx::query!(
        r#"select hint as "hint!", count(*) as "items!", array_agg(id) filter (where hint = 'opposite') as "opposites"
           from run_items
           join actions on actions.id = run_items.action_id
           cross join lateral (
               select unnest(hints) as hint
               union all
               select 'burst' where exists (
                   select 1 from bursts
                   where bursts.source = actions.source and created_at between began_at and ended_at
               )
           ) as hinted
           where run_id = $1
           group by hint"#,
        id.uuid(),
    )
    .fetch_all(pool)
    .await?;
    let mut found = Vec::new();
    for row in rows {
        let corrupt = |_| Corrupt { table: "actions", row: id.to_string() };
        let hint = row.hint.parse::<Hint>().map_err(corrupt)?;
        let items = match row.opposites {
            None => row.items,
            Some(ids) => {
                let ids: Vec<_> = ids.into_iter().map(ActionId::from).collect();
                i64::try_from(opposed(pool, &ids).await?.len()).unwrap_or(i64::MAX)
            }
        };
        found.push((hint, items));
    }
    found.retain(|(_, items)| *items > 0);
    found.sort_by_key(|(hint, items)| (-items, *hint));
    Ok(found)
}

/// One item that is to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Its place, from 1.
    pub place: i32,
    /// Which action.
    pub action: ActionId,
    /// What it held when it was counted.
    pub digest: Digest,
}

/// The next items after a place.
pub(in crate::queue) async fn next(
    tx: &mut PgConnection,
    id: RunId,
    after: i32,
    limit: i64,
) -> sqlx::Result<Vec<Item>> {
    let rows = sqlx::query!(
        "select place, action_id, digest from run_items where run_id = $1 and place > $2 order by place limit $3",
        id.uuid(),
        after,
        limit,
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let digest = Digest::try_from(&*row.digest)
                .map_err(|_| Corrupt { table: "run_items", row: id.to_string() })?;
            Ok(Item { place: row.place, action: ActionId::from(row.action_id), digest })
        })
        .collect()
}

/// Whom some actions are about.
pub(in crate::queue) async fn people(
    tx: &mut PgConnection,
    actions: &[ActionId],
) -> sqlx::Result<Vec<UserId>> {
    let ids: Vec<Uuid> = actions.iter().map(|id| id.uuid()).collect();
    let people =
        sqlx::query_scalar!("select distinct user_id from actions where id = any($1)", &ids)
            .fetch_all(tx)
            .await?;
    Ok(people.into_iter().map(UserId::from).collect())
}

/// Writes the results of items, by their places; those that were skipped say why.
pub(in crate::queue) async fn note(
    tx: &mut PgConnection,
    id: RunId,
    results: &[(i32, Option<String>)],
) -> sqlx::Result<()> {
    let (places, says): (Vec<i32>, Vec<Option<String>>) = results.iter().cloned().unzip();
    sqlx::query!(
        "update run_items
         set outcome = case when new.says is null then 'decided' else 'skipped' end, says = new.says
         from unnest($2::int[], $3::text[]) as new (place, says)
         where run_id = $1 and run_items.place = new.place",
        id.uuid(),
        &places,
        &says as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One item with its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Its place, from 1.
    pub place: i32,
    /// Which action.
    pub action: ActionId,
    /// Its number.
    pub number: i64,
    /// What it does.
    pub kind: Kind,
    /// Whose account.
    pub user: UserId,
    /// Whether it was decided; `None` while it was not its turn.
    pub decided: Option<bool>,
    /// Why it was skipped.
    pub says: Option<String>,
}

type ItemRow = (i32, Uuid, i64, String, Uuid, Option<String>, Option<String>);

/// One page of the items of a run in their order; of the skipped ones alone, or of those that take somebody's
/// access away.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn results(
    pool: &PgPool,
    id: RunId,
    only: Only,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Outcome>, ListError> {
    let after: i32 = cursor.map(decode_cursor).transpose()?.unwrap_or(0);
    let mut query = QueryBuilder::<sqlx::Postgres>::new(
        "select place, action_id, number, kind, user_id, outcome, says
         from run_items join actions on actions.id = action_id where run_id = ",
    );
    query.push_bind(id.uuid()).push(" and place > ").push_bind(after);
    query.push(match only {
        Only::All => "",
        Only::Skipped => " and outcome = 'skipped'",
        Only::Destructive => " and kind in ('delete', 'suspend')",
    });
    query.push(" order by place limit ").push_bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    let rows: Vec<ItemRow> = query.build_query_as().fetch_all(pool).await?;
    let read = |(place, action, number, kind, user, outcome, says): ItemRow| {
        let kind = kind.parse().map_err(|_| Corrupt { table: "actions", row: action.to_string() });
        Ok::<_, sqlx::Error>(Outcome {
            place,
            action: ActionId::from(action),
            number,
            kind: kind?,
            user: UserId::from(user),
            decided: outcome.map(|outcome| outcome == "decided"),
            says,
        })
    };
    let rows = rows.into_iter().map(read).collect::<sqlx::Result<Vec<_>>>()?;
    Ok(Page::of(rows, limit, |outcome| outcome.place))
}

/// Which items of a run are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// All of them.
    All,
    /// Those that were skipped.
    Skipped,
    /// Those that delete or suspend.
    Destructive,
}

/// Forgets what was drawn up by `before` and never started.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_drafts(pool: &PgPool, before: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("delete from runs where state = 'drafted' and created_at < $1", before,)
        .execute(pool)
        .await?;
    Ok(())
}
