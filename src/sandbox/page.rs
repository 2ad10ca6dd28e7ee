//! The page: who has an account, what was asked last, and how it misbehaves.

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Json,
    extract::{FromRequest, OriginalUri, Request, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::Form;
use serde::Deserialize;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use super::{
    Sandbox,
    answer::{Base, Refused},
    describe,
    faults::{Faults, Method, Mishap, Quirk},
    requests::Remembered,
};
use crate::scim::{resource, user};

/// How many accounts are shown; the newest first.
const SHOWN: usize = 500;

#[derive(Debug, Template, WebTemplate)]
#[template(path = "sandbox/page.html")]
pub(super) struct Page {
    says: &'static str,
    stylesheet: String,
    base: String,
    total: usize,
    suspended: usize,
    accounts: Vec<Account>,
    requests: Vec<Asked>,
    waiting: Vec<String>,
    quirks: Vec<(Quirk, bool)>,
}

#[derive(Debug)]
struct Account {
    name: String,
    initials: String,
    user_name: String,
    active: bool,
    title: String,
    department: String,
    id: String,
    changed: Moment,
}

#[derive(Debug)]
struct Asked {
    at: Moment,
    method: String,
    path: String,
    status: Option<u16>,
}

/// A point in time as a person and as a machine read it.
#[derive(Debug)]
struct Moment {
    machine: String,
    exact: String,
    words: String,
}

impl Asked {
    fn tone(&self) -> &'static str {
        match self.status {
            Some(200..=399) => "good",
            Some(_) => "warn",
            None => "bad",
        }
    }
}

/// `GET /`
pub(super) async fn show(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(original): OriginalUri,
    uri: Uri,
) -> Page {
    let now = sandbox.now();
    let world = sandbox.world();
    let accounts: Vec<_> = world.accounts.matching(None).collect();
    let is_active = |account: &&&Value| resource::flag(account, user::ACTIVE) != Some(false);
    let active = accounts.iter().filter(is_active).count();
    Page {
        says: describe::SAYS,
        stylesheet: sandbox.stylesheet.clone(),
        base: Base::path(&original, &uri),
        total: accounts.len(),
        suspended: accounts.len() - active,
        accounts: accounts.iter().rev().take(SHOWN).map(|account| line(account, now)).collect(),
        requests: world.requests.iter().map(|request| asked(request, now)).collect(),
        waiting: world.faults.next.iter().map(in_words).collect(),
        quirks: Quirk::ALL.iter().map(|&quirk| (quirk, world.faults.has(quirk))).collect(),
    }
}

/// For any other address that is not below `/scim/v2`.
pub(super) async fn not_found() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "There is nothing here. The sandbox has a page and /scim/v2.")
}

/// `GET /faults`: how it misbehaves now.
pub(super) async fn faults(State(sandbox): State<Arc<Sandbox>>) -> Json<Faults> {
    Json(sandbox.world().faults.clone())
}

/// `POST /faults`: takes the place of all that was set before, as JSON or from the page.
pub(super) async fn set_faults(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(original): OriginalUri,
    request: Request,
) -> Result<Response, Refused> {
    let kind = request.headers().get(header::CONTENT_TYPE).cloned();
    let is_form = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form"));
    let wrong = |says: &str| Refused::new(StatusCode::BAD_REQUEST, says);
    let faults = if is_form {
        let form = Form::<FaultsForm>::from_request(request, &()).await;
        form.map_err(|refused| wrong(&refused.to_string()))?.0.into()
    } else {
        let json = Json::<Faults>::from_request(request, &()).await;
        json.map_err(|refused| wrong(&refused.body_text()))?.0
    };
    faults.check().map_err(wrong)?;
    sandbox.misbehave(faults.clone());
    if is_form {
        let page = original.path().trim_end_matches("/faults");
        return Ok(Redirect::to(if page.is_empty() { "/" } else { page }).into_response());
    }
    Ok(Json(faults).into_response())
}

/// What the page's form says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FaultsForm {
    quirk: BTreeSet<Quirk>,
    times: String,
    method: String,
    what: String,
    seconds: String,
}

