//! Arrows and their numbered labels.

use std::fmt::Write as _;

use stance_base::safe_text::{one_line, xml};

use super::measure::{balanced, width};
use crate::paths::layout::{ArrowPlace, Size};
use crate::paths::picture::{Arrow, Picture};
use crate::paths::text;
use crate::paths::view::Confidence;

const LABEL: f64 = 11.0;
const LINE: f64 = 13.0;
/// Room for the words of a label, in two lines at most: `can authenticate as` takes one.
const WORDS: f64 = 132.0;
/// Room for the number in front.
const NUMBER: f64 = 23.0;
/// Length of an arrow's head.
const HEAD: f64 = 9.0;

/// The room of an arrow's label.
pub(super) fn label_size(arrow: &Arrow) -> Size {
    let lines = words(arrow);
    let wide = lines
        .iter()
        .map(|line| width(line, LABEL, false))
        .fold(0.0, f64::max);
    Size {
        width: (NUMBER + wide + 4.0).ceil(),
        height: (LINE * lines.len() as f64 + 4.0).max(22.0),
    }
}

fn words(arrow: &Arrow) -> Vec<String> {
    balanced(&one_line(&arrow.label), WORDS, LABEL, 2)
}

/// How sure a step is, as a class.
pub(super) fn class(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "sp-high",
        Confidence::Medium => "sp-medium",
        Confidence::Low => "sp-low",
    }
}

/// Draws the line of one arrow, with what it says when pointed at.
pub(super) fn draw_line(out: &mut String, picture: &Picture, index: usize, place: &ArrowPlace) {
    let arrow = &picture.arrows[index];
    let (Some(&start), Some(&end)) = (place.points.first(), place.points.last()) else {
        return;
    };
    let class = class(arrow.confidence);
    let ahead = if end.0 >= start.0 { 1.0 } else { -1.0 };
    let back = end.0 - ahead * HEAD;
    let mut path = format!("M{} {}", start.0, start.1);
    let mut last = start;
    let count = place.points.len();
    for (at, &(x, y)) in place.points.iter().enumerate().skip(1) {
        // The line stops within the head, whose tip would be blunt otherwise.
        let x = if at + 1 == count { back } else { x };
        if (y - last.1).abs() < 0.05 {
            let _ = write!(path, "H{x}");
        } else {
            let middle = f64::midpoint(last.0, x);
            let _ = write!(path, "C{middle} {} {middle} {y} {x} {y}", last.1);
        }
        last = (x, y);
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<g><title>{}. {}</title><path class=\"sp-line {class}\" d=\"{path}\"/>\
         <path class=\"sp-head {class}\" d=\"M{} {}L{back} {}V{}Z\"/></g>",
        index + 1,
        xml(&text::step(picture, arrow)),
        end.0,
        end.1,
        end.1 - 4.5,
        end.1 + 4.5,
    );
}

/// Draws the label of one arrow.
pub(super) fn draw_label(out: &mut String, picture: &Picture, index: usize, place: &ArrowPlace) {
    let arrow = &picture.arrows[index];
    let label = &place.label;
    let lines = words(arrow);
    let middle = label.y + label.height / 2.0;
    let number = index + 1;
    let size = if number < 100 { 10.5 } else { 9.0 };
    let _ = write!(
        out,
        "<g><title>{number}. {}</title><rect class=\"sp-page\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"5\"/>\
         <circle class=\"sp-head {}\" cx=\"{}\" cy=\"{middle}\" r=\"9.5\"/>\
         <text class=\"sp-text sp-bold sp-on\" x=\"{}\" y=\"{}\" font-size=\"{size}\" text-anchor=\"middle\">{number}</text>",
        xml(&text::step(picture, arrow)),
        label.x,
        label.y,
        label.width,
        label.height,
        class(arrow.confidence),
        label.x + 10.0,
        label.x + 10.0,
        middle + 3.7,
    );
    let first = middle - LINE * (lines.len().saturating_sub(1)) as f64 / 2.0 + 3.8;
    for (at, line) in lines.iter().enumerate() {
        let _ = write!(
            out,
            "<text class=\"sp-text\" x=\"{}\" y=\"{}\" font-size=\"{LABEL}\">{}</text>",
            label.x + NUMBER,
            first + LINE * at as f64,
            xml(line)
        );
    }
    out.push_str("</g>\n");
}
