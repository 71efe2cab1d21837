//! The columns that plugins give.

use stance_base::ScalarType as T;

use super::evaluate::PluginCall;
use super::name::NameTable;
use crate::bound::{BoundExpression, ExpressionKind, Literal};
use crate::schema::{Column, Schema};

fn column_index(expression: &BoundExpression) -> Option<usize> {
    match &expression.kind {
        ExpressionKind::Column(column) => Some(column.index),
        _ => None,
    }
}

pub(super) fn without(input: &Schema, arguments: &[BoundExpression]) -> Schema {
    let gone = arguments.first().and_then(column_index);
    let kept = input
        .columns()
        .iter()
        .enumerate()
        .filter(|(index, _)| Some(*index) != gone);
    kept.map(|(_, column)| column.clone()).collect()
}

/// The columns named after the aggregate, or all that neither pivot nor aggregate reads.
pub(super) fn pivot_columns(input: &Schema, call: &PluginCall) -> Schema {
    if call.arguments.len() > 1 {
        return call.arguments[1..]
            .iter()
            .filter_map(column_index)
            .map(|index| input.columns()[index].clone())
            .collect();
    }
    let aggregate = call
        .aggregate
        .iter()
        .flat_map(|aggregate| aggregate.arguments.iter());
    let used: Vec<usize> = call
        .arguments
        .iter()
        .chain(aggregate)
        .filter_map(column_index)
        .collect();
    let kept = input
        .columns()
        .iter()
        .enumerate()
        .filter(|(index, _)| !used.contains(index));
    kept.map(|(_, column)| column.clone()).collect()
}

pub(super) fn joined(left: &Schema, right: &Schema) -> Schema {
    let mut names = NameTable::new(left.columns().iter().map(|column| &*column.name));
    let added = right
        .columns()
        .iter()
        .map(|column| Column::new(names.unique(&column.name), column.scalar_type));
    left.columns()
        .iter()
        .cloned()
        .chain(added.collect::<Vec<_>>())
        .collect()
}

/// Columns of the left, then those of the right whose names are new.
fn with_new(left: &Schema, right: &Schema) -> Schema {
    let added = right
        .columns()
        .iter()
        .filter(|column| left.column(&column.name).is_none());
    left.columns().iter().chain(added).cloned().collect()
}

fn plain(columns: &[(&str, T)]) -> Schema {
    columns
        .iter()
        .map(|(name, scalar_type)| Column::new(*name, *scalar_type))
        .collect()
}

/// Plugins whose columns follow from their arguments.
pub(super) fn named_schema(name: &str, input: &Schema, call: &PluginCall) -> Schema {
    let segments = [
        ("SegmentId", T::Long),
        ("Count", T::Long),
        ("Percent", T::Real),
    ];
    match name {
        "autocluster" | "basket" => joined(&plain(&segments), input),
        "diffpatterns" => {
            let counts = [
                ("SegmentId", T::Long),
                ("CountA", T::Long),
                ("CountB", T::Long),
                ("PercentA", T::Real),
                ("PercentB", T::Real),
                ("PercentDiffAB", T::Real),
            ];
            joined(&plain(&counts), input)
        }
        "ipv4_lookup" | "ipv6_lookup" | "geo_polygon_lookup" | "geo_line_lookup" => {
            match call.tables.first() {
                Some(table) => with_new(input, table.schema()),
                None => input.clone(),
            }
        }
        "dcount_intersect" => {
            let sets = (0..call.arguments.len())
                .map(|index| Column::new(format!("s{index}"), T::Long))
                .collect();
            joined(input, &sets)
        }
        "estimate_rows_count" => plain(&[("EstimatedRowsCount", T::Long)]),
        "rolling_percentile" => rolling(input, call),
        "sequence_detect" => sequence(input, call),
        "funnel_sequence" => {
            let rest = [
                ("prev", T::String),
                ("next", T::String),
                ("dcount", T::Long),
                ("samples", T::Dynamic),
            ];
            activity(input, call, &rest, 1, 7)
        }
        "funnel_sequence_completion" => activity(
            input,
            call,
            &[("Period", T::TimeSpan), ("dcount", T::Long)],
            1,
            5,
        ),
        "activity_counts_metrics" => {
            let rest = [
                ("count", T::Long),
                ("dcount", T::Long),
                ("new_dcount", T::Long),
                ("aggregated_dcount", T::Long),
            ];
            activity(input, call, &rest, 1, 5)
        }
        "activity_metrics" => {
            let rest = [
                ("dcount_values", T::Long),
                ("dcount_newvalues", T::Long),
                ("retention_rate", T::Real),
                ("churn_rate", T::Real),
            ];
            activity(input, call, &rest, 1, 5)
        }
        "active_users_count" => activity(input, call, &[("dcount", T::Long)], 1, 8),
        "session_count" => activity(input, call, &[("count_sessions", T::Long)], 1, 6),
        "sliding_window_counts" => activity(
            input,
            call,
            &[("Count", T::Long), ("Dcount", T::Long)],
            1,
            6,
        ),
        "activity_engagement" => {
            let rest = [
                ("dcount_activities_inner", T::Long),
                ("dcount_activities_outer", T::Long),
                ("activity_ratio", T::Real),
            ];
            activity(input, call, &rest, 1, 6)
        }
        "new_activity_metrics" => new_activity(input, call),
        _ => input.clone(),
    }
}

