//! How wide a text is in a sans-serif font that nobody has asked for yet: an estimate, rather too wide than too narrow.

use unicode_width::UnicodeWidthChar;

/// Fonts of the viewer may be this much wider than the one the figures are from.
const ALLOWANCE: f64 = 1.16;
/// Bold letters are this much wider.
const BOLD: f64 = 1.1;

/// Pixels of one line.
pub(super) fn width(text: &str, pixels: f64, bold: bool) -> f64 {
    let ems: f64 = text.chars().map(ems).sum();
    ems * pixels * ALLOWANCE * if bold { BOLD } else { 1.0 }
}

/// The longest start of `text` that fits, with `…` where something was cut.
pub(super) fn fit(text: &str, room: f64, pixels: f64, bold: bool) -> String {
    if width(text, pixels, bold) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = width("…", pixels, bold);
    for character in text.chars() {
        used += width(character.encode_utf8(&mut [0; 4]), pixels, bold);
        if used > room {
            break;
        }
        out.push(character);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// [`wrap`] into lines of about the same length, so that no word stands alone below a long line.
pub(super) fn balanced(text: &str, room: f64, pixels: f64, most: usize) -> Vec<String> {
    let lines = wrap(text, room, pixels, most);
    let narrower = (1..8).rev().map(|eighths| room * f64::from(eighths) / 8.0);
    narrower
        .map(|room| wrap(text, room, pixels, most))
        .take_while(|tried| tried.len() == lines.len() && words(tried) == words(&lines))
        .last()
        .unwrap_or(lines)
}

fn words(lines: &[String]) -> String {
    lines.join(" ")
}

/// Lines of whole words, at most `most` of them; what does not fit is cut with `…`.
pub(super) fn wrap(text: &str, room: f64, pixels: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut left_over = false;
    for word in text.split_whitespace() {
        let joined = lines.last().map(|line| format!("{line} {word}"));
        match joined {
            Some(joined) if left_over || width(&joined, pixels, false) <= room => {
                if let Some(line) = lines.last_mut() {
                    *line = joined;
                }
            }
            _ => lines.push(word.to_owned()),
        }
        left_over = lines.len() == most;
    }
    lines
        .iter()
        .map(|line| fit(line, room, pixels, false))
        .collect()
}

/// Widths of Helvetica's letters, as its public metrics have them, in classes.
fn ems(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.24,
        ' ' | '!' | ',' | '.' | '/' | ':' | ';' | 'I' | 'f' | 't' | '[' | ']' | '\\' => 0.28,
        '(' | ')' | '-' | 'r' | '`' | '{' | '}' | '"' => 0.35,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' | '^' | '*' => 0.5,
        'a'..='z' if character != 'm' && character != 'w' => 0.56,
        '0'..='9' | '#' | '$' | '?' | '_' | 'L' => 0.58,
        '+' | '<' | '=' | '>' | '~' => 0.74,
        'w' | 'A'..='Z' if !matches!(character, 'M' | 'W' | 'O' | 'Q' | 'G') => 0.72,
        'O' | 'Q' | 'G' => 0.78,
        'm' | 'M' | 'W' | '%' | '@' | '…' => 1.0,
        other => match other.width() {
            Some(0) | None => 0.0,
            Some(1) => 0.66,
            Some(_) => 1.05,
        },
    }
}
