//! What happened to an action or a person, in order.

use askama::Template;

use super::{Icon, Moment};

/// One thing that happened.
#[derive(Debug, Clone, Template)]
#[template(
    source = r#"<li class="{{ class }}">{{ icon }}<span>{{ says }}{% if let Some(quote) = quote %}<q>{{ quote }}</q>{% endif %}</span>{{ at }}</li>"#,
    ext = "html"
)]
pub struct TimelineEntry {
    /// A picture of it.
    pub icon: Icon,
    /// `good`, `bad`, `waits` or nothing: the colour of the picture.
    pub class: &'static str,
    /// Who did what: `Ana Lima approved it`.
    pub says: String,
    /// What was said with it: a reason, a cause.
    pub quote: Option<String>,
    /// When.
    pub at: Moment,
}
