//! Groups, as identity providers push them; T7 to T12 and T17 of facts/identity-providers.md 3.6.

use std::time::Duration;

use countersign::queue::Status;
use serde_json::{Value as Json, json};

use super::fixture::{Answer, BASE, Idp, PATCH_OP};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// A group of three, and the three.
struct Three {
    idp: Idp,
    group: Json,
    ids: [String; 3],
}

fn address(group: &Json) -> String {
    format!("/Groups/{}", group["id"].as_str().unwrap())
}

fn member(id: &str) -> Json {
    json!({ "value": id })
}

impl Three {
    async fn new() -> Self {
        let idp = Idp::new().await;
        let mut ids = [const { String::new() }; 3];
        for (id, name) in
            ids.iter_mut().zip(["ana@example.com", "ben@example.com", "eva@example.com"])
        {
            idp.pushed(name).await["id"].as_str().unwrap().clone_into(id);
            // Members are in the order of their ages.
            idp.app.clock.advance(Duration::from_millis(1));
        }
        let body = json!({
            "schemas": [GROUP], "displayName": "Sales", "externalId": "g1",
            "members": ids.iter().map(|id| member(id)).collect::<Vec<_>>(),
        });
        let group = idp.send("POST", "/Groups", &body).await.ok(201);
        Self { idp, group, ids }
    }

    async fn send(&self, body: &Json) -> Answer {
        self.idp.send("PATCH", &address(&self.group), body).await
    }

    /// Sends the operations, and says which of the three are in the group then.
    async fn left_by(&self, operations: Json) -> Vec<usize> {
        self.send(&json!({ "schemas": [PATCH_OP], "Operations": operations })).await.ok(204);
        self.left().await
    }

    async fn left(&self) -> Vec<usize> {
        let group = self.idp.get(&address(&self.group)).await.ok(200);
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let place = |member: &Json| self.ids.iter().position(|id| member["value"] == **id).unwrap();
        let mut left: Vec<_> = members.iter().map(place).collect();
        left.sort_unstable();
        left
    }
}

#[tokio::test]
async fn a_group_is_answered_whole_and_its_members_say_that_they_are_in_it() {
    let Three { idp, group, ids } = Three::new().await;

    assert_eq!((&group["displayName"], &group["externalId"]), (&json!("Sales"), &json!("g1")));
    assert_eq!(group["meta"]["resourceType"], "Group");
    assert_eq!(group["meta"]["location"], format!("{BASE}{}", address(&group)));
    assert_eq!(
        group["members"][0],
        json!({
            "value": ids[0], "$ref": format!("{BASE}/Users/{}", ids[0]), "type": "User",
        })
    );
    let named = idp.get(&format!("{}?attributes=members.display", address(&group))).await.ok(200);
    assert_eq!(named["members"][0], json!({ "display": "ana@example.com" }));
    let ana = idp.get(&format!("/Users/{}", ids[0])).await.ok(200);
    assert_eq!(
        ana["groups"],
        json!([{
            "value": group["id"], "$ref": group["meta"]["location"], "display": "Sales", "type": "direct",
        }])
    );
    let title = json!([{ "op": "replace", "path": "title", "value": "Counsel" }]);
    assert_eq!(idp.patch(&ana, title).await.ok(200)["groups"], ana["groups"]);
    assert_eq!(idp.story(&ana).await.len(), 1, "being in a group causes no action");
    assert_eq!(idp.story(&ana).await[0].1, Status::Pending);
}

#[tokio::test]
async fn t7_entra_and_authentik_remove_a_member_by_value() {
    let three = Three::new().await;
    let unknown = json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "nobody" }] }]);

    let id = &three.ids[0];
    let remove =
        json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": id }] }]);
    assert_eq!(three.left_by(remove.clone()).await, [1, 2]);
    assert_eq!(three.left_by(remove).await, [1, 2], "who is not in it need not leave");
    assert_eq!(three.left_by(unknown).await, [1, 2]);
    let bare = json!([{ "op": "remove", "path": "members", "value": three.ids[1] }]);
    assert_eq!(three.left_by(bare).await, [2]);
}

#[tokio::test]
async fn t8_members_are_removed_by_a_filter() {
    let three = Three::new().await;
    let by = |filter: String| json!([{ "op": "remove", "path": format!("members[{filter}]") }]);

    assert_eq!(three.left_by(by("value eq \"nobody\"".to_owned())).await, [0, 1, 2]);
    assert_eq!(three.left_by(by(format!("value eq \"{}\"", three.ids[0]))).await, [1, 2]);
    let both = format!("value eq \"{}\" or Value EQ \"{}\"", three.ids[1], three.ids[2]);
    assert_eq!(three.left_by(by(both)).await, [0; 0]);
}

