//! One change of one person: the directory, the history and the queue, in the caller's transaction.

use serde_json::{Value as Json, json};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    asking::Asking,
    people::PeopleError,
    propose::{Caused, propose, propose_new},
};
use crate::{
    access::{self, Actor, Operator},
    audit::{About, Ledger, Verb},
    directory::{
        Draft, ExternalId, FieldError, Profile, Source, User, group_store, resource, store,
    },
    kernel::UserId,
};

/// A person as they shall be from now on.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) profile: Profile,
    pub(super) active: bool,
    pub(super) resource: Json,
    pub(super) external_id: Option<ExternalId>,
}

impl Wanted {
    /// The same person with the same resource as far as nothing else is said.
    pub(super) fn of(before: &User, profile: Profile, active: bool) -> Self {
        let User { resource, external_id, .. } = before.clone();
        Self { profile, active, resource, external_id }
    }
}

/// A person as they are now, and what came of the change.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The person.
    pub user: User,
    /// What became of the queue, in order; nothing when the change made no difference there.
    pub caused: Vec<Caused>,
}

/// Whoever changes people, and from where.
#[derive(Debug, Clone)]
pub(super) struct Submission {
    now: OffsetDateTime,
    actor: Actor,
    source: Source,
    always_held: bool,
}

/// Adds people, each on behalf of whoever submits them, with the same few statements however many they
/// are. Whoever cannot be added is told why, and takes nobody with them.
pub(super) async fn add_all(
    tx: &mut PgConnection,
    new: &[(Submission, Wanted)],
) -> sqlx::Result<Vec<Result<Submitted, PeopleError>>> {
    let users: Vec<User> = new.iter().map(|(by, wanted)| by.user(wanted.clone())).collect();
    let added = store::insert_all(tx, &users).await?;
    let mut ledger = Ledger::default();
    let mut people = Vec::new();
    let mut results = Vec::new();
    let mut refused = Vec::new();
    for (place, ((by, _), user)) in new.iter().zip(users).enumerate() {
        if added.contains(&user.id) {
            by.tell(&mut ledger, Verb::UserCreated, &user, json!({}));
            people.push((by.asking(), user));
        } else {
            refused.push((place, user));
        }
    }
    let about = people.iter().map(|(_, user)| &user.profile).enumerate();
    for (place, id) in whom_it_is_about(tx, about).await? {
        if let Some((asking, _)) = people.get_mut(place) {
            asking.bar(id);
        }
    }
    let caused = propose_new(tx, &mut ledger, &people).await?;
    ledger.write(tx).await?;
    for ((_, user), caused) in people.into_iter().zip(caused) {
        results.push(Ok(Submitted { user, caused }));
    }
    for (place, user) in refused {
        // Whoever had it may be gone since; then the name is as good a word as any.
        let field = store::find_taken(tx, &user).await?.unwrap_or("userName");
        results.insert(place, Err(PeopleError::Taken(taken_field(field))));
    }
    Ok(results)
}

/// The administrators whom changes of people are about: whoever signs in by a name that a person goes
/// by. `profiles` are of the person at each place; the places come back.
pub(super) async fn whom_it_is_about<'a>(
    tx: &mut PgConnection,
    profiles: impl IntoIterator<Item = (usize, &'a Profile)>,
) -> sqlx::Result<Vec<(usize, Uuid)>> {
    let (places, names): (Vec<usize>, Vec<&str>) = profiles
        .into_iter()
        .flat_map(|(place, profile)| {
            let names = [Some(profile.user_name.as_str()), profile.email.as_deref()];
            names.into_iter().flatten().map(move |name| (place, name))
        })
        .unzip();
    let found = access::store::ids_of_people(tx, &names).await?;
    Ok(found.into_iter().filter_map(|(name, id)| Some((*places.get(name)?, id))).collect())
}

impl Submission {
    pub(super) fn new(now: OffsetDateTime, by: &Operator, source: Source) -> Self {
        Self { now, actor: by.actor().clone(), source, always_held: false }
    }

    /// The same, where a person is asked whatever the rules say.
    pub(super) fn always_held(self) -> Self {
        Self { always_held: true, ..self }
    }

    pub(super) async fn add(
        self,
        tx: &mut PgConnection,
        wanted: Wanted,
    ) -> Result<Submitted, PeopleError> {
        let added = add_all(tx, &[(self, wanted)]).await?.pop();
        added.ok_or(sqlx::Error::RowNotFound)?
    }

    fn user(&self, Wanted { profile, active, resource, external_id }: Wanted) -> User {
        User {
            id: UserId::at(self.now),
            resource: resource::in_step(resource, &profile, active),
            profile,
            active,
            external_id,
            source: self.source.clone(),
            created_at: self.now,
            updated_at: self.now,
            version: 1,
            deleted_at: None,
        }
    }

