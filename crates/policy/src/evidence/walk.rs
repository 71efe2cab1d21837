//! Walking a rule: its truth, and the conditions that decided it.

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::Value;

use super::count::count_truth;
use super::datum::{Datum, Truth, Unsupported};
use super::field::{Hit, Step, Subject};
use super::operator::apply;
use super::rule::{Expression, Field, FieldPath, Leaf, Left, Node, Segment};
use crate::context::ContextView;

type Result<T> = std::result::Result<T, Unsupported>;

/// What a field reads.
#[derive(Debug)]
pub(super) enum Hits<'a> {
    One(Hit<'a>),
    /// Of an alias with `[*]`, one per element.
    Many(Vec<Hit<'a>>),
}

/// An element that a `count` looks at.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub name: Option<String>,
    /// Path of the counted array, `[*]` included; empty for a value count.
    pub path: &'a [Segment],
    /// Where the element is.
    pub at: Vec<Step<'a>>,
    pub value: Option<&'a Value>,
    pub datum: Datum<'a>,
    /// Whether the array is one of the evaluated resource, not of the related one.
    pub primary: bool,
}

/// Walks rules over one resource, or over a pair of evaluated and related resource.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    pub(super) primary: &'a Subject<'a>,
    /// The resource that field conditions read.
    pub(super) subject: &'a Subject<'a>,
    /// Whether the subject is the evaluated resource.
    pub(super) is_primary: bool,
    pub(super) context: &'a ContextView,
    pub(super) frames: Vec<Frame<'a>>,
}

impl<'a> Evaluator<'a> {
    /// Over the evaluated resource.
    pub(crate) fn new(primary: &'a Subject<'a>, context: &'a ContextView) -> Self {
        Self {
            primary,
            subject: primary,
            is_primary: true,
            context,
            frames: Vec::new(),
        }
    }

    /// Over a related resource: conditions read it, `field()` reads the evaluated one.
    pub(crate) fn related(
        primary: &'a Subject<'a>,
        related: &'a Subject<'a>,
        context: &'a ContextView,
    ) -> Self {
        Self {
            primary,
            subject: related,
            is_primary: false,
            context,
            frames: Vec::new(),
        }
    }

    /// The truth of a node. What is not computed matters only where nothing else decides.
    pub(crate) fn truth(&mut self, node: &'a Node) -> Result<Truth> {
        match node {
            Node::AllOf(children) => self.junction(children, Truth::False),
            Node::AnyOf(children) => self.junction(children, Truth::True),
            Node::Not(inner) => self.truth(inner).map(Truth::negate),
            Node::Leaf(leaf) => self.leaf(leaf),
        }
    }

    /// `decisive` is the truth of one child that settles the whole.
    fn junction(&mut self, children: &'a [Node], decisive: Truth) -> Result<Truth> {
        let mut result = decisive.negate();
        let mut failed = None;
        for child in children {
            match self.truth(child) {
                Ok(truth) if truth == decisive => return Ok(decisive),
                Ok(Truth::Unknown) => result = Truth::Unknown,
                Ok(_) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(result), Err)
    }

    fn leaf(&mut self, leaf: &'a Leaf) -> Result<Truth> {
        let right = self.operand(&leaf.right)?;
        match &leaf.left {
            Left::Field(field) => match self.read(field, self.is_primary)? {
                Hits::One(hit) => Ok(field_truth(leaf.operator, hit.datum, &right)),
                Hits::Many(hits) => {
                    let truths = hits
                        .iter()
                        .map(|hit| apply(leaf.operator, &hit.datum, &right));
                    Ok(truths.fold(Truth::True, and))
                }
            },
            Left::Value { operand, .. } => Ok(match self.operand(operand)? {
                Datum::Absent => Truth::False,
                value => apply(leaf.operator, &value, &right),
            }),
            Left::Count(count) => {
                let (low, high) = self.count(count)?;
                Ok(count_truth(leaf.operator, low, high, &right))
            }
        }
    }

    // ---- fields ---------------------------------------------------------------------------------------

    /// Reads a field of the evaluated (`primary`) or the related resource, inside the counts that cover it.
    pub(super) fn read(&mut self, field: &'a Field, primary: bool) -> Result<Hits<'a>> {
        let subject = if primary { self.primary } else { self.subject };
        let one = |key: &'a str, datum: Datum<'a>| {
            Ok(Hits::One(Hit {
                path: vec![Step::Key(key)],
                datum,
            }))
        };
        match &field.path {
            FieldPath::Type => {
                let value = subject.resource.body.get("type");
                let datum = match value {
                    Some(value) => subject.datum(&[Step::Key("type")], Some(value)),
                    None => Datum::of(subject.resource.resource_type.as_str()),
                };
                one("type", datum)
            }
            FieldPath::Name => one("name", subject.named(&subject.name)),
            FieldPath::FullName => one("name", subject.named(&subject.full_name)),
            FieldPath::Location => one("location", subject.location()),
            FieldPath::Root(keys) => Ok(Hits::One(root(subject, keys))),
            FieldPath::Alias { targets } => Ok(match subject.path_of(targets) {
                Some(path) => self.read_alias(subject, path, primary),
                None => Hits::One(Hit {
                    path: Vec::new(),
                    datum: Datum::Absent,
                }),
            }),
            FieldPath::Dynamic(expression) => self.read_dynamic(expression, subject),
        }
    }

    pub(super) fn read_alias(
        &self,
        subject: &'a Subject<'a>,
        path: &'a [Segment],
        primary: bool,
    ) -> Hits<'a> {
        let covers = |frame: &&Frame<'a>| {
            !frame.path.is_empty()
                && frame.primary == primary
                && frame.path.len() <= path.len()
                && frame.path.iter().zip(path).all(|(a, b)| a.matches(b))
        };
        let mut hits = Vec::new();
        if let Some(frame) = self.frames.iter().rev().find(covers) {
            let rest = &path[frame.path.len()..];
            if let Datum::Unknown(_) = &frame.datum {
                return Hits::One(Hit {
                    path: frame.at.clone(),
                    datum: frame.datum.clone(),
                });
            }
            subject.walk(frame.value, rest, frame.at.clone(), &mut hits);
            return if rest.contains(&Segment::Each) {
                Hits::Many(hits)
            } else {
                single(hits)
            };
        }
        hits = subject.follow(path);
        if path.contains(&Segment::Each) {
            Hits::Many(hits)
        } else {
            single(hits)
        }
    }

