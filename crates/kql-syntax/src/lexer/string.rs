//! String tokens.

use super::Token;
use crate::syntax::SyntaxKind;

/// Fences of texts that run over several lines.
const FENCES: [&str; 2] = ["```", "~~~"];

/// The string at the start of `rest`, if one starts there: `"…"`, `'…'`, `@"…"`, fenced, with `h`.
pub(super) fn string_token(rest: &str) -> Option<Token> {
    let body = rest.strip_prefix(['h', 'H']).unwrap_or(rest);
    let prefix = rest.len() - body.len();
    let (length, broken) = body_length(body)?;
    Some(Token {
        kind: SyntaxKind::String,
        length: prefix + length,
        broken,
    })
}

fn body_length(body: &str) -> Option<(usize, bool)> {
    for fence in FENCES {
        if let Some(inside) = body.strip_prefix(fence) {
            return Some(
                inside
                    .find(fence)
                    .map_or((body.len(), true), |end| (end + 2 * fence.len(), false)),
            );
        }
    }
    if let Some(verbatim) = body.strip_prefix('@') {
        return verbatim_length(verbatim).map(|(length, broken)| (length + 1, broken));
    }
    escaped_length(body)
}

/// A doubled quote stands for one; nothing else is special.
fn verbatim_length(body: &str) -> Option<(usize, bool)> {
    let quote = quote(body)?;
    let bytes = body.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return Some((at, true)),
            _ if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            _ if byte == quote => return Some((at + 1, false)),
            _ => at += 1,
        }
    }
    Some((body.len(), true))
}

fn escaped_length(body: &str) -> Option<(usize, bool)> {
    let quote = quote(body)?;
    let bytes = body.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => return Some((at, true)),
            b'\\'
                if bytes
                    .get(at + 1)
                    .is_some_and(|next| !matches!(next, b'\n' | b'\r')) =>
            {
                at += 2;
            }
            _ if byte == quote => return Some((at + 1, false)),
            _ => at += 1,
        }
    }
    Some((body.len(), true))
}

fn quote(body: &str) -> Option<u8> {
    body.bytes()
        .next()
        .filter(|byte| matches!(byte, b'"' | b'\''))
}

/// The first escape in a string token that stands for nothing, as an offset in the token.
pub(crate) fn invalid_escape(token: &str) -> Option<usize> {
    let body = token.strip_prefix(['h', 'H']).unwrap_or(token);
    quote(body)?;
    let bytes = token.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            at += 1;
            continue;
        }
        match bytes.get(at + 1) {
            Some(
                b'\\'
                | b'"'
                | b'\''
                | b'a'
                | b'b'
                | b'f'
                | b'n'
                | b'r'
                | b't'
                | b'v'
                | b'u'
                | b'U'
                | b'x'
                | b'0'..=b'7',
            ) => at += 2,
            _ => return Some(at),
        }
    }
    None
}
