//! The form for a person, new or known.

use axum::{
    Form,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use tower_sessions::Session;

use super::{
    lead_to, page, page_with,
    people::{present, way_to},
};
use crate::{
    access::{Actor, Operator},
    apps::{App, change::Kind},
    directory::{Draft, FieldError, Source, User},
    kernel::UserId,
    queue::people::{self, Wish},
    web::{
        paths,
        person_form::PersonForm,
        problem::Problem,
        session::{self, May},
        shell::{Crumb, Place, Shell},
        state::WebState,
        surroundings::echosign,
    },
};

/// `GET /users/new`
pub(super) async fn new(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
) -> Result<Response, Problem> {
    let form = adding(&state, &session, operator.actor(), &Draft::default(), &[]).await?;
    page(&form)
}

async fn adding(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    typed: &Draft,
    errors: &[FieldError],
) -> Result<PersonForm, Problem> {
    let shell = Shell::load(state, session, actor, "Add a person", Place::People).await?;
    let shell =
        shell.by_way_of([Crumb::at("Users"), Crumb::to("People", paths::PEOPLE), Crumb::at("Add")]);
    let form = PersonForm::adding(shell, typed, errors);
    Ok(noting(form, &echosign(state).await?, Kind::Create))
}

/// Says what saving does in the app.
fn noting(form: PersonForm, app: &App, kind: Kind) -> PersonForm {
    let what = if kind == Kind::Create { "The new account" } else { "The change" };
    match app.provisioning.enabled {
        true if app.provisioning.approve.require(kind) => form.noting(format!(
            "{what} is sent to {} once it is approved under Provisioning.",
            app.name
        )),
        true => {
            form.noting(format!("{what} is sent to {} at once: no approval is required.", app.name))
        }
        false => form,
    }
}

/// `POST /users`
pub(super) async fn add(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Form(typed): Form<Draft>,
) -> Result<Response, Problem> {
    let wish = Wish { draft: typed, active: true };
    let now = state.clock.now();
    match people::add(&state.pool, now, &operator, Source::console(), &wish).await {
        Ok(user) => {
            session::say(&session, format!("{} was added.", user.profile.name())).await?;
            Ok(lead_to(&paths::person(user.id)))
        }
        Err(error) => {
            let Some(errors) = error.fields() else { return Err(error.into()) };
            let form = adding(&state, &session, operator.actor(), &wish.draft, errors).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
    }
}

/// `GET /users/{id}/edit`
pub(super) async fn edit_form(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<UserId>,
) -> Result<Response, Problem> {
    let user = present(&state, id).await?;
    let known = Draft::from(&user.profile);
    page(&editing(&state, &session, operator.actor(), &user, &known, &[]).await?)
}

async fn editing(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    user: &User,
    typed: &Draft,
    errors: &[FieldError],
) -> Result<PersonForm, Problem> {
    let title = format!("Edit {}", user.profile.name());
    let shell = Shell::load(state, session, actor, &title, Place::People).await?;
    let shell = shell.by_way_of(way_to(user, "Edit"));
    Ok(noting(
        PersonForm::editing(shell, user.id, typed, errors),
        &echosign(state).await?,
        Kind::Update,
    ))
}

/// `POST /users/{id}/edit`
pub(super) async fn edit(
    State(state): State<WebState>,
    May(operator): May<Operator>,
    session: Session,
    Path(id): Path<UserId>,
    Form(typed): Form<Draft>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let draft = typed.clone();
    match people::edit(&state.pool, now, &operator, Source::console(), id, |wish| {
        wish.draft = draft;
    })
    .await
    {
        Ok(user) => {
            session::say(&session, format!("{} was saved.", user.profile.name())).await?;
            Ok(lead_to(&paths::person(id)))
        }
        Err(error) => {
            let Some(errors) = error.fields() else { return Err(error.into()) };
            let user = present(&state, id).await?;
            let form = editing(&state, &session, operator.actor(), &user, &typed, errors).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
    }
}
