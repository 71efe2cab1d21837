//! Events of the parser to nodes, within limits.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::scalar;
use crate::json::{Member, Node, NodeValue};

/// How much is read before the reader says no.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Deepest nesting, tags included.
    pub(crate) depth: usize,
    /// Values and bytes of text together, aliases expanded.
    pub(crate) weight: usize,
    /// Documents of one text.
    pub(crate) documents: usize,
}

/// Why a text, or the rest of it, was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// No YAML.
    Syntax,
    /// Aliases, values or documents beyond the limit.
    TooLarge,
    /// Nested too deep.
    TooDeep,
    /// A key stands twice; the last one counts.
    DuplicateKey,
}

/// Something to say about the text. Lines and columns count from 1.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) kind: ProblemKind,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) message: String,
}

/// The documents that were read whole, and what went wrong.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) documents: Vec<Node>,
    pub(crate) problems: Vec<Problem>,
}

/// Duplicate keys that are named.
const MOST_NAMED: usize = 20;

/// Reads every document of a text.
pub(crate) fn read(text: &str, limits: &Limits) -> Stream {
    let mut reader = Reader {
        limits: *limits,
        weight: 0,
        anchors: HashMap::new(),
        open: Vec::new(),
        stream: Stream::default(),
    };
    for event in Parser::new_from_str(text) {
        let outcome = match event {
            Ok((event, span)) => reader.event(event, &span.start),
            Err(error) => Err(problem(
                ProblemKind::Syntax,
                place(error.marker()),
                error.info().to_owned(),
            )),
        };
        if let Err(problem) = outcome {
            reader.stream.problems.push(problem);
            break;
        }
    }
    reader.stream
}

type Place = (u32, u32);

fn place(marker: &Marker) -> Place {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (count(marker.line()), count(marker.col()).saturating_add(1))
}

fn problem(kind: ProblemKind, (line, column): Place, message: String) -> Problem {
    Problem {
        kind,
        line,
        column,
        message,
    }
}

/// A mapping or sequence that is still open.
struct Open {
    at: Place,
    anchor: usize,
    tag: Option<String>,
    held: Held,
}

enum Held {
    Items(Vec<Node>),
    Members {
        members: Vec<Member>,
        index: HashMap<String, usize>,
        /// What `<<` brings, which explicit members overrule.
        merged: Vec<Node>,
        key: Option<(String, Place)>,
    },
}

struct Reader {
    limits: Limits,
    weight: usize,
    anchors: HashMap<usize, (Rc<Node>, usize)>,
    open: Vec<Open>,
    stream: Stream,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, marker: &Marker) -> Result<(), Problem> {
        let at = place(marker);
        match event {
            Event::DocumentStart(_) => {
                self.anchors.clear();
                if self.stream.documents.len() >= self.limits.documents {
                    let message = format!(
                        "the text holds more than {} documents",
                        self.limits.documents
                    );
                    return Err(problem(ProblemKind::TooLarge, at, message));
                }
                Ok(())
            }
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::Scalar(text, style, anchor, tag) => {
                self.charge(1 + text.len(), at)?;
                let tag = tag.as_deref();
                let is_text = tag.is_some_and(is_text_tag);
                let plain = style == ScalarStyle::Plain && !is_text;
                let node = node(scalar::value(&text, plain), at);
                let key = text.into_owned();
                self.finished(node, anchor, local_tag(tag), at, Some(key))
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Held::Items(Vec::new()), anchor, tag.as_deref(), at)
            }
            Event::MappingStart(anchor, tag) => {
                let held = Held::Members {
                    members: Vec::new(),
                    index: HashMap::new(),
                    merged: Vec::new(),
                    key: None,
                };
                self.start(held, anchor, tag.as_deref(), at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn charge(&mut self, weight: usize, at: Place) -> Result<(), Problem> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight <= self.limits.weight {
            return Ok(());
        }
        let message = format!(
            "the text expands to more than the {} values and bytes that are read; aliases count each time",
            self.limits.weight
        );
        Err(problem(ProblemKind::TooLarge, at, message))
    }

    fn start(
        &mut self,
        held: Held,
        anchor: usize,
        tag: Option<&Tag>,
        at: Place,
    ) -> Result<(), Problem> {
        self.charge(1, at)?;
        let tag = local_tag(tag);
        let depth: usize = self
            .open
            .iter()
            .map(|open| 1 + usize::from(open.tag.is_some()))
            .sum();
        if depth + usize::from(tag.is_some()) >= self.limits.depth {
            let message = format!("nested deeper than {} levels", self.limits.depth);
            return Err(problem(ProblemKind::TooDeep, at, message));
        }
        if matches!(held, Held::Members { .. } | Held::Items(_)) && self.expects_key() {
            return Err(complex_key(at));
        }
        self.open.push(Open {
            at,
            anchor,
            tag,
            held,
        });
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.open.last().map(|open| &open.held),
            Some(Held::Members { key: None, .. })
        )
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.held {
            Held::Items(items) => NodeValue::Array(items),
            Held::Members {
                mut members,
                index,
                merged,
                ..
            } => {
                merge(&mut members, index, merged);
                NodeValue::Object(members)
            }
        };
        self.finished(node(value, open.at), open.anchor, open.tag, open.at, None)
    }

    /// A value is complete: it goes into what encloses it, or is a document.
    fn finished(
        &mut self,
        mut done: Node,
        anchor: usize,
        tag: Option<String>,
        at: Place,
        as_key: Option<String>,
    ) -> Result<(), Problem> {
        if self.expects_key() {
            let Some(text) = as_key else {
                return Err(complex_key(at));
            };
            if anchor > 0 {
                self.remember(anchor, &done, at)?;
            }
            self.key(text, at);
            return Ok(());
        }
        if let Some(tag) = tag {
            done = tagged(tag, done, at);
        }
        if anchor > 0 {
            self.remember(anchor, &done, at)?;
        }
        self.attach(done);
        Ok(())
    }

    fn key(&mut self, text: String, at: Place) {
        if let Some(Open {
            held: Held::Members { key, .. },
            ..
        }) = self.open.last_mut()
        {
            *key = Some((text, at));
        }
    }

    fn remember(&mut self, anchor: usize, done: &Node, at: Place) -> Result<(), Problem> {
        let weight = weight(done);
        self.charge(weight, at)?;
        self.anchors.insert(anchor, (Rc::new(done.clone()), weight));
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Place) -> Result<(), Problem> {
        let Some((target, weight)) = self.anchors.get(&anchor).cloned() else {
            let message = "an alias stands inside the value that it names".to_owned();
            return Err(problem(ProblemKind::Syntax, at, message));
        };
        self.charge(weight, at)?;
        if depth(&target) + self.open.len() >= self.limits.depth {
            let message = format!("nested deeper than {} levels", self.limits.depth);
            return Err(problem(ProblemKind::TooDeep, at, message));
        }
        let mut copy = Node::clone(&target);
        (copy.line, copy.column) = at;
        let as_key = copy.text().map(str::to_owned);
        self.finished(copy, 0, None, at, as_key)
    }

    fn attach(&mut self, done: Node) {
        let Some(open) = self.open.last_mut() else {
            self.stream.documents.push(done);
            return;
        };
        let Held::Members {
            members,
            index,
            merged,
            key,
        } = &mut open.held
        else {
            if let Held::Items(items) = &mut open.held {
                items.push(done);
            }
            return;
        };
        let Some((key, (line, column))) = key.take() else {
            return;
        };
        if key == "<<" && matches!(done.value, NodeValue::Object(_) | NodeValue::Array(_)) {
            merged.push(done);
            return;
        }
        let member = Member {
            key,
            line,
            column,
            value: done,
        };
        let Some(earlier) = index.get(&member.key).copied() else {
            index.insert(member.key.clone(), members.len());
            members.push(member);
            return;
        };
        if self.stream.problems.len() < MOST_NAMED {
            let message = format!(
                "the key `{}` stands twice in one mapping, at line {} and at line {line}; the last one counts",
                member.key.escape_debug(),
                members[earlier].line,
            );
            let twice = problem(ProblemKind::DuplicateKey, (line, column), message);
            self.stream.problems.push(twice);
        }
        members[earlier] = member;
    }
}

