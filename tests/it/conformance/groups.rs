//! Groups and who is in them (RFC 7643 section 4.2).

use reqwest::Method;
use serde_json::{Value, json};

use super::service::{Answer, Service, operations_of};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn path(group: &Value) -> String {
    format!("/Groups/{}", group["id"].as_str().unwrap())
}

async fn created(service: &Service, name: &str, members: &[&Value]) -> Value {
    let members: Vec<_> = members.iter().map(|user| json!({ "value": user["id"] })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": service.name(name), "members": members });
    service.send(Method::POST, "/Groups", &body).await.ok(201)
}

async fn read(service: &Service, group: &Value) -> Value {
    service.get(&path(group)).await.ok(200)
}

/// The group after a PATCH, however that was answered.
async fn patched(service: &Service, group: &Value, operations: &Value) -> Value {
    let answer = service.send(Method::PATCH, &path(group), &operations_of(operations)).await;
    let group = read(service, group).await;
    match answer.status {
        204 => assert_eq!(answer.body, Value::Null),
        _ => assert_eq!(answer.ok(200), group),
    }
    group
}

/// The ids of those who are in a group.
fn ids(group: &Value) -> Vec<&str> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut ids: Vec<_> = members.iter().map(|one| one["value"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

fn sorted<'a>(users: &[&'a Value]) -> Vec<&'a str> {
    let mut ids: Vec<_> = users.iter().map(|user| user["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

pub(super) async fn what_is_created_reads_back(service: &Service) {
    let ana = service.created("GroupMember").await;

    let body = json!({
        "schemas": [GROUP], "displayName": service.name("Group"), "externalId": service.name("Ext"),
        "members": [{ "value": ana["id"] }],
    });
    let answer = service.send(Method::POST, "/Groups", &body).await;

    let location = answer.header("location").map(str::to_owned);
    let group = answer.ok(201);
    assert_eq!(group["meta"]["location"].as_str(), location.as_deref());
    assert!(location.unwrap().ends_with(&path(&group)));
    assert_eq!(group["meta"]["resourceType"], "Group");
    assert_eq!(
        (&group["displayName"], &group["externalId"]),
        (&body["displayName"], &body["externalId"])
    );
    assert_eq!(ids(&group), sorted(&[&ana]));
    assert_eq!(read(service, &group).await, group);
    let nameless = json!({ "schemas": [GROUP] });
    service.send(Method::POST, "/Groups", &nameless).await.refused(400, Some("invalidValue"));
}

pub(super) async fn members_come_and_go(service: &Service) {
    let (ana, ben) = (service.created("ComesA").await, service.created("ComesB").await);
    let group = created(service, "Comes", &[]).await;
    assert_eq!(ids(&group), [""; 0]);
    let add = |user: &Value| json!([{ "op": "add", "path": "members", "value": [{ "value": user["id"] }] }]);
    let id = ana["id"].as_str().unwrap();

    let first = patched(service, &group, &add(&ana)).await;
    let again = patched(service, &group, &add(&ana)).await;
    let both = patched(service, &group, &add(&ben)).await;
    let leaves = json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }]);
    let one = patched(service, &group, &leaves).await;
    let none = patched(service, &group, &json!([{ "op": "remove", "path": "members" }])).await;

    assert_eq!((ids(&first), ids(&again)), (sorted(&[&ana]), sorted(&[&ana])));
    assert_eq!(ids(&both), sorted(&[&ana, &ben]));
    assert_eq!((ids(&one), ids(&none)), (sorted(&[&ben]), vec![]));
}

pub(super) async fn a_patch_reaches_names_and_members(service: &Service) {
    let (ana, ben) = (service.created("PatchA").await, service.created("PatchB").await);
    let group = created(service, "PatchG", &[&ana]).await;

    let whole = json!([{ "op": "replace", "path": "members", "value": [{ "value": ben["id"] }] }]);
    let whole = patched(service, &group, &whole).await;
    let name = service.name("PatchGNew");
    let renamed =
        patched(service, &group, &json!([{ "op": "replace", "value": { "displayName": name } }]))
            .await;
    let half = operations_of(&json!([
        { "op": "remove", "path": "members" }, { "op": "replace", "path": "id", "value": "x" },
    ]));
    service.send(Method::PATCH, &path(&group), &half).await.refused(400, Some("mutability"));

    assert_eq!(ids(&whole), sorted(&[&ben]));
    assert_eq!((&renamed["displayName"], ids(&renamed)), (&json!(name), sorted(&[&ben])));
    assert_eq!(read(service, &group).await, renamed);
}

pub(super) async fn a_put_replaces_the_group(service: &Service) {
    let (ana, ben) = (service.created("PutA").await, service.created("PutB").await);
    let group = created(service, "PutG", &[&ana]).await;

    let body = json!({
        "schemas": [GROUP], "id": "another", "displayName": service.name("PutGNew"), "members": [{ "value": ben["id"] }],
    });
    let put = service.send(Method::PUT, &path(&group), &body).await.ok(200);

    assert_eq!((&put["id"], &put["displayName"]), (&group["id"], &body["displayName"]));
    assert_eq!(ids(&put), sorted(&[&ben]));
    assert_eq!(read(service, &group).await, put);
}

pub(super) async fn groups_are_found(service: &Service) {
    let ana = service.created("FoundA").await;
    let group = created(service, "FoundG", &[&ana]).await;
    let name = group["displayName"].as_str().unwrap().to_uppercase();
    let find = async |query: &[(&str, &str)]| {
        Answer::to(service.request(Method::GET, "/Groups").query(query)).await
    };

    let filter = format!("displayName eq \"{name}\"");
    let whole = find(&[("filter", &filter)]).await.ok(200);
    let without = find(&[("filter", &filter), ("excludedAttributes", "members")]).await.ok(200);
    let none = find(&[("filter", "displayName eq \"nobody\"")]).await.ok(200);

    assert_eq!((&whole["totalResults"], &whole["Resources"]), (&json!(1), &json!([group])));
    assert_eq!(without["Resources"][0].get("members"), None);
    assert_eq!(none["totalResults"], 0);
    find(&[("filter", "userName eq \"x\"")]).await.refused(400, Some("invalidFilter"));
}

pub(super) async fn what_is_deleted_is_gone(service: &Service) {
    let ana = service.created("DeleteA").await;
    let group = created(service, "DeleteG", &[&ana]).await;

    let deleted = Answer::to(service.request(Method::DELETE, &path(&group))).await;

    assert_eq!((deleted.status, deleted.body), (204, Value::Null));
    service.get(&path(&group)).await.refused(404, None);
    Answer::to(service.request(Method::DELETE, &path(&group))).await.refused(404, None);
    let user = service.get(&format!("/Users/{}", ana["id"].as_str().unwrap())).await.ok(200);
    assert_eq!(user["userName"], ana["userName"], "who was in it is still there");
}
