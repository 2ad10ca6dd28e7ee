//! Where the values of an attribute are in a row `r` of `users` or `groups`.

use super::sql::{Expression, Piece, expression};
use crate::scim::{
    AttrPath,
    schema::{Attribute, ResourceType, Schema, Type},
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
    /// Every value of an attribute of a resource as rows of JSON, whole.
    pub(super) whole: Expression,
    /// Whether that are objects of which only the `value` is compared.
    pub(super) is_complex: bool,
}

impl Scope {
    /// The field that `path` names; `None` when its values are not known to the database.
    pub(super) fn find(self, path: &AttrPath) -> Option<Field> {
        match self {
            Self::Resource(kind, about) => in_resource(kind, about, path),
            Self::Element(of) => {
                let part = of.part(&path.name)?;
                let text = expression(&["v.value ->> '", part.name, "'"]);
                let values = Values::One(text);
                shown(of.name, part).then_some(Field {
                    attribute: part,
                    values,
                    name: (of.name, Some(part.name)),
                    whole: Expression::new(),
                    is_complex: false,
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
                whole: expression(&["(select 'true'::jsonb)"]),
                is_complex: true,
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
    let column = column(kind, home.map(|schema| schema.id), attribute.name);
    let values = match (column, attribute.kind, compared) {
        (Some(column), ..) => Values::One(column),
        (None, Type::Complex, None) => Values::None,
        (None, Type::Complex, Some(part)) if attribute.multi => {
            let text = expression(&["v.value ->> '", part.name, "'"]);
            Values::Several { rows: whole.clone(), text }
        }
        (None, Type::Complex, Some(part)) => {
            Values::One(member(home, &["-> '", attribute.name, "' ->> '", part.name, "'"]))
        }
        _ if attribute.multi => {
            Values::Several { rows: whole.clone(), text: expression(&["v.value #>> '{}'"]) }
        }
        _ => Values::One(member(home, &["->> '", attribute.name, "'"])),
    };
    let is_complex = part.is_none() && attribute.kind == Type::Complex;
    let attribute = compared.filter(|_| attribute.kind == Type::Complex).unwrap_or(attribute);
    Some(Field { attribute, values, name, whole, is_complex })
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
    Some(Field {
        attribute: part,
        values,
        name: ("meta", Some(part.name)),
        whole: Expression::new(),
        is_complex: false,
    })
}

/// A member of the resource, or of an extension's part of it, in brackets.
fn member(home: Option<&'static Schema>, step: &[&'static str]) -> Expression {
    let mut member = expression(&["(r.resource "]);
    if let Some(home) = home {
        member.extend(expression(&["-> '", home.id, "' "]));
    }
    member.extend(expression(step));
    member.push(Piece::Text(")"));
    member
}

/// The column, or an expression over columns, that has the one value of an attribute. Only what every row
/// has and what the resource leaves out: a resource may say `"title": ""`, where the column has nothing.
fn column(kind: Kind, home: Option<&str>, name: &str) -> Option<Expression> {
    let text = match (kind, home, name) {
        (Kind::Users, None, "id") => "('usr_' || replace(r.id::text, '-', ''))",
        (Kind::Groups, None, "id") => "('grp_' || replace(r.id::text, '-', ''))",
        (Kind::Users, None, "externalId") => {
            let before = Piece::Text("(case when r.external_source = ");
            return Some(vec![before, Piece::Source, Piece::Text(" then r.external_id end)")]);
        }
        (Kind::Users, None, "userName") => "r.user_name",
        (Kind::Users, None, "active") => "r.active::text",
        (Kind::Groups, None, "externalId") => "r.external_id",
        (Kind::Groups, None, "displayName") => "r.display_name",
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
