//! How browsers reach this countersign.

use std::{fmt, net::SocketAddr};

use url::Url;

/// An http or https origin: scheme, host and port, and nothing after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Whether cookies may be marked as for https only.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// The address of a page; `path` begins with a slash.
    #[must_use]
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// What reaches a server on `address` from its own machine.
    pub(super) fn of(address: SocketAddr) -> Self {
        if address.ip().is_unspecified() {
            Self(format!("http://localhost:{}", address.port()))
        } else {
            Self(format!("http://{address}"))
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mend = || {
            "write scheme and host, and a port if need be, such as https://countersign.example.com"
                .to_owned()
        };
        let url = Url::parse(text).map_err(|_| mend())?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_anonymous = url.username().is_empty() && url.password().is_none();
        if matches!(url.scheme(), "http" | "https") && is_bare && is_anonymous {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(mend())
        }
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_in_one_spelling() {
        for (text, expected) in [
            ("https://Countersign.Example.com/", "https://countersign.example.com"),
            ("https://countersign.example.com:443", "https://countersign.example.com"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn anything_past_the_origin_is_refused() {
        for text in [
            "example.com",
            "ftp://example.com",
            "https://example.com/app",
            "https://a@example.com",
            "https://example.com?x",
            "",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_on_every_address_is_reached_as_localhost() {
        for (address, expected) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:80", "http://localhost:80"),
            ("[::]:8080", "http://localhost:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(PublicUrl::of(address.parse().unwrap()).to_string(), expected);
        }
    }
}