    /// `[if(…, 'alias', 'alias')]` and `[concat('tags[', …, ']')]`, the two forms the compiler takes.
    fn read_dynamic(
        &mut self,
        expression: &'a Expression,
        subject: &'a Subject<'a>,
    ) -> Result<Hits<'a>> {
        let name = self.expression(expression)?;
        if let Some(unknown) = name.expression() {
            return Ok(Hits::One(Hit {
                path: Vec::new(),
                datum: Datum::Unknown(unknown.to_owned()),
            }));
        }
        let Some(name) = name.known().and_then(Value::as_str) else {
            return Err(Unsupported("a field whose name is no text".to_owned()));
        };
        if !name.to_ascii_lowercase().starts_with("tags") {
            return Err(Unsupported(format!("the computed field `{name}`")));
        }
        let keys = super::lower::tag_keys(name);
        let [_, tag] = keys.as_slice() else {
            return Err(Unsupported(format!("the computed field `{name}`")));
        };
        let path = [Step::Key("tags")];
        let tags = subject.datum(&path, subject.resource.body.get("tags"));
        Ok(Hits::One(Hit {
            path: vec![Step::Key("tags")],
            datum: tags.member(tag),
        }))
    }
}

/// A missing field compares as null; `exists` tells the two apart.
fn field_truth(operator: OperatorKind, datum: Datum<'_>, right: &Datum<'_>) -> Truth {
    let datum = if operator == OperatorKind::Exists {
        datum
    } else {
        datum.or_null()
    };
    apply(operator, &datum, right)
}

fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (Truth::True, Truth::True) => Truth::True,
        _ => Truth::Unknown,
    }
}

fn root<'a>(subject: &Subject<'a>, keys: &'a [String]) -> Hit<'a> {
    let mut path = Vec::with_capacity(keys.len());
    let mut current = Some(&subject.resource.body);
    for key in keys {
        let found = current.and_then(Value::as_object).and_then(|object| {
            object.get_key_value(key).or_else(|| {
                object
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(key))
            })
        });
        path.push(Step::Key(
            found.map_or(key.as_str(), |(name, _)| name.as_str()),
        ));
        current = found.map(|(_, value)| value);
    }
    let datum = match (current, keys) {
        (None, [key]) if key == "apiVersion" => subject
            .resource
            .api_version
            .as_deref()
            .map_or(Datum::Absent, Datum::of),
        _ => subject.datum(&path, current),
    };
    Hit { path, datum }
}

fn single(hits: Vec<Hit<'_>>) -> Hits<'_> {
    Hits::One(hits.into_iter().next().unwrap_or(Hit {
        path: Vec::new(),
        datum: Datum::Absent,
    }))
}
