//! Conditions that follow from a comparison, and that an index serves. They change no answer.

use super::{
    field::{Field, Kind},
    sql::Sql,
};
use crate::{
    kernel::{GroupId, Id, UserId},
    scim::{
        Filter,
        filter::{Literal, Operator},
        schema::Attribute,
    },
};

/// Writes what follows from a comparison of `field`, and an `and`; nothing when nothing does.
pub(super) fn write(sql: &mut Sql, kind: Kind, field: &Field, operator: Operator, with: &Literal) {
    let Literal::Text(text) = with else { return };
    if text.contains('\0') {
        return;
    }
    match (kind, field.name, operator) {
        (Kind::Users, ("id", _), Operator::Eq) => same_id(sql, text.parse::<UserId>().ok()),
        (Kind::Groups, ("id", _), Operator::Eq) => same_id(sql, text.parse::<GroupId>().ok()),
        (Kind::Users, ("externalId", _), Operator::Eq) => {
            sql.push("r.external_source = ").source();
            sql.push(" and r.external_id = ").bind(text.clone()).push(" and ");
        }
        (Kind::Users, ("emails", None | Some("value")), Operator::Eq) => has_address(sql, text),
        (Kind::Users, ("groups", None | Some("value")), Operator::Eq) => {
            let group = text.parse::<GroupId>().map(Id::uuid).unwrap_or_default();
            sql.push("r.id in (select user_id from members where group_id = ").bind(group);
            sql.push(") and ");
        }
        (Kind::Groups, ("members", None | Some("value")), Operator::Eq) => {
            let user = text.parse::<UserId>().map(Id::uuid).unwrap_or_default();
            sql.push("r.id in (select group_id from members where user_id = ").bind(user);
            sql.push(") and ");
        }
        (
            Kind::Users,
            ("userName" | "displayName", None) | ("name", Some("givenName" | "familyName")),
            Operator::Eq | Operator::Co | Operator::Sw | Operator::Ew,
        ) if field.name.0 != "userName" || operator != Operator::Eq => {
            sql.push("r.search like lower(").bind(containing(text)).push(") and ");
        }
        _ => {}
    }
}

/// The same for a condition on one value of an attribute, such as `emails[type eq "work" and value eq "…"]`.
pub(super) fn write_for_value(sql: &mut Sql, kind: Kind, attribute: &Attribute, inner: &Filter) {
    let several = match inner {
        Filter::All(several) => several.as_slice(),
        one => std::slice::from_ref(one),
    };
    let value = several.iter().find_map(|one| match one {
        Filter::Compare(path, Operator::Eq, Literal::Text(text))
            if path.name.eq_ignore_ascii_case("value") && !text.contains('\0') =>
        {
            Some(text)
        }
        _ => None,
    });
    if let (Kind::Users, "emails", Some(text)) = (kind, attribute.name, value) {
        has_address(sql, text);
    }
}

/// One of the addresses is `text`, as the index `users_emails` has them.
fn has_address(sql: &mut Sql, text: &str) {
    sql.push(
        "lower(jsonb_path_query_array(r.resource, '$.emails[*].value')::text)::jsonb ? lower(",
    );
    sql.bind(text.to_owned()).push(") and ");
}

/// What is no id is nobody's.
fn same_id<K>(sql: &mut Sql, id: Option<Id<K>>) {
    match id {
        Some(id) => sql.push("r.id = ").bind(id.uuid()).push(" and "),
        None => sql.push("false and "),
    };
}

/// A `like` pattern for whatever contains `text`.
fn containing(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
