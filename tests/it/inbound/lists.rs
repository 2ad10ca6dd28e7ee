//! Finding people and groups over HTTP; T16 and T20 of facts/identity-providers.md 3.6.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::fixture::{Idp, path};

fn names(list: &Json) -> Vec<&str> {
    let resources = list["Resources"].as_array().unwrap().iter();
    resources.map(|one| one["userName"].as_str().or(one["displayName"].as_str()).unwrap()).collect()
}

/// Three people and a group of the first.
async fn world() -> (Idp, [Json; 3], Json) {
    let idp = Idp::new().await;
    let [mut ana, mut ben, mut eva] = [const { Json::Null }; 3];
    for (person, name) in [(&mut ana, "ana"), (&mut ben, "ben"), (&mut eva, "eva")] {
        *person = idp.pushed(&format!("{name}@example.com")).await;
        // Lists are in the order of age.
        idp.app.clock.advance(Duration::from_millis(1));
    }
    let people = [ana, ben, eva];
    let group = json!({ "displayName": "Sales", "members": [{ "value": people[0]["id"] }] });
    let group = idp.send("POST", "/Groups", &group).await.ok(201);
    (idp, people, group)
}

#[tokio::test]
async fn t16_what_clients_ask_when_they_look_somebody_up_is_found() {
    let (idp, [ana, ..], _) = world().await;
    let ana = idp.get(&path(&ana)).await.ok(200);
    for query in [
        "filter=userName+eq+%22ana%40example.com%22&",
        "filter=userName%20eq%20%22ANA@EXAMPLE.COM%22&startIndex=1&count=100",
        "filter=externalId%20eq%2000u-ana@example.com",
        "aadOptscim062020&filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22ana@example.com%22",
        "count=1&startIndex=1",
        "startIndex=0&count=1",
    ] {
        let list = idp.get(&format!("/Users?{query}")).await.ok(200);

        assert_eq!(list["Resources"], json!([ana]), "{query}");
        assert_eq!((&list["startIndex"], &list["itemsPerPage"]), (&json!(1), &json!(1)), "{query}");
        assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    }
    for filter in ["userName%20eq%20%2274e9d5f0-random%22", "userName%20eq%20%22nobody%22&count=0"]
    {
        let list = idp.get(&format!("/Users?filter={filter}")).await.ok(200);
        assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
    }
    let counted = idp.get("/Users?count=0").await.ok(200);
    assert_eq!((&counted["totalResults"], &counted["Resources"]), (&json!(3), &json!([])));
    let shown = idp.get("/Users?attributes=userName&count=1").await.ok(200);
    assert_eq!(shown["Resources"][0].as_object().unwrap().len(), 3, "{shown}");
}

