//! Lists of people and groups (RFC 7644 sections 3.4.2 and 3.4.3, RFC 9865).

use std::collections::HashMap;

use axum::extract::State;
use serde_json::Value;

use super::{
    InboundState, answer::Scim, asked::Asked, enter::Client, refused::Refused, sent::Sent, shown,
};
use crate::{
    directory::{
        group_store,
        query::{self, Listed, Listing, QueryError, Window},
    },
    scim::{Error, ErrorType, list::ListResponse, list::Paging, projection::Projection},
};

pub(super) async fn users(
    State(state): State<InboundState>,
    client: Client,
    asked: Asked,
) -> Result<Scim, Refused> {
    list(&state, &client, &asked, Kind::Users).await
}

pub(super) async fn search_users(
    State(state): State<InboundState>,
    client: Client,
    Sent(body): Sent,
) -> Result<Scim, Refused> {
    list(&state, &client, &Asked::of_body(&body)?, Kind::Users).await
}

pub(super) async fn groups(
    State(state): State<InboundState>,
    client: Client,
    asked: Asked,
) -> Result<Scim, Refused> {
    list(&state, &client, &asked, Kind::Groups).await
}

pub(super) async fn search_groups(
    State(state): State<InboundState>,
    client: Client,
    Sent(body): Sent,
) -> Result<Scim, Refused> {
    list(&state, &client, &Asked::of_body(&body)?, Kind::Groups).await
}

pub(super) async fn all(
    State(state): State<InboundState>,
    client: Client,
    asked: Asked,
) -> Result<Scim, Refused> {
    list_all(&state, &client, &asked).await
}

pub(super) async fn search_all(
    State(state): State<InboundState>,
    client: Client,
    Sent(body): Sent,
) -> Result<Scim, Refused> {
    list_all(&state, &client, &Asked::of_body(&body)?).await
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Users,
    Groups,
}

async fn list(
    state: &InboundState,
    client: &Client,
    asked: &Asked,
    kind: Kind,
) -> Result<Scim, Refused> {
    let (projection, listing) = (asked.projection()?, asked.listing()?);
    let page = find(state, client, &projection, &listing, kind).await?;
    Ok(answer(page, &listing.window))
}

/// People first, then groups: one list, whose places are counted through both.
async fn list_all(state: &InboundState, client: &Client, asked: &Asked) -> Result<Scim, Refused> {
    let (projection, listing) = (asked.projection()?, asked.listing()?);
    let Window::Index(Paging { start, count }) = listing.window else {
        let says =
            "users and groups together have no cursor: page by startIndex, or ask for one of them";
        return Err(Error::of(ErrorType::InvalidCursor, says).into());
    };
    let people = find(state, client, &projection, &listing, Kind::Users).await;
    let before = people.as_ref().map_or(0, |people| people.total);
    let taken = people.as_ref().map_or(0, |people| people.items.len());
    let start = start.saturating_sub(usize::try_from(before).unwrap_or(usize::MAX)).max(1);
    let rest = Window::Index(Paging { start, count: count - taken });
    let rest = Listing { window: rest, ..listing.clone() };
    let groups = find(state, client, &projection, &rest, Kind::Groups).await;
    // An attribute that only one of both has finds nothing in the other (RFC 7644 section 3.4.2.1).
    let page = match (people, groups) {
        (Ok(mut people), Ok(groups)) => {
            people.items.extend(groups.items);
            Listed { total: people.total + groups.total, ..people }
        }
        (Ok(page), Err(QueryError::Refused(_))) | (Err(QueryError::Refused(_)), Ok(page)) => page,
        (Err(error), _) | (_, Err(error)) => return Err(error.into()),
    };
    Ok(answer(page, &listing.window))
}

/// The resources of a page as they are shown. What is not shown is not read.
async fn find(
    state: &InboundState,
    client: &Client,
    projection: &Projection,
    listing: &Listing,
    kind: Kind,
) -> Result<Listed<Value>, QueryError> {
    let source = &client.source;
    match kind {
        Kind::Users => {
            let Listed { items, total, next } = query::users(&state.pool, source, listing).await?;
            let ids: Vec<_> = items.iter().map(|user| user.id).collect();
            let groups = if projection.shows("groups") && !ids.is_empty() {
                group_store::groups_of(&state.pool, source, &ids).await?
            } else {
                HashMap::new()
            };
            let items = items.into_iter().map(|user| {
                let groups = groups.get(&user.id).map(Vec::as_slice).unwrap_or_default();
                shown::user(state, projection, source, user, groups)
            });
            Ok(Listed { items: items.collect(), total, next })
        }
        Kind::Groups => {
            let Listed { items, total, next } = query::groups(&state.pool, source, listing).await?;
            let ids: Vec<_> = items.iter().map(|group| group.id).collect();
            let members = if projection.shows("members") && !ids.is_empty() {
                group_store::members_of(&state.pool, &ids).await?
            } else {
                HashMap::new()
            };
            let items = items.into_iter().map(|group| {
                let members = members.get(&group.id).map(Vec::as_slice).unwrap_or_default();
                shown::group(state, projection, group, members)
            });
            Ok(Listed { items: items.collect(), total, next })
        }
    }
}

fn answer(page: Listed<Value>, window: &Window) -> Scim {
    let Listed { items: resources, total, next } = page;
    let start = match window {
        Window::Index(paging) => Some(paging.start as u64),
        Window::Cursor { .. } => None,
    };
    Scim(ListResponse { total: Some(total), start, next, resources }.to_value())
}
