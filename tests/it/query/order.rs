//! Sorting, and pages that have everything once.

use countersign::{
    directory::query::{self, Listing, QueryError, Sort, Window},
    kernel::UserId,
    scim::{Error, ErrorType, list::Paging},
};
use serde_json::json;

use super::world::World;

fn sort(by: &str, order: &str) -> Option<Sort> {
    Sort::read(Some(by), Some(order)).unwrap()
}

fn cursor(cursor: Option<String>, count: usize) -> Window {
    Window::Cursor { cursor, count }
}

/// Twenty people with few titles, of whom some have none.
async fn staff(world: &World) {
    for number in 0..20 {
        let title = ["Clerk", "analyst", "Åbo", ""][number % 4];
        let emails = json!([{ "value": "z@x.test" }, { "value": format!("{}@x.test", number % 3), "primary": true }]);
        let sent = json!({ "userName": format!("User{:02}", 19 - number), "title": title, "emails": emails });
        world.keep(&sent, None, i64::try_from(number).unwrap()).await;
    }
}

/// Everybody, page by page.
async fn walk(world: &World, sort: Option<Sort>, count: usize) -> Vec<UserId> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let page = world.list(None, sort.clone(), cursor(next.take(), count)).await;
        assert_eq!(page.total, 20);
        all.extend(page.items.iter().map(|user| user.id));
        next = page.next;
        if next.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn both_ways_of_paging_have_everybody_once_and_in_the_same_order() {
    let world = World::new().await;
    staff(&world).await;

    for by in [
        "userName",
        "title",
        "id",
        "emails",
        "emails.value",
        "meta.created",
        "active",
        "externalId",
    ] {
        let mut ways = Vec::new();
        for order in ["ascending", "descending"] {
            let whole = world
                .list(None, sort(by, order), Window::Index(Paging { start: 1, count: 100 }))
                .await;
            let whole: Vec<_> = whole.items.iter().map(|user| user.id).collect();
            let mut by_place = Vec::new();
            for start in [1, 8, 15] {
                let window = Window::Index(Paging { start, count: 7 });
                let page = world.list(None, sort(by, order), window).await;
                assert_eq!((page.total, page.next), (20, None));
                by_place.extend(page.items.iter().map(|user| user.id));
            }

            assert_eq!(by_place, whole, "{by} {order}");
            for count in [1, 7, 20] {
                assert_eq!(
                    walk(&world, sort(by, order), count).await,
                    whole,
                    "{by} {order} {count}"
                );
            }
            ways.push(whole);
        }
        ways[1].reverse();
        assert_eq!(ways[0], ways[1], "{by}");
        let mut once = ways[0].clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), 20, "{by}");
    }
}

#[tokio::test]
async fn people_are_sorted_without_case_and_those_without_a_value_come_last_going_up() {
    let world = World::new().await;
    for (number, title) in ["clerk", "", "Analyst", "BOSS"].into_iter().enumerate() {
        let sent = json!({ "userName": format!("u{number}"), "title": title });
        world.keep(&sent, None, i64::try_from(number).unwrap()).await;
    }
    let names = async |order| {
        let page = world.list(None, sort("title", order), cursor(None, 9)).await;
        page.items.iter().map(|user| user.profile.user_name.to_string()).collect::<Vec<_>>()
    };

    assert_eq!(names("ascending").await, ["u2", "u3", "u0", "u1"]);
    assert_eq!(names("descending").await, ["u1", "u0", "u3", "u2"]);
}

#[tokio::test]
async fn whoever_was_there_is_on_one_page_though_others_come_and_go() {
    let world = World::new().await;
    staff(&world).await;
    let there = walk(&world, sort("title", "ascending"), 20).await;
    let (mut seen, mut next, mut turn) = (Vec::new(), None, 100);

    loop {
        let page = world.list(None, sort("title", "ascending"), cursor(next, 3)).await;
        seen.extend(page.items.iter().map(|user| user.id).filter(|id| there.contains(id)));
        for title in ["", "aaa", "zzz"] {
            turn += 1;
            let sent = json!({ "userName": format!("new{turn}"), "title": title });
            let new = world.keep(&sent, None, turn).await;
            if title == "aaa" {
                world.forget(&new).await;
            }
        }
        next = page.next;
        if next.is_none() || turn > 400 {
            break;
        }
    }

    assert_eq!(seen, there);
}

#[tokio::test]
async fn a_cursor_of_another_query_is_refused() {
    let world = World::new().await;
    staff(&world).await;
    let first = world.list(None, sort("title", "ascending"), cursor(None, 3)).await.next;

    for (filter, sort, given) in [
        (None, sort("title", "descending"), first.clone()),
        (None, None, first.clone()),
        (Some("active eq true"), sort("title", "ascending"), first.clone()),
        (None, sort("title", "ascending"), Some("abc".to_owned())),
        (None, sort("title", "ascending"), Some("eyJrZXkiOm51bGx9".to_owned())),
    ] {
        let filter = filter.map(|filter| filter.parse().unwrap());
        let listing = Listing { filter, sort, window: cursor(given, 3) };
        let refused = query::users(world.pool(), &world.okta, &listing).await;

        let Err(QueryError::Refused(Error { kind, .. })) = refused else { panic!("{refused:?}") };
        assert_eq!(kind, Some(ErrorType::InvalidCursor));
    }
}

#[tokio::test]
async fn what_cannot_be_sorted_by_is_refused() {
    let world = World::new().await;
    for by in ["name", "groups", "password", "shoeSize", "meta.location"] {
        let listing = Listing { filter: None, sort: sort(by, ""), window: cursor(None, 3) };
        let refused = query::users(world.pool(), &world.okta, &listing).await;

        let Err(QueryError::Refused(Error { kind, .. })) = refused else { panic!("{by}") };
        assert_eq!(kind, Some(ErrorType::InvalidValue), "{by}");
    }
    assert!(Sort::read(Some("title"), Some("upwards")).is_err());
    assert!(Sort::read(Some("no name"), None).is_err());
}
