//! Where the values of an attribute are in a row `r` of `users` or `groups`.

use super::sql::{Expression, Piece, expression};
use crate::scim::{
    AttrPath,
    schema::{Attribute, ResourceType, Type},
    urn,
};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Users,
    Groups,
}

/// What a name is looked up in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scope {
    /// A resource.
    Resource(Kind, &'static ResourceType),
    /// One value `v.value` of an attribute.
    Element(&'static Attribute),
    /// The `meta` of a resource.
    Meta(Kind, &'static Attribute),
}

/// The values of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// None in any row.
    None,
    /// At most one text.
    One(Expression),
    /// A point in time, in every row.
    Moment(&'static str),
    /// Some JSON values, as rows, and the text of each as an expression over `v.value`.
    Several { rows: Expression, text: Expression },
}

/// An attribute, found by the name a client gave.
#[derive(Debug, Clone)]
pub(super) struct Field {
    /// What the schema says of it, or of the part that was named.
    pub(super) attribute: &'static Attribute,
    pub(super) values: Values,
    /// Its name with its part, in the case of the RFC; without URN.
    pub(super) name: (&'static str, Option<&'static str>),
    /// Every value of it as rows of JSON, whole.
    pub(super) whole: Expression,
}

impl Scope {
    /// The field that `path` names; `None` when its values are not known to the database.
    pub(super) fn find(self, path: &AttrPath) -> Option<Field> {
        match self {
            Self::Resource(kind, about) => in_resource(kind, about, path),
            Self::Element(of) => {
                let part = of.part(&path.name)?;
                let text = expression(&["v.value ->> '", part.name, "'"]);
                let whole = expression(&["(select v.value -> '", part.name, "')"]);
                let values = Values::One(text);
                shown(of.name, part).then_some(Field {
                    attribute: part,
                    values,
                    name: (of.name, Some(part.name)),
                    whole,
                })
            }
            Self::Meta(kind, of) => of_meta(kind, of.part(&path.name)?),
        }
    }
}

/// Whether the database knows what an answer shows: addresses are made where it is written.
fn shown(attribute: &str, part: &Attribute) -> bool {
    !(["groups", "members"].contains(&attribute) && part.name == "$ref")
}

fn in_resource(kind: Kind, about: &'static ResourceType, path: &AttrPath) -> Option<Field> {
    let home = match path.extension() {
        Some(urn) => Some(about.extension(urn)?),
        None => about.home_of(&path.name),
    };
    let attribute = about.find(home.map(|schema| schema.id), &path.name)?;
    let part = match &path.part {
        Some(name) => Some(attribute.part(name)?),
        None => None,
    };
    if attribute.name == "meta" {
        return match part {
            Some(part) => of_meta(kind, part),
            None => Some(Field {
                attribute,
                values: Values::None,
                name: ("meta", None),
                whole: expression(&["(select '{\"resourceType\": true}'::jsonb)"]),
            }),
        };
    }
    if part.is_some_and(|part| !shown(attribute.name, part)) || attribute.name == "password" {
        return None;
    }
    let whole = whole(attribute.name, home.map(|schema| schema.id));
    let name = (attribute.name, part.map(|part| part.name));
    // What is compared of a complex value is its `value`.
    let compared = part.or_else(|| attribute.part("value"));
    let values = match (column(kind, home.map(|s| s.id), name), attribute.kind, compared) {
        (Some(column), ..) => Values::One(column),
        (None, Type::Complex, None) => Values::None,
        (None, Type::Complex, Some(part)) => {
            let text = expression(&["v.value ->> '", part.name, "'"]);
            Values::Several { rows: whole.clone(), text }
        }
        _ => Values::Several { rows: whole.clone(), text: expression(&["v.value #>> '{}'"]) },
    };
    let attribute =
        if attribute.kind == Type::Complex { compared.unwrap_or(attribute) } else { attribute };
    Some(Field { attribute, values, name, whole })
}

fn of_meta(kind: Kind, part: &'static Attribute) -> Option<Field> {
    let values = match (part.name, kind) {
        ("created", _) => Values::Moment("r.created_at"),
        ("lastModified", _) => Values::Moment("r.updated_at"),
        ("version", _) => Values::One(expression(&["('W/\"' || r.version || '\"')"])),
        ("resourceType", Kind::Users) => Values::One(expression(&["'User'::text"])),
        ("resourceType", Kind::Groups) => Values::One(expression(&["'Group'::text"])),
        _ => return None,
    };
    let whole = expression(&["(select 'true'::jsonb)"]);
    Some(Field { attribute: part, values, name: ("meta", Some(part.name)), whole })
}

/// The column, or an expression over columns, that has the one value of an attribute.
fn column(
    kind: Kind,
    home: Option<&str>,
    name: (&'static str, Option<&'static str>),
) -> Option<Expression> {
    let text = match (kind, home, name) {
        (Kind::Users, None, ("id", _)) => "('usr_' || replace(r.id::text, '-', ''))",
        (Kind::Groups, None, ("id", _)) => "('grp_' || replace(r.id::text, '-', ''))",
        (Kind::Users, None, ("externalId", _)) => {
            let (before, after) = ("case when r.external_source = ", " then r.external_id end");
            return Some(vec![
                Piece::Text("("),
                Piece::Text(before),
                Piece::Source,
                Piece::Text(after),
                Piece::Text(")"),
            ]);
        }
        (Kind::Groups, None, ("externalId", _)) => "r.external_id",
        (Kind::Groups, None, ("displayName", _)) => "r.display_name",
        (Kind::Users, None, ("userName", _)) => "r.user_name",
        (Kind::Users, None, ("displayName", _)) => "r.display_name",
        (Kind::Users, None, ("title", _)) => "r.title",
        (Kind::Users, None, ("active", _)) => "r.active::text",
        (Kind::Users, None, ("name", Some("givenName"))) => "r.given_name",
        (Kind::Users, None, ("name", Some("familyName"))) => "r.family_name",
        (Kind::Users, Some(urn::ENTERPRISE_USER), ("department", _)) => "r.department",
        _ => return None,
    };
    Some(expression(&[text]))
}

/// Every value of an attribute, as rows of JSON. A value that should be a list and is none is a list of one.
fn whole(name: &'static str, home: Option<&'static str>) -> Expression {
    match (name, home) {
        ("groups", None) => vec![
            Piece::Text(
                "(select jsonb_build_object('value', 'grp_' || replace(g.id::text, '-', ''), 'display', \
                 g.display_name, 'type', 'direct') from members m join groups g on g.id = m.group_id \
                 where m.user_id = r.id and g.source = ",
            ),
            Piece::Source,
            Piece::Text(")"),
        ],
        ("members", None) => expression(&[
            "(select jsonb_build_object('value', 'usr_' || replace(u.id::text, '-', ''), 'display', u.user_name, \
             'type', 'User') from members m join users u on u.id = m.user_id where m.group_id = r.id)",
        ]),
        (name, None) => expression(&["jsonb_path_query(r.resource, '$.\"", name, "\"[*]')"]),
        (name, Some(home)) => {
            expression(&["jsonb_path_query(r.resource, '$.\"", home, "\".\"", name, "\"[*]')"])
        }
    }
}
