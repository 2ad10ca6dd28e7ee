//! What a reviewer should look at twice, known when an action is asked for.

use std::collections::HashSet;

use serde_json::Value as Json;
use sqlx::PgConnection;

use super::{Action, domains::domain, store};
use crate::{
    access,
    apps::{
        App,
        change::{Attribute, Kind, Value},
    },
    directory::{self, User},
    kernel::{UserId, words},
};

words! {
    /// Something to look at twice.
    Hint {
        /// The first change of an account that was there before.
        First = "first",
        /// The new address is in none of the organisation's domains.
        Domain = "domain",
        /// Somebody else has the same name, or the same address in another domain.
        Namesake = "namesake",
        /// The person had an account before, and it was deleted.
        Recreate = "recreate",
        /// The person is an administrator, here or by a role that the source tells.
        Admin = "admin",
        /// The person was deleted from the directory.
        Leaver = "leaver",
        /// An action that does the opposite is not finished.
        Opposite = "opposite",
        /// One of very many that came from its source at once. Found afterwards, and stored with the burst.
        Burst = "burst",
    }
}

/// What people are told apart by.
const NAMES: [Attribute; 5] = [
    Attribute::UserName,
    Attribute::Email,
    Attribute::DisplayName,
    Attribute::GivenName,
    Attribute::FamilyName,
];

/// The kinds that undo one another.
pub(super) const fn opposites(kind: Kind) -> &'static [Kind] {
    match kind {
        Kind::Create | Kind::Reactivate => &[Kind::Suspend, Kind::Delete],
        Kind::Suspend | Kind::Delete => &[Kind::Create, Kind::Reactivate],
        Kind::Update => &[],
    }
}

/// What is known of the people that actions are about, and of the organisation.
#[derive(Debug, Default)]
struct Facts {
    /// The domains that are the organisation's own, in lower case.
    domains: Vec<String>,
    /// What administrators sign in with, in lower case.
    administrators: HashSet<String>,
    /// Who looks like somebody else.
    alike: HashSet<UserId>,
    /// Who was here before, under another row.
    returned: HashSet<UserId>,
    /// Whose account was ever changed by an action, and whose was deleted by one.
    known: HashSet<UserId>,
    deleted: HashSet<UserId>,
}

/// Puts the hints on actions of one app that are not written yet, each beside its person.
pub(super) async fn put_on(
    tx: &mut PgConnection,
    app: &App,
    actions: &mut [(&User, &mut Action)],
) -> sqlx::Result<()> {
    let people: Vec<UserId> = actions.iter().map(|(user, _)| user.id).collect();
    put(tx, app, actions, &people).await
}

/// The same for people who were added in this very transaction: nothing was ever done to an account of theirs.
pub(super) async fn put_on_new(
    tx: &mut PgConnection,
    app: &App,
    actions: &mut [(&User, &mut Action)],
) -> sqlx::Result<()> {
    put(tx, app, actions, &[]).await
}

/// The same, where `known` are those who were here before.
async fn put(
    tx: &mut PgConnection,
    app: &App,
    actions: &mut [(&User, &mut Action)],
    known: &[UserId],
) -> sqlx::Result<()> {
    if actions.is_empty() {
        return Ok(());
    }
    let facts = gather(tx, app, actions, known).await?;
    for (user, action) in actions {
        action.hints = judge(&facts, user, action);
    }
    Ok(())
}

/// Puts them on an action that is asked for again, by what is so by now.
pub(super) async fn put_again(
    tx: &mut PgConnection,
    app: &App,
    user: &User,
    action: &mut Action,
) -> sqlx::Result<()> {
    let opposites = opposites(action.content.kind);
    let open = store::open_of_account(tx, app.id, user.id).await?;
    action.hints.retain(|hint| *hint != Hint::Opposite);
    if open.iter().any(|other| opposites.contains(&other.content.kind)) {
        action.hints.push(Hint::Opposite);
    }
    put_on(tx, app, &mut [(user, action)]).await
}

async fn gather(
    tx: &mut PgConnection,
    app: &App,
    actions: &[(&User, &mut Action)],
    known: &[UserId],
) -> sqlx::Result<Facts> {
    let of = |kinds: &[Kind]| -> Vec<UserId> {
        let some = actions.iter().filter(|(_, action)| kinds.contains(&action.content.kind));
        some.map(|(user, _)| user.id).collect()
    };
    let mut facts = Facts::default();
    for address in access::store::addresses(tx).await? {
        facts.domains.extend(domain(&address).map(str::to_owned));
        facts.administrators.insert(address);
    }
    if !app.domains.is_empty() {
        facts.domains.clone_from(&app.domains);
    }
    let named = of(&[Kind::Create, Kind::Update]);
    facts.alike = directory::likeness_store::alike(tx, &named).await?;
    let created = of(&[Kind::Create]);
    facts.returned = directory::likeness_store::returned(tx, &created).await?;
    if !known.is_empty() {
        (facts.known, facts.deleted) = store::former(tx, app.id, known).await?;
    }
    Ok(facts)
}

fn judge(facts: &Facts, user: &User, action: &Action) -> Vec<Hint> {
    let (kind, id) = (action.content.kind, user.id);
    let told = |attribute| match action.content.wants(attribute) {
        Some(Value::Text(text)) => Some(text.to_lowercase()),
        _ => None,
    };
    let addresses: Vec<_> =
        [Attribute::Email, Attribute::UserName].into_iter().filter_map(told).collect();
    let foreign = |address: &String| {
        domain(address).is_some_and(|domain| !facts.domains.iter().any(|ours| ours == domain))
    };
    let renames = NAMES.iter().any(|attribute| action.content.wants(*attribute).is_some());
    let holds = |hint: &Hint| match hint {
        Hint::First => kind != Kind::Create && !facts.known.contains(&id),
        Hint::Domain => !facts.domains.is_empty() && addresses.iter().any(foreign),
        Hint::Namesake => renames && facts.alike.contains(&id),
        Hint::Recreate => {
            kind == Kind::Create && (facts.returned.contains(&id) || facts.deleted.contains(&id))
        }
        Hint::Admin => is_administrator(facts, user),
        Hint::Leaver => kind != Kind::Create && user.deleted_at.is_some(),
        // These two are told by whoever knows the other actions.
        Hint::Opposite => action.hints.contains(hint),
        Hint::Burst => false,
    };
    Hint::ALL.iter().copied().filter(holds).collect()
}

fn is_administrator(facts: &Facts, user: &User) -> bool {
    let names = [Some(user.profile.user_name.as_str()), user.profile.email.as_deref()];
    let signs_in = |name: &str| facts.administrators.contains(&name.to_lowercase());
    names.into_iter().flatten().any(signs_in) || has_admin_role(&user.resource)
}

/// Whether one of the `roles` (RFC 7643 section 4.1.2) is an administrator's by its name.
fn has_admin_role(resource: &Json) -> bool {
    let roles = resource.get("roles").and_then(Json::as_array);
    let named = |role: &Json| {
        let names = ["value", "display"].into_iter().filter_map(|part| role.get(part)?.as_str());
        names.chain(role.as_str()).any(|name| name.to_lowercase().contains("admin"))
    };
    roles.is_some_and(|roles| roles.iter().any(named))
}
