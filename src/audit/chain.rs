//! The chain of hashes over the events.
//!
//! Writers do not wait for one another: each inserts its event, and a sealer adds the
//! links afterwards, in the order in which events became visible.

use serde_json::{Value as Json, json};
use sqlx::PgPool;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::record::details_digest;
use crate::kernel::Digest;

/// How many links one transaction adds.
const BATCH: i64 = 1_000;

/// Whether the history is what it was when it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every link covers its event and the link before it.
    Intact {
        /// How many links.
        sealed: i64,
        /// How many events still wait for their link.
        unsealed: i64,
        /// The last link, to be written down somewhere else.
        head: String,
    },
    /// The first link that does not, and what is wrong with it.
    Broken {
        /// Its position.
        position: i64,
        /// What is wrong.
        says: &'static str,
    },
}

struct Row {
    position: i64,
    event_seq: i64,
    hash: Option<Vec<u8>>,
    id: Uuid,
    at: OffsetDateTime,
    actor_kind: String,
    actor_id: Option<Uuid>,
    verb: String,
    action_id: Option<Uuid>,
    user_id: Option<Uuid>,
    app_id: Option<Uuid>,
    details: Option<Json>,
    salt: Option<Vec<u8>>,
    details_digest: Vec<u8>,
}

impl Row {
    /// SHA-256 over the canonical JSON of the link before and of all but the personal part.
    fn link(&self, previous: &str) -> Digest {
        Digest::of(&json!({
            "previous": previous,
            "position": self.position,
            "id": self.id,
            "at": self.at.format(&Rfc3339).unwrap_or_default(),
            "actorKind": self.actor_kind,
            "actorId": self.actor_id,
            "verb": self.verb,
            "actionId": self.action_id,
            "userId": self.user_id,
            "appId": self.app_id,
            "detailsDigest": Digest::try_from(&*self.details_digest).ok(),
        }))
    }

    /// What is wrong with it as the link of `position`, whose hash should be `link`.
    fn fault(&self, position: i64, link: Digest) -> Option<&'static str> {
        if self.position != position {
            Some("a link is missing before it")
        } else if self.hash.as_deref() != Some(&link.bytes()[..]) {
            Some("its event or the link before it was changed")
        } else if !self.details_are_true() {
            Some("the details of its event were changed")
        } else {
            None
        }
    }

    fn details_are_true(&self) -> bool {
        match (&self.salt, &self.details) {
            (Some(salt), Some(details)) => {
                details_digest(salt, details).bytes()[..] == self.details_digest[..]
            }
            _ => true,
        }
    }
}

/// Adds links for events that have none, as many as one transaction takes; says whether there may be more.
/// Of several processes that seal at once, one does and the others find nothing to do.
///
/// # Errors
/// When the database does not answer.
pub async fn seal(pool: &PgPool) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let alone = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('audit.links')) as "alone!""#
    )
    .fetch_one(&mut *tx)
    .await?;
    if !alone {
        return Ok(false);
    }
    let head = sqlx::query!("select position, hash from links order by position desc limit 1")
        .fetch_optional(&mut *tx)
        .await?;
    let (position, mut previous) = head.map_or((0, String::new()), |head| {
        (
            head.position,
            Digest::try_from(&*head.hash).map_or_else(|_| String::new(), |hash| hash.to_string()),
        )
    });
    let rows = sqlx::query_as!(
        Row,
        r#"select $1 + row_number() over (order by seq) as "position!", seq as event_seq, null::bytea as hash,
               id, at, actor_kind, actor_id, verb, action_id, user_id, app_id, details, salt, details_digest
           from events
           -- an array, so that events are looked up and never walked through
           where seq = any(array(select event_seq from unsealed order by event_seq limit $2))
           order by seq"#,
        position,
        BATCH,
    )
    .fetch_all(&mut *tx)
    .await?;
    let mut hashes = Vec::with_capacity(rows.len());
    for row in &rows {
        let hash = row.link(&previous);
        previous = hash.to_string();
        hashes.push(hash.bytes().to_vec());
    }
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let seqs: Vec<i64> = rows.iter().map(|row| row.event_seq).collect();
    sqlx::query!(
        "with linked as (
             insert into links (position, event_seq, hash)
             select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])
             returning event_seq
         )
         delete from unsealed using linked where unsealed.event_seq = linked.event_seq",
        &positions,
        &seqs,
        &hashes,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(i64::try_from(rows.len()).is_ok_and(|sealed| sealed >= BATCH))
}

/// Walks the whole chain and says whether it holds.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(pool: &PgPool) -> sqlx::Result<Verdict> {
    let mut previous = String::new();
    let mut sealed = 0;
    loop {
        let rows = sqlx::query_as!(
            Row,
            r#"select position, event_seq, hash as "hash?", id, at, actor_kind, actor_id, verb, action_id,
                   user_id, app_id, details, salt, details_digest
               from links join events on seq = event_seq
               where position > $1
               order by position
               limit $2"#,
            sealed,
            BATCH,
        )
        .fetch_all(pool)
        .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let position = sealed + 1;
            let link = row.link(&previous);
            if let Some(says) = row.fault(position, link) {
                return Ok(Verdict::Broken { position, says });
            }
            previous = link.to_string();
            sealed = position;
        }
    }
    end(pool, sealed, previous).await
}

/// The verdict on a chain whose `sealed` links hold: nothing may be torn off or kept out of it.
async fn end(pool: &PgPool, sealed: i64, head: String) -> sqlx::Result<Verdict> {
    let rest = sqlx::query!(
        r#"select
             exists (
                 select 1 from links
                 where position > $1 and not exists (select 1 from events where seq = event_seq)
             ) as "torn!",
             exists (
                 select 1 from events
                 where not exists (select 1 from links where event_seq = seq)
                   and not exists (select 1 from unsealed where event_seq = seq)
             ) as "hidden!",
             (select count(*) from unsealed) as "unsealed!""#,
        sealed,
    )
    .fetch_one(pool)
    .await?;
    let position = sealed + 1;
    Ok(match (rest.torn, rest.hidden) {
        (true, _) => Verdict::Broken { position, says: "its event is missing" },
        (_, true) => Verdict::Broken { position, says: "an event was kept out of the chain" },
        _ => Verdict::Intact { sealed, unsealed: rest.unsealed, head },
    })
}

/// How long the chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// How many links it has.
    pub sealed: i64,
    /// How many events wait for their link.
    pub unsealed: i64,
}

/// How long the chain is, without walking it.
///
/// # Errors
/// When the database does not answer.
pub async fn length(pool: &PgPool) -> sqlx::Result<Length> {
    sqlx::query_as!(
        Length,
        r#"select coalesce((select max(position) from links), 0) as "sealed!",
               (select count(*) from unsealed) as "unsealed!""#,
    )
    .fetch_one(pool)
    .await
}
