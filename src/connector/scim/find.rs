//! Looking an account up, and never trusting a hit.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use serde_json::Value as Json;

use super::{
    ScimConnector,
    list::{self, users_where},
    resource,
};
use crate::{
    apps::{
        account::Account,
        change::{Attribute, Value},
    },
    connector::{Candidates, Exchange, Found, Instead, Refusal, Sought, transport::encoded},
    scim::list::ListResponse,
};

/// How many accounts a page of the whole list asks for.
const PAGE: usize = 100;
/// The longest a walk through the whole list takes. With one more request it stays below a job's lease.
const LONGEST_WALK: Duration = Duration::from_mins(1);
/// How many requests of one look-up are kept as evidence.
const KEPT: usize = 20;

/// Looks an account up: by the app's id, else by user name, else by our id.
pub(super) async fn find(connector: &ScimConnector, sought: &Sought) -> Found {
    let mut search = Search { connector, sought, wide: false, exchanges: Vec::new() };
    let outcome = search.run().await;
    Found { exchanges: search.exchanges, outcome }
}

/// Looks for every account of the user name, of our id, or of the e-mail address.
pub(super) async fn candidates(connector: &ScimConnector, sought: &Sought) -> Candidates {
    let mut search = Search { connector, sought, wide: true, exchanges: Vec::new() };
    let outcome = search.all().await;
    Candidates { exchanges: search.exchanges, outcome }
}

struct Search<'a> {
    connector: &'a ScimConnector,
    sought: &'a Sought,
    /// Whether an account of the e-mail address matches too.
    wide: bool,
    exchanges: Vec<Exchange>,
}

