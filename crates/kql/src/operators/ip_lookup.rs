//! `ipv4_lookup`, `ipv6_lookup`: rows joined with the networks that their address lies in.
//!
//! Networks are held by the length of their prefix; an address is masked to each length in turn
//! and looked up. <https://learn.microsoft.com/kusto/query/ipv4-lookup-plugin>

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use arrow::array::{ArrayRef, RecordBatch, UInt32Array, new_null_array};
use arrow::compute::{concat_batches, take};
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

use super::{BatchSource, OperatorContext};
use crate::value::ColumnReader;

/// Bits of an address; IPv4 addresses are taken as mapped into IPv6.
const BITS: u32 = 128;

/// What is looked up. Keys are texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IpLookup {
    /// How many columns of the rows come out; the address stands behind them, then further keys.
    pub(crate) kept: usize,
    /// How many columns of the lookup table come out; the network stands behind them, then further
    /// keys.
    pub(crate) looked: usize,
    /// Number of further keys, which must be equal.
    pub(crate) further_keys: usize,
    /// Whether rows without a network come out too.
    pub(crate) unmatched: bool,
}

/// Rows of the lookup table by prefix length, then by network and further keys.
type Networks = BTreeMap<u32, HashMap<(u128, Vec<String>), Vec<u32>>>;

/// The address of a text and the length of its prefix.
fn network(text: &str) -> Option<(u128, u32)> {
    let (address, prefix) = match text.trim().split_once('/') {
        None => (text.trim(), None),
        Some((address, prefix)) => (address, Some(prefix.trim().parse::<u32>().ok()?)),
    };
    let (address, own_bits) = match address.trim().parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => (address.to_ipv6_mapped(), 32),
        IpAddr::V6(address) => (address, BITS),
    };
    let prefix = prefix.unwrap_or(own_bits);
    (prefix <= own_bits).then_some((u128::from(address), prefix + BITS - own_bits))
}

fn masked(address: u128, prefix: u32) -> u128 {
    match BITS - prefix {
        0 => address,
        BITS.. => 0,
        host => address >> host << host,
    }
}

fn texts(batch: &RecordBatch, first: usize, count: usize) -> Result<Vec<ColumnReader>> {
    (first..first + count)
        .map(|column| ColumnReader::of_array(batch.column(column), ScalarType::String))
        .collect()
}

fn key_of(readers: &[ColumnReader], row: usize) -> Vec<String> {
    let further = readers.iter().skip(1);
    further
        .map(|reader| reader.get(row).as_text().into_owned())
        .collect()
}

fn address_of(readers: &[ColumnReader], row: usize) -> Option<(u128, u32)> {
    network(&readers.first()?.get(row).as_text())
}

impl IpLookup {
    pub(super) fn run(
        &self,
        rows: &mut BatchSource,
        others: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        let table = others.first().map(Vec::as_slice).unwrap_or_default();
        let table = match table.first() {
            None => None,
            Some(first) => Some(concat_batches(&first.schema(), table)?),
        };
        let networks = match &table {
            None => Networks::new(),
            Some(table) => self.networks(table)?,
        };
        context.reserve(networks.values().map(|rows| rows.len() * 96).sum())?;
        while let Some(batch) = rows.next()? {
            context.check()?;
            self.batch(&batch, table.as_ref(), &networks, context)?;
        }
        Ok(())
    }

    fn networks(&self, table: &RecordBatch) -> Result<Networks> {
        let keys = texts(table, self.looked, self.further_keys + 1)?;
        let mut networks = Networks::new();
        for row in 0..table.num_rows() {
            let Some((address, prefix)) = address_of(&keys, row) else {
                continue;
            };
            networks
                .entry(prefix)
                .or_default()
                .entry((masked(address, prefix), key_of(&keys, row)))
                .or_default()
                .push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        Ok(networks)
    }

    fn batch(
        &self,
        batch: &RecordBatch,
        table: Option<&RecordBatch>,
        networks: &Networks,
        context: &OperatorContext,
    ) -> Result<()> {
        let keys = texts(batch, self.kept, self.further_keys + 1)?;
        let (mut left, mut right): (Vec<u32>, Vec<Option<u32>>) = (Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let found = found(networks, address_of(&keys, row), &key_of(&keys, row));
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            if found.is_empty() && self.unmatched {
                left.push(row);
                right.push(None);
            }
            for other in found {
                left.push(row);
                right.push(Some(other));
            }
        }
        let rows = left.len();
        let (left, right) = (UInt32Array::from(left), UInt32Array::from(right));
        let mut columns: Vec<ArrayRef> = Vec::new();
        for column in batch.columns().iter().take(self.kept) {
            columns.push(take(column, &left, None)?);
        }
        let fields = context.schema().fields().iter().skip(self.kept);
        for (position, field) in fields.enumerate() {
            let column = match table {
                Some(table) => take(table.column(position), &right, None)?,
                None => new_null_array(field.data_type(), rows),
            };
            columns.push(column);
        }
        context.emit(columns, rows)
    }
}

/// Rows of networks that hold an address, or that an address with a prefix holds.
fn found(networks: &Networks, address: Option<(u128, u32)>, further: &[String]) -> Vec<u32> {
    let Some((address, prefix)) = address else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for (length, by_network) in networks {
        if *length <= prefix {
            let key = (masked(address, *length), further.to_vec());
            rows.extend(by_network.get(&key).into_iter().flatten());
            continue;
        }
        // The address is itself a network, wider than those of this length.
        for ((network, own), found) in by_network {
            if masked(*network, prefix) == masked(address, prefix) && own == further {
                rows.extend(found);
            }
        }
    }
    rows
}
