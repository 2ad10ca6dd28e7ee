//! The forms of one file of people: what its columns mean, and applying it.

use super::imports_rows::beginning;
use crate::{
    apps::App,
    directory::FieldError,
    imports::{
        self, Import, Meaning, Missing, State as Stage,
        columns::{ColumnFault, Columns},
    },
    web::{
        imports_detail::{ApplyForm, ColumnField, ColumnsForm},
        parts::{Callout, Choice, Field, Select, Tone, count, counted},
        problem::Problem,
        state::WebState,
    },
};

/// How many values a column is shown with.
const SAMPLES: i32 = 2;

pub(super) async fn columns_form(
    state: &WebState,
    import: &Import,
    mended: Option<(Vec<Option<Meaning>>, Missing, Vec<ColumnFault>)>,
) -> Result<ColumnsForm, Problem> {
    let samples = imports::store::samples(&state.pool, import.id, SAMPLES).await?;
    let (meanings, missing, faults) = mended.unwrap_or_else(|| {
        let meanings = import.columns.meanings().to_vec();
        let faults = Columns::checked(&import.header, meanings.clone()).err().unwrap_or_default();
        (meanings, import.missing, faults)
    });
    let fields = import.header.iter().enumerate().map(|(place, name)| ColumnField {
        place,
        name: beginning(name),
        samples: samples
            .iter()
            .map(|cells| beginning(cells.get(place).map_or("", String::as_str)))
            .collect(),
        meaning: meanings.get(place).copied().flatten(),
        error: faults.iter().find(|fault| fault.column == place).map(|fault| fault.says.clone()),
    });
    let choices = [
        (Missing::Keep, "Leave them as they are"),
        (Missing::Csv, "Suspend those who came from a CSV file"),
        (Missing::Everybody, "Suspend them all, wherever they came from"),
    ];
    Ok(ColumnsForm {
        fields: fields.collect(),
        missing: Select {
            name: "missing",
            label: "People who are not in the file",
            hint: "Whoever was added first by another source, such as Okta, did not come from a CSV file. Those who are suspended are shown before anything happens.",
            choices: choices.map(|(missing, label)| Choice { value: missing.word(), label }).into(),
            chosen: missing.word().to_owned(),
            disabled: false,
        },
    })
}

pub(super) async fn apply_form(
    state: &WebState,
    import: &Import,
    app: &App,
    mended: Option<(String, String)>,
) -> Result<Option<ApplyForm>, Problem> {
    let to_do = import.preview.to_do() - import.outcome.all().min(import.preview.to_do());
    if to_do == 0 {
        return Ok(None);
    }
    let suspends = imports::store::left_to_suspend(&state.pool, import.id).await?;
    let (typed, error) = mended.unzip();
    let errors: Vec<_> =
        error.map(|says| FieldError { field: "confirm", says }).into_iter().collect();
    let confirm = (suspends > 0).then(|| {
        let field =
            Field::text("confirm", "How many people are suspended?", typed.unwrap_or_default())
                .required()
                .hint("Type the number to confirm it.")
                .refused(&errors);
        (Callout::new(Tone::Bad, suspension_words(import, suspends)), field)
    });
    let follows = if app.provisioning.enabled {
        format!(
            "What needs approval then waits under Provisioning; the rest is sent to {}.",
            app.name
        )
    } else {
        format!("Provisioning is off: nothing is queued for {}.", app.name)
    };
    let says = match import.state {
        Stage::Stopped => "Applies what was not yet done when it was stopped.".to_owned(),
        _ => what_it_does(import),
    };
    Ok(Some(ApplyForm { says, round: import.round, to_do, confirm, follows }))
}

fn suspension_words(import: &Import, suspends: u32) -> String {
    let people = counted(
        usize::try_from(suspends).unwrap_or(usize::MAX),
        "person is suspended",
        "people are suspended",
    );
    match import.preview.missing {
        0 => format!("{people}: the file says so."),
        missing if missing == import.preview.suspend => {
            format!("{people} for not being in the file.")
        }
        missing => format!("{people}, {} for not being in the file.", count(missing)),
    }
}

/// `Adds 12 people, changes 4, suspends 3.`
fn what_it_does(import: &Import) -> String {
    let tally = &import.preview;
    let parts = [
        (tally.create, "adds"),
        (tally.update, "changes"),
        (tally.suspend, "suspends"),
        (tally.reactivate, "reactivates"),
    ];
    let parts: Vec<_> = parts.iter().filter(|(number, _)| *number > 0).collect();
    let words: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(place, (number, verb))| {
            let people = usize::try_from(*number).unwrap_or(usize::MAX);
            match place {
                0 => format!("{verb} {}", counted(people, "person", "people")),
                _ => format!("{verb} {}", count(*number)),
            }
        })
        .collect();
    format!("This file {}. Nobody was changed yet.", words.join(", "))
}
