//! Functions of IP ranges. Version 4; ranges of version 6 stay unknown.

use std::net::Ipv4Addr;

use super::{Call, Found};
use crate::terraform::fault::Fault;
use crate::terraform::value::Value;

pub(super) fn call(call: &Call<'_>) -> Option<Found> {
    Some(match call.name {
        "cidrsubnet" => subnet(call),
        "cidrsubnets" => subnets(call),
        "cidrhost" => host(call),
        "cidrnetmask" => netmask(call),
        _ => return None,
    })
}

/// Address and prefix of a range; `None` for version 6.
fn range(text: &str) -> Result<Option<(u32, u32)>, Fault> {
    let wrong = || Fault::wrong("a text is no IP range");
    let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
    if address.contains(':') {
        return Ok(None);
    }
    let address: Ipv4Addr = address.parse().map_err(|_| wrong())?;
    let prefix: u32 = prefix.parse().map_err(|_| wrong())?;
    if prefix > 32 {
        return Err(wrong());
    }
    Ok(Some((u32::from(address) & mask(prefix), prefix)))
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

fn shown(address: u32, prefix: u32) -> Found {
    Value::text(format!("{}/{prefix}", Ipv4Addr::from(address)))
}

fn subnet(call: &Call<'_>) -> Found {
    let Some((base, prefix)) = range(&call.text(0)?)? else {
        return Ok(call.unknown());
    };
    let longer = f64::from(prefix) + call.number(1)?;
    let number = call.number(2)?;
    let fits =
        (0.0..=32.0).contains(&longer) && number >= 0.0 && number < 2_f64.powf(call.number(1)?);
    if !fits {
        return Err(Fault::wrong("the range holds no such subnet"));
    }
    let longer = longer as u32;
    let offset = (number as u64) << (32 - longer);
    shown(base.wrapping_add(offset as u32), longer)
}

fn subnets(call: &Call<'_>) -> Found {
    let Some((base, prefix)) = range(&call.text(0)?)? else {
        return Ok(call.unknown());
    };
    let mut next = u64::from(base);
    let end = next + (1_u64 << (32 - prefix));
    let mut found = Vec::new();
    for at in 1..call.arguments.len() {
        let longer = f64::from(prefix) + call.number(at)?;
        if !(0.0..=32.0).contains(&longer) {
            return Err(Fault::wrong("the range holds no such subnet"));
        }
        let size = 1_u64 << (32 - longer as u32);
        next = next.div_ceil(size) * size;
        if next + size > end {
            return Err(Fault::wrong("the range holds no such subnet"));
        }
        found.push(shown(next as u32, longer as u32)?);
        next += size;
    }
    Value::list(found)
}

fn host(call: &Call<'_>) -> Found {
    let Some((base, prefix)) = range(&call.text(0)?)? else {
        return Ok(call.unknown());
    };
    let size = 2_f64.powi(32 - prefix as i32);
    let number = call.number(1)?;
    let number = if number < 0.0 { size + number } else { number };
    if !(0.0..size).contains(&number) {
        return Err(Fault::wrong("the range holds no such address"));
    }
    Value::text(Ipv4Addr::from(base.wrapping_add(number as u32)).to_string())
}

fn netmask(call: &Call<'_>) -> Found {
    let Some((_, prefix)) = range(&call.text(0)?)? else {
        return Ok(call.unknown());
    };
    Value::text(Ipv4Addr::from(mask(prefix)).to_string())
}
