//! What a list of actions is asked for by: its address, whole.

use serde::Deserialize;
use time::OffsetDateTime;

use super::super::query;
use crate::{
    access::Actor,
    kernel::ActionId,
    queue::{
        search::Search,
        store::{Filter, Order, Part, Tab, Unknown},
    },
    web::paths,
};

/// The word of the tab that is not one of the store's.
pub(in crate::web::routes) const ALL: &str = "all";

/// The parameters of a list of actions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::routes) struct Asked {
    pub(in crate::web::routes) status: String,
    pub(in crate::web::routes) q: String,
    pub(in crate::web::routes) sort: String,
    pub(in crate::web::routes) cursor: Option<String>,
    pub(in crate::web::routes) before: Option<String>,
}

/// The same as understood.
#[derive(Debug, Clone)]
pub(in crate::web::routes) struct Understood {
    pub(in crate::web::routes) filter: Filter,
    pub(in crate::web::routes) order: Order,
    /// What of the search was not understood, with the mend.
    pub(in crate::web::routes) problems: Vec<String>,
}

/// That nobody has a name, in words.
pub(super) fn unheard_of(unknown: &Unknown) -> String {
    match unknown {
        Unknown::App(name) => format!("app: there is no app called “{name}”."),
        Unknown::Source(name) => {
            format!("source: there is no source called “{name}”. Settings > Sources lists them.")
        }
        Unknown::Decider(name) => {
            format!("by: no administrator and no token is called “{name}”.")
        }
    }
}

impl Asked {
    /// What of it is an address of a list, and not of one of its pages.
    pub(in crate::web::routes) fn understood(
        &self,
        now: OffsetDateTime,
        reader: &Actor,
    ) -> Understood {
        let search = Search::read(&self.q, now, reader.email.as_deref());
        let mut filter = search.filter;
        // Who looks for a state means that, whichever tab they are on.
        filter.tab = filter.status.map_or_else(|| self.tab(), |status| Some(status.tab()));
        let order = self.sort.parse().ok().filter(|order: &Order| order.serves(&filter));
        let mut problems = search.problems;
        if filter.by.is_some() && filter.tab == Some(Tab::Pending) {
            let says =
                "by: nobody has decided yet about what waits. Look on another tab, or under All.";
            problems.push(says.to_owned());
        }
        Understood { order: order.unwrap_or(filter.order()), filter, problems }
    }

    /// The tab that is shown; `None` for all of them.
    fn tab(&self) -> Option<Tab> {
        match &*self.status {
            ALL => None,
            word => Some(word.parse().unwrap_or(Tab::Pending)),
        }
    }

    pub(in crate::web::routes) fn part(&self) -> Part<'_> {
        match (&self.before, &self.cursor) {
            (Some(mark), _) => Part::Before(mark),
            (None, Some(mark)) => Part::After(mark),
            (None, None) => Part::First,
        }
    }

    /// The query string of the list, from its beginning; empty for what waits, as one comes for that.
    pub(in crate::web::routes) fn list(&self) -> String {
        self.marked("", "")
    }

    /// The address of one of its pages.
    pub(in crate::web::routes) fn at(&self, part: Part<'_>) -> String {
        let query = match part {
            Part::First => self.list(),
            Part::After(mark) => self.marked("cursor", mark),
            Part::Before(mark) => self.marked("before", mark),
        };
        format!("{}{query}", paths::QUEUE)
    }

    /// The list as a query string that says which it is, also for what waits: an action that is opened from it
    /// leads on to its neighbours there.
    pub(in crate::web::routes) fn context(&self) -> String {
        query(&self.pairs())
    }

    /// The same with the page of it that is shown.
    pub(in crate::web::routes) fn context_here(&self) -> String {
        let mut pairs = self.pairs().to_vec();
        match self.part() {
            Part::First => {}
            Part::After(mark) => pairs.push(("cursor", mark)),
            Part::Before(mark) => pairs.push(("before", mark)),
        }
        query(&pairs)
    }

    fn pairs(&self) -> [(&'static str, &str); 3] {
        let status = if self.status.is_empty() { Tab::Pending.word() } else { &self.status };
        [("status", status), ("q", self.q.trim()), ("sort", &self.sort)]
    }

    /// An action's page, which leads on in this list if it was opened from one.
    pub(in crate::web::routes) fn of_action(&self, id: ActionId) -> String {
        format!("{}{}", paths::action(id), self.kept())
    }

    /// What the page of an action keeps of the list it was opened from; empty when it was from none.
    pub(in crate::web::routes) fn kept(&self) -> String {
        if self.status.is_empty() { String::new() } else { self.context() }
    }

    /// The same list on another tab.
    pub(in crate::web::routes) fn on(&self, status: &str) -> Self {
        let sort = self.sort.clone();
        Self { status: status.to_owned(), q: self.q.clone(), sort, ..Self::default() }
    }

    /// The same list in another order.
    pub(in crate::web::routes) fn sorted(&self, sort: &str) -> Self {
        Self { sort: sort.to_owned(), ..self.on(&self.status) }
    }

    fn marked(&self, name: &str, mark: &str) -> String {
        let status = if self.tab() == Some(Tab::Pending) { "" } else { &*self.status };
        let mut pairs = vec![("status", status), ("q", self.q.trim()), ("sort", &self.sort)];
        if !name.is_empty() {
            pairs.push((name, mark));
        }
        query(&pairs)
    }
}
