//! The whole life of an account in the stand-in EchoSign, under each quirk that was seen and with
//! each fault of an answer.

use std::sync::Arc;

use countersign::{
    apps::{
        Updates,
        account::Account,
        change::{Attribute, Content, Kind, Value},
    },
    connector::{
        Connector, Fate, Refusal,
        scim::{ScimConnector, ScimSettings, UpdateStyle},
        transport::Transport,
    },
    kernel::SystemClock,
    sandbox::{
        EffectKind, Sandbox,
        faults::{Faults, Method, Mishap, Quirk, What},
    },
};
use serde_json::json;

use super::{
    PATIENT, TOKEN, ana, connector, content, endpoint, loopback, settings, sought, text, transport,
};
use crate::conformance::serve;

/// How often an action is tried; the forwarder tries more often.
const TRIES: usize = 6;

/// The app, as one who has connected it speaks to it.
struct App {
    sandbox: Arc<Sandbox>,
    transport: Transport,
    base: String,
    quirk: Quirk,
    /// What the requests of each action meet.
    hits: Vec<Mishap>,
    settings: ScimSettings,
    remote_id: Option<String>,
}

impl App {
    async fn with(quirk: Quirk, transport: &Transport) -> Self {
        let sandbox = Sandbox::new(TOKEN, Arc::new(SystemClock), "").recording();
        let sandbox = Arc::new(sandbox);
        sandbox.misbehave(Faults { quirks: [quirk].into(), ..Faults::default() });
        let base = format!("{}/scim/v2", serve(Arc::clone(&sandbox)).await);
        let connector = ScimConnector::new(transport.clone(), endpoint(&base), settings());
        let found = connector.connect().await.unwrap();
        let settings = ScimSettings {
            updates: if found.patch == Some(false) { UpdateStyle::Put } else { UpdateStyle::Patch },
            filter: found.filter.unwrap_or(true),
            untyped: found.untyped,
            ..settings()
        };
        let transport = transport.clone();
        Self { sandbox, transport, base, quirk, hits: Vec::new(), settings, remote_id: None }
    }

    fn connector(&self) -> ScimConnector {
        ScimConnector::new(self.transport.clone(), endpoint(&self.base), self.settings.clone())
    }

    /// Carries an action out, and tries again as the forwarder does.
    async fn carry_out(&mut self, content: &Content) -> Option<Account> {
        let next = self.hits.clone();
        self.sandbox.misbehave(Faults { next, quirks: [self.quirk].into(), ..Faults::default() });
        let mut tries = 0;
        loop {
            match self.tried(content).await {
                Ok(account) => {
                    self.remote_id = account.as_ref().map(|account| account.remote_id.clone());
                    return account;
                }
                Err(refusal) => self.learn(&refusal),
            }
            tries += 1;
            assert!(tries < TRIES, "{:?} under {}", content.kind, self.quirk.word());
        }
    }

    fn learn(&mut self, refusal: &Refusal) {
        let fate = refusal.fate();
        if !matches!(fate, Fate::Again(_)) {
            assert_eq!(fate, Fate::Simpler, "{refusal:?} under {}", self.quirk.word());
            self.settings.updates = self.settings.simpler(Updates::Detect).unwrap().into();
        }
    }

    /// Looks, sends what is left to do, and looks again where no answer showed the account.
    async fn tried(&self, content: &Content) -> Result<Option<Account>, Refusal> {
        let connector = self.connector();
        let sought = sought(self.remote_id.as_deref());
        let current = connector.find(&sought).await.outcome?;
        let requests = connector.plan(content, current.as_ref());
        let mut latest = if requests.is_empty() { current } else { None };
        for request in requests {
            latest = connector.send(&request).await.outcome?;
        }
        match latest {
            Some(account) => Ok(Some(account)),
            None => connector.find(&sought).await.outcome,
        }
    }

    /// Carries an action out that leaves the one account there is as it says.
    async fn leaves(&mut self, content: &Content) {
        let told = self.carry_out(content).await;
        let kept = self.the_account().await;

        let mut wanted = content.clone();
        wanted.changes.retain(|change| !self.cannot_keep(change.attribute));
        let says = format!("{:?} under {} {:?}", content.kind, self.quirk.word(), self.settings);
        assert!(wanted.is_met_by(&kept.attributes), "{says}: {kept:?}");
        assert_eq!(told.map(|told| told.attributes), Some(kept.attributes), "{says}");
        assert_eq!(kept.external_id, Some(ana().to_string()), "{says}");
    }

    fn cannot_keep(&self, attribute: Attribute) -> bool {
        let put = self.settings.updates == UpdateStyle::Put;
        self.quirk == Quirk::PutKeepsDisplayName && put && attribute == Attribute::DisplayName
    }

    /// The only account there is, as a client reads it.
    async fn the_account(&self) -> Account {
        let kept = self.sandbox.accounts();
        assert_eq!(kept.len(), 1, "{}: {kept:?}", self.quirk.word());
        let id = kept[0]["id"].as_str();
        self.connector().find(&sought(id)).await.outcome.unwrap().unwrap()
    }

