//! Reads and writes `apps`.

use serde_json::Value as Json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    app::{App, Approvals, Connection, Learnt, Pause, PausedBy, Provisioning, Sending},
    reason::Reasons,
    seal::Sealed,
};
use crate::{db::Corrupt, kernel::AppId};

#[expect(clippy::struct_excessive_bools, reason = "each is one column")]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    connector: Option<String>,
    base_url: Option<String>,
    credential: Option<Vec<u8>>,
    updates: String,
    lookups: String,
    deletes: String,
    learnt_updates: Option<String>,
    capabilities: Option<Json>,
    verified_at: Option<OffsetDateTime>,
    paused_at: Option<OffsetDateTime>,
    paused_because: Option<String>,
    paused_by: Option<String>,
    draining_at: Option<OffsetDateTime>,
    resumed_at: Option<OffsetDateTime>,
    undo_seconds: i32,
    send_anyway: Vec<String>,
    provisioning: bool,
    approve_create: bool,
    approve_update: bool,
    approve_suspend: bool,
    approve_delete: bool,
    on_delete: String,
    on_suspend: String,
    four_eyes: bool,
    domains: Vec<String>,
    reasons: Option<Json>,
}

macro_rules! select {
    ($rest:tt $(, $bind:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id, slug, name, connector, base_url, credential, updates, lookups, deletes, learnt_updates,
                 capabilities, verified_at, paused_at, paused_because, paused_by, draining_at, resumed_at,
                 undo_seconds, send_anyway, provisioning, approve_create, approve_update, approve_suspend, approve_delete, on_delete, on_suspend, four_eyes,
                 domains,
                 (select jsonb_object_agg(kind, jsonb_build_object('required', required, 'pattern', pattern, 'message', says))
                  from reason_rules where app_id = apps.id) as reasons
             from apps "# + $rest
            $(, $bind)*
        )
    };
}

impl TryFrom<Row> for App {
    type Error = Corrupt;

    fn try_from(row: Row) -> Result<Self, Corrupt> {
        let slug = row.slug.clone();
        row.read().ok_or(Corrupt { table: "apps", row: slug })
    }
}

impl Row {
    fn read(self) -> Option<App> {
        let connection = match (self.connector, self.base_url, self.credential) {
            (Some(connector), Some(base_url), Some(credential)) => Some(Connection {
                connector: connector.parse().ok()?,
                base_url: base_url.parse().ok()?,
                credential: Sealed(credential),
                updates: self.updates.parse().ok()?,
                lookups: self.lookups.parse().ok()?,
                deletes: self.deletes.parse().ok()?,
                learnt: self.learnt_updates.map(|word| word.parse()).transpose().ok()?,
                capabilities: self.capabilities,
                verified_at: self.verified_at,
            }),
            (None, None, None) => None,
            _ => return None,
        };
        let pause = match (self.paused_at, self.paused_because, self.paused_by) {
            (Some(at), Some(because), Some(by)) => {
                Some(Pause { at, by: by.parse().ok()?, because })
            }
            (None, None, None) => None,
            _ => return None,
        };
        let sending = Sending {
            undo_seconds: self.undo_seconds.try_into().ok()?,
            send_anyway: self
                .send_anyway
                .iter()
                .map(|word| word.parse().ok())
                .collect::<Option<_>>()?,
        };
        let provisioning = Provisioning {
            enabled: self.provisioning,
            approve: Approvals {
                create: self.approve_create,
                update: self.approve_update,
                suspend: self.approve_suspend,
                delete: self.approve_delete,
            },
            on_delete: self.on_delete.parse().ok()?,
            on_suspend: self.on_suspend.parse().ok()?,
            four_eyes: self.four_eyes,
        };
        Some(App {
            id: AppId::from(self.id),
            slug: self.slug,
            name: self.name,
            connection,
            provisioning,
            reasons: match self.reasons {
                Some(rules) => serde_json::from_value(rules).ok()?,
                None => Reasons::new(),
            },
            sending,
            pause,
            draining_at: self.draining_at,
            resumed_at: self.resumed_at,
            domains: self.domains,
        })
    }
}

/// The app of a name in addresses.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_slug(pool: &PgPool, slug: &str) -> sqlx::Result<Option<App>> {
    let row = select!("where slug = $1", slug).fetch_optional(pool).await?;
    Ok(row.map(App::try_from).transpose()?)
}

/// An app.
///
/// # Errors
/// When the database does not answer, or there is no such app.
pub async fn fetch(tx: &mut PgConnection, id: AppId) -> sqlx::Result<App> {
    let row = select!("where id = $1", id.uuid()).fetch_one(tx).await?;
    Ok(App::try_from(row)?)
}

/// Reads an app and holds it until `tx` ends.
///
/// # Errors
/// When the database does not answer, or there is no such app.
pub async fn lock(tx: &mut PgConnection, id: AppId) -> sqlx::Result<App> {
    let row = select!("where id = $1 for update", id.uuid()).fetch_one(tx).await?;
    Ok(App::try_from(row)?)
}

