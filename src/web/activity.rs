//! `/audit`: who did what, when, to whom.

use askama::Template;

use super::{
    parts::{Empty, Icon, Moment, Pager, Select},
    paths,
    shell::{Crumb, Shell},
};

/// One entry of the history.
#[derive(Debug, Clone)]
pub struct EventRow {
    /// When.
    pub at: Moment,
    /// A picture of it.
    pub icon: Icon,
    /// `good`, `bad`, `waits` or nothing: the colour of the picture.
    pub class: &'static str,
    /// Who: a person's name, `Rule`, `Countersign`.
    pub actor: String,
    /// What they did: `approved the update`.
    pub says: String,
    /// What was said with it: a reason, a cause, a rule's words.
    pub quote: Option<String>,
    /// To whom or what, and their page.
    pub whom: Option<Crumb>,
    /// The page of the action it is about, its number and its address, or of the decision on many.
    pub action: Option<Crumb>,
}

/// Whether the history is what it was.
#[derive(Debug, Clone)]
pub struct Chain {
    /// `good`, `warn` or `bad`: the colour of the dot.
    pub dot: &'static str,
    /// `12,408 entries, each sealed to the one before.`
    pub says: String,
    /// Where all of it is verified; `None` when it just was.
    pub verify: Option<String>,
}

/// The history.
#[derive(Debug, Template)]
#[template(path = "activity.html")]
pub struct ActivityPage {
    /// What stands around it.
    pub shell: Shell,
    /// Whether the chain of the history holds.
    pub chain: Chain,
    /// Which kind of entries is shown: a name and its word, `action.`; empty for all.
    pub verb: Select,
    /// What was searched for among the people.
    pub query: String,
    /// Whose entries alone are shown: their name, and the address that shows all again.
    pub person: Option<Crumb>,
    /// People that match the search, each leading to their entries.
    pub people: Vec<Crumb>,
    /// The entries, newest first.
    pub rows: Vec<EventRow>,
    /// The way to the next page.
    pub pager: Pager,
}

impl ActivityPage {
    fn empty() -> Empty {
        Empty {
            icon: Icon::History,
            title: "Nothing to show",
            says: "No entry of the history is of this kind and about this person.".to_owned(),
            next: Some((paths::ACTIVITY.to_owned(), "Show everything")),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::web::{
        parts::Choice,
        samples::{NOW, draw, shell, somebody},
        shell::Place,
    };

    fn row(number: usize) -> EventRow {
        let whom = Crumb::to(somebody(number).0, format!("/users/usr_{number}"));
        let action =
            Crumb::to(format!("#{}", 1000 + number), format!("/users/provisioning/act_{number}"));
        let (icon, class, actor, says, quote) = match number % 6 {
            0 => (Icon::Good, "good", "Countersign", "EchoSign has the new account", None),
            1 => (Icon::Check, "", "Ruth Varga", "approved the create", Some("HR-1182")),
            2 => {
                (Icon::Inbox, "waits", "Okta", "asked for a create, which waits for approval", None)
            }
            3 => (
                Icon::Bad,
                "bad",
                "Countersign",
                "could not send the update",
                Some("EchoSign refused the values (400): title is too long."),
            ),
            4 => (
                Icon::Check,
                "",
                "Rule",
                "approved the update",
                Some("by rule: update needs no approval"),
            ),
            _ => {
                (Icon::Person, "", "Maximiliane von und zu Hohenlohe-Langenburg", "signed in", None)
            }
        };
        EventRow {
            at: Moment::short(
                NOW - Duration::minutes(i64::try_from(number * 17).unwrap_or(1)),
                NOW,
            ),
            icon,
            class,
            actor: actor.to_owned(),
            says: says.to_owned(),
            quote: quote.map(str::to_owned),
            whom: (number % 6 != 5).then_some(whom),
            action: (number % 6 != 5).then_some(action),
        }
    }

    fn page(rows: usize) -> ActivityPage {
        ActivityPage {
            shell: shell("Activity", Place::Activity, &["Evidence"]),
            chain: Chain {
                dot: "good",
                says: "12,408 entries, each sealed to the one before.".to_owned(),
                verify: Some("/audit?verify=now".to_owned()),
            },
            verb: Select {
                name: "verb",
                label: "Kind",
                hint: "",
                choices: vec![
                    Choice { value: "", label: "Everything" },
                    Choice { value: "action.", label: "Actions" },
                    Choice { value: "user.", label: "People" },
                ],
                chosen: String::new(),
                disabled: false,
            },
            query: String::new(),
            person: None,
            people: Vec::new(),
            rows: (0..rows).map(row).collect(),
            pager: Pager {
                first: None,
                previous: None,
                next: Some("/audit?cursor=abc".to_owned()),
                onward: "Older",
                shown: format!("{rows} entries"),
            },
        }
    }

    #[test]
    fn each_entry_says_who_did_what_when_and_to_whom() {
        let html = draw("activity", &page(24));

        for part in [
            "Ruth Varga",
            "approved the create",
            "HR-1182",
            "/users/usr_1",
            "#1001",
            "sealed to the one before",
        ] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn a_search_leads_to_the_people_it_may_mean() {
        let people = vec![
            Crumb::to("Hanna Oduya", "/audit?user=usr_1"),
            Crumb::to("Nguyễn Thị Ánh", "/audit?user=usr_2"),
        ];

        let html =
            draw("activity-search", &ActivityPage { query: "an".to_owned(), people, ..page(3) });

        assert!(html.contains("/audit?user=usr_2"));
    }

    #[test]
    fn a_broken_chain_is_said_in_red_and_an_empty_filter_leads_back() {
        let chain = Chain {
            dot: "bad",
            says: "The history was changed from outside: entry 812 does not fit the one before it."
                .to_owned(),
            verify: None,
        };
        let person = Some(Crumb::to("Hanna Oduya", "/audit"));

        let html = draw("activity-empty", &ActivityPage { chain, person, ..page(0) });

        assert!(html.contains("dot bad") && html.contains("Show everything"));
    }
}
