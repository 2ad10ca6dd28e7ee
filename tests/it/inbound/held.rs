//! A group whose people are never changed without approval, whatever the check boxes say.

use countersign::{
    apps::change::Kind,
    audit::Verb,
    directory::held_store::choices,
    kernel::GroupId,
    queue::{Status, hold::hold},
};
use serde_json::{Value as Json, json};

use super::fixture::{Idp, id};

impl Idp {
    /// Okta pushes a group of these people, and Olivia holds it.
    async fn holds(&self, name: &str, members: &[&Json]) -> GroupId {
        let members: Vec<Json> =
            members.iter().map(|user| json!({ "value": user["id"] })).collect();
        let group = json!({ "displayName": name, "members": members });
        let group = self.send("POST", "/Groups", &group).await.ok(201);
        let group = group["id"].as_str().unwrap().parse().unwrap();
        self.choose(&[group]).await;
        group
    }

    async fn choose(&self, groups: &[GroupId]) {
        let (olivia, app) = (self.app.owner.owner().unwrap(), self.app.app().await);
        hold(&self.app.pool, self.app.now(), &olivia, &app, groups).await.unwrap();
    }

    async fn retitled(&self, user: &Json, title: &str) {
        let operations = json!([{ "op": "replace", "path": "title", "value": title }]);
        self.patch(user, operations).await.ok(200);
    }
}

#[tokio::test]
async fn changes_of_its_people_wait_and_those_of_others_do_not() {
    let idp = Idp::new().await;
    let (ana, ben) = (idp.with_account("ana").await, idp.with_account("ben").await);
    idp.app.provisioning(|rules| rules.approve.update = false).await;
    idp.holds("Finance", &[&ana]).await;

    idp.retitled(&ana, "Treasurer").await;
    idp.retitled(&ben, "Clerk of works").await;

    assert_eq!(idp.story(&ana).await.last(), Some(&(Kind::Update, Status::Pending)));
    assert_eq!(idp.story(&ben).await.last(), Some(&(Kind::Update, Status::Approved)));
    idp.app.run_jobs().await;
}

#[tokio::test]
async fn who_is_in_it_is_deleted_by_approval_only() {
    let idp = Idp::new().await;
    let ana = idp.with_account("ana").await;
    idp.app.provisioning(|rules| rules.approve.delete = false).await;
    idp.holds("Finance", &[&ana]).await;

    let answer = idp.send("DELETE", &format!("/Users/{}", id(&ana)), &Json::Null).await;

    assert_eq!(answer.status, 204);
    assert_eq!(idp.story(&ana).await.last(), Some(&(Kind::Delete, Status::Pending)));
}

#[tokio::test]
async fn a_group_that_is_held_no_longer_lets_later_changes_through() {
    let idp = Idp::new().await;
    let ana = idp.with_account("ana").await;
    idp.app.provisioning(|rules| rules.approve.update = false).await;
    let finance = idp.holds("Finance", &[&ana]).await;
    let held = choices(&idp.app.pool, 10).await.unwrap();

    idp.choose(&[]).await;
    idp.choose(&[]).await;
    idp.retitled(&ana, "Treasurer").await;

    assert_eq!(
        held.iter().map(|group| (group.id, group.held)).collect::<Vec<_>>(),
        [(finance, true)]
    );
    assert_eq!(idp.story(&ana).await.last(), Some(&(Kind::Update, Status::Approved)));
    let told = idp.app.history(Verb::AppConfigured).await;
    let told = told.iter().filter_map(|event| event.details.get("heldGroups"));
    assert_eq!(told.collect::<Vec<_>>(), [&json!([]), &json!(["Finance"])], "only what changed");
    idp.app.run_jobs().await;
}
