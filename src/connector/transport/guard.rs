//! Where requests may go: to https on public addresses, and to what the operator allowed.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::connector::Refusal;

/// What may be called although it is private, loopback or plain http. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutboundRules {
    hosts: Vec<String>,
    networks: Vec<IpNet>,
}

impl OutboundRules {
    /// Allows some hosts, by name or address, and some networks.
    #[must_use]
    pub fn new(
        hosts: impl IntoIterator<Item = String>,
        networks: impl IntoIterator<Item = IpNet>,
    ) -> Self {
        let hosts = hosts.into_iter().map(|host| same_spelling(&host)).collect();
        Self { hosts, networks: networks.into_iter().collect() }
    }

    /// Judges what can be judged before the name is resolved.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`] for an address of digits that may not be called.
    pub(super) fn judge(&self, url: &Url) -> Result<(), Refusal> {
        let address = match url.host() {
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            None => return Err(Refusal::Astray),
        };
        let host = url.host_str().unwrap_or_default();
        if self.admits(host, address, url.scheme() != "https") {
            Ok(())
        } else {
            Err(Refusal::NotAllowed { host: host.to_owned() })
        }
    }

    /// Whether `address`, which `host` resolved to, may be called, in plain http or in https.
    fn admits(&self, host: &str, address: IpAddr, plain: bool) -> bool {
        let address = address.to_canonical();
        (!plain && is_public(address))
            || self.hosts.contains(&same_spelling(host))
            || self.networks.iter().any(|network| network.contains(&address))
    }
}

/// `Sign.Example.` and `sign.example` are one host, and so are `[::1]` and `::1`.
fn same_spelling(host: &str) -> String {
    let bare = host.trim().trim_end_matches('.').trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().to_string(),
        Err(_) => Host::parse(bare).map_or_else(|_| bare.to_lowercase(), |host| host.to_string()),
    }
}

/// Whether an address is anyone's on the internet, by the IANA special-purpose registries
/// (RFC 6890 and what was added since).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || (a == 100 && (64..128).contains(&b)) // shared with the provider
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // relays of 6to4
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
        || a >= 224) // multicast, reserved, broadcast
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let octets = address.octets();
    if let Some(&[first, second, third, fourth]) = octets.strip_prefix(&NAT64) {
        return is_public_v4(Ipv4Addr::new(first, second, third, fourth));
    }
    match address.segments() {
        [0x2001, 0..0x200 | 0xdb8, ..] // protocol assignments, documentation
        | [0x2002, ..] // 6to4
        | [0x3fff, 0..0x1000, ..] => false, // documentation
        [first, ..] => (0x2000..0x4000).contains(&first), // what is given out at all
    }
}

/// `64:ff9b::/96`: an IPv4 address as an IPv6-only network sees it, judged as what it is.
const NAT64: [u8; 12] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

/// The resolver of the transport: hands out only addresses that may be called, so that a
/// name cannot point somewhere else between the check and the call.
#[derive(Debug)]
pub(super) struct Guard {
    pub(super) rules: Arc<OutboundRules>,
    pub(super) plain: bool,
}

/// A name whose addresses may not be called.
#[derive(Debug, thiserror::Error)]
#[error("{host} may not be called")]
pub(super) struct Blocked {
    pub(super) host: String,
}

/// A name without an address.
#[derive(Debug, thiserror::Error)]
#[error("the host name has no address")]
pub(super) struct Unresolved;

impl Guard {
    fn pick(&self, host: &str, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, Blocked> {
        let admitted: Vec<_> = found
            .iter()
            .copied()
            .filter(|address| self.rules.admits(host, address.ip(), self.plain))
            .collect();
        if admitted.is_empty() { Err(Blocked { host: host.to_owned() }) } else { Ok(admitted) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Self { rules: Arc::clone(&self.rules), plain: self.plain };
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| Unresolved)?;
            let found: Vec<_> = found.collect();
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            let admitted = guard.pick(host, &found)?;
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    const PUBLIC: &str = "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 \
        192.0.1.1 198.17.0.1 198.20.0.1 223.255.255.255 2606:4700::1111 2001:200::1 2a00::1 \
        64:ff9b::808:808 ::ffff:8.8.8.8";

    const NOT_PUBLIC: &str = "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 \
        127.255.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 \
        192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 \
        255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::7f00:1 \
        64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 \
        fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1";

    #[test]
    fn an_address_is_public_only_when_it_is_anyones() {
        for (texts, public) in [(PUBLIC, true), (NOT_PUBLIC, false)] {
            for text in texts.split_whitespace() {
                assert_eq!(is_public(address(text).to_canonical()), public, "{text}");
            }
        }
    }

    #[test]
    fn nothing_private_and_nothing_plain_is_called_by_default() {
        let rules = OutboundRules::default();

        for text in [
            "http://1.1.1.1/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://169.254.169.254/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::ffff:7f00:1]/",
        ] {
            let refused = rules.judge(&url(text));
            assert!(matches!(refused, Err(Refusal::NotAllowed { .. })), "{text}: {refused:?}");
        }
        assert_eq!(rules.judge(&url("https://1.1.1.1/")), Ok(()));
    }

    #[test]
    fn what_the_operator_allowed_is_called_even_in_plain_http() {
        let networks = ["10.1.0.0/16", "::1/128"].map(|text| text.parse().expect("a network"));
        let rules =
            OutboundRules::new(["Localhost".to_owned(), "192.168.7.7".to_owned()], networks);

        for text in
            ["http://10.1.2.3/", "http://[::1]:8080/", "https://10.1.2.3/", "http://192.168.7.7/"]
        {
            assert_eq!(rules.judge(&url(text)), Ok(()), "{text}");
        }
        for text in ["http://10.2.0.1/", "http://192.168.7.8/", "http://127.0.0.1/"] {
            assert!(rules.judge(&url(text)).is_err(), "{text}");
        }
        assert!(rules.admits("localhost.", address("127.0.0.1"), true));
        assert!(!rules.admits("localhost.evil.example", address("127.0.0.1"), true));
    }

    #[test]
    fn a_name_gives_only_those_of_its_addresses_that_may_be_called() {
        let found =
            ["10.0.0.1:0", "1.1.1.1:0", "[::1]:0"].map(|text| text.parse().expect("a socket"));
        let guard = |plain| Guard { rules: Arc::default(), plain };

        assert_eq!(guard(false).pick("app.example", &found).unwrap(), [found[1]]);
        assert_eq!(guard(true).pick("app.example", &found).unwrap_err().host, "app.example");
    }
}
