//! Writing events in the transaction of what they tell.

use serde_json::{Value as Json, json};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{About, By, Verb};
use crate::kernel::{ActionId, AppId, Digest, EventId, UserId};

/// Events of one transaction, in the order they were told, to be written with one statement.
#[derive(Debug, Default)]
#[must_use = "what is told and not written is not kept"]
pub struct Ledger {
    at: Vec<OffsetDateTime>,
    ids: Vec<Uuid>,
    actor_kinds: Vec<&'static str>,
    actor_ids: Vec<Option<Uuid>>,
    verbs: Vec<&'static str>,
    actions: Vec<Option<Uuid>>,
    users: Vec<Option<Uuid>>,
    apps: Vec<Option<Uuid>>,
    details: Vec<Json>,
    salts: Vec<Vec<u8>>,
    digests: Vec<Vec<u8>>,
}

impl Ledger {
    /// Tells that `by` did `verb` to what `about` names. `details` is an object; the actor's name is added.
    pub fn tell(
        &mut self,
        now: OffsetDateTime,
        by: &By,
        verb: Verb,
        about: About,
        mut details: Json,
    ) {
        details["actor"] = json!(by.name());
        let salt: [u8; 16] = rand::random();
        self.digests.push(details_digest(&salt, &details).bytes().to_vec());
        self.at.push(now);
        self.ids.push(EventId::at(now).uuid());
        self.actor_kinds.push(by.kind());
        self.actor_ids.push(by.id());
        self.verbs.push(verb.word());
        self.actions.push(about.action.map(ActionId::uuid));
        self.users.push(about.user.map(UserId::uuid));
        self.apps.push(about.app.map(AppId::uuid));
        self.details.push(details);
        self.salts.push(salt.to_vec());
    }

    /// Writes them all, in the caller's transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write(self, tx: &mut PgConnection) -> sqlx::Result<()> {
        if self.ids.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "with event as (
                 insert into events
                     (id, at, actor_kind, actor_id, verb, action_id, user_id, app_id, details, salt, details_digest)
                 select id, at, actor_kind, actor_id, verb, action_id, user_id, app_id, details, salt, details_digest
                 from unnest(
                     $1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[],
                     $8::uuid[], $9::jsonb[], $10::bytea[], $11::bytea[]
                 ) with ordinality as told (
                     id, at, actor_kind, actor_id, verb, action_id, user_id, app_id, details, salt, details_digest, place
                 )
                 order by place
                 returning seq
             )
             insert into unsealed (event_seq) select seq from event",
            &self.ids,
            &self.at,
            &self.actor_kinds as _,
            &self.actor_ids as _,
            &self.verbs as _,
            &self.actions as _,
            &self.users as _,
            &self.apps as _,
            &self.details,
            &self.salts,
            &self.digests,
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Tells one event and writes it.
///
/// # Errors
/// When the database does not answer.
pub async fn record(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &By,
    verb: Verb,
    about: About,
    details: Json,
) -> sqlx::Result<()> {
    let mut ledger = Ledger::default();
    ledger.tell(now, by, verb, about, details);
    ledger.write(tx).await
}

pub(super) fn details_digest(salt: &[u8], details: &Json) -> Digest {
    Digest::of(&json!({ "salt": salt, "details": details }))
}
