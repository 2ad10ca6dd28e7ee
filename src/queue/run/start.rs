//! Starting what was drawn up, and stopping what runs.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{Group, Run, RunError, Stage, Verdict, worker::enqueue};
use crate::{
    access::{Actor, Approver},
    apps::{self, change::Kind},
    audit::{self, About, Verb},
    kernel::RunId,
    policy,
    queue::{decide, store::runs},
};

/// What of a run takes somebody's access away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Destructive {
    /// How many accounts are deleted.
    pub deletes: i64,
    /// How many are suspended.
    pub suspends: i64,
}

impl Destructive {
    /// What of `groups` does, if they are approved.
    #[must_use]
    pub fn of(verdict: Verdict, groups: &[Group]) -> Self {
        let of =
            |kind| groups.iter().filter(|group| group.kind == kind).map(|group| group.items).sum();
        match verdict {
            Verdict::Approve => Self { deletes: of(Kind::Delete), suspends: of(Kind::Suspend) },
            Verdict::Reject => Self::default(),
        }
    }

    /// What has to be typed before it starts: `delete 14 suspend 3`; nothing where nobody loses anything.
    #[must_use]
    pub fn phrase(self) -> Option<String> {
        let counted = |number: i64, word: &str| (number > 0).then(|| format!("{word} {number}"));
        let parts = [counted(self.deletes, "delete"), counted(self.suspends, "suspend")];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// Whether `typed` is that, whatever the case and the spaces.
    fn is_typed(self, typed: &str) -> Result<(), RunError> {
        let plain = |text: &str| -> String {
            let text = text.replace(',', " ").to_lowercase();
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        match self.phrase() {
            Some(phrase) if plain(typed) != phrase => Err(RunError::Confirm(phrase)),
            _ => Ok(()),
        }
    }
}

/// Starts a run: from now on a job decides on its items, in the name of whoever drew it up.
///
/// # Errors
/// [`RunError::Confirm`] when `typed` is not what has to be typed, [`RunError::Reason`] when it needs another
/// reason.
pub async fn start(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Approver,
    id: RunId,
    reason: &str,
    typed: &str,
) -> Result<Run, RunError> {
    let mut tx = pool.begin().await?;
    let mut run = runs::lock(&mut tx, id).await?.ok_or(RunError::NotFound)?;
    if by.actor().administrator() != Some(run.administrator) {
        return Err(RunError::NotYours(run.name));
    }
    if run.stage != Stage::Drafted {
        return Err(RunError::NotNow(run.stage));
    }
    let reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
    decide::check(reason).map_err(|error| RunError::Reason(error.to_string()))?;
    if run.verdict == Verdict::Reject && reason.is_none() {
        return Err(RunError::Reason(decide::NEEDS_REASON.to_owned()));
    }
    let groups = runs::groups(&mut tx, id, by.id()).await?;
    for app in apps::store::list(&mut tx).await? {
        let kinds = groups.iter().filter(|group| group.app == app.name).map(|group| group.kind);
        policy::reason::check_all(&app.reasons, kinds, reason.unwrap_or_default())
            .map_err(RunError::Reason)?;
    }
    Destructive::of(run.verdict, &groups).is_typed(typed)?;
    run.reason = reason.map(str::to_owned);
    run.stage = Stage::Running;
    run.started_at = Some(now);
    runs::put(&mut tx, &run).await?;
    tell(&mut tx, now, by.actor(), Verb::RunStarted, &run).await?;
    enqueue(&mut tx, now, &run).await?;
    tx.commit().await?;
    Ok(run)
}

/// Stops a run. What was decided stays decided, and the rest waits as before.
///
/// # Errors
/// [`RunError::NotNow`] when it does not run.
pub async fn stop(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Approver,
    id: RunId,
) -> Result<Run, RunError> {
    let mut tx = pool.begin().await?;
    let mut run = runs::lock(&mut tx, id).await?.ok_or(RunError::NotFound)?;
    if run.stage != Stage::Running {
        return Err(RunError::NotNow(run.stage));
    }
    // It was too late to stop anything.
    let is_over = run.reached == run.total;
    let says = (!is_over).then(|| format!("{} stopped it.", by.actor().name));
    end(&mut tx, now, by.actor(), &mut run, says).await?;
    tx.commit().await?;
    Ok(run)
}

/// Ends a run that is held: finished, or stopped for what `says`.
pub(super) async fn end(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Actor,
    run: &mut Run,
    says: Option<String>,
) -> sqlx::Result<()> {
    run.stage = if says.is_some() { Stage::Stopped } else { Stage::Finished };
    run.ended_at = Some(now);
    run.says = says;
    runs::put(tx, run).await?;
    tell(tx, now, by, Verb::RunEnded, run).await
}

async fn tell(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Actor,
    verb: Verb,
    run: &Run,
) -> sqlx::Result<()> {
    let details = json!({
        "run": run.id,
        "verdict": run.verdict,
        "total": run.total,
        "decided": run.decided,
        "skipped": run.skipped,
        "reason": run.reason,
        "says": run.says,
    });
    audit::record(tx, now, &by.by(), verb, About::default(), details).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(kind: Kind, items: i64) -> Group {
        Group { kind, app: "EchoSign".to_owned(), items, own: 0, unclear: 0 }
    }

    #[test]
    fn what_takes_access_away_is_typed_with_its_number() {
        let table = [
            (vec![(Kind::Create, 9)], None),
            (vec![(Kind::Delete, 14)], Some("delete 14")),
            (vec![(Kind::Suspend, 3), (Kind::Update, 1)], Some("suspend 3")),
            (vec![(Kind::Suspend, 3), (Kind::Delete, 14)], Some("delete 14 suspend 3")),
            (vec![(Kind::Delete, 1), (Kind::Delete, 2)], Some("delete 3")),
        ];
        for (groups, phrase) in table {
            let groups: Vec<_> =
                groups.into_iter().map(|(kind, items)| group(kind, items)).collect();

            let approving = Destructive::of(Verdict::Approve, &groups);
            let rejecting = Destructive::of(Verdict::Reject, &groups);

            assert_eq!(approving.phrase().as_deref(), phrase, "{groups:?}");
            assert_eq!(rejecting.phrase(), None, "{groups:?}");
        }
    }

    #[test]
    fn case_and_spaces_do_not_matter_and_numbers_do() {
        let both = Destructive { deletes: 14, suspends: 3 };
        for typed in ["delete 14 suspend 3", " Delete 14,  suspend 3 ", "DELETE 14 SUSPEND 3"] {
            assert!(both.is_typed(typed).is_ok(), "{typed}");
        }
        for typed in ["", "delete 14", "delete 15 suspend 3", "suspend 3 delete 14", "yes"] {
            let refused = both.is_typed(typed);

            assert!(
                matches!(refused, Err(RunError::Confirm(phrase)) if phrase == "delete 14 suspend 3")
            );
        }
    }
}
