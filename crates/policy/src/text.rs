//! Reading text safely: size caps, byte order marks, gzip, nesting depth, line numbers.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;

use crate::error::PolicyError;

/// Deepest nesting of brackets that is handed to a recursive parser.
pub(crate) const MAX_DEPTH: usize = 96;

/// Reads at most `limit` bytes of a file.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, PolicyError> {
    let shown = path.display().to_string();
    let fail = |source| PolicyError::Read {
        path: shown.clone(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fail)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(PolicyError::TooLarge { path: shown, limit });
    }
    Ok(bytes)
}

/// Unpacks gzip where the bytes are gzip, up to `limit` bytes.
pub(crate) fn unpack(label: &str, bytes: &[u8], limit: u64) -> Result<Vec<u8>, PolicyError> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut out = Vec::new();
    GzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut out)
        .map_err(|error| PolicyError::Malformed {
            path: label.to_owned(),
            message: format!("the gzip data is damaged ({error}); download the file again"),
        })?;
    if out.len() as u64 > limit {
        return Err(PolicyError::TooLarge {
            path: label.to_owned(),
            limit,
        });
    }
    Ok(out)
}

/// Text of UTF-8 or UTF-16 bytes, with or without a byte order mark. `None` where it is neither.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        char::decode_utf16(units)
            .collect::<Result<String, _>>()
            .ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        // JSON starts with an ASCII character, so a zero byte second says UTF-16 without a mark.
        [_, 0, ..] => utf16(bytes, u16::from_le_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// Byte offset where brackets nest deeper than [`MAX_DEPTH`], strings (with their expressions) included.
///
/// The rule engine's parsers recurse per bracket, so this is checked before they see the text.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let (mut inner, mut minus) = (0_usize, 0_usize);
    for (offset, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                b'(' | b'[' => inner += 1,
                b')' | b']' => inner = inner.saturating_sub(1),
                _ => {}
            }
            minus = if byte == b'-' { minus + 1 } else { 0 };
            if inner > MAX_DEPTH || minus > MAX_DEPTH {
                return Some(offset);
            }
            continue;
        }
        match byte {
            b'"' => (in_string, inner, minus) = (true, 0, 0),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Some(offset);
        }
    }
    None
}

/// What a JSON Pointer has below another: empty at it, `/a/b` below it.
pub(crate) fn below<'a>(pointer: &'a str, root: &str) -> Option<&'a str> {
    pointer
        .strip_prefix(root)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Line of a byte offset, from 1.
pub(crate) fn line_at(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.split(|byte| *byte == b'\n').count() as u32
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_a_shell_writes_is_read() {
        let text = "{\"a\": \"ä\"}";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(text.as_bytes()).unwrap(), text);
        assert_eq!(
            decode(&[&[0xef, 0xbb, 0xbf], text.as_bytes()].concat()).unwrap(),
            text
        );
        assert_eq!(
            decode(&[&[0xff, 0xfe], le.as_slice()].concat()).unwrap(),
            text
        );
        assert_eq!(
            decode(&[&[0xfe, 0xff], be.as_slice()].concat()).unwrap(),
            text
        );
        assert_eq!(decode(&[0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn element_10_is_not_below_element_1() {
        assert_eq!(below("/a/1/b", "/a/1"), Some("/b"));
        assert_eq!(below("/a/1", "/a/1"), Some(""));
        assert_eq!(below("/a/10", "/a/1"), None);
    }

    #[test]
    fn depth_counts_brackets_outside_and_inside_strings() {
        assert_eq!(too_deep("{\"a\": [1, 2]}"), None);
        assert!(too_deep(&"[".repeat(10_000)).is_some());
        assert!(too_deep(&format!("{{\"value\": \"[{}\"}}", "not(".repeat(10_000))).is_some());
    }
}
