//! Address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::fault::Fault;
use super::super::value::Value;
use super::{int_of, text_of};

/// A range of addresses: the first one as a number, how many bits are fixed, and of how many.
#[derive(Debug, Clone, Copy)]
struct Range {
    network: u128,
    fixed: u32,
    bits: u32,
}

fn wrong(text: &str) -> Fault {
    Fault::argument(format!(
        "`{text}` is no address range such as `10.0.0.0/16`"
    ))
}

fn mask(fixed: u32, bits: u32) -> u128 {
    let free = bits - fixed;
    let all = if bits == 128 {
        u128::MAX
    } else {
        (1 << bits) - 1
    };
    if free >= 128 {
        0
    } else {
        all & !((1_u128 << free) - 1)
    }
}

impl Range {
    fn parse(text: &str) -> Result<Self, Fault> {
        let (address, fixed) = text.split_once('/').ok_or_else(|| wrong(text))?;
        let address: IpAddr = address.trim().parse().map_err(|_| wrong(text))?;
        let fixed: u32 = fixed.trim().parse().map_err(|_| wrong(text))?;
        let (number, bits) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        if fixed > bits {
            return Err(wrong(text));
        }
        Ok(Self {
            network: number & mask(fixed, bits),
            fixed,
            bits,
        })
    }

    fn last(self) -> u128 {
        let all = mask(self.bits, self.bits);
        self.network | (all & !mask(self.fixed, self.bits))
    }

    /// First and last address a host may have.
    fn usable(self) -> (u128, u128) {
        let (first, last) = (self.network, self.last());
        match (self.bits, last - first) {
            (32, 0 | 1) | (_, 0) => (first, last),
            (32, _) => (first + 1, last - 1),
            _ => (first + 1, last),
        }
    }

    fn shown(self, number: u128) -> String {
        if self.bits == 32 {
            Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX)).to_string()
        } else {
            Ipv6Addr::from(number).to_string()
        }
    }
}

pub(super) fn parse_cidr(arguments: &[Value]) -> Result<Value, Fault> {
    let range = Range::parse(text_of(&arguments[0], "parseCidr")?)?;
    let (first, last) = range.usable();
    let text = |number| Value::text(range.shown(number));
    if range.bits == 32 {
        return Value::record([
            ("network", text(range.network)?),
            ("netmask", text(mask(range.fixed, 32))?),
            ("broadcast", text(range.last())?),
            ("firstUsable", text(first)?),
            ("lastUsable", text(last)?),
            ("cidr", Value::Int(i64::from(range.fixed))),
        ]);
    }
    Value::record([
        ("network", text(range.network)?),
        ("netmask", text(mask(range.fixed, 128))?),
        ("firstUsable", text(first)?),
        ("lastUsable", text(last)?),
        ("cidr", Value::Int(i64::from(range.fixed))),
    ])
}

pub(super) fn cidr_subnet(arguments: &[Value]) -> Result<Value, Fault> {
    let range = Range::parse(text_of(&arguments[0], "cidrSubnet")?)?;
    let (fixed, index) = (
        int_of(&arguments[1], "cidrSubnet")?,
        int_of(&arguments[2], "cidrSubnet")?,
    );
    let outside = || {
        Fault::argument(format!(
            "`cidrSubnet` has no range of {fixed} bits at index {index} there"
        ))
    };
    let fixed = u32::try_from(fixed)
        .ok()
        .filter(|fixed| (range.fixed..=range.bits).contains(fixed))
        .ok_or_else(outside)?;
    let index = u128::try_from(index).map_err(|_| outside())?;
    let free = range.bits - fixed;
    let step = if free >= 128 { 0 } else { 1_u128 << free };
    let network = index
        .checked_mul(step)
        .and_then(|offset| range.network.checked_add(offset))
        .ok_or_else(outside)?;
    if network > range.last() || (step == 0 && index > 0) {
        return Err(outside());
    }
    Value::text(format!("{}/{fixed}", range.shown(network)))
}

pub(super) fn cidr_host(arguments: &[Value]) -> Result<Value, Fault> {
    let range = Range::parse(text_of(&arguments[0], "cidrHost")?)?;
    let index = int_of(&arguments[1], "cidrHost")?;
    let outside = || Fault::argument(format!("`cidrHost` has no address at index {index} there"));
    let (first, last) = range.usable();
    let offset = u128::try_from(index).map_err(|_| outside())?;
    let address = first
        .checked_add(offset)
        .filter(|address| *address <= last)
        .ok_or_else(outside)?;
    Value::text(range.shown(address))
}
