//! `countersign dev seed`, over a real database.

use countersign::{
    app::dev::{SeedError, Size, seed},
    queue::{
        Action,
        store::{Filter, Order, Part, Tab, counts, list},
    },
};
use sqlx::{AssertSqlSafe, PgPool};
use time::{OffsetDateTime, macros::datetime};

use crate::support::db::TestDb;

const NOW: OffsetDateTime = datetime!(2026-11-26 12:00 UTC);
const SIZE: Size = Size { people: 600, actions: 3_000, pending: 300 };

async fn seeded(size: Size) -> TestDb {
    let db = TestDb::new().await;
    seed(&db.pool, NOW, size, |_, _| ()).await.unwrap();
    db
}

/// Every action, read as the page reads it: a row that is none would be refused.
async fn all(pool: &PgPool) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let part = next.as_deref().map_or(Part::First, Part::After);
        let leaf = list(pool, &Filter::default(), Order::Oldest, part, 500).await.unwrap();
        actions.extend(leaf.actions);
        match leaf.next {
            Some(mark) => next = Some(mark),
            None => return actions,
        }
    }
}

async fn count(pool: &PgPool, sql: impl Into<String>) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.into())).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn every_action_that_is_seeded_can_be_read() {
    let db = seeded(SIZE).await;

    let actions = all(&db.pool).await;

    assert_eq!(actions.len(), 3_000);
    assert!(
        actions.windows(2).all(|two| two[0].number < two[1].number),
        "in the order of their age"
    );
    let waiting = "select count(*) from actions where state = 'pending'";
    assert_eq!(count(&db.pool, waiting).await, 300);
    let told = "select count(*) from actions where not exists (select from events where action_id = actions.id)";
    assert_eq!(count(&db.pool, told).await, 0);
}

#[tokio::test]
async fn the_same_numbers_make_the_same_world() {
    let (one, other) = (seeded(SIZE).await, seeded(SIZE).await);

    assert_eq!(all(&one.pool).await, all(&other.pool).await);
    let people = "select bit_xor(hashtextextended(to_jsonb(users)::text, 0)) from users";
    assert_eq!(count(&one.pool, people).await, count(&other.pool, people).await);
}

#[tokio::test]
async fn what_people_are_listed_by_is_what_their_actions_are() {
    let db = seeded(SIZE).await;

    let apart =
        "select count(*) from actions join users on users.id = user_id where person <> sort_name";

    assert_eq!(count(&db.pool, apart).await, 0);
}

#[tokio::test]
async fn a_word_is_found_whether_few_people_have_it_or_more_than_are_looked_up() {
    let db = seeded(Size { people: 3_000, actions: 3_000, pending: 1_200 }).await;
    let theirs = "select count(*) from actions join users on users.id = user_id where tab = 'pending' and search like ";

    for (word, bound) in [("northwind", 1_000), ("x", 1_000), ("son", 10_000)] {
        let words = vec![word.to_owned()];
        let filter = Filter { tab: Some(Tab::Pending), words, ..Filter::default() };
        let listed = list(&db.pool, &filter, Order::Oldest, Part::First, 2_000).await.unwrap();

        let pending = count(&db.pool, format!("{theirs} '%{word}%'")).await;
        assert_eq!(i64::try_from(listed.actions.len()).unwrap(), pending, "{word}");
        let counted = counts(&db.pool, &filter.sieve(&db.pool).await.unwrap()).await.unwrap();
        assert_eq!((counted.bound, counted.pending), (bound, pending.min(bound + 1)), "{word}");
        assert!(pending > 0, "{word}");
    }
}

#[tokio::test]
async fn nobody_who_is_made_up_can_sign_in() {
    let db = seeded(SIZE).await;

    let enabled =
        "select count(*) from administrators where disabled_at is null or password_hash <> ''";

    assert_eq!(count(&db.pool, enabled).await, 0);
}

#[tokio::test]
async fn a_database_that_has_people_is_refused_and_stays_as_it_is() {
    let small = Size { people: 10, actions: 5, pending: 2 };
    let db = seeded(small).await;

    let again = seed(&db.pool, NOW, SIZE, |_, _| ()).await;

    assert!(matches!(again, Err(SeedError::Used)), "{again:?}");
    assert_eq!(count(&db.pool, "select count(*) from users").await, 10);
}

#[tokio::test]
async fn more_that_wait_than_people_can_bear_are_refused() {
    let db = TestDb::new().await;

    let many = seed(&db.pool, NOW, Size { people: 10, actions: 20, pending: 6 }, |_, _| ()).await;

    assert!(matches!(many, Err(SeedError::TooManyWait)), "{many:?}");
}
