//! `/settings/sources`: the identity providers that push people.

use askama::Template;

use super::{
    parts::{Badge, Empty, Icon, Moment},
    paths,
    shell::Shell,
};

/// One source in the list.
#[derive(Debug, Clone)]
pub struct SourceRow {
    /// Where its page is.
    pub href: String,
    /// What it is called.
    pub name: String,
    /// Whose product it is.
    pub product: &'static str,
    /// Whether it pushes.
    pub state: Badge,
    /// When it was last heard of.
    pub seen: Option<Moment>,
    /// How many requests came today: `1,204`, `10,000+`.
    pub today: String,
    /// The last refusal.
    pub refused: Option<Refused>,
}

/// The last refusal of a source.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Where all of them are.
    pub href: String,
    /// When.
    pub at: Moment,
    /// The status and what it was answered with.
    pub says: String,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "sources.html")]
pub struct SourcesPage {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the reader may add sources.
    pub may_edit: bool,
    /// The sources, by name.
    pub rows: Vec<SourceRow>,
}

impl SourcesPage {
    fn empty(&self) -> Empty {
        let says = "A source is an identity provider, such as Okta or Microsoft Entra ID, that pushes people here over SCIM. \
            Each has a token of its own, and a log of what it asked.";
        let next = self.may_edit.then(|| (paths::NEW_SOURCE.to_owned(), "Add the first source"));
        Empty { icon: Icon::Plug, title: "No source yet", says: says.to_owned(), next }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::web::{
        samples::{NOW, draw, shell},
        shell::Place,
    };

    fn row(number: usize) -> SourceRow {
        let long = "Microsoft Entra ID of the subsidiary in Hohenlohe-Langenburg, people of";
        SourceRow {
            href: format!("/settings/sources/source-{number}"),
            name: ["Okta", "Entra", long, "OneLogin (old)"][number % 4].to_owned(),
            product: ["Okta", "Microsoft Entra ID", "Microsoft Entra ID", "OneLogin"][number % 4],
            state: match number % 4 {
                0 => Badge::good("Active"),
                1 => Badge::waits("Waits for its first request"),
                2 => Badge::bad("Last request refused"),
                _ => Badge::over("Revoked"),
            },
            seen: (number % 4 != 1).then(|| Moment::ago(NOW - Duration::minutes(4), NOW)),
            today: ["1,204", "0", "10,000+", "0"][number % 4].to_owned(),
            refused: (number % 4 == 2).then(|| Refused {
                href: "/settings/sources/source-2?show=refused".to_owned(),
                at: Moment::short(NOW - Duration::minutes(4), NOW),
                says: "409 Another person has this user name. Open them instead, or choose another one.".to_owned(),
            }),
        }
    }

    fn page(rows: usize, may_edit: bool) -> SourcesPage {
        SourcesPage {
            shell: shell("Sources", Place::Sources, &["Settings", "Sources"]),
            may_edit,
            rows: (0..rows).map(row).collect(),
        }
    }

    #[test]
    fn a_list_tells_how_each_source_does() {
        let html = draw("sources", &page(4, true));

        for part in ["/settings/sources/source-3", "10,000+", "Last request refused", "409 Another"]
        {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn an_empty_list_says_what_a_source_is_and_what_to_do() {
        let html = draw("sources-empty", &page(0, true));

        assert!(html.contains("over SCIM") && html.contains(paths::NEW_SOURCE));
        assert!(!draw("sources-reader", &page(0, false)).contains(paths::NEW_SOURCE));
    }
}
