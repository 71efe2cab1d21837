//! Addresses: prefixes and ranges as the clouds write them, and whether a list of them lets the internet in.

use std::net::{IpAddr, Ipv4Addr};

use super::ranges::Ranges;

/// IPv4 addresses lie among those of IPv6 as `::ffff:0:0/96`.
const IPV4_BASE: u128 = 0xffff_0000_0000;
const IPV4_LAST: u128 = IPV4_BASE + 0xffff_ffff;

/// As many IPv4 addresses as a /8 has. A list that admits fewer names somebody; one that admits more admits anybody.
const MANY_IPV4: u128 = 1 << 24;
/// A /8 of IPv6.
const MANY_IPV6: u128 = 1 << 120;

/// Ranges of IPv4 that are not routed on the internet (RFC 6890), first and prefix length.
const NOT_ROUTED: [([u8; 4], u32); 9] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([224, 0, 0, 0], 3),
];

/// Every address of both families.
pub(super) fn any() -> Ranges {
    Ranges::one(0, u128::MAX)
}

/// Every address of IPv4.
pub(super) fn version_4() -> Ranges {
    Ranges::one(IPV4_BASE, IPV4_LAST)
}

/// Every address of IPv6.
pub(super) fn version_6() -> Ranges {
    any().without(&version_4())
}

/// The part of a set that is routed on the internet.
pub(super) fn public(set: &Ranges) -> Ranges {
    let not_routed = NOT_ROUTED.map(|(first, length)| {
        let first = IPV4_BASE + u128::from(u32::from(Ipv4Addr::from(first)));
        (first, first + ((1 << (32 - length)) - 1))
    });
    // Global unicast of IPv6 is 2000::/3.
    let unicast = Ranges::one(1 << 125, (1 << 126) - 1);
    let routed = version_4().without(&Ranges::of(not_routed)).or(&unicast);
    set.and(&routed)
}

/// Whether so much of the internet is in the set that it names nobody in particular.
pub(super) fn is_broad(set: &Ranges) -> bool {
    Size::of(&public(set)).is_broad()
}

/// How many addresses of each version a set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Size {
    version_4: u128,
    version_6: u128,
}

impl Size {
    /// Of a set that holds addresses of the internet alone.
    pub(super) fn of(public: &Ranges) -> Self {
        let version_4 = public.and(&version_4()).count();
        Self {
            version_4,
            version_6: public.count() - version_4,
        }
    }

    /// Whether a set of that size names nobody in particular.
    pub(super) fn is_broad(self) -> bool {
        self.version_4 >= MANY_IPV4 || self.version_6 >= MANY_IPV6
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            version_4: self.version_4.saturating_add(other.version_4),
            version_6: self.version_6.saturating_add(other.version_6),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            version_4: self.version_4.saturating_sub(other.version_4),
            version_6: self.version_6.saturating_sub(other.version_6),
        }
    }
}

/// A prefix or address, `203.0.113.0/24`, `2001:db8::1`; a range `A-B`; or a word that stands for everybody: `*`,
/// `Any`, `Internet`. `None` for other service tags, groups and what is no address.
pub(super) fn parse(text: &str) -> Option<Ranges> {
    let text = text.trim();
    if ["*", "any", "internet"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
    {
        return Some(any());
    }
    if let Some((first, last)) = text.split_once('-') {
        return between(first, last);
    }
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.trim().parse().ok()?;
    let bits = if address.is_ipv4() { 32 } else { 128 };
    let free = bits - length.unwrap_or(bits).min(bits);
    let mask = if free == 128 {
        u128::MAX
    } else {
        (1 << free) - 1
    };
    let first = number(address) & !mask;
    let set = Ranges::one(first, first + mask);
    // `::/0` says nothing of IPv4.
    Some(if address.is_ipv4() {
        set
    } else {
        set.without(&version_4())
    })
}

/// From one address to another, as firewall rules of databases write them.
pub(super) fn between(first: &str, last: &str) -> Option<Ranges> {
    let first: IpAddr = first.trim().parse().ok()?;
    let last: IpAddr = last.trim().parse().ok()?;
    (first.is_ipv4() == last.is_ipv4()).then(|| Ranges::one(number(first), number(last)))
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => IPV4_BASE + u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// Whether a text is the address `0.0.0.0`, by which several services of Azure mean all of Azure.
pub(super) fn is_all_of_azure(text: &str) -> bool {
    text.parse::<Ipv4Addr>()
        .is_ok_and(|address| address.is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_broad_and_an_office_is_not() {
        for text in [
            "0.0.0.0/0",
            "::/0",
            "*",
            "Internet",
            "8.0.0.0/8",
            "1.0.0.0-9.0.0.0",
        ] {
            assert!(is_broad(&parse(text).unwrap()), "{text}");
        }
        for text in ["203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32", "8.8.8.8"] {
            assert!(!is_broad(&parse(text).unwrap()), "{text}");
        }
        assert_eq!(parse("VirtualNetwork"), None);
        assert_eq!(parse("sg-1"), None);
    }

    #[test]
    fn two_halves_are_the_whole() {
        let halves = parse("0.0.0.0/1")
            .unwrap()
            .or(&parse("128.0.0.0/1").unwrap());
        assert_eq!(halves, parse("0.0.0.0/0").unwrap());
    }
}
