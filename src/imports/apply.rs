//! Applies what was looked at, row by row.

use std::collections::HashMap;

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    AppliedBy, Import, ImportError, Outcome, State, Verdict,
    judge::{Line, judge},
    store::{self, Row},
    worker::KIND,
};
use crate::{
    access::{self, Actor, Operator},
    audit::{self, About, Verb},
    db,
    directory::{self, Source, User},
    jobs,
    kernel::{ImportId, UserId},
    queue::{
        Submitted,
        people::{self, PeopleError, Wish},
    },
};

/// How many rows are applied in one transaction.
const ROWS: i64 = 250;

/// Begins to apply what was looked at: the comparison of that `round`. Whoever begins it is who asked
/// for each change. What suspends anybody needs the number of them to be typed.
///
/// # Errors
/// [`ImportError::Stale`] when it was compared again since, [`ImportError::Confirm`] when the number is
/// not that of the people who would be suspended.
pub async fn begin(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    id: ImportId,
    round: i32,
    confirm: Option<u32>,
) -> Result<Import, ImportError> {
    let mut tx = pool.begin().await?;
    let mut import = store::lock(&mut tx, id).await?.ok_or(ImportError::NotFound)?;
    if import.erased_at.is_some() {
        return Err(ImportError::Erased);
    }
    if !matches!(import.state, State::Ready | State::Stopped) {
        return Err(ImportError::NotNow(import.state));
    }
    if import.round != round {
        return Err(ImportError::Stale);
    }
    if import.preview.to_do() == import.outcome.all() {
        return Err(ImportError::Nothing);
    }
    let suspends = store::left_to_suspend(&mut *tx, id).await?;
    if suspends > 0 && confirm != Some(suspends) {
        return Err(ImportError::Confirm(suspends));
    }
    if import.state == State::Ready {
        import.reached = 0;
    }
    import.state = State::Applying;
    import.applied_by = Some(AppliedBy::new(by.actor(), now)?);
    import.finished_at = None;
    import.says = None;
    store::put(&mut tx, &import).await?;
    record(&mut tx, now, by.actor(), Verb::ImportStarted, &import).await?;
    let payload = json!({ "import": id });
    jobs::store::enqueue(&mut tx, now, KIND, Some(&import.lane()), payload).await?;
    tx.commit().await?;
    Ok(import)
}

/// Stops applying. What was done stays done; the rest can be applied later.
///
/// # Errors
/// [`ImportError::NotNow`] when it is not being applied.
pub async fn stop(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    id: ImportId,
) -> Result<Import, ImportError> {
    let mut tx = pool.begin().await?;
    let mut import = store::lock(&mut tx, id).await?.ok_or(ImportError::NotFound)?;
    if import.state != State::Applying {
        return Err(ImportError::NotNow(import.state));
    }
    let says = format!("{} stopped it.", by.actor().name);
    end(&mut tx, now, by.actor(), &mut import, Some(says)).await?;
    tx.commit().await?;
    Ok(import)
}

async fn end(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Actor,
    import: &mut Import,
    says: Option<String>,
) -> sqlx::Result<()> {
    import.state = if says.is_some() { State::Stopped } else { State::Finished };
    import.finished_at = Some(now);
    import.says = says;
    store::put(tx, import).await?;
    record(tx, now, by, Verb::ImportFinished, import).await
}

async fn record(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Actor,
    verb: Verb,
    import: &Import,
) -> sqlx::Result<()> {
    let mut details = json!({
        "import": import.id,
        "name": import.name,
        "preview": import.preview,
        "outcome": import.outcome,
    });
    if let Some(says) = &import.says {
        details["says"] = json!(says);
    }
    audit::record(tx, now, &by.by(), verb, About::default(), details).await
}

/// Why some rows were not applied; nothing of them was written.
enum Undone {
    /// The one at this place was refused.
    Row(i32, PeopleError),
    /// The database did not answer.
    Store(sqlx::Error),
}

