//! Reads and writes `import_rows`.

use serde_json::Value as Json;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use super::{corrupt, json};
use crate::{
    db::{Corrupt, ListError},
    imports::{
        Import, Missing, Outcome, Verdict, file,
        judge::{Change, Fault, suspension},
    },
    kernel::{ImportId, Page, UserId, decode_cursor},
};

/// Writes lines after those that are there; `key` is the column of the user name.
pub(in crate::imports) async fn insert_rows(
    tx: &mut PgConnection,
    id: ImportId,
    after: i32,
    rows: &[file::Row],
    key: Option<usize>,
) -> sqlx::Result<()> {
    let lines: Vec<_> =
        rows.iter().map(|row| i32::try_from(row.line).unwrap_or(i32::MAX)).collect();
    let cells: Vec<_> = rows.iter().map(|row| json(&row.cells)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "insert into import_rows (import_id, place, line, cells, key)
         select $1, $2 + row.place::int, row.line, row.cells, nullif(left(lower(row.cells ->> $5::int), 300), '')
         from unnest($3::int[], $4::jsonb[]) with ordinality as row (line, cells, place)",
        id.uuid(),
        after,
        &lines,
        &cells,
        key.and_then(|key| i32::try_from(key).ok()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes the user names from another column, and forgets the people who were missing.
pub(in crate::imports) async fn rekey(
    tx: &mut PgConnection,
    id: ImportId,
    key: Option<usize>,
) -> sqlx::Result<()> {
    sqlx::query!("delete from import_rows where import_id = $1 and line is null", id.uuid())
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "update import_rows set key = nullif(left(lower(cells ->> $2::int), 300), '')
         where import_id = $1 and key is distinct from nullif(left(lower(cells ->> $2::int), 300), '')",
        id.uuid(),
        key.and_then(|key| i32::try_from(key).ok()),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A line that is to be compared.
pub(in crate::imports) struct ToCompare {
    pub(in crate::imports) place: i32,
    pub(in crate::imports) cells: Vec<String>,
    pub(in crate::imports) key: Option<String>,
    /// Another line of the same user name.
    pub(in crate::imports) twin: Option<i32>,
}

/// The next lines to compare.
pub(in crate::imports) async fn to_compare(
    tx: &mut PgConnection,
    id: ImportId,
    after: i32,
    limit: i64,
) -> sqlx::Result<Vec<ToCompare>> {
    let rows = sqlx::query!(
        r#"select place, cells as "cells!", key, (
               select other.line from import_rows other
               where other.import_id = $1 and other.key = import_rows.key and other.place <> import_rows.place
               order by other.place
               limit 1
           ) as twin
           from import_rows
           where import_id = $1 and place > $2 and line is not null
           order by place
           limit $3"#,
        id.uuid(),
        after,
        limit,
    )
    .fetch_all(tx)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let bad = corrupt("import_rows", format!("{id}/{}", row.place));
        let cells = serde_json::from_value(row.cells).map_err(bad)?;
        Ok(ToCompare { place: row.place, cells, key: row.key, twin: row.twin })
    });
    rows.collect()
}

/// Which user has each of some user names, in lower case as the database makes it.
pub(in crate::imports) async fn known(
    tx: &mut PgConnection,
    keys: &[String],
) -> sqlx::Result<Vec<(String, UserId)>> {
    let rows = sqlx::query!(
        r#"select lower(user_name) as "key!", id from users
           where lower(user_name) = any($1) and deleted_at is null"#,
        keys,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.key, UserId::from(row.id))).collect())
}

/// What was found of one line.
pub(in crate::imports) struct Judged {
    pub(in crate::imports) place: i32,
    pub(in crate::imports) verdict: Verdict,
    pub(in crate::imports) user: Option<UserId>,
    pub(in crate::imports) changes: Vec<Change>,
    pub(in crate::imports) faults: Vec<Fault>,
}

