//! Files of people: the list, the upload, and the steps of one of them.

use axum::{
    Form,
    body::Body,
    extract::{
        Multipart, Path, Query, State,
        multipart::{Field, MultipartRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    imports_detail::{Asked as Lines, Mended, drawn, state_badge},
    lead_to, page, page_with, query,
};
use crate::{
    access::{Actor, Operator, Reader},
    imports::{
        self, Attribute, Import, ImportError, Meaning, Missing, Verdict,
        file::{FileError, MOST_BYTES},
        store::Row,
        upload::Upload,
    },
    kernel::ImportId,
    web::{
        imports::{ImportLine, ImportsPage, Typed},
        parts::{Moment, Pager, count, counted},
        paths,
        problem::Problem,
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
    },
};

/// How many files a page shows.
const PAGE: usize = 50;
/// How many bad lines are read at once for a download.
const LINES: usize = 1_000;
/// The longest name that is read of a form, in bytes.
const NAME: usize = 1_024;
/// What a template begins with: the mark by which Excel knows UTF-8.
const MARK: &str = "\u{feff}";

#[derive(Deserialize)]
pub(super) struct Asked {
    cursor: Option<String>,
}

/// `GET /users/import`
pub(super) async fn list(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let form = Typed::default();
    page(&listing(&state, &session, reader.actor(), asked.cursor.as_deref(), form).await?)
}

async fn listing(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    cursor: Option<&str>,
    form: Typed,
) -> Result<ImportsPage, Problem> {
    let imports = imports::store::list(&state.pool, cursor, PAGE).await?;
    let now = state.clock.now();
    let line = |import: &Import| ImportLine {
        href: paths::import(import.id),
        name: import.name.clone(),
        file: file_words(import),
        state: state_badge(import),
        counts: count_words(import),
        by: import.uploaded_by.clone(),
        at: Moment::short(import.uploaded_at, now),
    };
    let rows: Vec<_> = imports.items.iter().map(line).collect();
    let shell = Shell::load(state, session, actor, "Import people", Place::People).await?;
    let way = [Crumb::at("Users"), Crumb::to("People", paths::PEOPLE), Crumb::at("Import")];
    Ok(ImportsPage {
        shell: shell.by_way_of(way),
        form: actor.operator().is_ok().then_some(form),
        pager: Pager {
            previous: None,
            first: cursor.is_some().then(|| paths::IMPORTS.to_owned()),
            next: imports
                .next
                .as_deref()
                .map(|next| format!("{}{}", paths::IMPORTS, query(&[("cursor", next)]))),
            onward: "Older",
            shown: counted(rows.len(), "file", "files"),
        },
        rows,
    })
}

/// `people.csv, 1,204 lines`
pub(super) fn file_words(import: &Import) -> String {
    let lines = usize::try_from(import.total).unwrap_or_default();
    format!("{}, {}", import.file_name, counted(lines, "line", "lines"))
}

/// `12 to create, 4 to update`, or what was done.
fn count_words(import: &Import) -> String {
    if import.applied_by.is_some() {
        let (done, of) = (import.outcome.done + import.outcome.already, import.preview.to_do());
        return format!("{} of {} done", count(done), count(of));
    }
    let words = [
        (Verdict::Create, "to create"),
        (Verdict::Update, "to update"),
        (Verdict::Suspend, "to suspend"),
        (Verdict::Reactivate, "to reactivate"),
        (Verdict::Bad, "bad"),
    ];
    let words: Vec<_> = words
        .into_iter()
        .map(|(verdict, words)| (import.preview.of(verdict), words))
        .filter(|(number, _)| *number > 0)
        .map(|(number, words)| format!("{} {words}", count(number)))
        .collect();
    match words.as_slice() {
        [] if import.preview.unchanged > 0 => "nothing: all is as the file says".to_owned(),
        [] => String::new(),
        words => words.join(", "),
    }
}

/// `POST /users/import`
pub(super) async fn upload(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let (name, refused) = match received(form).await {
        Ok(received) => {
            let name = received.name.clone();
            let now = state.clock.now();
            match imports::upload::upload(&state.pool, now, &operator, received).await {
                Ok(import) => return Ok(lead_to(&paths::import(import.id))),
                Err(error) => (name, error),
            }
        }
        Err(Unreceived::Problem(problem)) => return Err(problem),
        Err(Unreceived::File(name, error)) => (name, error.into()),
        Err(Unreceived::None(name)) => {
            let typed =
                Typed { name, file_error: Some("Choose a CSV file.".to_owned()), name_error: None };
            let form = listing(&state, &session, operator.actor(), None, typed).await?;
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &form);
        }
    };
    let typed = match refused {
        ImportError::File(error) => {
            Typed { name, file_error: Some(error.to_string()), name_error: None }
        }
        error @ ImportError::Name => {
            let file_error = Some("Choose the file again.".to_owned());
            Typed { name, file_error, name_error: Some(error.to_string()) }
        }
        error => return Err(error.into()),
    };
    let form = listing(&state, &session, operator.actor(), None, typed).await?;
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
}

/// Why there is no file.
enum Unreceived {
    /// None was chosen.
    None(String),
    /// It is too large.
    File(String, FileError),
    /// The request cannot be read.
    Problem(Problem),
}

impl From<axum::extract::multipart::MultipartError> for Unreceived {
    fn from(error: axum::extract::multipart::MultipartError) -> Self {
        Self::Problem(Problem::told(error.status(), ""))
    }
}

/// Reads the form. A file that is too large is read to its end and dropped: a browser whose upload is
/// cut off shows no answer at all.
async fn received(form: Result<Multipart, MultipartRejection>) -> Result<Upload, Unreceived> {
    let mut form = form.map_err(|_| Unreceived::None(String::new()))?;
    let mut upload = Upload::default();
    let mut too_large = false;
    while let Some(mut field) = form.next_field().await? {
        match field.name() {
            Some("file") => {
                field.file_name().unwrap_or_default().clone_into(&mut upload.file_name);
                (upload.bytes, too_large) = read(&mut field, MOST_BYTES).await?;
            }
            Some("name") => {
                let (bytes, _) = read(&mut field, NAME).await?;
                String::from_utf8_lossy(&bytes).trim().clone_into(&mut upload.name);
            }
            _ => {}
        }
    }
    if too_large {
        return Err(Unreceived::File(upload.name, FileError::TooLarge));
    }
    if upload.bytes.is_empty() && upload.file_name.is_empty() {
        return Err(Unreceived::None(upload.name));
    }
    Ok(upload)
}

/// A field up to `most` bytes, and whether it has more.
async fn read(field: &mut Field<'_>, most: usize) -> Result<(Vec<u8>, bool), Unreceived> {
    let (mut bytes, mut more) = (Vec::new(), false);
    while let Some(chunk) = field.chunk().await? {
        more |= bytes.len() + chunk.len() > most;
        if !more {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok((bytes, more))
}

fn as_file(name: &str, body: Body) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let kind = "text/csv; charset=utf-8".to_owned();
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body)
        .into_response()
}

/// `GET /users/import/template.csv`
pub(super) async fn template(May(_): May<Reader>) -> Response {
    const HEADER: &str =
        "User name,E-mail,First name,Last name,Display name,Title,Department,Phone,Status\r\n";
    as_file("people.csv", Body::from(format!("{MARK}{HEADER}")))
}

/// `GET /users/import/{id}/bad.csv`
pub(super) async fn bad_lines(
    State(state): State<WebState>,
    May(_): May<Reader>,
    Path(id): Path<ImportId>,
) -> Result<Response, Problem> {
    let import = imports::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
    let mut header = import.header.clone();
    header.extend(["Line".to_owned(), "Reason".to_owned()]);
    let first = format!("{MARK}{}", csv_text(&[header]));
    let width = import.header.len();
    let lines = stream::try_unfold(Some(None::<String>), move |at| {
        let pool = state.pool.clone();
        async move {
            let Some(cursor) = at else { return Ok::<_, std::io::Error>(None) };
            let rows =
                imports::store::of_verdict(&pool, id, Verdict::Bad, cursor.as_deref(), LINES).await;
            let rows = rows.map_err(std::io::Error::other)?;
            let lines: Vec<_> = rows.items.iter().map(|row| bad_line(row, width)).collect();
            Ok(Some((csv_text(&lines), rows.next.map(Some))))
        }
    });
    let first = stream::once(async { Ok(first) });
    let lines = futures_util::StreamExt::chain(first, lines);
    Ok(as_file("bad-lines.csv", Body::from_stream(lines)))
}

fn bad_line(row: &Row, width: usize) -> Vec<String> {
    let (line, mut cells) = row.line.clone().unwrap_or_default();
    // What stands beyond the last column has no place; the reason says so.
    cells.resize(width, String::new());
    let reasons: Vec<_> = row
        .faults
        .iter()
        .map(|fault| match &*fault.field {
            "" => fault.says.clone(),
            field => format!("{field}: {}", fault.says),
        })
        .collect();
    cells.extend([line.to_string(), reasons.join(" ")]);
    cells
}

fn csv_text(lines: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for line in lines {
        // Writing to memory, lines of any length: there is nothing to go wrong.
        let _ = writer.write_record(line);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// `POST /users/import/{id}/columns`
pub(super) async fn columns(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<ImportId>,
    Form(typed): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let import = imports::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
    let chosen =
        |name: &str| typed.iter().find(|(field, _)| field == name).map(|(_, value)| &**value);
    let meanings: Vec<Option<Meaning>> = (0..import.header.len())
        .map(|place| chosen(&format!("column-{place}")).and_then(|word| word.parse().ok()))
        .collect();
    let missing = chosen("missing").and_then(|word| word.parse().ok()).unwrap_or(Missing::Keep);
    let now = state.clock.now();
    let compared =
        imports::compare::compare_again(&state.pool, now, &operator, id, meanings.clone(), missing);
    match compared.await {
        Ok(_) => Ok(lead_to(&paths::import(id))),
        Err(ImportError::Columns(faults)) => {
            let mended = Mended { columns: Some((meanings, missing, faults)), ..Mended::default() };
            let lines = Lines::default();
            let page = drawn(&state, &session, operator.actor(), &import, &lines, mended).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    round: i32,
    #[serde(default)]
    confirm: String,
}

/// `POST /users/import/{id}/apply`
pub(super) async fn apply(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<ImportId>,
    Form(typed): Form<Confirmed>,
) -> Result<Response, Problem> {
    let digits: String = typed.confirm.chars().filter(char::is_ascii_digit).collect();
    let now = state.clock.now();
    let (round, confirm) = (typed.round, digits.parse().ok());
    match imports::apply::begin(&state.pool, now, &operator, id, round, confirm).await {
        Ok(_) => Ok(lead_to(&paths::import(id))),
        Err(error @ ImportError::Confirm(_)) => {
            let import =
                imports::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
            let mended =
                Mended { confirm: Some((typed.confirm, error.to_string())), ..Mended::default() };
            let lines = Lines::default();
            let page = drawn(&state, &session, operator.actor(), &import, &lines, mended).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /users/import/{id}/stop`
pub(super) async fn stop(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<ImportId>,
) -> Result<Response, Problem> {
    imports::apply::stop(&state.pool, state.clock.now(), &operator, id).await?;
    session::say(&session, "Stopped. What was done stays done.").await?;
    Ok(lead_to(&paths::import(id)))
}

/// What stands in a line's cell for a field of the API.
pub(super) fn cell_of(import: &Import, cells: &[String], field: &str) -> String {
    let attribute: Option<Attribute> = field.parse().ok();
    let cell = attribute.and_then(|attribute| import.columns.cell(cells, attribute));
    cell.unwrap_or_default().to_owned()
}
