//! A server that was told not to be careful, as the one of these tests was.

use countersign::db;
use sqlx::PgPool;

use crate::support::db::TestDb;

async fn setting(pool: &PgPool, name: &str) -> String {
    let told = sqlx::query_scalar!(r#"select current_setting($1) as "told!""#, name);
    told.fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn what_is_accepted_is_on_disk_whatever_the_server_is_told() {
    let server = TestDb::new().await;
    let ours = db::connect(db::options(&server.url()).unwrap(), 1);

    let told = setting(&server.pool, "synchronous_commit").await;
    let held = setting(&ours, "synchronous_commit").await;

    assert_eq!((&*told, &*held), ("off", "on"));
}

#[tokio::test]
async fn a_server_that_may_lose_what_it_has_is_noticed() {
    let server = TestDb::new().await;

    let durable = db::is_durable(&server.pool).await.unwrap();

    let told = setting(&server.pool, "fsync").await;
    assert_eq!((durable, &*told), (false, "off"));
}
