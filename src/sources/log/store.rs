//! Reads and writes `requests`.

use serde_json::Value as Json;
use sqlx::PgPool;

use super::{Line, Masked};

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
