//! What to do in an identity provider's console.

use askama::Template;

use super::Icon;
use crate::sources::{Guide, Piece, Provider};

/// The steps, what surprises people, and what has to be pasted.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/guide.html")]
pub struct GuideBlock {
    guide: Guide,
}

impl GuideBlock {
    /// The guide for a product.
    #[must_use]
    pub fn of(provider: Provider) -> Self {
        Self { guide: Guide::of(provider) }
    }
}
