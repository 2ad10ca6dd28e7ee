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
pub mod faults;
mod journal;
mod layers;
mod page;
mod requests;
mod users;
mod world;

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, middleware, routing::get};
use serde_json::Value;
use time::OffsetDateTime;
use tower_http::csrf::CsrfLayer;

pub use self::journal::JournalError;
use self::{faults::Faults, journal::Journal, world::World};
use crate::{kernel::Clock, scim};

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

    /// Puts accounts in, each as the body of a POST would say it (`externalId` included), and
    /// returns their ids in the same order. They may be suspended already.
    ///
    /// # Errors
    /// The refusal of the first that is refused, as a POST would be; those before it are in.
    pub fn seed(&self, users: impl IntoIterator<Item = Value>) -> Result<Vec<String>, scim::Error> {
        let now = self.clock.now();
        let mut world = self.world();
        users.into_iter().map(|user| world.create(&user, now)).collect()
    }

    /// How it misbehaves from now on.
    pub fn misbehave(&self, faults: Faults) {
        self.world().faults = faults;
    }

    /// Everything below its mount point: `/` is its page, `/scim/v2` its SCIM service and
    /// `/faults` how it misbehaves.
    pub fn router(self: Arc<Self>) -> Router {
        let sandbox = Arc::clone(&self);
        let scim = Router::new()
            .merge(users::routes())
            .merge(describe::routes())
            .fallback(answer::not_found)
            .method_not_allowed_fallback(answer::wrong_method)
            .layer(middleware::from_fn_with_state(Arc::clone(&self), layers::go_wrong))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), layers::authorise))
            .layer(middleware::from_fn_with_state(Arc::clone(&self), layers::remember));
        let pages = Router::new()
            .route("/", get(page::show))
            .route("/faults", get(page::faults).post(page::set_faults))
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