pub(in crate::imports) async fn put_verdicts(
    tx: &mut PgConnection,
    id: ImportId,
    judged: &[Judged],
) -> sqlx::Result<()> {
    let places: Vec<_> = judged.iter().map(|one| one.place).collect();
    let verdicts: Vec<_> = judged.iter().map(|one| one.verdict.word().to_owned()).collect();
    let users: Vec<_> = judged.iter().map(|one| one.user.map(UserId::uuid)).collect();
    let changes: Vec<_> = judged.iter().map(|one| json(&one.changes)).collect::<Result<_, _>>()?;
    let faults: Vec<_> = judged.iter().map(|one| json(&one.faults)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "update import_rows
         set verdict = one.verdict, user_id = one.user_id, changes = one.changes, faults = one.faults
         from unnest($2::int[], $3::text[], $4::uuid[], $5::jsonb[], $6::jsonb[])
             as one (place, verdict, user_id, changes, faults)
         where import_rows.import_id = $1 and import_rows.place = one.place",
        id.uuid(),
        &places,
        &verdicts,
        &users as &[Option<Uuid>],
        &changes,
        &faults,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Adds a row for each active person who is not in the file, by name, and returns how many.
pub(in crate::imports) async fn insert_missing(
    tx: &mut PgConnection,
    import: &Import,
) -> sqlx::Result<u64> {
    let inserted = sqlx::query!(
        "insert into import_rows (import_id, place, verdict, user_id, key, changes)
         select $1, $2 + row_number() over (order by sort_name, id)::int, 'suspend', id, left(lower(user_name), 300), $3
         from users
         where deleted_at is null and active and ($4 or source = 'csv')
           and not exists (
               select from import_rows
               where import_id = $1 and line is not null and key = left(lower(users.user_name), 300)
           )",
        import.id.uuid(),
        import.total,
        json(&[suspension()])?,
        import.missing == Missing::Everybody,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected())
}

/// One row: of a line of the file, or of somebody who is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its place among the rows.
    pub place: i32,
    /// Its line in the file, and its cells; `None` for somebody who is missing.
    pub line: Option<(i32, Vec<String>)>,
    /// The user name as it is compared.
    pub key: Option<String>,
    /// What it would do.
    pub verdict: Verdict,
    /// To whom; `None` for somebody new.
    pub user: Option<UserId>,
    /// In full.
    pub changes: Vec<Change>,
    /// Why it is bad.
    pub faults: Vec<Fault>,
    /// What became of it.
    pub outcome: Option<Outcome>,
    /// Why it was not done.
    pub says: Option<String>,
}

struct RowRow {
    place: i32,
    line: Option<i32>,
    cells: Option<Json>,
    key: Option<String>,
    verdict: Option<String>,
    user_id: Option<Uuid>,
    changes: Json,
    faults: Json,
    outcome: Option<String>,
    says: Option<String>,
}

impl TryFrom<RowRow> for Row {
    type Error = Corrupt;

    fn try_from(row: RowRow) -> Result<Self, Corrupt> {
        let bad = || corrupt("import_rows", row.place);
        let cells = row.cells.map(serde_json::from_value).transpose().map_err(bad())?;
        let verdict = row.verdict.as_deref().unwrap_or_default().parse();
        Ok(Self {
            place: row.place,
            line: row.line.zip(cells),
            key: row.key,
            verdict: verdict.map_err(corrupt("import_rows", row.place))?,
            user: row.user_id.map(UserId::from),
            changes: serde_json::from_value(row.changes).map_err(bad())?,
            faults: serde_json::from_value(row.faults).map_err(bad())?,
            outcome: row
                .outcome
                .map(|word| word.parse())
                .transpose()
                .map_err(corrupt("import_rows", row.place))?,
            says: row.says,
        })
    }
}

macro_rules! rows {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            RowRow,
            "select place, line, cells, key, verdict, user_id, changes, faults, outcome, says from import_rows " + $rest
            $(, $bind)*
        )
    };
}

