//! `guid` and `uniqueString`, which give the values Azure gives.

use uuid::Uuid;

use super::super::fault::Fault;
use super::super::value::Value;
use super::text_of;

/// The namespace Resource Manager hashes names in.
const NAMESPACE: Uuid = Uuid::from_u128(0x11fb_06fb_712d_4ddd_98c7_e71b_bd58_8830);
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

fn joined(values: &[Value], function: &str) -> Result<String, Fault> {
    let texts: Vec<_> = values
        .iter()
        .map(|value| text_of(value, function))
        .collect::<Result<_, _>>()?;
    Ok(texts.join("-"))
}

/// A name-based UUID (RFC 4122, version 5) of the arguments joined by `-`.
pub(super) fn guid(values: &[Value]) -> Result<Value, Fault> {
    let name = joined(values, "guid")?;
    Value::text(Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string())
}

pub(super) fn unique_string_of(values: &[Value]) -> Result<Value, Fault> {
    Value::text(unique_string(&joined(values, "uniqueString")?))
}

/// Thirteen letters and digits: a 64-bit variant of `MurmurHash3` of two 32-bit lanes, five bits a character.
pub(in crate::arm_template) fn unique_string(text: &str) -> String {
    let mut hash = murmur(text.as_bytes());
    let mut made = String::with_capacity(13);
    for _ in 0..13 {
        made.push(char::from(ALPHABET[(hash >> 59) as usize]));
        hash <<= 5;
    }
    made
}

const FIRST: u32 = 0x239b_961b;
const SECOND: u32 = 0xab0e_9789;

fn murmur(data: &[u8]) -> u64 {
    let (mut low, mut high) = (0_u32, 0_u32);
    let mut blocks = data.chunks_exact(8);
    for block in &mut blocks {
        low ^= mixed_low(word(&block[..4]));
        low = low.rotate_left(19).wrapping_add(high);
        low = low.wrapping_mul(5).wrapping_add(0x561c_cd1b);
        high ^= mixed_high(word(&block[4..]));
        high = high.rotate_left(13).wrapping_add(low);
        high = high.wrapping_mul(5).wrapping_add(0x0bca_a747);
    }
    let tail = blocks.remainder();
    if !tail.is_empty() {
        let (first, second) = tail.split_at(tail.len().min(4));
        low ^= mixed_low(word(first));
        if !second.is_empty() {
            high ^= mixed_high(word(second));
        }
    }
    let length = data.len() as u32;
    low ^= length;
    high ^= length;
    low = low.wrapping_add(high);
    high = high.wrapping_add(low);
    low = finished(low);
    high = finished(high);
    low = low.wrapping_add(high);
    high = high.wrapping_add(low);
    (u64::from(high) << 32) | u64::from(low)
}

/// Up to four bytes, little end first.
fn word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| (word << 8) | u32::from(*byte))
}

fn mixed_low(word: u32) -> u32 {
    word.wrapping_mul(FIRST)
        .rotate_left(15)
        .wrapping_mul(SECOND)
}

fn mixed_high(word: u32) -> u32 {
    word.wrapping_mul(SECOND)
        .rotate_left(17)
        .wrapping_mul(FIRST)
}

fn finished(lane: u32) -> u32 {
    let lane = (lane ^ (lane >> 16)).wrapping_mul(0x85eb_ca6b);
    let lane = (lane ^ (lane >> 13)).wrapping_mul(0xc2b2_ae35);
    lane ^ (lane >> 16)
}
