//! From a user as wanted to an account as wanted.

use super::change::{Attribute, Attributes, Value};
use crate::directory::User;

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
