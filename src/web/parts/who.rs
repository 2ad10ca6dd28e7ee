//! A person in a row: initials, name, address.

use askama::Template;

/// A person: initials in a disc, the name, the address under it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/who.html")]
pub struct Who {
    name: String,
    mail: String,
    initials: String,
    href: Option<String>,
    whole_row: bool,
}

impl Who {
    /// A person who is only named.
    #[must_use]
    pub fn new(name: impl Into<String>, mail: impl Into<String>) -> Self {
        let (name, mail) = (name.into(), mail.into());
        let initials = initials(&name);
        Self { name, mail, initials, href: None, whole_row: false }
    }

    /// A person whose name leads to `href`.
    #[must_use]
    pub fn linked(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }

    /// A person whose name leads to `href`, with the whole row of the table as its target.
    #[must_use]
    pub fn opening(self, href: impl Into<String>) -> Self {
        Self { whole_row: true, ..self.linked(href) }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The letters in the disc.
    #[must_use]
    pub fn initials(&self) -> &str {
        &self.initials
    }

    /// Whether the address says more than the name does.
    fn shows_mail(&self) -> bool {
        !self.mail.is_empty() && self.mail != self.name
    }
}

/// The first letters of the first and the last word, `?` for nobody.
fn initials(name: &str) -> String {
    let mut words =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let letters = words.next().into_iter().chain(words.next_back());
    let initials: String = letters.flat_map(char::to_uppercase).collect();
    if initials.is_empty() { "?".to_owned() } else { initials }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, letters) in [
            ("Ana Lima", "AL"),
            ("ana maria de lima", "AL"),
            ("Cher", "C"),
            ("ana@example.com", "A"),
            ("Ørsted (Jr.)", "ØJ"),
            ("李 小龍", "李小"),
            ("  ", "?"),
        ] {
            assert_eq!(initials(name), letters, "{name}");
        }
    }

    #[test]
    fn a_name_cannot_bring_markup() {
        let drawn = Who::new("<b>Ana</b>", "a@example.com").opening("/users/\"x").to_string();

        assert!(!drawn.contains("<b>Ana"), "{drawn}");
        assert!(!drawn.contains("/\"x"), "{drawn}");
    }

    #[test]
    fn an_address_is_not_said_twice() {
        let drawn = Who::new("ana@example.com", "ana@example.com").to_string();

        assert_eq!(drawn.matches("ana@example.com").count(), 1);
    }
}
