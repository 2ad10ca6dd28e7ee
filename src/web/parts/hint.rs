//! What to look at twice, in words.

use crate::queue::hint::Hint;

/// A hint, short, and what it means, in a sentence.
#[must_use]
pub const fn hint(hint: Hint) -> (&'static str, &'static str) {
    match hint {
        Hint::First => (
            "First change",
            "Nothing was ever asked of this account before; it was there already, or somebody else made it.",
        ),
        Hint::Domain => (
            "Domain not ours",
            "The address is in none of the organisation's mail domains, as EchoSign > Provisioning has them.",
        ),
        Hint::Namesake => (
            "Looks like another person",
            "Somebody else in the directory has the same name, or the same address up to the @.",
        ),
        Hint::Recreate => (
            "Was deleted before",
            "An account of this person, or of one with the same user name, was deleted earlier.",
        ),
        Hint::Admin => (
            "Administrator",
            "The person signs in here as an administrator, or the source says they have an administrator's role.",
        ),
        Hint::Leaver => ("Leaver", "The person was deleted from the directory."),
        Hint::Opposite => (
            "Opposite under way",
            "An action that does the opposite to the same account is not finished.",
        ),
        Hint::Burst => ("Part of a burst", "Very many changes came from its source at once."),
    }
}
