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

fn xxhash(value: &Value<'_>) -> i64 {
    let bits = XxHash64::oneshot(0, &hashed_bytes(value));
    i64::from_le_bytes(bits.to_le_bytes())
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
