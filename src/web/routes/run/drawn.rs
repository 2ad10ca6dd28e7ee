//! The page of a decision on many actions.

use std::collections::HashMap;

use tower_sessions::Session;

use super::{
    super::{people::called, query},
    Shown, Typed,
};
use crate::{
    access::Actor,
    directory::{self, Named},
    kernel::UserId,
    queue::{
        hint::Hint,
        run::{Destructive, Group, Run, Stage, Verdict},
        store::runs::{self, Only, Outcome as Item},
    },
    web::{
        imports_detail::Progress,
        parts::{Badge, Callout, Field, Pager, Tab, Tone, Who, count, counted, hint},
        paths,
        problem::Problem,
        run::{GroupLine, HintLine, ResultRow, RunPage, StartForm},
        shell::{Crumb, Place, Shell},
        state::WebState,
    },
};

/// How many results a page shows.
const PAGE: usize = 50;
/// How many of those who lose access are named.
const NAMED: usize = 20;
/// The word of the tab of what was skipped.
const SKIPPED: &str = "skipped";

pub(super) struct Drawing<'a> {
    pub(super) state: &'a WebState,
    pub(super) session: &'a Session,
    pub(super) reader: &'a Actor,
    pub(super) run: Run,
}

impl Drawing<'_> {
    pub(super) async fn page(&self, shown: &Shown, typed: Typed) -> Result<RunPage, Problem> {
        let (run, pool) = (&self.run, &self.state.pool);
        let title = format!("{} {}", does(run.verdict), changes(run.total));
        let shell =
            Shell::load(self.state, self.session, self.reader, &title, Place::Queue).await?;
        let list = format!("{}{}", paths::QUEUE, run.list);
        let way = [Crumb::at("Users"), Crumb::to("Provisioning", &*list), Crumb::at(title)];
        let reader = self.reader.id().unwrap_or_default();
        let drafted = run.stage == Stage::Drafted;
        // They are counted over all items, which a page that looks every second need not know.
        let groups = if drafted {
            runs::groups(&mut *pool.acquire().await?, run.id, reader).await?
        } else {
            Vec::new()
        };
        let (losers, more_losers) = self.losers(&groups).await?;
        let (rows, pager) =
            if drafted { (Vec::new(), Pager::default()) } else { self.results(shown).await? };
        Ok(RunPage {
            shell: shell.by_way_of(way),
            id: run.id,
            state: badge(run),
            about: self.about(),
            list,
            callouts: self.callouts(&groups),
            start: self.may_start().then(|| start_form(run, &groups, typed)),
            progress: self.progress(),
            tabs: self.tabs(shown),
            groups: groups.into_iter().map(group_line).collect(),
            hints: self.hints().await?,
            losers,
            more_losers,
            rows,
            pager,
        })
    }

    fn may_start(&self) -> bool {
        self.run.stage == Stage::Drafted
            && self.reader.administrator() == Some(self.run.administrator)
            && self.reader.approver().is_ok()
    }

    /// Who decides, since when, and why.
    fn about(&self) -> String {
        let run = &self.run;
        let because = run.reason.as_ref().map(|reason| format!(", because: {reason}"));
        format!("by {}{}", run.name, because.unwrap_or_default())
    }

    fn callouts(&self, groups: &[Group]) -> Vec<Callout> {
        let run = &self.run;
        match run.stage {
            Stage::Drafted => {
                let others = (!self.may_start()).then(|| {
                    let says = format!("{} drew this up and has not started it.", run.name);
                    Callout::new(Tone::Quiet, says)
                });
                others.into_iter().chain(skips(run.verdict, groups)).collect()
            }
            Stage::Running => Vec::new(),
            Stage::Finished | Stage::Stopped => {
                let (tone, title) = match run.stage {
                    Stage::Stopped => (Tone::Warn, "It was stopped."),
                    _ if run.skipped > 0 => (Tone::Note, "Done."),
                    _ => (Tone::Good, "Done."),
                };
                let mut says = tally(run);
                if let Some(why) = &run.says {
                    says = format!("{why} {says}");
                }
                vec![Callout::new(tone, says).titled(title)]
            }
        }
    }

    fn progress(&self) -> Option<Progress> {
        let run = &self.run;
        (run.stage == Stage::Running).then(|| Progress {
            what: match run.verdict {
                Verdict::Approve => "Approving",
                Verdict::Reject => "Rejecting",
            },
            done: run.reached.unsigned_abs(),
            all: run.total.unsigned_abs(),
            may_stop: self.reader.approver().is_ok(),
        })
    }

    fn tabs(&self, shown: &Shown) -> Vec<Tab> {
        let run = &self.run;
        if run.stage == Stage::Drafted {
            return Vec::new();
        }
        let tab = |name, word: &str, number: i32, bad| Tab {
            href: self.address(word, ""),
            name,
            count: (number > 0).then(|| count(number.unsigned_abs())),
            bad,
            here: shown.show == word,
        };
        vec![tab("All", "", run.total, false), tab("Skipped", SKIPPED, run.skipped, true)]
    }

    fn address(&self, show: &str, cursor: &str) -> String {
        format!("{}{}", paths::run(self.run.id), query(&[("show", show), ("cursor", cursor)]))
    }

    async fn results(&self, shown: &Shown) -> Result<(Vec<ResultRow>, Pager), Problem> {
        let only = if shown.show == SKIPPED { Only::Skipped } else { Only::All };
        let cursor = shown.cursor.as_deref();
        let found = runs::results(&self.state.pool, self.run.id, only, cursor, PAGE).await?;
        let people = self.people(&found.items).await?;
        let pager = Pager {
            first: cursor.is_some().then(|| self.address(&shown.show, "")),
            previous: None,
            next: found.next.as_deref().map(|next| self.address(&shown.show, next)),
            onward: "Next",
            shown: counted(found.items.len(), "result", "results"),
        };
        let row = |item: Item| ResultRow {
            who: named(&people, &item),
            kind: Badge::kind(item.kind),
            number: format!("#{}", item.number),
            result: match (item.decided, self.run.verdict) {
                (Some(true), Verdict::Approve) => Badge::calm("Approved"),
                (Some(true), Verdict::Reject) => Badge::over("Rejected"),
                (Some(false), _) => Badge::off("Skipped"),
                (None, _) if self.run.stage == Stage::Running => Badge::waits("Its turn comes"),
                (None, _) => Badge::none("Not decided"),
            },
            says: item.says,
        };
        Ok((found.items.into_iter().map(row).collect(), pager))
    }

    /// What to look at twice before all of them are approved.
    async fn hints(&self) -> Result<Vec<HintLine>, Problem> {
        if self.run.stage != Stage::Drafted || self.run.verdict == Verdict::Reject {
            return Ok(Vec::new());
        }
        let found = runs::hinted(&self.state.pool, self.run.id).await?;
        let line = |(found, items): (Hint, i64)| {
            let (says, means) = hint(found);
            HintLine { says, means, items: count(items.unsigned_abs()) }
        };
        Ok(found.into_iter().map(line).collect())
    }

    /// Who loses access, as far as they are named, and how many more there are.
    async fn losers(&self, groups: &[Group]) -> Result<(Vec<Who>, Option<String>), Problem> {
        let all = Destructive::of(self.run.verdict, groups);
        let all = usize::try_from(all.deletes + all.suspends).unwrap_or_default();
        if all == 0 {
            return Ok((Vec::new(), None));
        }
        let found =
            runs::results(&self.state.pool, self.run.id, Only::Destructive, None, NAMED).await?;
        let people = self.people(&found.items).await?;
        let more = all.saturating_sub(found.items.len());
        let more = (more > 0).then(|| format!("and {} more", count(more)));
        Ok((found.items.iter().map(|item| named(&people, item)).collect(), more))
    }

    async fn people(&self, items: &[Item]) -> Result<HashMap<UserId, Named>, Problem> {
        let ids: Vec<_> = items.iter().map(|item| item.user).collect();
        Ok(directory::store::names(&self.state.pool, &ids).await?)
    }
}

