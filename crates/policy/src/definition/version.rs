//! Versions of definitions, and which of them a `definitionVersion` such as `1.*.*` takes.
//!
//! Source: learn.microsoft.com/azure/governance/policy/concepts/assignment-structure, "Policy definition ID and
//! version". A preview version is taken only by a pattern that says so (`1.*.*-preview`), as the built-in
//! initiatives write it.

use std::cmp::Ordering;

/// A version in parts: `1.2.0-preview` is ([1, 2, 0], "preview").
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    numbers: [u64; 3],
    suffix: String,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let (numbers, suffix) = split(text);
        let mut parts = numbers.split('.');
        let mut out = [0; 3];
        for number in &mut out {
            *number = match parts.next() {
                Some(part) => part.trim().parse().ok()?,
                None => 0,
            };
        }
        parts.next().is_none().then_some(Self {
            numbers: out,
            suffix,
        })
    }
}

fn split(text: &str) -> (&str, String) {
    let (numbers, suffix) = text.trim().split_once('-').unwrap_or((text.trim(), ""));
    (numbers, suffix.to_ascii_lowercase())
}

/// Whether a version fits a pattern. An empty pattern takes every version; so does any pattern where the
/// definition names no version, as custom ones need not.
pub(crate) fn fits(pattern: &str, version: &str) -> bool {
    if pattern.trim().is_empty() || version.trim().is_empty() {
        return true;
    }
    let Some(version) = Version::parse(version) else {
        return pattern.trim().eq_ignore_ascii_case(version.trim());
    };
    let (numbers, suffix) = split(pattern);
    // Giving a definition up changes its suffix only; who took it still does.
    let suffixes = suffix == version.suffix || version.suffix == "deprecated";
    let mut parts = numbers.split('.');
    suffixes
        && version.numbers.iter().all(|number| match parts.next() {
            None | Some("*") => true,
            Some(part) => part.trim().parse() == Ok(*number),
        })
}

/// Newer is greater; a preview is older than its release; what is no version is oldest.
pub(crate) fn newer(one: &str, other: &str) -> Ordering {
    let key = |text: &str| {
        Version::parse(text).map(|version| (version.numbers, version.suffix.is_empty()))
    };
    key(one).cmp(&key(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_takes_any_number_and_a_preview_is_asked_for() {
        for (pattern, version, fit) in [
            ("1.*.*", "1.4.2", true),
            ("1.*.*", "2.0.0", false),
            ("1.2.*", "1.2.9", true),
            ("1.2.*", "1.3.0", false),
            ("1.*.*", "1.0.0-preview", false),
            ("1.*.*-preview", "1.1.0-PREVIEW", true),
            ("1.*.*-preview", "1.1.0", false),
            ("2.*.*", "2.1.0-deprecated", true),
            ("", "3.0.0", true),
            ("1.*.*", "", true),
            ("1.*.*", "eleven", false),
        ] {
            assert_eq!(fits(pattern, version), fit, "{pattern} on {version}");
        }
    }

    #[test]
    fn ten_is_newer_than_nine_and_a_release_than_its_preview() {
        assert_eq!(newer("1.10.0", "1.9.0"), Ordering::Greater);
        assert_eq!(newer("1.0.0", "1.0.0-preview"), Ordering::Greater);
        assert_eq!(newer("nonsense", "0.0.1"), Ordering::Less);
    }
}
