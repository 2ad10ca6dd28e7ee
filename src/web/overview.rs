//! `/overview`: what waits and for how long, what was decided, what failed, and how each app is.

use askama::{Template, filters::HtmlSafe};

use super::{
    parts::{Badge, ChangeLine, Chart, Empty, Icon, Moment, Who, count},
    paths,
    shell::Shell,
};

/// Something to be done before anything can be provisioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What, in three words.
    pub title: &'static str,
    /// What it takes.
    pub says: &'static str,
    /// Whether it is done.
    pub done: bool,
    /// Where it is done and the words for it, for whoever may.
    pub next: Option<(&'static str, &'static str)>,
}

/// An action that waits.
#[derive(Debug, Clone)]
pub struct WaitLine {
    /// Whose account; the name opens the action.
    pub who: Who,
    /// What is to be done.
    pub kind: Badge,
    /// What changes.
    pub change: ChangeLine,
    /// Since when it waits.
    pub at: Moment,
}

/// So many of those that wait have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pile {
    /// What: a kind, a source, an app.
    pub name: String,
    /// How many: `12`.
    pub count: String,
    /// The list of them.
    pub href: String,
}

/// What waits, by what it has in common.
#[derive(Debug, Clone, Default)]
pub struct Piles {
    /// By what is done.
    pub kinds: Vec<Pile>,
    /// By where it came from.
    pub sources: Vec<Pile>,
    /// By app.
    pub apps: Vec<Pile>,
    /// Whether only some of what waits was looked at: `of the oldest 10,000`.
    pub of: Option<String>,
}

impl Piles {
    fn all(&self) -> [(&'static str, &[Pile]); 3] {
        [("By kind", &self.kinds), ("By source", &self.sources), ("By app", &self.apps)]
    }
}

/// A chart with its words beside it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/charted.html")]
pub struct Charted {
    /// What it shows, in a sentence or two.
    pub says: String,
    /// The numbers that stand large above it: a name and a number.
    pub figures: Vec<(&'static str, String)>,
    /// The chart.
    pub chart: Chart,
}
impl HtmlSafe for Charted {}

/// Actions that failed for one cause.
#[derive(Debug, Clone)]
pub struct FailureLine {
    /// Why, in plain words.
    pub cause: String,
    /// `3 stand failed`, where any do.
    pub standing: Option<String>,
    /// `12 in the last 7 days`, where any are so new.
    pub lately: Option<String>,
    /// The page of the newest of them.
    pub href: String,
    /// When that failed.
    pub at: Moment,
}

/// One fact of an app: words, perhaps a time, perhaps more words.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// The words.
    pub says: String,
    /// The time that belongs to them.
    pub at: Option<Moment>,
}

/// How an app is.
#[derive(Debug, Clone)]
pub struct AppLine {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: &'static str,
    /// How it is, in a word.
    pub state: Badge,
    /// The rest.
    pub facts: Vec<Fact>,
}

/// The overview.
#[derive(Debug, Template)]
#[template(path = "overview.html")]
pub struct OverviewPage {
    /// What stands around it.
    pub shell: Shell,
    /// How many actions wait for a decision, up to what is counted: `14`, `10,000+`; `None` for none.
    pub waiting: Option<String>,
    /// When the oldest of them was asked for.
    pub since: Option<Moment>,
    /// How many stand failed; `None` for none.
    pub failed: Option<String>,
    /// What is to be done first; empty once all of it is.
    pub steps: Vec<Step>,
    /// The oldest that wait.
    pub oldest: Vec<WaitLine>,
    /// All that wait, by what they have in common.
    pub piles: Piles,
    /// The decisions of each day; `None` when there were none.
    pub decisions: Option<Charted>,
    /// How long they took; `None` when there were none.
    pub took: Option<Charted>,
    /// What failed, by cause.
    pub failures: Vec<FailureLine>,
    /// Each app.
    pub apps: Vec<AppLine>,
}

impl OverviewPage {
    fn lead(&self) -> String {
        match self.waiting.as_deref() {
            None => "Nothing waits for approval".to_owned(),
            Some("1") => "1 change waits for approval".to_owned(),
            Some(many) => format!("{many} changes wait for approval"),
        }
    }

    fn steps_done(&self) -> String {
        let done = self.steps.iter().filter(|step| step.done).count();
        format!("{} of {} done", count(done), count(self.steps.len()))
    }

