//! What stands around a list: counts, tabs, the way to the next page, and its absence.

use askama::Template;

use super::Icon;

/// A number with its thousands apart: `14,218`.
#[must_use]
pub fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or_default().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number and what it counts, by the word for one and the word for many: `1 person`, `6 people`.
#[must_use]
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// One of several views of the same list, or pages of the same thing.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/tab.html")]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub name: &'static str,
    /// How many are in it, where that is worth saying.
    pub count: Option<String>,
    /// Whether the number is bad news.
    pub bad: bool,
    /// Whether it is the one that is shown.
    pub here: bool,
}

/// The way through a list that is read from one mark to the next.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/pager.html")]
pub struct Pager {
    /// Back to the first page, where this is another.
    pub first: Option<String>,
    /// Back to the page before, where it can be gone back to.
    pub previous: Option<String>,
    /// On to the next page, where there is one.
    pub next: Option<String>,
    /// What the next page holds: `Older`, `Next`.
    pub onward: &'static str,
    /// What is shown: `50 people`.
    pub shown: String,
}

/// A list with nothing in it: what that means and what to do next.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/empty.html")]
pub struct Empty {
    /// A picture of what is missing.
    pub icon: Icon,
    /// What is the matter, in three words.
    pub title: &'static str,
    /// What it means.
    pub says: String,
    /// What to do next: where it leads, and its words.
    pub next: Option<(String, &'static str)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, shown) in
            [(0_u64, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(number), shown);
        }
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(2_000, "entry", "entries"), "2,000 entries");
    }
}
