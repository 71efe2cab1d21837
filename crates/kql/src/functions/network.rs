//! IP addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value as Json;

use super::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("parse_ipv4", |_, values| {
        let network = Network::v4(&to_text(values.first()?))?;
        Some(Value::Long(i64::try_from(network.first()).ok()?))
    }),
    ScalarFunction::new("parse_ipv4_mask", |_, values| {
        let address: Ipv4Addr = to_text(values.first()?).trim().parse().ok()?;
        let prefix = u32::try_from(values.get(1)?.as_long()?)
            .ok()
            .filter(|prefix| *prefix <= 32)?;
        let network = Network {
            address: u128::from(u32::from(address)),
            prefix,
            bits: 32,
        };
        Some(Value::Long(i64::try_from(network.first()).ok()?))
    }),
    ScalarFunction::new("format_ipv4", |_, values| format_ipv4(values, false)),
    ScalarFunction::new("format_ipv4_mask", |_, values| format_ipv4(values, true)),
    ScalarFunction::new("ipv4_range_to_cidr_list", range_to_cidr_list),
    ScalarFunction::new("ipv4_netmask_suffix", |_, values| {
        Some(Value::Long(i64::from(
            Network::v4(&to_text(values.first()?))?.prefix,
        )))
    }),
    ScalarFunction::new("ipv4_is_private", |_, values| {
        let network = Network::v4(&to_text(values.first()?))?;
        let private = PRIVATE.iter().any(|range| range.holds(&network));
        Some(Value::Bool(private))
    }),
    ScalarFunction::new("ipv4_is_in_range", |_, values| {
        in_range(values, Network::v4)
    }),
    ScalarFunction::new("ipv6_is_in_range", |_, values| {
        in_range(values, Network::v6)
    }),
    ScalarFunction::new("ipv4_is_in_any_range", |_, values| {
        in_any_range(values, Network::v4)
    }),
    ScalarFunction::new("ipv6_is_in_any_range", |_, values| {
        in_any_range(values, Network::v6)
    }),
    ScalarFunction::new("ipv4_compare", |_, values| compare(values, Network::v4, 32)),
    ScalarFunction::new("ipv6_compare", |_, values| {
        compare(values, Network::v6, 128)
    }),
    ScalarFunction::new("ipv4_is_match", |_, values| {
        is_zero(compare(values, Network::v4, 32))
    }),
    ScalarFunction::new("ipv6_is_match", |_, values| {
        is_zero(compare(values, Network::v6, 128))
    }),
    ScalarFunction::new("parse_ipv6", |_, values| {
        Some(Value::string(full_ipv6(
            Network::v6(&to_text(values.first()?))?.first(),
        )))
    }),
    ScalarFunction::new("parse_ipv6_mask", |_, values| {
        let network = Network::v6(&to_text(values.first()?))?;
        let prefix = u32::try_from(values.get(1)?.as_long()?)
            .ok()
            .filter(|prefix| *prefix <= 128)?;
        Some(Value::string(full_ipv6(
            Network { prefix, ..network }.first(),
        )))
    }),
    ScalarFunction::new("has_ipv4", |_, values| {
        let wanted = to_text(values.get(1)?).trim().parse::<Ipv4Addr>();
        let text = to_text(values.first()?);
        let found = wanted.is_ok_and(|wanted| addresses_in(&text).contains(&wanted));
        Some(Value::Bool(found))
    }),
    ScalarFunction::new("has_any_ipv4", |_, values| {
        let text = to_text(values.first()?);
        let found = addresses_in(&text);
        let any = wanted_texts(values.get(1..)?)
            .iter()
            .filter_map(|wanted| wanted.trim().parse::<Ipv4Addr>().ok())
            .any(|wanted| found.contains(&wanted));
        Some(Value::Bool(any))
    }),
    ScalarFunction::new("has_ipv4_prefix", |_, values| has_prefix(values)),
    ScalarFunction::new("has_any_ipv4_prefix", |_, values| has_prefix(values)),
];

