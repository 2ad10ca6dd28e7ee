//! Errors begin small and have no full stop; what people read is a sentence.

use std::fmt::Display;

/// With a capital letter and a full stop, whichever of them was missing.
#[must_use]
pub fn sentence(says: impl Display) -> String {
    let says = says.to_string();
    let mut letters = says.trim().chars();
    let Some(first) = letters.next() else { return says };
    let mut sentence: String = first.to_uppercase().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?', ':']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_a_capital_and_an_end() {
        let table = [
            ("so", "So."),
            ("So.", "So."),
            ("is it so?", "Is it so?"),
            (" ünder way ", "Ünder way."),
            ("", ""),
            ("Ünlü.", "Ünlü."),
        ];
        for (says, expected) in table {
            assert_eq!(sentence(says), expected, "{says:?}");
        }
    }
}
