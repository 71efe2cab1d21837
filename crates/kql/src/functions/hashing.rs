//! Hashes.

use md5::Md5;
use serde_json::Value as Json;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use twox_hash::XxHash64;

use super::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("hash", hash),
    ScalarFunction::new("hash_xxhash64", hash),
    ScalarFunction::new("hash_combine", hash_combine),
    ScalarFunction::new("hash_many", hash_many),
    ScalarFunction::new("hash_md5", |_, values| Some(digest::<Md5>(values.first()?))),
    ScalarFunction::new("hash_sha1", |_, values| {
        Some(digest::<Sha1>(values.first()?))
    }),
    ScalarFunction::new("hash_sha256", |_, values| {
        Some(digest::<Sha256>(values.first()?))
    }),
];

/// Of any value but text the digest is that of its text.
fn digest<'a, D: Digest>(value: &Value<'a>) -> Value<'a> {
    let bytes = D::digest(to_text(value).as_bytes());
    Value::string(stance_base::hex::encode(&bytes))
}

/// The bytes that `hash` reads: text as UTF-8, numbers as eight bytes, the least first.
fn hashed_bytes(value: &Value<'_>) -> Vec<u8> {
    match value {
        Value::Long(number) | Value::TimeSpan(number) => number.to_le_bytes().to_vec(),
        Value::Real(number) => number.to_le_bytes().to_vec(),
        Value::Bool(flag) => vec![u8::from(*flag)],
        Value::DateTime(micros) => micros
            .wrapping_sub(crate::instant::MIN_MICROS)
            .wrapping_mul(10)
            .to_le_bytes()
            .to_vec(),
        other => to_text(other).as_bytes().to_vec(),
    }
}

/// The hash of a value, `xxHash64`.
pub(crate) fn hash_bits(value: &Value<'_>) -> u64 {
    XxHash64::oneshot(0, &hashed_bytes(value))
}

fn xxhash(value: &Value<'_>) -> i64 {
    hash_bits(value).cast_signed()
}

/// Mixes the next hash into those before it (the step of `splitmix64`, so that order counts).
fn combine(hash: i64, next: i64) -> i64 {
    let mut bits = hash.rotate_left(25).cast_unsigned() ^ next.cast_unsigned();
    bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)).cast_signed()
}

/// `hash_combine(hash, hash, ...)`.
fn hash_combine<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let hashes: Vec<i64> = values.iter().map(Value::as_long).collect::<Option<_>>()?;
    Some(Value::Long(hashes.into_iter().reduce(combine)?))
}

/// `hash_many(value, value, ...)`: the hashes of the values, combined.
fn hash_many<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let hash = values.iter().map(xxhash).reduce(combine)?;
    Some(Value::Long(hash))
}

/// `hash(value [, modulus])`, xxHash64.
fn hash<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let value = values.first()?;
    if matches!(value, Value::Dynamic(inner) if matches!(inner.to_json(), Json::Null)) {
        return None;
    }
    let hash = xxhash(value);
    match values.get(1).and_then(Value::as_long) {
        Some(modulus) if modulus > 0 => Some(Value::Long(hash.rem_euclid(modulus))),
        Some(_) => None,
        None => Some(Value::Long(hash)),
    }
}
