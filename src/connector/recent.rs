//! What apps told a moment ago, so that whoever looks again does not ask again.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{
    apps::account::{Account, Confirmed},
    kernel::{AppId, UserId},
};

/// For how long it is as good as asking. Acrobat Sign answers the same question three times a minute
/// (`facts/echosign.md`, Throttling).
const FRESH: Duration = Duration::seconds(5);
/// How many are kept; past that, whatever is not fresh goes first.
const KEPT: usize = 1_000;

/// What a look at an account showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: OffsetDateTime,
    /// The account, `None` when there is none, or why it is not known, in plain words.
    pub found: Result<Option<Account>, String>,
    /// Those that may be meant, where there is more than one.
    pub candidates: Vec<Account>,
}

/// Whose account, in which app, as it was confirmed then: what was settled since is another account.
type Key = (AppId, UserId, Option<OffsetDateTime>);

/// The looks of this process.
#[derive(Debug, Default)]
pub struct Recent(Mutex<HashMap<Key, Look>>);

impl Recent {
    /// A look that is as good as asking now.
    pub fn find(
        &self,
        now: OffsetDateTime,
        app: AppId,
        user: UserId,
        confirmed: &Confirmed,
    ) -> Option<Look> {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        looks.get(&(app, user, confirmed.at)).filter(|look| is_fresh(look, now)).cloned()
    }

    /// Keeps a look for a while.
    pub fn keep(&self, app: AppId, user: UserId, confirmed: &Confirmed, look: &Look) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= KEPT {
            looks.retain(|_, kept| is_fresh(kept, look.at));
        }
        if looks.len() < KEPT {
            looks.insert((app, user, confirmed.at), look.clone());
        }
    }
}

fn is_fresh(look: &Look, now: OffsetDateTime) -> bool {
    now - look.at < FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn look(at: OffsetDateTime) -> Look {
        Look { at, found: Ok(None), candidates: Vec::new() }
    }

    #[test]
    fn a_look_is_good_for_some_seconds_and_for_the_account_as_it_was_confirmed() {
        let recent = Recent::default();
        let (app, user) = (AppId::at(THEN), UserId::at(THEN));
        let (before, after) =
            (Confirmed::default(), Confirmed { at: Some(THEN), ..Confirmed::default() });
        recent.keep(app, user, &before, &look(THEN));

        let find = |seconds, confirmed| {
            recent.find(THEN + Duration::seconds(seconds), app, user, confirmed).is_some()
        };

        assert_eq!([find(0, &before), find(4, &before), find(5, &before)], [true, true, false]);
        assert!(!find(0, &after), "it was settled since");
        assert!(recent.find(THEN, app, UserId::at(THEN), &before).is_none(), "of somebody else");
    }

    #[test]
    fn no_more_than_so_many_are_kept() {
        let recent = Recent::default();
        let app = AppId::at(THEN);
        let keep = |at| recent.keep(app, UserId::at(THEN), &Confirmed::default(), &look(at));

        (0..KEPT + 10).for_each(|_| keep(THEN));
        let full = recent.0.lock().unwrap().len();
        keep(THEN + FRESH);

        assert_eq!((full, recent.0.lock().unwrap().len()), (KEPT, 1));
    }
}
