//! Mail domains.

use std::str::FromStr;

/// A mail domain, in lower case: `example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailDomain(String);

/// Something that is no mail domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is no mail domain. Write each as example.com: letters, digits and hyphens, with dots between."
)]
pub struct BadDomain(String);

impl MailDomain {
    /// Each of a list with commas or spaces between, once.
    ///
    /// # Errors
    /// The first that is no mail domain.
    pub fn list(text: &str) -> Result<Vec<String>, BadDomain> {
        let separates = |c: char| c == ',' || c == ';' || c.is_whitespace();
        let words = text.split(separates).filter(|word| !word.is_empty());
        Ok(once(words.map(str::parse).collect::<Result<_, _>>()?))
    }
}

/// Each of them once, in their order.
#[must_use]
pub fn once(domains: Vec<MailDomain>) -> Vec<String> {
    let mut each = Vec::new();
    for MailDomain(domain) in domains {
        if !each.contains(&domain) {
            each.push(domain);
        }
    }
    each
}

impl FromStr for MailDomain {
    type Err = BadDomain;

    fn from_str(text: &str) -> Result<Self, BadDomain> {
        let domain = text.trim().trim_start_matches('@').trim_end_matches('.').to_lowercase();
        let is_label = |label: &str| {
            let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let ends = label.starts_with('-') || label.ends_with('-');
            letters && !ends && (1..=63).contains(&label.len())
        };
        let is_domain = domain.contains('.') && domain.len() <= 253;
        if is_domain && domain.split('.').all(is_label) {
            Ok(Self(domain))
        } else {
            Err(BadDomain(text.trim().chars().take(80).collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_stand_between_commas_and_spaces_and_count_once() {
        let table: [(&str, &[&str]); 5] = [
            ("", &[]),
            (" , \n", &[]),
            ("example.com", &["example.com"]),
            (
                "Example.COM, @b.example  c.d.example.;b.example",
                &["example.com", "b.example", "c.d.example"],
            ),
            ("xn--mller-kva.example", &["xn--mller-kva.example"]),
        ];
        for (typed, expected) in table {
            assert_eq!(MailDomain::list(typed).unwrap(), expected, "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_host_name_is_named() {
        let long = format!("{}.example", "a".repeat(64));
        for typed in [
            "localhost",
            "a..example",
            "-a.example",
            "a-.example",
            "müller.example",
            "a@b.example",
            "https://b.example",
            &long,
        ] {
            let refused = MailDomain::list(&format!("example.com, {typed}")).unwrap_err();

            assert!(refused.to_string().contains(typed), "{typed}: {refused}");
        }
    }
}