/// An address with a prefix length.
#[derive(Debug, Clone, Copy)]
struct Network {
    address: u128,
    prefix: u32,
    /// 32 or 128.
    bits: u32,
}

/// The networks of RFC 1918.
const PRIVATE: [Network; 3] = [
    Network::of([10, 0, 0, 0], 8),
    Network::of([172, 16, 0, 0], 12),
    Network::of([192, 168, 0, 0], 16),
];

impl Network {
    const fn of(octets: [u8; 4], prefix: u32) -> Self {
        Self {
            address: u32::from_be_bytes(octets) as u128,
            prefix,
            bits: 32,
        }
    }

    fn v4(text: &str) -> Option<Self> {
        let (address, prefix) = with_prefix(text, 32)?;
        let address: Ipv4Addr = address.parse().ok()?;
        Some(Self {
            address: u128::from(u32::from(address)),
            prefix,
            bits: 32,
        })
    }

    /// An IPv4 address is taken as mapped into IPv6.
    fn v6(text: &str) -> Option<Self> {
        if let Some(v4) = Self::v4(text) {
            let mapped = u32::try_from(v4.address)
                .ok()
                .map(Ipv4Addr::from)?
                .to_ipv6_mapped();
            return Some(Self {
                address: u128::from(mapped),
                prefix: v4.prefix + 96,
                bits: 128,
            });
        }
        let (address, prefix) = with_prefix(text, 128)?;
        let address: Ipv6Addr = address.parse().ok()?;
        Some(Self {
            address: u128::from(address),
            prefix,
            bits: 128,
        })
    }

    fn mask(&self) -> u128 {
        let all = if self.bits == 128 {
            u128::MAX
        } else {
            (1 << self.bits) - 1
        };
        let host = self.bits - self.prefix;
        if host >= 128 { 0 } else { all >> host << host }
    }

    fn first(&self) -> u128 {
        self.address & self.mask()
    }

    fn holds(&self, other: &Self) -> bool {
        other.prefix >= self.prefix && other.address & self.mask() == self.first()
    }
}

fn with_prefix(text: &str, most: u32) -> Option<(&str, u32)> {
    let text = text.trim();
    match text.split_once('/') {
        None => Some((text, most)),
        Some((address, prefix)) => {
            let prefix = prefix
                .trim()
                .parse()
                .ok()
                .filter(|prefix| *prefix <= most)?;
            Some((address.trim(), prefix))
        }
    }
}

fn full_ipv6(address: u128) -> String {
    let parts: Vec<String> = Ipv6Addr::from(address)
        .segments()
        .iter()
        .map(|segment| format!("{segment:04x}"))
        .collect();
    parts.join(":")
}

fn format_ipv4<'a>(values: &[Value<'a>], with_mask: bool) -> Option<Value<'a>> {
    let address = match values.first()? {
        Value::Long(number) => Ipv4Addr::from(u32::try_from(*number).ok()?),
        other => {
            let network = Network::v4(&to_text(other))?;
            Ipv4Addr::from(u32::try_from(network.first()).ok()?)
        }
    };
    let own = match values.first()? {
        Value::Long(_) => 32,
        other => Network::v4(&to_text(other))?.prefix,
    };
    let prefix = match values.get(1) {
        Some(prefix) => u32::try_from(prefix.as_long()?).ok()?,
        None => own,
    };
    if prefix > 32 {
        return None;
    }
    let prefix = prefix.min(own);
    let network = Network {
        address: u128::from(u32::from(address)),
        prefix,
        bits: 32,
    };
    let first = Ipv4Addr::from(u32::try_from(network.first()).ok()?);
    Some(Value::string(if with_mask {
        format!("{first}/{prefix}")
    } else {
        first.to_string()
    }))
}

fn in_range<'a>(values: &[Value<'a>], read: fn(&str) -> Option<Network>) -> Option<Value<'a>> {
    let address = read(&to_text(values.first()?))?;
    let range = read(&to_text(values.get(1)?))?;
    Some(Value::Bool(range.holds(&address)))
}

