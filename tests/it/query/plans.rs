//! What identity providers ask all day is answered from an index.

use serde_json::json;
use sqlx::{Executor, PgPool, postgres::PgPoolOptions};

use super::world::World;
use countersign::{
    directory::{
        ExternalId,
        query::{self, Listing, Window},
    },
    scim::list::Paging,
};

/// How often all of `users` was read from end to end. Statistics are a session's own until it tells them.
async fn seq_scans(pool: &PgPool) -> i64 {
    pool.execute("select pg_stat_force_next_flush()").await.unwrap();
    sqlx::query_scalar!(
        r#"select coalesce(seq_scan, 0) as "seq_scan!" from pg_stat_user_tables where relname = 'users'"#
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn looking_somebody_up_never_reads_everybody() {
    let world = World::new().await;
    sqlx::query!(
        r#"insert into users (id, source, user_name, given_name, display_name, email, active, created_at, updated_at,
               external_source, external_id, resource)
           select gen_random_uuid(), 'okta', 'user' || n || '@x.test', 'Given' || n, 'Person ' || n,
               'user' || n || '@x.test', true, now(), now(), 'okta', 'id' || n,
               jsonb_build_object('userName', 'user' || n || '@x.test', 'emails', jsonb_build_array(
                   jsonb_build_object('type', 'work', 'value', 'user' || n || '@x.test'),
                   jsonb_build_object('type', 'home', 'value', 'home' || n || '@x.test')))
           from generate_series(1, 12000) as n"#
    )
    .execute(world.pool())
    .await
    .unwrap();
    let external = ExternalId { source: world.okta.clone(), id: "me".to_owned() };
    let emails = json!([{ "type": "work", "value": "Ana@x.test" }, { "type": "home", "value": "home@y.test" }]);
    let ana = json!({ "userName": "Ana", "displayName": "Ana Quixote", "emails": emails });
    let ana = world.keep(&ana, Some(external), 1).await;
    world.group(&world.okta, "Legal", None, &[ana.id]).await;
    let one = PgPoolOptions::new().max_connections(1).connect(&world.db.url()).await.unwrap();
    one.execute("vacuum analyze users").await.unwrap();

    for filter in [
        "userName eq \"ANA\"".to_owned(),
        "userName eq \"ANA\" and active eq true".to_owned(),
        "userName eq \"ANA\" or externalId eq \"me\"".to_owned(),
        "externalId eq \"me\"".to_owned(),
        format!("id eq \"{}\"", ana.id),
        "emails[type eq \"work\" and value eq \"ana@X.test\"]".to_owned(),
        "emails.value eq \"HOME@y.test\"".to_owned(),
        "emails eq \"home@y.test\"".to_owned(),
        "displayName co \"quix\"".to_owned(),
        "displayName eq \"Ana Quixote\"".to_owned(),
        "groups.display eq \"legal\" and userName sw \"an\" and displayName sw \"ana q\""
            .to_owned(),
    ] {
        let window = Window::Index(Paging { start: 1, count: 100 });
        let listing = Listing { filter: Some(filter.parse().unwrap()), sort: None, window };
        let before = seq_scans(&one).await;
        let found = query::users(&one, &world.okta, &listing).await.unwrap();

        let ids: Vec<_> = found.items.iter().map(|user| user.id).collect();
        assert_eq!(ids, [ana.id], "{filter}");
        assert_eq!(seq_scans(&one).await, before, "{filter}");
    }

    let all = Listing {
        filter: Some("title ne \"x\"".parse().unwrap()),
        sort: None,
        window: Window::Index(Paging { start: 1, count: 0 }),
    };
    let before = seq_scans(&one).await;
    query::users(&one, &world.okta, &all).await.unwrap();
    assert!(seq_scans(&one).await > before, "what reads everybody is seen to");
}
