//! `tests/schema.sql` shows what all migrations together make, so that a change of the schema is seen whole.
#![expect(clippy::expect_used, reason = "a test that cannot read its files fails")]

#[expect(dead_code, reason = "this test needs the database and none of what is shared around it")]
#[path = "it/support/db.rs"]
mod db;

use std::{fs, path::Path};

use db::TestDb;

/// Every table with its columns and constraints, then indexes, functions and triggers, as SQL.
/// A catalog query and not `pg_dump`, whose text differs from version to version.
async fn schema(db: &TestDb) -> String {
    let parts = sqlx::query_scalar!(
        r#"with tables as (
             select oid, relname from pg_class
             where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '_sqlx_migrations'
         ),
         lines as (
             select attrelid as oid, 1 as part, attnum::int as place, attname::text as name,
                 format('%I ', attname) || format_type(atttypid, atttypmod)
                 || case when attnotnull then ' not null' else '' end
                 || case
                     when attidentity = 'a' then ' generated always as identity'
                     when attgenerated = 's' then ' generated always as (' || pg_get_expr(adbin, adrelid) || ') stored'
                     when adbin is not null then ' default ' || pg_get_expr(adbin, adrelid)
                     else ''
                 end as line
             from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
             where attnum > 0 and not attisdropped
             union all
             select conrelid, 2, 0, conname::text, format('constraint %I ', conname) || pg_get_constraintdef(oid)
             from pg_constraint where contype <> 'n'
         )
         select text as "text!" from (
             select 1 as part, relname::text as name,
                 format(E'create table %I (\n    ', relname)
                 || string_agg(line, E',\n    ' order by part, place, name collate "C") || E'\n);\n' as text
             from tables join lines using (oid) group by relname
             union all
             select 2, indexrelid::regclass::text, pg_get_indexdef(indexrelid) || E';\n'
             from pg_index join tables on oid = indrelid
             where not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
             union all
             select 3, proname::text, pg_get_functiondef(pg_proc.oid) || E';\n'
             from pg_proc
             where pronamespace = 'public'::regnamespace
               and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
             union all
             select 4, tgname::text, pg_get_triggerdef(pg_trigger.oid) || E';\n'
             from pg_trigger join tables on tables.oid = tgrelid where not tgisinternal
         ) as parts
         order by part, name collate "C""#
    )
    .fetch_all(&db.pool)
    .await
    .expect("the catalog");
    parts.join("\n")
}

#[tokio::test]
async fn the_schema_is_the_one_on_file() {
    let db = TestDb::new().await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.sql");

    let real = schema(&db).await;

    let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema.sql");
    fs::write(&new, &real).expect("to write beside the build");
    let on_file = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        on_file == real,
        "the migrations make another schema; see and keep it: cp {} {}",
        new.display(),
        file.display()
    );
}