fn read(rows: Vec<RowRow>) -> sqlx::Result<Vec<Row>> {
    Ok(rows.into_iter().map(Row::try_from).collect::<Result<_, _>>()?)
}

/// One page of the rows of a verdict, in the order of the file.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn of_verdict(
    pool: &PgPool,
    id: ImportId,
    verdict: Verdict,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Row>, ListError> {
    let after: i32 = cursor.map(decode_cursor).transpose()?.unwrap_or(0);
    let rows = rows!(
        "where import_id = $1 and verdict = $2 and place > $3 order by place limit $4",
        id.uuid(),
        verdict.word(),
        after,
        i64::try_from(limit + 1).unwrap_or(i64::MAX),
    );
    Ok(Page::of(read(rows.fetch_all(pool).await?)?, limit, |row| row.place))
}

/// One page of the rows that were to do something and were left undone, in the order of the file.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn undone(
    pool: &PgPool,
    id: ImportId,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Row>, ListError> {
    let after: i32 = cursor.map(decode_cursor).transpose()?.unwrap_or(0);
    let rows = rows!(
        "where import_id = $1 and outcome in ('differs', 'failed') and place > $2 order by place limit $3",
        id.uuid(),
        after,
        i64::try_from(limit + 1).unwrap_or(i64::MAX),
    );
    Ok(Page::of(read(rows.fetch_all(pool).await?)?, limit, |row| row.place))
}

/// The next rows to apply.
pub(in crate::imports) async fn to_apply(
    tx: &mut PgConnection,
    id: ImportId,
    after: i32,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    let rows = rows!(
        "where import_id = $1 and place > $2 and verdict in ('create', 'update', 'suspend', 'reactivate')
         order by place
         limit $3",
        id.uuid(),
        after,
        limit,
    );
    read(rows.fetch_all(tx).await?)
}

/// Writes what became of some rows: place, outcome, and why it was not done.
pub(in crate::imports) async fn put_outcomes(
    tx: &mut PgConnection,
    id: ImportId,
    outcomes: &[(i32, Outcome, Option<String>)],
) -> sqlx::Result<()> {
    let places: Vec<_> = outcomes.iter().map(|(place, ..)| *place).collect();
    let words: Vec<_> = outcomes.iter().map(|(_, outcome, _)| outcome.word().to_owned()).collect();
    let says: Vec<_> = outcomes.iter().map(|(.., says)| says.clone()).collect();
    sqlx::query!(
        "update import_rows set outcome = one.outcome, says = one.says
         from unnest($2::int[], $3::text[], $4::text[]) as one (place, outcome, says)
         where import_rows.import_id = $1 and import_rows.place = one.place",
        id.uuid(),
        &places,
        &words,
        &says as &[Option<String>],
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// How many people are still to be suspended.
///
/// # Errors
/// When the database does not answer.
pub async fn left_to_suspend(executor: impl PgExecutor<'_>, id: ImportId) -> sqlx::Result<u32> {
    let left = sqlx::query_scalar!(
        r#"select count(*) as "left!" from import_rows
           where import_id = $1 and verdict = 'suspend' and outcome is null"#,
        id.uuid(),
    );
    Ok(u32::try_from(left.fetch_one(executor).await?).unwrap_or(u32::MAX))
}

/// The cells of the first lines, for a person to see what a column holds.
///
/// # Errors
/// When the database does not answer.
pub async fn samples(pool: &PgPool, id: ImportId, lines: i32) -> sqlx::Result<Vec<Vec<String>>> {
    let cells = sqlx::query_scalar!(
        r#"select cells as "cells!" from import_rows
           where import_id = $1 and place <= $2 and cells is not null
           order by place"#,
        id.uuid(),
        lines,
    );
    let cells = cells.fetch_all(pool).await?;
    let cells = cells.into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
    Ok(cells.map_err(corrupt("import_rows", id))?)
}