impl From<sqlx::Error> for Undone {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error)
    }
}

/// Applies some more rows; `false` when there is nothing more to apply. One that is refused undoes
/// those beside it, so then they are applied one at a time.
pub(super) async fn step(pool: &PgPool, now: OffsetDateTime, id: ImportId) -> sqlx::Result<bool> {
    match some(pool, now, id, ROWS).await {
        Ok(more) => return Ok(more),
        Err(Undone::Store(error)) => return Err(error),
        Err(Undone::Row(..)) => {}
    }
    for _ in 0..ROWS {
        match some(pool, now, id, 1).await {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(Undone::Store(error)) => return Err(error),
            Err(Undone::Row(place, error)) => note_refused(pool, id, place, &error).await?,
        }
    }
    Ok(true)
}

/// Notes that a row was refused, and why; unless somebody else brought the import on meanwhile.
async fn note_refused(
    pool: &PgPool,
    id: ImportId,
    place: i32,
    error: &PeopleError,
) -> sqlx::Result<()> {
    let says = match error {
        PeopleError::Store(cause) => {
            tracing::error!(error = cause as &dyn std::error::Error, import.id = %id, "a row was refused");
            "The database refused it; the log says why.".to_owned()
        }
        told => told.to_string(),
    };
    let mut tx = pool.begin().await?;
    let Some(mut import) = store::lock(&mut tx, id).await? else { return Ok(()) };
    let next = store::to_apply(&mut tx, id, import.reached, 1).await?;
    let is_next = next.first().is_some_and(|row| row.place == place);
    if import.state != State::Applying || !is_next {
        return Ok(());
    }
    store::put_outcomes(&mut tx, id, &[(place, Outcome::Failed, Some(says))]).await?;
    import.outcome.add(Outcome::Failed);
    import.reached = place;
    store::put(&mut tx, &import).await?;
    tx.commit().await
}

/// Whoever applies an import, as they are now; an error says why they may no longer.
async fn applier(pool: &PgPool, by: &AppliedBy) -> sqlx::Result<Result<Operator, String>> {
    let actor = match by.administrator {
        None => Some(Actor::command_line()),
        Some(id) => access::store::find_enabled(pool, id).await?.map(Actor::from),
    };
    let operator = actor.and_then(|actor| actor.operator().ok());
    Ok(operator.ok_or_else(|| format!("{} may no longer change people.", by.name)))
}

