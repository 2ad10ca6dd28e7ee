//! A filter as a condition of SQL that is true of exactly the rows whose resources it matches.
//!
//! A comparison with an absent value is null here, and null counts as false. That holds through `and` and
//! `or`; a `not` makes null false before it turns it round.

use time::OffsetDateTime;

use super::{
    field::{Field, Kind, Scope, Values},
    hint,
    sql::{Expression, Sql, expression},
};
use crate::scim::{
    AttrPath, Error, ErrorType, Filter,
    filter::{Literal, Operator, moment},
    schema::Type,
};

/// What a text is compared with.
enum With<'a> {
    Text(std::borrow::Cow<'a, str>),
    Moment(OffsetDateTime),
    Flag(bool),
    /// A value of another type: nothing is equal to it.
    Other,
}

/// Writes `filter` as a condition. The names in it are known to the schema.
pub(super) fn write(sql: &mut Sql, filter: &Filter, scope: Scope) -> Result<(), Error> {
    match filter {
        Filter::Present(path) => present(sql, &find(scope, path)?),
        Filter::Compare(path, operator, literal) => {
            let field = find(scope, path)?;
            sql.push("(");
            if let Scope::Resource(kind, _) = scope {
                hint::write(sql, kind, &field, *operator, literal);
            }
            compare(sql, &field, *operator, literal)?;
            sql.push(")");
        }
        Filter::AnyValue(path, inner) => any_value(sql, path, inner, scope)?,
        Filter::Not(inner) => {
            sql.push("not coalesce(");
            write(sql, inner, scope)?;
            sql.push(", false)");
        }
        Filter::All(several) => join(sql, several, " and ", scope)?,
        Filter::Any(several) => join(sql, several, " or ", scope)?,
    }
    Ok(())
}

fn join(sql: &mut Sql, several: &[Filter], word: &'static str, scope: Scope) -> Result<(), Error> {
    for (index, one) in several.iter().enumerate() {
        sql.push(if index == 0 { "(" } else { word });
        write(sql, one, scope)?;
    }
    sql.push(")");
    Ok(())
}

fn find(scope: Scope, path: &AttrPath) -> Result<Field, Error> {
    scope.find(path).ok_or_else(|| {
        Error::of(ErrorType::InvalidFilter, format!("`{path}` cannot be used to filter by"))
    })
}

fn any_value(sql: &mut Sql, path: &AttrPath, inner: &Filter, scope: Scope) -> Result<(), Error> {
    let Scope::Resource(kind, about) = scope else {
        let says = format!("`{path}[…]` cannot stand inside brackets");
        return Err(Error::of(ErrorType::InvalidFilter, says));
    };
    let field = find(scope, path)?;
    let attribute = about.find(path.extension(), &path.name).unwrap_or(field.attribute);
    if attribute.name == "meta" {
        return write(sql, inner, Scope::Meta(kind, attribute));
    }
    sql.push("(");
    hint::write_for_value(sql, kind, attribute, inner);
    sql.push("exists (select from ").expression(&field.whole).push(" as v(value) where ");
    write(sql, inner, Scope::Element(attribute))?;
    sql.push("))");
    Ok(())
}

/// Whether there is anything in it, of a complex value however deep (RFC 7644 table 3).
fn present(sql: &mut Sql, field: &Field) {
    if field.is_complex {
        exists(sql, &field.whole, |sql| {
            sql.push(
                "jsonb_path_exists(v.value, '$.** ? ((@.type() == \"string\" && @ <> \"\") \
                 || @.type() == \"number\" || @.type() == \"boolean\")')",
            );
        });
    } else {
        has_text(sql, &field.values);
    }
}

/// Whether there is a text that is not empty among what is compared; null may say no.
fn has_text(sql: &mut Sql, values: &Values) {
    match values {
        Values::None => {
            sql.push("false");
        }
        Values::Moment(_) => {
            sql.push("true");
        }
        Values::One(text) => {
            sql.expression(text).push(" <> ''");
        }
        Values::Several { rows, text } => exists(sql, rows, |sql| {
            sql.expression(text).push(" <> ''");
        }),
    }
}

fn exists(sql: &mut Sql, rows: &Expression, condition: impl FnOnce(&mut Sql)) {
    sql.push("exists (select from ").expression(rows).push(" as v(value) where ");
    condition(sql);
    sql.push(")");
}

