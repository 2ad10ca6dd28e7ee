//! The lines of a file of people, as they are shown.

use std::collections::HashMap;

use super::imports::cell_of;
use crate::{
    apps::change::{self, Kind, Value},
    directory::{self, Draft, User},
    imports::{self, Attribute, Import, Outcome, Verdict, store::Row},
    kernel::UserId,
    web::{
        imports_detail::{FaultLine, ImportRow},
        parts::{Badge, ChangeLine, Who, label},
        paths,
        problem::Problem,
        state::WebState,
    },
};

pub(super) async fn draw_rows(
    state: &WebState,
    import: &Import,
    rows: &[Row],
) -> Result<Vec<ImportRow>, Problem> {
    let ids: Vec<UserId> = rows.iter().filter_map(|row| row.user).collect();
    let people = directory::store::find_all(&state.pool, &ids).await?;
    let people: HashMap<_, _> = people.into_iter().map(|user| (user.id, user)).collect();
    let drawn = rows.iter().map(|row| {
        let user = row.user.and_then(|id| people.get(&id));
        draw_row(import, row, user)
    });
    Ok(drawn.collect())
}

fn draw_row(import: &Import, row: &Row, user: Option<&User>) -> ImportRow {
    let cells = row.line.as_ref().map_or(&[][..], |(_, cells)| cells);
    let faults = row.faults.iter().map(|fault| FaultLine {
        label: fault.field.parse().map_or("", |attribute| label(api(attribute))),
        value: beginning(&cell_of(import, cells, &fault.field)),
        says: fault.says.clone(),
    });
    let shows = |change: &&imports::judge::Change| {
        // That somebody is suspended or reactivated, the tab says.
        change.attribute != Attribute::Active && row.verdict != Verdict::Create
    };
    ImportRow {
        who: who(import, cells, user),
        line: row.line.as_ref().map(|(line, _)| line.to_string()).unwrap_or_default(),
        changes: row.changes.iter().filter(shows).map(change_line).collect(),
        note: note(row),
        faults: faults.collect(),
        outcome: import.applied_by.as_ref().map(|_| outcome(row.outcome)),
        says: row.says.clone(),
    }
}

fn who(import: &Import, cells: &[String], user: Option<&User>) -> Who {
    if let Some(user) = user {
        return super::people::who(user).linked(paths::person(user.id));
    }
    let draft = import.columns.over(Draft::default(), cells);
    let full = format!("{} {}", draft.given_name, draft.family_name);
    let names = [&*draft.display_name, full.trim(), &*draft.user_name, "Nobody"];
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    Who::new(beginning(name), beginning(&draft.user_name))
}

/// As much of a cell as is worth showing.
pub(super) fn beginning(cell: &str) -> String {
    const MOST: usize = 100;
    match cell.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_owned(),
    }
}

/// What a new person is, and why somebody is suspended.
fn note(row: &Row) -> String {
    let to = |attribute: Attribute| {
        let change = row.changes.iter().find(|change| change.attribute == attribute);
        change.and_then(|change| change.to.clone())
    };
    let suspended =
        (to(Attribute::Active).as_deref() == Some("false")).then(|| "suspended".to_owned());
    match row.verdict {
        Verdict::Create => {
            let parts = [to(Attribute::Title), to(Attribute::Department), suspended];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
        Verdict::Suspend if row.line.is_none() => "Not in the file".to_owned(),
        Verdict::Suspend => "The file says so".to_owned(),
        _ => String::new(),
    }
}

fn outcome(outcome: Option<Outcome>) -> Badge {
    match outcome {
        None => Badge::none("Not yet"),
        Some(Outcome::Done) => Badge::calm("Done"),
        Some(Outcome::Already) => Badge::none("So already"),
        Some(Outcome::Differs) => Badge::again("Changed meanwhile"),
        Some(Outcome::Failed) => Badge::bad("Refused"),
    }
}

const fn api(attribute: Attribute) -> change::Attribute {
    match attribute {
        Attribute::UserName => change::Attribute::UserName,
        Attribute::GivenName => change::Attribute::GivenName,
        Attribute::FamilyName => change::Attribute::FamilyName,
        Attribute::DisplayName => change::Attribute::DisplayName,
        Attribute::Email => change::Attribute::Email,
        Attribute::Title => change::Attribute::Title,
        Attribute::Department => change::Attribute::Department,
        Attribute::Phone => change::Attribute::Phone,
        Attribute::Active => change::Attribute::Active,
    }
}

fn change_line(changed: &imports::judge::Change) -> ChangeLine {
    let value = |text: &Option<String>| text.clone().map(Value::Text);
    let (from, to) = (value(&changed.from), value(&changed.to));
    let change = change::Change { attribute: api(changed.attribute), from, to };
    ChangeLine::of(Kind::Update, std::slice::from_ref(&change))
}
