//! Identity providers that push people, and remember of each change only whether it was accepted.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::client::{Answer, Client};

const USERS: &str = "/scim/v2/Users";
/// How many people each provider has.
const PEOPLE: usize = 45;
/// How often somebody whose account was deleted comes back.
const LIVES: usize = 3;
/// One in so many gets actions that are rejected.
const REJECTED: usize = 8;

/// A change, as the history calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Created(String),
    Titled(String),
    Suspended,
    Reactivated,
    Deleted,
}

impl Change {
    /// The event that it leaves.
    pub(crate) const fn verb(&self) -> &'static str {
        match self {
            Self::Created(_) => "user.created",
            Self::Titled(_) => "user.updated",
            Self::Suspended => "user.suspended",
            Self::Reactivated => "user.reactivated",
            Self::Deleted => "user.deleted",
        }
    }

    /// Whether somebody who is `now` there shows it.
    fn shows(&self, now: Option<&Value>) -> bool {
        match (self, now) {
            (Self::Deleted, now) => now.is_none(),
            (_, None) => false,
            (Self::Created(title) | Self::Titled(title), Some(now)) => now["title"] == **title,
            (Self::Suspended, Some(now)) => now["active"] == false,
            (Self::Reactivated, Some(now)) => now["active"] == true,
        }
    }
}

/// Somebody from their create to their delete: one user of Countersign, and one account.
#[derive(Debug, Clone, Default)]
pub(crate) struct Life {
    /// The id that was answered.
    pub(crate) id: String,
    /// What was accepted, in order.
    pub(crate) accepted: Vec<Change>,
}

impl Life {
    /// Whether they were deleted.
    pub(crate) fn is_over(&self) -> bool {
        self.accepted.last() == Some(&Change::Deleted)
    }

    /// Whether they may work.
    pub(crate) fn is_active(&self) -> bool {
        let switched = self.accepted.iter().rev().find_map(|change| match change {
            Change::Created(_) | Change::Reactivated => Some(true),
            Change::Suspended => Some(false),
            Change::Titled(_) | Change::Deleted => None,
        });
        switched.unwrap_or_default()
    }

    /// What they are called now.
    pub(crate) fn title(&self) -> &str {
        let titles = self.accepted.iter().rev().find_map(|change| match change {
            Change::Created(title) | Change::Titled(title) => Some(&**title),
            _ => None,
        });
        titles.unwrap_or_default()
    }
}

/// What all providers found out.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Changes whose answer did not come, and that were found to be there.
    pub(crate) found: u64,
    /// Changes that were asked for again.
    pub(crate) repeated: u64,
    /// Changes that were there although the answer was that the database was away.
    pub(crate) done_all_the_same: u64,
    /// What should not have been answered.
    pub(crate) faults: Vec<String>,
}

/// One identity provider.
pub(crate) struct Provider {
    client: Client,
    name: String,
    random: StdRng,
    people: Vec<(String, Vec<Life>)>,
    titles: u32,
    heard: Arc<Mutex<Heard>>,
}

/// Whether reviewers reject some of what is to be done about this person.
pub(crate) fn is_rejected(user_name: &str) -> bool {
    user_name.starts_with("rejected")
}

impl Provider {
    pub(crate) fn new(client: Client, number: u64, seed: u64, heard: Arc<Mutex<Heard>>) -> Self {
        let random = StdRng::seed_from_u64(seed.wrapping_add(number));
        Self { client, name: format!("p{number}"), random, people: Vec::new(), titles: 0, heard }
    }

    /// Pushes one change after the other until `stop`, and returns the lives that it knows of.
    pub(crate) async fn push(mut self, stop: CancellationToken) -> Vec<Life> {
        while !stop.is_cancelled() {
            let (place, change) = self.choose();
            self.bring_about(place, change).await;
            sleep(Duration::from_millis(self.random.random_range(20..200))).await;
        }
        self.people.into_iter().flat_map(|(_, lives)| lives).collect()
    }

