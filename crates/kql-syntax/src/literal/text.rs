//! The value of a string token.

/// The text that a string token stands for; a missing closing quote does not matter.
pub fn decode_string(token: &str) -> String {
    let body = match token.strip_prefix(['h', 'H']) {
        Some(rest) if rest.starts_with(['"', '\'', '@', '`', '~']) => rest,
        _ => token,
    };
    for fence in ["```", "~~~"] {
        if let Some(inside) = body.strip_prefix(fence) {
            return inside.strip_suffix(fence).unwrap_or(inside).to_owned();
        }
    }
    if let Some(verbatim) = body.strip_prefix('@') {
        return decode_verbatim(verbatim);
    }
    decode_escaped(body)
}

fn unquote(body: &str) -> (Option<char>, &str) {
    let Some(quote) = body
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))
    else {
        return (None, body);
    };
    (Some(quote), &body[1..])
}

fn decode_verbatim(body: &str) -> String {
    let (quote, inside) = unquote(body);
    let Some(quote) = quote else {
        return inside.to_owned();
    };
    let inside = inside.strip_suffix(quote).unwrap_or(inside);
    inside.replace(&format!("{quote}{quote}"), &quote.to_string())
}

fn decode_escaped(body: &str) -> String {
    let (quote, inside) = unquote(body);
    let Some(quote) = quote else {
        return inside.to_owned();
    };
    let mut out = String::with_capacity(inside.len());
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => escape(&mut characters, &mut out),
            _ if character == quote => break,
            _ => out.push(character),
        }
    }
    out
}

fn escape(characters: &mut std::str::Chars<'_>, out: &mut String) {
    let Some(kind) = characters.next() else {
        return;
    };
    match kind {
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        '0' => out.push('\0'),
        'a' => out.push('\u{7}'),
        'b' => out.push('\u{8}'),
        'f' => out.push('\u{c}'),
        'v' => out.push('\u{b}'),
        'u' => code_point(characters, 4, out),
        'U' => code_point(characters, 8, out),
        'x' => code_point(characters, 2, out),
        other => out.push(other),
    }
}

fn code_point(characters: &mut std::str::Chars<'_>, digits: usize, out: &mut String) {
    let rest = characters.as_str();
    let hex: String = rest
        .chars()
        .take(digits)
        .take_while(char::is_ascii_hexdigit)
        .collect();
    let found = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
    if hex.len() == digits {
        *characters = rest[digits..].chars();
        out.push(found.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}
