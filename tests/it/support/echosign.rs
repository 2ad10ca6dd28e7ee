//! An app that speaks SCIM as real ones do: it keeps accounts, filters them, refuses a name that
//! is taken, and fails in the way it is told to.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use countersign::scim::{self, list, patch::Patch, resource, schema};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

/// The token that it takes, until it is told another.
pub(crate) const TOKEN: &str = "a-token-of-echosign";

/// What a request may meet instead of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Nothing is done, and this is answered.
    Status(u16),
    /// Nothing is done; it asks to be left alone for so many seconds.
    Throttled(u64),
    /// It is done, and the answer comes later than anybody waits.
    Silence,
    /// It is not done, and the answer never comes either.
    Deaf,
    /// It is done, and answered with this instead.
    Garbled(&'static str),
}

/// What it takes as a PATCH.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Patches {
    /// Whatever SCIM allows.
    #[default]
    Any,
    /// One operation each.
    OneOperation,
    /// None at all.
    None,
}

#[derive(Debug, Default)]
struct State {
    token: String,
    accounts: BTreeMap<u32, Json>,
    made: u32,
    patches: Patches,
    forgets: Vec<&'static str>,
    always_has: Vec<(&'static str, Json)>,
    troubles: Vec<(&'static str, Trouble)>,
    asked: Vec<String>,
}

#[derive(Debug, Default)]
struct Inside {
    state: Mutex<State>,
    was_asked: Notify,
}

/// The app.
#[derive(Debug)]
pub(crate) struct EchoSign {
    server: MockServer,
    inside: Arc<Inside>,
}

impl EchoSign {
    pub(crate) async fn start() -> Self {
        let inside = Arc::new(Inside::default());
        TOKEN.clone_into(&mut inside.lock().token);
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(Answering(Arc::clone(&inside))).mount(&server).await;
        Self { server, inside }
    }

    /// Where its SCIM API is.
    pub(crate) fn url(&self) -> String {
        format!("{}/scim/v2", self.server.uri())
    }

    /// Every request so far but the looks, as `POST Users`.
    pub(crate) fn was_sent(&self) -> Vec<String> {
        let state = self.inside.lock();
        state.asked.iter().filter(|asked| !asked.starts_with("GET")).cloned().collect()
    }

    /// How often it was asked for anything.
    pub(crate) fn times_asked(&self) -> usize {
        self.inside.lock().asked.len()
    }

    /// Comes back once it was asked for something by `method`.
    pub(crate) async fn is_asked(&self, method: &str) {
        loop {
            let asked = self.inside.was_asked.notified();
            if self.inside.lock().asked.iter().any(|asked| asked.starts_with(method)) {
                return;
            }
            asked.await;
        }
    }

    /// Its accounts.
    pub(crate) fn accounts(&self) -> Vec<Json> {
        self.inside.lock().accounts.values().cloned().collect()
    }

    /// The one account of a user name.
    pub(crate) fn account(&self, user_name: &str) -> Option<Json> {
        let mut found = self.accounts();
        found.retain(|account| account["userName"] == user_name);
        assert!(found.len() < 2, "{user_name} has {} accounts", found.len());
        found.pop()
    }

    /// An account is there that nobody here made; returns its id.
    pub(crate) fn has(&self, mut account: Json) -> String {
        if account.get("active").is_none() {
            account["active"] = json!(true);
        }
        self.inside.lock().keep(account)["id"].as_str().unwrap().to_owned()
    }

    /// Somebody changes an account over there.
    pub(crate) fn changes(&self, user_name: &str, member: &str, to: Json) {
        let mut state = self.inside.lock();
        let mut accounts = state.accounts.values_mut();
        accounts.find(|account| account["userName"] == user_name).unwrap()[member] = to;
    }

    /// Somebody removes an account over there.
    pub(crate) fn removes(&self, user_name: &str) {
        self.inside.lock().accounts.retain(|_, account| account["userName"] != user_name);
    }

    /// From now on this is the only token it takes.
    pub(crate) fn takes_only(&self, token: &str) {
        token.clone_into(&mut self.inside.lock().token);
    }

    /// What it takes as a PATCH.
    pub(crate) fn takes(&self, patches: Patches) {
        self.inside.lock().patches = patches;
    }

    /// It takes a member and does not keep it.
    pub(crate) fn forgets(&self, member: &'static str) {
        self.inside.lock().forgets.push(member);
    }

    /// Every account has this, whatever is sent.
    pub(crate) fn always_has(&self, member: &'static str, value: Json) {
        self.inside.lock().always_has.push((member, value));
    }

    /// The next request by `method` that is not in trouble already meets this.
    pub(crate) fn meets(&self, method: &'static str, trouble: Trouble) {
        self.inside.lock().troubles.push((method, trouble));
    }
}

impl Inside {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

struct Answering(Arc<Inside>);

impl Respond for Answering {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock();
        let path = request.url.path().trim_start_matches("/scim/v2/").to_owned();
        state.asked.push(format!("{} {path}", request.method));
        let answer = state.answer(request, &path);
        drop(state);
        self.0.was_asked.notify_waiters();
        answer
    }
}

impl State {
    fn answer(&mut self, request: &Request, path: &str) -> ResponseTemplate {
        let method = request.method.as_str();
        let trouble = self.troubles.iter().position(|(by, _)| *by == method);
        let trouble = trouble.map(|at| self.troubles.remove(at).1);
        let late = Duration::from_mins(10);
        match trouble {
            Some(Trouble::Status(status)) => ResponseTemplate::new(status),
            Some(Trouble::Throttled(seconds)) => {
                ResponseTemplate::new(429).insert_header("retry-after", seconds.to_string())
            }
            Some(Trouble::Deaf) => ResponseTemplate::new(500).set_delay(late),
            Some(Trouble::Silence) => self.carry_out(request, path).set_delay(late),
            Some(Trouble::Garbled(body)) => {
                self.carry_out(request, path).set_body_raw(body, "application/scim+json")
            }
            None => self.carry_out(request, path),
        }
    }

    fn carry_out(&mut self, request: &Request, path: &str) -> ResponseTemplate {
        let done =
            self.perform(request, path).unwrap_or_else(|error| (error.status, error.to_value()));
        let (status, body) = done;
        let answer = ResponseTemplate::new(status);
        if body.is_null() {
            answer
        } else {
            answer.set_body_raw(body.to_string(), scim::MEDIA_TYPE)
        }
    }

    fn perform(&mut self, request: &Request, path: &str) -> Result<(u16, Json), scim::Error> {
        let token = request.headers.get("authorization").and_then(|value| value.to_str().ok());
        if token != Some(&*format!("Bearer {}", self.token)) {
            return Err(scim::Error::new(401, "who are you?"));
        }
        let body: Json = serde_json::from_slice(&request.body).unwrap_or_default();
        let id = path.strip_prefix("Users/").map(|id| id.parse().unwrap_or_default());
        let gone = || scim::Error::new(404, "no such user");
        match (request.method.as_str(), path, id) {
            ("GET", "ServiceProviderConfig", _) => {
                let yes = json!({ "supported": true });
                Ok((200, json!({ "patch": yes, "filter": yes })))
            }
            ("GET", "Users", _) => self.list(request),
            ("POST", "Users", _) => {
                let user = resource::accept(&body, &schema::USERS)?;
                self.refuse_taken(None, &user)?;
                Ok((201, self.keep(user)))
            }
            ("GET", _, Some(id)) => Ok((200, self.accounts.get(&id).ok_or_else(gone)?.clone())),
            ("PUT", _, Some(id)) => {
                self.accounts.get(&id).ok_or_else(gone)?;
                self.replace(id, resource::accept(&body, &schema::USERS)?)
            }
            ("PATCH", _, Some(id)) => {
                let patch = Patch::read(&body)?;
                let many = patch.0.len() > 1;
                if self.patches == Patches::None || (self.patches == Patches::OneOperation && many)
                {
                    return Err(scim::Error::new(501, "not like this"));
                }
                let before = self.accounts.get(&id).ok_or_else(gone)?;
                let after = patch.apply(before, &schema::USERS)?;
                self.replace(id, after)
            }
            ("DELETE", _, Some(id)) => {
                self.accounts.remove(&id).ok_or_else(gone)?;
                Ok((204, Json::Null))
            }
            _ => Err(scim::Error::new(404, "nothing here")),
        }
    }

    fn list(&self, request: &Request) -> Result<(u16, Json), scim::Error> {
        let query: BTreeMap<_, _> = request.url.query_pairs().collect();
        let filter: Option<scim::Filter> =
            query.get("filter").map(|filter| filter.parse()).transpose()?;
        let text = |name: &str| query.get(name).map(|text| &**text);
        let paging = list::Paging::read(text("startIndex"), text("count"), 100)?;
        let all = self
            .accounts
            .values()
            .filter(|account| filter.as_ref().is_none_or(|f| f.matches(account)));
        Ok((200, list::ListResponse::page(all.cloned(), paging).to_value()))
    }

    fn refuse_taken(&self, id: Option<u32>, user: &Json) -> Result<(), scim::Error> {
        let name = |user: &Json| user["userName"].as_str().map(str::to_lowercase);
        let taken =
            self.accounts.iter().any(|(of, other)| Some(*of) != id && name(other) == name(user));
        match taken {
            true => Err(scim::Error::of(scim::ErrorType::Uniqueness, "the user name is taken")),
            false => Ok(()),
        }
    }

    fn replace(&mut self, id: u32, user: Json) -> Result<(u16, Json), scim::Error> {
        self.refuse_taken(Some(id), &user)?;
        Ok((200, self.put(id, user)))
    }

    fn keep(&mut self, user: Json) -> Json {
        self.made += 1;
        self.put(self.made, user)
    }

    fn put(&mut self, id: u32, mut user: Json) -> Json {
        let object = user.as_object_mut().unwrap();
        object.insert("id".to_owned(), json!(id.to_string()));
        object.retain(|member, _| !self.forgets.contains(&&**member));
        for (member, value) in &self.always_has {
            object.insert((*member).to_owned(), value.clone());
        }
        self.accounts.insert(id, user.clone());
        user
    }
}