fn complex_key(at: Place) -> Problem {
    let message = "a mapping or a list stands where a key is expected".to_owned();
    problem(ProblemKind::Syntax, at, message)
}

fn node(value: NodeValue, (line, column): Place) -> Node {
    Node {
        value,
        line,
        column,
    }
}

/// `{"!Tag": value}`.
fn tagged(tag: String, value: Node, (line, column): Place) -> Node {
    let member = Member {
        key: tag,
        line,
        column,
        value,
    };
    node(NodeValue::Object(vec![member]), (line, column))
}

/// `!Ref`; `None` for tags of YAML itself and the bare `!`.
fn local_tag(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| !tag.is_yaml_core_schema() && !tag.suffix.is_empty())?;
    Some(format!("!{}", tag.suffix))
}

/// `!!str`, `!!binary` and the bare `!` say that a scalar is text.
fn is_text_tag(tag: &Tag) -> bool {
    if tag.is_yaml_core_schema() {
        return !matches!(tag.suffix.as_str(), "int" | "float" | "bool" | "null");
    }
    tag.suffix.is_empty()
}

/// `<<: *defaults`: members that are not named explicitly; of several the first wins.
fn merge(members: &mut Vec<Member>, mut index: HashMap<String, usize>, merged: Vec<Node>) {
    let sources = merged.into_iter().flat_map(|source| match source.value {
        NodeValue::Array(items) => items,
        _ => vec![source],
    });
    for source in sources {
        let NodeValue::Object(inherited) = source.value else {
            continue;
        };
        for member in inherited {
            if !index.contains_key(&member.key) {
                index.insert(member.key.clone(), members.len());
                members.push(member);
            }
        }
    }
}

/// Values and bytes of text.
fn weight(root: &Node) -> usize {
    let mut waiting = vec![root];
    let mut weight = 0_usize;
    while let Some(node) = waiting.pop() {
        weight += 1;
        match &node.value {
            NodeValue::Array(items) => waiting.extend(items),
            NodeValue::Object(members) => {
                weight += members.iter().map(|member| member.key.len()).sum::<usize>();
                waiting.extend(members.iter().map(|member| &member.value));
            }
            NodeValue::String(text) | NodeValue::Number(text) => weight += text.len(),
            NodeValue::Null | NodeValue::Bool(_) => {}
        }
    }
    weight
}

fn depth(root: &Node) -> usize {
    let mut waiting = vec![(root, 1)];
    let mut deepest = 0;
    while let Some((node, depth)) = waiting.pop() {
        deepest = deepest.max(depth);
        match &node.value {
            NodeValue::Array(items) => waiting.extend(items.iter().map(|item| (item, depth + 1))),
            NodeValue::Object(members) => {
                waiting.extend(members.iter().map(|member| (&member.value, depth + 1)));
            }
            _ => {}
        }
    }
    deepest
}
