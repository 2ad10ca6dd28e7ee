//! Somebody who is made up, and how they stand at some time.

use serde_json::json;

use super::{
    dice::Dice,
    names::{COUNTRIES, DEPARTMENTS, LEVELS},
};
use crate::{
    apps::change::{Attribute, Attributes, Change, Value},
    directory::{Draft, Profile, resource},
};

const PEOPLE: u64 = 1;

/// What of a person changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) level: u8,
    pub(super) department: u8,
    /// How often their telephone number was changed; at first they have none.
    pub(super) phone: u8,
    pub(super) active: bool,
}

/// What of them does not.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
pub(super) struct Person {
    number: usize,
    given: String,
    family: String,
    address: String,
    /// Their address is of another organisation.
    pub(super) is_outsider: bool,
    pub(super) is_administrator: bool,
    /// They had an account before anything was asked for.
    pub(super) is_established: bool,
    /// Somebody else is called the same.
    pub(super) has_namesake: bool,
    pub(super) source: &'static str,
    pub(super) begins: Standing,
}

impl Person {
    pub(super) fn of(number: usize) -> Self {
        let mut dice = Dice::of(PEOPLE, number);
        let country = dice.pick(&COUNTRIES);
        let given = *dice.pick(country.given);
        let (one, other) = (*dice.pick(country.family), *dice.pick(country.family));
        let family = match dice.roll(3) {
            0 => one.to_owned(),
            _ => format!("{one}-{other}"),
        };
        let is_outsider = dice.roll(40) == 0;
        let domain = if is_outsider { "brightside.example" } else { "northwind.example" };
        let plain = country.plain.map_or_else(|| plain(&format!("{given}.{one}")), str::to_owned);
        Self {
            number,
            given: given.to_owned(),
            family,
            address: format!("{plain}{number}@{domain}"),
            is_outsider,
            is_administrator: dice.roll(200) == 0,
            is_established: dice.roll(5) < 2,
            has_namesake: dice.roll(60) == 0,
            source: dice.share(&[(55, "okta"), (20, "entra"), (10, "csv"), (15, "console")]),
            begins: Standing {
                level: 0,
                department: u8::try_from(dice.roll(DEPARTMENTS.len())).unwrap_or(0),
                phone: 0,
                active: true,
            },
        }
    }

    /// The id that a source which pushes knows them by.
    pub(super) fn external_id(&self) -> Option<String> {
        matches!(self.source, "okta" | "entra").then(|| format!("00u{:017}", self.number))
    }

    pub(super) fn draft(&self, at: Standing) -> Draft {
        let (department, titles) = DEPARTMENTS[usize::from(at.department) % DEPARTMENTS.len()];
        let level = LEVELS[usize::from(at.level) % LEVELS.len()];
        let phone = match at.phone {
            0 => String::new(),
            nth => format!("+44 20 {:04} {:04}", 7_000 + usize::from(nth), self.number % 10_000),
        };
        Draft {
            user_name: self.address.clone(),
            given_name: self.given.clone(),
            family_name: self.family.clone(),
            display_name: format!("{} {}", self.given, self.family),
            email: self.address.clone(),
            title: format!("{level}{}", titles[self.number % titles.len()]),
            department: department.to_owned(),
            phone,
        }
    }

    pub(super) fn resource(&self, profile: &Profile, active: bool) -> serde_json::Value {
        let mut told = resource::in_step(resource::empty(), profile, active);
        if self.is_administrator {
            told["roles"] = json!([{ "value": "Tenant Administrator", "primary": true }]);
        }
        told
    }

    /// What an account of theirs has.
    pub(super) fn attributes(&self, at: Standing) -> Attributes {
        let draft = self.draft(at);
        let texts = [
            (Attribute::UserName, draft.user_name),
            (Attribute::GivenName, draft.given_name),
            (Attribute::FamilyName, draft.family_name),
            (Attribute::DisplayName, draft.display_name),
            (Attribute::Email, draft.email),
            (Attribute::Title, draft.title),
            (Attribute::Department, draft.department),
            (Attribute::Phone, draft.phone),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let texts = texts.map(|(attribute, text)| (attribute, Value::Text(text)));
        texts.chain([(Attribute::Active, Value::Flag(at.active))]).collect()
    }

    /// What becomes of their account when it goes from one to the other; no standing is no account.
    pub(super) fn changes(&self, from: Option<Standing>, to: Option<Standing>) -> Vec<Change> {
        let of = |at: Option<Standing>| at.map(|at| self.attributes(at)).unwrap_or_default();
        let (from, to) = (of(from), of(to));
        let changes = Attribute::ALL.iter().map(|attribute| Change {
            attribute: *attribute,
            from: from.get(attribute).cloned(),
            to: to.get(attribute).cloned(),
        });
        changes.filter(|change| change.from != change.to).collect()
    }
}

/// A name as it stands in addresses.
fn plain(name: &str) -> String {
    let letters = name.to_lowercase();
    let letters = letters.chars().filter_map(|letter| match letter {
        'a'..='z' | '.' => Some(letter),
        'á' | 'ä' | 'å' => Some('a'),
        'é' => Some('e'),
        'í' | 'ı' => Some('i'),
        'ó' | 'ö' | 'ø' => Some('o'),
        'ú' | 'ü' => Some('u'),
        'ñ' => Some('n'),
        'ç' => Some('c'),
        'ş' | 'ß' => Some('s'),
        ' ' => Some('-'),
        _ => None,
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_can_be_added_with_an_address_in_plain_letters() {
        for number in 0..2_000 {
            let person = Person::of(number);
            let draft = person.draft(person.begins);

            assert!(Profile::parse(&draft).is_ok(), "{draft:?}");
            assert!(draft.email.is_ascii(), "{draft:?}");
        }
    }

    #[test]
    fn a_promotion_changes_the_title_and_nothing_else() {
        let person = Person::of(7);
        let promoted = Standing { level: 1, ..person.begins };

        let changes = person.changes(Some(person.begins), Some(promoted));

        let attributes: Vec<_> = changes.iter().map(|change| change.attribute).collect();
        assert_eq!(attributes, [Attribute::Title]);
        assert_eq!(person.changes(Some(promoted), Some(promoted)), []);
    }

    #[test]
    fn all_of_a_new_account_comes_from_nothing() {
        let person = Person::of(7);

        let changes = person.changes(None, Some(person.begins));

        assert_eq!(changes.len(), 8);
        assert!(changes.iter().all(|change| change.from.is_none()));
    }
}
