//! What look-ups show of the accounts.

use serde_json::Value;
use time::OffsetDateTime;

use super::{
    accounts::names_user,
    faults::Quirk,
    world::{World, unknown},
};
use crate::scim::{Error, Filter, resource, user};

impl World {
    /// The account whose id is `id`, as far as it is shown.
    pub(super) fn shown(&self, id: &str, now: OffsetDateTime) -> Result<&Value, Error> {
        self.find(id).ok().filter(|account| self.is_shown(account, now)).ok_or_else(|| unknown(id))
    }

    /// The accounts that a list shows, in the order they were made.
    pub(super) fn listed<'a>(
        &'a self,
        filter: Option<&'a Filter>,
        now: OffsetDateTime,
    ) -> impl Iterator<Item = &'a Value> + 'a {
        let filter = filter.filter(|_| !self.faults.has(Quirk::IgnoresFilters));
        let finds_nothing = self.faults.has(Quirk::IgnoresExternalId)
            && filter.is_some_and(|filter| filter.to_string().contains(user::EXTERNAL_ID));
        let written = filter.filter(|_| self.faults.has(Quirk::MindsCase)).and_then(names_user);
        self.accounts.matching(filter).filter(move |account| {
            let user_name = resource::text(account, user::USER_NAME);
            !finds_nothing
                && written.is_none_or(|written| user_name == Some(written))
                && self.is_shown(account, now)
        })
    }

    fn is_shown(&self, account: &Value, now: OffsetDateTime) -> bool {
        let id = resource::text(account, user::ID).unwrap_or_default();
        self.faults.appears_after_ms == 0 || self.appearing.get(id).is_none_or(|at| *at <= now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::sandbox::faults::Faults;

    fn world(faults: Faults) -> World {
        World { faults, ..World::default() }
    }

    fn add(world: &mut World, user_name: &str, now: OffsetDateTime) -> String {
        let account = world.drafted(&json!({ "userName": user_name }), now).unwrap();
        world.add(account.clone(), now).unwrap();
        account["id"].as_str().unwrap().to_owned()
    }

    fn names(world: &World, filter: &str, now: OffsetDateTime) -> Vec<String> {
        let filter: Filter = filter.parse().unwrap();
        let found = world.listed(Some(&filter), now);
        found.map(|account| account["userName"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_new_account_appears_in_its_time() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut world = world(Faults::default());
        add(&mut world, "old", now);
        world.faults.appears_after_ms = 500;
        let id = add(&mut world, "new", now);

        let shown = |after| {
            let then = now + Duration::from_millis(after);
            (names(&world, "userName pr", then), world.shown(&id, then).is_ok())
        };

        assert_eq!(shown(0), (vec!["old".to_owned()], false));
        assert_eq!(shown(499), (vec!["old".to_owned()], false));
        assert_eq!(shown(500), (vec!["old".to_owned(), "new".to_owned()], true));
        assert!(world.find(&id).is_ok(), "it is there");
    }

    #[test]
    fn everything_is_shown_once_nothing_appears_late() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut world = world(Faults { appears_after_ms: u64::MAX, ..Faults::default() });
        let id = add(&mut world, "new", now);

        world.faults = Faults::default();

        assert!(world.shown(&id, now).is_ok());
    }

    #[test]
    fn where_case_matters_two_names_are_two_accounts_and_a_filter_finds_one() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let mut world = world(Faults { quirks: [Quirk::MindsCase].into(), ..Faults::default() });
        add(&mut world, "ana", now);
        add(&mut world, "Ana", now);

        let again = world.drafted(&json!({ "userName": "Ana" }), now).unwrap_err();

        assert_eq!(again.status, 409);
        assert_eq!(names(&world, r#"userName eq "Ana""#, now), ["Ana"]);
        assert_eq!(names(&world, r#"userName eq "ana" and active eq true"#, now), ["ana"]);
        assert_eq!(names(&world, r#"userName eq "ANA""#, now), [""; 0]);
        assert_eq!(names(&world, "userName pr", now), ["ana", "Ana"]);
    }
}
