//! Text of which some parts are not known before deployment.
//!
//! `concat('oai-', uniqueString(resourceGroup().id))` is known to start with `oai-`. It is carried as the literal
//! `oai-` followed by a hole that remembers the call, and is shown as `oai-{uniqueString(resourceGroup().id)}`.
//! Two such texts are the same text when their parts are the same, so resources and the ids that point at them agree.

use std::rc::Rc;

use super::fault::Fault;

/// Longest text that is kept, in bytes; Resource Manager takes expressions of 24,576 characters.
pub(super) const LONGEST_TEXT: usize = 1 << 20;
/// Longest hole shown whole; a longer one is cut and told apart by a hash.
const LONGEST_HOLE: usize = 96;
/// Longest source that is kept.
const LONGEST_SOURCE: usize = 1000;
/// Most parts of one text.
const MOST_PARTS: usize = 10_000;

/// Literal parts and holes, in order. Neighbouring literals are one part; no part is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SymbolicText {
    parts: Vec<Part>,
}

/// One part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Known.
    Literal(String),
    /// Not known.
    Hole(Hole),
}

/// An unknown part: how it is computed and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hole {
    /// The call, without brackets: `uniqueString(resourceGroup().id)`.
    pub(super) source: Rc<str>,
    /// What stands in its place in ids and names; without `/`.
    pub(super) shown: Rc<str>,
    /// How many characters it will have, where that is known.
    pub(super) length: Option<usize>,
}

impl Hole {
    /// A hole shown as its call in braces.
    pub(super) fn of_call(source: &str) -> Self {
        let shorter = shortened(source);
        let source = shorter.as_deref().unwrap_or(source);
        let mut shown: String = source
            .chars()
            .filter(|kept| !matches!(kept, '{' | '}') && !kept.is_control())
            .map(|kept| if kept == '/' { '|' } else { kept })
            .collect();
        if shown.len() > LONGEST_HOLE {
            let cut = shown.find('(').filter(|at| *at < LONGEST_HOLE).unwrap_or(0);
            shown.truncate(cut);
            let hash = crate::arm_template::functions::unique_string(source);
            shown = format!("{shown}(…)-{hash}");
        }
        Self {
            length: known_length(source),
            source: Rc::from(source),
            shown: Rc::from(format!("{{{shown}}}")),
        }
    }

    /// A hole that is shown in a way of its own, such as the zero subscription id.
    pub(super) fn shown_as(source: &str, shown: &str) -> Self {
        Self {
            length: known_length(source),
            source: Rc::from(source),
            shown: Rc::from(shown),
        }
    }
}

impl SymbolicText {
    pub(super) fn literal(text: &str) -> Self {
        let mut made = Self::default();
        made.push_literal(text);
        made
    }

    pub(super) fn hole(hole: Hole) -> Self {
        Self {
            parts: vec![Part::Hole(hole)],
        }
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn push_literal(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Literal(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Literal(text.to_owned()));
        }
    }

    pub(super) fn push(&mut self, other: &Self) -> Result<(), Fault> {
        for part in &other.parts {
            match part {
                Part::Literal(text) => self.push_literal(text),
                Part::Hole(hole) => self.parts.push(Part::Hole(hole.clone())),
            }
        }
        if self.parts.len() > MOST_PARTS || self.len() > LONGEST_TEXT {
            return Err(Fault::limit("a text grows beyond what is kept"));
        }
        Ok(())
    }

