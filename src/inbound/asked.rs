//! What a query asks for, in an address or in a body (RFC 7644 sections 3.4.2 and 3.4.3).

use axum::{extract::FromRequestParts, http::request::Parts};
use serde_json::Value;
use url::form_urlencoded;

use super::{InboundState, PAGE, refused::Refused};
use crate::{
    directory::query::{Listing, Sort, Window},
    scim::{
        Error, ErrorType, Filter,
        list::{Paging, read_count},
        projection::Projection,
    },
};

/// The parameters of a query, by name in any case. What nobody knows is passed over: a base URL may
/// bring a parameter of its own (`?aadOptscim062020`), and some clients end every address in `?` or `&`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Asked {
    pub(super) filter: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
}

impl Asked {
    fn of_query(query: &str) -> Result<Self, Refused> {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            asked.put(&name, value.into_owned())?;
        }
        Ok(asked)
    }

    /// Reads a `SearchRequest`. Lists of names may be lists or texts, and numbers also texts.
    pub(super) fn of_body(body: &Value) -> Result<Self, Refused> {
        let Some(members) = body.as_object() else {
            let says = "the body must be a JSON object: a SearchRequest";
            return Err(Error::of(ErrorType::InvalidSyntax, says).into());
        };
        let mut asked = Self::default();
        for (name, value) in members {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Array(names) => {
                    names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
                }
                Value::Null | Value::Bool(_) | Value::Object(_) => continue,
            };
            asked.put(name, text)?;
        }
        Ok(asked)
    }

    fn put(&mut self, name: &str, value: String) -> Result<(), Refused> {
        let place = match &*name.to_ascii_lowercase() {
            "filter" => &mut self.filter,
            "attributes" => &mut self.attributes,
            "excludedattributes" => &mut self.excluded_attributes,
            "sortby" => &mut self.sort_by,
            "sortorder" => &mut self.sort_order,
            "startindex" => &mut self.start_index,
            "count" => &mut self.count,
            "cursor" => &mut self.cursor,
            _ => return Ok(()),
        };
        let is_filter = name.eq_ignore_ascii_case("filter");
        let kind = if is_filter { ErrorType::InvalidFilter } else { ErrorType::InvalidValue };
        let wrong = match &place {
            _ if value.contains('\0') => "holds the character U+0000: leave it out",
            Some(_) => "is given twice: give it once",
            None => {
                *place = Some(value);
                return Ok(());
            }
        };
        Err(Error::of(kind, format!("{name} {wrong}")).into())
    }

    /// Which attributes the answer shows.
    pub(super) fn projection(&self) -> Result<Projection, Refused> {
        let read =
            Projection::read(self.attributes.as_deref(), self.excluded_attributes.as_deref());
        Ok(read?)
    }

    /// Which resources are asked for.
    pub(super) fn listing(&self) -> Result<Listing, Refused> {
        let filter = self.filter.as_deref().filter(|filter| !filter.trim().is_empty());
        let filter = filter.map(str::parse::<Filter>).transpose()?;
        let sort = Sort::read(self.sort_by.as_deref(), self.sort_order.as_deref())?;
        Ok(Listing { filter, sort, window: self.window()? })
    }

    /// A cursor that is empty begins with the first page (RFC 9865 section 2).
    fn window(&self) -> Result<Window, Refused> {
        let count = self.count.as_deref();
        Ok(match &self.cursor {
            Some(cursor) => Window::Cursor {
                cursor: Some(cursor.clone()).filter(|cursor| !cursor.is_empty()),
                count: read_count(count, PAGE)?,
            },
            None => Window::Index(Paging::read(self.start_index.as_deref(), count, PAGE)?),
        })
    }
}

impl FromRequestParts<InboundState> for Asked {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &InboundState) -> Result<Self, Refused> {
        Self::of_query(parts.uri.query().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_and_a_body_ask_for_the_same() {
        let query = "filter=userName+eq+%22x%22&startIndex=3&COUNT=2&attributes=a,b&sortBy=title&";
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName eq \"x\"",
            "startIndex": 3, "count": "2", "attributes": ["a", "b"], "sortBy": "title", "cursor": null,
        });

        let asked = Asked::of_query(query).unwrap();

        assert_eq!(Asked::of_body(&body).unwrap(), asked);
        assert_eq!(asked.listing().unwrap().window, Window::Index(Paging { start: 3, count: 2 }));
    }

    #[test]
    fn an_empty_cursor_is_the_first_page() {
        let window = |query| Asked::of_query(query).unwrap().listing().unwrap().window;

        let cursor = None;
        assert_eq!(window("cursor&count=7"), Window::Cursor { cursor, count: 7 });
        let cursor = Some("abc".to_owned());
        assert_eq!(window("cursor=abc"), Window::Cursor { cursor, count: PAGE });
    }

    #[test]
    fn what_brings_nothing_is_as_good_as_nothing() {
        let nothing = Asked::of_query("").unwrap().listing().unwrap();

        for query in ["?", "aadOptscim062020", "&&", "filter=&sortBy=&count="] {
            assert_eq!(Asked::of_query(query).unwrap().listing().unwrap(), nothing, "{query}");
        }
    }
}
