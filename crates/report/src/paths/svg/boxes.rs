//! A node as a box: icon, name, type, marks.

use std::fmt::Write as _;

use stance_base::safe_text::{one_line, xml};

use super::icons::Icon;
use super::measure::{fit, width};
use crate::paths::layout::{Rectangle, Size};
use crate::paths::picture::PictureNode;

const NAME: f64 = 13.0;
const TYPE: f64 = 11.0;
const PILL: f64 = 10.0;
/// Where the name begins: behind the icon.
const TEXT_LEFT: f64 = 52.0;
const PAD: f64 = 10.0;

/// One width for all boxes of a picture, so that columns look alike: the longest name, within reason.
pub(super) fn common_width(nodes: &[PictureNode]) -> f64 {
    let longest = nodes
        .iter()
        .map(|node| {
            let name = width(&one_line(&node.view.name), NAME, true);
            let kind = width(&type_text(&node.view.label), TYPE, false);
            name.max(kind)
        })
        .fold(0.0, f64::max);
    (TEXT_LEFT + longest + PAD).clamp(168.0, 260.0).ceil()
}

/// The room of one node.
pub(super) fn size(node: &PictureNode, width: f64) -> Size {
    let pills = !node.view.cloud.is_empty() || !node.view.insights.is_empty();
    let height = if pills { 78.0 } else { 54.0 };
    Size { width, height }
}

/// Draws one node.
pub(super) fn draw(out: &mut String, node: &PictureNode, place: &Rectangle) {
    let view = &node.view;
    let class = match (node.entry, node.target) {
        (_, true) => " sp-target",
        (true, false) => " sp-entry",
        (false, false) => "",
    };
    let icon = Icon::of(&view.category);
    let room = place.width - TEXT_LEFT - PAD;
    let name = fit(&one_line(&view.name), room, NAME, true);
    let kind = fit(&type_text(&view.label), room, TYPE, false);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<g transform=\"translate({} {})\"><title>{}</title>\
         <rect class=\"sp-box{class}\" width=\"{}\" height=\"{}\" rx=\"9\"/>\
         <rect class=\"sp-tile\" x=\"10\" y=\"10\" width=\"34\" height=\"34\" rx=\"7\"/>\
         <g class=\"sp-icon {}\" transform=\"translate(15 15)\">{}</g>\
         <text class=\"sp-text sp-bold\" x=\"{TEXT_LEFT}\" y=\"24\" font-size=\"{NAME}\">{}</text>\
         <text class=\"sp-text sp-quiet\" x=\"{TEXT_LEFT}\" y=\"40\" font-size=\"{TYPE}\">{}</text>",
        place.x,
        place.y,
        xml(&in_full(node)),
        place.width,
        place.height,
        icon.class(),
        icon.shapes(),
        xml(&name),
        xml(&kind),
    );
    pills(out, node, place.width);
    marks(out, node);
    out.push_str("</g>\n");
}

/// Everything that the box has no room for.
fn in_full(node: &PictureNode) -> String {
    let view = &node.view;
    let mut lines = vec![one_line(&view.name).into_owned()];
    for text in [&view.label, &view.cloud, &view.id] {
        if !text.is_empty() {
            lines.push(one_line(text).into_owned());
        }
    }
    lines.extend(view.insights.iter().map(|text| one_line(text).into_owned()));
    lines.join("\n")
}

/// A type without what the cloud says already.
fn type_text(label: &str) -> String {
    let label = one_line(label);
    let lower = label.to_lowercase();
    for start in ["microsoft.", "aws::"] {
        // The prefixes are ASCII, so that their length in bytes is the same in any case.
        if lower.starts_with(start)
            && let Some(rest) = label.get(start.len()..)
        {
            return rest.to_owned();
        }
    }
    label.replace(".googleapis.com/", "/")
}

/// The cloud, then the facts that matter most, then how many more there are.
fn pills(out: &mut String, node: &PictureNode, room: f64) {
    let mut wanted: Vec<(String, &str)> = Vec::new();
    if !node.view.cloud.is_empty() {
        let cloud = fit(&one_line(&node.view.cloud), 60.0, PILL, false);
        wanted.push((cloud, ""));
    }
    let facts = badges(&node.view.insights);
    let named = facts.len();
    let mut hidden = node.view.insights.len().saturating_sub(named);
    wanted.extend(
        facts
            .into_iter()
            .map(|(text, class)| (text.to_owned(), class)),
    );
    let mut x = PAD;
    for (text, class) in wanted {
        let wide = (width(&text, PILL, false) + 12.0).round();
        // The last one may be followed by a count.
        if x + wide + 26.0 > room - PAD + if hidden == 0 { 26.0 } else { 0.0 } {
            hidden += 1;
            continue;
        }
        pill(out, x, wide, &text, class);
        x += wide + 5.0;
    }
    if hidden > 0 {
        let text = format!("+{hidden}");
        let wide = (width(&text, PILL, false) + 10.0).round();
        pill(out, x, wide, &text, "");
    }
}

fn pill(out: &mut String, x: f64, wide: f64, text: &str, class: &str) {
    let class = if class.is_empty() {
        String::new()
    } else {
        format!(" {class}")
    };
    let _ = write!(
        out,
        "<rect class=\"sp-pill{class}\" x=\"{x}\" y=\"52\" width=\"{wide}\" height=\"17\" rx=\"8.5\"/>\
         <text class=\"sp-text sp-pill-text{class}\" x=\"{}\" y=\"64\" font-size=\"{PILL}\" text-anchor=\"middle\">{}</text>",
        x + wide / 2.0,
        xml(text)
    );
}

/// The facts with a badge of their own, each once.
fn badges(insights: &[String]) -> Vec<(&'static str, &'static str)> {
    let known = [
        ("exposed", "exposed", "sp-exposed"),
        ("sensitive", "sensitive data", "sp-sensitive"),
        ("vulnerab", "vulnerable", "sp-vulnerable"),
    ];
    known
        .into_iter()
        .filter(|(word, ..)| {
            let mut all = insights.iter();
            all.any(|insight| insight.to_lowercase().contains(word))
        })
        .map(|(_, text, class)| (text, class))
        .collect()
}

/// `ENTRY` and `TARGET` on the upper edge: colour alone tells nothing to some.
fn marks(out: &mut String, node: &PictureNode) {
    let mut x = 12.0;
    for (here, text, class) in [
        (node.entry, "ENTRY", "sp-mark-entry"),
        (node.target, "TARGET", "sp-mark-target"),
    ] {
        if !here {
            continue;
        }
        let wide = (width(text, 9.0, true) + 12.0).round();
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"-8\" width=\"{wide}\" height=\"15\" rx=\"7.5\"/>\
             <text class=\"sp-text sp-bold sp-on\" x=\"{}\" y=\"2.7\" font-size=\"9\" text-anchor=\"middle\">{text}</text>",
            x + wide / 2.0
        );
        x += wide + 5.0;
    }
}
