//! Groups as their source pushes them: all or nothing, and no more than what changes is written.

use countersign::{
    audit::Verb,
    directory::{Group, Source, group_store as store},
    kernel::{GroupId, UserId},
    queue::groups::{self, GroupChange, GroupError, GroupTold},
};
use serde_json::{Value, json};

use crate::support::app::TestApp;

fn okta() -> Source {
    Source("okta".to_owned())
}

fn told(name: &str, members: &[UserId]) -> GroupTold {
    GroupTold {
        display_name: name.to_owned(),
        external_id: None,
        resource: json!({ "displayName": name, "shoeSize": 38 }),
        members: members.to_vec(),
    }
}

impl TestApp {
    async fn with_two_sources() -> Self {
        let app = Self::new().await;
        sqlx::query!(
            "insert into sources (slug, kind, name, provider, created_at)
             values ('okta', 'scim', 'Okta', 'okta', $1), ('entra', 'scim', 'Entra', 'entra', $1)",
            app.now(),
        )
        .execute(&app.pool)
        .await
        .unwrap();
        app
    }

    async fn add_group(&self, source: &Source, told: GroupTold) -> Result<Group, GroupError> {
        let oscar = self.operator.operator().unwrap();
        groups::add(&self.pool, self.now(), &oscar, source, told).await
    }

    async fn change_group(&self, id: GroupId, change: GroupChange) -> Result<Group, GroupError> {
        let oscar = self.operator.operator().unwrap();
        groups::change(&self.pool, self.now(), &oscar, &okta(), id, |_| Ok(change)).await
    }

    async fn in_group(&self, id: GroupId) -> Vec<String> {
        let members = store::members(&self.pool, id, None, 100).await.unwrap();
        let name = |display: &str| display.trim_end_matches("@x.test").to_owned();
        let mut names: Vec<_> = members.iter().map(|member| name(&member.display)).collect();
        names.sort_unstable();
        names
    }

    async fn three_people(&self, names: [&str; 3]) -> [UserId; 3] {
        let mut ids = Vec::new();
        for name in names {
            ids.push(self.a_person(&format!("{name}@x.test")).await.id);
        }
        ids.try_into().unwrap()
    }

    /// What the newest event of a verb tells.
    async fn newest(&self, verb: Verb) -> Value {
        self.history(verb).await.swap_remove(0).details
    }
}

#[tokio::test]
async fn a_group_is_kept_with_whoever_is_in_it_and_its_event_counts_them() {
    let app = TestApp::with_two_sources().await;
    let [ana, ben, _] = app.three_people(["ana", "ben", "cyd"]).await;

    let group = app.add_group(&okta(), told(" Finance ", &[ana, ben, ana])).await.unwrap();

    assert_eq!(store::find(&app.pool, &okta(), group.id).await.unwrap(), Some(group.clone()));
    assert_eq!((&*group.display_name, group.version), ("Finance", 1));
    assert_eq!(group.resource, json!({ "displayName": "Finance", "shoeSize": 38 }));
    assert_eq!(app.in_group(group.id).await, ["ana", "ben"]);
    let event = app.newest(Verb::GroupCreated).await;
    assert_eq!((&event["name"], &event["added"]), (&json!("Finance"), &json!(2)));
    assert!(!event.to_string().contains(&ana.to_string()), "{event}");
    assert_eq!(app.jobs().await, 0);
}

#[tokio::test]
async fn an_unknown_member_is_named_and_nothing_is_written() {
    let app = TestApp::with_two_sources().await;
    let [ana, ben, cyd] = app.three_people(["ana", "ben", "cyd"]).await;
    let group = app.add_group(&okta(), told("Finance", &[ana])).await.unwrap();
    app.delete(cyd).await;
    let stranger = UserId::at(app.now());

    for unknown in [stranger, cyd] {
        let add = GroupChange {
            rename: Some("Money".to_owned()),
            add: vec![ben, unknown],
            ..GroupChange::default()
        };
        let replace = GroupChange { replace_all: Some(vec![unknown]), ..GroupChange::default() };
        let says = format!("members: there is no user with the id {unknown}");
        for change in [add, replace] {
            let refused = app.change_group(group.id, change).await.unwrap_err();
            assert_eq!(refused.to_string(), says);
        }
        let refused = app.add_group(&okta(), told("Legal", &[ben, unknown])).await.unwrap_err();
        assert_eq!(refused.to_string(), says);
    }

    assert_eq!(app.in_group(group.id).await, ["ana"]);
    assert_eq!(store::find(&app.pool, &okta(), group.id).await.unwrap(), Some(group));
    assert_eq!(app.history(Verb::GroupCreated).await.len(), 1);
    assert_eq!(app.history(Verb::GroupUpdated).await.len(), 0);
}

