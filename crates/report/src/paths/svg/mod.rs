//! SVG 1.1: one picture of one or several paths, in layers from left to right.
//!
//! No scripts, no fonts or files from elsewhere; light or dark as the viewer has it. The numbered text twin is the
//! picture's description for whoever listens.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use stance_base::safe_text::{one_line, xml};

mod boxes;
mod icons;
mod lines;
mod measure;

use crate::paths::layout::{self, ArrowSize, Graph, Layout};
use crate::paths::picture::Picture;
use crate::paths::text;
use crate::paths::view::Confidence;

/// A picture and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// The SVG document.
    pub svg: String,
    /// The numbered text twin, as [`text::twin`] makes it.
    pub text: String,
}

const MARGIN: f64 = 28.0;
const HEADING: f64 = 17.0;
const NOTE: f64 = 12.0;
const NOTE_LINE: f64 = 17.0;
/// Headings and notes need that much.
const NARROWEST: f64 = 480.0;
/// Lines that are longer than this are hard to read.
const WIDEST_NOTE: f64 = 900.0;

/// Where boxes and labels of a picture go, before margin and heading.
pub fn arrange(picture: &Picture) -> Layout {
    let wide = boxes::common_width(&picture.nodes);
    let entries = picture.nodes.iter().enumerate();
    layout::place(&Graph {
        boxes: picture
            .nodes
            .iter()
            .map(|node| boxes::size(node, wide))
            .collect(),
        entries: entries
            .filter(|(_, node)| node.entry)
            .map(|(index, _)| index)
            .collect(),
        arrows: picture
            .arrows
            .iter()
            .map(|arrow| ArrowSize {
                from: arrow.from,
                to: arrow.to,
                label: lines::label_size(arrow),
            })
            .collect(),
    })
}

/// Draws a picture.
pub fn render(picture: &Picture) -> Drawing {
    let layout = arrange(picture);
    let text = text::twin(picture);
    let inner = layout.size.width.max(NARROWEST);
    let top = MARGIN + 50.0;
    let foot = foot(picture, inner);
    let width = inner + 2.0 * MARGIN;
    let below = top + layout.size.height + 34.0;
    let height = below + foot.height + MARGIN - 14.0;
    let left = MARGIN + ((inner - layout.size.width) / 2.0).round();
    let id = identifier(picture);

    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n\
         <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>\n<style>\n{}</style>\n\
         <rect class=\"sp-page\" width=\"{width}\" height=\"{height}\"/>\n",
        xml(&one_line(&picture.title)),
        xml(&text),
        include_str!("style.css"),
    );
    heading(&mut out, picture, inner);
    let _ = writeln!(out, "<g transform=\"translate({left} {top})\">");
    let places = || layout.arrows.iter().enumerate();
    for (index, place) in places().filter_map(|(index, place)| Some((index, place.as_ref()?))) {
        lines::draw_line(&mut out, picture, index, place);
    }
    for (node, place) in picture.nodes.iter().zip(&layout.boxes) {
        boxes::draw(&mut out, node, place);
    }
    for (index, place) in places().filter_map(|(index, place)| Some((index, place.as_ref()?))) {
        lines::draw_label(&mut out, picture, index, place);
    }
    out.push_str("</g>\n");
    let _ = writeln!(
        out,
        "<g transform=\"translate({MARGIN} {below})\">{}</g>\n</svg>",
        foot.svg
    );
    Drawing { svg: out, text }
}

fn heading(out: &mut String, picture: &Picture, room: f64) {
    let title = measure::fit(&one_line(&picture.title), room, HEADING, true);
    let below = measure::fit(&counts(picture), room, NOTE, false);
    let _ = write!(
        out,
        "<text class=\"sp-text sp-bold\" x=\"{MARGIN}\" y=\"40\" font-size=\"{HEADING}\">{}</text>\n\
         <text class=\"sp-text sp-quiet\" x=\"{MARGIN}\" y=\"60\" font-size=\"{NOTE}\">{}</text>\n",
        xml(&title),
        xml(&below)
    );
}

/// `Critical · 4 steps` or `2 Critical, 1 High · 9 nodes · 10 steps`.
fn counts(picture: &Picture) -> String {
    let plural = |count: usize, what: &str| {
        let ending = if count == 1 { "" } else { "s" };
        format!("{count} {what}{ending}")
    };
    let steps = plural(picture.arrows.len(), "step");
    let nodes = plural(picture.nodes.len(), "node");
    let mut levels: Vec<(&str, usize)> = Vec::new();
    for route in &picture.routes {
        if route.risk_level.is_empty() {
            continue;
        }
        match levels
            .iter_mut()
            .find(|(level, _)| *level == route.risk_level)
        {
            Some((_, count)) => *count += 1,
            None => levels.push((&route.risk_level, 1)),
        }
    }
    let risk = match levels.as_slice() {
        [] => return format!("{nodes} · {steps}"),
        [(only, 1)] => format!("Risk: {}", one_line(only)),
        several => several
            .iter()
            .map(|(level, count)| format!("{count} {}", one_line(level)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    format!("{risk} · {nodes} · {steps}")
}

struct Foot {
    svg: String,
    height: f64,
}

/// What the kinds of lines mean, where there is more than one, and what is not shown.
fn foot(picture: &Picture, room: f64) -> Foot {
    let mut svg = String::new();
    let mut y = 0.0;
    let kinds = [
        (Confidence::High, "follows from what was collected"),
        (
            Confidence::Medium,
            "under conditions that were not evaluated",
        ),
        (
            Confidence::Low,
            "a guess, or a right that must first be activated",
        ),
    ];
    let has = |kind: Confidence| picture.arrows.iter().any(|arrow| arrow.confidence == kind);
    if has(Confidence::Medium) || has(Confidence::Low) {
        for (kind, meaning) in kinds.into_iter().filter(|(kind, _)| has(*kind)) {
            let _ = write!(
                svg,
                "<path class=\"sp-line {}\" d=\"M0 {y}H34\"/>\
                 <text class=\"sp-text sp-quiet\" x=\"44\" y=\"{}\" font-size=\"{NOTE}\">{} confidence: {meaning}</text>",
                lines::class(kind),
                y + 4.0,
                kind.as_str()
            );
            y += NOTE_LINE + 2.0;
        }
    }
    for note in &picture.notes {
        for line in measure::wrap(&one_line(note), room.min(WIDEST_NOTE), NOTE, 4) {
            let _ = write!(
                svg,
                "<text class=\"sp-text sp-bold\" x=\"0\" y=\"{}\" font-size=\"{NOTE}\">{}</text>",
                y + 4.0,
                xml(&line)
            );
            y += NOTE_LINE;
        }
    }
    Foot { svg, height: y }
}

/// Two pictures in one page must not share the ids of their titles.
fn identifier(picture: &Picture) -> String {
    let mut hash = Sha256::new();
    hash.update(picture.title.as_bytes());
    for node in &picture.nodes {
        hash.update([0]);
        hash.update(node.view.id.as_bytes());
    }
    let mut id = String::from("paths-");
    for byte in hash.finalize().iter().take(4) {
        let _ = write!(id, "{byte:02x}");
    }
    id
}
