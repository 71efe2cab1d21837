//! The numbered text twin of a picture: the same steps under the same numbers, for whoever reads instead of looks.

use std::fmt::Write as _;

use stance_base::safe_text::one_line;

use crate::paths::picture::{Arrow, Picture};
use crate::paths::view::Confidence;

/// Facts shown for one step; the rest is counted.
const MOST_FACTS: usize = 3;

/// All steps, then, where there are several paths, the numbers of each path's steps, then what was bounded.
///
/// Safe for a terminal; one line a step.
pub fn twin(picture: &Picture) -> String {
    let mut out = String::new();
    for (index, arrow) in picture.arrows.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}. {}", index + 1, step(picture, arrow));
    }
    if picture.routes.len() > 1 {
        out.push_str("\nPaths:\n");
        for route in &picture.routes {
            let numbers: Vec<String> = route.numbers.iter().map(ToString::to_string).collect();
            let _ = writeln!(
                out,
                "- {}: {}: {}",
                one_line(&route.risk_level),
                one_line(&route.name),
                numbers.join(" → ")
            );
        }
    }
    if !picture.notes.is_empty() {
        out.push_str("\nNot everything is shown:\n");
        for note in &picture.notes {
            let _ = writeln!(out, "- {}", one_line(note));
        }
    }
    out
}

/// `Internet → chatbot: routes traffic to — publicNetworkAccess is Enabled (/subscriptions/…)`.
pub(super) fn step(picture: &Picture, arrow: &Arrow) -> String {
    let name = |index: usize| one_line(&picture.nodes[index].view.name).into_owned();
    let mut out = format!(
        "{} → {}: {}",
        name(arrow.from),
        name(arrow.to),
        one_line(&arrow.label)
    );
    for (index, (text, source)) in arrow.evidence.iter().take(MOST_FACTS).enumerate() {
        out.push_str(if index == 0 { " — " } else { "; " });
        out.push_str(&fact(text, source));
    }
    if arrow.evidence.len() > MOST_FACTS {
        let _ = write!(out, "; and {} more", arrow.evidence.len() - MOST_FACTS);
    }
    if arrow.confidence != Confidence::High {
        let _ = write!(
            out,
            " [{} confidence]",
            arrow.confidence.as_str().to_lowercase()
        );
    }
    out
}

/// A fact with where it was read.
pub(super) fn fact(text: &str, source: &str) -> String {
    match (one_line(text), one_line(source)) {
        (text, source) if source.is_empty() => text.into_owned(),
        (text, source) if text.is_empty() => source.into_owned(),
        (text, source) => format!("{text} ({source})"),
    }
}
