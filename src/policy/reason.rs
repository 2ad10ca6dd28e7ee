//! Is a reason as the rules want it?

use std::borrow::Borrow;

use regex::{Regex, RegexBuilder};

use crate::apps::{ReasonRule, Reasons, change::Kind};

/// How large a pattern may become in memory, in bytes; matching is linear in the reason whatever it is.
const LARGEST: usize = 512 * 1024;
/// The longest pattern and the longest message, in characters.
pub const LONGEST: usize = 200;
/// What to mend where a rule has no words of its own.
const ASKED: &str = "Give a reason, for example a ticket number.";

/// What is wrong with a rule that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFault {
    /// The kind whose rule it is.
    pub kind: Kind,
    /// `pattern` or `message`.
    pub field: &'static str,
    /// What is wrong, and the mend.
    pub says: String,
}

/// Whether `reason` is as `rule` wants it: there where one is needed, and with the pattern found in it
/// where one is given.
///
/// # Errors
/// What to mend, in the rule's own words where it has some.
pub fn check(rule: Option<&ReasonRule>, reason: &str) -> Result<(), String> {
    let Some(rule) = rule else { return Ok(()) };
    let reason = reason.trim();
    let says = |otherwise: String| Err(rule.says.clone().unwrap_or(otherwise));
    match &rule.pattern {
        _ if reason.is_empty() && !rule.required => Ok(()),
        _ if reason.is_empty() => says(ASKED.to_owned()),
        Some(pattern) if !compile(pattern)?.is_match(reason) => {
            says(format!("Give a reason in which this pattern is found: {pattern}"))
        }
        _ => Ok(()),
    }
}

/// The same for one reason that is given for several actions, of these kinds.
///
/// # Errors
/// What to mend, by the first rule that it is not as.
pub fn check_all(
    rules: &Reasons,
    kinds: impl IntoIterator<Item: Borrow<Kind>>,
    reason: &str,
) -> Result<(), String> {
    kinds.into_iter().try_for_each(|kind| check(rules.get(kind.borrow()), reason))
}

/// What is wrong with rules that are to be stored.
#[must_use]
pub fn faults(rules: &Reasons) -> Vec<RuleFault> {
    let of = |(kind, rule): (&Kind, &ReasonRule)| {
        let fault = |field, says| RuleFault { kind: *kind, field, says };
        let unfit = [("pattern", &rule.pattern), ("message", &rule.says)].map(|(field, text)| {
            let says = text.as_deref().and_then(unfit)?;
            Some(fault(field, says))
        });
        let unread = rule.pattern.as_deref().and_then(|text| compile(text).err());
        let unread = unread.filter(|_| unfit[0].is_none()).map(|says| fault("pattern", says));
        unfit.into_iter().flatten().chain(unread).collect::<Vec<_>>()
    };
    rules.iter().flat_map(of).collect()
}

fn unfit(text: &str) -> Option<String> {
    if text.chars().count() > LONGEST {
        return Some(format!("May have at most {LONGEST} characters."));
    }
    text.chars().any(char::is_control).then(|| "May not hold control characters.".to_owned())
}

/// The pattern, or what is wrong with it.
fn compile(pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(pattern).size_limit(LARGEST).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "This pattern is too large. Repeat less in it.".to_owned(),
        other => {
            // The last line says what; those before draw where.
            let told = other.to_string();
            let what = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("This is no regular expression: {what}. Put \\ before a sign that stands for itself.")
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule(required: bool, pattern: Option<&str>, says: Option<&str>) -> ReasonRule {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        ReasonRule { required, pattern: owned(pattern), says: owned(says) }
    }

    #[test]
    fn a_reason_is_there_where_it_is_needed_and_has_the_pattern_in_it() {
        let own = "Name the change, such as CHG-1234.";
        let found = r"Give a reason in which this pattern is found: CHG-\d+";
        let table = [
            (None, "", None),
            (Some(rule(false, None, None)), "", None),
            (Some(rule(true, None, None)), "", Some(ASKED)),
            (Some(rule(true, None, None)), " \t ", Some(ASKED)),
            (Some(rule(true, None, Some(own))), "", Some(own)),
            (Some(rule(true, None, None)), "left", None),
            (Some(rule(true, Some(r"CHG-\d+"), None)), "", Some(ASKED)),
            (Some(rule(true, Some(r"CHG-\d+"), None)), "left", Some(found)),
            (Some(rule(true, Some(r"CHG-\d+"), Some(own))), "CHG-", Some(own)),
            (Some(rule(true, Some(r"CHG-\d+"), Some(own))), "as in CHG-12, asked for", None),
            (Some(rule(true, Some(r"^CHG-\d+$"), Some(own))), "as in CHG-12", Some(own)),
            (Some(rule(false, Some(r"CHG-\d+"), Some(own))), "", None),
            (Some(rule(false, Some(r"CHG-\d+"), Some(own))), "left", Some(own)),
        ];
        for (rule, reason, expected) in table {
            let says = check(rule.as_ref(), reason).err();

            assert_eq!(says.as_deref(), expected, "{rule:?} and {reason:?}");
        }
    }

    #[test]
    fn one_reason_for_several_kinds_is_as_every_rule_wants_it() {
        let deletes = Reasons::from([(Kind::Delete, rule(true, None, None))]);
        let table = [
            (vec![], "", true),
            (vec![Kind::Create, Kind::Update], "", true),
            (vec![Kind::Create, Kind::Delete], "", false),
            (vec![Kind::Create, Kind::Delete], "left", true),
        ];
        for (kinds, reason, expected) in table {
            assert_eq!(
                check_all(&deletes, &kinds, reason).is_ok(),
                expected,
                "{kinds:?} {reason:?}"
            );
        }
    }

    #[test]
    fn a_rule_that_cannot_be_is_told_with_what_is_wrong() {
        let long = "a".repeat(LONGEST + 1);
        let table = [
            (rule(true, Some(r"CHG-\d+"), Some("Name it.")), vec![]),
            (rule(true, Some("CHG-["), None), vec![("pattern", "unclosed character class")]),
            (
                rule(true, Some("(a"), Some("\u{7}")),
                vec![("message", "control"), ("pattern", "unclosed group")],
            ),
            (rule(true, Some(r"\w{500}"), None), vec![("pattern", "too large")]),
            (rule(true, Some(&long), Some(&long)), vec![("pattern", "200"), ("message", "200")]),
        ];
        for (rule, expected) in table {
            let faults = faults(&Reasons::from([(Kind::Delete, rule.clone())]));

            let told: Vec<_> = faults.iter().map(|fault| (fault.field, &*fault.says)).collect();
            assert_eq!(told.len(), expected.len(), "{rule:?}: {told:?}");
            for ((field, says), (expected, part)) in told.into_iter().zip(expected) {
                assert!(field == expected && says.contains(part), "{field}: {says}");
            }
        }
    }

    proptest! {
            #[test]
            fn any_pattern_is_read_or_refused_and_any_reason_checked(pattern: String, reason: String) {
                let rule = rule(true, Some(&pattern), None);
                let refused = !faults(&Reasons::from([(Kind::Delete, rule.clone())])).is_empty();

    let told = check(Some(&rule), &reason).err();

                // A pattern that was stored can be read: nobody who decides is told what is wrong with it.
                let asks = |says: &String| says == ASKED || says.starts_with("Give a reason in which");
                prop_assert!(refused || told.as_ref().is_none_or(asks), "{:?}", told);
            }
        }
}