#[tokio::test]
async fn t16_a_group_is_looked_up_without_its_members() {
    let (idp, ..) = world().await;
    let look = "/Groups?excludedAttributes=members&filter=displayName%20eq%20%22sales%22";

    let list = idp.get(look).await.ok(200);
    let whole = idp.get("/Groups").await.ok(200);

    assert_eq!((names(&list), list["Resources"][0].get("members")), (vec!["Sales"], None));
    assert_eq!(whole["Resources"][0]["members"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn t20_a_filter_that_is_none_is_no_empty_list() {
    let (mut idp, ..) = world().await;
    for (path, filter) in [
        ("/Users", "usrName eq \"x\""),
        ("/Users", "userName is \"x\""),
        ("/Users", "userName eq"),
        ("/Users", "members eq \"x\""),
        ("/Users", "userName eq \"\u{0}\""),
        ("/Groups", "userName eq \"x\""),
        ("/Groups", "displayName"),
        ("/", "nonsense eq \"x\""),
    ] {
        let escaped: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();

        let answer = idp.get(&format!("{path}?filter={escaped}")).await;
        let search =
            idp.send("POST", &format!("{path}/.search"), &json!({ "filter": filter })).await;

        answer.refused(400, Some("invalidFilter"));
        if !filter.contains('\0') {
            search.refused(400, Some("invalidFilter"));
        }
    }
    for (query, kind) in [
        ("count=many", "invalidValue"),
        ("startIndex=x", "invalidValue"),
        ("sortBy=a%20b", "invalidValue"),
        ("sortBy=userName&sortOrder=up", "invalidValue"),
        ("cursor=nonsense", "invalidCursor"),
        ("cursor&count=many", "invalidCount"),
        ("filter=id+pr&filter=id+pr", "invalidFilter"),
    ] {
        idp.get(&format!("/Users?{query}")).await.refused(400, Some(kind));
    }
    idp.get("/Users?filter=userName+eq+%22secret%22+x").await.refused(400, Some("invalidFilter"));
    let (_, noted, status, ..) = idp.last_noted().await;
    assert!(status == 400 && !noted.contains("secret"), "{noted}");
}

#[tokio::test]
async fn inactive_people_are_listed_and_deleted_ones_are_not() {
    let (idp, [ana, ben, _], _) = world().await;
    idp.patch(&ana, json!([{ "op": "replace", "value": { "active": false } }])).await.ok(200);
    idp.send("DELETE", &path(&ben), &Json::Null).await.ok(204);

    let list = idp.get("/Users").await.ok(200);

    assert_eq!(names(&list), ["ana@example.com", "eva@example.com"]);
    assert_eq!(
        (&list["Resources"][0]["active"], &list["totalResults"]),
        (&json!(false), &json!(2))
    );
}

#[tokio::test]
async fn a_list_is_sorted_and_paged_by_place_and_by_cursor() {
    let (idp, ..) = world().await;

    let sorted = idp.get("/Users?sortBy=userName&sortOrder=descending&count=2").await.ok(200);
    let second = idp.get("/Users?startIndex=3&count=2").await.ok(200);
    let first = idp.get("/Users?cursor&count=2").await.ok(200);
    let next = first["nextCursor"].as_str().unwrap();
    let rest = idp.get(&format!("/Users?cursor={next}&count=2")).await.ok(200);

    assert_eq!(names(&sorted), ["eva@example.com", "ben@example.com"]);
    assert_eq!((names(&second), &second["startIndex"]), (vec!["eva@example.com"], &json!(3)));
    assert_eq!(names(&first), ["ana@example.com", "ben@example.com"]);
    assert_eq!((names(&rest), rest.get("nextCursor")), (vec!["eva@example.com"], None));
    assert_eq!((first.get("startIndex"), &rest["totalResults"]), (None, &json!(3)));
}

#[tokio::test]
async fn a_search_in_a_body_finds_what_one_in_an_address_does() {
    let (idp, ..) = world().await;
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "attributes": ["userName"],
        "filter": "userName sw \"b\"", "startIndex": 1, "count": 10,
    });

    let users = idp.send("POST", "/Users/.search", &search).await.ok(200);
    let groups = idp.send("POST", "/Groups/.search", &json!({})).await.ok(200);
    let get = idp.get("/Users?attributes=userName&filter=userName%20sw%20%22b%22&count=10").await;

    assert_eq!(users, get.ok(200));
    assert_eq!(names(&groups), ["Sales"]);
    idp.send("POST", "/Users/.search", &json!([])).await.refused(400, Some("invalidSyntax"));
}

#[tokio::test]
async fn people_and_groups_are_found_together_and_counted_through() {
    let (idp, ..) = world().await;
    let all = ["ana@example.com", "ben@example.com", "eva@example.com", "Sales"];

    let mut seen = Vec::new();
    for start in [1, 3, 5] {
        let page = idp.get(&format!("/?startIndex={start}&count=2")).await.ok(200);
        assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(4), &json!(start)));
        seen.extend(names(&page).into_iter().map(str::to_owned));
    }
    let search = |filter: &str| json!({ "filter": filter });
    let only_groups = idp.send("POST", "/.search", &search("members pr")).await.ok(200);
    let only_users = idp.send("POST", "/.search", &search("userName sw \"a\"")).await.ok(200);
    let both = idp.send("POST", "/.search/", &search("displayName pr")).await.ok(200);

    assert_eq!(seen, all);
    assert_eq!((names(&only_groups), names(&only_users)), (vec!["Sales"], vec!["ana@example.com"]));
    assert_eq!(names(&both).len(), 4);
    idp.get("/?cursor").await.refused(400, Some("invalidCursor"));
}

#[tokio::test]
async fn a_page_has_two_hundred_at_most() {
    let idp = Idp::new().await;
    for n in 0..205 {
        let body = json!({ "userName": format!("p{n:03}") });
        idp.post(&body).await.ok(201);
    }

    for query in ["", "?count=5000", "?cursor&count=5000"] {
        let page = idp.get(&format!("/Users{query}")).await.ok(200);

        assert_eq!(
            (&page["itemsPerPage"], &page["totalResults"]),
            (&json!(200), &json!(205)),
            "{query}"
        );
    }
    let config = idp.get("/ServiceProviderConfig").await.ok(200);
    assert_eq!(
        (&config["filter"]["maxResults"], &config["pagination"]["maxPageSize"]),
        (&json!(200), &json!(200))
    );
}
