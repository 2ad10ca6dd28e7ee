//! A row of the queue, drawn anew.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};

use super::{super::page, Asked, row::Drawing};
use crate::{
    access::Reader,
    directory,
    kernel::ActionId,
    queue,
    web::{
        parts::Icon, paths, problem::Problem, queue::QueueRow, routes::people::sources,
        session::May, state::WebState, surroundings::echosign,
    },
};

#[derive(Template)]
#[template(path = "queue_row.html")]
struct RowPage {
    row: QueueRow,
    by: Option<String>,
    here: String,
}

/// `GET /users/provisioning/{id}/row`
pub(in crate::web::routes) async fn row(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    Path(id): Path<ActionId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let action = queue::store::find(&state.pool, id).await?.ok_or_else(Problem::not_found)?;
    let people = directory::store::find_all(&state.pool, &[action.content.account]).await?;
    let people: HashMap<_, _> = people.into_iter().map(|user| (user.id, user)).collect();
    let app = echosign(&state).await?;
    let sources = sources(&state).await?;
    let now = state.clock.now();
    let drawing = Drawing { actor: reader.actor(), app: &app, people: &people, sources, now };
    page(&RowPage {
        row: drawing.row(&action),
        by: action.state.decision().map(|decision| decision.by.name().to_owned()),
        here: asked.at(asked.part()),
    })
}
