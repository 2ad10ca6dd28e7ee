//! What one line of a file would do to one person. Pure.

use serde::{Deserialize, Serialize};

use super::{
    Verdict,
    columns::{self, Attribute, Columns},
};
use crate::{
    directory::{Draft, Profile, User},
    queue::people::Wish,
};

/// One attribute, as it is and as it would be; `None` for no value. `active` is `true` or `false`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which.
    pub attribute: Attribute,
    /// As it is.
    pub from: Option<String>,
    /// As it would be.
    pub to: Option<String>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The attribute, by its name in the API; empty where it is the whole line.
    pub field: String,
    /// What is wrong and how to mend it.
    pub says: String,
}

/// What a line would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// In a word.
    pub verdict: Verdict,
    /// In full.
    pub changes: Vec<Change>,
    /// Why it is bad.
    pub faults: Vec<Fault>,
    /// What is wanted of the person then; only of use where something would be done.
    pub wish: Wish,
}

/// A line with all that decides what it would do.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// How many cells there should be.
    pub width: usize,
    /// The cells.
    pub cells: &'a [String],
    /// Another line of the same user name.
    pub twin: Option<i32>,
}

/// Judges a line, for the person it is about or for somebody new.
#[must_use]
pub fn judge(line: Line<'_>, columns: &Columns, known: Option<&User>) -> Judgement {
    let mut wish = known.map_or_else(
        || Wish { draft: Draft::default(), active: true },
        |user| Wish { draft: Draft::from(&user.profile), active: user.active },
    );
    let before = wish.clone();
    let cells = line.cells.len();
    if cells != line.width {
        let says = format!(
            "Has {cells} cells where the header has {}. A value that holds the separator has to stand in quotes.",
            line.width
        );
        return bad(wish, vec![Fault { field: String::new(), says }]);
    }
    wish.draft = columns.over(wish.draft, line.cells);
    if known.is_some() {
        // Found without regard to case: how it is written is no change of the person.
        wish.draft.user_name.clone_from(&before.draft.user_name);
    }
    let mut faults = Vec::new();
    let mut fault =
        |field: &str, says: String| faults.push(Fault { field: field.to_owned(), says });
    if let Some(twin) = line.twin {
        let says = format!("Stands on line {twin} too. Leave one of the two.");
        fault(Attribute::UserName.word(), says);
    }
    let parsed = Profile::parse(&wish.draft);
    for error in parsed.as_ref().err().into_iter().flatten() {
        fault(error.field, error.says.clone());
    }
    match columns::active(columns.cell(line.cells, Attribute::Active).unwrap_or_default()) {
        Ok(active) => wish.active = active.unwrap_or(wish.active),
        Err(error) => fault(error.field, error.says),
    }
    let Ok(profile) = parsed else { return bad(wish, faults) };
    if !faults.is_empty() {
        return bad(wish, faults);
    }
    wish.draft = Draft::from(&profile);
    let changes = changes(known.map(|_| &before), &wish);
    let verdict = match (known, changes.is_empty()) {
        (None, _) => Verdict::Create,
        (Some(_), true) => Verdict::Unchanged,
        (Some(user), false) => match (user.active, wish.active) {
            (true, false) => Verdict::Suspend,
            (false, true) => Verdict::Reactivate,
            _ => Verdict::Update,
        },
    };
    Judgement { verdict, changes, faults: Vec::new(), wish }
}

/// What suspending somebody who is not in the file changes.
#[must_use]
pub fn suspension() -> Change {
    let flag = |active: bool| Some(active.to_string());
    Change { attribute: Attribute::Active, from: flag(true), to: flag(false) }
}

fn bad(wish: Wish, faults: Vec<Fault>) -> Judgement {
    Judgement { verdict: Verdict::Bad, changes: Vec::new(), faults, wish }
}

