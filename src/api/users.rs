//! People: read, add, change, delete.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header::LOCATION},
    response::IntoResponse,
};
use serde::Serialize;
use time::{OffsetDateTime, serde::rfc3339};

use super::{ApiState, Listed, body::Body, path::In, problem::Problem, proof::May, query::Query};
use crate::{
    access::{Operator, Reader},
    directory::{Draft, Source, User, store},
    kernel::UserId,
    queue::people::{self, PeopleError, Wish},
};

/// A person, as told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserView {
    id: UserId,
    user_name: String,
    given_name: Option<String>,
    family_name: Option<String>,
    display_name: Option<String>,
    email: Option<String>,
    title: Option<String>,
    department: Option<String>,
    phone: Option<String>,
    active: bool,
    source: String,
    #[serde(with = "rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "rfc3339")]
    updated_at: OffsetDateTime,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let Draft {
            user_name,
            given_name,
            family_name,
            display_name,
            email,
            title,
            department,
            phone,
        } = Draft::from(&user.profile);
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            id: user.id,
            user_name,
            given_name: some(given_name),
            family_name: some(family_name),
            display_name: some(display_name),
            email: some(email),
            title: some(title),
            department: some(department),
            phone: some(phone),
            active: user.active,
            source: user.source.0,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// One page of the people, by name.
pub(super) async fn list(
    State(state): State<ApiState>,
    May(_): May<Reader>,
    mut query: Query,
) -> Result<Json<Listed<UserView>>, Problem> {
    let words = query.text("q").unwrap_or_default();
    let page = query.page();
    query.finish()?;

    let page = store::list(&state.pool, &words, page.cursor.as_deref(), page.limit).await?;
    Ok(Json(page.map(UserView::from).into()))
}

/// One person.
pub(super) async fn show(
    State(state): State<ApiState>,
    May(_): May<Reader>,
    In(id): In<UserId>,
) -> Result<Json<UserView>, Problem> {
    let user = store::find(&state.pool, id).await?.filter(|user| user.deleted_at.is_none());
    let user = user.ok_or(PeopleError::NotFound)?;
    Ok(Json(user.into()))
}

/// Adds a person.
pub(super) async fn add(
    State(state): State<ApiState>,
    May(operator): May<Operator>,
    body: Body,
) -> Result<impl IntoResponse, Problem> {
    let mut wish = Wish { draft: Draft::default(), active: true };
    Edit::read(body)?.apply(&mut wish);

    let user = people::add(&state.pool, state.clock.now(), &operator, Source::api(), &wish).await?;
    let location = format!("/api/v1/users/{}", user.id);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(UserView::from(user))))
}

/// Changes a person by a merge patch (RFC 7396): absent is unchanged, `null` removes.
pub(super) async fn edit(
    State(state): State<ApiState>,
    May(operator): May<Operator>,
    In(id): In<UserId>,
    body: Body,
) -> Result<Json<UserView>, Problem> {
    let edit = Edit::read(body)?;

    let apply = |wish: &mut Wish| edit.apply(wish);
    let user =
        people::edit(&state.pool, state.clock.now(), &operator, Source::api(), id, apply).await?;
    Ok(Json(user.into()))
}

/// Deletes a person.
pub(super) async fn delete(
    State(state): State<ApiState>,
    May(operator): May<Operator>,
    In(id): In<UserId>,
) -> Result<StatusCode, Problem> {
    people::delete(&state.pool, state.clock.now(), &operator, Source::api(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

type Slot = fn(&mut Draft) -> &mut String;

const TEXTS: [(&str, Slot); 8] = [
    ("userName", |draft| &mut draft.user_name),
    ("givenName", |draft| &mut draft.given_name),
    ("familyName", |draft| &mut draft.family_name),
    ("displayName", |draft| &mut draft.display_name),
    ("email", |draft| &mut draft.email),
    ("title", |draft| &mut draft.title),
    ("department", |draft| &mut draft.department),
    ("phone", |draft| &mut draft.phone),
];

/// What a body says of a person; nothing of what it leaves out.
struct Edit {
    texts: Vec<(Slot, String)>,
    active: Option<bool>,
}

impl Edit {
    fn read(mut body: Body) -> Result<Self, Problem> {
        let texts =
            TEXTS.iter().filter_map(|(name, slot)| Some((*slot, body.text(name)?))).collect();
        let active = body.flag("active");
        body.finish(Some(Self { texts, active }))
    }

    fn apply(self, wish: &mut Wish) {
        for (slot, text) in self.texts {
            *slot(&mut wish.draft) = text;
        }
        wish.active = self.active.unwrap_or(wish.active);
    }
}
