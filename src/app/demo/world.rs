//! What happened in the demo before it began.

use std::{fmt::Display, sync::Arc, time::Duration};

use secrecy::SecretString;
use serde_json::json;

use super::people::{ADMINISTRATORS, ESTABLISHED, NEW, Person, draft};
use crate::{
    access::{Actor, NewAdministrator, Operator, Role, create_administrator},
    app::{AppError, House},
    apps::{
        self, App, Approvals, ConnectorKind, Deletes, Lookups, OnDelete, OnSuspend, Provisioning,
        Updates,
    },
    audit::By,
    directory::{Source, User},
    jobs::work_due,
    kernel::{ActionId, Clock, HeldClock, SystemClock, UserId},
    queue::{
        self,
        configure::configure,
        connect::{Wanted, connect},
        decide,
        people::{self, Wish},
        store::{Filter, Part, Tab},
    },
    sandbox::{
        Sandbox,
        faults::{Faults, Method, Mishap},
    },
};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);
/// How long ago the world began.
const AGE: Duration = Duration::from_hours(9 * 24);

/// A world in the making.
pub(super) struct World {
    house: House,
    clock: Arc<HeldClock>,
    echosign: Arc<Sandbox>,
}

/// A use-case of the demo that refused what the demo asked is a fault of the demo.
fn fault(error: impl Display) -> AppError {
    AppError::Refused(format!("the demo could not be made: {error}"))
}

impl World {
    /// A world over the parts of `house`, on a clock of its own.
    pub(super) fn new(house: &House, echosign: Arc<Sandbox>) -> Self {
        let clock = Arc::new(HeldClock::at(house.clock.now() - AGE));
        let house = House { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..house.clone() };
        Self { house, clock, echosign }
    }

    /// Makes it, and returns the password of everybody who can sign in.
    pub(super) async fn make(&self, base_url: &str, token: String) -> Result<String, AppError> {
        let password = format!("demo-{:08x}", rand::random::<u32>());
        let mut actors = Vec::new();
        for someone in ADMINISTRATORS {
            let new = NewAdministrator {
                email: someone.email.to_owned(),
                name: someone.name.to_owned(),
                role: someone.role,
                password: password.clone().into(),
            };
            let by = By::System("Demo".to_owned());
            let House { pool, passwords, .. } = &self.house;
            let made = create_administrator(pool, self.clock.now(), passwords, &by, new).await;
            actors.push(Actor::from(made.map_err(fault)?));
        }
        let with = |role| {
            actors.iter().find(|actor| actor.role == role).cloned().ok_or_else(|| fault(role))
        };
        let (owner, approver, operator) =
            (with(Role::Owner)?, with(Role::Approver)?, with(Role::Operator)?);

        let app = self.connect(&owner, base_url, token.into()).await?;
        let operator = operator.operator().map_err(fault)?;
        let everybody = self.establish(&owner, &operator, &app).await?;
        self.fill_queue(&approver, &operator, &everybody).await?;
        Ok(password)
    }

    async fn connect(
        &self,
        owner: &Actor,
        base_url: &str,
        token: SecretString,
    ) -> Result<App, AppError> {
        let House { pool, connectors, .. } = &self.house;
        let app = apps::store::find_by_slug(pool, "echosign")
            .await?
            .ok_or_else(|| fault("no EchoSign"))?;
        let wanted = Wanted {
            connector: ConnectorKind::Scim,
            base_url: base_url.to_owned(),
            token: Some(token),
            updates: Updates::Detect,
            lookups: Lookups::Detect,
            deletes: Deletes::Delete,
        };
        let owner = owner.owner().map_err(fault)?;
        connect(pool, connectors, self.clock.now(), &owner, &app, wanted).await.map_err(fault)?;
        Ok(app)
    }

    /// Most people were there before anything needed approval.
    async fn establish(
        &self,
        owner: &Actor,
        operator: &Operator,
        app: &App,
    ) -> Result<Vec<User>, AppError> {
        self.provision(owner, app, false).await?;
        let mut everybody = Vec::new();
        for person in ESTABLISHED {
            self.clock.advance(3 * MINUTE);
            everybody.push(self.add(operator, person).await?);
        }
        self.clock.advance(MINUTE);
        self.send().await?;
        // One of them has been away since.
        self.clock.advance(70 * HOUR);
        self.suspend(operator, everybody[4].id).await?;
        self.send().await?;
        self.clock.advance(20 * HOUR);
        self.provision(owner, app, true).await?;
        Ok(everybody)
    }

    async fn provision(&self, owner: &Actor, app: &App, approve: bool) -> Result<(), AppError> {
        let provisioning = Provisioning {
            enabled: true,
            approve: Approvals {
                create: approve,
                update: approve,
                suspend: approve,
                delete: approve,
            },
            on_delete: OnDelete::Delete,
            on_suspend: OnSuspend::Suspend,
            four_eyes: approve,
        };
        let owner = owner.owner().map_err(fault)?;
        configure(&self.house.pool, self.clock.now(), &owner, app, provisioning)
            .await
            .map_err(fault)?;
        Ok(())
    }

