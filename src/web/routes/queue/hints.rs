//! What to look at twice before actions are decided, in words.

use std::collections::HashSet;

use sqlx::PgPool;
use time::Duration;

use super::super::people::{Sources, name_of};
use crate::{
    kernel::ActionId,
    queue::{
        Action, State as ActionState,
        hint::Hint,
        store::{Burst, bursts_between, opposed},
    },
    web::{
        parts::{count, hint, span},
        queue::Hinted,
    },
};

/// What is not known of some actions before they are looked at.
pub(in crate::web::routes) struct Hints {
    bursts: Vec<Burst>,
    /// Those to which an action that does the opposite is not finished.
    opposed: HashSet<ActionId>,
}

impl Hints {
    pub(in crate::web::routes) async fn load(
        pool: &PgPool,
        actions: &[Action],
    ) -> sqlx::Result<Self> {
        let times = || actions.iter().map(|action| action.created_at);
        let bursts = match times().min().zip(times().max()) {
            Some((from, to)) => bursts_between(pool, from, to).await?,
            None => Vec::new(),
        };
        let opposite = actions.iter().filter(|action| action.hints.contains(&Hint::Opposite));
        let opposite: Vec<_> = opposite.map(|action| action.id).collect();
        Ok(Self { bursts, opposed: opposed(pool, &opposite).await? })
    }

    /// The hints on one of them; nothing once it is decided.
    pub(in crate::web::routes) fn on(&self, action: &Action, sources: &Sources) -> Vec<Hinted> {
        if action.state != ActionState::Pending {
            return Vec::new();
        }
        let known = action.hints.iter().filter(|hint| {
            // What was opposed then may have been finished since.
            **hint != Hint::Opposite || self.opposed.contains(&action.id)
        });
        let burst = self.bursts.iter().find(|burst| burst.holds(action));
        known
            .map(|known| hinted(*known))
            .chain(burst.map(|burst| part_of(burst, sources)))
            .collect()
    }
}

fn hinted(known: Hint) -> Hinted {
    let (says, means) = hint(known);
    Hinted { says: says.to_owned(), means: means.to_owned() }
}

fn part_of(burst: &Burst, sources: &Sources) -> Hinted {
    let (source, number) = (name_of(sources, &burst.source), count(burst.actions));
    let within = span((burst.ended_at - burst.began_at).max(Duration::MINUTE));
    Hinted {
        says: format!("Part of a burst of {number}"),
        means: format!("{number} changes came from {source} within {within}."),
    }
}