    /// What became of accounts, in order, changes that follow each other told once.
    fn effects(&self) -> Vec<EffectKind> {
        let effects = self.sandbox.effects();
        let mut kinds: Vec<_> = effects.into_iter().map(|effect| effect.kind).collect();
        let creates = kinds.iter().filter(|kind| **kind == EffectKind::Create).count();
        assert_eq!(creates, 1, "{}", self.quirk.word());
        kinds.dedup();
        kinds
    }

    /// Lives a whole life: nothing that is repeated does anything.
    async fn lives(mut self) {
        for content in [create(), create(), update(), update(), suspend(), suspend()] {
            self.leaves(&content).await;
        }
        for _ in 0..2 {
            assert_eq!(self.carry_out(&delete()).await, None, "{}", self.quirk.word());
        }
        assert!(self.sandbox.accounts().is_empty(), "{}", self.quirk.word());
        let life = [EffectKind::Create, EffectKind::Change, EffectKind::Delete];
        assert_eq!(self.effects(), life, "{}", self.quirk.word());
    }
}

fn create() -> Content {
    content(
        Kind::Create,
        &[
            (Attribute::UserName, Some(text("Ana@example.com"))),
            (Attribute::GivenName, Some(text("Ana"))),
            (Attribute::FamilyName, Some(text("Lima"))),
            (Attribute::DisplayName, Some(text("Ana Lima"))),
            (Attribute::Email, Some(text("ana@example.com"))),
            (Attribute::Title, Some(text("Analyst"))),
            (Attribute::Department, Some(text("Legal"))),
            (Attribute::Phone, Some(text("+44 20 7946 0018"))),
        ],
    )
}

fn update() -> Content {
    content(
        Kind::Update,
        &[
            (Attribute::FamilyName, Some(text("Costa"))),
            (Attribute::DisplayName, Some(text("Ana Costa"))),
            (Attribute::Email, Some(text("ana.costa@example.com"))),
            (Attribute::Title, Some(text("Senior Analyst"))),
            (Attribute::Department, None),
            (Attribute::Phone, None),
        ],
    )
}

fn suspend() -> Content {
    content(Kind::Suspend, &[(Attribute::Active, Some(Value::Flag(false)))])
}

fn delete() -> Content {
    content(Kind::Delete, &[(Attribute::Title, Some(text("Senior Analyst")))])
}

/// What may go wrong with an answer, or before it.
const BAD: [What; 3] = [What::Reset, What::LoseAnswer, What::Truncate];

fn hit(method: Method, what: What) -> Mishap {
    Mishap { method: Some(method), what: Some(what), ..Mishap::default() }
}

fn patient() -> Transport {
    transport(loopback(), PATIENT)
}

#[tokio::test]
async fn an_account_lives_and_dies_under_each_quirk() {
    let transport = patient();
    for &quirk in Quirk::ALL {
        App::with(quirk, &transport).await.lives().await;
    }
}

#[tokio::test]
async fn an_account_lives_and_dies_under_each_quirk_by_put_and_by_the_list() {
    let transport = patient();
    for &quirk in Quirk::ALL {
        let mut app = App::with(quirk, &transport).await;
        app.settings.updates = UpdateStyle::Put;
        app.settings.filter = false;

        app.lives().await;
    }
}

#[tokio::test]
async fn a_bad_answer_to_a_change_makes_no_second_account_under_any_quirk() {
    let transport = patient();
    let changes = [Method::Post, Method::Put, Method::Patch, Method::Delete];
    for what in BAD {
        for &quirk in Quirk::ALL {
            let mut app = App::with(quirk, &transport).await;
            app.hits = changes.map(|method| hit(method, what)).to_vec();

            app.lives().await;
        }
    }
}

#[tokio::test]
async fn a_bad_answer_to_a_look_is_not_read_as_nobody_under_any_quirk() {
    let transport = patient();
    for what in BAD {
        for &quirk in Quirk::ALL {
            let mut app = App::with(quirk, &transport).await;
            app.hits = vec![hit(Method::Get, what)];

            app.lives().await;
        }
    }
}

#[tokio::test]
async fn an_account_that_somebody_else_made_is_found_under_each_quirk() {
    let transport = patient();
    let made =
        json!({ "userName": "ana@example.com", "name": { "formatted": "A" }, "active": true });
    for &quirk in Quirk::ALL {
        let mut app = App::with(quirk, &transport).await;
        app.sandbox.seed([made.clone()]).unwrap();

        app.carry_out(&create()).await;

        let kept = app.the_account().await;
        assert!(create().is_met_by(&kept.attributes), "{}: {kept:?}", quirk.word());
    }
}

#[tokio::test]
async fn a_refused_token_is_told_however_the_app_says_it() {
    for quirk in [Quirk::BareUnauthorized, Quirk::OtherUnauthorized, Quirk::ClosesConnections] {
        let sandbox = Arc::new(Sandbox::new("another token", Arc::new(SystemClock), ""));
        sandbox.misbehave(Faults { quirks: [quirk].into(), ..Faults::default() });
        let base = format!("{}/scim/v2", serve(sandbox).await);

        let refusal = connector(&base).connect().await.unwrap_err();

        assert_eq!(refusal, Refusal::CredentialsRefused, "{}", quirk.word());
    }
}
