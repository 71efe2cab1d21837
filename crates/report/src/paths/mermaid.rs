//! Mermaid flowcharts, as Markdown pages show them: <https://mermaid.js.org/syntax/flowchart.html>.

use std::fmt::Write as _;

use stance_base::safe_text::one_line;

use crate::paths::picture::Picture;
use crate::paths::view::Confidence;

/// The picture as a flowchart, read from left to right.
pub fn render(picture: &Picture) -> String {
    let mut out = String::from("flowchart LR\n");
    for (index, node) in picture.nodes.iter().enumerate() {
        let view = &node.view;
        let role = match (node.entry, node.target) {
            (true, true) => "entry and target<br/>",
            (true, false) => "entry<br/>",
            (false, true) => "target<br/>",
            (false, false) => "",
        };
        let mut label = format!("{role}{}", quoted(&view.name));
        if !view.label.is_empty() {
            let _ = write!(label, "<br/>{}", quoted(&view.label));
        }
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  n{}[\"{label}\"]", index + 1);
    }
    for (index, arrow) in picture.arrows.iter().enumerate() {
        let line = match arrow.confidence {
            Confidence::High => "-->",
            Confidence::Medium | Confidence::Low => "-.->",
        };
        // `1. ` would begin a list in the Markdown of a label.
        let _ = writeln!(
            out,
            "  n{} {line}|\"{}: {}\"| n{}",
            arrow.from + 1,
            index + 1,
            quoted(&arrow.label),
            arrow.to + 1
        );
    }
    for (index, note) in picture.notes.iter().enumerate() {
        let _ = writeln!(out, "  note{}[/\"{}\"/]", index + 1, quoted(note));
    }
    out.push_str("  classDef entry stroke:#0b6e4f,stroke-width:3px\n");
    out.push_str("  classDef target stroke:#b3261e,stroke-width:3px\n");
    for (index, node) in picture.nodes.iter().enumerate() {
        let class = match (node.entry, node.target) {
            (_, true) => "target",
            (true, false) => "entry",
            (false, false) => continue,
        };
        let _ = writeln!(out, "  class n{} {class}", index + 1);
    }
    out
}

/// Inside of a quoted label: what is not a letter, digit or harmless mark becomes a character code of Mermaid's
/// (`#34;`), so that no bracket, quote, backtick, HTML, link, Markdown or directive comes out of it.
fn quoted(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    for (at, character) in text.char_indices() {
        let plain = character.is_alphanumeric()
            || matches!(character, ' ' | '…' | '→' | '—')
            || (matches!(character, '-' | '/' | ',') && at > 0);
        // Older versions stop at the word `end`, wherever it stands.
        let ends = starts_word_end(&text[at..]) && !before.is_some_and(char::is_alphanumeric);
        if plain && !ends {
            out.push(character);
        } else {
            let _ = write!(out, "#{};", u32::from(character));
        }
        before = Some(character);
    }
    out
}

fn starts_word_end(text: &str) -> bool {
    let word = text.get(..3);
    let after = text.get(3..).and_then(|rest| rest.chars().next());
    word.is_some_and(|word| word.eq_ignore_ascii_case("end"))
        && !after.is_some_and(char::is_alphanumeric)
}
