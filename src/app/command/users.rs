//! `countersign users`.

use std::{
    fs,
    io::{IsTerminal, Write, stderr},
    path::PathBuf,
};

use clap::{Subcommand, ValueEnum};

use super::{AppError, Config, House, print, refused, with_house};
use crate::{
    access::{Actor, Operator},
    imports::{
        self, Import, ImportError, Meaning, Missing, State, Verdict, Worker,
        columns::Columns,
        store::Row,
        upload::{Upload, upload},
    },
    kernel::Page,
};

/// How many rows are read at once to be told.
const ROWS: usize = 1_000;

/// What can be done about people.
#[derive(Debug, Subcommand)]
pub enum Users {
    /// Import a CSV file: compare it with the directory, then apply it as one batch. Bad lines are left
    /// out and told on standard error. Ends with 0 when all is done, 1 when the file cannot be read, 3 when
    /// lines were left out.
    Import {
        /// The file, in UTF-8, with a header.
        file: PathBuf,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
        /// Suspend people who are not in the file: those who came from a CSV file, or everybody.
        #[arg(long, value_name = "WHO", num_args = 0..=1, require_equals = true, default_missing_value = "csv")]
        suspend_missing: Option<Whom>,
        /// What a column means, where it is not guessed: `Personnel no.=userName`; nothing after the sign
        /// leaves the column unused. May be given several times.
        #[arg(long, value_name = "COLUMN=ATTRIBUTE", value_parser = meaning)]
        map: Vec<(String, Option<Meaning>)>,
        /// What the history calls it; otherwise the name of the file and the day.
        #[arg(long, default_value = "")]
        name: String,
    },
}

/// Who counts as missing.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Whom {
    /// Those who came from a CSV file.
    Csv,
    /// Everybody.
    Everybody,
}

fn meaning(text: &str) -> Result<(String, Option<Meaning>), String> {
    let (column, word) = text.rsplit_once('=').ok_or("write it as COLUMN=ATTRIBUTE")?;
    let meaning = match word {
        "" => None,
        word => Some(word.parse().map_err(|error| format!("the attribute {error}"))?),
    };
    Ok((column.to_owned(), meaning))
}

/// Does it.
///
/// # Errors
/// What has to be mended; [`AppError::LeftOut`] when some lines were left out.
pub async fn users(config: &Config, command: Users) -> Result<(), AppError> {
    let Users::Import { file, dry_run, suspend_missing, map, name } = command;
    let bytes = fs::read(&file).map_err(|error| refused(format!("{}: {error}", file.display())))?;
    let upload = Upload {
        name,
        file_name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        bytes,
        given: map,
        missing: suspend_missing.map(|whom| match whom {
            Whom::Csv => Missing::Csv,
            Whom::Everybody => Missing::Everybody,
        }),
    };
    with_house(config, async |house| {
        let operator = Actor::command_line().operator().map_err(refused)?;
        import(&house, &operator, upload, dry_run).await
    })
    .await
}

async fn import(house: &House, by: &Operator, file: Upload, dry_run: bool) -> Result<(), AppError> {
    let pool = &house.pool;
    let given: Vec<_> = file.given.iter().map(|(column, _)| column.clone()).collect();
    let import = upload(pool, house.clock.now(), by, file).await.map_err(told)?;
    let fault = unknown_column(&import, &given).or_else(|| columns_fault(&import));
    if let Some(fault) = fault {
        imports::store::discard(pool, import.id).await?;
        return Err(refused(fault));
    }
    let import = advance(house, import, "Comparing").await?;
    tell_preview(&import)?;
    tell_bad(house, &import).await?;
    if dry_run {
        imports::store::discard(pool, import.id).await?;
        return left_out(import.preview.bad, 0);
    }
    if import.preview.to_do() == 0 {
        print("Nothing to do.")?;
        return left_out(import.preview.bad, 0);
    }
    let suspends = imports::store::left_to_suspend(pool, import.id).await?;
    let (now, round) = (house.clock.now(), import.round);
    let import = imports::apply::begin(pool, now, by, import.id, round, Some(suspends)).await;
    let import = advance(house, import.map_err(told)?, "Applying").await?;
    tell_undone(house, &import).await?;
    let outcome = &import.outcome;
    print(format_args!(
        "{} done, {} so already, {} not done; {} queued under Provisioning",
        outcome.done,
        outcome.already,
        outcome.undone(),
        outcome.requested
    ))?;
    match &import.says {
        Some(says) => Err(refused(says)),
        None => left_out(import.preview.bad, outcome.undone()),
    }
}

