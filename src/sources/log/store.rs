//! Reads and writes `requests`.

use std::{collections::HashMap, time::Duration};

use serde_json::Value as Json;
use sqlx::PgPool;
use time::{OffsetDateTime, macros::datetime};

use super::{Caused, Line, Masked};
use crate::{
    db::{Corrupt, ListError},
    directory::Source,
    kernel::{Page, decode_cursor},
};

/// Requests are counted up to here: a page does not count a million rows.
pub const COUNTED: i64 = 10_000;
/// Where a list begins: after everything.
const BEGIN: (OffsetDateTime, i64) = (datetime!(9999-12-31 0:00 UTC), i64::MAX);

/// A request as it was noted.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    /// Its place in the order of writing.
    pub seq: i64,
    /// When it began.
    pub at: OffsetDateTime,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Path and query, without what a filter looks for.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// From the request to the answer.
    pub duration: Duration,
    /// The shape of what was sent.
    pub body: Option<Json>,
    /// The detail of a refusal.
    pub says: Option<String>,
    /// What became of the queue.
    pub caused: Vec<Caused>,
    /// Of how many actions more nothing but the number is kept.
    pub more: u64,
}

/// What came of a source of late.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// When the last request came.
    pub last: Option<OffsetDateTime>,
    /// How many came today, counted up to one more than [`COUNTED`].
    pub today: i64,
    /// The last refusal: when, with which status, and what it said.
    pub refused: Option<(OffsetDateTime, u16, String)>,
}

struct Row {
    seq: i64,
    at: OffsetDateTime,
    method: String,
    path: String,
    status: i16,
    duration_us: i32,
    body: Option<Json>,
    says: Option<String>,
    caused: Json,
}

impl TryFrom<Row> for Noted {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let corrupt = || Corrupt { table: "requests", row: row.seq.to_string() };
        let (mut caused, mut more) = (Vec::new(), 0);
        for one in row.caused.as_array().ok_or_else(corrupt)? {
            match one.as_u64() {
                Some(number) => more = number,
                None => caused.push(serde_json::from_value(one.clone()).map_err(|_| corrupt())?),
            }
        }
        Ok(Self {
            seq: row.seq,
            at: row.at,
            status: u16::try_from(row.status).map_err(|_| corrupt())?,
            duration: Duration::from_micros(u64::try_from(row.duration_us).unwrap_or_default()),
            caused,
            more,
            method: row.method,
            path: row.path,
            body: row.body,
            says: row.says,
        })
    }
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            "select seq, at, method, path, status, duration_us, body, says, caused
             from requests where source = $1 and (at, seq) < ($2, $3) " + $rest
            $(, $bind)*
        )
    };
}

/// What a source asked, newest first: everything, or what was refused.
///
/// # Errors
/// [`ListError::Cursor`] when the cursor is not one of this list.
pub async fn list(
    pool: &PgPool,
    source: &Source,
    refused: bool,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Noted>, ListError> {
    let (at, seq) = match cursor {
        Some(cursor) => {
            let (nanos, seq): (i64, i64) = decode_cursor(cursor)?;
            let at = OffsetDateTime::from_unix_timestamp_nanos(nanos.into());
            (at.map_err(|_| crate::kernel::BadCursor)?, seq)
        }
        None => BEGIN,
    };
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    // Two statements, as each is answered by an index of its own.
    let rows = if refused {
        let rows = select!(
            "and status >= 400 order by at desc, seq desc limit $4",
            source.0,
            at,
            seq,
            most,
        );
        rows.fetch_all(pool).await?
    } else {
        let rows = select!("order by at desc, seq desc limit $4", source.0, at, seq, most);
        rows.fetch_all(pool).await?
    };
    let noted: Result<Vec<_>, Corrupt> = rows.into_iter().map(Noted::try_from).collect();
    let key = |noted: &Noted| {
        (i64::try_from(noted.at.unix_timestamp_nanos()).unwrap_or(i64::MAX), noted.seq)
    };
    Ok(Page::of(noted.map_err(sqlx::Error::from)?, limit, key))
}

/// What came of some sources of late, by slug; `today` is when the day began.
///
/// # Errors
/// When the database does not answer.
pub(in crate::sources) async fn traffic(
    pool: &PgPool,
    sources: &[String],
    today: OffsetDateTime,
) -> sqlx::Result<HashMap<String, Traffic>> {
    let rows = sqlx::query!(
        r#"select slug as "slug!",
             (select at from requests where source = slug order by at desc, seq desc limit 1) as last,
             (select count(*) from
                 (select from requests where source = slug and at >= $2
                  order by at desc, seq desc limit $3) as counted) as "today!",
             refused.at as "refused_at?", refused.status as "status?", refused.says as "says?"
           from unnest($1::text[]) as slug
           left join lateral (
               select at, status, says from requests
               where source = slug and status >= 400 order by at desc, seq desc limit 1
           ) as refused on true"#,
        sources,
        today,
        COUNTED + 1,
    )
    .fetch_all(pool)
    .await?;
    let traffic = rows.into_iter().map(|row| {
        let status = row.status.and_then(|status| u16::try_from(status).ok());
        let refused = row.refused_at.zip(status);
        let says = row.says.unwrap_or_default();
        let refused = refused.map(|(at, status)| (at, status, says));
        (row.slug, Traffic { last: row.last, today: row.today, refused })
    });
    Ok(traffic.collect())
}

/// Deletes those of the `most` oldest requests that are from before `before`; says how many. Oldest is
/// what was written first, which is about the order they came in.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(pool: &PgPool, before: OffsetDateTime, most: i64) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from requests
         where seq = any(array(select seq from requests order by seq limit $2)) and at < $1",
        before,
        most,
    );
    Ok(done.execute(pool).await?.rows_affected())
}

/// Writes entries in one statement.
pub(super) async fn insert(pool: &PgPool, lines: &[Line]) -> sqlx::Result<()> {
    let column =
        |of: fn(&Line) -> &str| lines.iter().map(|line| of(line).to_owned()).collect::<Vec<_>>();
    let sources = column(|line| &line.source.0);
    let at: Vec<_> = lines.iter().map(|line| line.at).collect();
    let methods = column(|line| &line.method);
    let paths = column(|line| &line.path);
    let statuses: Vec<_> = lines.iter().map(|line| line.status).collect();
    let durations: Vec<_> = lines.iter().map(|line| line.duration_us).collect();
    let bodies: Vec<_> =
        lines.iter().map(|line| line.body.as_ref().map(Masked::as_json).cloned()).collect();
    let says: Vec<_> = lines.iter().map(|line| line.says.clone()).collect();
    let caused: Vec<Json> = lines.iter().map(|line| line.caused.clone()).collect();
    sqlx::query!(
        "insert into requests (source, at, method, path, status, duration_us, body, says, caused)
         select * from unnest(
             $1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::int2[], $6::int4[],
             $7::jsonb[], $8::text[], $9::jsonb[]
         )",
        &sources,
        &at,
        &methods,
        &paths,
        &statuses,
        &durations,
        &bodies as &[Option<Json>],
        &says as &[Option<String>],
        &caused,
    )
    .execute(pool)
    .await?;
    Ok(())
}