    /// Changes what is wanted of a person who is locked. What makes no difference is not written.
    pub(super) async fn change(
        &self,
        tx: &mut PgConnection,
        before: User,
        wanted: Wanted,
    ) -> Result<Submitted, PeopleError> {
        let Wanted { profile, active, resource, external_id } = wanted;
        let resource = resource::in_step(resource, &profile, active);
        if (&profile, active, &resource, &external_id)
            == (&before.profile, before.active, &before.resource, &before.external_id)
        {
            return Ok(Submitted { user: before, caused: Vec::new() });
        }
        let user = User {
            profile,
            active,
            resource,
            external_id,
            updated_at: self.now,
            version: before.version + 1,
            ..before.clone()
        };
        store::put(tx, &user).await.map_err(taken)?;
        if user.profile.name() != before.profile.name() {
            super::store::rename(tx, user.id).await?;
        }
        let mut ledger = Ledger::default();
        let fields = changed(&before, &user);
        if !fields.is_empty() {
            self.tell(&mut ledger, Verb::UserUpdated, &user, json!({ "fields": fields }));
        }
        if user.active != before.active {
            let verb = if user.active { Verb::UserReactivated } else { Verb::UserSuspended };
            self.tell(&mut ledger, verb, &user, json!({}));
        }
        let mut caused = Vec::new();
        // What only SCIM knows of a person is in no account.
        if (&user.profile, user.active) != (&before.profile, before.active) {
            let asking = self.asking_about(tx, &[&user.profile, &before.profile]).await?;
            caused = propose(tx, &mut ledger, &asking, &user).await?;
        }
        ledger.write(tx).await?;
        Ok(Submitted { user, caused })
    }

    pub(super) async fn delete(
        &self,
        tx: &mut PgConnection,
        before: User,
    ) -> sqlx::Result<Submitted> {
        let version = before.version + 1;
        let user = User { updated_at: self.now, deleted_at: Some(self.now), version, ..before };
        store::put(tx, &user).await?;
        let mut ledger = Ledger::default();
        self.tell(&mut ledger, Verb::UserDeleted, &user, json!({}));
        let asking = self.asking_about(tx, &[&user.profile]).await?;
        let caused = propose(tx, &mut ledger, &asking, &user).await?;
        // Not before: who is in a held group is deleted by approval only.
        group_store::leave_all(tx, user.id).await?;
        ledger.write(tx).await?;
        Ok(Submitted { user, caused })
    }

    /// Brings a person back who was deleted, as `user` says they are now.
    pub(super) async fn restore(
        &self,
        tx: &mut PgConnection,
        user: User,
    ) -> Result<Submitted, PeopleError> {
        let resource = resource::in_step(user.resource, &user.profile, user.active);
        let version = user.version + 1;
        let user = User { resource, updated_at: self.now, deleted_at: None, version, ..user };
        store::put(tx, &user).await.map_err(taken)?;
        let mut ledger = Ledger::default();
        self.tell(&mut ledger, Verb::UserCreated, &user, json!({}));
        let asking = self.asking_about(tx, &[&user.profile]).await?;
        let caused = propose(tx, &mut ledger, &asking, &user).await?;
        ledger.write(tx).await?;
        Ok(Submitted { user, caused })
    }

    fn tell(&self, ledger: &mut Ledger, verb: Verb, user: &User, mut details: Json) {
        details["person"] = json!(user.profile.name());
        details["userName"] = json!(user.profile.user_name);
        details["source"] = json!(self.source.0);
        ledger.tell(self.now, &self.actor.by(), verb, About::user(user.id), details);
    }

    /// On whose behalf actions are proposed.
    fn asking(&self) -> Asking {
        let (by, source) = (self.actor.by(), self.source.clone());
        let barred = self.actor.same_person();
        Asking { now: self.now, by, source, barred, always_held: self.always_held }
    }

    /// The same, where they are about whoever goes, or went, by one of the `profiles`: a change of
    /// somebody's address is about them too.
    async fn asking_about(
        &self,
        tx: &mut PgConnection,
        profiles: &[&Profile],
    ) -> sqlx::Result<Asking> {
        let mut asking = self.asking();
        for (_, id) in whom_it_is_about(tx, profiles.iter().map(|profile| (0, *profile))).await? {
            asking.bar(id);
        }
        Ok(asking)
    }
}

fn taken(error: sqlx::Error) -> PeopleError {
    match store::taken(&error) {
        Some(field) => PeopleError::Taken(taken_field(field)),
        None => error.into(),
    }
}

fn taken_field(field: &'static str) -> FieldError {
    let says = match field {
        "userName" => {
            "Another person has this user name. Open them instead, or choose another one."
        }
        _ => "Another person of this source has this id.",
    };
    FieldError { field, says: says.to_owned() }
}

/// What differs, by the names of the API; what only SCIM knows by those of SCIM.
fn changed(before: &User, after: &User) -> Vec<String> {
    let fields = |user: &User| match serde_json::to_value(Draft::from(&user.profile)) {
        Ok(Json::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let mut names = different(&fields(before), &fields(after));
    if before.external_id != after.external_id {
        names.push("externalId".to_owned());
    }
    // What the names above already tell stands in the resource as well.
    if let (true, Json::Object(before), Json::Object(after)) =
        (names.is_empty(), &before.resource, &after.resource)
    {
        names = different(before, after);
        names.retain(|name| name != "active" && name != "schemas");
    }
    names
}

fn different(
    before: &serde_json::Map<String, Json>,
    after: &serde_json::Map<String, Json>,
) -> Vec<String> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let other = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    other.map(|(name, _)| name).chain(gone).cloned().collect()
}
