//! The database finds what a filter matches, quickly, in order, and once.

mod generated;
mod order;
mod plans;
mod world;

use countersign::{
    directory::{
        ExternalId,
        query::{self, Listing, MOST_COMPARISONS, QueryError, Window},
    },
    scim::{Error, ErrorType, Filter, list::Paging},
};
use proptest::{strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;

use self::{
    generated::{TEXTS, filter, person},
    world::World,
};

const PEOPLE: i64 = 60;
const FILTERS: usize = 1_500;

fn some<S: proptest::strategy::Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

async fn a_crowd(world: &World, runner: &mut TestRunner) -> Vec<countersign::directory::User> {
    let (person, mut crowd) = (person(), Vec::new());
    for (number, text) in (0..PEOPLE).zip(TEXTS.iter().copied().cycle()) {
        let mut sent = some(&person, runner);
        // These differ by more than their case.
        let is_plain = (2..8).contains(&number);
        sent["userName"] =
            json!(if is_plain { text.to_owned() } else { format!("{text}{number}") });
        let source = if number % 3 == 0 { &world.other } else { &world.okta };
        let id = if number < 16 { text.to_owned() } else { format!("{text}{number}") };
        let external = ExternalId { source: source.clone(), id };
        let user = world.keep(&sent, Some(external).filter(|_| number % 4 != 0), number).await;
        if number % 7 == 6 { world.forget(&user).await } else { crowd.push(user) }
    }
    let some: Vec<_> = crowd.iter().step_by(3).map(|user| user.id).collect();
    world.group(&world.okta, "Finance", None, &some).await;
    world.group(&world.okta, "ana", None, &some[..5]).await;
    world.group(&world.other, "lima", None, &some).await;
    crowd
}

#[tokio::test]
async fn the_database_finds_just_what_a_filter_matches() {
    let world = World::new().await;
    let mut runner = TestRunner::deterministic();
    let crowd = a_crowd(&world, &mut runner).await;
    let shown = world.shown(&crowd, &world.okta).await;
    let (filters, mut hits) = (filter(), 0);

    for _ in 0..FILTERS {
        let filter = some(&filters, &mut runner);
        let found = world.all(Some(filter.clone())).await;

        let names: Vec<_> =
            found.items.iter().map(|user| json!(user.profile.user_name.as_str())).collect();
        let matching =
            shown.iter().filter(|user| filter.matches(user)).map(|user| user["userName"].clone());
        let matching: Vec<_> = matching.collect();
        assert_eq!(names, matching, "{filter}");
        assert_eq!(found.total, matching.len() as u64, "{filter}");
        hits += usize::from(!matching.is_empty() && matching.len() < shown.len());
    }
    assert!(hits > FILTERS / 5, "{hits} filters told people apart");
}

#[tokio::test]
async fn what_cannot_be_filtered_by_is_refused_and_never_an_empty_answer() {
    let world = World::new().await;
    let many = vec!["id pr"; MOST_COMPARISONS + 1].join(" or ");
    for (filter, says) in [
        ("usrName eq \"ana\"", "there is no attribute `usrName` to filter by"),
        ("password pr", "`password` cannot be used to filter by"),
        ("meta.location pr", "`meta.location` cannot be used to filter by"),
        ("title eq \"a\\u0000b\"", "the filter has a text with U+0000 in it, which no value has"),
        (&many, "the filter compares more than 200 times"),
    ] {
        let listing = Listing {
            filter: Some(filter.parse().unwrap()),
            sort: None,
            window: Window::Index(Paging { start: 1, count: 10 }),
        };
        let refused = query::users(world.pool(), &world.okta, &listing).await;

        let expected = Error::of(ErrorType::InvalidFilter, says);
        assert!(
            matches!(refused, Err(QueryError::Refused(error)) if error == expected),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn the_largest_and_deepest_filters_are_answered() {
    let world = World::new().await;
    world.keep(&json!({ "userName": "ana", "emails": [{ "value": "ana@x.test" }] }), None, 1).await;
    let deep = (0..32).fold("userName eq \"ana\"".to_owned(), |inner, _| format!("not ({inner})"));
    let wide = vec!["emails[value co \"x\" and type ne \"y\"]"; MOST_COMPARISONS / 2].join(" or ");
    let long = format!("title ne \"{}\" and userName co \"ana\"", "x".repeat(16_000));

    for filter in [deep, wide, long] {
        let found = world.names(&filter).await;

        assert_eq!(found, ["ana"], "{filter:.60}");
    }
}

#[tokio::test]
async fn a_source_finds_people_by_no_id_but_its_own() {
    let world = World::new().await;
    let id = |source: &countersign::directory::Source| {
        Some(ExternalId { source: source.clone(), id: "00u1".to_owned() })
    };
    world.keep(&json!({ "userName": "ana" }), id(&world.okta), 1).await;
    world.keep(&json!({ "userName": "ben" }), id(&world.other), 2).await;

    assert_eq!(world.names("externalId eq \"00u1\"").await, ["ana"]);
    assert_eq!(world.names("externalId eq \"00U1\"").await, [""; 0]);
    assert_eq!(world.names("not (externalId pr)").await, ["ben"]);
}

#[tokio::test]
async fn groups_are_found_by_name_member_and_id_within_their_source() {
    let world = World::new().await;
    let ana = world.keep(&json!({ "userName": "ana" }), None, 1).await;
    let ben = world.keep(&json!({ "userName": "ben" }), None, 2).await;
    let legal = world.group(&world.okta, "Legal", Some("g1"), &[ana.id]).await;
    world.group(&world.okta, "Sales", None, &[ana.id, ben.id]).await;
    world.group(&world.other, "Legal", Some("g1"), &[ana.id, ben.id]).await;

    for (filter, expected) in [
        ("displayName eq \"LEGAL\"".to_owned(), vec!["Legal"]),
        ("externalId eq \"g1\"".to_owned(), vec!["Legal"]),
        ("not (externalId pr)".to_owned(), vec!["Sales"]),
        (format!("id eq \"{}\" and members eq \"{}\"", legal.id, ana.id), vec!["Legal"]),
        (format!("members[value eq \"{}\"]", ben.id), vec!["Sales"]),
        (format!("members.value ne \"{}\"", ben.id), vec!["Legal", "Sales"]),
        ("members.display sw \"BEN\"".to_owned(), vec!["Sales"]),
        ("members pr and meta.resourceType eq \"Group\"".to_owned(), vec!["Legal", "Sales"]),
        ("members eq \"nobody\"".to_owned(), vec![]),
    ] {
        let parsed: Filter = filter.parse().unwrap();
        let sort = query::Sort::read(Some("displayName"), None).unwrap();
        let window = Window::Index(Paging { start: 1, count: 10 });
        let listing = Listing { filter: Some(parsed), sort, window };
        let found = query::groups(world.pool(), &world.okta, &listing).await.unwrap();

        let names: Vec<_> = found.items.iter().map(|group| &*group.display_name).collect();
        assert_eq!(names, expected, "{filter}");
    }
}
