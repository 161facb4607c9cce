//! Whom a unit lets in.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::signature;

/// What a unit's doors let in, and when they shut by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Doors {
    /// Addresses that calls may come from; none: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<IpNet>,
    /// Whether the unit is switched off when too many calls are refused; `None`: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_after: Option<DisableAfter>,
    /// How far a signature's time may be from ours, in milliseconds; `None`: [`signature::WINDOW`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_ms: Option<u64>,
}

/// So many refusals in so many minutes switch a unit off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DisableAfter {
    /// Calls that were refused because too many waited, at least 1.
    pub refusals: u64,
    /// Within so many minutes, 1 to [`crate::refusals::MAX_DISABLE_MINUTES`].
    pub minutes: u64,
}

impl Doors {
    /// Whether a call from this address is let in. With a list, a call whose address nobody knows is not.
    pub fn lets_in(&self, source: Option<IpAddr>) -> bool {
        // An IPv4 address that came in over IPv6 is the same address.
        let source = source.map(|address| address.to_canonical());
        self.allow.is_empty() || source.is_some_and(|source| self.allow.iter().any(|net| net.contains(&source)))
    }

    /// The window of signatures.
    pub fn signature_window(&self) -> Duration {
        self.signature_ms.map_or(signature::WINDOW, Duration::from_millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_addresses_lets_in_what_it_names() {
        let doors = |nets: &[&str]| {
            let allow = nets.iter().map(|net| net.parse().expect("a net")).collect();
            Doors { allow, ..Doors::default() }
        };
        let from = |address: &str| Some(address.parse().expect("an address"));
        let listed = doors(&["192.0.2.0/24", "2001:db8::/32"]);
        for (address, expected) in [
            ("192.0.2.7", true),
            ("192.0.3.7", false),
            ("::ffff:192.0.2.7", true),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(listed.lets_in(from(address)), expected, "{address}");
        }
        assert!(!listed.lets_in(None), "nobody knows where it comes from");
        assert!(doors(&[]).lets_in(None) && doors(&[]).lets_in(from("203.0.113.9")), "no list, no limit");
    }
}
