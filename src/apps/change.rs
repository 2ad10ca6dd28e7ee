//! What a reviewer approves: the content of an action.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::kernel::{AppId, Digest, UserId, words};

words! {
    /// What an action does to an account.
    Kind {
        /// Makes the account.
        Create = "create",
        /// Changes some of its attributes.
        Update = "update",
        /// Switches it off.
        Suspend = "suspend",
        /// Switches it on again.
        Reactivate = "reactivate",
        /// Removes it.
        Delete = "delete",
    }
}

words! {
    /// An attribute of an account, by its name in RFC 7643 section 4 where it has one there.
    Attribute {
        /// `userName`: what the person signs in with; unique in the app without regard to case.
        UserName = "userName",
        /// `name.givenName`.
        GivenName = "givenName",
        /// `name.familyName`.
        FamilyName = "familyName",
        /// `displayName`.
        DisplayName = "displayName",
        /// `emails[type eq "work"].value`.
        Email = "email",
        /// `title`.
        Title = "title",
        /// `department` of the enterprise extension.
        Department = "department",
        /// `phoneNumbers[type eq "work"].value`.
        Phone = "phone",
        /// `active`: whether the account may be used.
        Active = "active",
    }
}

impl Attribute {
    /// What it is called where people read it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::UserName => "user name",
            Self::GivenName => "first name",
            Self::FamilyName => "last name",
            Self::DisplayName => "display name",
            Self::Email => "e-mail",
            Self::Title => "title",
            Self::Department => "department",
            Self::Phone => "phone",
            Self::Active => "active",
        }
    }

    /// Whether two texts that differ only in case are the same value of this attribute.
    #[must_use]
    pub const fn ignores_case(self) -> bool {
        matches!(self, Self::UserName | Self::Email)
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A text, never empty: an empty one is the absence of the attribute.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag(true) => "yes",
            Self::Flag(false) => "no",
            Self::Text(text) => text,
        })
    }
}

impl Value {
    /// Whether an app that holds `other` for `attribute` holds this value.
    #[must_use]
    pub fn same(&self, attribute: Attribute, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) if attribute.ignores_case() => {
                one.to_lowercase() == other.to_lowercase()
            }
            _ => self == other,
        }
    }
}

/// Whether two values of `attribute` are the same for the app, absence included.
#[must_use]
pub fn same(attribute: Attribute, one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.same(attribute, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The attributes of one account; an absent one has no entry.
pub type Attributes = BTreeMap<Attribute, Value>;

/// What becomes of one attribute. `None` is the absence of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which one.
    pub attribute: Attribute,
    /// What the app last confirmed.
    pub from: Option<Value>,
    /// What it shall be.
    pub to: Option<Value>,
}

/// What a reviewer approves, whole: this and nothing else is sent.
///
/// The account is named by its user, since it has no name in the app before it is created.
///
/// The members stand in the order of their names, here and in [`Change`]: see [`Content::digest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Whose account.
    pub account: UserId,
    /// In which app.
    pub app: AppId,
    /// Attribute by attribute, in the order of [`Attribute`]; never empty.
    pub changes: Vec<Change>,
    /// What is done to it.
    pub kind: Kind,
}

