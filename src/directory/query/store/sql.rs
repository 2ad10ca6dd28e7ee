//! SQL whose text is this house's own.

use sqlx::{Encode, Postgres, QueryBuilder, Type};

use crate::directory::Source;

/// A query that is being written. Its text can only come from the program: whatever a client sent is bound.
pub(super) struct Sql {
    query: QueryBuilder<Postgres>,
    source: Source,
}

/// A piece of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Text(&'static str),
    /// The source that asks.
    Source,
}

/// An expression over a row.
pub(super) type Expression = Vec<Piece>;

/// An expression of these texts.
pub(super) fn expression(texts: &[&'static str]) -> Expression {
    texts.iter().copied().map(Piece::Text).collect()
}

impl Sql {
    pub(super) fn new(source: &Source) -> Self {
        Self { query: QueryBuilder::new(""), source: source.clone() }
    }

    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.query.push(text);
        self
    }

    pub(super) fn bind<T>(&mut self, value: T) -> &mut Self
    where
        T: for<'q> Encode<'q, Postgres> + Type<Postgres>,
    {
        self.query.push_bind(value);
        self
    }

    pub(super) fn source(&mut self) -> &mut Self {
        self.query.push_bind(self.source.0.clone());
        self
    }

    pub(super) fn expression(&mut self, pieces: &[Piece]) -> &mut Self {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.push(text),
                Piece::Source => self.source(),
            };
        }
        self
    }

    pub(super) fn query(&mut self) -> &mut QueryBuilder<Postgres> {
        &mut self.query
    }
}
