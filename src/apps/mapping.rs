//! From a user as wanted to an account as wanted.

use super::change::{Attribute, Attributes, Value};
use crate::directory::{Draft, User};

/// The attributes that `user`'s account shall have. One to one for now: a directory
/// attribute feeds the account attribute of the same name.
#[must_use]
pub fn wanted(user: &User) -> Attributes {
    let profile = &user.profile;
    let texts = [
        (Attribute::UserName, Some(profile.user_name.as_str())),
        (Attribute::GivenName, profile.given_name.as_deref()),
        (Attribute::FamilyName, profile.family_name.as_deref()),
        (Attribute::DisplayName, profile.display_name.as_deref()),
        (Attribute::Email, profile.email.as_deref()),
        (Attribute::Title, profile.title.as_deref()),
        (Attribute::Department, profile.department.as_deref()),
        (Attribute::Phone, profile.phone.as_deref()),
    ];
    let mut wanted: Attributes = texts
        .into_iter()
        .filter_map(|(attribute, text)| Some((attribute, Value::Text(text?.to_owned()))))
        .collect();
    wanted.insert(Attribute::Active, Value::Flag(user.active));
    wanted
}

/// The way back: the field of the directory that feeds `attribute`, if it is a text.
#[must_use]
pub const fn field(draft: &mut Draft, attribute: Attribute) -> Option<&mut String> {
    Some(match attribute {
        Attribute::UserName => &mut draft.user_name,
        Attribute::GivenName => &mut draft.given_name,
        Attribute::FamilyName => &mut draft.family_name,
        Attribute::DisplayName => &mut draft.display_name,
        Attribute::Email => &mut draft.email,
        Attribute::Title => &mut draft.title,
        Attribute::Department => &mut draft.department,
        Attribute::Phone => &mut draft.phone,
        Attribute::Active => return None,
    })
}
