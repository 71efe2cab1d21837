//! Text from outside made safe for the place it is shown in.
//!
//! Resource names, tags, file names and policy texts are written by strangers. Each function here
//! answers for one place (terminal, HTML, Markdown, CSV, XML, a shell line) and leaves nothing that
//! this place would obey. Characters that a reader cannot see, or that reorder what he sees, are
//! shown as `\u{202e}` so that they are noticed rather than lost.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// True for characters that are obeyed instead of shown: C0 and C1 controls, bidirectional
/// controls, zero-width and other invisible characters, line and paragraph separators, variation
/// selectors, tag characters and noncharacters.
///
/// Source: Unicode 16 properties `Cc`, `Bidi_Control`, `Default_Ignorable_Code_Point`, `Zl`, `Zp`.
pub fn is_unsafe(character: char) -> bool {
    matches!(u32::from(character),
        0x00..=0x1F | 0x7F..=0x9F          // C0, DEL, C1
        | 0xAD | 0x034F | 0x061C           // soft hyphen, grapheme joiner, Arabic letter mark
        | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F                  // zero width, left-to-right and right-to-left marks
        | 0x2028..=0x202E                  // separators, embeddings and overrides
        | 0x2060..=0x206F                  // word joiner, invisible operators, isolates
        | 0x3164 | 0xFFA0                  // Hangul fillers
        | 0xFDD0..=0xFDEF                  // noncharacters
        | 0xFE00..=0xFE0F | 0xFEFF         // variation selectors, byte order mark
        | 0xFFF0..=0xFFFB                  // annotations
        | 0x1_BCA0..=0x1_BCA3 | 0x1_D173..=0x1_D17A
        | 0xE_0000..=0xE_0FFF              // tags, more variation selectors
    ) || u32::from(character) & 0xFFFE == 0xFFFE
}

/// One line for a terminal: every unsafe character is shown as an escape, line feeds too.
pub fn terminal(text: &str) -> Cow<'_, str> {
    replace(text, is_unsafe, escape)
}

/// Several lines for a terminal: line feeds stay, tabs become four spaces, the rest is as [`terminal`].
pub fn terminal_block(text: &str) -> Cow<'_, str> {
    replace(
        text,
        |character| character != '\n' && is_unsafe(character),
        |out, character| match character {
            '\t' => out.push_str("    "),
            other => escape(out, other),
        },
    )
}

/// One line: each run of white space becomes one space, ends are trimmed, then as [`terminal`].
pub fn one_line(text: &str) -> Cow<'_, str> {
    let clean = !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
        && !text.contains(|character: char| character.is_whitespace() && character != ' ');
    if clean {
        return terminal(text);
    }
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Cow::Owned(terminal(&joined).into_owned())
}

/// HTML text content. Line feeds and tabs stay.
pub fn html(text: &str) -> Cow<'_, str> {
    markup(text, true)
}

/// The value of a quoted HTML attribute.
pub fn html_attribute(text: &str) -> Cow<'_, str> {
    markup(text, false)
}

/// XML character data or the value of a quoted XML attribute.
pub fn xml(text: &str) -> Cow<'_, str> {
    markup(text, true)
}

/// One line of Markdown (`CommonMark` with GitHub's extensions) that reads as the text itself: no link,
/// emphasis, table cell, HTML tag, heading or mention comes out of it. `@` and `#` become code spans.
pub fn markdown(text: &str) -> Cow<'_, str> {
    match one_line(text) {
        Cow::Borrowed(line) => replace(line, is_markdown, markdown_escape),
        Cow::Owned(line) => Cow::Owned(replace(&line, is_markdown, markdown_escape).into_owned()),
    }
}

/// One line as a Markdown code span.
/// A `|` is escaped as table cells want it.
pub fn markdown_code(text: &str) -> String {
    let line = one_line(text);
    let (mut longest, mut run) = (0, 0);
    for character in line.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad = if line.is_empty() || line.starts_with('`') || line.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{}{pad}{fence}", line.replace('|', "\\|"))
}