#[tokio::test]
async fn names_and_ids_are_unique_within_a_source_and_a_source_sees_its_own_alone() {
    let app = TestApp::with_two_sources().await;
    let entra = Source("entra".to_owned());
    let with_id = |name| GroupTold { external_id: Some("g1".to_owned()), ..told(name, &[]) };
    let finance = app.add_group(&okta(), with_id("Finance")).await.unwrap();
    let legal = app.add_group(&okta(), told("Legal", &[])).await.unwrap();

    let same_name = app.add_group(&okta(), told("FINANCE", &[])).await;
    let same_id = app.add_group(&okta(), with_id("Sales")).await;
    let rename = GroupChange { rename: Some("finance".to_owned()), ..GroupChange::default() };
    let renamed = app.change_group(legal.id, rename.clone()).await;
    let elsewhere = app.add_group(&entra, with_id("Finance")).await.unwrap();
    let not_ours = app.change_group(elsewhere.id, rename).await;
    let nameless = app.add_group(&okta(), told(" ", &[])).await;

    assert!(matches!(same_name, Err(GroupError::Taken("displayName"))), "{same_name:?}");
    assert!(matches!(same_id, Err(GroupError::Taken("externalId"))), "{same_id:?}");
    assert!(matches!(renamed, Err(GroupError::Taken("displayName"))), "{renamed:?}");
    assert!(matches!(not_ours, Err(GroupError::NotFound)), "{not_ours:?}");
    assert!(matches!(nameless, Err(GroupError::Name)), "{nameless:?}");
    assert_eq!(store::find(&app.pool, &entra, finance.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_change_says_who_comes_and_goes_and_one_that_says_nothing_is_not_written() {
    let app = TestApp::with_two_sources().await;
    let [ana, ben, cyd] = app.three_people(["ana", "ben", "cyd"]).await;
    let group = app.add_group(&okta(), told("Finance", &[ana])).await.unwrap();
    let nothing = GroupChange::default;

    for (change, expected, counts) in [
        (GroupChange { add: vec![ana, ben], ..nothing() }, vec!["ana", "ben"], (1, 0)),
        (GroupChange { remove: vec![ana, cyd], ..nothing() }, vec!["ben"], (0, 1)),
        (
            GroupChange { replace_all: Some(vec![ana, cyd]), ..nothing() },
            vec!["ana", "cyd"],
            (2, 1),
        ),
        (
            GroupChange {
                replace_all: Some(vec![ana, ben]),
                remove: vec![ana, cyd],
                add: vec![cyd],
                ..nothing()
            },
            vec!["ben", "cyd"],
            (1, 1),
        ),
        (GroupChange { replace_all: Some(vec![]), ..nothing() }, vec![], (0, 2)),
    ] {
        app.change_group(group.id, change.clone()).await.unwrap();

        assert_eq!(app.in_group(group.id).await, expected, "{change:?}");
        let event = app.newest(Verb::GroupUpdated).await;
        assert_eq!((&event["added"], &event["removed"]), (&json!(counts.0), &json!(counts.1)));
    }
    let before = store::find(&app.pool, &okta(), group.id).await.unwrap().unwrap();
    let same = GroupChange {
        rename: Some("Finance".to_owned()),
        external_id: Some(None),
        replace_all: Some(vec![]),
        remove: vec![ana],
        ..nothing()
    };
    let after = app.change_group(group.id, same).await.unwrap();

    assert_eq!((before.version, after), (6, before.clone()));
    assert_eq!(app.history(Verb::GroupUpdated).await.len(), 5);
}

#[tokio::test]
async fn one_more_in_a_large_group_writes_one_row() {
    let app = TestApp::with_two_sources().await;
    let ana = app.a_person("ana@x.test").await.id;
    let crowd = sqlx::query_scalar!(
        "insert into users (id, source, user_name, active, created_at, updated_at)
         select gen_random_uuid(), 'okta', 'user' || n, true, now(), now() from generate_series(1, 10000) as n
         returning id"
    );
    let crowd = crowd.fetch_all(&app.pool).await.unwrap();
    let crowd: Vec<_> = crowd.into_iter().map(UserId::from).collect();
    let group = app.add_group(&okta(), told("Everybody", &crowd)).await.unwrap();
    let written = async || {
        let rows = sqlx::query_scalar!(
            r#"select count(*) as "count!" from members
               where members.xmin::text = (select groups.xmin::text from groups where id = $1)"#,
            group.id.uuid(),
        );
        rows.fetch_one(&app.pool).await.unwrap()
    };
    assert_eq!(written().await, 10_000);

    app.change_group(group.id, GroupChange { add: vec![ana], ..GroupChange::default() })
        .await
        .unwrap();
    assert_eq!(written().await, 1);

    // A client that sends the whole list again (Okta does) writes but the difference.
    let replace_all = Some(crowd.clone());
    app.change_group(group.id, GroupChange { replace_all, ..GroupChange::default() })
        .await
        .unwrap();
    assert_eq!(written().await, 0);
    assert_eq!(app.newest(Verb::GroupUpdated).await["removed"], 1);
}

#[tokio::test]
async fn two_clients_at_once_lose_nobody() {
    let app = TestApp::with_two_sources().await;
    let [ana, ben, cyd] = app.three_people(["ana", "ben", "cyd"]).await;
    let group = app.add_group(&okta(), told("Finance", &[ana])).await.unwrap();
    let add = |user| GroupChange { add: vec![user], ..GroupChange::default() };

    let (one, other) =
        tokio::join!(app.change_group(group.id, add(ben)), app.change_group(group.id, add(cyd)));

    let mut versions = [one.unwrap().version, other.unwrap().version];
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
    assert_eq!(app.in_group(group.id).await, ["ana", "ben", "cyd"]);
}

#[tokio::test]
async fn whoever_is_deleted_leaves_every_group_and_a_deleted_group_lets_everybody_go() {
    let app = TestApp::with_two_sources().await;
    let [ana, ben, _] = app.three_people(["ana", "ben", "cyd"]).await;
    let finance = app.add_group(&okta(), told("Finance", &[ana, ben])).await.unwrap();
    let legal = app.add_group(&okta(), told("Legal", &[ana])).await.unwrap();
    let groups = store::groups_of(&app.pool, &okta(), &[ana, ben]).await.unwrap();
    assert_eq!((groups[&ana].len(), groups[&ben].len()), (2, 1));

    app.delete(ana).await;
    let oscar = app.operator.operator().unwrap();
    let gone: Result<(), GroupError> =
        groups::delete(&app.pool, app.now(), &oscar, &okta(), finance.id, |_| Ok(())).await;

    gone.unwrap();
    assert_eq!(app.in_group(legal.id).await, [""; 0]);
    assert_eq!(store::find(&app.pool, &okta(), finance.id).await.unwrap(), None);
    assert!(store::groups_of(&app.pool, &okta(), &[ana, ben]).await.unwrap().is_empty());
    assert_eq!(app.newest(Verb::GroupDeleted).await["removed"], 1);
}

#[tokio::test]
async fn the_groups_of_a_person_are_named_once_whichever_source_they_are_of() {
    let app = TestApp::with_two_sources().await;
    let [ana, ben, _] = app.three_people(["ana", "ben", "cyd"]).await;
    for name in ["legal", "Sales", "Finance", "Tax"] {
        app.add_group(&okta(), told(name, &[ana])).await.unwrap();
    }
    app.add_group(&Source("entra".to_owned()), told("Finance", &[ana])).await.unwrap();

    let first = ["Finance", "legal", "Sales"].map(str::to_owned).to_vec();
    let names = store::names_of(&app.pool, ana, 3).await.unwrap();
    assert_eq!(names, store::Names { first, more: 1 });
    assert_eq!(store::names_of(&app.pool, ben, 3).await.unwrap(), store::Names::default());
}