impl From<FaultsForm> for Faults {
    fn from(form: FaultsForm) -> Self {
        let seconds: Option<u32> = form.seconds.trim().parse().ok();
        let mishap = Mishap {
            method: Method::ALL.into_iter().find(|method| method.as_str() == form.method),
            times: form.times.trim().parse().unwrap_or(1),
            ..Mishap::default()
        };
        let mishap = match &*form.what {
            "slow" => Mishap { delay_ms: u64::from(seconds.unwrap_or(5)) * 1_000, ..mishap },
            "lost" => Mishap { lose_answer: true, ..mishap },
            "page" => Mishap { status: Some(200), html: true, ..mishap },
            status => Mishap { status: status.parse().ok(), retry_after: seconds, ..mishap },
        };
        let nothing = mishap.status.is_none() && mishap.delay_ms == 0 && !mishap.lose_answer;
        let next = if nothing { Vec::new() } else { vec![mishap] };
        Self { next, quirks: form.quirk }
    }
}

fn line(account: &Value, now: OffsetDateTime) -> Account {
    let text = |path| resource::text(account, path).unwrap_or_default().to_owned();
    let name = user::name(account);
    let changed = OffsetDateTime::parse(&text(user::LAST_MODIFIED), &Rfc3339).unwrap_or(now);
    Account {
        initials: initials(&name),
        name,
        user_name: text(user::USER_NAME),
        active: resource::flag(account, user::ACTIVE) != Some(false),
        title: text(user::TITLE),
        department: text(user::DEPARTMENT),
        id: text(user::ID),
        changed: moment(changed, now),
    }
}

fn asked(request: &Remembered, now: OffsetDateTime) -> Asked {
    Asked {
        at: moment(request.at, now),
        method: request.method.clone(),
        path: request.path.clone(),
        status: request.status,
    }
}

fn initials(name: &str) -> String {
    let mut words =
        name.split(|c: char| !c.is_alphanumeric()).filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

fn moment(at: OffsetDateTime, now: OffsetDateTime) -> Moment {
    let exact = at.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC"));
    let minutes = (now - at).whole_minutes();
    let words = match minutes {
        ..1 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1_440 => format!("{} h ago", minutes / 60),
        _ => format!("{} d ago", minutes / 1_440),
    };
    let machine = at.format(&Rfc3339).unwrap_or_default();
    Moment { machine, exact: exact.unwrap_or_default(), words }
}

fn in_words(mishap: &Mishap) -> String {
    let method = mishap.method.map_or("", Method::as_str);
    let who = match mishap.times {
        1 => format!("The next {method} request"),
        times => format!("The next {times} {method} requests"),
    };
    let mut what = Vec::new();
    if mishap.delay_ms > 0 {
        what.push(format!("waits {} ms", mishap.delay_ms));
    }
    if let Some(status) = mishap.status {
        let page = if mishap.html { " and a web page" } else { "" };
        what.push(format!("gets {status}{page}"));
    }
    if let Some(seconds) = mishap.retry_after {
        what.push(format!("is asked to come back in {seconds} s"));
    }
    if mishap.lose_answer {
        what.push("is worked, and its answer lost".to_owned());
    }
    format!("{}: {}.", who.replace("  ", " "), what.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::Duration;

    use super::*;

    #[test]
    fn an_account_is_shown_by_what_it_has() {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::days(2);
        let account = json!({
            "id": "7", "userName": "ana@example.com", "name": { "givenName": "Ana", "familyName": "de Lima" },
            "active": false, "meta": { "lastModified": "1970-01-02T23:00:00Z" },
        });

        let line = line(&account, now);

        assert_eq!((&*line.name, &*line.initials, line.active), ("Ana de Lima", "AL", false));
        assert_eq!(
            (&*line.changed.words, &*line.changed.exact),
            ("1 h ago", "1970-01-02 23:00:00 UTC")
        );
    }

    #[test]
    fn the_form_sets_what_it_says() {
        let form = |what: &str, seconds: &str| {
            let form = FaultsForm {
                what: what.to_owned(),
                seconds: seconds.to_owned(),
                times: "2".to_owned(),
                method: "POST".to_owned(),
                ..FaultsForm::default()
            };
            let faults = Faults::from(form);
            assert_eq!(faults.check(), Ok(()));
            faults.next.first().map(in_words)
        };

        let says = |text: &str| Some(format!("The next 2 POST requests: {text}."));
        assert_eq!(form("429", "3"), says("gets 429, is asked to come back in 3 s"));
        assert_eq!(form("lost", ""), says("is worked, and its answer lost"));
        assert_eq!(form("slow", ""), says("waits 5000 ms"));
        assert_eq!(form("page", ""), says("gets 200 and a web page"));
        assert_eq!(form("", "3"), None);
    }
}