fn changes(before: Option<&Wish>, after: &Wish) -> Vec<Change> {
    let value = |wish: &Wish, attribute: Attribute| match columns::field(
        &mut wish.draft.clone(),
        attribute,
    ) {
        Some(text) => (!text.is_empty()).then(|| text.clone()),
        None => Some(wish.active.to_string()),
    };
    let attributes = Attribute::ALL.iter().map(|&attribute| Change {
        attribute,
        from: before.and_then(|before| value(before, attribute)),
        to: value(after, attribute),
    });
    attributes.filter(|change| change.from != change.to).collect()
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::{
        directory::{Source, resource},
        imports::Meaning,
        kernel::UserId,
    };

    fn columns() -> Columns {
        let meanings = [Meaning::UserName, Meaning::Title, Meaning::Phone, Meaning::Active];
        Columns::unchecked(meanings.into_iter().map(Some).collect())
    }

    fn ana(active: bool) -> User {
        let draft = Draft {
            user_name: "Ana@x.test".to_owned(),
            title: "Clerk".to_owned(),
            department: "Legal".to_owned(),
            ..Draft::default()
        };
        User {
            id: UserId::at(OffsetDateTime::UNIX_EPOCH),
            profile: Profile::parse(&draft).expect("a profile"),
            active,
            resource: resource::empty(),
            external_id: None,
            source: Source::console(),
            created_at: OffsetDateTime::UNIX_EPOCH,
            updated_at: OffsetDateTime::UNIX_EPOCH,
            version: 1,
            deleted_at: None,
        }
    }

    fn judged(cells: &[&str], known: Option<&User>) -> Judgement {
        let cells: Vec<_> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        judge(Line { width: 4, cells: &cells, twin: None }, &columns(), known)
    }

    #[test]
    fn each_line_has_the_verdict_of_what_it_would_do() {
        let (active, suspended) = (ana(true), ana(false));
        for (cells, known, verdict) in [
            (["ana@x.test", "Clerk", "", ""], None, Verdict::Create),
            (["ana@x.test", "Clerk", "", "yes"], Some(&active), Verdict::Unchanged),
            (["ana@x.test", "Head", "", ""], Some(&active), Verdict::Update),
            (["ana@x.test", "Head", "", "suspended"], Some(&active), Verdict::Suspend),
            (["ana@x.test", "Clerk", "", "active"], Some(&suspended), Verdict::Reactivate),
            (["ana@x.test", "Head", "", ""], Some(&suspended), Verdict::Update),
            (["", "Clerk", "", ""], None, Verdict::Bad),
            (["ana@x.test", "Clerk", "none", ""], Some(&active), Verdict::Bad),
            (["ana@x.test", "Clerk", "", "maybe"], Some(&active), Verdict::Bad),
        ] {
            assert_eq!(judged(&cells, known).verdict, verdict, "{cells:?}");
        }
    }

    #[test]
    fn only_what_differs_is_a_change_and_an_empty_cell_clears() {
        let judgement = judged(&["ANA@x.test", "", "", ""], Some(&ana(true)));

        let title =
            Change { attribute: Attribute::Title, from: Some("Clerk".to_owned()), to: None };
        assert_eq!(judgement.changes, [title]);
        assert_eq!(judgement.wish.draft.department, "Legal");
        assert_eq!(judgement.wish.draft.user_name, "Ana@x.test");
    }

    #[test]
    fn a_line_of_another_width_and_one_that_stands_twice_are_bad() {
        let cells = vec!["ana@x.test".to_owned(); 4];

        let twice = judge(Line { width: 4, cells: &cells, twin: Some(9) }, &columns(), None);
        let short = judge(Line { width: 5, cells: &cells, twin: None }, &columns(), None);

        assert!(twice.verdict == Verdict::Bad && twice.faults[0].says.contains("line 9"));
        assert!(short.verdict == Verdict::Bad && short.faults[0].says.contains("4 cells"));
    }

    #[test]
    fn every_fault_of_a_line_is_named() {
        let fields = judged(&["", "x", "none", "maybe"], None).faults;

        let fields: Vec<_> = fields.iter().map(|fault| &*fault.field).collect();
        assert_eq!(fields, ["userName", "phone", "active"]);
    }
}
