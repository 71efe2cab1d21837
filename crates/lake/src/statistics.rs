//! Row counts and value ranges of files: from Parquet into the log, and from the log to the planner.
//!
//! The JSON shape is the `stats` field of the Delta protocol (per-file statistics).

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::compute::{max, max_string, min, min_string};
use arrow::datatypes::{
    DataType, Field, Float64Type, Int32Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use chrono::{DateTime, SecondsFormat};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::file::metadata::ParquetMetaData;
use serde_json::{Map, Value, json};

/// Value ranges are kept for this many columns; the log is read on every open.
pub(crate) const RANGED_COLUMNS: usize = 32;

/// The `stats` of a file just written. `ranged` names the columns worth a range.
pub(crate) fn from_parquet(
    metadata: &ParquetMetaData,
    schema: &Schema,
    ranged: &[String],
) -> Value {
    let (mut lows, mut highs, mut nulls) = (Map::new(), Map::new(), Map::new());
    let descriptor = metadata.file_metadata().schema_descr();
    for field in schema
        .fields()
        .iter()
        .filter(|field| ranged.contains(field.name()))
    {
        let Ok(converter) = StatisticsConverter::try_new(field.name(), schema, descriptor) else {
            continue;
        };
        let groups = metadata.row_groups();
        let counts = converter.row_group_null_counts(groups.iter());
        if let Some(counts) = counts.ok().filter(|counts| counts.null_count() == 0) {
            let count: u64 = counts.iter().flatten().sum();
            nulls.insert(field.name().clone(), json!(count));
        }
        let (Ok(low), Ok(high)) = (
            converter.row_group_mins(groups.iter()),
            converter.row_group_maxes(groups.iter()),
        ) else {
            continue;
        };
        // A group without a range (all null, or cut off) would make the range of the file a lie.
        let complete = groups
            .iter()
            .all(|group| group_has_range(group, field.name()));
        if let (true, Some(low), Some(high)) =
            (complete, extreme(&low, false), extreme(&high, true))
        {
            lows.insert(field.name().clone(), low);
            highs.insert(field.name().clone(), high);
        }
    }
    json!({
        "numRecords": metadata.file_metadata().num_rows(),
        "minValues": lows,
        "maxValues": highs,
        "nullCount": nulls,
    })
}

fn group_has_range(group: &parquet::file::metadata::RowGroupMetaData, column: &str) -> bool {
    let chunk = group
        .columns()
        .iter()
        .find(|chunk| chunk.column_path().string() == column);
    let Some(statistics) = chunk.and_then(|chunk| chunk.statistics()) else {
        return false;
    };
    let all_null = statistics.null_count_opt() == Some(group.num_rows() as u64);
    all_null || (statistics.min_bytes_opt().is_some() && statistics.max_bytes_opt().is_some())
}

/// The least or greatest value of an array as JSON.
fn extreme(values: &ArrayRef, greatest: bool) -> Option<Value> {
    match values.data_type() {
        DataType::Int32 => {
            let array = values.as_primitive::<Int32Type>();
            if greatest { max(array) } else { min(array) }.map(Value::from)
        }
        DataType::Int64 => {
            let array = values.as_primitive::<Int64Type>();
            if greatest { max(array) } else { min(array) }.map(Value::from)
        }
        DataType::Float64 => {
            let array = values.as_primitive::<Float64Type>();
            let value = if greatest { max(array) } else { min(array) }?;
            value.is_finite().then(|| Value::from(value))
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let array = values.as_primitive::<TimestampMicrosecondType>();
            let value = if greatest { max(array) } else { min(array) }?;
            let instant = DateTime::from_timestamp_micros(value)?;
            Some(Value::from(
                instant.to_rfc3339_opts(SecondsFormat::Micros, true),
            ))
        }
        DataType::Utf8 => {
            let array = values.as_string::<i32>();
            if greatest {
                max_string(array)
            } else {
                min_string(array)
            }
            .map(Value::from)
        }
        _ => None,
    }
}

/// Row count in a file's `stats`.
pub(crate) fn row_count(stats: &Value) -> Option<u64> {
    stats.get("numRecords").and_then(Value::as_u64)
}

/// A file's `stats` for the planner, in the order of `schema`.
pub(crate) fn to_planner(stats: &Value, schema: &Schema, stored: &Schema, size: u64) -> Statistics {
    let columns = schema.fields().iter().map(|field| {
        let same_type = stored
            .field_with_name(field.name())
            .is_ok_and(|kept| kept.data_type() == field.data_type());
        if same_type {
            column_statistics(stats, field)
        } else {
            ColumnStatistics::new_unknown()
        }
    });
    Statistics {
        num_rows: row_count(stats)
            .map_or(Precision::Absent, |rows| Precision::Exact(rows as usize)),
        total_byte_size: Precision::Inexact(size as usize),
        column_statistics: columns.collect(),
    }
}

fn column_statistics(stats: &Value, field: &Arc<Field>) -> ColumnStatistics {
    let bound = |name: &str| {
        let value = stats.get(name).and_then(|values| values.get(field.name()));
        let value = value.and_then(|value| to_scalar(value, field.data_type()));
        // Texts are cut short and floats leave out NaN, so their bounds serve to skip files, not to answer.
        match (value, field.data_type()) {
            (None, _) => Precision::Absent,
            (Some(value), DataType::Utf8View | DataType::Float64) => Precision::Inexact(value),
            (Some(value), _) => Precision::Exact(value),
        }
    };
    let nulls = stats
        .get("nullCount")
        .and_then(|counts| counts.get(field.name()))
        .and_then(Value::as_u64);
    ColumnStatistics {
        null_count: nulls.map_or(Precision::Absent, |count| Precision::Exact(count as usize)),
        min_value: bound("minValues"),
        max_value: bound("maxValues"),
        ..ColumnStatistics::new_unknown()
    }
}

fn to_scalar(value: &Value, data_type: &DataType) -> Option<ScalarValue> {
    match data_type {
        DataType::Int32 => Some(ScalarValue::Int32(Some(
            i32::try_from(value.as_i64()?).ok()?,
        ))),
        DataType::Int64 => Some(ScalarValue::Int64(Some(value.as_i64()?))),
        DataType::Float64 => Some(ScalarValue::Float64(Some(value.as_f64()?))),
        DataType::Utf8View => Some(ScalarValue::Utf8View(Some(value.as_str()?.to_owned()))),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let instant = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
            Some(ScalarValue::TimestampMicrosecond(
                Some(instant.timestamp_micros()),
                zone.clone(),
            ))
        }
        _ => None,
    }
}

/// The partition value of a file, as the log spells it, in the type of its column.
pub(crate) fn partition_scalar(value: Option<&str>, data_type: &DataType) -> Option<ScalarValue> {
    let Some(value) = value else {
        return ScalarValue::try_from(data_type).ok();
    };
    match data_type {
        DataType::Utf8 => Some(ScalarValue::Utf8(Some(value.to_owned()))),
        DataType::Utf8View => Some(ScalarValue::Utf8View(Some(value.to_owned()))),
        DataType::Int32 => Some(ScalarValue::Int32(Some(value.parse().ok()?))),
        DataType::Int64 => Some(ScalarValue::Int64(Some(value.parse().ok()?))),
        DataType::Boolean => Some(ScalarValue::Boolean(Some(value.parse().ok()?))),
        _ => None,
    }
}
