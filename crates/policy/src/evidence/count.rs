//! `count`: how many elements meet a filter, at least and at most.

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::Value;

use super::datum::{Datum, Truth, Unsupported};
use super::field::Step;
use super::operator::apply;
use super::rule::{Count, Field, FieldPath};
use super::walk::{Evaluator, Frame, Hits};

type Result<T> = std::result::Result<T, Unsupported>;

impl<'a> Evaluator<'a> {
    /// How many elements meet the filter: at least and at most. `None` where there is no upper bound.
    pub(super) fn count(&mut self, count: &'a Count) -> Result<(u64, Option<u64>)> {
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
    pub(super) fn field_frames(&mut self, field: &'a Field) -> Result<Option<Vec<Frame<'a>>>> {
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
}

/// Whether a comparison holds for every count that is possible. Comparisons of numbers change their answer
/// only around the right side, so a few probes stand for the whole range.
pub(super) fn count_truth(
    operator: OperatorKind,
    low: u64,
    high: Option<u64>,
    right: &Datum<'_>,
) -> Truth {
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

fn value_frame(name: Option<String>, datum: Datum<'_>) -> Frame<'_> {
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
