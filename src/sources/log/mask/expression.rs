//! Filters and paths of attributes, word by word.

use super::{LEFT_OUT, WORDS, cut, is_name, is_one_of};

/// Comparisons of a filter (RFC 7644 section 3.4.2.2): what follows one is what is looked for.
const COMPARISONS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
/// All words of a filter that are neither an attribute nor what is looked for.
const OPERATORS: [&str; 11] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "not"];
/// A filter, or a path that may hold one, without what it looks for.
pub(super) fn expression(text: &str, is_path: bool) -> String {
    let text = cut(text);
    let tokens = tokens(&text);
    let mut masked = String::new();
    let mut sought = false;
    let mut before = "";
    for (at, token) in tokens.iter().copied().enumerate() {
        let next = tokens[at + 1..].iter().copied().find(|next| *next != " ").unwrap_or_default();
        let names = is_one_of(&COMPARISONS, next)
            || is_one_of(&["pr"], next)
            || next == "["
            || is_path && next.is_empty() && ["", "]"].contains(&before);
        let joins = is_one_of(&["and", "or"], token);
        let known = match token {
            " " | "(" | ")" | "[" | "]" => true,
            quoted if quoted.starts_with('"') => is_one_of(&WORDS, quoted.trim_matches('"')),
            word if sought => joins || is_one_of(&WORDS, word),
            word => joins || is_one_of(&OPERATORS, word) || names && is_name(word),
        };
        sought = match token {
            "]" | ")" => false,
            _ if joins => false,
            word => sought || is_one_of(&COMPARISONS, word),
        };
        match token {
            known_token if known => masked.push_str(known_token),
            quoted if quoted.starts_with('"') => masked.push_str("\"…\""),
            // Several words of one value are left out as one.
            _ if masked.ends_with("… ") => drop(masked.pop()),
            _ => masked.push_str(LEFT_OUT),
        }
        if token != " " {
            before = token;
        }
    }
    masked
}

/// Words, quoted texts, brackets, and one space for any white space.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => quoted(rest),
            '(' | ')' | '[' | ']' => 1,
            c if is_space(c) => rest.find(|c| !is_space(c)).unwrap_or(rest.len()),
            _ => rest.find(|c| is_space(c) || "()[]\"".contains(c)).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(if is_space(first) { " " } else { token });
        rest = after;
    }
    tokens
}

pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// Where the text in quotes ends that `text` begins with.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}
