//! The page of one file of people.

use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    imports::file_words,
    imports_forms::{apply_form, columns_form},
    imports_rows::draw_rows,
    page, query,
};
use crate::{
    access::{Actor, Reader},
    imports::{
        self, Import, Meaning, Missing, State as Stage, Verdict, columns::ColumnFault, store::Row,
    },
    kernel::{ImportId, Page},
    web::{
        imports_detail::{ImportPage, Progress},
        parts::{Badge, Callout, Moment, Pager, Tab, Tone, count, counted},
        paths,
        problem::Problem,
        session::May,
        shell::{Crumb, Place, Shell},
        state::WebState,
        surroundings::echosign,
    },
};

/// How many lines a page shows.
const PAGE: usize = 50;
/// The word of the tab that is of outcomes, not of a verdict.
const UNDONE: &str = "undone";

/// What of the lines is asked for.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    show: String,
    cursor: Option<String>,
}

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Mended {
    /// Meanings, what becomes of the missing, and what is wrong.
    pub(super) columns: Option<(Vec<Option<Meaning>>, Missing, Vec<ColumnFault>)>,
    /// The number, and what is wrong.
    pub(super) confirm: Option<(String, String)>,
}

/// `GET /users/import/{id}`
pub(super) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(id): Path<ImportId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let import = imports::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
    page(&drawn(&state, &session, reader.actor(), &import, &asked, Mended::default()).await?)
}

/// The page of an import, with what was typed.
pub(super) async fn drawn(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    import: &Import,
    asked: &Asked,
    mended: Mended,
) -> Result<ImportPage, Problem> {
    let may = actor.operator().is_ok() && import.erased_at.is_none();
    let now = state.clock.now();
    let shown = Shown::of(import, asked);
    let rows = shown.rows(state, import, asked).await?;
    let app = echosign(state).await?;
    let shell = Shell::load(state, session, actor, &import.name, Place::People).await?;
    let way = [
        Crumb::at("Users"),
        Crumb::to("People", paths::PEOPLE),
        Crumb::to("Import", paths::IMPORTS),
        Crumb::at(&*import.name),
    ];
    let has_outcomes = import.applied_by.is_some();
    let columns = match import.state {
        Stage::Columns | Stage::Ready if may => {
            Some(columns_form(state, import, mended.columns).await?)
        }
        _ => None,
    };
    let apply = match import.state {
        Stage::Ready | Stage::Stopped if may => {
            apply_form(state, import, &app, mended.confirm).await?
        }
        _ => None,
    };
    Ok(ImportPage {
        shell: shell.by_way_of(way),
        id: import.id,
        state: state_badge(import),
        file: file_words(import),
        by: import.uploaded_by.clone(),
        at: Moment::ago(import.uploaded_at, now),
        callouts: callouts(import),
        progress: progress(import, may),
        tabs: shown.tabs(import),
        has_outcomes: has_outcomes && shown.has_outcomes(),
        pager: shown.pager(import, asked, &rows),
        rows: draw_rows(state, import, &rows.items).await?,
        bad_lines: (shown == Shown::Verdict(Verdict::Bad)
            && import.preview.bad > 0
            && import.erased_at.is_none())
        .then(|| paths::import_step(import.id, "bad.csv")),
        apply,
        columns,
        columns_first: import.state == Stage::Columns,
        facts: facts(import),
    })
}

/// The lines that are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Verdict(Verdict),
    Undone,
}

impl Shown {
    fn of(import: &Import, asked: &Asked) -> Self {
        if matches!(import.state, Stage::Columns | Stage::Comparing) || import.erased_at.is_some() {
            return Self::Nothing;
        }
        if asked.show == UNDONE || (asked.show.is_empty() && import.outcome.undone() > 0) {
            return Self::Undone;
        }
        let first = Verdict::ALL.iter().find(|verdict| import.preview.of(**verdict) > 0);
        let first = first.copied().unwrap_or(Verdict::Unchanged);
        Self::Verdict(asked.show.parse().unwrap_or(first))
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Verdict(verdict) => verdict.word(),
            Self::Undone => UNDONE,
        }
    }

    fn has_outcomes(self) -> bool {
        !matches!(self, Self::Verdict(Verdict::Unchanged | Verdict::Bad))
    }

    async fn rows(
        self,
        state: &WebState,
        import: &Import,
        asked: &Asked,
    ) -> Result<Page<Row>, Problem> {
        let cursor = asked.cursor.as_deref();
        let (pool, id) = (&state.pool, import.id);
        Ok(match self {
            Self::Nothing => Page { items: Vec::new(), next: None },
            Self::Verdict(verdict) => {
                imports::store::of_verdict(pool, id, verdict, cursor, PAGE).await?
            }
            Self::Undone => imports::store::undone(pool, id, cursor, PAGE).await?,
        })
    }

    fn address(self, import: &Import, cursor: &str) -> String {
        let query = query(&[("show", self.word()), ("cursor", cursor)]);
        format!("{}{query}", paths::import(import.id))
    }

    fn tabs(self, import: &Import) -> Vec<Tab> {
        if self == Self::Nothing {
            return Vec::new();
        }
        let tab = |shown: Self, name, number: u32, bad| Tab {
            href: shown.address(import, ""),
            name,
            count: (number > 0).then(|| count(number)),
            bad,
            here: shown == self,
        };
        let verdict = |verdict: Verdict, name| {
            tab(Self::Verdict(verdict), name, import.preview.of(verdict), verdict == Verdict::Bad)
        };
        let mut tabs = vec![
            verdict(Verdict::Create, "Create"),
            verdict(Verdict::Update, "Update"),
            verdict(Verdict::Suspend, "Suspend"),
            verdict(Verdict::Reactivate, "Reactivate"),
            verdict(Verdict::Unchanged, "Unchanged"),
            verdict(Verdict::Bad, "Bad lines"),
        ];
        if import.outcome.undone() > 0 || self == Self::Undone {
            tabs.insert(0, tab(Self::Undone, "Not done", import.outcome.undone(), true));
        }
        tabs
    }

    fn pager(self, import: &Import, asked: &Asked, rows: &Page<Row>) -> Pager {
        Pager {
            first: asked.cursor.is_some().then(|| self.address(import, "")),
            previous: None,
            next: rows.next.as_deref().map(|next| self.address(import, next)),
            onward: "Next",
            shown: counted(rows.items.len(), "line", "lines"),
        }
    }
}