#[tokio::test]
async fn t9_all_members_are_removed() {
    for operations in [
        json!([{ "op": "remove", "path": "members" }]),
        json!([{ "op": "replace", "path": "members", "value": [] }]),
        json!([{ "op": "replace", "value": { "members": null } }]),
    ] {
        let three = Three::new().await;

        assert_eq!(three.left_by(operations.clone()).await, [0; 0], "{operations}");
        let group = three.idp.get(&address(&three.group)).await.ok(200);
        assert_eq!((group.get("members"), &group["displayName"]), (None, &json!("Sales")));
    }
}

#[tokio::test]
async fn t10_okta_renames_and_exchanges_members() {
    let three = Three::new().await;
    let [ana, ben, eva] = &three.ids;

    let rename =
        json!([{ "op": "replace", "value": { "id": three.group["id"], "displayName": "New" } }]);
    assert_eq!(three.left_by(rename).await, [0, 1, 2]);
    let exchange = json!([
        { "op": "remove", "path": format!("members[value eq \"{ana}\"]") },
        { "op": "remove", "path": format!("members[value eq \"{ben}\"]") },
        { "op": "add", "path": "members", "value": [{ "value": ana, "display": "ana@example.com" }] },
    ]);
    assert_eq!(three.left_by(exchange).await, [0, 2]);
    let full = json!([{ "op": "replace", "path": "members", "value": [member(ben), member(eva)] }]);
    assert_eq!(three.left_by(full).await, [1, 2]);

    let group = three.idp.get(&address(&three.group)).await.ok(200);
    assert_eq!((&group["displayName"], &group["externalId"]), (&json!("New"), &json!("g1")));
    assert_eq!(group["meta"]["version"], "W/\"4\"");
}

#[tokio::test]
async fn t12_onelogin_sends_the_members_of_scim_1() {
    let three = Three::new().await;
    let [ana, ben, _] = &three.ids;

    let body = json!({ "members": [
        { "value": ana, "operation": "delete" }, { "value": ben, "operation": "add" },
    ] });
    three.send(&body).await.ok(204);

    assert_eq!(three.left().await, [1, 2]);
}

#[tokio::test]
async fn t17_a_member_who_is_in_it_is_not_added_again() {
    let three = Three::new().await;
    let id = &three.ids[0];
    let twice = json!([
        { "op": "Add", "path": "members", "value": [member(id), member(id)] },
        { "op": "add", "path": "members", "value": id },
        { "op": "add", "value": { "members": [member(id)] } },
    ]);

    assert_eq!(three.left_by(twice).await, [0, 1, 2]);
    let group = three.idp.get(&address(&three.group)).await.ok(200);
    assert_eq!(group, three.group, "and nothing has changed");
}

#[tokio::test]
async fn an_unknown_member_is_refused_by_name_and_nothing_changes() {
    let three = Three::new().await;
    let gone = three.idp.pushed("gone@example.com").await;
    three
        .idp
        .send("DELETE", &format!("/Users/{}", gone["id"].as_str().unwrap()), &Json::Null)
        .await
        .ok(204);
    for id in [gone["id"].as_str().unwrap(), "nobody", "grp_0192", "7"] {
        let add = json!({ "Operations": [
            { "op": "remove", "path": "members" }, { "op": "add", "path": "members", "value": [member(id)] },
        ] });
        let put = json!({ "schemas": [GROUP], "displayName": "Other", "members": [member(id)] });

        let patched = three.send(&add).await;
        let replaced = three.idp.send("PUT", &address(&three.group), &put).await;
        let made = three.idp.send("POST", "/Groups", &put).await;

        for answer in [patched, replaced, made] {
            assert!(answer.refused(400, Some("invalidValue")).contains(id), "{}", answer.body);
        }
    }
    assert_eq!(three.idp.get(&address(&three.group)).await.ok(200), three.group);
    let list = three.idp.get("/Groups").await.ok(200);
    assert_eq!(list["totalResults"], 1);
}

#[tokio::test]
async fn a_put_of_a_group_replaces_it_with_its_members() {
    let three = Three::new().await;
    let body = json!({ "schemas": [GROUP], "id": "x", "displayName": "New", "members": [member(&three.ids[1])] });

    let put = three.idp.send("PUT", &address(&three.group), &body).await.ok(200);

    assert_eq!((&put["displayName"], put.get("externalId")), (&json!("New"), None));
    assert_eq!((put["id"].as_str(), three.left().await), (three.group["id"].as_str(), vec![1]));
}

#[tokio::test]
async fn a_group_that_is_deleted_is_gone_and_its_members_stay() {
    let Three { idp, group, ids } = Three::new().await;

    idp.send("DELETE", &address(&group), &Json::Null).await.ok(204);

    for method in ["GET", "DELETE"] {
        idp.send(method, &address(&group), &Json::Null).await.refused(404, None);
    }
    assert_eq!(idp.get(&format!("/Users/{}", ids[0])).await.ok(200).get("groups"), None);
}