/// The timeline column, dimension columns (those after `fixed` arguments), then the figures.
fn activity(
    input: &Schema,
    call: &PluginCall,
    rest: &[(&str, T)],
    timeline: usize,
    fixed: usize,
) -> Schema {
    let column = |expression: &BoundExpression| {
        column_index(expression).map(|index| input.columns()[index].clone())
    };
    let mut columns: Vec<Column> = call
        .arguments
        .get(timeline)
        .and_then(column)
        .into_iter()
        .collect();
    if fixed < call.arguments.len() || call.plugin.name == "funnel_sequence_completion" {
        columns.extend(
            call.arguments[fixed.min(call.arguments.len())..]
                .iter()
                .filter_map(column),
        );
    }
    columns.extend(plain(rest).columns().iter().cloned());
    Schema::new(columns)
}

fn new_activity(input: &Schema, call: &PluginCall) -> Schema {
    let timeline = call
        .arguments
        .get(1)
        .and_then(column_index)
        .map(|index| input.columns()[index].clone());
    let Some(timeline) = timeline else {
        return Schema::default();
    };
    let ends = ["from", "to"]
        .map(|end| Column::new(format!("{end}_{}", timeline.name), timeline.scalar_type));
    let figures = plain(&[
        ("dcount_new_values", T::Long),
        ("dcount_retained_values", T::Long),
        ("dcount_churn_values", T::Long),
        ("retention_rate", T::Real),
        ("churn_rate", T::Real),
    ]);
    ends.into_iter()
        .chain(figures.columns().iter().cloned())
        .collect()
}

fn rolling(input: &Schema, call: &PluginCall) -> Schema {
    let column = |position: usize| {
        call.arguments
            .get(position)
            .and_then(column_index)
            .map(|index| input.columns()[index].clone())
    };
    let number = |position: usize| match call.arguments.get(position).map(|argument| &argument.kind)
    {
        Some(ExpressionKind::Literal(Literal::Long(value))) => value.to_string(),
        _ => String::new(),
    };
    let mut columns: Vec<Column> = column(2).into_iter().collect();
    columns.extend((5..call.arguments.len()).filter_map(column));
    if let Some(value) = column(0) {
        let name = format!(
            "rolling_{}_percentile_{}_{}",
            number(4),
            value.name,
            number(1)
        );
        columns.push(Column::new(name, value.scalar_type));
    }
    Schema::new(columns)
}

fn sequence(input: &Schema, call: &PluginCall) -> Schema {
    let timeline = call
        .arguments
        .first()
        .and_then(column_index)
        .map(|index| input.columns()[index].clone());
    let mut columns: Vec<Column> = call
        .arguments
        .iter()
        .skip(3)
        .filter_map(column_index)
        .map(|index| input.columns()[index].clone())
        .collect();
    if let Some(timeline) = timeline {
        let steps = call.argument_names.iter().flatten();
        columns
            .extend(steps.map(|step| {
                Column::new(format!("{step}_{}", timeline.name), timeline.scalar_type)
            }));
    }
    columns.push(Column::new("Duration", T::TimeSpan));
    Schema::new(columns)
}
