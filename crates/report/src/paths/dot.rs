//! Graphviz: <https://graphviz.org/doc/info/lang.html>.

use std::fmt::Write as _;

use stance_base::safe_text::one_line;

use crate::paths::picture::Picture;
use crate::paths::view::Confidence;

/// The picture as a directed graph, read from left to right. Colours are those of the SVG on white.
pub fn render(picture: &Picture) -> String {
    let mut out = String::from(
        "digraph paths {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", color=\"#6b7480\", fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=11];\n",
    );
    let mut heading = quoted(&picture.title);
    for note in &picture.notes {
        let _ = write!(heading, "\\n{}", quoted(note));
    }
    // Writing to a String cannot fail.
    let _ = writeln!(out, "  label=\"{heading}\";");
    for (index, node) in picture.nodes.iter().enumerate() {
        let mut label = quoted(&node.view.name);
        for line in [&node.view.label, &node.view.cloud] {
            if !line.is_empty() {
                let _ = write!(label, "\\n{}", quoted(line));
            }
        }
        let role = match (node.entry, node.target) {
            (true, true) => ", color=\"#b3261e\", penwidth=2, xlabel=\"entry, target\"",
            (true, false) => ", color=\"#0b6e4f\", penwidth=2, xlabel=\"entry\"",
            (false, true) => ", color=\"#b3261e\", penwidth=2, xlabel=\"target\"",
            (false, false) => "",
        };
        let tip = quoted(&node.view.id);
        let _ = writeln!(
            out,
            "  n{} [label=\"{label}\", tooltip=\"{tip}\"{role}];",
            index + 1
        );
    }
    for (index, arrow) in picture.arrows.iter().enumerate() {
        let style = match arrow.confidence {
            Confidence::High => "solid",
            Confidence::Medium => "dashed",
            Confidence::Low => "dotted",
        };
        let _ = writeln!(
            out,
            "  n{} -> n{} [label=\"{}. {}\", style={style}];",
            arrow.from + 1,
            arrow.to + 1,
            index + 1,
            quoted(&arrow.label)
        );
    }
    out.push_str("}\n");
    out
}

/// Inside of double quotes: no escape sequence and no HTML entity of Graphviz comes out of it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in one_line(text).chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}
