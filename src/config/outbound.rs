//! What may be called although it is private, loopback or plain http.

use std::net::IpAddr;

use ipnet::IpNet;

/// Hosts and networks that an operator allowed. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundAllow {
    hosts: Vec<String>,
    networks: Vec<IpNet>,
}

impl OutboundAllow {
    /// The hosts, in lower case.
    #[must_use]
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The networks; a lone address is a network of one.
    #[must_use]
    pub fn networks(&self) -> &[IpNet] {
        &self.networks
    }

    /// The same, and one address more: that of the sandbox in this very process.
    #[must_use]
    pub fn and(mut self, address: IpAddr) -> Self {
        self.networks.push(address.into());
        self
    }

    /// Reads names, addresses and networks with commas or spaces between them.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut allow = Self::default();
        for entry in text.split([',', ' ', '\n', '\t']).filter(|entry| !entry.is_empty()) {
            if let Some(network) = network(entry) {
                allow.networks.push(network);
            } else if is_name(entry) {
                allow.hosts.push(entry.to_lowercase());
            } else {
                return Err(format!(
                    "{entry:?} is neither a host such as sign.internal, nor an address, nor a network such as \
                     10.0.0.0/8; leave scheme, port and path out"
                ));
            }
        }
        Ok(allow)
    }
}

fn network(entry: &str) -> Option<IpNet> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| bare.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Labels of letters, digits and hyphens; the last is no number, or it would be a broken address.
fn is_name(entry: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '_')
    };
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    entry.split('.').all(is_label)
        && entry
            .rsplit('.')
            .next()
            .is_some_and(|last| !last.chars().all(|letter| letter.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_and_networks_are_told_apart() {
        let allow =
            OutboundAllow::parse("Sign.Internal, 10.0.0.0/8 127.0.0.1,[::1]\nfd00::/8").unwrap();

        assert_eq!(allow.hosts(), ["sign.internal"]);
        let networks: Vec<String> = allow.networks().iter().map(IpNet::to_string).collect();
        assert_eq!(networks, ["10.0.0.0/8", "127.0.0.1/32", "::1/128", "fd00::/8"]);
    }

    #[test]
    fn what_is_none_of_them_is_refused_by_name() {
        for entry in [
            "http://sign.internal",
            "sign.internal:8443",
            "*.internal",
            "10.0.0.0/33",
            "10.0.0",
            "a..b",
            "/",
        ] {
            let mend = OutboundAllow::parse(&format!("good.example {entry}")).unwrap_err();

            assert!(mend.contains(entry), "{mend}");
        }
    }

    #[test]
    fn the_sandbox_is_added_to_what_was_allowed() {
        let allow = OutboundAllow::parse("10.0.0.0/8").unwrap().and(IpAddr::from([127, 0, 0, 1]));

        assert_eq!(allow.networks().len(), 2);
    }
}