    /// Whom to change, and how.
    fn choose(&mut self) -> (usize, Change) {
        self.titles += 1;
        let title = format!("{}, title {}", self.name, self.titles);
        let room = self.people.len() < PEOPLE;
        if room && (self.people.is_empty() || self.random.random_bool(0.3)) {
            let kind =
                if self.people.len().is_multiple_of(REJECTED) { "rejected" } else { "person" };
            let name = format!("{kind}.{}.{}@northwind.example", self.name, self.people.len());
            self.people.push((name, vec![Life::default()]));
            return (self.people.len() - 1, Change::Created(title));
        }
        let place = self.random.random_range(0..self.people.len());
        let (name, lives) = &mut self.people[place];
        let dice = self.random.random_range(0..100);
        let life = lives.last().cloned().unwrap_or_default();
        let change = match (life.is_over(), life.is_active(), dice) {
            (true, ..) if lives.len() < LIVES && !is_rejected(name) => {
                lives.push(Life::default());
                Change::Created(title)
            }
            (true, ..) => return self.choose(),
            (_, _, 0..8) => Change::Deleted,
            (_, true, 8..30) => Change::Suspended,
            (_, false, 8..60) => Change::Reactivated,
            _ => Change::Titled(title),
        };
        (place, change)
    }

    /// Asks until it is known that the change is there, as an identity provider does.
    async fn bring_about(&mut self, place: usize, change: Change) {
        loop {
            let answer = self.ask(place, &change).await;
            if let Some(answer) = answer.as_ref().filter(|answer| answer.is_accepted()) {
                return self.accept(place, change, &answer.body);
            }
            let now = self.look(place).await;
            let is_there = change.shows(now.as_ref());
            let said_no = answer.as_ref().is_some_and(Answer::says_no);
            if is_there {
                self.hear(|heard| heard.found += 1);
                if answer.is_some() && !said_no {
                    self.hear(|heard| heard.done_all_the_same += 1);
                }
                return self.accept(place, change, &now.unwrap_or_default());
            }
            if said_no {
                let (name, _) = self.people.swap_remove(place);
                let fault = format!("{change:?} of {name}, of whom there is {now:?}: {answer:?}");
                return self.hear(|heard| heard.faults.push(fault));
            }
            self.hear(|heard| heard.repeated += 1);
            sleep(Duration::from_millis(self.random.random_range(50..300))).await;
        }
    }

    async fn ask(&self, place: usize, change: &Change) -> Option<Answer> {
        let (name, lives) = &self.people[place];
        let path = format!("{USERS}/{}", lives.last().map_or("", |life| &*life.id));
        let (method, path, body) = match change {
            Change::Created(title) => {
                (Method::POST, USERS.to_owned(), Some(somebody(name, lives.len(), title)))
            }
            Change::Titled(title) => {
                let operation = json!({ "op": "replace", "path": "title", "value": title });
                (Method::PATCH, path, Some(patch(&operation)))
            }
            Change::Suspended | Change::Reactivated => {
                let active = *change == Change::Reactivated;
                let operation = json!({ "op": "replace", "value": { "active": active } });
                (Method::PATCH, path, Some(patch(&operation)))
            }
            Change::Deleted => (Method::DELETE, path, None),
        };
        self.client.ask(method, &path, body.as_ref()).await
    }

    /// Looks somebody up by name until there is an answer.
    async fn look(&mut self, place: usize) -> Option<Value> {
        let filter = format!(r#"userName eq "{}""#, self.people[place].0);
        let path = format!("{USERS}?filter={}", utf8_percent_encode(&filter, NON_ALPHANUMERIC));
        loop {
            let answer = self.client.ask(Method::GET, &path, None).await;
            if let Some(answer) = answer.filter(Answer::is_accepted) {
                return answer.body["Resources"].get(0).cloned();
            }
            sleep(Duration::from_millis(self.random.random_range(50..300))).await;
        }
    }

    fn accept(&mut self, place: usize, change: Change, told: &Value) {
        if let Some(life) = self.people[place].1.last_mut() {
            if let Some(id) = told["id"].as_str() {
                id.clone_into(&mut life.id);
            }
            life.accepted.push(change);
        }
    }

    fn hear(&self, what: impl FnOnce(&mut Heard)) {
        what(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn patch(operation: &Value) -> Value {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({ "schemas": [schema], "Operations": [operation] })
}

fn somebody(name: &str, life: usize, title: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name, "externalId": format!("{life} of {name}"),
        "name": { "givenName": "Person", "familyName": name.split('@').next() },
        "emails": [{ "primary": true, "value": name, "type": "work" }],
        "title": title, "active": true,
    })
}
