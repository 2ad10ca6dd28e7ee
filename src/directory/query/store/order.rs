//! The order of a list, and where in it a page begins.

use super::{
    field::{Kind, Scope, Values},
    predicate::as_text,
    sql::{Expression, Piece, Sql, expression},
};
use crate::{
    directory::query::{Sort, cursor::Mark},
    scim::{Error, ErrorType},
};

/// By what rows are ordered; those with equal keys by id.
pub(super) struct Order {
    /// The key, a text; `None` when the id alone orders them.
    key: Option<Expression>,
    /// Whether every row has a key.
    always: bool,
    descending: bool,
}

impl Order {
    /// # Errors
    /// `invalidValue` when the attribute cannot be sorted by.
    pub(super) fn of(sort: Option<&Sort>, kind: Kind, scope: Scope) -> Result<Self, Error> {
        let Some(Sort { by, descending }) = sort else {
            return Ok(Self { key: None, always: true, descending: false });
        };
        let descending = *descending;
        let refused =
            || Error::of(ErrorType::InvalidValue, format!("`{by}` is no attribute to sort by"));
        let field = scope.find(by).ok_or_else(refused)?;
        let exact = field.attribute.exact;
        let (key, always) = match (kind, field.name.0, &field.values) {
            (_, "id", _) => (None, true),
            // Just what the indexes have.
            (Kind::Users, "userName", _) => (Some(expression(&["lower(r.user_name)"])), true),
            (Kind::Groups, "displayName", _) => {
                (Some(expression(&["lower(r.display_name)"])), true)
            }
            (_, "groups" | "members", _) | (_, _, Values::None) => return Err(refused()),
            (_, _, Values::Moment(column)) => (Some(as_text(column)), true),
            (_, _, Values::One(text)) => (Some(key(text, exact)), false),
            (_, _, Values::Several { rows, text }) => (Some(key(&first(rows, text), exact)), false),
        };
        Ok(Self { key, always, descending })
    }

    /// Writes what a row is ordered by, as a text or null.
    pub(super) fn write_key(&self, sql: &mut Sql) {
        match &self.key {
            Some(key) => sql.expression(key),
            None => sql.push("null::text"),
        };
    }

    /// Writes the `order by`.
    pub(super) fn write(&self, sql: &mut Sql) {
        let way = if self.descending { " desc" } else { "" };
        sql.push(" order by ");
        if let Some(key) = &self.key {
            // Absent values are last where the order goes up, and first where it goes down.
            if !self.always {
                sql.push("(").expression(key).push(") is null").push(way).push(", ");
            }
            sql.expression(key).push(way).push(", ");
        }
        sql.push("r.id").push(way);
    }

    /// Writes an `and` and that a row comes after a mark.
    pub(super) fn write_after(&self, sql: &mut Sql, mark: &Mark) {
        let comes_after = if self.descending { " < " } else { " > " };
        sql.push(" and ");
        match (&self.key, &mark.key) {
            (None, _) => {
                sql.push("r.id").push(comes_after).bind(mark.id);
            }
            (Some(key), after) if self.always => {
                let after = after.clone().unwrap_or_default();
                sql.push("(").expression(key).push(", r.id)").push(comes_after);
                sql.push("(").bind(after).push(", ").bind(mark.id).push(")");
            }
            (Some(key), after) => {
                sql.push("((").expression(key).push(") is null, coalesce(").expression(key);
                sql.push(", ''), r.id)").push(comes_after).push("(").bind(after.is_none());
                sql.push(", ").bind(after.clone().unwrap_or_default()).push(", ");
                sql.bind(mark.id).push(")");
            }
        }
    }
}

/// A text as it is compared. Its beginning is enough for an order, and for a cursor of bounded length.
fn key(text: &Expression, exact: bool) -> Expression {
    let before = if exact { "left(nullif(" } else { "left(lower(nullif(" };
    let after = if exact { ", ''), 256)" } else { ", '')), 256)" };
    let mut key = expression(&[before]);
    key.extend(text);
    key.push(Piece::Text(after));
    key
}

/// The primary one of several values, else the first (RFC 7644 section 3.4.2.3).
fn first(rows: &Expression, text: &Expression) -> Expression {
    let mut first = expression(&["(select "]);
    first.extend(text);
    first.push(Piece::Text(" from "));
    first.extend(rows);
    first.push(Piece::Text(
        " with ordinality as v(value, place) order by (v.value ->> 'primary') is distinct from 'true', place limit 1)",
    ));
    first
}
