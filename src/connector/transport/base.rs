//! The address of an app, and addresses below it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// The root of an app's API; everything that is asked of it lies below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text is not the address of an app, in words to show beside the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadBaseUrl {
    /// No URL at all, or of another scheme.
    #[error("Must be an address such as https://app.example.com/scim/v2.")]
    NotHttp,
    /// `https://user:password@…`
    #[error("Leave user name and password out of the address: the token takes their place.")]
    Credentials,
    /// `…?x=1` or `…#x`
    #[error("Leave out everything from the ? or # on.")]
    Query,
}

impl BaseUrl {
    /// Reads what an administrator typed. A slash at the end makes no difference.
    ///
    /// # Errors
    /// [`BadBaseUrl`] says what to type instead.
    pub fn parse(typed: &str) -> Result<Self, BadBaseUrl> {
        let mut url = Url::parse(typed.trim()).map_err(|_| BadBaseUrl::NotHttp)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BadBaseUrl::NotHttp);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadBaseUrl::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadBaseUrl::Query);
        }
        let path = format!("{}/", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address of `path`, which is percent-encoded; `None` when it would not lie below
    /// this one exactly as it is written.
    #[must_use]
    pub(crate) fn below(&self, path: &str) -> Option<Url> {
        let wanted = format!("{}{path}", self.0);
        // Parsing resolves `..`, `%2e%2e`, `\` and line ends: then it is no longer what was written.
        Url::parse(&wanted).ok().filter(|url| url.as_str() == wanted && url.fragment().is_none())
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.0
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// What RFC 3986 section 2.3 calls unreserved stays as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `text` as one segment of a path or one value of a query.
#[must_use]
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(text: &str) -> BaseUrl {
        BaseUrl::parse(text).expect("a base URL")
    }

    #[test]
    fn a_slash_at_the_end_makes_no_difference() {
        for typed in [
            "https://a.example/scim/v2",
            " https://a.example/scim/v2/ ",
            "https://A.example/scim/v2//",
        ] {
            let url = base(typed).below("Users/1").expect("an address");

            assert_eq!(url.as_str(), "https://a.example/scim/v2/Users/1", "{typed}");
            assert_eq!(base(typed).to_string(), "https://a.example/scim/v2");
        }
        assert_eq!(base("https://a.example").below("Users").unwrap().path(), "/Users");
    }

    #[test]
    fn what_is_no_address_of_an_app_says_what_to_type() {
        for (typed, refused) in [
            ("", BadBaseUrl::NotHttp),
            ("a.example/scim", BadBaseUrl::NotHttp),
            ("ftp://a.example", BadBaseUrl::NotHttp),
            ("file:///etc/passwd", BadBaseUrl::NotHttp),
            ("https://", BadBaseUrl::NotHttp),
            ("https://ana:secret@a.example/", BadBaseUrl::Credentials),
            ("https://a.example/?tenant=1", BadBaseUrl::Query),
            ("https://a.example/#/users", BadBaseUrl::Query),
        ] {
            assert_eq!(BaseUrl::parse(typed), Err(refused), "{typed}");
        }
    }

    #[test]
    fn an_id_is_one_segment_whatever_is_in_it() {
        let url = base("https://a.example/v2").below(&format!("Users/{}", encoded("a/b@c%d?#é")));

        assert_eq!(url.unwrap().as_str(), "https://a.example/v2/Users/a%2Fb%40c%25d%3F%23%C3%A9");
    }

    #[test]
    fn an_id_of_dots_is_refused_rather_than_climbing() {
        for path in
            ["..", "Users/..", "Users/.", "%2e%2e/x", "Users/.%2E", "a\\b", "Users\n", "a#b"]
        {
            assert_eq!(base("https://a.example/v2").below(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_id_escapes_the_base(id in any::<String>()) {
            let url = base("https://a.example/v2").below(&format!("Users/{}", encoded(&id)));

            if let Some(url) = url {
                let segments: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!(url.origin().ascii_serialization(), "https://a.example");
                prop_assert_eq!(segments.len(), 3);
                prop_assert_eq!(&segments[..2], ["v2", "Users"]);
                prop_assert!(url.query().is_none());
                let back = percent_encoding::percent_decode_str(segments[2]).decode_utf8().unwrap();
                prop_assert_eq!(back, id);
            } else {
                prop_assert!(id == "." || id == "..");
            }
        }

        #[test]
        fn no_path_at_all_escapes_the_base(path in "[./\\\\%2eE:@?a-c]{0,12}") {
            if let Some(url) = base("https://a.example/v2/").below(&path) {
                prop_assert!(url.as_str().starts_with("https://a.example/v2/"));
            }
        }
    }
}
