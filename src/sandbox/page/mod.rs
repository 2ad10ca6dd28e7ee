//! The page: who has an account, what was asked last, and how it misbehaves.

mod form;
mod words;

use std::sync::Arc;

use askama::Template;
use askama_web::WebTemplate;
use axum::{
    Json,
    extract::{FromRequest, OriginalUri, Request, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::Form;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

use self::form::FaultsForm;
use super::{
    Sandbox,
    answer::{Base, Refused},
    describe,
    effects::Effect,
    faults::{Faults, Method, Quirk, What},
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
    misbehaves: bool,
    form: FaultsForm,
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
    status: u16,
    what: Option<What>,
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
        match (self.what, self.status) {
            (Some(What::Reset | What::LoseAnswer), _) => "bad",
            (None, 200..=399) => "good",
            _ => "warn",
        }
    }

    /// What the client got.
    fn got(&self) -> String {
        match self.what {
            Some(What::Reset) => "reset".to_owned(),
            Some(What::LoseAnswer) => "lost".to_owned(),
            Some(What::Truncate) => format!("{} cut", self.status),
            Some(What::Pretend) => format!("{} pretended", self.status),
            None => self.status.to_string(),
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
        waiting: words::waiting(&world.faults),
        misbehaves: world.faults != Faults::default(),
        form: FaultsForm::of(&world.faults),
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

/// `GET /effects`: what really changed.
pub(super) async fn effects(
    State(sandbox): State<Arc<Sandbox>>,
) -> Result<Json<Vec<Effect>>, Refused> {
    let recorded = sandbox.world().effects.all().map(<[Effect]>::to_vec);
    let says = "no effects are recorded here: that is asked for when the sandbox is made";
    recorded.map(Json).ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, says))
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
    faults.check().map_err(|impossible| wrong(&impossible.to_string()))?;
    sandbox.misbehave(faults.clone());
    if is_form {
        let page = original.path().trim_end_matches("/faults");
        return Ok(Redirect::to(if page.is_empty() { "/" } else { page }).into_response());
    }
    Ok(Json(faults).into_response())
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
        what: request.what,
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
}
