//! `Fn::Cidr` for IPv4: equal blocks inside a block.

use std::net::Ipv4Addr;

/// Blocks that CloudFormation makes at most.
const MOST: u32 = 256;

/// The first `count` blocks of `2^bits` addresses in `block`; `None` where it is no IPv4 block, or they do not fit.
pub(super) fn blocks(block: &str, count: &str, bits: &str) -> Option<Vec<String>> {
    let (address, prefix) = block.split_once('/')?;
    let address = u32::from(address.trim().parse::<Ipv4Addr>().ok()?);
    let prefix: u32 = prefix.trim().parse().ok().filter(|prefix| *prefix <= 32)?;
    let count: u32 = count
        .parse()
        .ok()
        .filter(|count| (1..=MOST).contains(count))?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32 - prefix)?;
    let room = 1_u64 << (32 - prefix);
    let size = 1_u64 << bits;
    if size * u64::from(count) > room {
        return None;
    }
    let start = u64::from(address) & !(room - 1);
    Some(
        (0..u64::from(count))
            .map(|at| {
                let first = (start + at * size) as u32;
                format!("{}/{}", Ipv4Addr::from(first), 32 - bits)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_follow_one_another() {
        assert_eq!(
            blocks("10.0.0.0/16", "3", "8"),
            Some(vec![
                "10.0.0.0/24".to_owned(),
                "10.0.1.0/24".to_owned(),
                "10.0.2.0/24".to_owned()
            ])
        );
        assert_eq!(blocks("10.0.0.0/24", "2", "8"), None);
        assert_eq!(blocks("2001:db8::/56", "1", "64"), None);
        assert_eq!(
            blocks("0.0.0.0/0", "1", "32"),
            Some(vec!["0.0.0.0/0".to_owned()])
        );
    }
}