#[tokio::test]
async fn whoever_is_deleted_leaves_their_groups() {
    let three = Three::new().await;

    three.idp.send("DELETE", &format!("/Users/{}", three.ids[0]), &Json::Null).await.ok(204);

    assert_eq!(three.left().await, [1, 2]);
}

#[tokio::test]
async fn a_group_is_its_sources_alone() {
    let three = Three::new().await;
    let entra = format!("Bearer {}", three.idp.another_source("Entra").await);
    let as_entra = [("authorization", &*entra)];
    let body = json!({ "schemas": [GROUP], "displayName": "sales" }).to_string();

    let seen = three.idp.raw("GET", &address(&three.group), &as_entra, "").await;
    let deleted = three.idp.raw("DELETE", &address(&three.group), &as_entra, "").await;
    let person = three.idp.raw("GET", &format!("/Users/{}", three.ids[0]), &as_entra, "").await;
    let same_name = three.idp.raw("POST", "/Groups", &as_entra, body.clone()).await;
    let list = three.idp.raw("GET", "/Groups", &as_entra, "").await.ok(200);

    for answer in [seen, deleted] {
        answer.refused(404, None);
    }
    assert_eq!(person.ok(200).get("groups"), None);
    same_name.ok(201);
    assert_eq!(list["totalResults"], 1);
    let taken = three.idp.send("POST", "/Groups", &serde_json::from_str(&body).unwrap()).await;
    assert!(taken.refused(409, Some("uniqueness")).starts_with("displayName"));
}

#[tokio::test]
async fn what_cannot_be_done_to_a_group_is_refused_whole() {
    let three = Three::new().await;
    let id = &three.ids[0];
    for (operation, kind) in [
        (json!({ "op": "remove", "path": "displayName" }), "mutability"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "members.value", "value": "x" }), "mutability"),
        (json!({ "op": "remove", "path": "members[display eq \"x\"]" }), "invalidPath"),
        (
            json!({ "op": "add", "path": format!("members[value eq \"{id}\"]"), "value": "x" }),
            "invalidPath",
        ),
        (json!({ "op": "replace", "path": "displayName", "value": "two\nlines" }), "invalidValue"),
        (json!({ "op": "remove" }), "noTarget"),
    ] {
        let leave = json!({ "op": "remove", "path": "members" });

        let answer = three.send(&json!({ "Operations": [leave, operation] })).await;

        answer.refused(400, Some(kind));
    }
    assert_eq!(three.idp.get(&address(&three.group)).await.ok(200), three.group);
    let nameless = json!({ "schemas": [GROUP], "members": [] });
    three.idp.send("POST", "/Groups", &nameless).await.refused(400, Some("invalidValue"));
}

#[tokio::test]
async fn entras_extra_schema_and_nulls_are_no_obstacle() {
    let idp = Idp::new().await;
    let body = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1", "displayName": "Sales", "members": null, "meta": { "resourceType": "Group" },
    });

    let group = idp.send("POST", "/Groups", &body).await.ok(201);

    assert_eq!((&group["schemas"], group.get("members")), (&json!([GROUP]), None));
}

#[tokio::test]
async fn a_patch_of_a_group_is_answered_with_what_was_asked_for() {
    let three = Three::new().await;
    let leave = json!({ "Operations": [{ "op": "remove", "path": "members", "value": [member(&three.ids[0])] }] });
    let address = format!("{}?attributes=displayName", address(&three.group));

    let answer = three.idp.send("PATCH", &address, &leave).await;

    assert_eq!(answer.header("etag"), Some("W/\"2\""));
    assert_eq!(
        answer.ok(200),
        json!({ "schemas": [GROUP], "id": three.group["id"], "displayName": "Sales" })
    );
    let old = [("if-match", "W/\"1\"")];
    three.idp.with("PATCH", &address, &old, &leave).await.refused(412, None);
}

#[tokio::test]
async fn members_that_come_and_go_at_once_are_all_counted() {
    let three = Three::new().await;
    three.left_by(json!([{ "op": "remove", "path": "members" }])).await;
    for _ in 0..10 {
        let add = |id: &str| json!({ "Operations": [{ "op": "add", "path": "members", "value": [member(id)] }] });
        let bodies = three.ids.each_ref().map(|id| add(id));

        let answers =
            futures_util::future::join_all(bodies.iter().map(|body| three.send(body))).await;

        assert!(answers.iter().all(|answer| answer.status == 204));
        assert_eq!(three.left().await, [0, 1, 2]);
        three.left_by(json!([{ "op": "remove", "path": "members" }])).await;
    }
}
