//! Functions over the sketches that `hll` and `tdigest` make.

use serde_json::Value as Json;

use super::{CallContext, ScalarFunction};
use crate::sketch::{Digest, Hll};
use crate::value::{Value, convert};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new("dcount_hll", |_, values| {
        Some(Value::Long(sketch(values.first()?)?.count()))
    }),
    ScalarFunction::new("hll_merge", |_, values| {
        let mut sketches = values.iter().filter_map(sketch);
        let mut merged = sketches.next()?;
        sketches.for_each(|sketch| merged.merge(&sketch));
        Some(Value::json(&merged.to_json()))
    }),
    ScalarFunction::new("hll_isvalid", |_, values| {
        Some(Value::Bool(sketch(values.first()?).is_some()))
    }),
    ScalarFunction::new("tdigest_merge", |_, values| {
        let mut digests = values.iter().filter_map(digest);
        let mut merged = digests.next()?;
        digests.for_each(|digest| merged.merge(&digest));
        Some(Value::json(&merged.json()))
    }),
    ScalarFunction::new("tdigest_isvalid", |_, values| {
        Some(Value::Bool(digest(values.first()?).is_some()))
    }),
    ScalarFunction::new("percentile_tdigest", |context, values| {
        let percent = values.get(1)?.as_real()?;
        let found = digest(values.first()?)?.percentile(percent);
        Some(convert(&found, context.result).into_owned())
    }),
    ScalarFunction::new("percentiles_array_tdigest", percentiles_array),
    ScalarFunction::new("rank_tdigest", |_, values| {
        let rank = digest(values.first()?)?.rank(values.get(1)?)?;
        Some(Value::Real(rank))
    }),
    ScalarFunction::new("percentrank_tdigest", |_, values| {
        let rank = digest(values.first()?)?.percent_rank(values.get(1)?)?;
        Some(Value::Real(rank))
    }),
];

fn sketch(value: &Value<'_>) -> Option<Hll> {
    Hll::from_json(&value.to_json())
}

fn digest(value: &Value<'_>) -> Option<Digest> {
    Digest::from_json(&value.to_json())
}

/// `percentiles_array_tdigest(digest, percent, ...)`, or an array of percents.
fn percentiles_array<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let mut digest = digest(values.first()?)?;
    let percents: Vec<f64> = match values.get(1)? {
        Value::Dynamic(list) => {
            let percents = list.elements()?;
            percents.iter().filter_map(Json::as_f64).collect()
        }
        _ => values.iter().skip(1).filter_map(Value::as_real).collect(),
    };
    let found = percents.iter();
    let found = found.map(|percent| digest.percentile(*percent).to_json());
    Some(Value::json(&Json::Array(found.collect())))
}
