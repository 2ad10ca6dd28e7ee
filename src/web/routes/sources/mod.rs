//! Sources: the list, a source, its tokens.

mod told;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use self::told::{
    address_warnings, overlap, pasted, request_row, source_row, state_of, token_line,
};
use super::{lead_to, page, page_with, query};
use crate::{
    access::{Actor, Owner, Reader},
    directory::{FieldError, Source},
    kernel::TokenId,
    sources::{self, Client, Created, Overlap, Provider, SourceError, log},
    web::{
        parts::{Empty, Field, GuideBlock, Icon, Moment, Pager, Tab, counted},
        paths,
        problem::Problem,
        session::{self, May},
        shell::{Crumb, Place, Shell, done},
        sources::SourcesPage,
        sources_form::{ReadyPage, SourceForm},
        sources_page::{SourcePage, TokenForms},
        state::WebState,
        surroundings::at_most,
    },
};

/// How many requests a page shows.
const PAGE: usize = 50;

/// `GET /settings/sources`
pub(super) async fn list(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let clients = sources::list(&state.pool, now).await?;
    let shell = Shell::load(&state, &session, reader.actor(), "Sources", Place::Sources).await?;
    page(&SourcesPage {
        shell: shell.by_way_of([Crumb::at("Settings"), Crumb::at("Sources")]),
        may_edit: reader.actor().owner().is_ok(),
        rows: clients.iter().map(|client| source_row(client, now)).collect(),
    })
}

/// `GET /settings/sources/new`
pub(super) async fn new(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
) -> Result<Response, Problem> {
    let typed = TypedSource { name: String::new(), provider: Provider::Okta };
    page(&form(&state, &session, owner.actor(), &typed, &[]).await?)
}

#[derive(Deserialize)]
pub(super) struct TypedSource {
    name: String,
    provider: Provider,
}

async fn form(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    typed: &TypedSource,
    errors: &[FieldError],
) -> Result<SourceForm, Problem> {
    let shell = Shell::load(state, session, actor, "Add a source", Place::Sources).await?;
    let way = [Crumb::at("Settings"), Crumb::to("Sources", paths::SOURCES), Crumb::at("Add")];
    let warnings = address_warnings(&base_url(state), None, false);
    Ok(SourceForm::new(shell.by_way_of(way), &typed.name, typed.provider, warnings, errors))
}

fn base_url(state: &WebState) -> String {
    format!("{}{}", state.origin, sources::SCIM_PATH)
}

/// `POST /settings/sources`
pub(super) async fn add(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Form(typed): Form<TypedSource>,
) -> Result<Response, Problem> {
    let now = state.clock.now();
    match sources::create(&state.pool, now, &owner, &typed.name, typed.provider).await {
        Ok(created) => ready(&state, &session, owner.actor(), created, "was added").await,
        // A reload of the answer comes here too: it makes no second source.
        Err(error @ (SourceError::Name | SourceError::Taken)) => {
            let errors = [FieldError { field: "name", says: error.to_string() }];
            let form = form(&state, &session, owner.actor(), &typed, &errors).await?;
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &form)
        }
        Err(error) => Err(error.into()),
    }
}

/// Shows a new token, this once. The answer is the page itself: a token has no place in an address
/// or a session. Every page of ours is answered with `Cache-Control: no-store`.
async fn ready(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    created: Created,
    what: &str,
) -> Result<Response, Problem> {
    let Created { source, secret } = created;
    let client = present(state, &source).await?;
    let shell = Shell::load(state, session, actor, &client.name, Place::Sources).await?;
    let base_url = base_url(state);
    let pasted = pasted(client.provider, &base_url);
    page(&ReadyPage {
        shell: shell.by_way_of(way_to(&client)),
        href: paths::source(&source),
        done: done(format!("{} {what}.", client.name)),
        warnings: address_warnings(&base_url, Some(client.provider), client.last_seen().is_some()),
        base_label: pasted.base_label,
        base_url: pasted.base_url,
        token_label: pasted.token_label,
        token: secret,
        guide: GuideBlock::of(client.provider),
        name: client.name,
    })
}

async fn present(state: &WebState, source: &Source) -> Result<Client, Problem> {
    let client = sources::find(&state.pool, state.clock.now(), source).await?;
    client.ok_or_else(Problem::not_found)
}

fn way_to(client: &Client) -> [Crumb; 3] {
    let sources = Crumb::to("Sources", paths::SOURCES);
    [Crumb::at("Settings"), sources, Crumb::at(&client.name)]
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    show: String,
    cursor: Option<String>,
}

/// What the list of refused requests is asked for with.
const REFUSED: &str = "refused";

fn address(source: &Source, show: &str, cursor: &str) -> String {
    format!("{}{}", paths::source(source), query(&[("show", show), ("cursor", cursor)]))
}

