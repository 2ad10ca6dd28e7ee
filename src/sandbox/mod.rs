//! A stand-in for EchoSign over SCIM 2.0, for the demo, for development and for tests.
//!
//! May use: kernel, scim.
//!
//! It says what it is on its page and in its `ServiceProviderConfig`. Nothing here reaches
//! Adobe, and nothing outside this room knows that it is no real app. Asked to, it does
//! wrong what real services were seen to do wrong.

mod accounts;
mod answer;
mod describe;
mod effects;
pub mod faults;
mod journal;
mod layers;
mod look_ups;
mod page;
mod requests;
mod strict;
mod users;
mod world;
mod wrong;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, middleware, routing::get};
use serde_json::Value;
use time::OffsetDateTime;
use tower_http::csrf::CsrfLayer;

use self::{effects::Effects, faults::Faults, journal::Journal, world::World};
pub use self::{
    effects::{Changed, Effect, EffectKind},
    journal::JournalError,
};
use crate::{
    kernel::Clock,
    scim::{self, resource, user},
};

/// The stand-in.
pub struct Sandbox {
    token: String,
    clock: Arc<dyn Clock>,
    stylesheet: String,
    world: Mutex<World>,
}

impl Sandbox {
    /// An EchoSign without accounts that takes `token`. Its page links the style sheet at the
    /// address `stylesheet`.
    #[must_use]
    pub fn new(
        token: impl Into<String>,
        clock: Arc<dyn Clock>,
        stylesheet: impl Into<String>,
    ) -> Self {
        Self { token: token.into(), clock, stylesheet: stylesheet.into(), world: Mutex::default() }
    }

    /// Takes the accounts that `file` keeps, and keeps every change there from now on.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or cannot be written.
    pub fn kept_in(self, file: impl AsRef<Path>) -> Result<Self, JournalError> {
        let (journal, kept) = Journal::open(file.as_ref())?;
        let mut world = self.world();
        world.journal = journal;
        world.accounts = kept.into_iter().collect();
        drop(world);
        Ok(self)
    }

    /// Records every change of what it keeps from now on, which grows for as long as it runs.
    #[must_use]
    pub fn recording(self) -> Self {
        self.world().effects = Effects::recording();
        self
    }

    /// What really changed since [`Sandbox::recording`], in its order; nothing without it.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        self.world().effects.all().unwrap_or_default().to_vec()
    }

    /// What it keeps, in the order it was made, whatever look-ups show of it.
    #[must_use]
    pub fn accounts(&self) -> Vec<Value> {
        self.world().accounts.matching(None).cloned().collect()
    }

    /// Puts accounts in, each as the body of a POST would say it (`externalId` included), and
    /// returns their ids in the same order. They may be suspended already.
    ///
    /// # Errors
    /// The refusal of the first that is refused, as a POST would be; those before it are in.
    pub fn seed(&self, users: impl IntoIterator<Item = Value>) -> Result<Vec<String>, scim::Error> {
        let now = self.clock.now();
        let mut world = self.world();
        let mut put = |user: Value| {
            let account = world.drafted(&user, now)?;
            let id = resource::text(&account, user::ID).unwrap_or_default().to_owned();
            world.keep(account)?;
            Ok(id)
        };
        users.into_iter().map(&mut put).collect()
    }

    /// How it misbehaves from now on.
    pub fn misbehave(&self, faults: Faults) {
        self.world().faults = faults;
    }

    /// Everything below its mount point: `/` is its page, `/scim/v2` its SCIM service,
    /// `/faults` how it misbehaves and `/effects` what really changed.
    pub fn router(self: Arc<Self>) -> Router {
        let sandbox = Arc::clone(&self);
        let scim = Router::new()
            .merge(users::routes())
            .merge(describe::routes())
            .fallback(answer::not_found)
            .method_not_allowed_fallback(answer::wrong_method)
            .layer(middleware::from_fn_with_state(Arc::clone(&self), wrong::go_wrong))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), layers::authorise))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), layers::remember))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), wrong::hang_up));
        let pages = Router::new()
            .route("/", get(page::show))
            .route("/faults", get(page::faults).post(page::set_faults))
            .route("/effects", get(page::effects))
            // Without one of its own, a router that is nested twice loses the fallback of the inner one.
            .fallback(page::not_found)
            .layer(middleware::from_fn(layers::protect))
            .layer(CsrfLayer::new());
        pages.nest("/scim/v2", scim).with_state(sandbox)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("world", &self.world).finish_non_exhaustive()
    }
}