async fn some(
    pool: &PgPool,
    now: OffsetDateTime,
    id: ImportId,
    limit: i64,
) -> Result<bool, Undone> {
    let Some(Import { applied_by: Some(by), .. }) = store::find(pool, id).await? else {
        return Ok(false);
    };
    let operator = applier(pool, &by).await?;
    let mut tx = pool.begin().await?;
    let Some(mut import) = store::lock(&mut tx, id).await? else { return Ok(false) };
    if import.state != State::Applying || import.applied_by.as_ref() != Some(&by) {
        return Ok(import.state == State::Applying);
    }
    let operator = match operator {
        Ok(operator) => operator,
        Err(says) => {
            let system = Actor { name: "Import".to_owned(), ..Actor::command_line() };
            end(&mut tx, now, &system, &mut import, Some(says)).await?;
            tx.commit().await?;
            return Ok(false);
        }
    };
    let rows = store::to_apply(&mut tx, id, import.reached, limit).await?;
    if rows.is_empty() {
        end(&mut tx, now, operator.actor(), &mut import, None).await?;
        tx.commit().await?;
        return Ok(false);
    }
    let people = People::lock(&mut tx, &rows).await?;
    let applying = Applying { now, by: &operator, import: &import };
    let mut outcomes = Vec::with_capacity(rows.len());
    let (mut counts, mut reached) = (import.outcome, import.reached);
    for row in &rows {
        let (outcome, submitted) = applying.apply(&mut tx, row, people.of(row)).await?;
        counts.add(outcome);
        let caused = submitted.map_or_else(Vec::new, |submitted| submitted.caused);
        let requested = caused.iter().filter(|caused| caused.verb == Verb::ActionRequested).count();
        counts.requested += u32::try_from(requested).unwrap_or_default();
        reached = row.place;
        let says = (outcome == Outcome::Differs).then(|| DIFFERS.to_owned());
        outcomes.push((row.place, outcome, says));
    }
    store::put_outcomes(&mut tx, id, &outcomes).await?;
    (import.outcome, import.reached) = (counts, reached);
    store::put(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(true)
}

const DIFFERS: &str =
    "They changed after it was compared. Upload the file again to see what would change now.";

/// The people whom some rows are about, held until the transaction ends.
struct People {
    users: HashMap<UserId, User>,
    known: HashMap<String, UserId>,
}

impl People {
    async fn lock(tx: &mut PgConnection, rows: &[Row]) -> sqlx::Result<Self> {
        let lines = rows.iter().filter(|row| row.line.is_some());
        let keys: Vec<_> = lines.filter_map(|row| row.key.clone()).collect();
        let known = store::known(tx, &keys).await?;
        let missing = rows.iter().filter(|row| row.line.is_none()).filter_map(|row| row.user);
        let ids: Vec<_> = known.iter().map(|(_, id)| *id).chain(missing).collect();
        let users = directory::store::lock_all(tx, &ids).await?;
        let users = users.into_iter().filter(|user| user.deleted_at.is_none());
        Ok(Self {
            users: users.map(|user| (user.id, user)).collect(),
            known: known.into_iter().collect(),
        })
    }

    fn of(&self, row: &Row) -> Option<&User> {
        let id = match &row.line {
            None => row.user?,
            Some(_) => *self.known.get(row.key.as_ref()?)?,
        };
        self.users.get(&id)
    }
}

struct Applying<'a> {
    now: OffsetDateTime,
    by: &'a Operator,
    import: &'a Import,
}

impl Applying<'_> {
    /// Does what a row says, if that is still what was shown.
    async fn apply(
        &self,
        tx: &mut PgConnection,
        row: &Row,
        user: Option<&User>,
    ) -> Result<(Outcome, Option<Submitted>), Undone> {
        let Some((_, cells)) = &row.line else { return self.suspend(tx, row, user).await };
        let line = Line { width: self.import.header.len(), cells, twin: None };
        let judgement = judge(line, &self.import.columns, user);
        if judgement.verdict == Verdict::Unchanged {
            return Ok((Outcome::Already, None));
        }
        let same = (judgement.verdict, &judgement.changes) == (row.verdict, &row.changes);
        if !same || user.map(|user| user.id) != row.user {
            return Ok((Outcome::Differs, None));
        }
        self.submit(tx, row, user, &judgement.wish).await
    }

    /// Suspends somebody who is not in the file.
    async fn suspend(
        &self,
        tx: &mut PgConnection,
        row: &Row,
        user: Option<&User>,
    ) -> Result<(Outcome, Option<Submitted>), Undone> {
        let Some(user) = user.filter(|user| user.active) else {
            return Ok((Outcome::Already, None));
        };
        let wish = Wish { active: false, ..Wish::of(user) };
        self.submit(tx, row, Some(user), &wish).await
    }

    async fn submit(
        &self,
        tx: &mut PgConnection,
        row: &Row,
        user: Option<&User>,
        wish: &Wish,
    ) -> Result<(Outcome, Option<Submitted>), Undone> {
        let submitted = match user {
            None => people::add_within(tx, self.now, self.by, Source::csv(), wish).await,
            Some(user) => {
                people::edit_within(tx, self.now, self.by, Source::csv(), user.clone(), wish).await
            }
        };
        match submitted {
            Ok(submitted) => Ok((Outcome::Done, Some(submitted))),
            Err(PeopleError::Store(error)) if db::is_down(&error) => Err(Undone::Store(error)),
            Err(error) => Err(Undone::Row(row.place, error)),
        }
    }
}
