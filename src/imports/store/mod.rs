//! Reads and writes `imports`; `import_rows` are next door.

mod rows;

pub(super) use rows::{
    Judged, insert_missing, insert_rows, known, put_outcomes, put_verdicts, rekey, to_apply,
    to_compare,
};
pub use rows::{Row, left_to_suspend, of_verdict, samples, undone};

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{AppliedBy, Import, columns::Columns};
use crate::{
    db::{Corrupt, ListError},
    kernel::{AdministratorId, ImportId, Page, decode_cursor},
};

/// How long the lines of a file are kept.
const KEPT: Duration = Duration::days(30);
/// How many imports are erased at once.
const ERASED_AT_ONCE: i64 = 2;

struct ImportRow {
    id: Uuid,
    name: String,
    file_name: String,
    state: String,
    header: Json,
    meanings: Json,
    missing: String,
    total: i32,
    round: i32,
    reached: i32,
    preview: Json,
    outcome: Json,
    uploaded_at: OffsetDateTime,
    uploaded_by: String,
    applied_at: Option<OffsetDateTime>,
    applied_by: Option<Uuid>,
    applied_by_name: Option<String>,
    finished_at: Option<OffsetDateTime>,
    says: Option<String>,
    erased_at: Option<OffsetDateTime>,
}

fn corrupt<E>(table: &'static str, row: impl ToString) -> impl FnOnce(E) -> Corrupt {
    move |_| Corrupt { table, row: row.to_string() }
}

impl TryFrom<ImportRow> for Import {
    type Error = Corrupt;

    fn try_from(row: ImportRow) -> Result<Self, Corrupt> {
        let id = ImportId::from(row.id);
        let bad = || corrupt("imports", id);
        let applied_by = row.applied_at.zip(row.applied_by_name).map(|(at, name)| AppliedBy {
            administrator: row.applied_by.map(AdministratorId::from),
            name,
            at,
        });
        Ok(Self {
            id,
            name: row.name,
            file_name: row.file_name,
            state: row.state.parse().map_err(corrupt("imports", id))?,
            header: serde_json::from_value(row.header).map_err(bad())?,
            columns: serde_json::from_value::<Columns>(row.meanings).map_err(bad())?,
            missing: row.missing.parse().map_err(corrupt("imports", id))?,
            total: row.total,
            round: row.round,
            reached: row.reached,
            preview: serde_json::from_value(row.preview).map_err(bad())?,
            outcome: serde_json::from_value(row.outcome).map_err(bad())?,
            uploaded_at: row.uploaded_at,
            uploaded_by: row.uploaded_by,
            applied_by,
            finished_at: row.finished_at,
            says: row.says,
            erased_at: row.erased_at,
        })
    }
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            ImportRow,
            "select id, name, file_name, state, header, meanings, missing, total, round, reached, preview, outcome,
                 uploaded_at, uploaded_by, applied_at, applied_by, applied_by_name, finished_at, says, erased_at
             from imports " + $rest
            $(, $bind)*
        )
    };
}

/// An import.
///
/// # Errors
/// When the database does not answer.
pub async fn find(pool: &PgPool, id: ImportId) -> sqlx::Result<Option<Import>> {
    let row = select!("where id = $1", id.uuid()).fetch_optional(pool).await?;
    Ok(row.map(Import::try_from).transpose()?)
}

/// Reads one and holds it until `tx` ends. Whatever brings an import on takes this lock first.
pub(super) async fn lock(tx: &mut PgConnection, id: ImportId) -> sqlx::Result<Option<Import>> {
    let row = select!("where id = $1 for update", id.uuid()).fetch_optional(tx).await?;
    Ok(row.map(Import::try_from).transpose()?)
}

/// One page of the imports, newest first.
///
/// # Errors
/// A cursor that is not of this list, or a database that does not answer.
pub async fn list(
    pool: &PgPool,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Import>, ListError> {
    let before: Option<(i64, Uuid)> = cursor.map(decode_cursor).transpose()?;
    let (micros, id) = before.unwrap_or((i64::MAX / 2, Uuid::max()));
    let rows = select!(
        "where (uploaded_at, id) < (to_timestamp(0) + $1::bigint * interval '1 microsecond', $2)
         order by uploaded_at desc, id desc
         limit $3",
        micros.min(LATEST),
        id,
        i64::try_from(limit + 1).unwrap_or(i64::MAX),
    )
    .fetch_all(pool)
    .await?;
    let imports = rows.into_iter().map(Import::try_from).collect::<Result<Vec<_>, _>>();
    let imports = imports.map_err(sqlx::Error::from)?;
    Ok(Page::of(imports, limit, |import| {
        let micros = import.uploaded_at.unix_timestamp_nanos() / 1_000;
        (i64::try_from(micros).unwrap_or_default(), import.id.uuid())
    }))
}

/// Later than any upload, in microseconds since 1970: the year 9999.
const LATEST: i64 = 253_370_764_800_000_000;

fn json(value: &impl serde::Serialize) -> sqlx::Result<Json> {
    serde_json::to_value(value).map_err(|error| sqlx::Error::Encode(Box::new(error)))
}

pub(super) async fn insert(tx: &mut PgConnection, import: &Import) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into imports
             (id, name, file_name, state, header, meanings, missing, total, uploaded_at, uploaded_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        import.id.uuid(),
        import.name,
        import.file_name,
        import.state.word(),
        json(&import.header)?,
        json(&import.columns)?,
        import.missing.word(),
        import.total,
        import.uploaded_at,
        import.uploaded_by,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes back all of an import that may change.
pub(super) async fn put(tx: &mut PgConnection, import: &Import) -> sqlx::Result<()> {
    let by = import.applied_by.as_ref();
    sqlx::query!(
        "update imports
         set state = $2, meanings = $3, missing = $4, total = $5, round = $6, reached = $7, preview = $8,
             outcome = $9, applied_at = $10, applied_by = $11, applied_by_name = $12, finished_at = $13, says = $14
         where id = $1",
        import.id.uuid(),
        import.state.word(),
        json(&import.columns)?,
        import.missing.word(),
        import.total,
        import.round,
        import.reached,
        json(&import.preview)?,
        json(&import.outcome)?,
        by.map(|by| by.at),
        by.and_then(|by| by.administrator).map(AdministratorId::uuid),
        by.map(|by| &*by.name),
        import.finished_at,
        import.says,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets an import that was never applied, lines and all.
///
/// # Errors
/// When the database does not answer.
pub async fn discard(pool: &PgPool, id: ImportId) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from imports where id = $1 and state in ('columns', 'comparing', 'ready')",
        id.uuid(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Erases the lines of old imports and returns of how many; the counts stay. There may be more.
///
/// # Errors
/// When the database does not answer.
pub async fn erase(pool: &PgPool, now: OffsetDateTime) -> sqlx::Result<u64> {
    let erased = sqlx::query!(
        "with old as (
             select id from imports
             where erased_at is null and uploaded_at < $1 and state <> 'applying'
             order by uploaded_at
             limit $2
             for update skip locked
         ),
         gone as (delete from import_rows using old where import_id = old.id)
         update imports set erased_at = $3, header = '[]', meanings = '[]'
         from old
         where imports.id = old.id",
        now - KEPT,
        ERASED_AT_ONCE,
        now,
    )
    .execute(pool)
    .await?;
    Ok(erased.rows_affected())
}
