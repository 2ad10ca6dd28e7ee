//! `/users`: the people of the directory.

use askama::Template;

use super::{
    parts::{Badge, Empty, Icon, Moment, Pager, Who},
    paths,
    shell::Shell,
};

/// One person in the list.
#[derive(Debug, Clone)]
pub struct PersonRow {
    /// Who; the name opens their page.
    pub who: Who,
    /// Title and department: `Analyst, Legal`; empty for none.
    pub work: String,
    /// Whether they may work.
    pub state: Badge,
    /// Their account in EchoSign.
    pub account: Badge,
    /// When anything of them last changed.
    pub changed: Moment,
    /// Where they came from first.
    pub source: String,
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// What stands around it.
    pub shell: Shell,
    /// What was searched for.
    pub query: String,
    /// Whether the reader may add people.
    pub may_edit: bool,
    /// The people, by name.
    pub rows: Vec<PersonRow>,
    /// The way to the next page.
    pub pager: Pager,
}

impl PeoplePage {
    fn empty(&self) -> Empty {
        if self.query.is_empty() {
            let next =
                self.may_edit.then(|| (paths::NEW_PERSON.to_owned(), "Add the first person"));
            let says = "People come from your identity provider over SCIM, from a CSV file, from the API, or are added here."
                .to_owned();
            Empty { icon: Icon::People, title: "Nobody is here yet", says, next }
        } else {
            Empty {
                icon: Icon::Search,
                title: "Nobody matches",
                says: format!("No name, user name or e-mail address contains “{}”.", self.query),
                next: Some((paths::PEOPLE.to_owned(), "Show everybody")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::web::{
        samples::{NOW, draw, shell, somebody},
        shell::Place,
    };

    fn row(number: usize) -> PersonRow {
        let (name, mail) = somebody(number);
        PersonRow {
            who: Who::new(name, mail).opening(format!("/users/usr_{number}")),
            work: match number % 4 {
                0 => String::new(),
                1 => "Senior Analyst, Legal".to_owned(),
                2 => "Finance".to_owned(),
                _ => "Head of International Contract Management and Procurement, Mergers and Acquisitions".to_owned(),
            },
            state: if number % 7 == 3 { Badge::off("Suspended") } else { Badge::calm("Active") },
            account: match number % 5 {
                0 => Badge::waits("Create waits"),
                1 => Badge::calm("Provisioned"),
                2 => Badge::none("No account"),
                3 => Badge::bad("Update failed"),
                _ => Badge::busy("In progress"),
            },
            changed: Moment::short(NOW - Duration::hours(i64::try_from(number * 9).unwrap_or(1)), NOW),
            source: if number.is_multiple_of(3) { "Console" } else { "Okta" }.to_owned(),
        }
    }

    fn page(rows: usize, query: &str) -> PeoplePage {
        PeoplePage {
            shell: shell("People", Place::People, &["Users", "People"]),
            query: query.to_owned(),
            may_edit: true,
            rows: (0..rows).map(row).collect(),
            pager: Pager {
                first: Some("/users".to_owned()),
                previous: None,
                next: (rows > 0).then(|| "/users?cursor=abc".to_owned()),
                onward: "Next",
                shown: format!("{rows} people"),
            },
        }
    }

    #[test]
    fn a_list_leads_to_each_person_and_to_the_next_page() {
        let html = draw("people", &page(14, ""));

        assert!(html.contains(r#"href="/users/usr_13""#));
        assert!(html.contains("cursor=abc"));
        draw("people-200", &page(200, "an"));
    }

    #[test]
    fn an_empty_list_says_what_to_do_next() {
        let empty = draw("people-empty", &page(0, ""));
        assert!(empty.contains(paths::NEW_PERSON) && empty.contains("import a CSV file"));
        assert!(draw("people-no-match", &page(0, "<zz>")).contains("contains “&#60;zz&#62;”"));
    }

    #[test]
    fn who_may_not_add_people_is_not_offered_to() {
        let html = draw("people-auditor", &PeoplePage { may_edit: false, ..page(0, "") });

        assert!(!html.contains(paths::NEW_PERSON) && !html.contains(paths::IMPORTS));
    }
}
