//! What is known of a person, parsed at the edge.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// The longest text any attribute takes, in characters.
const LONGEST: usize = 256;

/// A text with something in it: trimmed, on one line, of at most 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text(String);

impl Text {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// What was typed or sent for a person, before anyone believed it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Draft {
    /// What the person signs in with.
    pub user_name: String,
    /// First name.
    pub given_name: String,
    /// Last name.
    pub family_name: String,
    /// The name to show.
    pub display_name: String,
    /// Work address.
    pub email: String,
    /// Job title.
    pub title: String,
    /// Department.
    pub department: String,
    /// Work telephone number.
    pub phone: String,
}

/// Why one field was refused, in words to show beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field, by its name in the API: `userName`, `email` …
    pub field: &'static str,
    /// What is wrong and how to mend it.
    pub says: String,
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What the person signs in with; unique without regard to case.
    pub user_name: Text,
    /// First name.
    pub given_name: Option<Text>,
    /// Last name.
    pub family_name: Option<Text>,
    /// The name to show, where it is not just first and last name.
    pub display_name: Option<Text>,
    /// Work address.
    pub email: Option<Text>,
    /// Job title.
    pub title: Option<Text>,
    /// Department.
    pub department: Option<Text>,
    /// Work telephone number.
    pub phone: Option<Text>,
}

impl Profile {
    /// Parses what was typed.
    ///
    /// # Errors
    /// One [`FieldError`] for each field that was refused, so that all can be mended at once.
    pub fn parse(draft: &Draft) -> Result<Self, Vec<FieldError>> {
        let mut refused = Vec::new();
        let mut text = |field, typed: &str| match parse_text(typed) {
            Ok(text) => text,
            Err(says) => {
                refused.push(FieldError { field, says });
                None
            }
        };
        let user_name = text("userName", &draft.user_name);
        let given_name = text("givenName", &draft.given_name);
        let family_name = text("familyName", &draft.family_name);
        let display_name = text("displayName", &draft.display_name);
        let email = text("email", &draft.email);
        let title = text("title", &draft.title);
        let department = text("department", &draft.department);
        let phone = text("phone", &draft.phone);

        if user_name.is_none() && !refused.iter().any(|error| error.field == "userName") {
            let says = "A user name is needed. It is usually the work e-mail address.".to_owned();
            refused.insert(0, FieldError { field: "userName", says });
        }
        if let Some(says) = email.as_deref().and_then(what_is_wrong_with_address) {
            refused.push(FieldError { field: "email", says });
        }
        if let Some(says) = phone.as_deref().and_then(what_is_wrong_with_phone) {
            refused.push(FieldError { field: "phone", says });
        }
        match user_name {
            Some(user_name) if refused.is_empty() => Ok(Self {
                user_name,
                given_name,
                family_name,
                display_name,
                email,
                title,
                department,
                phone,
            }),
            _ => Err(refused),
        }
    }

    /// The name to call the person by: display name, else first and last name, else user name.
    #[must_use]
    pub fn name(&self) -> String {
        let texts = [&self.display_name, &self.given_name, &self.family_name];
        shown(texts.map(Option::as_deref), &self.user_name)
    }
}

/// What somebody is called who has these names: to be displayed, given, of the family.
pub(super) fn shown([display, given, family]: [Option<&str>; 3], user_name: &str) -> String {
    let full = [given, family].into_iter().flatten().collect::<Vec<_>>().join(" ");
    match display {
        Some(name) => name.to_owned(),
        None if full.is_empty() => user_name.to_owned(),
        None => full,
    }
}

impl From<&Profile> for Draft {
    fn from(profile: &Profile) -> Self {
        let text = |text: &Option<Text>| text.as_deref().unwrap_or_default().to_owned();
        Self {
            user_name: profile.user_name.as_str().to_owned(),
            given_name: text(&profile.given_name),
            family_name: text(&profile.family_name),
            display_name: text(&profile.display_name),
            email: text(&profile.email),
            title: text(&profile.title),
            department: text(&profile.department),
            phone: text(&profile.phone),
        }
    }
}

fn parse_text(typed: &str) -> Result<Option<Text>, String> {
    let text = typed.trim();
    if text.chars().any(char::is_control) {
        return Err("Must be on one line, without control characters.".to_owned());
    }
    match text.chars().count() {
        0 => Ok(None),
        1..=LONGEST => Ok(Some(Text(text.to_owned()))),
        count => Err(format!("Must have at most {LONGEST} characters; this has {count}.")),
    }
}

/// Not a full RFC 5321 address: what catches a slip of the hand and refuses no working address.
fn what_is_wrong_with_address(address: &str) -> Option<String> {
    let well_formed = address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !local.contains('@')
            && !domain.starts_with(['.', '-'])
            && !domain.ends_with(['.', '-'])
            && domain.contains('.')
            && !domain.contains("..")
            && !address.contains(char::is_whitespace)
    });
    (!well_formed).then(|| "Must be an e-mail address such as ana@example.com.".to_owned())
}

fn what_is_wrong_with_phone(phone: &str) -> Option<String> {
    let plain = phone.chars().all(|c| c.is_alphanumeric() || " +-./()#,;:=".contains(c));
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    (!plain || digits < 3)
        .then(|| "Must be a telephone number such as +44 20 7946 0018.".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn draft(user_name: &str) -> Draft {
        Draft { user_name: user_name.to_owned(), ..Draft::default() }
    }

    #[test]
    fn a_user_name_is_enough_and_is_trimmed() {
        let profile = Profile::parse(&draft("  ana@example.com ")).expect("a profile");

        assert_eq!(profile.user_name.as_str(), "ana@example.com");
        assert_eq!(profile.name(), "ana@example.com");
        assert_eq!(profile.email, None);
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        let refused = Profile::parse(&Draft {
            email: "ana".to_owned(),
            title: "x".repeat(257),
            phone: "none".to_owned(),
            ..Draft::default()
        })
        .expect_err("refused");

        let fields: Vec<_> = refused.iter().map(|error| error.field).collect();
        assert_eq!(fields, ["userName", "title", "email", "phone"]);
    }

    #[test]
    fn addresses_are_told_from_slips() {
        for good in
            ["ana@example.com", "o'neil+sign@mail.example.co.uk", "\u{fc}@b\u{fc}cher.example"]
        {
            assert_eq!(what_is_wrong_with_address(good), None, "{good}");
        }
        for bad in
            ["ana", "@example.com", "ana@", "ana@example", "a na@example.com", "a@b@c.de", "a@.de"]
        {
            assert!(what_is_wrong_with_address(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_person_is_called_by_the_best_name_there_is() {
        let full = Draft {
            given_name: "Ana".to_owned(),
            family_name: "Lima".to_owned(),
            ..draft("ana@example.com")
        };
        let shown = Draft { display_name: "Dr Ana Lima".to_owned(), ..full.clone() };

        assert_eq!(Profile::parse(&full).map(|p| p.name()), Ok("Ana Lima".to_owned()));
        assert_eq!(Profile::parse(&shown).map(|p| p.name()), Ok("Dr Ana Lima".to_owned()));
    }

    proptest! {
        #[test]
        fn what_was_parsed_parses_again_to_the_same(name in ".{0,40}", email in ".{0,40}", title in ".{0,300}") {
            let typed = Draft { user_name: name, email, title, ..Draft::default() };
            if let Ok(profile) = Profile::parse(&typed) {
                prop_assert_eq!(Profile::parse(&Draft::from(&profile)), Ok(profile));
            }
        }
    }
}
