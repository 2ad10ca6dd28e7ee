//! `countersign audit`.

use std::io::{self, Write};

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use sqlx::PgPool;
use time::format_description::well_known::Rfc3339;

use super::{AppError, Config, print, refused, with_house};
use crate::audit::{Event, Verdict, after, seal, verify};

/// How many events an export reads at once.
const BATCH: i64 = 1_000;

/// What can be done about the history.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Walk the whole chain and say whether it holds; fails when it does not.
    Verify,
    /// Write every event to standard output, oldest first.
    Export {
        /// In which form.
        #[arg(long)]
        format: Format,
    },
}

/// The form of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// One JSON object a line.
    Jsonl,
    /// A table with a head, for a spreadsheet.
    Csv,
}

/// Does it.
///
/// # Errors
/// When the chain is broken, or standard output is closed.
pub async fn audit(config: &Config, command: Audit) -> Result<(), AppError> {
    with_house(config, async |house| match command {
        Audit::Verify => walk(&house.pool).await,
        Audit::Export { format: Format::Jsonl } => {
            let mut out = io::stdout().lock();
            each(&house.pool, |event| writeln!(out, "{}", in_json(event))).await
        }
        Audit::Export { format: Format::Csv } => {
            let mut out = csv::Writer::from_writer(io::stdout().lock());
            out.write_record(COLUMNS)
                .map_err(|error| AppError::Io("standard output", error.into()))?;
            each(&house.pool, |event| Ok(out.write_record(in_columns(event))?)).await?;
            out.flush().map_err(|error| AppError::Io("standard output", error))
        }
    })
    .await
}

async fn walk(pool: &PgPool) -> Result<(), AppError> {
    while seal(pool).await? {}
    match verify(pool).await? {
        Verdict::Intact { sealed, head, .. } => {
            print(format_args!("Intact: {sealed} events, head {head}"))?;
            Ok(())
        }
        Verdict::Broken { position, says } => {
            Err(refused(format!("Broken at position {position}: {says}")))
        }
    }
}

async fn each(
    pool: &PgPool,
    mut write: impl FnMut(&Event) -> io::Result<()>,
) -> Result<(), AppError> {
    let mut seq = 0;
    loop {
        let events = after(pool, seq, BATCH).await?;
        let Some(last) = events.last() else { return Ok(()) };
        seq = last.seq;
        for event in &events {
            write(event).map_err(|error| AppError::Io("standard output", error))?;
        }
    }
}

const COLUMNS: [&str; 9] =
    ["id", "at", "actorKind", "actor", "verb", "action", "user", "app", "details"];

fn in_json(event: &Event) -> serde_json::Value {
    json!({
        "id": event.id,
        "at": event.at.format(&Rfc3339).unwrap_or_default(),
        "actorKind": event.actor_kind,
        "actor": event.actor,
        "verb": event.verb,
        "action": event.about.action,
        "user": event.about.user,
        "app": event.about.app,
        "details": event.details,
    })
}

/// One cell a column. A spreadsheet would read a cell that begins with `=`, `+`, `-` or `@` as a
/// formula, so such a cell begins with an apostrophe.
fn in_columns(event: &Event) -> Vec<String> {
    let event = in_json(event);
    let cell = |name: &&str| match &event[*name] {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) if text.starts_with(['=', '+', '-', '@']) => {
            format!("'{text}")
        }
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    COLUMNS.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        audit::{About, Verb},
        kernel::EventId,
    };

    #[test]
    fn a_name_cannot_bring_a_formula_into_a_spreadsheet() {
        let event = Event {
            seq: 1,
            id: EventId::from(Uuid::nil()),
            at: OffsetDateTime::UNIX_EPOCH,
            actor_kind: "administrator".to_owned(),
            actor: Some("=cmd()".to_owned()),
            verb: Verb::SignedIn,
            about: About::default(),
            details: json!({ "actor": "=cmd()" }),
        };

        let cells = in_columns(&event);

        assert_eq!(
            cells[1..5],
            ["1970-01-01T00:00:00Z", "administrator", "'=cmd()", "administrator.signed_in"]
        );
        assert_eq!(cells[5], "");
    }
}