/// Texts given one by one or in dynamic arrays.
fn wanted_texts(values: &[Value<'_>]) -> Vec<String> {
    let mut texts = Vec::new();
    for value in values {
        match value {
            Value::Dynamic(dynamic) => {
                let elements = dynamic
                    .elements()
                    .unwrap_or_else(|| vec![dynamic.to_json()]);
                texts.extend(elements.into_iter().filter_map(|element| match element {
                    Json::String(text) => Some(text),
                    _ => None,
                }));
            }
            other => texts.push(to_text(other).into_owned()),
        }
    }
    texts
}

fn in_any_range<'a>(values: &[Value<'a>], read: fn(&str) -> Option<Network>) -> Option<Value<'a>> {
    let address = read(&to_text(values.first()?))?;
    let found = wanted_texts(values.get(1..)?)
        .iter()
        .filter_map(|range| read(range))
        .any(|range| range.holds(&address));
    Some(Value::Bool(found))
}

/// Compares under the shortest of the two prefixes and the given one: -1, 0, 1.
fn compare<'a>(
    values: &[Value<'a>],
    read: fn(&str) -> Option<Network>,
    bits: u32,
) -> Option<Value<'a>> {
    let (left, right) = (
        read(&to_text(values.first()?))?,
        read(&to_text(values.get(1)?))?,
    );
    let given = match values.get(2) {
        Some(prefix) => u32::try_from(prefix.as_long()?)
            .ok()
            .filter(|prefix| *prefix <= bits)?,
        None => bits,
    };
    let prefix = left.prefix.min(right.prefix).min(given);
    let (left, right) = (
        Network { prefix, ..left }.first(),
        Network { prefix, ..right }.first(),
    );
    Some(Value::Long(left.cmp(&right) as i64))
}

fn is_zero(value: Option<Value<'_>>) -> Option<Value<'_>> {
    Some(Value::Bool(value? == Value::Long(0)))
}

/// IPv4 addresses in a text, set apart by what is neither a letter, a digit nor a dot.
fn addresses_in(text: &str) -> Vec<Ipv4Addr> {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '.')
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

/// The fewest networks that hold the addresses from the first to the last, both included.
fn range_to_cidr_list<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let address = |at: usize| {
        let address: Ipv4Addr = to_text(values.get(at)?).trim().parse().ok()?;
        Some(u64::from(u32::from(address)))
    };
    let (mut first, last) = (address(0)?, address(1)?);
    let mut networks = Vec::new();
    while first <= last {
        // As many as the border of a network allows, and as there are left.
        let mut host_bits = first.trailing_zeros().min(32);
        while (1_u64 << host_bits) > last - first + 1 {
            host_bits -= 1;
        }
        let network = Ipv4Addr::from(u32::try_from(first).ok()?);
        networks.push(Json::String(format!("{network}/{}", 32 - host_bits)));
        first += 1_u64 << host_bits;
    }
    (!networks.is_empty()).then(|| Value::json(&Json::Array(networks)))
}

/// A prefix ends with a dot (`10.1.`) or is a whole address or a range `a.b.c.d/n`.
fn has_prefix<'a>(values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    let found = addresses_in(&text);
    let any = wanted_texts(values.get(1..)?).iter().any(|prefix| {
        let prefix = prefix.trim();
        if let (true, Some(range)) = (prefix.contains('/'), Network::v4(prefix)) {
            return found.iter().any(|address| {
                let address = u128::from(u32::from(*address));
                range.holds(&Network {
                    address,
                    prefix: 32,
                    bits: 32,
                })
            });
        }
        let whole = prefix.parse::<Ipv4Addr>().is_ok();
        found.iter().any(|address| {
            let address = address.to_string();
            if whole {
                address == prefix
            } else {
                prefix.ends_with('.') && address.starts_with(prefix)
            }
        })
    });
    Some(Value::Bool(any))
}
