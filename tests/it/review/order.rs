//! Lists: each order both ways, what stands beside an action, and what each filter lets through.

use std::time::Duration;

use countersign::{
    access::{Role, tokens},
    apps::change::Kind,
    db::ListError,
    directory,
    kernel::{ActionId, UserId},
    queue::{
        Action, Status, decide,
        hint::Hint,
        store::{self, COUNTED, DecidedBy, Filter, Leaf, Order, Part, Tab, count, counts},
    },
    sandbox::faults::Method,
};

use super::{ALL, ids, listed};
use crate::support::app::TestApp;

const PAGE: usize = 3;

/// Actions of every kind, some asked for at the same instant, some of people of the same name, in every state
/// that lasts.
async fn a_busy_queue() -> TestApp {
    let app = TestApp::provisioned().await;
    let mut accounts = Vec::new();
    for name in ["ana", "ben", "cy", "dora"] {
        accounts.push(app.an_account(&format!("{name}@example.com")).await.id);
        app.clock.advance(Duration::from_secs(90));
    }
    let [ana, ben, cy, dora] = accounts[..] else { panic!("{accounts:?}") };
    app.retitle(ana, "Director").await;
    app.suspend(ben).await;
    app.delete(cy).await;
    for (number, name) in ["eve", "fay", "gus", "hal", "ida", "jo"].into_iter().enumerate() {
        let user = app.a_person(&format!("{name}@admins.example")).await.id;
        let named = ["Sam Moss", "Tom Ray"][number % 2];
        app.edit(user, |wish| named.clone_into(&mut wish.draft.display_name)).await;
        if number % 2 == 1 {
            app.clock.advance(Duration::from_secs(30));
        }
    }
    app.retitle(dora, "Director").await;
    app.echosign.answers(Method::Patch, 422, 1);
    app.approve(the(&app, Kind::Update, dora).await).await;
    app.run_jobs().await;
    app.suspend(dora).await;
    app.reject(the(&app, Kind::Suspend, dora).await).await;
    app.provisioning(|rules| rules.approve.create = false).await;
    app.a_person("kim@example.com").await;
    app.run_jobs().await;
    app
}

async fn the(app: &TestApp, kind: Kind, user: UserId) -> ActionId {
    app.the(kind, user).await.id
}

fn on(tab: Tab) -> Filter {
    Filter { tab: Some(tab), ..Filter::default() }
}

/// What an order is by: kind, name, time and id, of which each order takes some.
async fn in_order(app: &TestApp, order: Order, mut actions: Vec<Action>) -> Vec<ActionId> {
    let mut keys = Vec::new();
    for action in actions.drain(..) {
        let user = directory::store::find(&app.pool, action.content.account).await;
        let name = user.unwrap().unwrap().profile.name().to_lowercase();
        let (kind, at) = (action.content.kind.word(), Some(action.created_at));
        keys.push(match order {
            Order::Oldest | Order::Newest => (String::new(), at, action.id),
            Order::Person | Order::PersonBackwards => (name, None, action.id),
            Order::Kind | Order::KindBackwards => (kind.to_owned(), at, action.id),
        });
    }
    keys.sort();
    if matches!(order, Order::Newest | Order::PersonBackwards | Order::KindBackwards) {
        keys.reverse();
    }
    keys.into_iter().map(|(.., id)| id).collect()
}

async fn page(app: &TestApp, filter: &Filter, order: Order, part: Part<'_>) -> Leaf {
    store::list(&app.pool, filter, order, part, PAGE).await.unwrap()
}

/// Page by page to the end, and from there back to the beginning.
async fn there_and_back(
    app: &TestApp,
    filter: &Filter,
    order: Order,
) -> (Vec<ActionId>, Vec<ActionId>) {
    let mut leaf = page(app, filter, order, Part::First).await;
    assert_eq!(leaf.previous, None, "nothing stands before the first page");
    let mut there = ids(&leaf.actions);
    while let Some(mark) = leaf.next {
        leaf = page(app, filter, order, Part::After(&mark)).await;
        there.extend(ids(&leaf.actions));
    }
    let mut back = vec![ids(&leaf.actions)];
    while let Some(mark) = leaf.previous {
        leaf = page(app, filter, order, Part::Before(&mark)).await;
        assert!(leaf.next.is_some(), "what one came from follows");
        back.push(ids(&leaf.actions));
    }
    (there, back.into_iter().rev().flatten().collect())
}