    /// What has happened since: some of it decided, most of it waiting.
    async fn fill_queue(
        &self,
        approver: &Actor,
        operator: &Operator,
        everybody: &[User],
    ) -> Result<(), AppError> {
        // An account that somebody made by hand in EchoSign, and that a create will meet.
        let by_hand = draft(NEW[7]);
        self.echosign
            .seed([json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": by_hand.user_name,
                "displayName": "T. Papadakis",
                "title": "Temporary Site Manager",
                "active": true,
            })])
            .map_err(fault)?;

        self.decide_some(approver, operator).await?;
        // Since then, what waits.
        self.until(18 * HOUR);
        self.add(operator, NEW[0]).await?;
        self.until(5 * HOUR);
        self.edit(operator, everybody[0].id, |wish| {
            "Senior Analyst".clone_into(&mut wish.draft.title);
        })
        .await?;
        self.edit(operator, everybody[6].id, |wish| {
            "sofia.p@northwind.example".clone_into(&mut wish.draft.email);
            "Senior Paralegal".clone_into(&mut wish.draft.title);
        })
        .await?;
        self.until(3 * HOUR);
        self.suspend(operator, everybody[2].id).await?;
        self.add(operator, NEW[1]).await?;
        self.add(operator, NEW[8]).await?;
        self.until(HOUR);
        people::delete(
            &self.house.pool,
            self.clock.now(),
            operator,
            Source::console(),
            everybody[3].id,
        )
        .await
        .map_err(fault)?;
        self.until(40 * MINUTE);
        self.edit(operator, everybody[4].id, |wish| wish.active = true).await?;
        self.edit(operator, everybody[1].id, |wish| "Legal".clone_into(&mut wish.draft.department))
            .await?;
        for person in [NEW[7], NEW[2], NEW[3], NEW[5]] {
            self.clock.advance(5 * MINUTE);
            self.add(operator, person).await?;
        }
        self.until(4 * MINUTE);
        self.edit(operator, everybody[5].id, |wish| {
            "+44 20 7946 0018".clone_into(&mut wish.draft.phone);
        })
        .await?;
        self.add(operator, NEW[6]).await?;
        Ok(())
    }

    /// One approved and sent, one refused by EchoSign, one turned down.
    async fn decide_some(&self, approver: &Actor, operator: &Operator) -> Result<(), AppError> {
        let sent = self.add(operator, NEW[4]).await?;
        self.approve(approver, self.waiting(sent.id).await?).await?;
        self.send().await?;
        self.clock.advance(2 * HOUR);
        let refused = self.add(operator, NEW[9]).await?;
        self.clock.advance(10 * MINUTE);
        self.approve(approver, self.waiting(refused.id).await?).await?;
        let refusal = Mishap { method: Some(Method::Post), status: Some(400), ..Mishap::default() };
        self.echosign.misbehave(Faults { next: vec![refusal], ..Faults::default() });
        self.send().await?;
        self.echosign.misbehave(Faults::default());
        let outsider = self.add(operator, NEW[10]).await?;
        self.clock.advance(25 * MINUTE);
        let by = approver.approver().map_err(fault)?;
        let reason = "Contractors sign through their agency. See the access policy, section 4.";
        let id = self.waiting(outsider.id).await?;
        decide::reject(&self.house.pool, self.clock.now(), &by, id, reason).await.map_err(fault)?;
        Ok(())
    }

    /// Moves the clock on until `ago` before the demo begins.
    fn until(&self, ago: Duration) {
        let begins = SystemClock.now();
        if let Ok(ahead) = Duration::try_from(begins - ago - self.clock.now()) {
            self.clock.advance(ahead);
        }
    }

    async fn add(&self, by: &Operator, person: Person) -> Result<User, AppError> {
        let wish = Wish { draft: draft(person), active: true };
        people::add(&self.house.pool, self.clock.now(), by, Source::console(), &wish)
            .await
            .map_err(fault)
    }

    async fn edit(
        &self,
        by: &Operator,
        id: UserId,
        edit: impl FnOnce(&mut Wish),
    ) -> Result<(), AppError> {
        let edited =
            people::edit(&self.house.pool, self.clock.now(), by, Source::console(), id, edit).await;
        edited.map(drop).map_err(fault)
    }

    async fn suspend(&self, by: &Operator, id: UserId) -> Result<(), AppError> {
        self.edit(by, id, |wish| wish.active = false).await
    }

    /// The action of somebody that waits.
    async fn waiting(&self, user: UserId) -> Result<ActionId, AppError> {
        let filter = Filter { user: Some(user), tab: Some(Tab::Pending), ..Filter::default() };
        let leaf = queue::store::list(&self.house.pool, &filter, filter.order(), Part::First, 1)
            .await
            .map_err(fault)?;
        leaf.actions.first().map(|action| action.id).ok_or_else(|| fault("nothing waits"))
    }

    async fn approve(&self, by: &Actor, id: ActionId) -> Result<(), AppError> {
        let House { pool, connectors, .. } = &self.house;
        let by = by.approver().map_err(fault)?;
        let action = queue::store::find(pool, id).await?.ok_or_else(|| fault("no action"))?;
        let shown = action.digest();
        decide::approve(pool, connectors, self.clock.now(), &by, id, shown, Some("HR-1042"))
            .await
            .map_err(fault)?;
        Ok(())
    }

    async fn send(&self) -> Result<(), AppError> {
        work_due(&self.house.runner()).await?;
        Ok(())
    }
}