fn named(people: &HashMap<UserId, Named>, item: &Item) -> Who {
    called(people.get(&item.user)).linked(paths::action(item.action))
}

const fn does(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "Approve",
        Verdict::Reject => "Reject",
    }
}

fn changes(number: i32) -> String {
    counted(usize::try_from(number).unwrap_or_default(), "change", "changes")
}

fn badge(run: &Run) -> Badge {
    match run.stage {
        Stage::Drafted => Badge::waits("Not started"),
        Stage::Running => Badge::busy("Under way"),
        Stage::Finished => Badge::good("Finished"),
        Stage::Stopped => Badge::over("Stopped"),
    }
}

/// `9,998 were approved, 2 skipped.`
fn tally(run: &Run) -> String {
    let did = match run.verdict {
        Verdict::Approve => "approved",
        Verdict::Reject => "rejected",
    };
    let number = |number: i32| count(number.unsigned_abs());
    let were = if run.decided == 1 { "was" } else { "were" };
    let mut says = format!("{} {were} {did}", number(run.decided));
    if run.skipped > 0 {
        says = format!("{says}, {} skipped", number(run.skipped));
    }
    let left = run.total - run.reached;
    if left > 0 { format!("{says}. {} wait as before.", number(left)) } else { format!("{says}.") }
}

/// What will be skipped, as far as that can be told before.
fn skips(verdict: Verdict, groups: &[Group]) -> Vec<Callout> {
    if verdict == Verdict::Reject {
        return Vec::new();
    }
    let sum = |of: fn(&Group) -> i64| {
        usize::try_from(groups.iter().map(of).sum::<i64>()).unwrap_or_default()
    };
    let (own, unclear) = (sum(|group| group.own), sum(|group| group.unclear));
    let skipped = |number, why: &str| {
        let actions = counted(number, "action is", "actions are");
        (number > 0).then(|| Callout::new(Tone::Note, format!("{actions} skipped: {why}")))
    };
    let own = skipped(
        own,
        "you asked for them, or they are about you. Somebody else has to approve those.",
    );
    let unclear = skipped(unclear, "somebody has to say first which account is meant.");
    own.into_iter().chain(unclear).collect()
}

fn start_form(run: &Run, groups: &[Group], typed: Typed) -> StartForm {
    let wrong = typed.errors.first().map_or("reason", |error| error.field);
    let in_hand = |field: Field, name| if name == wrong { field.first() } else { field };
    let reason = Field::text("reason", "Reason", typed.reason)
        .placeholder("For example a ticket number")
        .refused(&typed.errors);
    let reason = in_hand(reason, "reason");
    let phrase = Destructive::of(run.verdict, groups).phrase();
    StartForm {
        reason: match run.verdict {
            Verdict::Approve => reason.optional(),
            Verdict::Reject => reason.required().hint("Whoever asked for them reads this."),
        },
        destructive: phrase.is_some(),
        confirm: phrase.map(|phrase| {
            let label = format!("Type \u{201c}{phrase}\u{201d} to go on");
            let confirm = Field::text("confirm", "", typed.confirm);
            in_hand(confirm.labelled(label).required().refused(&typed.errors), "confirm")
        }),
        button: format!("{} {}", does(run.verdict), count(run.total.unsigned_abs())),
    }
}

fn group_line(group: Group) -> GroupLine {
    GroupLine {
        kind: Badge::kind(group.kind),
        items: count(group.items.unsigned_abs()),
        app: group.app,
    }
}
