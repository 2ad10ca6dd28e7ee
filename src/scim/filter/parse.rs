//! Reads a filter, by recursive descent.

use std::str::FromStr;

use super::super::{Error, ErrorType};
use super::{AttrPath, Filter, Literal, Operator};

/// The longest filter that is read, in bytes: room for some 150 ids in one `or`.
pub const MAX_LENGTH: usize = 16 * 1024;

/// How many brackets may be open at once.
pub const MAX_DEPTH: usize = 32;

/// Why a text is no filter. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFilter {
    /// Nobody writes such a long one.
    #[error("the filter is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Nobody nests so deeply.
    #[error("the filter has more than {MAX_DEPTH} brackets open at once")]
    TooDeep,
    /// Something else was due.
    #[error("the filter needs {needs} at character {at}{}", instead(.found))]
    Needs {
        /// What was due.
        needs: &'static str,
        /// Where.
        at: usize,
        /// What stands there instead; empty at the end.
        found: String,
    },
    /// An operator that RFC 7644 does not know.
    #[error("the operator '{0}' is not supported: use eq, ne, co, sw, ew, gt, ge, lt, le or pr")]
    Operator(String),
    /// A comparison that has no meaning, such as `gt true`.
    #[error("the operator '{0}' cannot be used with {1}")]
    Unsuitable(&'static str, String),
}

fn instead(text: &str) -> String {
    if text.is_empty() { ", where it ends".to_owned() } else { format!(", not `{text}`") }
}

impl From<BadFilter> for Error {
    fn from(bad: BadFilter) -> Self {
        Self::of(ErrorType::InvalidFilter, bad.to_string())
    }
}

impl FromStr for Filter {
    type Err = BadFilter;

    fn from_str(text: &str) -> Result<Self, BadFilter> {
        let (filter, rest) = beginning_of(text, false)?;
        match rest {
            "" => Ok(filter),
            _ => Err(Parser { text, at: text.len() - rest.len(), open: 0 }.needs("`and` or `or`")),
        }
    }
}