#[tokio::test]
async fn each_order_has_everything_once_there_and_back() {
    let app = a_busy_queue().await;

    for filter in [on(Tab::Pending), on(Tab::Failed), on(Tab::Done), Filter::default()] {
        let whole = listed(&app, &filter, Order::Oldest).await;
        for order in Order::ALL.iter().copied() {
            let (there, back) = there_and_back(&app, &filter, order).await;

            let expected = in_order(&app, order, whole.clone()).await;
            assert_eq!(there, expected, "{order:?} of {filter:?}");
            assert_eq!(back, expected, "{order:?} of {filter:?}, back");
        }
    }
    assert!(listed(&app, &on(Tab::Pending), Order::Oldest).await.len() > 2 * PAGE);
}

#[tokio::test]
async fn what_is_decided_meanwhile_takes_nobody_out_of_the_pages_that_follow() {
    let app = a_busy_queue().await;
    let whole = ids(&listed(&app, &on(Tab::Pending), Order::Person).await);
    let page = async |part| page(&app, &on(Tab::Pending), Order::Person, part).await;

    let first = page(Part::First).await;
    for action in &first.actions {
        app.reject(action.id).await;
    }
    let second = page(Part::After(first.next.as_deref().unwrap())).await;

    assert_eq!(ids(&second.actions), whole[PAGE..2 * PAGE]);
    let before = page(Part::Before(second.previous.as_deref().unwrap())).await;
    assert_eq!((ids(&before.actions), before.previous), (vec![], None));
}

#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let app = a_busy_queue().await;
    let waits = on(Tab::Pending);
    for (of, given) in [
        (Order::Oldest, Order::Person),
        (Order::Oldest, Order::Kind),
        (Order::Person, Order::Newest),
        (Order::PersonBackwards, Order::Kind),
        (Order::Kind, Order::Oldest),
        (Order::KindBackwards, Order::Person),
    ] {
        let leaf = store::list(&app.pool, &waits, of, Part::First, PAGE).await.unwrap();
        let mark = leaf.next.unwrap();

        for part in [Part::After(&mark), Part::Before(&mark), Part::After("eyJ9"), Part::After("")]
        {
            let refused = store::list(&app.pool, &waits, given, part, PAGE).await;

            assert!(matches!(refused, Err(ListError::Cursor(_))), "{of:?} for {given:?}");
        }
    }
}

#[tokio::test]
async fn neighbours_are_what_stands_beside_it_in_the_list_also_when_it_has_left() {
    let app = a_busy_queue().await;
    for order in Order::ALL.iter().copied() {
        let list = listed(&app, &on(Tab::Pending), order).await;
        let all = ids(&list);
        for (place, action) in list.iter().enumerate() {
            let beside = store::neighbours(&app.pool, &on(Tab::Pending), order, action).await;

            let before = place.checked_sub(1).and_then(|before| all.get(before).copied());
            assert_eq!(beside.unwrap(), (before, all.get(place + 1).copied()), "{order:?} {place}");
        }
    }
    for order in Order::ALL.iter().copied() {
        let list = listed(&app, &on(Tab::Pending), order).await;
        let left = app.reject(list[1].id).await;

        let beside = store::neighbours(&app.pool, &on(Tab::Pending), order, &left).await.unwrap();

        assert_eq!(beside, (Some(list[0].id), list.get(2).map(|action| action.id)), "{order:?}");
    }
}

/// Each filter, and which actions it is meant to let through.
type Meant = (Filter, Box<dyn Fn(&Action) -> bool>);

fn by_decision(app: &TestApp) -> Vec<Meant> {
    let decided =
        |by: &str| Filter { by: Some(DecidedBy::Named(by.to_owned())), ..Filter::default() };
    let paula = |action: &Action| {
        action.state.decision().is_some_and(|decision| decision.by.name() == "Paula")
    };
    let address = app.approver.email.clone().unwrap().to_uppercase();
    let rule = |action: &Action| {
        action.state.decision().is_some_and(|decision| decision.by.name() != "Paula")
    };
    vec![
        (decided("paul"), Box::new(paula)),
        (decided(&address), Box::new(paula)),
        (decided("Nobody"), Box::new(|_| false)),
        (Filter { by: Some(DecidedBy::Rule), ..Filter::default() }, Box::new(rule)),
    ]
}

