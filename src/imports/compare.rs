//! Compares a file with the directory, line by line. Writes to no person.

use std::collections::HashMap;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

use super::{
    Import, ImportError, Meaning, Missing, State, Tally, Verdict,
    columns::{Attribute, Columns},
    judge::{Line, judge},
    store::{self, Judged},
    worker::enqueue,
};
use crate::{
    access::Operator,
    directory::{self, User},
    kernel::{ImportId, UserId},
};

/// How many lines are compared in one transaction.
const LINES: i32 = 1_000;
/// A file of at most so many lines is compared while its sender waits.
const SHORT: i32 = 2_000;

/// Compares a file again: with other columns, or other wishes for who is missing.
///
/// # Errors
/// [`ImportError::Columns`] names each column to mend; [`ImportError::NotNow`] once it is applied.
pub async fn compare_again(
    pool: &PgPool,
    now: OffsetDateTime,
    _by: &Operator,
    id: ImportId,
    meanings: Vec<Option<Meaning>>,
    missing: Missing,
) -> Result<Import, ImportError> {
    let mut tx = pool.begin().await?;
    let mut import = store::lock(&mut tx, id).await?.ok_or(ImportError::NotFound)?;
    if import.erased_at.is_some() {
        return Err(ImportError::Erased);
    }
    if !matches!(import.state, State::Columns | State::Comparing | State::Ready) {
        return Err(ImportError::NotNow(import.state));
    }
    let mut meanings = meanings;
    meanings.resize(import.header.len(), None);
    import.columns = Columns::checked(&import.header, meanings).map_err(ImportError::Columns)?;
    import.missing = missing;
    import.round += 1;
    store::rekey(&mut tx, id, import.columns.place(Attribute::UserName)).await?;
    begin(&mut tx, now, &mut import).await?;
    store::put(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(import)
}

/// Begins to compare an import that the caller holds; a short file is through at once.
pub(super) async fn begin(
    tx: &mut PgConnection,
    now: OffsetDateTime,
    import: &mut Import,
) -> sqlx::Result<()> {
    import.state = State::Comparing;
    import.reached = 0;
    import.preview = Tally::default();
    if import.total <= SHORT {
        while import.state == State::Comparing {
            some(tx, import).await?;
        }
        return Ok(());
    }
    enqueue(tx, now, import).await
}

/// Compares some more lines in a transaction of their own; `false` when there is no more to compare.
pub(super) async fn step(pool: &PgPool, id: ImportId) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let Some(mut import) = store::lock(&mut tx, id).await? else { return Ok(false) };
    if import.state != State::Comparing {
        return Ok(false);
    }
    some(&mut tx, &mut import).await?;
    store::put(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(import.state == State::Comparing)
}

/// Compares some more lines. After the last it looks for who is missing, and the import is ready.
async fn some(tx: &mut PgConnection, import: &mut Import) -> sqlx::Result<()> {
    let lines = store::to_compare(tx, import.id, import.reached, i64::from(LINES)).await?;
    let keys: Vec<_> = lines.iter().filter_map(|line| line.key.clone()).collect();
    let known = store::known(tx, &keys).await?;
    let ids: Vec<_> = known.iter().map(|(_, id)| *id).collect();
    let users = directory::store::find_all(&mut *tx, &ids).await?;
    let users: HashMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
    let known: HashMap<_, _> = known.into_iter().collect();
    let mut judged = Vec::with_capacity(lines.len());
    for line in lines {
        let user = line.key.as_ref().and_then(|key| users.get(known.get(key)?));
        let width = import.header.len();
        let told = Line { width, cells: &line.cells, twin: line.twin };
        let judgement = judge(told, &import.columns, user);
        import.preview.add(judgement.verdict);
        if judgement.verdict == Verdict::Bad && (line.key.is_none() || line.cells.len() != width) {
            import.preview.unread += 1;
        }
        import.reached = line.place;
        judged.push(Judged {
            place: line.place,
            verdict: judgement.verdict,
            user: user.map(|user| user.id),
            changes: judgement.changes,
            faults: judgement.faults,
        });
    }
    store::put_verdicts(tx, import.id, &judged).await?;
    if import.reached >= import.total {
        look_for_the_missing(tx, import).await?;
        import.state = State::Ready;
    }
    Ok(())
}

/// A line that does not say whom it is about may be about any of them: then they are all spared.
async fn look_for_the_missing(tx: &mut PgConnection, import: &mut Import) -> sqlx::Result<()> {
    if import.missing == Missing::Keep || import.spares_the_missing() {
        return Ok(());
    }
    let missing = store::insert_missing(tx, import).await?;
    import.preview.missing = u32::try_from(missing).unwrap_or(u32::MAX);
    import.preview.suspend += import.preview.missing;
    Ok(())
}
