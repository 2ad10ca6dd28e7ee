//! Applies what was looked at, row by row.

use std::collections::HashMap;

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    AppliedBy, Import, ImportError, Outcome, State, Verdict,
    judge::{Line, judge},
    store::{self, Row},
    worker::enqueue,
};
use crate::{
    access::{self, Actor, Operator},
    audit::{self, About, Verb},
    db,
    directory::{self, Source, User},
    kernel::{ImportId, UserId},
    queue::{
        Submitted,
        people::{self, PeopleError, Wish},
    },
};

/// How many rows are applied in one transaction.
const ROWS: i64 = 500;

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
    enqueue(&mut tx, now, &import).await?;
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
    let (mut adding, mut results) = (Vec::new(), Vec::new());
    for row in &rows {
        match decide(&import, row, people.of(row)) {
            Decided::Leave(outcome, says) => results.push((row.place, outcome, says, 0)),
            Decided::Add(wish) => adding.push((row.place, wish)),
            Decided::Edit(user, wish) => {
                let edited =
                    people::edit_within(&mut tx, now, &operator, Source::csv(), *user, &wish).await;
                let submitted = edited.map_err(|error| undone(row.place, error))?;
                results.push(done(row.place, &submitted));
            }
        }
    }
    results.extend(add(&mut tx, now, &operator, adding).await?);
    let mut outcomes = Vec::with_capacity(results.len());
    for (place, outcome, says, requested) in results {
        import.outcome.add(outcome);
        import.outcome.requested += requested;
        import.reached = import.reached.max(place);
        outcomes.push((place, outcome, says));
    }
    store::put_outcomes(&mut tx, id, &outcomes).await?;
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

/// What is to be done with a row.
enum Decided {
    Leave(Outcome, Option<String>),
    Add(Wish),
    Edit(Box<User>, Wish),
}

/// Judges a row again: what it says is done only if that is still what was shown.
fn decide(import: &Import, row: &Row, user: Option<&User>) -> Decided {
    let Some((_, cells)) = &row.line else {
        return match user.filter(|user| user.active) {
            None => Decided::Leave(Outcome::Already, None),
            Some(user) => {
                Decided::Edit(user.clone().into(), Wish { active: false, ..Wish::of(user) })
            }
        };
    };
    let line = Line { width: import.header.len(), cells, twin: None };
    let judgement = judge(line, &import.columns, user);
    if judgement.verdict == Verdict::Unchanged {
        return Decided::Leave(Outcome::Already, None);
    }
    let same = (judgement.verdict, &judgement.changes) == (row.verdict, &row.changes);
    if !same || user.map(|user| user.id) != row.user {
        return Decided::Leave(Outcome::Differs, Some(DIFFERS.to_owned()));
    }
    match user {
        None => Decided::Add(judgement.wish),
        Some(user) => Decided::Edit(user.clone().into(), judgement.wish),
    }
}

/// What became of a row: its place, the outcome, why it was not done, and the actions it requested.
type Applied = (i32, Outcome, Option<String>, u32);

fn done(place: i32, submitted: &Submitted) -> Applied {
    let caused = submitted.caused.iter();
    let requested = caused.filter(|caused| caused.verb == Verb::ActionRequested).count();
    (place, Outcome::Done, None, u32::try_from(requested).unwrap_or_default())
}

fn undone(place: i32, error: PeopleError) -> Undone {
    match error {
        PeopleError::Store(error) if db::is_down(&error) => Undone::Store(error),
        error => Undone::Row(place, error),
    }
}

/// Adds people, all at once.
async fn add(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    by: &Operator,
    adding: Vec<(i32, Wish)>,
) -> Result<Vec<Applied>, Undone> {
    let Some((first, _)) = adding.first() else { return Ok(Vec::new()) };
    let first = *first;
    let (places, wishes): (Vec<_>, Vec<_>) = adding.into_iter().unzip();
    let added = people::add_all(tx, now, by, &Source::csv(), &wishes).await;
    let added = added.map_err(|error| undone(first, error.into()))?;
    let results = places.into_iter().zip(added).map(|(place, added)| match added {
        Ok(submitted) => done(place, &submitted),
        Err(error) => (place, Outcome::Failed, Some(error.to_string()), 0),
    });
    Ok(results.collect())
}
