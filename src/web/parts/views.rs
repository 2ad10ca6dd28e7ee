//! The menu of lists that somebody comes back to.

use askama::Template;

use super::Icon;
use crate::web::paths;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewLine {
    /// Where it leads.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// Who shares it, where that is somebody else.
    pub by: Option<String>,
    /// Whether everybody sees it.
    pub shared: bool,
    /// Whether it is the one that is shown.
    pub here: bool,
    /// Where it is shared, or kept to oneself again, if the reader may.
    pub toggle: Option<String>,
    /// Where it is deleted, if the reader may.
    pub delete: Option<String>,
}

/// The menu, with a form to keep the list that is shown.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/views.html")]
pub struct Views {
    /// The reader's own, then those that others share.
    pub lines: Vec<ViewLine>,
    /// The list that is shown, as its address has it: the tab,
    pub status: String,
    /// what was searched for
    pub query: String,
    /// and the order.
    pub sort: String,
    /// Whether the reader may share.
    pub may_share: bool,
    /// What was typed and could not be kept.
    pub refused: Option<RefusedView>,
}

/// A view that was not kept, so that it can be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedView {
    /// The name that was typed.
    pub name: String,
    /// Whether everybody was to see it.
    pub shared: bool,
    /// Why not, and what to do.
    pub says: String,
}

impl Views {
    /// The name of the one that is shown.
    fn current(&self) -> &str {
        self.lines.iter().find(|line| line.here).map_or("Views", |line| &line.name)
    }

    fn typed(&self) -> &str {
        self.refused.as_ref().map_or("", |refused| &refused.name)
    }

    fn shares(&self) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str) -> ViewLine {
        ViewLine {
            href: "/users/provisioning?status=failed".to_owned(),
            name: name.to_owned(),
            by: None,
            shared: false,
            here: false,
            toggle: Some("/views/1/share".to_owned()),
            delete: Some("/views/1/delete".to_owned()),
        }
    }

    #[test]
    fn the_button_is_called_as_the_view_that_is_shown() {
        let here = ViewLine { here: true, ..line("Contractors") };

        let none = Views { lines: vec![line("Mine")], ..Views::default() };
        let one = Views { lines: vec![line("Mine"), here], ..Views::default() };

        assert_eq!((none.current(), one.current()), ("Views", "Contractors"));
    }

    #[test]
    fn what_another_shares_says_so_and_has_no_button_that_the_reader_may_not_press() {
        let by = Some("Jonas".to_owned());
        let theirs = ViewLine { by, shared: true, toggle: None, delete: None, ..line("Leavers") };

        let html = Views { lines: vec![theirs], ..Views::default() }.render().unwrap();

        assert!(html.contains("shared by Jonas"));
        assert!(!html.contains("/views/1/") && !html.contains(r#"name="shared""#));
    }
}