fn compare(
    sql: &mut Sql,
    field: &Field,
    operator: Operator,
    literal: &Literal,
) -> Result<(), Error> {
    let with = match literal {
        Literal::Null => {
            compare_with_nothing(sql, &field.values, operator);
            return Ok(());
        }
        Literal::Text(text) if text.contains('\0') => {
            let says = "the filter has a text with U+0000 in it, which no value has";
            return Err(Error::of(ErrorType::InvalidFilter, says));
        }
        Literal::Text(text) => match (&field.values, moment(text)) {
            (Values::Moment(_), Some(at)) if orders(operator) => With::Moment(at),
            _ => With::Text(text.into()),
        },
        Literal::Boolean(flag) => With::Flag(*flag),
        Literal::Number(_) if field.attribute.kind == Type::Boolean => With::Other,
        Literal::Number(number) => With::Text(number.to_string().into()),
    };
    let exact = field.attribute.exact;
    match &field.values {
        // A complex value without a `value` has nothing to compare.
        Values::None => {
            sql.push(if operator == Operator::Ne { "true" } else { "false" });
        }
        Values::Moment(column) => match with {
            With::Moment(at) => {
                sql.push(column).push(sign(operator)).bind(at);
            }
            with => compare_text(sql, &as_text(column), operator, &with, exact),
        },
        Values::One(text) if operator == Operator::Ne => {
            sql.push("coalesce(").expression(text).push(" = '' or ");
            compare_text(sql, text, operator, &with, exact);
            sql.push(", true)");
        }
        Values::One(text) => compare_text(sql, text, operator, &with, exact),
        Values::Several { rows, text } => {
            if operator == Operator::Ne {
                sql.push("not ");
                has_text(sql, &field.values);
                sql.push(" or ");
            }
            exists(sql, rows, |sql| compare_text(sql, text, operator, &with, exact));
        }
    }
    Ok(())
}

/// `eq null` and `ne null`: whether there is nothing to compare.
fn compare_with_nothing(sql: &mut Sql, values: &Values, operator: Operator) {
    sql.push(if operator == Operator::Eq { "not coalesce(" } else { "coalesce(" });
    has_text(sql, values);
    sql.push(", false)");
}

/// Compares a text that is there; null when it is not.
fn compare_text(
    sql: &mut Sql,
    text: &Expression,
    operator: Operator,
    with: &With<'_>,
    exact: bool,
) {
    let with = match with {
        With::Text(with) => with.clone().into_owned(),
        With::Flag(flag) => {
            sql.push("lower(").expression(text).push(")").push(sign(operator));
            sql.push(if *flag { "'true'" } else { "'false'" });
            return;
        }
        With::Other | With::Moment(_) => {
            sql.push(if operator == Operator::Ne { "true" } else { "false" });
            return;
        }
    };
    let value = |sql: &mut Sql| {
        sql.push(if exact { "(" } else { "lower(" }).expression(text).push(")");
    };
    let literal = |sql: &mut Sql| {
        sql.push(if exact { "(" } else { "lower(" }).bind(with.clone()).push(")");
    };
    match operator {
        Operator::Co | Operator::Sw => {
            sql.push(if operator == Operator::Co { "0 < strpos(" } else { "starts_with(" });
            value(sql);
            sql.push(", ");
            literal(sql);
            sql.push(")");
        }
        Operator::Ew => {
            sql.push("right(");
            value(sql);
            sql.push(", length(");
            literal(sql);
            sql.push(")) = ");
            literal(sql);
        }
        _ => {
            value(sql);
            // By code points, as every other comparison here: the database's own order depends on where it runs.
            sql.push(if is_equality(operator) { "" } else { " collate \"C\"" });
            sql.push(sign(operator));
            literal(sql);
        }
    }
}

/// A point in time as answers show it: RFC 3339 in UTC, with as many digits as it needs.
pub(super) fn as_text(column: &'static str) -> Expression {
    expression(&[
        "regexp_replace(to_char(",
        column,
        " at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '\\.?0+Z$', 'Z')",
    ])
}

const fn is_equality(operator: Operator) -> bool {
    matches!(operator, Operator::Eq | Operator::Ne)
}

const fn orders(operator: Operator) -> bool {
    !matches!(operator, Operator::Co | Operator::Sw | Operator::Ew)
}

const fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Ne => " <> ",
        Operator::Gt => " > ",
        Operator::Ge => " >= ",
        Operator::Lt => " < ",
        Operator::Le => " <= ",
        Operator::Eq | Operator::Co | Operator::Sw | Operator::Ew => " = ",
    }
}

/// The scope of whole resources of a kind.
pub(super) const fn whole(kind: Kind) -> Scope {
    use crate::scim::schema::{GROUPS, USERS};
    match kind {
        Kind::Users => Scope::Resource(kind, &USERS),
        Kind::Groups => Scope::Resource(kind, &GROUPS),
    }
}
