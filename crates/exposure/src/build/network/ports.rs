//! Ports that are open, by protocol.

use serde_json::{Value, json};

use super::ranges::Ranges;

const LAST_PORT: u128 = 65_535;

/// Open ports of TCP and UDP.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ports {
    pub(super) tcp: Ranges,
    pub(super) udp: Ranges,
}

impl Ports {
    /// Every port.
    pub(super) fn any() -> Self {
        let all = Ranges::one(0, LAST_PORT);
        Self {
            tcp: all.clone(),
            udp: all,
        }
    }

    /// One port of TCP.
    pub(super) fn tcp(port: u16) -> Self {
        Self {
            tcp: Ranges::one(port.into(), port.into()),
            udp: Ranges::default(),
        }
    }

    /// HTTPS, by which managed services answer.
    pub(super) fn https() -> Self {
        Self::tcp(443)
    }

    /// The ports of a protocol by the name or number that a rule gives: `Tcp`, `*`, `-1`, `17`. Other protocols, ICMP
    /// among them, carry no service and have none.
    pub(super) fn of(protocol: &str, ports: Ranges) -> Self {
        let (tcp, udp) = match protocol.to_lowercase().as_str() {
            "*" | "-1" | "all" | "any" | "tcp_udp" => (true, true),
            "tcp" | "6" | "http" | "https" | "tls" => (true, false),
            "udp" | "17" => (false, true),
            _ => (false, false),
        };
        Self {
            tcp: if tcp {
                ports.clone()
            } else {
                Ranges::default()
            },
            udp: if udp { ports } else { Ranges::default() },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty()
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.or(&other.tcp),
            udp: self.udp.or(&other.udp),
        }
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.and(&other.tcp),
            udp: self.udp.and(&other.udp),
        }
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self {
            tcp: self.tcp.without(&other.tcp),
            udp: self.udp.without(&other.udp),
        }
    }

    /// `[{"portRanges": ["22", "80-443"], "protocolRanges": ["TCP"]}]`, as Defender's graph has them.
    pub(super) fn route_rules(&self) -> Vec<Value> {
        if self.tcp == self.udp {
            return vec![rule(&self.tcp, &["TCP", "UDP"])];
        }
        [(&self.tcp, "TCP"), (&self.udp, "UDP")]
            .into_iter()
            .filter(|(ports, _)| !ports.is_empty())
            .map(|(ports, protocol)| rule(ports, &[protocol]))
            .collect()
    }

    /// Ports of either protocol, for people.
    pub(super) fn texts(&self) -> Vec<String> {
        texts(&self.tcp.or(&self.udp))
    }

    /// Names of the protocols that have any.
    pub(super) fn protocols(&self) -> Vec<&'static str> {
        [(&self.tcp, "TCP"), (&self.udp, "UDP")]
            .into_iter()
            .filter(|(ports, _)| !ports.is_empty())
            .map(|(_, protocol)| protocol)
            .collect()
    }
}

fn rule(ports: &Ranges, protocols: &[&str]) -> Value {
    json!({"portRanges": texts(ports), "protocolRanges": protocols})
}

fn texts(ports: &Ranges) -> Vec<String> {
    let text = |(first, last)| {
        if first == last {
            format!("{first}")
        } else {
            format!("{first}-{last}")
        }
    };
    ports.iter().map(text).collect()
}

/// `22`, `8000-8100`, `*`; `None` for what is no range.
pub(super) fn parse(text: &str) -> Option<Ranges> {
    let text = text.trim();
    if text == "*" {
        return Some(Ranges::one(0, LAST_PORT));
    }
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let first: u16 = first.trim().parse().ok()?;
    let last: u16 = last.trim().parse().ok()?;
    Some(Ranges::one(first.into(), last.into()))
}
