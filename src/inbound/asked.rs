//! What a query asks for (RFC 7644 section 3.4.2).

use axum::{extract::FromRequestParts, http::request::Parts};
use url::form_urlencoded;

use super::{InboundState, refused::Refused};
use crate::scim::projection::Projection;

/// The parameters of a query, by name in any case. What nobody knows is passed over: a base URL may
/// bring a parameter of its own (`?aadOptscim062020`), and some clients end every address in `?` or `&`.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) filter: Option<String>,
    pub(super) attributes: Option<String>,
    pub(super) excluded_attributes: Option<String>,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Refused> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name.to_ascii_lowercase() {
                "filter" => &mut asked.filter,
                "attributes" => &mut asked.attributes,
                "excludedattributes" => &mut asked.excluded_attributes,
                _ => continue,
            };
            if value.contains('\0') {
                return Err(Refused::value(format!(
                    "{name} holds the character U+0000: leave it out"
                )));
            }
            if place.is_some() {
                return Err(Refused::value(format!("{name} is given twice: give it once")));
            }
            *place = Some(value.into_owned());
        }
        Ok(asked)
    }

    /// Which attributes the answer shows.
    pub(super) fn projection(&self) -> Result<Projection, Refused> {
        let read =
            Projection::read(self.attributes.as_deref(), self.excluded_attributes.as_deref());
        Ok(read?)
    }
}

impl FromRequestParts<InboundState> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &InboundState) -> Result<Self, Refused> {
        Self::read(parts.uri.query().unwrap_or_default())
    }
}
