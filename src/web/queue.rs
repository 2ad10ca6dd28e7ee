//! `/users/provisioning`: the queue.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{Badge, ChangeLine, Countdown, Empty, Icon, Moment, Pager, Tab, Views, Who, count},
    paths,
    shell::Shell,
};

/// A remark under a change that a reviewer should see before deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A picture of it.
    pub icon: Icon,
    /// `bad`, `quiet` or nothing: its colour.
    pub class: &'static str,
    /// The remark, short.
    pub says: String,
}

impl Note {
    /// Something to look at twice: `Suspended 2 d ago`.
    #[must_use]
    pub fn look(says: impl Into<String>) -> Self {
        Self { icon: Icon::Warning, class: "", says: says.into() }
    }

    /// Something good to know: `After #1041`, `Paused`, `You asked for this`.
    #[must_use]
    pub fn quiet(says: impl Into<String>) -> Self {
        Self { icon: Icon::Info, class: "quiet", says: says.into() }
    }

    /// Why it failed.
    #[must_use]
    pub fn bad(says: impl Into<String>) -> Self {
        Self { icon: Icon::Error, class: "bad", says: says.into() }
    }
}

/// A hint, short; what it means is told on hover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hinted {
    /// The hint: `Domain not ours`.
    pub says: String,
    /// What it means, in a sentence.
    pub means: String,
}

/// What a row's buttons send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDecide {
    /// Where an approval goes.
    pub approve: String,
    /// Where a rejection goes.
    pub reject: String,
    /// Where the action is rejected, or approved, by hand.
    pub by_hand: String,
    /// What the approval is bound to, all 64 digits.
    pub digest: String,
    /// Whether an approval has to say why.
    pub needs_reason: bool,
}

/// What can be done on a row.
#[derive(Debug, Clone)]
pub enum RowAct {
    /// Decide.
    Decide(RowDecide),
    /// Take an approval back: where that goes, and until when.
    Undo(String, Countdown),
    /// Nothing.
    Nothing,
}

/// One action in the list.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/queue_row.html")]
pub struct QueueRow {
    /// The action's id, which is the row's id on the page.
    pub id: String,
    /// Where this row is drawn anew.
    pub row: String,
    /// Whose account; the name opens the action.
    pub who: Who,
    /// What is done.
    pub kind: Badge,
    /// What changes.
    pub change: ChangeLine,
    /// What to look at twice.
    pub hints: Vec<Hinted>,
    /// What else there is to know.
    pub notes: Vec<Note>,
    /// When it was asked for.
    pub at: Moment,
    /// Whether that is too long ago.
    pub late: bool,
    /// Where it came from: `Okta`.
    pub source: String,
    /// In which app: `EchoSign`.
    pub app: String,
    /// How far it has come.
    pub state: Badge,
    /// Who decided, and when.
    pub decided: Option<(String, Moment)>,
    /// Whether it left the list that it is shown in.
    pub over: bool,
    /// What to tell whoever cannot see that it changed.
    pub said: String,
    /// What can be done.
    pub act: RowAct,
}

impl HtmlSafe for QueueRow {}

impl QueueRow {
    /// `Update Ana Lima`
    fn named(&self) -> String {
        format!("{} {}", self.kind.word(), self.who.name())
    }
}

/// A way to look at the list that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where it leads.
    pub href: String,
    /// Its name: `Oldest first`.
    pub name: &'static str,
    /// Whether it is the one that is shown.
    pub here: bool,
}

/// How the queue is, in one sentence.
#[derive(Debug, Clone)]
pub struct QueueState {
    /// How many actions wait for a decision.
    pub waiting: u64,
    /// When the oldest of them was asked for.
    pub oldest: Option<Moment>,
    /// `good`, `warn` or `bad`: the colour of the dot.
    pub dot: &'static str,
    /// How the app is: `EchoSign is connected.`
    pub app: String,
}

/// Why a list is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// Nothing waits.
    Waits,
    /// Nothing is in this tab.
    Here,
    /// Nothing matches the search.
    Matches,
    /// Nothing can be queued before EchoSign is connected.
    Unconnected,
}

/// The queue.
#[derive(Debug, Template)]
#[template(path = "queue.html")]
pub struct QueuePage {
    /// What stands around it.
    pub shell: Shell,
    /// How the queue is.
    pub state: QueueState,
    /// The tabs, each with its number.
    pub tabs: Vec<Tab>,
    /// The word of the tab that is shown, as the address has it.
    pub status: String,
    /// What was searched for.
    pub query: String,
    /// The order, as the address has it.
    pub sort: String,
    /// The orders that this list can be in.
    pub orders: Vec<Choice>,
    /// The lists that the reader comes back to.
    pub views: Views,
    /// The words that qualifiers take, for completion; JSON.
    pub terms: String,
    /// Whether this tab shows what waits, and so how long it has waited.
    pub waits: bool,
    /// How many match, and may be decided at once; nothing where the reader may not.
    pub all: Option<String>,
    /// Where the list tells what changes.
    pub live: String,
    /// The actions.
    pub rows: Vec<QueueRow>,
    /// Why there are none.
    pub nothing: Nothing,
    /// This very list, to come back to after a decision.
    pub here: String,
    /// What the search could not be understood in.
    pub problems: Vec<String>,
    /// The way to the next page.
    pub pager: Pager,
}