/// A CSV cell that no spreadsheet takes for a formula; quoting is the CSV writer's.
///
/// A cell that starts with `=`, `+`, `-`, `@` or their full-width forms, also after spaces, gets a `'`
/// in front, unless it is a number. The same holds after `;` and after a line feed, where a spreadsheet
/// of another locale would start a cell.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let shown = replace(
        text,
        |character| character != '\n' && is_unsafe(character),
        escape,
    );
    if is_number(&shown) || !shown.contains(is_formula_start) {
        return shown;
    }
    let mut out = String::with_capacity(shown.len() + 1);
    let mut at_start = true;
    for character in shown.chars() {
        if at_start && is_formula_start(character) {
            out.push('\'');
        }
        at_start = matches!(character, ';' | '\n') || (at_start && character.is_whitespace());
        out.push(character);
    }
    if out.len() == shown.len() {
        shown
    } else {
        Cow::Owned(out)
    }
}

/// One argument of a POSIX shell line: bare where that is safe, else in single quotes.
/// Unsafe characters are dropped, because no Azure, AWS or Google name may hold them.
pub fn shell_argument(text: &str) -> Cow<'_, str> {
    let plain = |character: char| {
        character.is_ascii_alphanumeric()
            || matches!(character, '_' | '.' | '/' | ':' | '@' | '%' | '-' | ',')
    };
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for character in text.chars().filter(|&character| !is_unsafe(character)) {
        match character {
            '\'' => out.push_str("'\\''"),
            other => out.push(other),
        }
    }
    out.push('\'');
    Cow::Owned(out)
}

/// Columns that `text` takes on a terminal, unsafe characters counted as nothing.
pub fn display_width(text: &str) -> usize {
    text.chars()
        .map(|character| character.width().unwrap_or(0))
        .sum()
}

/// The longest start of `text` that fits into `columns`, with `…` at its end where something was cut.
pub fn truncate_width(text: &str, columns: usize) -> Cow<'_, str> {
    if display_width(text) <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let (mut used, mut end) = (0, 0);
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > columns - 1 {
            break;
        }
        end = at + character.len_utf8();
    }
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Copies `text` with the characters that `matches` rewritten; borrows where there are none.
fn replace(
    text: &str,
    matches: impl Fn(char) -> bool,
    rewrite: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    let Some(first) = text.find(&matches) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for character in text[first..].chars() {
        if matches(character) {
            rewrite(&mut out, character);
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

fn escape(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        // Writing to a String cannot fail.
        other => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(other));
        }
    }
}

fn markup(text: &str, keep_lines: bool) -> Cow<'_, str> {
    let kept = move |character: char| keep_lines && matches!(character, '\n' | '\t');
    replace(
        text,
        move |character| {
            matches!(character, '&' | '<' | '>' | '"' | '\'' | '`')
                || (is_unsafe(character) && !kept(character))
        },
        |out, character| match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            other => escape(out, other),
        },
    )
}

fn is_markdown(character: char) -> bool {
    matches!(
        character,
        '\\' | '`'
            | '*'
            | '_'
            | '{'
            | '}'
            | '['
            | ']'
            | '('
            | ')'
            | '<'
            | '>'
            | '#'
            | '+'
            | '-'
            | '.'
            | '!'
            | '|'
            | '~'
            | '&'
            | ':'
            | '@'
            | '='
            | '^'
            | '$'
    )
}

fn markdown_escape(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        // GitHub looks for `@name` and `#1` after escapes are gone, but never inside code.
        '@' | '#' => {
            out.push('`');
            out.push(character);
            out.push('`');
        }
        other => {
            out.push('\\');
            out.push(other);
        }
    }
}

fn is_formula_start(character: char) -> bool {
    matches!(
        character,
        '=' | '+' | '-' | '@' | '\u{FF1D}' | '\u{FF0B}' | '\u{FF0D}' | '\u{FF20}'
    )
}

/// Digits with an optional sign, point and exponent; nothing a spreadsheet computes.
fn is_number(text: &str) -> bool {
    text.contains(|character: char| character.is_ascii_digit())
        && text.chars().all(|character| {
            character.is_ascii_digit() || matches!(character, '+' | '-' | '.' | 'e' | 'E')
        })
        && text.parse::<f64>().is_ok()
}
