//! Takes a file in.

use sqlx::PgPool;
use time::{OffsetDateTime, macros::format_description};

use super::{
    Import, ImportError, Meaning, Missing, Outcomes, State, Tally,
    columns::{Attribute, Columns},
    compare,
    file::{File, Row},
    guess::guess,
    store,
};
use crate::{access::Operator, kernel::ImportId};

/// How many lines are written at once.
const LINES: usize = 2_000;
/// The longest name of a batch, in characters.
const LONGEST_NAME: usize = 120;

/// A file as it was handed in.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// What the batch shall be called; empty for the file's name and the date.
    pub name: String,
    /// What the file is called.
    pub file_name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Columns whose meaning is given, by their names in the file; the others are guessed.
    pub given: Vec<(String, Option<Meaning>)>,
    /// What becomes of people who are not in it.
    pub missing: Option<Missing>,
}

/// Keeps a file and compares it with the directory: at once when it is short, by a job when it is
/// long. Nobody is changed.
///
/// # Errors
/// [`ImportError::File`] and [`ImportError::Name`] say what has to be mended. Columns that make no sense
/// are no error: the import then waits for a person to say what they mean.
pub async fn upload(
    pool: &PgPool,
    now: OffsetDateTime,
    by: &Operator,
    upload: Upload,
) -> Result<Import, ImportError> {
    let file_name = one_line(&upload.file_name);
    let name = match upload.name.trim() {
        "" => format!("{file_name}, {}", day(now)),
        name => name.to_owned(),
    };
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ImportError::Name);
    }
    let file = File::read(upload.bytes)?;
    let columns = Columns::unchecked(meanings(file.header(), &upload.given));
    let sense = Columns::checked(file.header(), columns.meanings().to_vec()).is_ok();
    let mut import = Import {
        id: ImportId::at(now),
        name,
        file_name,
        state: if sense { State::Comparing } else { State::Columns },
        header: file.header().to_vec(),
        columns,
        missing: upload.missing.unwrap_or(Missing::Keep),
        total: 0,
        round: 1,
        reached: 0,
        preview: Tally::default(),
        outcome: Outcomes::default(),
        uploaded_at: now,
        uploaded_by: by.actor().name.clone(),
        applied_by: None,
        finished_at: None,
        says: None,
        erased_at: None,
    };
    let mut tx = pool.begin().await?;
    store::insert(&mut tx, &import).await?;
    let key = import.columns.place(Attribute::UserName);
    let mut rows: Vec<Row> = Vec::with_capacity(LINES);
    let mut lines = file.rows();
    loop {
        rows.clear();
        for row in lines.by_ref().take(LINES) {
            rows.push(row?);
        }
        if rows.is_empty() {
            break;
        }
        store::insert_rows(&mut tx, import.id, import.total, &rows, key).await?;
        import.total += i32::try_from(rows.len()).unwrap_or_default();
    }
    if import.total == 0 {
        return Err(super::file::FileError::NoLines.into());
    }
    if sense {
        compare::begin(&mut tx, now, &mut import).await?;
    }
    store::put(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(import)
}

fn meanings(header: &[String], given: &[(String, Option<Meaning>)]) -> Vec<Option<Meaning>> {
    let mut meanings = guess(header);
    for (name, meaning) in given {
        // What is given goes before what was guessed of another column.
        for guessed in &mut meanings {
            let attributes = guessed.map_or(&[][..], Meaning::attributes);
            let wanted = meaning.map_or(&[][..], Meaning::attributes);
            if attributes.iter().any(|attribute| wanted.contains(attribute)) {
                *guessed = None;
            }
        }
        if let Some(place) = header.iter().position(|column| column == name)
            && let Some(guessed) = meanings.get_mut(place)
        {
            *guessed = *meaning;
        }
    }
    meanings
}

/// A file's name without its folders, short enough for any place it is shown at.
fn one_line(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    if name.trim().is_empty() { "people.csv".to_owned() } else { name.trim().to_owned() }
}

fn day(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:short] [year]"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name_alone() {
        for (name, expected) in [
            ("C:\\Users\\ana\\people.csv", "people.csv"),
            ("/home/ana/staff 2026.csv", "staff 2026.csv"),
            ("", "people.csv"),
            ("a\nb.csv", "ab.csv"),
        ] {
            assert_eq!(one_line(name), expected);
        }
    }

    #[test]
    fn what_is_given_goes_before_what_is_guessed() {
        let header = ["Login".to_owned(), "Personnel no.".to_owned(), "Mail".to_owned()];
        let given =
            [("Personnel no.".to_owned(), Some(Meaning::UserName)), ("Mail".to_owned(), None)];

        assert_eq!(meanings(&header, &given), [None, Some(Meaning::UserName), None]);
    }
}