impl Content {
    /// What an approval is bound to: SHA-256 over the canonical JSON (RFC 8785) of all of it.
    ///
    /// Every row that is read is held against its digest, so this is much of what a page costs. Members in the
    /// order of their names and values without numbers are canonical as they are written.
    ///
    /// # Panics
    /// Never: it would take a map whose keys are not text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        #[expect(clippy::expect_used, reason = "there is nothing in it that JSON cannot hold")]
        let canonical = serde_json::to_vec(self).expect("the content is JSON");
        Digest::of_bytes(&canonical)
    }

    /// What `attribute` shall be, if this content says so.
    #[must_use]
    pub fn wants(&self, attribute: Attribute) -> Option<&Value> {
        self.change(attribute)?.to.as_ref()
    }

    /// The attributes an account has once this was done to `before`; `None` when there is no account.
    /// What is no account becomes one by a create and by nothing else.
    #[must_use]
    pub fn applied_to(&self, before: Option<Attributes>) -> Option<Attributes> {
        let mut after = match self.kind {
            Kind::Delete => return None,
            Kind::Create => before.unwrap_or_default(),
            Kind::Update | Kind::Suspend | Kind::Reactivate => before?,
        };
        for change in &self.changes {
            match &change.to {
                Some(value) => after.insert(change.attribute, value.clone()),
                None => after.remove(&change.attribute),
            };
        }
        Some(after)
    }

    /// The same wish over what the app has now: each `from` that is no longer so becomes the
    /// present value. A delete takes in every attribute the account has, since all of them go.
    #[must_use]
    pub fn over(&self, now: &Attributes) -> Self {
        let mut changes = self.changes.clone();
        if self.kind == Kind::Delete {
            changes.retain(|change| now.contains_key(&change.attribute));
            for attribute in now.keys().filter(|attribute| self.change(**attribute).is_none()) {
                changes.push(Change { attribute: *attribute, from: None, to: None });
            }
            changes.sort_by_key(|change| change.attribute);
        }
        for change in &mut changes {
            let present = now.get(&change.attribute);
            if !same(change.attribute, change.from.as_ref(), present) {
                change.from = present.cloned();
            }
        }
        Self { changes, ..self.clone() }
    }

    /// What `attribute` was when this was written, if this content says so.
    #[must_use]
    pub fn starts_from(&self, attribute: Attribute) -> Option<&Value> {
        self.change(attribute)?.from.as_ref()
    }

    fn change(&self, attribute: Attribute) -> Option<&Change> {
        self.changes.iter().find(|change| change.attribute == attribute)
    }

    /// The attributes in which an app that holds `now` is no longer what was reviewed: neither what they were
    /// nor what they shall be. Of a delete also those that nobody saw go.
    #[must_use]
    pub fn drift(&self, now: &Attributes) -> Vec<Attribute> {
        let unseen = now
            .keys()
            .filter(|attribute| self.kind == Kind::Delete && self.change(**attribute).is_none());
        let moved = self.changes.iter().filter(|Change { attribute, from, to }| {
            let present = now.get(attribute);
            let met = self.kind != Kind::Delete && same(*attribute, present, to.as_ref());
            !same(*attribute, present, from.as_ref()) && !met
        });
        moved.map(|change| change.attribute).chain(unseen.copied()).collect()
    }

    /// Whether an app that holds `now` is no longer what was reviewed.
    #[must_use]
    pub fn drifted_from(&self, now: &Attributes) -> bool {
        !self.drift(now).is_empty()
    }

    /// Whether an app that holds `now` has all of it already.
    #[must_use]
    pub fn is_met_by(&self, now: &Attributes) -> bool {
        self.kind != Kind::Delete
            && self.changes.iter().all(|change| {
                same(change.attribute, now.get(&change.attribute), change.to.as_ref())
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::OffsetDateTime;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "what a change holds")]
    fn text(value: &str) -> Option<Value> {
        Some(Value::Text(value.to_owned()))
    }

    fn retitled(from: &str, to: &str) -> Content {
        Content {
            app: AppId::at(OffsetDateTime::UNIX_EPOCH),
            account: UserId::at(OffsetDateTime::UNIX_EPOCH),
            kind: Kind::Update,
            changes: vec![Change { attribute: Attribute::Title, from: text(from), to: text(to) }],
        }
    }

    fn titled(title: &str) -> Attributes {
        Attributes::from([(Attribute::Title, Value::Text(title.to_owned()))])
    }

    #[test]
    fn any_part_of_the_content_changes_its_digest() {
        let content = retitled("Analyst", "Senior Analyst");
        let others = [
            retitled("Analyst", "Director"),
            retitled("Clerk", "Senior Analyst"),
            Content { kind: Kind::Create, ..content.clone() },
            Content { app: AppId::at(OffsetDateTime::UNIX_EPOCH), ..content.clone() },
            Content { account: UserId::at(OffsetDateTime::UNIX_EPOCH), ..content.clone() },
        ];

        for other in others {
            assert_ne!(content.digest(), other.digest(), "{other:?}");
        }
        assert_eq!(content.digest(), content.clone().digest());
    }

    fn value() -> impl Strategy<Value = Option<Value>> {
        prop::option::of(prop_oneof![
            any::<bool>().prop_map(Value::Flag),
            "\\PC*|[\\x00-\\x7f]*".prop_map(Value::Text),
        ])
    }

    proptest! {
        #[test]
        fn what_is_digested_is_canonical(
            kind in prop::sample::select(Kind::ALL.to_vec()),
            changes in prop::collection::vec(
                (prop::sample::select(Attribute::ALL.to_vec()), value(), value()), 0..6),
        ) {
            let changes = changes.into_iter();
            let changes = changes.map(|(attribute, from, to)| Change { attribute, from, to });
            let content = Content { kind, changes: changes.collect(), ..retitled("", "") };

            prop_assert_eq!(content.digest(), Digest::of(&content));
        }
    }

    #[test]
    fn an_account_drifts_when_it_is_neither_what_it_was_nor_what_it_shall_be() {
        let content = retitled("Analyst", "Senior Analyst");

        assert!(!content.drifted_from(&titled("Analyst")));
        assert!(!content.drifted_from(&titled("Senior Analyst")));
        assert!(content.drifted_from(&titled("Director")));
        assert!(content.drifted_from(&Attributes::new()));
    }

    #[test]
    fn case_matters_in_a_title_and_not_in_a_user_name() {
        let (one, other) = (text("Ana"), text("ANA"));

        assert!(same(Attribute::UserName, one.as_ref(), other.as_ref()));
        assert!(!same(Attribute::Title, one.as_ref(), other.as_ref()));
    }

    #[test]
    fn a_rebase_changes_what_was_and_keeps_what_shall_be() {
        let rebased = retitled("Analyst", "Senior Analyst").over(&titled("Director"));

        assert_eq!(rebased.changes, retitled("Director", "Senior Analyst").changes);
        assert!(!rebased.drifted_from(&titled("Director")));
    }

    #[test]
    fn only_a_create_makes_an_account_of_nothing() {
        let title = titled("Senior Analyst");
        for kind in Kind::ALL {
            let content = Content { kind: *kind, ..retitled("Analyst", "Senior Analyst") };

            let made = content.applied_to(None);

            assert_eq!(made, Some(title.clone()).filter(|_| *kind == Kind::Create), "{kind}");
        }
    }

    #[test]
    fn a_delete_takes_in_every_attribute_that_goes() {
        let goes = |attribute, from| Change { attribute, from, to: None };
        let changes =
            vec![goes(Attribute::Title, text("Analyst")), goes(Attribute::Phone, text("1"))];
        let delete = Content { kind: Kind::Delete, changes, ..retitled("", "") };
        let mut now = titled("Director");
        now.insert(Attribute::Department, Value::Text("Legal".to_owned()));

        let rebased = delete.over(&now);

        let expected =
            [goes(Attribute::Title, text("Director")), goes(Attribute::Department, text("Legal"))];
        assert_eq!(rebased.changes, expected);
        assert_eq!(rebased.applied_to(Some(titled("Director"))), None);
    }
}
