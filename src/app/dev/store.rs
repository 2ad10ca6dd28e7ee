//! Writes what is made up, by `copy`: every constraint of the schema is checked as for anything else.

use sqlx::{
    AssertSqlSafe, PgConnection, PgPool,
    types::{Uuid, time::OffsetDateTime},
};

/// Rows of a table in the text form of `copy`.
#[derive(Debug, Default)]
pub(super) struct Rows(String);

impl Rows {
    /// One more cell of the row; nothing is null.
    pub(super) fn cell(&mut self, text: Option<&str>) -> &mut Self {
        if !self.0.is_empty() && !self.0.ends_with('\n') {
            self.0.push('\t');
        }
        for letter in text.unwrap_or("\u{0}").chars() {
            match letter {
                '\u{0}' => self.0.push_str("\\N"),
                '\\' => self.0.push_str("\\\\"),
                '\t' => self.0.push_str("\\t"),
                '\n' => self.0.push_str("\\n"),
                '\r' => self.0.push_str("\\r"),
                letter => self.0.push(letter),
            }
        }
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.cell(Some(text))
    }

    pub(super) fn shown(&mut self, value: impl std::fmt::Display) -> &mut Self {
        self.text(&value.to_string())
    }

    pub(super) fn maybe(&mut self, value: Option<impl std::fmt::Display>) -> &mut Self {
        self.cell(value.map(|value| value.to_string()).as_deref())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        use std::fmt::Write as _;
        let mut text = String::from("\\x");
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        self.text(&text)
    }

    /// Ends the row.
    pub(super) fn end(&mut self) {
        self.0.push('\n');
    }
}

/// Writes rows of some columns of a table.
pub(super) async fn copy(tx: &mut PgConnection, into: &str, rows: Rows) -> sqlx::Result<()> {
    let mut copy = tx.copy_in_raw(&format!("copy {into} from stdin")).await?;
    copy.send(rows.0.into_bytes()).await?;
    copy.finish().await?;
    Ok(())
}

/// Whether there are people or actions, or have ever been. Nobody can add any until `tx` ends.
pub(super) async fn is_used(tx: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::raw_sql("lock table users, actions in share row exclusive mode")
        .execute(&mut *tx)
        .await?;
    sqlx::query_scalar!(
        r#"select exists (select from users) or exists (select from actions) as "used!""#
    )
    .fetch_one(tx)
    .await
}

/// What each user is listed by, in the order of their ids.
pub(super) async fn sort_names(tx: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!("select sort_name from users order by id").fetch_all(tx).await
}

/// The numbers of the newest actions, the oldest of them first.
pub(super) async fn newest_numbers(tx: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<i64>> {
    let mut numbers =
        sqlx::query_scalar!("select number from actions order by number desc limit $1", limit)
            .fetch_all(tx)
            .await?;
    numbers.reverse();
    Ok(numbers)
}

/// Those who decided, none of whom can sign in: they are disabled, and their hash is of no password.
pub(super) async fn insert_administrator(
    tx: &mut PgConnection,
    id: Uuid,
    (name, email, role): (&str, &str, &str),
    created_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into administrators (id, email, name, role, password_hash, created_at, disabled_at)
         values ($1, $2, $3, $4, '', $5, $5)",
        id,
        email,
        name,
        role,
        created_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A source that pushes, unless there is one of the same slug.
pub(super) async fn insert_source(
    tx: &mut PgConnection,
    (slug, provider, name): (&str, &str, &str),
    created_at: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into sources (slug, kind, name, provider, created_at) values ($1, 'scim', $2, $3, $4)
         on conflict (slug) do nothing",
        slug,
        name,
        provider,
        created_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn insert_burst(
    tx: &mut PgConnection,
    source: &str,
    (began_at, ended_at): (OffsetDateTime, OffsetDateTime),
    actions: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into bursts (source, began_at, ended_at, actions) values ($1, $2, $3, $4)",
        source,
        began_at,
        ended_at,
        actions,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Lets the planner know what there is now, and index-only reads what everybody can see.
pub(super) async fn tidy(pool: &PgPool) -> sqlx::Result<()> {
    for table in ["users", "accounts", "actions", "bursts", "events"] {
        let sql = AssertSqlSafe(format!("vacuum (analyze) {table}"));
        sqlx::raw_sql(sql).execute(pool).await?;
    }
    Ok(())
}
