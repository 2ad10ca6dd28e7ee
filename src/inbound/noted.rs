//! What of a request is kept in the log of its source.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{OriginalUri, Request},
    response::Response,
};
use serde_json::Value;
use time::OffsetDateTime;

use super::refused::Said;
use crate::{
    directory::Source,
    queue,
    sources::log::{Caused, Entry, Masked},
};

/// A request that is under way.
pub(super) struct Noted {
    at: OffsetDateTime,
    method: String,
    path: String,
    sheet: Sheet,
}

/// Where the body is noted once it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet(Arc<OnceLock<Masked>>);

impl Sheet {
    pub(super) fn body(&self, body: &Value) {
        // A body is read once.
        let _ = self.0.set(Masked::of(body));
    }
}

impl Noted {
    pub(super) fn begin(at: OffsetDateTime, request: &Request) -> Self {
        let original = request.extensions().get::<OriginalUri>();
        let uri = original.map_or(request.uri(), |OriginalUri(uri)| uri);
        let path = uri.path_and_query().map_or(uri.path(), |both| both.as_str()).to_owned();
        Self { at, method: request.method().to_string(), path, sheet: Sheet::default() }
    }

    pub(super) fn sheet(&self) -> Sheet {
        self.sheet.clone()
    }

    pub(super) fn end(self, source: Source, now: OffsetDateTime, answer: &Response) -> Entry {
        let extensions = answer.extensions();
        let caused = extensions.get::<Vec<queue::Caused>>().map(Vec::as_slice).unwrap_or_default();
        Entry {
            source,
            at: self.at,
            method: self.method,
            path: self.path,
            status: answer.status().as_u16(),
            // A clock that was set back shows no time at all.
            duration: (now - self.at).try_into().unwrap_or_default(),
            body: self.sheet.0.get().cloned(),
            says: extensions.get().map(|Said(says)| says.clone()),
            caused: caused.iter().map(told).collect(),
        }
    }
}

fn told(caused: &queue::Caused) -> Caused {
    let queue::Caused { verb, action, number, kind } = *caused;
    Caused { verb, action, number, kind }
}