/// `GET /settings/sources/{source}`
pub(super) async fn show(
    State(state): State<WebState>,
    May(reader): May<Reader>,
    session: Session,
    Path(source): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let client = present(&state, &Source(source)).await?;
    page(&source_page(&state, &session, reader.actor(), &client, &asked, &[]).await?)
}

async fn source_page(
    state: &WebState,
    session: &Session,
    actor: &Actor,
    client: &Client,
    asked: &Asked,
    errors: &[FieldError],
) -> Result<SourcePage, Problem> {
    let now = state.clock.now();
    let (source, refused) = (&client.source, asked.show == REFUSED);
    let show = if refused { REFUSED } else { "" };
    let cursor = asked.cursor.as_deref();
    let requests = log::store::list(&state.pool, source, refused, cursor, PAGE).await?;
    let rows: Vec<_> = requests.items.iter().map(|one| request_row(one, now)).collect();
    let shell = Shell::load(state, session, actor, &client.name, Place::Sources).await?;
    let base_url = base_url(state);
    let tab = |name, show: &str, here| Tab {
        href: address(source, show, ""),
        name,
        count: None,
        bad: false,
        here,
    };
    Ok(SourcePage {
        shell: shell.by_way_of(way_to(client)),
        product: client.provider.name(),
        state: state_of(client),
        seen: client.last_seen().map(|at| Moment::ago(at, now)),
        today: at_most(client.traffic.today),
        warnings: address_warnings(&base_url, Some(client.provider), client.last_seen().is_some()),
        tabs: [tab("All requests", "", !refused), tab("Refused", REFUSED, refused)],
        empty: empty(client, refused),
        pager: Pager {
            previous: None,
            first: asked.cursor.is_some().then(|| address(source, show, "")),
            next: requests.next.as_deref().map(|next| address(source, show, next)),
            onward: "Older",
            shown: counted(rows.len(), "request", "requests"),
        },
        rows,
        base_url: pasted(client.provider, &base_url).base_url,
        tokens: client.tokens.iter().map(|token| token_line(token, now)).collect(),
        forms: actor.owner().is_ok().then(|| forms(client, errors)),
        guide: GuideBlock::of(client.provider),
    })
}

fn empty(client: &Client, refused: bool) -> Empty {
    if refused {
        let says = "Every request that is kept was answered as it was asked.".to_owned();
        let next = Some((paths::source(&client.source), "Show all requests"));
        return Empty { icon: Icon::Good, title: "Nothing was refused", says, next };
    }
    let says = told::first_try(client.provider).to_owned();
    Empty { icon: Icon::Inbox, title: "Nothing yet", says, next: None }
}

fn forms(client: &Client, errors: &[FieldError]) -> TokenForms {
    TokenForms {
        rotate: paths::source_step(&client.source, "rotate"),
        newest: client.newest.map(|newest| newest.to_string()).unwrap_or_default(),
        overlap: overlap(),
        revoke: paths::source_step(&client.source, "revoke"),
        name: Field::text("name", "Type the name of the source", "").required().refused(errors),
    }
}

#[derive(Deserialize)]
pub(super) struct Rotation {
    newest: String,
    overlap: Overlap,
}

/// `POST /settings/sources/{source}/rotate`
pub(super) async fn rotate(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Path(source): Path<String>,
    Form(asked): Form<Rotation>,
) -> Result<Response, Problem> {
    let newest: Option<TokenId> = asked.newest.parse().ok();
    let (source, now) = (Source(source), state.clock.now());
    let created = sources::rotate(&state.pool, now, &owner, &source, newest, asked.overlap).await?;
    ready(&state, &session, owner.actor(), created, "has a new token").await
}

#[derive(Deserialize)]
pub(super) struct Revocation {
    name: String,
}

/// `POST /settings/sources/{source}/revoke`
pub(super) async fn revoke(
    State(state): State<WebState>,
    May(owner): May<Owner>,
    session: Session,
    Path(source): Path<String>,
    Form(typed): Form<Revocation>,
) -> Result<Response, Problem> {
    let client = present(&state, &Source(source)).await?;
    if typed.name.trim() != client.name {
        let says = format!("Type {}, just as it is called, to revoke it.", client.name);
        let errors = [FieldError { field: "name", says }];
        let asked = Asked::default();
        let drawn = source_page(&state, &session, owner.actor(), &client, &asked, &errors).await?;
        return page_with(StatusCode::UNPROCESSABLE_ENTITY, &drawn);
    }
    sources::revoke(&state.pool, state.clock.now(), &owner, &client.source).await?;
    session::say(&session, format!("{} is revoked: no token of it is good.", client.name)).await?;
    Ok(lead_to(&paths::source(&client.source)))
}
