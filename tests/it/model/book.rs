//! The model: what was let through, in which order, and what became of it. It knows of an action only what a reviewer
//! would: its content when it was approved, and who did what. It never asks the code under test what may be sent.

use std::collections::HashMap;

use countersign::{
    apps::{
        Approvals,
        change::{Attribute, Change, Content, Kind},
    },
    kernel::{ActionId, UserId},
    queue::{Action, Decider, Status},
};
use time::OffsetDateTime;

/// Whose step, by its nature, may have moved actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum During {
    /// A change of a person, by whoever has that name.
    Change(&'static str),
    Approve(ActionId),
    Reject(ActionId),
    Cancel(ActionId),
    Undo(ActionId),
    Retry(ActionId),
    Link(ActionId),
    Reverse,
    Job(ActionId),
    /// Something that is to move nothing.
    Nothing,
}

/// Why something that was let through is no longer to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Done,
    TakenBack,
    Drifted,
    Withdrawn,
}

/// Something that was let through.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) action: ActionId,
    pub(super) number: i64,
    pub(super) content: Content,
    /// What was let through in the same step has no order.
    pub(super) rank: usize,
    pub(super) not_before: OffsetDateTime,
    /// Which attributes it changed so far, and when.
    pub(super) effects: Vec<(Attribute, usize)>,
    pub(super) made: bool,
    pub(super) end: Option<End>,
}

/// What was last seen of an action.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) number: i64,
    pub(super) status: Status,
    pub(super) content: Content,
    /// Everything it ever was while it waited.
    pub(super) seen: Vec<Content>,
    /// Who asked for it.
    pub(super) askers: Vec<&'static str>,
}

#[derive(Debug)]
pub(super) struct Book {
    /// Counts the steps.
    pub(super) rank: usize,
    pub(super) grants: Vec<Grant>,
    pub(super) known: HashMap<ActionId, Known>,
    /// What a person turned down: not to be proposed again while it is wanted.
    pub(super) rejected: Vec<(UserId, Kind, Change)>,
    /// When what Countersign knows of somebody's account was last brought up to date.
    pub(super) confirmed: HashMap<UserId, usize>,
}

impl Book {
    pub(super) fn new() -> Self {
        Self {
            rank: 0,
            grants: Vec::new(),
            known: HashMap::new(),
            rejected: Vec::new(),
            confirmed: HashMap::new(),
        }
    }

    /// The nth of the actions in one of these states.
    pub(super) fn nth(&self, nth: u8, states: &[Status]) -> Option<ActionId> {
        let mut found: Vec<_> =
            self.known.iter().filter(|(_, known)| states.contains(&known.status)).collect();
        found.sort_by_key(|(_, known)| known.number);
        let at = usize::from(nth).checked_rem(found.len())?;
        Some(*found[at].0)
    }

    /// Whoever rejected an action, if anybody did, has nothing against it any more.
    pub(super) fn no_longer_rejected(&mut self, id: ActionId) {
        let Known { status: Status::Rejected, content, .. } = &self.known[&id] else { return };
        for change in &content.changes {
            let turned_down = (content.account, content.kind, change.clone());
            if let Some(at) = self.rejected.iter().position(|one| *one == turned_down) {
                self.rejected.swap_remove(at);
            }
        }
    }