impl Search<'_> {
    async fn run(&mut self) -> Result<Option<Account>, Refusal> {
        if let Some(id) = self.sought.remote_id.as_deref()
            && let Some(account) = self.by_id(id).await?
        {
            return Ok(Some(account));
        }
        if self.connector.settings.filter
            && let Some(matches) = self.by_filter().await?
        {
            return self.the_one(matches);
        }
        let matches = self.walk().await?;
        self.the_one(matches)
    }

    /// All that match, each once.
    async fn all(&mut self) -> Result<Vec<Account>, Refusal> {
        let mut found = None;
        if self.connector.settings.filter {
            found = self.by_filter().await?;
        }
        let mut matches = match found {
            None => self.walk().await?,
            Some(mut matches) => {
                matches.extend(self.by_email().await?);
                matches
            }
        };
        let mut ids = HashSet::new();
        matches.retain(|account| ids.insert(account.remote_id.clone()));
        Ok(matches)
    }

    /// Those of the e-mail address, where the app filters by it; many know no such filter.
    async fn by_email(&mut self) -> Result<Vec<Account>, Refusal> {
        let Some(email) = self.sought.email.clone() else { return Ok(Vec::new()) };
        match self.page(users_where("emails.value", &email)).await {
            Err(Refusal::NotFound) => Ok(Vec::new()),
            Err(refusal) if is_about_the_filter(&refusal) => Ok(Vec::new()),
            list => Ok(self.matches(&list?)),
        }
    }

    async fn get(&mut self, path: String) -> Result<Option<Json>, Refusal> {
        let (exchange, told) = self.connector.get(path).await;
        if self.exchanges.len() < KEPT {
            self.exchanges.push(exchange);
        }
        told
    }

    /// Reads a page of accounts. Of more than two, the evidence is their number: the others
    /// have no part in this action.
    async fn page(&mut self, path: String) -> Result<ListResponse, Refusal> {
        let kept = self.exchanges.len();
        let list = list::read(self.get(path).await?.as_ref())?;
        if let Some(exchange) = self.exchanges.get_mut(kept).filter(|_| list.resources.len() > 2) {
            exchange.answer = format!("a list of {} accounts", list.resources.len());
        }
        Ok(list)
    }

    /// The account with the app's own id. That it was not found this way does not say that it
    /// is gone: only a search that was answered in SCIM does.
    async fn by_id(&mut self, id: &str) -> Result<Option<Account>, Refusal> {
        let told = match self.get(format!("Users/{}", encoded(id))).await {
            Err(
                Refusal::NotFound
                | Refusal::NotScim { status: 404 | 410, got: Instead::Json | Instead::Nothing }
                | Refusal::Invalid { .. }
                | Refusal::Unsupported { .. },
            ) => return Ok(None),
            told => told?,
        };
        let account = told.as_ref().and_then(resource::account);
        let account = account.ok_or(Refusal::Unreadable { what: "the account has no id" })?;
        Ok(Some(account).filter(|account| account.remote_id == id))
    }

    /// The accounts that match by filter, or `None` when this app's filter cannot be relied on.
    async fn by_filter(&mut self) -> Result<Option<Vec<Account>>, Refusal> {
        let name = self.sought.user_name.clone();
        // Some apps compare with regard to case, and then take the same name twice.
        let lower = Some(name.to_lowercase()).filter(|lower| *lower != name);
        for name in std::iter::once(name).chain(lower) {
            let list = match self.page(users_where("userName", &name)).await {
                Err(Refusal::NotFound) => continue,
                Err(refusal) if is_about_the_filter(&refusal) => return Ok(None),
                list => list?,
            };
            let matches = self.matches(&list);
            if !matches.is_empty() {
                return Ok(Some(matches));
            }
            if !is_nobody(&list) {
                return Ok(None);
            }
        }
        // Many apps filter by user name only: then nobody is known by our id.
        let path = users_where("externalId", &self.sought.user.to_string());
        match self.page(path).await {
            Err(Refusal::NotFound) => Ok(Some(Vec::new())),
            Err(refusal) if is_about_the_filter(&refusal) => Ok(Some(Vec::new())),
            list => Ok(Some(self.matches(&list?))),
        }
    }

    /// The accounts that match, out of the whole list.
    async fn walk(&mut self) -> Result<Vec<Account>, Refusal> {
        let begun = Instant::now();
        let mut seen = HashSet::new();
        let mut matches = Vec::new();
        let mut counts = true;
        loop {
            let list = self.next_page(seen.len(), &mut counts).await?;
            let before = seen.len();
            for resource in &list.resources {
                if seen.insert(name_of(resource)) {
                    matches.extend(self.matching(resource));
                }
            }
            let all = list.total.is_some_and(|total| seen.len() as u64 >= total);
            // Some apps count more than they show: the end is where a page is empty.
            let end = list.resources.is_empty() && before > 0;
            if all || end || is_nobody(&list) {
                return Ok(matches);
            }
            if seen.len() == before {
                // The page repeats. Without a total it may have been all there is.
                return if list.total.is_none() { Ok(matches) } else { Err(Refusal::Unsearchable) };
            }
            if begun.elapsed() > LONGEST_WALK {
                return Err(Refusal::Unsearchable);
            }
        }
    }

    async fn next_page(&mut self, seen: usize, counts: &mut bool) -> Result<ListResponse, Refusal> {
        let start = seen + 1;
        if *counts {
            match self.page(format!("Users?startIndex={start}&count={PAGE}")).await {
                // Some apps fail at `count`.
                Err(
                    Refusal::Down { .. } | Refusal::Invalid { .. } | Refusal::Unsupported { .. },
                ) if seen == 0 => {
                    *counts = false;
                }
                list => return list,
            }
        }
        let path = if seen == 0 { "Users".to_owned() } else { format!("Users?startIndex={start}") };
        self.page(path).await
    }

    fn matches(&self, list: &ListResponse) -> Vec<Account> {
        list.resources.iter().filter_map(|resource| self.matching(resource)).collect()
    }

    /// The account, if it truly is the one that is sought.
    fn matching(&self, resource: &Json) -> Option<Account> {
        let account = resource::account(resource)?;
        let named = Value::Text(self.sought.user_name.clone());
        let same_name = account
            .attributes
            .get(&Attribute::UserName)
            .is_some_and(|name| name.same(Attribute::UserName, &named));
        let same_email = || {
            let email = self.sought.email.clone().filter(|_| self.wide).map(Value::Text);
            email
                .zip(account.attributes.get(&Attribute::Email))
                .is_some_and(|(email, has)| email.same(Attribute::Email, has))
        };
        (same_name || self.is_ours(&account) || same_email()).then_some(account)
    }

    fn is_ours(&self, account: &Account) -> bool {
        account.external_id.as_deref() == Some(&*self.sought.user.to_string())
    }

    /// The only match. Among several it is the one that carries our own id.
    fn the_one(&self, mut matches: Vec<Account>) -> Result<Option<Account>, Refusal> {
        let mut ids = HashSet::new();
        matches.retain(|account| ids.insert(account.remote_id.clone()));
        let found = matches.len();
        if found > 1 {
            matches.retain(|account| self.is_ours(account));
        }
        match (matches.pop(), matches.is_empty()) {
            (Some(account), true) => Ok(Some(account)),
            (None, _) if found == 0 => Ok(None),
            _ => Err(Refusal::Ambiguous { matches: found }),
        }
    }
}

/// Whether a page says that there is nobody. One that counts people and shows none does not.
fn is_nobody(list: &ListResponse) -> bool {
    list.resources.is_empty() && list.total.is_none_or(|total| total == 0)
}

/// Whether the app may answer the same question without a filter.
fn is_about_the_filter(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Invalid { .. }
            | Refusal::Unsupported { .. }
            | Refusal::Forbidden { .. }
            | Refusal::TooLarge
    )
}

/// What tells two entries of a list apart.
fn name_of(resource: &Json) -> String {
    match resource::account(resource) {
        Some(account) => account.remote_id,
        None => resource.to_string(),
    }
}