impl QueuePage {
    fn waiting(&self) -> String {
        match self.state.waiting {
            0 => "Nothing waits for approval".to_owned(),
            1 => "1 change waits for approval".to_owned(),
            many => format!("{} changes wait for approval", count(many)),
        }
    }

    /// The order that is shown.
    fn order(&self) -> &'static str {
        self.orders.iter().find(|order| order.here).map_or("Order", |order| order.name)
    }

    fn empty(&self) -> Empty {
        let (icon, title, says, next) = match self.nothing {
            Nothing::Waits => (
                Icon::Good,
                "All done",
                "Nothing waits for a decision. A change to a person that needs approval appears here.",
                Some((paths::PEOPLE, "Go to People")),
            ),
            Nothing::Here => (Icon::Inbox, "Nothing here", "No action is in this state.", None),
            Nothing::Matches => (
                Icon::Search,
                "Nothing matches",
                "Try a part of a name, or fewer qualifiers.",
                Some((paths::QUEUE, "Show everything that waits")),
            ),
            Nothing::Unconnected => (
                Icon::Plug,
                "EchoSign is not connected",
                "Once it is, and provisioning is on, each change to a person is queued here.",
                Some((paths::CONFIGURATION, "Connect EchoSign")),
            ),
        };
        let next = next.map(|(href, words)| (href.to_owned(), words));
        Empty { icon, title, says: says.to_owned(), next }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::{
        apps::{
            PausedBy,
            change::{Attribute, Change, Kind, Value},
        },
        web::{
            samples::{NOW, draw, shell, somebody},
            shell::{Banner, Place},
        },
    };

    fn change(attribute: Attribute, from: Option<&str>, to: &str) -> Change {
        let value = |text: &str| Value::Text(text.to_owned());
        Change { attribute, from: from.map(value), to: Some(value(to)) }
    }

    fn changes(number: usize, kind: Kind) -> Vec<Change> {
        let active = |on: bool| Change {
            attribute: Attribute::Active,
            from: Some(Value::Flag(!on)),
            to: Some(Value::Flag(on)),
        };
        match kind {
            Kind::Create => vec![
                change(Attribute::Department, None, "Legal"),
                change(Attribute::Title, None, "Clerk"),
            ],
            Kind::Suspend => vec![active(false)],
            Kind::Reactivate => vec![active(true)],
            Kind::Delete => vec![change(Attribute::Title, Some("Clerk"), "")],
            Kind::Update if number.is_multiple_of(2) => vec![
                change(
                    Attribute::Email,
                    Some("sofia.p@northwind.example"),
                    "sofia.pereira-lindqvist@northwind.example",
                ),
                change(Attribute::UserName, Some("a"), "b"),
            ],
            Kind::Update => vec![change(Attribute::Title, Some("Analyst"), "Senior Analyst")],
        }
    }

    fn hinted(says: &str) -> Hinted {
        Hinted { says: says.to_owned(), means: "Somebody else has the same name.".to_owned() }
    }

    fn row(number: usize, decides: bool, state: Badge) -> QueueRow {
        let kind = Kind::ALL[number % Kind::ALL.len()];
        let (name, mail) = somebody(number);
        let href = format!("/users/provisioning/act_{number}");
        let (hints, notes) = match number % 6 {
            2 => (vec![hinted("Looks like another person")], Vec::new()),
            4 => (Vec::new(), vec![Note::quiet("After #1041, which is not finished")]),
            _ => (Vec::new(), Vec::new()),
        };
        QueueRow {
            id: format!("act_{number}"),
            row: format!("{href}/row?status=pending"),
            who: Who::new(name, mail).opening(href.clone()),
            kind: Badge::kind(kind),
            change: ChangeLine::of(kind, &changes(number, kind)),
            hints,
            notes,
            at: Moment::short(
                NOW - Duration::minutes(i64::try_from(number * 37).unwrap_or(1)),
                NOW,
            ),
            late: number.is_multiple_of(11),
            source: ["Okta", "Console", "CSV import", "API"][number % 4].to_owned(),
            app: "EchoSign".to_owned(),
            state,
            decided: None,
            over: false,
            said: String::new(),
            act: if decides {
                RowAct::Decide(RowDecide {
                    approve: format!("{href}/approve?status=pending"),
                    reject: format!("{href}/reject?status=pending"),
                    by_hand: format!("{href}?status=pending"),
                    digest: "9c41e07b".repeat(8),
                    needs_reason: kind == Kind::Delete,
                })
            } else {
                RowAct::Nothing
            },
        }
    }

    fn tabs(here: &str) -> Vec<Tab> {
        let tab = |name, word: &str, count: Option<&str>, bad| Tab {
            href: format!("/users/provisioning?status={word}"),
            name,
            count: count.map(str::to_owned),
            bad,
            here: word == here,
        };
        vec![
            tab("Pending", "pending", Some("14"), false),
            tab("In progress", "progress", Some("2"), false),
            tab("Failed", "failed", Some("1"), true),
            tab("Done", "done", None, false),
            tab("Rejected", "rejected", None, false),
            tab("All", "all", None, false),
        ]
    }

    fn page(rows: Vec<QueueRow>) -> QueuePage {
        QueuePage {
            shell: shell("Provisioning", Place::Queue, &["Users", "Provisioning"]),
            state: QueueState {
                waiting: 14,
                oldest: Some(Moment::ago(NOW - Duration::hours(18), NOW)),
                dot: "good",
                app: "EchoSign is connected.".to_owned(),
            },
            tabs: tabs("pending"),
            status: "pending".to_owned(),
            sort: String::new(),
            orders: vec![Choice { href: "?sort=age".to_owned(), name: "Oldest first", here: true }],
            views: Views::default(),
            terms: "{}".to_owned(),
            all: Some("14".to_owned()),
            live: "/users/provisioning/live?status=pending".to_owned(),
            problems: Vec::new(),
            query: String::new(),
            waits: true,
            pager: Pager {
                first: None,
                previous: None,
                next: (!rows.is_empty()).then(|| "/users/provisioning?cursor=abc".to_owned()),
                onward: "Next",
                shown: format!("{} shown", rows.len()),
            },
            rows,
            nothing: Nothing::Waits,
            here: "/users/provisioning".to_owned(),
        }
    }

    fn waiting(number: usize) -> Vec<QueueRow> {
        (0..number).map(|number| row(number, true, Badge::waits("Waiting"))).collect()
    }

    #[test]
    fn each_row_is_approved_by_the_digest_that_was_shown() {
        let html = draw("queue", &page(waiting(14)));
        draw("queue-200", &page(waiting(200)));

        assert_eq!(
            html.matches(&format!(r#"name="digest" value="{}""#, "9c41e07b".repeat(8))).count(),
            14
        );
        assert_eq!(
            html.matches(r#"action="/users/provisioning/act_7/approve?status=pending""#).count(),
            1
        );
    }

    #[test]
    fn who_may_not_decide_sees_states_and_no_buttons() {
        let rows = (0..4).map(|number| row(number, false, Badge::waits("Waiting"))).collect();

        let html = draw("queue-auditor", &page(rows));

        assert!(!html.contains("<button class=\"btn s\">Approve"));
        assert_eq!(html.matches("Waiting</span>").count(), 4);
    }

    #[test]
    fn what_failed_says_why_in_the_list() {
        let failed = (0..3).map(|number| QueueRow {
            notes: vec![Note::bad(
                "EchoSign refused the token (401). Create a new token there and press Connect.",
            )],
            ..row(number, false, Badge::bad("Failed"))
        });
        let done = (3..9).map(|number| {
            row(
                number,
                false,
                [Badge::good("Provisioned"), Badge::over("Rejected"), Badge::busy("Sending")]
                    [number % 3]
                    .clone(),
            )
        });
        let rows = failed.chain(done).collect();

        let html = draw("queue-all", &QueuePage { tabs: tabs("all"), waits: false, ..page(rows) });

        assert!(html.contains("refused the token"));
    }

    #[test]
    fn each_emptiness_has_its_reason_and_its_way_on() {
        for (name, nothing, says) in [
            ("waits", Nothing::Waits, "All done"),
            ("here", Nothing::Here, "Nothing here"),
            ("matches", Nothing::Matches, "Nothing matches"),
            ("unconnected", Nothing::Unconnected, "Connect EchoSign"),
        ] {
            let mut empty = QueuePage { nothing, ..page(Vec::new()) };
            empty.state = QueueState { waiting: 0, oldest: None, ..empty.state };
            if nothing == Nothing::Unconnected {
                empty.shell.banners =
                    vec![Banner::demo("/sandbox/echosign"), Banner::unconnected(true)];
                empty.state = QueueState {
                    dot: "warn",
                    app: "EchoSign is not connected.".to_owned(),
                    ..empty.state
                };
            }

            assert!(draw(&format!("queue-empty-{name}"), &empty).contains(says), "{name}");
        }
    }

    #[test]
    fn a_pause_is_said_on_top() {
        let mut paused = page(waiting(3));
        let since = Moment::ago(NOW - Duration::minutes(7), NOW);
        let because =
            "EchoSign refused the token (401). Create a new token there and press Connect.";
        paused.shell.banners = vec![
            Banner::paused(PausedBy::Refusal, because, since, true),
            Banner::switched_off(false),
        ];
        paused.state.dot = "bad";

        assert!(draw("queue-paused", &paused).contains("EchoSign is paused."));
    }
}