    /// Who asked for what waits beside an action, and becomes part of it.
    fn asked_beside(&self, action: &Action) -> Vec<&'static str> {
        let Content { account, kind, .. } = &action.content;
        let beside = self.known.values().filter(|known| {
            (known.content.account, known.content.kind) == (*account, *kind)
                && [Status::Pending, Status::Failed].contains(&known.status)
        });
        beside.flat_map(|known| known.askers.iter().copied()).collect()
    }

    /// What was let through of an action and is still to be sent.
    pub(super) fn open(&mut self, action: ActionId) -> Option<&mut Grant> {
        self.grants.iter_mut().find(|grant| grant.action == action && grant.end.is_none())
    }

    /// Somebody, or a rule, lets an action through: exactly this.
    pub(super) fn grant(&mut self, action: &Action, content: Content, not_before: OffsetDateTime) {
        self.grants.push(Grant {
            action: action.id,
            number: action.number,
            content,
            rank: self.rank,
            not_before,
            effects: Vec::new(),
            made: false,
            end: None,
        });
    }

    fn close(&mut self, action: ActionId, end: End) {
        if let Some(grant) = self.open(action) {
            grant.end = Some(end);
        }
    }

    /// Looks at the actions of one person after a step, and says what may not be.
    pub(super) fn observe(
        &mut self,
        during: During,
        boxes: Approvals,
        now: OffsetDateTime,
        actions: &[Action],
    ) -> Result<(), String> {
        for action in actions {
            let status = action.state.status();
            let before = self.known.get(&action.id).cloned();
            let was = before.as_ref().map(|known| known.status);
            if !may_move(during, action.id, was, status) {
                let was = was.map_or("new", Status::word);
                return Err(format!("{} went from {was} to {status} by {during:?}", shown(action)));
            }
            self.moves(during, boxes, now, action, was)?;
            self.keep(during, action, before)?;
        }
        Ok(())
    }

    /// What a move means for what was let through.
    fn moves(
        &mut self,
        during: During,
        boxes: Approvals,
        now: OffsetDateTime,
        action: &Action,
        was: Option<Status>,
    ) -> Result<(), String> {
        let (id, status) = (action.id, action.state.status());
        match status {
            Status::Approved | Status::Sending | Status::Failed | Status::Provisioned => {
                let grant = self.open(id).map(|grant| grant.content.clone());
                let again = grant.is_some() && grant.as_ref() != Some(&action.content);
                if again && during == During::Job(id) && is_by_rule(action) {
                    self.close(id, End::Drifted);
                }
                let done = self.grants.iter().any(|g| g.action == id && g.end == Some(End::Done));
                if self.open(id).is_none() && !done {
                    self.by_rule(during, boxes, now, action)?;
                } else if again && self.open(id).is_some() {
                    return Err(format!(
                        "{} is not what was let through: {grant:?}",
                        shown(action)
                    ));
                }
                if status == Status::Provisioned {
                    self.close(id, End::Done);
                }
            }
            Status::Pending if was == Some(Status::Approved) && during == During::Undo(id) => {
                self.close(id, End::TakenBack);
            }
            Status::Pending => self.close(id, End::Drifted),
            Status::Cancelled => self.close(id, End::TakenBack),
            Status::Withdrawn | Status::Rejected => self.close(id, End::Withdrawn),
        }
        let looked = matches!(status, Status::Provisioned | Status::Pending | Status::Withdrawn);
        let found = action.content.kind == Kind::Create && status != Status::Provisioned;
        if during == During::Job(id) && looked && !found || during == During::Link(id) {
            self.confirmed.insert(action.content.account, self.rank);
        }
        Ok(())
    }

    /// An action went through without anybody: a rule must have let it.
    fn by_rule(
        &mut self,
        during: During,
        boxes: Approvals,
        now: OffsetDateTime,
        action: &Action,
    ) -> Result<(), String> {
        let kind = action.content.kind;
        let asks = matches!(
            during,
            During::Cancel(_) | During::Undo(_) | During::Link(_) | During::Reverse
        );
        let found = action.content.changes.iter().any(|change| change.from.is_some());
        let over = kind == Kind::Create && found;
        if boxes.require(kind) || asks || over || !is_by_rule(action) {
            return Err(format!("{} went through, and nobody let it: {during:?}", shown(action)));
        }
        self.grant(action, action.content.clone(), now);
        Ok(())
    }

    /// Remembers an action as it is now.
    fn keep(
        &mut self,
        during: During,
        action: &Action,
        before: Option<Known>,
    ) -> Result<(), String> {
        let (status, content) = (action.state.status(), action.content.clone());
        let mut known = before.unwrap_or(Known {
            number: action.number,
            status,
            content: content.clone(),
            seen: Vec::new(),
            askers: Vec::new(),
        });
        let is_new = known.seen.is_empty();
        let over = [Status::Rejected, Status::Cancelled, Status::Withdrawn, Status::Provisioned];
        let changed = known.content != content;
        if changed && known.status == status && over.contains(&status) {
            return Err(format!("{} is over, and changed", shown(action)));
        }
        if let During::Change(asker) = during
            && (changed || is_new)
            && !known.askers.contains(&asker)
        {
            known.askers.push(asker);
        }
        if changed && during == During::Undo(action.id) {
            known.askers.extend(self.asked_beside(action));
        }
        if is_new || changed {
            known.seen.push(content.clone());
        }
        known.status = status;
        known.content = content;
        self.known.insert(action.id, known);
        Ok(())
    }
}

fn is_by_rule(action: &Action) -> bool {
    matches!(action.state.decision().map(|decision| &decision.by), Some(Decider::Rule(_)))
}

/// Whether a step of that nature may move an action so.
fn may_move(during: During, id: ActionId, was: Option<Status>, is: Status) -> bool {
    use Status::{Approved, Cancelled, Failed, Pending, Provisioned, Rejected, Sending, Withdrawn};
    let proposes = !matches!(during, During::Approve(_) | During::Reject(_) | During::Nothing);
    match (was, is) {
        (None, Pending | Approved) | (Some(Pending | Failed), Withdrawn) => proposes,
        (Some(was), is) if was == is => true,
        (Some(Pending), Approved) => during == During::Approve(id),
        (Some(Pending), Rejected) => during == During::Reject(id),
        (Some(Approved | Failed), Cancelled) => during == During::Cancel(id),
        (Some(Failed), Approved) => during == During::Retry(id),
        (Some(Approved | Rejected), Pending | Withdrawn) if during == During::Undo(id) => true,
        (
            Some(Approved | Sending),
            Approved | Sending | Provisioned | Failed | Pending | Withdrawn,
        ) => during == During::Job(id),
        _ => false,
    }
}

/// An action in a few words.
pub(super) fn shown(action: &Action) -> String {
    format!("#{} {}", action.number, words(&action.content))
}

/// A content in a few words.
pub(super) fn words(content: &Content) -> String {
    let changes = content.changes.iter().map(|Change { attribute, from, to }| {
        let word =
            |value: &Option<_>| value.as_ref().map_or("none".to_owned(), ToString::to_string);
        format!("{attribute}: {} → {}", word(from), word(to))
    });
    format!("{} ({})", content.kind, changes.collect::<Vec<_>>().join(", "))
}