fn by_content(some: &Action, among: Vec<ActionId>) -> Vec<Meant> {
    let hinted = |hint| Filter { hints: vec![hint], ..Filter::default() };
    let (number, user, at) = (some.number, some.content.account, some.created_at);
    let kinds = vec![Kind::Suspend, Kind::Delete];
    vec![
        (Filter::default(), Box::new(|_| true)),
        (
            Filter { number: Some(number), ..Filter::default() },
            Box::new(move |a| a.number == number),
        ),
        (Filter { number: Some(-1), ..Filter::default() }, Box::new(|_| false)),
        (
            Filter { user: Some(user), ..Filter::default() },
            Box::new(move |a| a.content.account == user),
        ),
        (
            Filter { kinds: kinds.clone(), ..Filter::default() },
            Box::new(move |a| kinds.contains(&a.content.kind)),
        ),
        (
            Filter { among: Some(among.clone()), ..Filter::default() },
            Box::new(move |a| among.contains(&a.id)),
        ),
        (Filter { among: Some(Vec::new()), ..Filter::default() }, Box::new(|_| false)),
        (Filter { before: Some(at), ..Filter::default() }, Box::new(move |a| a.created_at < at)),
        (Filter { after: Some(at), ..Filter::default() }, Box::new(move |a| a.created_at > at)),
        (Filter { app: Some("echosign".to_owned()), ..Filter::default() }, Box::new(|_| true)),
        (Filter { app: Some("EchoSign".to_owned()), ..Filter::default() }, Box::new(|_| true)),
        (Filter { app: Some("nope".to_owned()), ..Filter::default() }, Box::new(|_| false)),
        (Filter { source: Some("okta".to_owned()), ..Filter::default() }, Box::new(|_| false)),
        (Filter { source: Some("CONSOLE".to_owned()), ..Filter::default() }, Box::new(|_| true)),
        (hinted(Hint::Burst), Box::new(|_| false)),
        (
            Filter { hints: vec![Hint::Leaver, Hint::Domain], ..Filter::default() },
            Box::new(|a| a.hints.contains(&Hint::Leaver) && a.hints.contains(&Hint::Domain)),
        ),
    ]
}

#[tokio::test]
async fn a_filter_lets_through_what_it_says_and_as_many_are_counted() {
    let app = a_busy_queue().await;
    let all = listed(&app, &Filter::default(), Order::Oldest).await;
    let mut table = by_content(&all[5], vec![all[0].id, all[7].id, ActionId::at(app.now())]);
    table.append(&mut by_decision(&app));
    for hint in Hint::ALL.iter().copied().filter(|hint| *hint != Hint::Burst) {
        let filter = Filter { hints: vec![hint], ..Filter::default() };
        table.push((filter, Box::new(move |action| action.hints.contains(&hint))));
    }
    for status in Status::ALL.iter().copied() {
        let filter = Filter { status: Some(status), ..Filter::default() };
        table.push((filter, Box::new(move |action| action.state.status() == status)));
    }

    for (filter, meant) in table {
        let list = listed(&app, &filter, Order::Oldest).await;

        let expected: Vec<_> = all.iter().filter(|action| meant(action)).cloned().collect();
        assert_eq!(ids(&list), ids(&expected), "{filter:?}");
        let number = |actions: &[Action]| i64::try_from(actions.len()).unwrap();
        assert_eq!(count(&app.pool, &filter).await.unwrap(), number(&list), "{filter:?}");
        let counted = counts(&app.pool, &filter.sieve(&app.pool).await.unwrap()).await.unwrap();
        for (tab, counted) in [
            (Tab::Pending, counted.pending),
            (Tab::Progress, counted.progress),
            (Tab::Failed, counted.failed),
        ] {
            let filter = Filter { tab: Some(tab), ..filter.clone() };
            let here = listed(&app, &filter, Order::Oldest).await;
            assert_eq!(counted, number(&here), "{filter:?}");
        }
    }
    assert!(all.len() < ALL && number_is_below(COUNTED, all.len()));
}

fn number_is_below(most: i64, number: usize) -> bool {
    i64::try_from(number).is_ok_and(|number| number < most)
}

#[tokio::test]
async fn whoever_decided_is_found_by_a_tokens_name_too() {
    let app = TestApp::provisioned().await;
    let olivia = app.owner.owner().unwrap();
    let scope = tokens::Scope::Api(Role::Approver);
    let secret = tokens::create(&app.pool, app.now(), &olivia, "Release bot", scope).await.unwrap();
    let bot = tokens::actor_of_api_token(&app.pool, app.now(), &secret).await.unwrap().unwrap();
    let theirs = app.an_action_waits().await;
    let release = bot.approver().unwrap();
    decide::reject(&app.pool, app.now(), &release, theirs, "Frozen").await.unwrap();
    let ben = app.a_person("ben@example.com").await;
    app.reject(app.the(Kind::Create, ben.id).await.id).await;
    let by =
        |name: &str| Filter { by: Some(DecidedBy::Named(name.to_owned())), ..Filter::default() };

    let (bot, paula) = (by("release"), by("Paula"));

    let part = Part::First;
    let found = store::list(&app.pool, &bot, bot.order(), part, 10).await.unwrap().actions;
    assert_eq!(found.iter().map(|action| action.id).collect::<Vec<_>>(), [theirs]);
    assert_eq!(count(&app.pool, &paula).await.unwrap(), 1);
}
