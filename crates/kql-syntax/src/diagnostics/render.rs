//! Diagnostics as text for a terminal or a log.

use std::fmt::Write as _;

use super::{Diagnostic, Severity};
use crate::span::line_column;

/// The longest part of a source line that is shown, in characters.
const SHOWN_WIDTH: usize = 120;

/// All diagnostics as text: message, place, the line with the place underlined, help.
///
/// The text of the query is shown as it is, control characters replaced.
pub fn render_diagnostics(text: &str, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        render_one(&mut out, text, diagnostic);
    }
    out
}

fn render_one(out: &mut String, text: &str, diagnostic: &Diagnostic) {
    let level = match diagnostic.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let place = line_column(text, diagnostic.span.start as usize);
    let number = place.line.to_string();
    let margin = " ".repeat(number.len());
    let _ = writeln!(
        out,
        "{level}[{}]: {}",
        diagnostic.code,
        printable(&diagnostic.message)
    );
    let _ = writeln!(
        out,
        "{margin}--> line {}, column {}",
        place.line, place.column
    );
    let line = text.lines().nth(place.line - 1).unwrap_or_default();
    let (shown, caret) = window(line, place.column - 1);
    let room = shown.chars().count().saturating_sub(caret).max(1);
    let width = text
        .get(diagnostic.span.range())
        .map_or(1, |part| part.lines().next().unwrap_or("").chars().count());
    let _ = writeln!(out, "{margin} |");
    let _ = writeln!(out, "{number} | {shown}");
    let _ = writeln!(
        out,
        "{margin} | {}{}",
        " ".repeat(caret),
        "^".repeat(width.clamp(1, room))
    );
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(out, "{margin} = help: {}", printable(help));
    }
}

/// The part of a long line around a column, and the column inside it.
fn window(line: &str, column: usize) -> (String, usize) {
    let start = if column > SHOWN_WIDTH / 2 && line.chars().count() > SHOWN_WIDTH {
        column - SHOWN_WIDTH / 2
    } else {
        0
    };
    let shown = line
        .chars()
        .skip(start)
        .take(SHOWN_WIDTH)
        .map(visible)
        .collect();
    (shown, column - start)
}

fn printable(text: &str) -> String {
    text.chars().map(visible).collect()
}

/// Control and bidirectional characters would act on the terminal.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        other if other.is_control() => '\u{fffd}',
        other => other,
    }
}