/// Reads the filter that `text` begins with, and returns what follows it. `in_brackets` says
/// that it stands in those of a value path, where there can be no others.
pub(crate) fn beginning_of(text: &str, in_brackets: bool) -> Result<(Filter, &str), BadFilter> {
    if text.len() > MAX_LENGTH {
        return Err(BadFilter::TooLong);
    }
    let mut parser = Parser { text, at: 0, open: 0 };
    let filter = parser.any(in_brackets)?;
    parser.skip_space();
    Ok((filter, parser.rest()))
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    open: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self, inside: bool) -> Result<Filter, BadFilter> {
        let mut several = Vec::new();
        loop {
            match self.all(inside)? {
                Filter::Any(more) => several.extend(more),
                one => several.push(one),
            }
            if !self.takes_word("or") {
                return Ok(one_or(several, Filter::Any));
            }
        }
    }

    fn all(&mut self, inside: bool) -> Result<Filter, BadFilter> {
        let mut several = Vec::new();
        loop {
            match self.one(inside)? {
                Filter::All(more) => several.extend(more),
                one => several.push(one),
            }
            if !self.takes_word("and") {
                return Ok(one_or(several, Filter::All));
            }
        }
    }

    fn one(&mut self, inside: bool) -> Result<Filter, BadFilter> {
        self.skip_space();
        if self.takes("(") {
            return self.group(inside);
        }
        if self.takes_word("not") {
            self.skip_space();
            if !self.takes("(") {
                return Err(self.needs("`(` after `not`"));
            }
            return Ok(Filter::Not(Box::new(self.group(inside)?)));
        }
        let path = self.name()?;
        if !inside && self.takes("[") {
            self.opens()?;
            let inner = self.any(true)?;
            self.closes("]", "`]`")?;
            let inner = if self.takes(".") { self.about_part(inner)? } else { inner };
            return Ok(Filter::AnyValue(path, Box::new(inner)));
        }
        self.comparison(path)
    }

    /// `emails[type eq "work"].value eq "x"`: the RFC has it all in the brackets, and Entra ID asks
    /// so when it matches people by address (facts/identity-providers.md 3.2).
    fn about_part(&mut self, inner: Filter) -> Result<Filter, BadFilter> {
        let part = self.name()?;
        let mut all = match inner {
            Filter::All(several) => several,
            one => vec![one],
        };
        all.push(self.comparison(part)?);
        Ok(Filter::All(all))
    }

    fn name(&mut self) -> Result<AttrPath, BadFilter> {
        let word = self.peek_word();
        match word.parse() {
            Ok(path) if !["true", "false", "null"].contains(&word) => {
                self.at += word.len();
                Ok(path)
            }
            _ => Err(self.needs("the name of an attribute")),
        }
    }

    fn group(&mut self, inside: bool) -> Result<Filter, BadFilter> {
        self.opens()?;
        let inner = self.any(inside)?;
        self.closes(")", "`)`")?;
        Ok(inner)
    }

    fn comparison(&mut self, path: AttrPath) -> Result<Filter, BadFilter> {
        self.skip_space();
        let word = self.peek_word();
        if word.is_empty() {
            return Err(self.needs("an operator such as `eq`"));
        }
        if word.eq_ignore_ascii_case("pr") {
            self.at += word.len();
            return Ok(Filter::Present(path));
        }
        let operator = Operator::find(word).ok_or_else(|| BadFilter::Operator(word.to_owned()))?;
        self.at += word.len();
        self.skip_space();
        let literal = self.literal()?;
        if !suits(operator, &literal) {
            return Err(BadFilter::Unsuitable(operator.as_str(), literal.to_string()));
        }
        Ok(Filter::Compare(path, operator, literal))
    }

    /// A literal of JSON; also a text without quotes, as Microsoft's own example has it.
    fn literal(&mut self) -> Result<Literal, BadFilter> {
        if self.rest().starts_with('"') {
            let text = self.quoted().ok_or_else(|| self.needs("a text in double quotes"))?;
            return Ok(Literal::Text(text));
        }
        let word = self.peek_word();
        if word.is_empty() {
            return Err(self.needs("a value to compare with"));
        }
        self.at += word.len();
        Ok(match word {
            _ if word.eq_ignore_ascii_case("null") => Literal::Null,
            _ if word.eq_ignore_ascii_case("true") => Literal::Boolean(true),
            _ if word.eq_ignore_ascii_case("false") => Literal::Boolean(false),
            _ => match serde_json::from_str(word) {
                Ok(number) => Literal::Number(number),
                Err(_) => Literal::Text(word.to_owned()),
            },
        })
    }

    fn quoted(&mut self) -> Option<String> {
        let mut escaped = false;
        let end = self.rest().char_indices().skip(1).find_map(|(at, c)| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends.then_some(at + 1)
        })?;
        let text = serde_json::from_str(self.rest().get(..end)?).ok()?;
        self.at += end;
        Some(text)
    }

    fn opens(&mut self) -> Result<(), BadFilter> {
        self.open += 1;
        if self.open > MAX_DEPTH { Err(BadFilter::TooDeep) } else { Ok(()) }
    }

    fn closes(&mut self, bracket: &str, needs: &'static str) -> Result<(), BadFilter> {
        self.skip_space();
        if !self.takes(bracket) {
            return Err(self.needs(needs));
        }
        self.open -= 1;
        Ok(())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What stands before the next space, quote or bracket.
    fn peek_word(&self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || "\"()[]".contains(c));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let is_it = self.peek_word().eq_ignore_ascii_case(word);
        if is_it {
            self.at += word.len();
        }
        is_it
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is_it = self.rest().starts_with(sign);
        if is_it {
            self.at += sign.len();
        }
        is_it
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn needs(&self, needs: &'static str) -> BadFilter {
        let at = self.text.get(..self.at).unwrap_or_default().chars().count() + 1;
        let word = match self.peek_word() {
            "" => self.rest().chars().take(1).collect(),
            word => word.chars().take(40).collect(),
        };
        BadFilter::Needs { needs, at, found: word }
    }
}

fn one_or(mut several: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    if several.len() == 1 { several.swap_remove(0) } else { join(several) }
}

/// Neither order nor pieces of a text make sense for true, false and null (RFC 7644 table 3).
const fn suits(operator: Operator, literal: &Literal) -> bool {
    match literal {
        Literal::Text(_) => true,
        Literal::Number(_) => !matches!(operator, Operator::Co | Operator::Sw | Operator::Ew),
        Literal::Boolean(_) | Literal::Null => matches!(operator, Operator::Eq | Operator::Ne),
    }
}
