//! Walking a rule: its truth, and the conditions that decided it.

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::Value;

use super::datum::{Datum, Truth, Unsupported};
use super::field::{Hit, Step, Subject};
use super::operator::apply;
use super::rule::{Count, Expression, Field, FieldPath, Leaf, Left, Node, Operand, Segment};
use super::words::{Witness, condition};
use crate::context::ContextView;

type Result<T> = std::result::Result<T, Unsupported>;

/// Conditions shown for one verdict; a rule over a long list would else say the same thing a hundred times.
const MAX_WITNESSES: usize = 24;

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
    path: &'a [Segment],
    /// Where the element is.
    at: Vec<Step<'a>>,
    value: Option<&'a Value>,
    pub datum: Datum<'a>,
    /// Whether the array is one of the evaluated resource, not of the related one.
    pub primary: bool,
}

/// Walks rules over one resource, or over a pair of evaluated and related resource.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    primary: &'a Subject<'a>,
    /// The resource that field conditions read.
    subject: &'a Subject<'a>,
    /// Whether the subject is the evaluated resource.
    is_primary: bool,
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

    fn read_alias(&self, subject: &'a Subject<'a>, path: &'a [Segment], primary: bool) -> Hits<'a> {
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

    // ---- count ----------------------------------------------------------------------------------------

    /// How many elements meet the filter: at least and at most. `None` where there is no upper bound.
    fn count(&mut self, count: &'a Count) -> Result<(u64, Option<u64>)> {
        let (frames, filter) = match count {
            Count::Field { field, filter } => (self.field_frames(field)?, filter),
            Count::Value {
                operand,
                name,
                filter,
                ..
            } => {
                let frames = match self.operand(operand)? {
                    Datum::Known(value) => match value.as_array() {
                        Some(items) => items
                            .iter()
                            .map(|item| value_frame(name.clone(), Datum::of(item.clone())))
                            .collect(),
                        None => Vec::new(),
                    },
                    Datum::Absent => Vec::new(),
                    Datum::Partial(..) | Datum::Unknown(_) => return Ok((0, None)),
                };
                (Some(frames), filter)
            }
        };
        let Some(frames) = frames else {
            return Ok((0, None));
        };
        let (mut low, mut high) = (0, 0);
        for frame in frames {
            let truth = match filter {
                None => Truth::True,
                Some(filter) => {
                    self.frames.push(frame);
                    let truth = self.truth(filter);
                    self.frames.pop();
                    truth?
                }
            };
            low += u64::from(truth == Truth::True);
            high += u64::from(truth != Truth::False);
        }
        Ok((low, Some(high)))
    }

    /// The elements of a counted alias; `None` where even their number is unknown.
    fn field_frames(&mut self, field: &'a Field) -> Result<Option<Vec<Frame<'a>>>> {
        let primary = self.is_primary;
        let FieldPath::Alias { targets } = &field.path else {
            return Err(Unsupported(format!("count over `{}`", field.label)));
        };
        let Some(path) = self.subject.path_of(targets) else {
            return Ok(Some(Vec::new()));
        };
        let Hits::Many(hits) = self.read_alias(self.subject, path, primary) else {
            return Ok(Some(Vec::new()));
        };
        let mut frames = Vec::with_capacity(hits.len());
        for hit in hits {
            let is_element = matches!(hit.path.last(), Some(Step::Index(_)));
            match &hit.datum {
                Datum::Unknown(_) if !is_element => return Ok(None),
                // A missing array has no elements to count.
                _ if !is_element => continue,
                _ => {}
            }
            frames.push(Frame {
                name: None,
                path,
                value: value_at(&self.subject.resource.body, &hit.path),
                at: hit.path,
                datum: hit.datum,
                primary,
            });
        }
        Ok(Some(frames))
    }

    // ---- evidence -------------------------------------------------------------------------------------

    /// The conditions that make a node as it is, deciding ones only.
    pub(crate) fn explain(&mut self, node: &'a Node, out: &mut Vec<Witness>) -> Result<Truth> {
        let truth = self.truth(node)?;
        if out.len() >= MAX_WITNESSES {
            return Ok(truth);
        }
        match node {
            Node::AllOf(children) | Node::AnyOf(children) => {
                for child in children {
                    if self.truth(child).is_ok_and(|own| own == truth) {
                        self.explain(child, out)?;
                    }
                }
            }
            Node::Not(inner) => {
                self.explain(inner, out)?;
            }
            Node::Leaf(leaf) => self.witness(leaf, truth, out)?,
        }
        Ok(truth)
    }

    fn witness(&mut self, leaf: &'a Leaf, truth: Truth, out: &mut Vec<Witness>) -> Result<()> {
        let right = self.operand(&leaf.right)?;
        let words = condition(leaf.operator, &right.shown());
        let related = !self.is_primary;
        let unknown_right = right.expression().map(str::to_owned);
        match &leaf.left {
            Left::Field(field) => {
                let hits = match self.read(field, self.is_primary)? {
                    Hits::One(hit) => vec![hit],
                    Hits::Many(hits) if hits.is_empty() => vec![self.empty_array(field)],
                    Hits::Many(hits) => hits
                        .into_iter()
                        .filter(|hit| apply(leaf.operator, &hit.datum, &right) == truth)
                        .collect(),
                };
                for hit in hits
                    .into_iter()
                    .take(MAX_WITNESSES.saturating_sub(out.len()))
                {
                    out.push(Witness {
                        field: field.label.clone(),
                        value: hit.datum.shown(),
                        condition: words.clone(),
                        pointer: Some(hit.pointer()),
                        related,
                        scoping: matches!(field.path, FieldPath::Type),
                        unknown: hit
                            .datum
                            .expression()
                            .map(str::to_owned)
                            .or_else(|| unknown_right.clone()),
                    });
                }
            }
            Left::Value { operand, text } => {
                let value = self.operand(operand)?;
                out.push(Witness {
                    field: text.clone(),
                    pointer: self.pointer_of(operand),
                    unknown: value.expression().map(str::to_owned).or(unknown_right),
                    value: value.shown(),
                    condition: words,
                    // `value` conditions read the evaluated resource, wherever they stand.
                    related: false,
                    scoping: false,
                });
            }
            Left::Count(count) => {
                let witness = self.count_witness(count, truth, format!("count {words}"))?;
                out.push(witness);
            }
        }
        Ok(())
    }

    fn count_witness(&mut self, count: &'a Count, truth: Truth, words: String) -> Result<Witness> {
        let (low, high) = self.count(count)?;
        let exact = high == Some(low);
        let (field, pointer, unknown) = match count {
            Count::Field { field, .. } => {
                let hit = self.empty_array(field);
                (
                    field.label.clone(),
                    Some(hit.pointer()),
                    hit.datum.expression().map(str::to_owned),
                )
            }
            Count::Value { operand, text, .. } => (text.clone(), self.pointer_of(operand), None),
        };
        let unknown = (truth == Truth::Unknown).then(|| {
            unknown
                .or_else(|| self.unknown_in(count))
                .unwrap_or_else(|| field.clone())
        });
        Ok(Witness {
            field,
            value: match &unknown {
                Some(expression) if !exact => Value::String(expression.clone()),
                _ => low.into(),
            },
            condition: words,
            pointer,
            related: !self.is_primary && matches!(count, Count::Field { .. }),
            scoping: false,
            unknown,
        })
    }

    /// The expression that keeps a count from being known: that of its first undecided element.
    fn unknown_in(&mut self, count: &'a Count) -> Option<String> {
        let Count::Field {
            field,
            filter: Some(filter),
        } = count
        else {
            return None;
        };
        for frame in self.field_frames(field).ok()?? {
            self.frames.push(frame);
            let mut found = Vec::new();
            let truth = self.explain(filter, &mut found);
            self.frames.pop();
            if truth == Ok(Truth::Unknown) {
                return found.into_iter().find_map(|witness| witness.unknown);
            }
        }
        None
    }

    /// The array that an alias with `[*]` runs over.
    fn empty_array(&mut self, field: &'a Field) -> Hit<'a> {
        let nothing = Hit {
            path: Vec::new(),
            datum: Datum::Absent,
        };
        let FieldPath::Alias { targets } = &field.path else {
            return nothing;
        };
        let Some(path) = self.subject.path_of(targets) else {
            return nothing;
        };
        let end = path
            .iter()
            .position(|segment| *segment == Segment::Each)
            .unwrap_or(path.len());
        self.subject
            .follow(&path[..end])
            .into_iter()
            .next()
            .unwrap_or(nothing)
    }

    /// Where the first field of an operand is.
    fn pointer_of(&mut self, operand: &'a Operand) -> Option<String> {
        let Operand::Expression(expression) = operand else {
            return None;
        };
        let field = first_field(expression)?;
        match self.read(field, true).ok()? {
            Hits::One(hit) => Some(hit.pointer()),
            Hits::Many(hits) => hits.first().map(Hit::pointer),
        }
    }
}

fn first_field(expression: &Expression) -> Option<&Field> {
    match expression {
        Expression::Field(field) => Some(field),
        Expression::Current { field, .. } => field.as_ref(),
        Expression::Member(inner, _) => first_field(inner),
        Expression::Index(object, index) => first_field(object).or_else(|| first_field(index)),
        Expression::Call(_, args) => args.iter().find_map(first_field),
        Expression::Constant(_) | Expression::Absent | Expression::Context(_) => None,
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

/// Whether a comparison holds for every count that is possible. Comparisons of numbers change their answer
/// only around the right side, so a few probes stand for the whole range.
fn count_truth(operator: OperatorKind, low: u64, high: Option<u64>, right: &Datum<'_>) -> Truth {
    let pivot = right.known().and_then(Value::as_u64).unwrap_or(0);
    let top = high.unwrap_or(u64::from(u32::MAX));
    let probes = [low, top, pivot.saturating_sub(1), pivot, pivot + 1];
    let mut truths = probes
        .into_iter()
        .filter(|probe| (low..=top).contains(probe))
        .map(|probe| apply(operator, &Datum::of(probe), right));
    let first = truths.next().unwrap_or(Truth::Unknown);
    if truths.all(|truth| truth == first) {
        first
    } else {
        Truth::Unknown
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

fn value_frame<'a>(name: Option<String>, datum: Datum<'a>) -> Frame<'a> {
    Frame {
        name: name.or_else(|| Some("default".to_owned())),
        path: &[],
        at: Vec::new(),
        value: None,
        datum,
        primary: true,
    }
}

fn value_at<'a>(body: &'a Value, path: &[Step<'_>]) -> Option<&'a Value> {
    path.iter().try_fold(body, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}
