//! A directory full of people, as a source sees it.

use std::collections::HashMap;

use countersign::{
    directory::{
        ExternalId, Group, Profile, Source, User, group_store,
        query::{self, Listed, Listing, Sort, Window},
        resource, store,
    },
    kernel::{GroupId, UserId},
    scim::{
        self, Filter,
        list::Paging,
        schema::{GROUPS, USERS},
    },
};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};

use crate::support::db::TestDb;

const BEGIN: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

pub(crate) struct World {
    pub(crate) db: TestDb,
    pub(crate) okta: Source,
    pub(crate) other: Source,
}

impl World {
    pub(crate) async fn new() -> Self {
        let db = TestDb::new().await;
        sqlx::query!(
            "insert into sources (slug, kind, name, provider, created_at)
             values ('okta', 'scim', 'Okta', 'okta', $1), ('other', 'scim', 'Other', 'other', $1)",
            BEGIN,
        )
        .execute(&db.pool)
        .await
        .unwrap();
        Self { db, okta: Source("okta".to_owned()), other: Source("other".to_owned()) }
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.db.pool
    }

    /// Keeps what a client would send, with all its attributes.
    pub(crate) async fn keep(&self, sent: &Value, external: Option<ExternalId>, age: i64) -> User {
        let told = scim::resource::accept(sent, &USERS).unwrap();
        let profile = Profile::parse(&resource::draft(&told)).unwrap();
        let active = resource::active(&told).unwrap_or(true);
        let at = BEGIN + Duration::milliseconds(age * 1_500);
        let user = User {
            id: UserId::at(at),
            resource: resource::in_step(told, &profile, active),
            profile,
            active,
            external_id: external,
            source: self.okta.clone(),
            created_at: at,
            updated_at: at + Duration::hours(age),
            version: 1,
            deleted_at: None,
        };
        let mut connection = self.pool().acquire().await.unwrap();
        store::insert_all(&mut connection, std::slice::from_ref(&user)).await.unwrap();
        user
    }

    pub(crate) async fn forget(&self, user: &User) {
        let gone = User { deleted_at: Some(BEGIN), ..user.clone() };
        let mut connection = self.pool().acquire().await.unwrap();
        store::put(&mut connection, &gone).await.unwrap();
    }

    pub(crate) async fn group(
        &self,
        source: &Source,
        name: &str,
        external: Option<&str>,
        members: &[UserId],
    ) -> Group {
        let group = Group {
            id: GroupId::at(BEGIN),
            source: source.clone(),
            display_name: name.to_owned(),
            external_id: external.map(str::to_owned),
            resource: json!({ "schemas": [GROUPS.core.id], "displayName": name }),
            version: 1,
            created_at: BEGIN,
            updated_at: BEGIN,
        };
        let mut connection = self.pool().acquire().await.unwrap();
        group_store::insert(&mut connection, &group).await.unwrap();
        group_store::add_members(&mut connection, group.id, members).await.unwrap();
        group
    }

    /// A person as an answer to `source` shows them.
    pub(crate) async fn shown(&self, users: &[User], source: &Source) -> Vec<Value> {
        let ids: Vec<_> = users.iter().map(|user| user.id).collect();
        let groups = group_store::groups_of(self.pool(), source, &ids).await.unwrap();
        users.iter().map(|user| shown(user, source, &groups)).collect()
    }

    /// Everything of okta's that matches a filter, by age.
    pub(crate) async fn all(&self, filter: Option<Filter>) -> Listed<User> {
        self.list(filter, None, Window::Index(Paging { start: 1, count: 1_000 })).await
    }

    pub(crate) async fn list(
        &self,
        filter: Option<Filter>,
        sort: Option<Sort>,
        window: Window,
    ) -> Listed<User> {
        let listing = Listing { filter, sort, window };
        query::users(self.pool(), &self.okta, &listing).await.unwrap()
    }

    pub(crate) async fn names(&self, filter: &str) -> Vec<String> {
        let found = self.all(Some(filter.parse().unwrap())).await.items;
        found.iter().map(|user| user.profile.user_name.to_string()).collect()
    }
}

fn shown(user: &User, source: &Source, groups: &HashMap<UserId, Vec<(GroupId, String)>>) -> Value {
    let time = |at: OffsetDateTime| at.format(&Rfc3339).unwrap();
    let mut shown = user.resource.clone();
    shown["id"] = json!(user.id);
    shown["meta"] = json!({
        "resourceType": "User",
        "created": time(user.created_at),
        "lastModified": time(user.updated_at),
        "version": format!("W/\"{}\"", user.version),
    });
    if let Some(external) = user.external_id.as_ref().filter(|id| id.source == *source) {
        shown["externalId"] = json!(external.id);
    }
    if let Some(groups) = groups.get(&user.id) {
        let group = |(id, name): &(GroupId, String)| json!({ "value": id, "display": name, "type": "direct" });
        shown["groups"] = groups.iter().map(group).collect();
    }
    shown
}
