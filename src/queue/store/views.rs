//! Reads and writes `views`.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    kernel::{AdministratorId, ViewId},
    queue::view::View,
};

/// The most views that somebody sees: their own, and what is shared.
const SEEN: i64 = 500;

struct Row {
    id: Uuid,
    administrator_id: Uuid,
    owner: String,
    name: String,
    query: String,
    shared: bool,
}

impl From<Row> for View {
    fn from(row: Row) -> Self {
        Self {
            id: ViewId::from(row.id),
            owner: AdministratorId::from(row.administrator_id),
            owner_name: row.owner,
            name: row.name,
            query: row.query,
            shared: row.shared,
        }
    }
}

/// The views of an administrator and then those that others share, each by name.
///
/// # Errors
/// When the database does not answer.
pub async fn views(pool: &PgPool, seen_by: AdministratorId) -> sqlx::Result<Vec<View>> {
    let rows = sqlx::query_as!(
        Row,
        "select views.id, administrator_id, administrators.name as owner, views.name, query, shared
         from views join administrators on administrators.id = administrator_id
         where administrator_id = $1 or shared
         order by administrator_id <> $1, lower(views.name), views.id
         limit $2",
        seen_by.uuid(),
        SEEN,
    );
    Ok(rows.fetch_all(pool).await?.into_iter().map(View::from).collect())
}

/// A view, held until `tx` ends.
///
/// # Errors
/// When the database does not answer.
pub async fn lock_view(tx: &mut PgConnection, id: ViewId) -> sqlx::Result<Option<View>> {
    let row = sqlx::query_as!(
        Row,
        "select views.id, administrator_id, administrators.name as owner, views.name, query, shared
         from views join administrators on administrators.id = administrator_id
         where views.id = $1
         for update of views",
        id.uuid(),
    );
    Ok(row.fetch_optional(tx).await?.map(View::from))
}

/// How many views an administrator has; nobody else counts them until `tx` ends.
pub(in crate::queue) async fn count_views(
    tx: &mut PgConnection,
    owner: AdministratorId,
) -> sqlx::Result<i64> {
    let id = owner.uuid();
    sqlx::query!("select id from administrators where id = $1 for no key update", id)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query_scalar!(r#"select count(*) as "count!" from views where administrator_id = $1"#, id)
        .fetch_one(tx)
        .await
}

/// A violation of `views_by_name` when its owner has one of that name.
pub(in crate::queue) async fn insert_view(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    view: &View,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into views (id, administrator_id, name, query, shared, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        view.id.uuid(),
        view.owner.uuid(),
        view.name,
        view.query,
        view.shared,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(in crate::queue) async fn put_shared(
    tx: &mut PgConnection,
    id: ViewId,
    shared: bool,
) -> sqlx::Result<()> {
    sqlx::query!("update views set shared = $2 where id = $1", id.uuid(), shared)
        .execute(tx)
        .await?;
    Ok(())
}

pub(in crate::queue) async fn delete_view(tx: &mut PgConnection, id: ViewId) -> sqlx::Result<()> {
    sqlx::query!("delete from views where id = $1", id.uuid()).execute(tx).await?;
    Ok(())
}
