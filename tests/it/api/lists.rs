//! Lists of actions: filters and pages.

use std::collections::BTreeSet;

use countersign::{
    access::Role,
    directory::{Draft, Source},
    kernel::Clock,
    queue::people::{self, Wish},
};
use serde_json::{Value as Json, json};

use super::fixture::{Api, command_line};

impl Api {
    /// Adds `count` people from `source`, a second apart.
    async fn people(&self, count: usize, source: &Source) {
        let operator = command_line().actor().operator().unwrap();
        for number in 0..count {
            let user_name = format!("person-{number:03}@example.com");
            let wish = Wish { draft: Draft { user_name, ..Draft::default() }, active: true };
            people::add(&self.db.pool, self.clock.now(), &operator, source.clone(), &wish)
                .await
                .unwrap();
            self.clock.advance(std::time::Duration::from_secs(1));
        }
    }

    /// Every item of a list, page by page.
    async fn walk(&self, list: &str, limit: usize) -> Vec<Json> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let sign = if list.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{list}{sign}limit={limit}&cursor={cursor}")).await;
            assert_eq!(page.status, 200, "{}", page.body);
            assert!(page.items().len() <= limit);
            items.extend_from_slice(page.items());
            match page.body["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return items,
            }
        }
    }
}

#[tokio::test]
async fn every_page_in_turn_shows_each_of_120_once() {
    let api = Api::new().await;
    api.people(120, &Source::csv()).await;

    let actions = api.walk("/api/v1/actions", 50).await;
    let waiting = api.walk("/api/v1/actions?status=pending", 40).await;
    let users = api.walk("/api/v1/users", 50).await;
    let events = api.walk("/api/v1/audit?verb=action.requested", 50).await;

    for list in [&actions, &waiting, &users, &events] {
        let ids: BTreeSet<_> = list.iter().map(|item| item["id"].as_str().unwrap()).collect();
        assert_eq!((list.len(), ids.len()), (120, 120));
    }
    let at =
        |list: &[Json]| list.iter().map(|item| item["createdAt"].to_string()).collect::<Vec<_>>();
    assert!(at(&actions).is_sorted_by(|one, next| one > next), "the newest first");
    assert!(at(&waiting).is_sorted(), "who waits longest first");
    assert!(users.is_sorted_by_key(|user| user["userName"].to_string()));
}

#[tokio::test]
async fn actions_are_restricted_by_whatever_is_asked_for() {
    let api = Api::new().await;
    api.people(2, &Source::csv()).await;
    let ana = api.add(json!({ "userName": "ana@example.com" })).await;
    api.a_minute_passes();
    let ben = api.add(json!({ "userName": "ben@example.com" })).await;
    let listed = api.get("/api/v1/actions?q=ben").await;
    api.approve_as_shown(&listed.items()[0]).await;

    let (of_ana, of_ben) = (vec!["ana@example.com"], vec!["ben@example.com"]);
    let both = vec!["ben@example.com", "ana@example.com"];
    let by_user = format!("user={ana}");
    let by_two = format!("user={ben}&status=pending");
    let table = [
        ("source=api", both.clone()),
        ("q=source:api", both.clone()),
        ("source=api&q=source:api", both.clone()),
        ("status=approved", of_ben.clone()),
        ("status=approved&kind=create&app=echosign", of_ben),
        ("kind=delete", vec![]),
        ("q=ANA", of_ana.clone()),
        ("q=source:api+ana", of_ana.clone()),
        ("q=action:update", vec![]),
        (&by_user, of_ana),
        (&by_two, vec![]),
        ("source=api&status=&kind=&app=&q=&cursor=&limit=", both),
    ];
    for (query, expected) in table {
        let answer = api.get(&format!("/api/v1/actions?{query}")).await;

        let found: Vec<_> = answer
            .items()
            .iter()
            .map(|action| action["user"]["userName"].as_str().unwrap())
            .collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_is_refused_with_each_parameter_and_its_mend() {
    let api = Api::new().await;
    let table = [
        ("actions?status=done", "status", "Must be one of pending, approved, sending, provisioned"),
        (
            "actions?kind=destroy",
            "kind",
            "Must be one of create, update, suspend, reactivate, delete.",
        ),
        ("actions?app=docusign", "app", "Must be one of echosign."),
        ("actions?source=okta", "source", "Must be one of api, console, csv."),
        ("actions?user=act_1", "user", "Not an id of the form usr_"),
        ("actions?q=age:old", "q", "Age: must be like >2d"),
        (
            "actions?q=by:nobody",
            "q",
            "No administrator and no token is called nobody: name one after by.",
        ),
        ("actions?q=app:docusign", "app", "Must be one of echosign."),
        ("actions?q=action:delete&kind=create", "kind", "Is another one than the one in q."),
        ("actions?limit=0", "limit", "Must be a number from 1 to 200."),
        ("actions?limit=201", "limit", "Must be a number from 1 to 200."),
        ("actions?limit=1&limit=2", "limit", "Is given more than once."),
        ("actions?cursor=x", "cursor", "The cursor is not one that this list handed out"),
        ("actions?q=%00", "q", "Must not have control characters."),
        ("actions?statsu=pending", "statsu", "Is not known here. Known are q, status,"),
        ("users?cursor=MQ", "cursor", "The cursor is not one that this list handed out"),
        ("users?active=true", "active", "Is not known here."),
        ("audit?verb=action.blessed", "verb", "Must be a verb such as action.approved"),
        ("audit?user=ana", "user", "Not an id of the form usr_"),
        ("audit?cursor=e30", "cursor", "The cursor is not one that this list handed out"),
    ];
    for (query, field, mend) in table {
        let answer = api.get(&format!("/api/v1/{query}")).await;

        assert_eq!((answer.status, answer.problem()), (400, "invalid-query"), "{query}");
        assert_eq!(answer.fields(), [field], "{query}");
        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.starts_with(mend), "{query}: {detail}");
    }
}

#[tokio::test]
async fn a_cursor_that_was_made_up_is_refused_like_any_other() {
    let api = Api::new().await;
    let nil = "00000000-0000-0000-0000-000000000000";
    let in_a_time_that_postgres_has_not = format!("[-300000000000000000000,\"{nil}\"]");
    let after_a_name_that_it_cannot_keep = format!("[\"\\u0000\",\"{nil}\"]");

    for (list, key) in
        [("actions", in_a_time_that_postgres_has_not), ("users", after_a_name_that_it_cannot_keep)]
    {
        let cursor = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, key);
        let answer = api.get(&format!("/api/v1/{list}?cursor={cursor}")).await;

        assert_eq!(
            (answer.status, answer.fields()),
            (400, vec!["cursor"]),
            "{list}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn each_list_takes_the_parameters_that_the_document_names_and_no_other() {
    let api = Api::new().await;
    for list in ["actions", "users", "audit"] {
        let answer = api.get(&format!("/api/v1/{list}?zzz=1")).await;

        let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
        let (_, known) = detail.trim_end_matches('.').split_once("Known are ").unwrap();
        let known: BTreeSet<_> = known.split(", ").collect();
        let document = api.document();
        let parameters =
            document.0["paths"][format!("/{list}")]["get"]["parameters"].as_array().unwrap();
        let described: BTreeSet<_> = parameters
            .iter()
            .map(|parameter| document.resolved(parameter)["name"].as_str().unwrap())
            .collect();
        assert_eq!(known, described, "{list}");
    }
    assert_eq!(
        api.send(Role::Auditor, "GET", "/api/v1/actions?limit=200", Json::Null).await.status,
        200
    );
}
