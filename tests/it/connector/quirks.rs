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
        Self { sandbox, transport: transport.clone(), base, settings, remote_id: None }
    }

    fn connector(&self) -> ScimConnector {
        ScimConnector::new(self.transport.clone(), endpoint(&self.base), self.settings.clone())
    }

    /// The next requests meet these, on top of the quirks.
    fn meets(&self, next: Vec<Mishap>, quirk: Quirk) {
        self.sandbox.misbehave(Faults { next, quirks: [quirk].into(), ..Faults::default() });
    }

    /// Carries an action out, and tries again as the forwarder does.
    async fn carry_out(&mut self, content: &Content) -> Option<Account> {
        for _ in 0..TRIES {
            match self.tried(content).await {
                Ok(account) => {
                    self.remote_id = account.as_ref().map(|account| account.remote_id.clone());
                    return account;
                }
                Err(refusal) => self.learn(&refusal),
            }
        }
        panic!("{:?} came to no end", content.kind);
    }

    fn learn(&mut self, refusal: &Refusal) {
        match refusal.fate() {
            Fate::Again(_) => {}
            Fate::Simpler => {
                self.settings.updates = self.settings.simpler(Updates::Detect).unwrap().into();
            }
            fate => panic!("{refusal:?} ends in {fate:?}"),
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

    /// What became of accounts, in order, without repeating a change.
    fn effects(&self) -> Vec<EffectKind> {
        let mut kinds: Vec<_> =
            self.sandbox.effects().into_iter().map(|effect| effect.kind).collect();
        kinds.dedup();
        kinds
    }

    /// The only account there is, as a client of it would read it.
    async fn the_account(&self) -> Account {
        let kept = self.sandbox.accounts();
        assert_eq!(kept.len(), 1, "{kept:?}");
        let id = kept[0]["id"].as_str().unwrap();
        self.connector().find(&sought(Some(id))).await.outcome.unwrap().unwrap()
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

/// What the app does not keep of an update, by its quirk and the way it is asked.
fn is_not_kept(attribute: Attribute, quirk: Quirk, updates: UpdateStyle) -> bool {
    quirk == Quirk::PutKeepsDisplayName
        && updates == UpdateStyle::Put
        && attribute == Attribute::DisplayName
}

/// Lives a whole life, with what `before` does before each step of it.
async fn lives(app: &mut App, quirk: Quirk, before: impl Fn(&App)) {
    let says = format!("{} {:?}", quirk.word(), app.settings);
    before(app);
    let created = app.carry_out(&create()).await.expect(&says);
    assert!(create().is_met_by(&created.attributes), "{says}: {created:?}");
    assert_eq!(created.external_id, Some(ana().to_string()), "{says}");
    assert_eq!(app.the_account().await.attributes, created.attributes, "{says}");

    before(app);
    app.carry_out(&create()).await.expect(&says);
    before(app);
    app.carry_out(&update()).await.expect(&says);
    let mut wanted = update();
    wanted.changes.retain(|change| !is_not_kept(change.attribute, quirk, app.settings.updates));
    let updated = app.the_account().await;
    assert!(wanted.is_met_by(&updated.attributes), "{says}: {updated:?}");

    before(app);
    app.carry_out(&suspend()).await.expect(&says);
    let suspended = app.the_account().await;
    assert!(suspend().is_met_by(&suspended.attributes), "{says}: {suspended:?}");

    before(app);
    assert_eq!(app.carry_out(&delete()).await, None, "{says}");
    before(app);
    assert_eq!(app.carry_out(&delete()).await, None, "{says}");
    assert!(app.sandbox.accounts().is_empty(), "{says}");
    let life = [EffectKind::Create, EffectKind::Change, EffectKind::Delete];
    assert_eq!(app.effects(), life, "{says}");
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
        lives(&mut App::with(quirk, &transport).await, quirk, |_| {}).await;
    }
}

#[tokio::test]
async fn an_account_lives_and_dies_under_each_quirk_by_put_and_by_the_list() {
    let transport = patient();
    for &quirk in Quirk::ALL {
        let mut app = App::with(quirk, &transport).await;
        app.settings.updates = UpdateStyle::Put;
        app.settings.filter = false;

        lives(&mut app, quirk, |_| {}).await;
    }
}

#[tokio::test]
async fn a_bad_answer_to_a_change_makes_no_second_account_under_any_quirk() {
    let transport = patient();
    let changes = [Method::Post, Method::Put, Method::Patch, Method::Delete];
    for what in BAD {
        for &quirk in Quirk::ALL {
            let mut app = App::with(quirk, &transport).await;

            let before = |app: &App| app.meets(changes.map(|at| hit(at, what)).to_vec(), quirk);
            lives(&mut app, quirk, before).await;
        }
    }
}

#[tokio::test]
async fn a_bad_answer_to_a_look_is_not_read_as_nobody_under_any_quirk() {
    let transport = patient();
    for what in BAD {
        for &quirk in Quirk::ALL {
            let mut app = App::with(quirk, &transport).await;

            let before = |app: &App| app.meets(vec![hit(Method::Get, what)], quirk);
            lives(&mut app, quirk, before).await;
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

        app.carry_out(&create()).await.expect(quirk.word());

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