fn told(error: ImportError) -> AppError {
    match error {
        ImportError::Store(error) => AppError::Store(error),
        error => refused(error),
    }
}

fn unknown_column(import: &Import, given: &[String]) -> Option<String> {
    let unknown = given.iter().find(|column| !import.header.contains(column))?;
    let header = import.header.join(", ");
    Some(format!("--map: the file has no column “{unknown}”; it has {header}"))
}

fn columns_fault(import: &Import) -> Option<String> {
    if import.state != State::Columns {
        return None;
    }
    let header = import.header.join(", ");
    let meanings = import.columns.meanings().to_vec();
    let faults = Columns::checked(&import.header, meanings).err().unwrap_or_default();
    let says = faults.first().map_or_else(String::new, |fault| fault.says.clone());
    Some(format!("{says} Say it with --map \"COLUMN=userName\"; the columns are {header}"))
}

/// Works the import here until a machine has nothing more to do. Should this process end on the way, a
/// server goes on where it was.
async fn advance(house: &House, import: Import, what: &str) -> Result<Import, AppError> {
    let worker = Worker::new(house.pool.clone(), house.clock.clone());
    let watched = stderr().is_terminal();
    loop {
        let more = worker.next(import.id).await?;
        let now = imports::store::find(&house.pool, import.id).await?;
        let now = now.ok_or_else(|| refused(ImportError::NotFound))?;
        let (done, all) = now.progress();
        if watched {
            let end = if more { "" } else { "\n" };
            let _ = write!(stderr(), "\r{what}: {done} of {all}{end}");
        }
        if !more {
            return Ok(now);
        }
    }
}

fn tell_preview(import: &Import) -> Result<(), AppError> {
    let counts =
        Verdict::ALL.iter().map(|verdict| format!("{} {verdict}", import.preview.of(*verdict)));
    print(format_args!("{}: {}", import.file_name, counts.collect::<Vec<_>>().join(", ")))?;
    if import.spares_the_missing() {
        eprintln!(
            "Nobody is suspended for not being in the file: a bad line does not say whom it is about."
        );
    }
    Ok(())
}

async fn tell_bad(house: &House, import: &Import) -> Result<(), AppError> {
    each(async |cursor| {
        imports::store::of_verdict(&house.pool, import.id, Verdict::Bad, cursor, ROWS).await
    })
    .await
}

async fn tell_undone(house: &House, import: &Import) -> Result<(), AppError> {
    each(async |cursor| imports::store::undone(&house.pool, import.id, cursor, ROWS).await).await
}

/// Tells every row of a list on standard error.
async fn each(
    list: impl AsyncFn(Option<&str>) -> Result<Page<Row>, crate::db::ListError>,
) -> Result<(), AppError> {
    let mut cursor: Option<String> = None;
    loop {
        let page = list(cursor.as_deref()).await.map_err(refused)?;
        for row in &page.items {
            let line = row.line.as_ref().map_or_else(
                || format!("{}, not in the file", row.key.as_deref().unwrap_or_default()),
                |(line, _)| format!("line {line}"),
            );
            for fault in &row.faults {
                let field = if fault.field.is_empty() { "line" } else { &fault.field };
                eprintln!("{line}: {field}: {}", fault.says);
            }
            if let Some(says) = &row.says {
                eprintln!("{line}: {says}");
            }
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn left_out(bad: u32, undone: u32) -> Result<(), AppError> {
    match (bad, undone) {
        (0, 0) => Ok(()),
        (bad, 0) => Err(AppError::LeftOut(format!("{bad} bad lines were left out"))),
        (0, undone) => Err(AppError::LeftOut(format!("{undone} changes were not made"))),
        (bad, undone) => Err(AppError::LeftOut(format!(
            "{bad} bad lines were left out, {undone} changes were not made"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_given_its_meaning_after_the_last_sign() {
        assert_eq!(meaning("a=b=title"), Ok(("a=b".to_owned(), Some(Meaning::Title))));
        assert_eq!(meaning("Shoe size="), Ok(("Shoe size".to_owned(), None)));
        assert!(meaning("title").is_err());
        assert!(meaning("a=shoe").is_err_and(|says| says.contains("userName")));
    }
}
