//! Leaves out of a request what may be personal. What stays is its shape: names, and the words of the standard.

mod expression;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;
use uuid::Uuid;

use self::expression::{expression, is_space};
use crate::kernel::{GroupId, UserId};

/// What stands where something was left out.
const LEFT_OUT: &str = "…";
/// The same for a number.
const NUMBER: &str = "… (a number)";
/// How deep a body is kept.
const DEEP: usize = 8;
/// How many items of a list are kept.
const ITEMS: usize = 20;
/// How many values of a body are kept in all.
const VALUES: usize = 400;
/// The longest name that is kept, in characters.
const NAME: usize = 120;
/// The longest path with its query, and the longest sentence, in characters.
const LONGEST: usize = 1_000;

/// Words that the standard gives a meaning to (RFC 7643, RFC 7644), and their old forms (SCIM 1.1).
/// None of them says who somebody is.
const WORDS: [&str; 34] = [
    "add",
    "replace",
    "remove",
    "delete",
    "true",
    "false",
    "null",
    "work",
    "home",
    "other",
    "mobile",
    "fax",
    "pager",
    "photo",
    "thumbnail",
    "aim",
    "gtalk",
    "icq",
    "xmpp",
    "msn",
    "skype",
    "qq",
    "yahoo",
    "user",
    "group",
    "direct",
    "indirect",
    "ascending",
    "descending",
    "get",
    "post",
    "put",
    "patch",
    "head",
];
/// What begins the name of a schema.
const SCHEMAS: [&str; 3] = [
    "urn:ietf:params:scim:",
    "urn:scim:schemas:",
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/",
];
/// Numbers of the standard's messages.
const COUNTS: [&str; 6] =
    ["startindex", "count", "itemsperpage", "totalresults", "failonerrors", "status"];

/// A body without what may be personal: names, structure and the words of the standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked(Json);

impl Masked {
    /// Masks a body. What it costs is bounded, however large the body is: it looks at 400 values at most.
    #[must_use]
    pub fn of(body: &Json) -> Self {
        let mut left = VALUES;
        Self(value("", body, DEEP, &mut left))
    }

    /// The body's shape.
    #[must_use]
    pub const fn as_json(&self) -> &Json {
        &self.0
    }
}

fn value(name: &str, json: &Json, depth: usize, left: &mut usize) -> Json {
    if *left == 0 {
        return LEFT_OUT.into();
    }
    *left -= 1;
    match json {
        Json::Null | Json::Bool(_) => json.clone(),
        Json::Number(_) if is_one_of(&COUNTS, name) => json.clone(),
        Json::Number(_) => NUMBER.into(),
        Json::String(text) => self::text(name, text).into(),
        Json::Array(_) | Json::Object(_) if depth == 0 => LEFT_OUT.into(),
        Json::Array(items) => {
            let kept = items.iter().take(ITEMS);
            let mut kept: Vec<_> = kept.map(|item| value(name, item, depth - 1, left)).collect();
            if let Some(more) = items.len().checked_sub(ITEMS).filter(|more| *more > 0) {
                kept.push(format!("+{more}").into());
            }
            kept.into()
        }
        Json::Object(object) => {
            let mut kept = Map::new();
            for (key, json) in object {
                if *left == 0 {
                    kept.insert(
                        LEFT_OUT.to_owned(),
                        format!("+{}", object.len() - kept.len()).into(),
                    );
                    break;
                }
                kept.insert(self::name(key), value(key, json, depth - 1, left));
            }
            kept.into()
        }
    }
}

/// The text of a value, by the name that it stands under.
fn text(name: &str, text: &str) -> String {
    match &*name.to_ascii_lowercase() {
        _ if text.is_empty() || is_one_of(&WORDS, text) || is_id(text) => text.to_owned(),
        "schemas" if SCHEMAS.iter().any(|schema| text.starts_with(schema)) => self::name(text),
        "path" if text.starts_with('/') => path(text),
        "path" | "sortby" => self::name(text),
        "attributes" | "excludedattributes" => names(text),
        "filter" => expression(text, false),
        _ => LEFT_OUT.to_owned(),
    }
}

fn is_one_of(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// An id that was drawn, not chosen: ours, or another's UUID.
fn is_id(text: &str) -> bool {
    text.parse::<UserId>().is_ok()
        || text.parse::<GroupId>().is_ok()
        || Uuid::try_parse(text).is_ok()
}

/// Whether it reads as the name of an attribute.
fn is_name(text: &str) -> bool {
    text.len() <= NAME
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || "$._".contains(c))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "$._:-/".contains(c))
}

/// The path of an attribute: `name.givenName`, `emails[type eq "work"].value`.
fn name(text: &str) -> String {
    expression(text, true)
}

fn names(list: &str) -> String {
    list.split(',').take(ITEMS).map(|one| name(one.trim())).collect::<Vec<_>>().join(",")
}

/// An address without what a filter in it looks for. Ids stay.
pub(super) fn path(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut masked = String::new();
    let mut before = String::new();
    for (at, segment) in path.split('/').enumerate() {
        let segment = percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let is_known = match &*before.to_ascii_lowercase() {
            "users" | "groups" => is_id(&segment) || segment == ".search",
            _ => is_name(&segment),
        };
        masked.push_str(if at == 0 { "" } else { "/" });
        masked.push_str(if segment.is_empty() || is_known { &segment } else { LEFT_OUT });
        before = segment;
    }
    for (at, (key, value)) in form_urlencoded::parse(query.as_bytes()).enumerate() {
        masked.push(if at == 0 { '?' } else { '&' });
        masked.push_str(if is_name(&key) { &key } else { LEFT_OUT });
        if !value.is_empty() {
            masked.push('=');
            masked.push_str(&parameter(&key, &value));
        }
    }
    cut(&masked).into_owned()
}

fn parameter(key: &str, value: &str) -> String {
    let is_number = value.len() <= 12 && value.parse::<i64>().is_ok();
    if is_one_of(&COUNTS, key) && is_number {
        return value.to_owned();
    }
    text(key, value)
}

/// The method of a request, which is a word.
pub(super) fn method(text: &str) -> String {
    let is_method = text.len() <= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_method { text } else { LEFT_OUT }.to_owned()
}

/// A sentence of ours, without addresses of people that it may repeat.
pub(super) fn sentence(text: &str) -> String {
    let words = text.split(is_space).map(|word| if word.contains('@') { LEFT_OUT } else { word });
    cut(&words.collect::<Vec<_>>().join(" ")).into_owned()
}

fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}{LEFT_OUT}", &text[..end]).into(),
        None => text.into(),
    }
}
