//! The accounts, in the order they were made, and found at once by what clients look them up by.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::scim::{
    Filter,
    filter::{Literal, Operator},
    resource, user,
};

/// What accounts can be found by without looking at all of them.
const FOUND_BY: [&str; 3] = [user::ID, user::USER_NAME, user::EXTERNAL_ID];

/// All accounts.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    made: u64,
    all: BTreeMap<u64, Value>,
    places: HashMap<(&'static str, String), Vec<u64>>,
}

impl Accounts {
    /// The account whose id is `id`.
    pub(super) fn find(&self, id: &str) -> Option<&Value> {
        let places = self.places.get(&(user::ID, id.to_lowercase()))?;
        let mut found = places.iter().filter_map(|place| self.all.get(place));
        found.find(|account| resource::text(account, user::ID) == Some(id))
    }

    /// Whether an account other than that of `id` has the user name, in any case.
    pub(super) fn is_taken(&self, user_name: &str, id: Option<&str>) -> bool {
        self.others_named(user_name, id).next().is_some()
    }

    /// The same, where names in another case are other names.
    pub(super) fn is_taken_as_written(&self, user_name: &str, id: Option<&str>) -> bool {
        let mut others = self.others_named(user_name, id);
        others.any(|account| resource::text(account, user::USER_NAME) == Some(user_name))
    }

    fn others_named<'a>(
        &'a self,
        user_name: &str,
        id: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Value> + use<'a> {
        let places = self.places.get(&(user::USER_NAME, user_name.to_lowercase()));
        let named = places.into_iter().flatten().filter_map(|place| self.all.get(place));
        named.filter(move |account| resource::text(account, user::ID) != id)
    }

    /// Those that match, in the order they were made.
    pub(super) fn matching<'a>(
        &'a self,
        filter: Option<&'a Filter>,
    ) -> Box<dyn Iterator<Item = &'a Value> + 'a> {
        let Some(filter) = filter else { return Box::new(self.all.values()) };
        match key_of(filter) {
            Some(key) => {
                let places = self.places.get(&key).map(Vec::as_slice).unwrap_or_default();
                let found = places.iter().filter_map(|place| self.all.get(place));
                Box::new(found.filter(|account| filter.matches(account)))
            }
            None => Box::new(self.all.values().filter(|account| filter.matches(account))),
        }
    }

    /// Puts an account in, or in the place of the one with its id.
    pub(super) fn put(&mut self, account: Value) {
        let id = resource::text(&account, user::ID).unwrap_or_default();
        let place = self.remove_at_its_place(id).unwrap_or_else(|| {
            self.made += 1;
            self.made
        });
        for key in keys(&account) {
            let places = self.places.entry(key).or_default();
            places.push(place);
            places.sort_unstable();
        }
        self.all.insert(place, account);
    }

    /// Takes an account out.
    pub(super) fn remove(&mut self, id: &str) {
        self.remove_at_its_place(id);
    }

    /// How many there will have been with the next one.
    pub(super) const fn next(&self) -> u64 {
        self.made + 1
    }

    fn remove_at_its_place(&mut self, id: &str) -> Option<u64> {
        let places = self.places.get(&(user::ID, id.to_lowercase()))?;
        let is_it = |account: &Value| resource::text(account, user::ID) == Some(id);
        let place = places.iter().copied().find(|place| self.all.get(place).is_some_and(is_it))?;
        let account = self.all.remove(&place)?;
        for key in keys(&account) {
            if let Some(places) = self.places.get_mut(&key) {
                places.retain(|other| *other != place);
                if places.is_empty() {
                    self.places.remove(&key);
                }
            }
        }
        Some(place)
    }
}

impl FromIterator<Value> for Accounts {
    fn from_iter<I: IntoIterator<Item = Value>>(accounts: I) -> Self {
        let mut all = Self::default();
        accounts.into_iter().for_each(|account| all.put(account));
        all
    }
}

fn keys(account: &Value) -> impl Iterator<Item = (&'static str, String)> + '_ {
    FOUND_BY
        .into_iter()
        .filter_map(|path| Some((path, resource::text(account, path)?.to_lowercase())))
}

/// What every account that matches is found by, if the filter asks for exactly that.
fn key_of(filter: &Filter) -> Option<(&'static str, String)> {
    let (found_by, text) =
        FOUND_BY.into_iter().find_map(|name| Some((name, asks_for(filter, name)?)))?;
    Some((found_by, text.to_lowercase()))
}

/// The user name that every account that matches has, as the filter writes it.
pub(super) fn names_user(filter: &Filter) -> Option<&str> {
    asks_for(filter, user::USER_NAME)
}

/// What every account that matches has as its `name`.
fn asks_for<'a>(filter: &'a Filter, name: &str) -> Option<&'a str> {
    match filter {
        Filter::Compare(path, Operator::Eq, Literal::Text(text))
            if path.extension().is_none() && path.part.is_none() =>
        {
            path.name.eq_ignore_ascii_case(name).then_some(text)
        }
        Filter::All(several) => several.iter().find_map(|one| asks_for(one, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account(id: &str, user_name: &str) -> Value {
        json!({ "id": id, "userName": user_name, "externalId": format!("ext-{id}") })
    }

    fn names(accounts: &Accounts, filter: &str) -> Vec<String> {
        let filter: Filter = filter.parse().unwrap();
        let found = accounts.matching(Some(&filter));
        found.filter_map(|account| Some(account["userName"].as_str()?.to_owned())).collect()
    }

    #[test]
    fn what_is_found_by_a_key_is_what_a_search_finds() {
        let mut accounts: Accounts = ["Ana", "ben", "ANA", "cy"]
            .iter()
            .enumerate()
            .map(|(n, name)| account(&format!("I{n}"), name))
            .collect();
        accounts.put(account("I1", "Dee"));
        accounts.remove("I3");
        accounts.remove("unknown");

        for (quick, slow) in [
            (r#"userName eq "ana""#, r#"userName sw "ana" and userName ew "ana""#),
            (r#"id eq "I1""#, r#"id co "I1""#),
            (r#"id eq "i1""#, r#"id co "i1""#),
            (r#"externalId eq "ext-I2" and userName pr"#, r#"externalId sw "ext-I2""#),
            (r#"userName eq "ben""#, r#"userName sw "ben""#),
            (r#"userName eq "cy""#, r#"userName sw "cy""#),
        ] {
            assert_eq!(names(&accounts, quick), names(&accounts, slow), "{quick}");
        }
        assert_eq!(names(&accounts, "userName pr"), ["Ana", "Dee", "ANA"]);
    }

    #[test]
    fn a_user_name_is_taken_in_any_case_but_not_by_oneself() {
        let accounts: Accounts = [account("I1", "Ana")].into_iter().collect();

        assert!(accounts.is_taken("ANA", None) && accounts.is_taken("ana", Some("I2")));
        assert!(!accounts.is_taken("ana", Some("I1")) && !accounts.is_taken("ben", None));
        assert!(accounts.is_taken_as_written("Ana", Some("I2")));
        assert!(!accounts.is_taken_as_written("ana", None));
        assert!(!accounts.is_taken_as_written("Ana", Some("I1")));
    }
}