/// Every app, by name. Bounded: there are a handful.
///
/// # Errors
/// When the database does not answer.
pub async fn list(tx: &mut PgConnection) -> sqlx::Result<Vec<App>> {
    let rows = select!("order by name limit 100").fetch_all(tx).await?;
    Ok(rows.into_iter().map(App::try_from).collect::<Result<_, _>>()?)
}

/// Stores how an app is spoken to, and lets it go on if what was wrong with it paused it. What a person
/// paused, or has drain, stays so.
///
/// # Errors
/// When the database does not answer.
pub async fn put_connection(
    tx: &mut PgConnection,
    id: AppId,
    connection: &Connection,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update apps
         set connector = $2, base_url = $3, credential = $4, updates = $5, lookups = $6, deletes = $7,
             learnt_updates = $8, capabilities = $9, verified_at = $10,
             paused_at = case when paused_by = 'person' then paused_at end,
             paused_because = case when paused_by = 'person' then paused_because end,
             paused_by = case when paused_by = 'person' then paused_by end,
             resumed_at = case when paused_by <> 'person' then $10 else resumed_at end
         where id = $1",
        id.uuid(),
        connection.connector.word(),
        connection.base_url.as_str(),
        connection.credential.0,
        connection.updates.word(),
        connection.lookups.word(),
        connection.deletes.word(),
        connection.learnt.map(Learnt::word),
        connection.capabilities,
        connection.verified_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores the *Provisioning* tab.
///
/// # Errors
/// A violation of `only_a_connected_app_provisions` when it is not connected.
pub async fn put_provisioning(
    tx: &mut PgConnection,
    id: AppId,
    provisioning: &Provisioning,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update apps
         set provisioning = $2, approve_create = $3, approve_update = $4, approve_suspend = $5,
             approve_delete = $6, on_delete = $7, on_suspend = $8, four_eyes = $9,
             draining_at = case when $2 then draining_at end
         where id = $1",
        id.uuid(),
        provisioning.enabled,
        provisioning.approve.create,
        provisioning.approve.update,
        provisioning.approve.suspend,
        provisioning.approve.delete,
        provisioning.on_delete.word(),
        provisioning.on_suspend.word(),
        provisioning.four_eyes,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Stores what reasons have to be like, in place of what they had to be like before.
///
/// # Errors
/// When the database does not answer.
pub async fn put_reasons(tx: &mut PgConnection, id: AppId, reasons: &Reasons) -> sqlx::Result<()> {
    sqlx::query!("delete from reason_rules where app_id = $1", id.uuid()).execute(&mut *tx).await?;
    for (kind, rule) in reasons {
        sqlx::query!(
            "insert into reason_rules (app_id, kind, required, pattern, says) values ($1, $2, $3, $4, $5)",
            id.uuid(),
            kind.word(),
            rule.required,
            rule.pattern,
            rule.says,
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Stores which mail domains are the organisation's own.
///
/// # Errors
/// When the database does not answer.
pub async fn put_domains(tx: &mut PgConnection, id: AppId, domains: &[String]) -> sqlx::Result<()> {
    sqlx::query!("update apps set domains = $2 where id = $1", id.uuid(), domains)
        .execute(tx)
        .await?;
    Ok(())
}

/// Stores how approved actions are sent.
///
/// # Errors
/// When the database does not answer.
pub async fn put_sending(tx: &mut PgConnection, id: AppId, sending: &Sending) -> sqlx::Result<()> {
    let anyway: Vec<_> = sending.send_anyway.iter().map(|attribute| attribute.word()).collect();
    sqlx::query!(
        "update apps set undo_seconds = $2, send_anyway = $3 where id = $1",
        id.uuid(),
        i32::from(sending.undo_seconds),
        &anyway as _,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Stops sending to an app; `false` when it was paused already.
///
/// # Errors
/// When the database does not answer.
pub async fn pause(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    id: AppId,
    by: PausedBy,
    because: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update apps set paused_at = $2, paused_by = $3, paused_because = $4, draining_at = null
         where id = $1 and paused_at is null",
        id.uuid(),
        now,
        by.word(),
        because,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets an app go on, whether it was paused or about to be; `false` when it was neither.
///
/// # Errors
/// When the database does not answer.
pub async fn resume(tx: &mut PgConnection, now: OffsetDateTime, id: AppId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update apps
         set paused_at = null, paused_by = null, paused_because = null, draining_at = null, resumed_at = $2
         where id = $1 and (paused_at is not null or draining_at is not null)",
        id.uuid(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that an app is paused once what was approved by now is sent; `false` when it is or will be already.
///
/// # Errors
/// When the database does not answer.
pub async fn drain(tx: &mut PgConnection, now: OffsetDateTime, id: AppId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update apps set draining_at = $2 where id = $1 and paused_at is null and draining_at is null",
        id.uuid(),
        now,
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes a simpler way to ask; `false` when it was known already.
///
/// # Errors
/// When the database does not answer.
pub async fn learn(tx: &mut PgConnection, id: AppId, learnt: Learnt) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update apps set learnt_updates = $2
         where id = $1 and learnt_updates is distinct from $2 and learnt_updates is distinct from 'put'",
        id.uuid(),
        learnt.word(),
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
