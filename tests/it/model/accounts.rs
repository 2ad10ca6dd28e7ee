//! What EchoSign holds, read without the code under test.

use std::collections::BTreeMap;

use countersign::{
    apps::change::{Attribute, Value},
    directory::User,
};
use serde_json::Value as Json;

use crate::support::echosign::Effect;

/// The attributes of an account, or those that it shall have.
pub(super) type Attributes = BTreeMap<Attribute, Value>;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One account as EchoSign holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) id: String,
    pub(super) external_id: Option<String>,
    pub(super) has: Attributes,
}

impl Held {
    pub(super) fn of(account: &Json) -> Self {
        let text = |value: &Json| value.as_str().map(str::to_owned);
        let texts = [
            (Attribute::UserName, &account["userName"]),
            (Attribute::Email, &account["emails"][0]["value"]),
            (Attribute::Title, &account["title"]),
            (Attribute::Department, &account[ENTERPRISE]["department"]),
        ];
        let mut has = all(texts.map(|(attribute, value)| (attribute, text(value))));
        has.insert(Attribute::Active, Value::Flag(account["active"] != false));
        let external_id = text(&account["externalId"]);
        Self { id: text(&account["id"]).unwrap(), external_id, has }
    }

    pub(super) fn name(&self) -> String {
        self.has.get(&Attribute::UserName).map(ToString::to_string).unwrap_or_default()
    }
}

/// What an account of theirs shall have.
pub(super) fn wanted(user: &User) -> Attributes {
    let profile = &user.profile;
    let text = |text: Option<&str>| text.map(str::to_owned);
    let mut wanted = all([
        (Attribute::UserName, Some(profile.user_name.as_str().to_owned())),
        (Attribute::Email, text(profile.email.as_deref())),
        (Attribute::Title, text(profile.title.as_deref())),
        (Attribute::Department, text(profile.department.as_deref())),
    ]);
    wanted.insert(Attribute::Active, Value::Flag(user.active));
    wanted
}

fn all<const N: usize>(texts: [(Attribute, Option<String>); N]) -> Attributes {
    let given = texts.into_iter().filter_map(|(attribute, text)| Some((attribute, text?)));
    given.map(|(attribute, text)| (attribute, Value::Text(text))).collect()
}

/// What one request made of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Made {
    Created(Held),
    Changed(Held, Held),
    Removed(Held),
}

impl Made {
    /// What a request changed, account by account.
    pub(super) fn of(effect: &Effect) -> Vec<Self> {
        let read = |accounts: &[Json]| accounts.iter().map(Held::of).collect::<Vec<_>>();
        let (before, after) = (read(&effect.before), read(&effect.after));
        let find = |held: &Held, among: &[Held]| among.iter().find(|o| o.id == held.id).cloned();
        let mut made = Vec::new();
        for was in &before {
            match find(was, &after) {
                None => made.push(Self::Removed(was.clone())),
                Some(is) if is != *was => made.push(Self::Changed(was.clone(), is)),
                Some(_) => {}
            }
        }
        let new = after.iter().filter(|held| find(held, &before).is_none());
        made.extend(new.cloned().map(Self::Created));
        made
    }
}
