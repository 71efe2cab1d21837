//! Compressed text in base 64, and Punycode (RFC 3492).

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder, ZlibDecoder, ZlibEncoder};

use super::ScalarFunction;
use crate::value::{Value, to_text};

/// Longest text that is unpacked, in bytes.
const MAX_TEXT: u64 = 16 << 20;
/// What a part of a domain in Punycode starts with.
const PUNYCODE_PREFIX: &str = "xn--";

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("gzip_compress_to_base64_string", |_, values| {
        let text = to_text(values.first()?);
        let mut bytes = packed(&text, |level| GzEncoder::new(text.as_bytes(), level))?;
        // Byte 8 (RFC 1952, XFL) says how hard the writer tried; Kusto leaves it at 0.
        *bytes.get_mut(8)? = 0;
        Some(Value::string(STANDARD.encode(bytes)))
    }),
    ScalarFunction::new("zlib_compress_to_base64_string", |_, values| {
        let text = to_text(values.first()?);
        let bytes = packed(&text, |level| ZlibEncoder::new(text.as_bytes(), level))?;
        Some(Value::string(STANDARD.encode(bytes)))
    }),
    ScalarFunction::new("gzip_decompress_from_base64_string", |_, values| {
        let bytes = STANDARD.decode(to_text(values.first()?).as_bytes()).ok()?;
        unpacked(GzDecoder::new(bytes.as_slice()))
    }),
    ScalarFunction::new("zlib_decompress_from_base64_string", |_, values| {
        let bytes = STANDARD.decode(to_text(values.first()?).as_bytes()).ok()?;
        unpacked(ZlibDecoder::new(bytes.as_slice()))
    }),
    ScalarFunction::new("punycode_from_string", |_, values| {
        let text = to_text(values.first()?);
        idna::punycode::encode_str(&text).map(Value::string)
    }),
    ScalarFunction::new("punycode_to_string", |_, values| {
        let text = to_text(values.first()?);
        idna::punycode::decode_to_string(&text).map(Value::string)
    }),
    // The documentation of this pair names the direction from the other end: `from` decodes.
    ScalarFunction::new("punycode_domain_from_string", |_, values| {
        let text = to_text(values.first()?);
        let parts: Vec<String> = text
            .split('.')
            .map(|part| match part.strip_prefix(PUNYCODE_PREFIX) {
                Some(encoded) => idna::punycode::decode_to_string(encoded),
                None => Some(part.to_owned()),
            })
            .collect::<Option<_>>()?;
        Some(Value::string(parts.join(".")))
    }),
    ScalarFunction::new("punycode_domain_to_string", |_, values| {
        let text = to_text(values.first()?);
        let parts: Vec<String> = text
            .split('.')
            .map(|part| {
                if part.is_ascii() {
                    return Some(part.to_owned());
                }
                let encoded = idna::punycode::encode_str(part)?;
                Some(format!("{PUNYCODE_PREFIX}{encoded}"))
            })
            .collect::<Option<_>>()?;
        Some(Value::string(parts.join(".")))
    }),
];

/// A text that does not get shorter is stored as it is, as Kusto's examples show.
fn packed<R: Read>(text: &str, encoder: impl Fn(Compression) -> R) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    encoder(Compression::default())
        .read_to_end(&mut bytes)
        .ok()?;
    if bytes.len() >= text.len() {
        bytes.clear();
        encoder(Compression::none()).read_to_end(&mut bytes).ok()?;
    }
    Some(bytes)
}

/// Nothing where the bytes are damaged, no text or too many.
fn unpacked<'a>(decoder: impl Read) -> Option<Value<'a>> {
    let mut bytes = Vec::new();
    decoder.take(MAX_TEXT + 1).read_to_end(&mut bytes).ok()?;
    if bytes.len() as u64 > MAX_TEXT {
        return None;
    }
    Some(Value::string(String::from_utf8(bytes).ok()?))
}