/// How far an import has come.
pub(super) fn state_badge(import: &Import) -> Badge {
    match import.state {
        _ if import.erased_at.is_some() && import.applied_by.is_none() => Badge::over("Too old"),
        Stage::Columns => Badge::waits("Columns to choose"),
        Stage::Comparing => Badge::busy("Comparing"),
        Stage::Ready if import.preview.to_do() == 0 => Badge::calm("Nothing to do"),
        Stage::Ready => Badge::waits("Ready to apply"),
        Stage::Applying => Badge::busy("Applying"),
        Stage::Stopped => Badge::off("Stopped"),
        Stage::Finished if import.outcome.undone() > 0 => {
            Badge::bad(format!("{} not done", count(import.outcome.undone())))
        }
        Stage::Finished => Badge::calm("Applied"),
    }
}

fn progress(import: &Import, may_stop: bool) -> Option<Progress> {
    let (done, all) = import.progress();
    let (what, may_stop) = match import.state {
        Stage::Comparing => ("Comparing with the directory", false),
        Stage::Applying => ("Applying", may_stop),
        _ => return None,
    };
    Some(Progress { what, done, all, may_stop })
}

fn callouts(import: &Import) -> Vec<Callout> {
    let mut callouts = Vec::new();
    let (tally, outcome) = (&import.preview, &import.outcome);
    let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    if import.erased_at.is_some() {
        let says =
            "The lines of this file were erased after 30 days. The counts and the history stay.";
        callouts.push(Callout::new(Tone::Quiet, says));
    }
    match import.state {
        Stage::Columns => callouts.push(Callout::new(
            Tone::Warn,
            "Say which column is the user name, by which people are told apart. Then the file is compared with the directory.",
        )),
        Stage::Ready if tally.to_do() == 0 && tally.bad == 0 => callouts.push(Callout::new(
            Tone::Good,
            "Everybody is as the file says already. There is nothing to apply.",
        )),
        Stage::Finished => {
            let done = counted(number(outcome.done), "change was made", "changes were made");
            let already = match outcome.already {
                0 => String::new(),
                already => format!(" {} so by then already.", counted(number(already), "was", "were")),
            };
            let tone = if outcome.undone() == 0 { Tone::Good } else { Tone::Warn };
            let undone = match outcome.undone() {
                0 => String::new(),
                undone => format!(" {} not, each with its reason under Not done.", counted(number(undone), "was", "were")),
            };
            let callout = Callout::new(tone, format!("{done}.{already}{undone}"));
            callouts.push(match outcome.requested {
                0 => callout,
                requested => callout.leading_to(
                    format!("{}{}", paths::QUEUE, query(&[("status", "all"), ("q", "source:csv")])),
                    format!("{} under Provisioning", counted(number(requested), "action", "actions")),
                ),
            });
        }
        _ => {}
    }
    if matches!(import.state, Stage::Ready | Stage::Applying) && tally.bad > 0 {
        let says = counted(
            number(tally.bad),
            "line is bad and is left out.",
            "lines are bad and are left out.",
        );
        let callout = Callout::new(Tone::Warn, says);
        callouts.push(callout.leading_to(
            paths::import_step(import.id, "bad.csv"),
            "Download with the reasons, mend, and upload again",
        ));
    }
    if import.spares_the_missing() && import.state == Stage::Ready {
        let says = "Nobody is suspended for not being in the file: a bad line does not say whom it is about, and may be about one of them. Mend it first.";
        callouts.push(Callout::new(Tone::Warn, says));
    }
    callouts
}

fn facts(import: &Import) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(by) = &import.applied_by {
        facts.push(("Applied by", by.name.clone()));
        let outcome = &import.outcome;
        facts.push(("Done", count(outcome.done)));
        facts.push(("So already", count(outcome.already)));
        facts.push(("Not done", count(outcome.undone())));
        facts.push(("Left out", format!("{} bad", count(import.preview.bad))));
    }
    facts.extend(import.says.iter().map(|says| ("Stopped", says.clone())));
    facts
}
