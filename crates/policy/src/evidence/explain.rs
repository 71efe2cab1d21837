//! The conditions that decided, as witnesses for evidence.

use serde_json::Value;

use super::datum::{Datum, Truth, Unsupported};
use super::field::Hit;
use super::operator::apply;
use super::rule::{Count, Expression, Field, FieldPath, Leaf, Left, Node, Operand, Segment};
use super::walk::{Evaluator, Hits};
use super::words::{Witness, condition};

type Result<T> = std::result::Result<T, Unsupported>;

/// Conditions shown for one verdict; a rule over a long list would else say the same thing a hundred times.
const MAX_WITNESSES: usize = 24;

impl<'a> Evaluator<'a> {
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