    fn nothing_waits(&self) -> Empty {
        let says = if self.steps.is_empty() {
            "A change to a person that needs approval appears here."
        } else {
            "Once the steps above are done, each change that needs approval appears here."
        };
        let next = (self.steps.is_empty()).then(|| (paths::PEOPLE.to_owned(), "Go to People"));
        Empty { icon: Icon::Good, title: "Nothing waits", says: says.to_owned(), next }
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::{
        apps::change::{Attribute, Change, Kind, Value},
        web::{
            parts::{Figure, Scale, Series, Shape, Slot},
            samples::{NOW, draw, shell, somebody},
            shell::Place,
        },
    };

    fn ago(hours: i64) -> Moment {
        Moment::short(NOW - Duration::hours(hours), NOW)
    }

    fn line(number: usize) -> WaitLine {
        let kind = Kind::ALL[number % Kind::ALL.len()];
        let (name, mail) = somebody(number);
        let changes = [Change {
            attribute: Attribute::Title,
            from: Some(Value::Text("Analyst".to_owned())),
            to: Some(Value::Text("Senior Analyst".to_owned())),
        }];
        WaitLine {
            who: Who::new(name, mail).opening(format!("/users/provisioning/act_{number}")),
            kind: Badge::kind(kind),
            change: ChangeLine::of(kind, &changes),
            at: ago(i64::try_from(number).unwrap_or(1)),
        }
    }

    fn pile(name: &str) -> Pile {
        let (name, count) = (name.to_owned(), "7".to_owned());
        Pile { name, count, href: "/users/provisioning?q=action:create".to_owned() }
    }

    fn charted(shape: Shape) -> Charted {
        let slots = (0..30_u32).map(|day| Slot {
            name: format!("{} Nov", day + 1),
            figures: vec![Figure { drawn: Some(f64::from(day)), told: day.to_string() }],
        });
        Charted {
            says: "People approved 120.".to_owned(),
            figures: vec![("Half within", "3 h".to_owned())],
            chart: Chart {
                label: "Decisions per day".to_owned(),
                shape,
                series: vec![Series { name: "Approved by people", class: "people" }],
                of: "Day",
                slots: slots.collect(),
                scale: Scale::of(29.0, &[40.0], |mark| mark.to_string()),
            },
        }
    }

    fn page() -> OverviewPage {
        OverviewPage {
            shell: shell("Overview", Place::Overview, &[]),
            waiting: Some("14".to_owned()),
            since: Some(Moment::ago(NOW - Duration::hours(18), NOW)),
            failed: Some("3".to_owned()),
            steps: Vec::new(),
            oldest: (0..10).map(line).collect(),
            piles: Piles {
                kinds: vec![pile("Create"), pile("Update")],
                sources: vec![pile("Okta")],
                apps: vec![pile("EchoSign")],
                of: Some("of the oldest 10,000".to_owned()),
            },
            decisions: Some(charted(Shape::Bars)),
            took: Some(charted(Shape::Lines)),
            failures: vec![FailureLine {
                cause: "EchoSign refused the values (400): title is too long.".to_owned(),
                standing: Some("3 stand failed".to_owned()),
                lately: None,
                href: "/users/provisioning/act_9".to_owned(),
                at: Moment::ago(NOW, NOW),
            }],
            apps: vec![AppLine {
                name: "EchoSign".to_owned(),
                href: paths::SENDING,
                state: Badge::good("Connected"),
                facts: vec![Fact { name: "Last success", says: String::new(), at: Some(ago(1)) }],
            }],
        }
    }

    fn empty() -> OverviewPage {
        let step = |title, done| Step {
            title,
            says: "What it takes.",
            done,
            next: Some((paths::CONFIGURATION, "Connect")),
        };
        OverviewPage {
            waiting: None,
            since: None,
            failed: None,
            steps: vec![step("Connect EchoSign", true), step("Turn provisioning on", false)],
            oldest: Vec::new(),
            piles: Piles::default(),
            decisions: None,
            took: None,
            failures: Vec::new(),
            ..page()
        }
    }

    #[test]
    fn what_waits_leads_to_its_action_and_is_counted() {
        let html = draw("overview", &page());

        assert_eq!(html.matches(r#"class="open" href="/users/provisioning/act_"#).count(), 10);
        for part in ["14 changes wait for approval", "of the oldest 10,000", "Okta", "All 14"] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn both_charts_are_pictures_with_words_and_numbers() {
        let html = draw("overview", &page());

        assert_eq!(html.matches(r#"role="img""#).count(), 2);
        assert_eq!(html.matches("As a table").count(), 2);
        assert!(html.contains("<rect class=\"people\"") && html.contains("class=\"line people\""));
    }

    #[test]
    fn a_failure_says_why_how_often_and_leads_to_its_newest() {
        let html = draw("overview", &page());

        for part in ["title is too long", "3 stand failed", "/users/provisioning/act_9"] {
            assert!(html.contains(part), "{part}");
        }
    }

    #[test]
    fn an_empty_house_says_what_to_do_next_and_shows_no_empty_chart() {
        let html = draw("overview-empty", &empty());

        assert!(html.contains("1 of 2 done") && html.contains("Turn provisioning on"));
        assert_eq!(html.matches(">Connect<").count(), 1, "only what is not done leads on");
        assert!(!html.contains("<svg class=\"plot\""), "a chart of nothing");
        assert!(!html.contains("Go to People") && html.contains("Nothing has failed"));
    }
}