    /// Length as shown, in bytes.
    pub(super) fn len(&self) -> usize {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.len(),
                Part::Hole(hole) => hole.shown.len(),
            })
            .sum()
    }

    /// The text itself, where every part is known.
    pub(super) fn known(&self) -> Option<String> {
        match self.parts.as_slice() {
            [] => Some(String::new()),
            [Part::Literal(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// The text with its holes as they are shown.
    pub(super) fn shown(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.as_str(),
                Part::Hole(hole) => &hole.shown,
            })
            .collect()
    }

    /// The text as an argument would be written in a call.
    pub(super) fn source(&self) -> String {
        if let [Part::Hole(hole)] = self.parts.as_slice() {
            return hole.source.to_string();
        }
        // Ids of the deployment's own scope have short names.
        let (scope, rest) = match self.parts.as_slice() {
            [Part::Literal(start), Part::Hole(subscription), rest @ ..]
                if start == "/subscriptions/"
                    && subscription.source.as_ref() == "subscription().subscriptionId" =>
            {
                match rest {
                    [Part::Literal(middle), Part::Hole(group), rest @ ..]
                        if middle == "/resourceGroups/"
                            && group.source.as_ref() == "resourceGroup().name" =>
                    {
                        ("resourceGroup().id", rest)
                    }
                    rest => ("subscription().id", rest),
                }
            }
            rest => ("", rest),
        };
        if rest.is_empty() && !scope.is_empty() {
            return scope.to_owned();
        }
        let inner: String = rest
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.replace('\'', "''"),
                Part::Hole(hole) => format!("{{{}}}", hole.source),
            })
            .collect();
        if scope.is_empty() {
            format!("'{inner}'")
        } else {
            format!("'{{{scope}}}{inner}'")
        }
    }

    /// The known text it starts with.
    pub(super) fn known_prefix(&self) -> &str {
        match self.parts.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// The known text it ends with.
    pub(super) fn known_suffix(&self) -> &str {
        match self.parts.last() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// Whether the text surely is a resource id: it is known to start like one.
    pub(super) fn is_resource_id(&self) -> bool {
        ["/subscriptions/", "/providers/"].iter().any(|start| {
            self.known_prefix()
                .get(..start.len())
                .is_some_and(|prefix| prefix.eq_ignore_ascii_case(start))
        })
    }

    /// Cuts at every literal occurrence of any delimiter. Holes are taken to hold none of them.
    pub(super) fn split(&self, delimiters: &[&str]) -> Vec<Self> {
        let mut pieces = vec![Self::default()];
        for part in &self.parts {
            let text = match part {
                Part::Literal(text) => text,
                Part::Hole(hole) => {
                    if let Some(last) = pieces.last_mut() {
                        last.parts.push(Part::Hole(hole.clone()));
                    }
                    continue;
                }
            };
            for (index, piece) in split_literal(text, delimiters).into_iter().enumerate() {
                if index > 0 {
                    pieces.push(Self::default());
                }
                if let Some(last) = pieces.last_mut() {
                    last.push_literal(piece);
                }
            }
        }
        pieces
    }

    /// The first `count` characters, where it is known which parts they take. A hole is kept whole or not at all.
    pub(super) fn start(&self, count: usize) -> Option<Self> {
        let mut made = Self::default();
        let mut left = count;
        for part in &self.parts {
            match part {
                Part::Literal(text) => {
                    let taken: String = text.chars().take(left).collect();
                    left -= taken.chars().count();
                    made.push_literal(&taken);
                }
                Part::Hole(hole) => {
                    left = left.checked_sub(hole.length?)?;
                    made.parts.push(Part::Hole(hole.clone()));
                }
            }
            if left == 0 {
                break;
            }
        }
        Some(made)
    }

    /// How many characters it will have, where that is known.
    pub(super) fn known_length(&self) -> Option<usize> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Some(text.encode_utf16().count()),
                Part::Hole(hole) => hole.length,
            })
            .sum()
    }

    /// Applies a function that works on each character by itself: to literals now, to holes by name.
    pub(super) fn map(
        &self,
        call: impl Fn(&str) -> String,
        apply: impl Fn(&str) -> String,
    ) -> Self {
        let mut made = Self::default();
        for part in &self.parts {
            match part {
                Part::Literal(text) => made.push_literal(&apply(text)),
                Part::Hole(hole) if hole.shown.starts_with('{') => {
                    made.parts
                        .push(Part::Hole(Hole::of_call(&call(&hole.source))));
                }
                Part::Hole(hole) => made.parts.push(Part::Hole(hole.clone())),
            }
        }
        made
    }
}

/// A source too long to keep, told apart by a hash. Sources of nested calls would otherwise double with every call.
fn shortened(source: &str) -> Option<String> {
    if source.len() <= LONGEST_SOURCE {
        return None;
    }
    let name = source.split('(').next().unwrap_or_default();
    let name: String = name.chars().take(64).collect();
    let hash = crate::arm_template::functions::unique_string(source);
    Some(format!("{name}(…{hash})"))
}

/// Lengths that functions promise.
fn known_length(source: &str) -> Option<usize> {
    let whole_call = |name: &str| {
        source
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('(') && closes_at_end(rest))
    };
    if whole_call("uniqueString") {
        return Some(13);
    }
    let is_guid = whole_call("guid")
        || source.starts_with("newGuid()")
        || source == "subscription().subscriptionId";
    if is_guid {
        return Some(36);
    }
    let inner = source
        .strip_prefix("toLower")
        .or_else(|| source.strip_prefix("toUpper"))?;
    let inner = inner.strip_prefix('(')?.strip_suffix(')')?;
    known_length(inner)
}

/// Whether the bracket a text starts with is closed by the one it ends with. Quotes are not looked at, so a
/// text with brackets inside of quotes may be said not to.
fn closes_at_end(text: &str) -> bool {
    let mut depth = 0_i32;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == text.len();
        }
    }
    false
}

/// Splits at every occurrence of any delimiter, earliest first. Empty delimiters never match.
pub(super) fn split_literal<'t>(text: &'t str, delimiters: &[&str]) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let found = delimiters
            .iter()
            .filter(|delimiter| !delimiter.is_empty())
            .filter_map(|delimiter| rest.find(delimiter).map(|at| (at, delimiter.len())))
            .min();
        let Some((at, length)) = found else {
            pieces.push(rest);
            return pieces;
        };
        pieces.push(&rest[..at]);
        rest = &rest[at + length..];
    }
}
