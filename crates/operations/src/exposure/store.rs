//! An evaluation written to its tables: the graph in one commit, what was found in it in another.

use serde_json::json;
use stance_exposure::{Graph, Vocabulary};
use stance_lake::{CommitMode, TableCommit, Writer};
use stance_model::Diagnostic;
use stance_posture::risk::Risk;

use super::graph_rows;
use super::history::{CHANGES, PATHS, PathChange};
use super::record::PathRecord;
use crate::OperationsError;
use crate::rows::table_batch::Cell;
use crate::rows::table_output::TableOutput;

/// Everything that an evaluation found.
pub(crate) struct Evaluated<'a> {
    /// The graph.
    pub graph: &'a Graph,
    /// The paths, worst first.
    pub paths: &'a [PathRecord],
    /// What changed since the evaluation before.
    pub changes: &'a [PathChange],
    /// Risk of each finding with the paths through its resource, by finding id.
    pub risks: &'a [(String, Risk, Vec<String>)],
    /// Rules that were run.
    pub rules: usize,
    /// What was bounded, in words.
    pub bounded: &'a [String],
    /// What could not be used.
    pub diagnostics: &'a [Diagnostic],
}

/// Writes the graph in the place of the one before.
pub(crate) async fn store_graph(
    writer: &Writer,
    graph: &Graph,
    vocabulary: &Vocabulary,
) -> Result<(), OperationsError> {
    let mut nodes = TableOutput::begin(writer, "ExposureGraphNodes", None)?;
    for (number, _) in (0..).zip(graph.nodes()) {
        nodes.push(graph_rows::node_cells(graph, vocabulary, number))?;
    }
    let mut edges = TableOutput::begin(writer, "ExposureGraphEdges", None)?;
    for (number, _) in (0..).zip(graph.edges()) {
        if !graph.is_gone(number) {
            edges.push(graph_rows::edge_cells(graph, vocabulary, number))?;
        }
    }
    let commits = [nodes.finish()?, edges.finish()?];
    let commits = commits.map(|rows| TableCommit::new(rows, CommitMode::ReplaceAll));
    writer.commit_all(commits.into()).await?;
    Ok(())
}

/// Writes what was found in it; `now` in microseconds.
pub(crate) async fn store(
    writer: &Writer,
    evaluated: &Evaluated<'_>,
    now: i64,
) -> Result<(), OperationsError> {
    let commits = vec![
        paths(writer, evaluated, now)?,
        changes(writer, evaluated, now)?,
        risks(writer, evaluated)?,
        evaluation(writer, evaluated, now)?,
    ];
    writer.commit_all(commits).await?;
    Ok(())
}

fn paths(
    writer: &Writer,
    evaluated: &Evaluated<'_>,
    now: i64,
) -> Result<TableCommit, OperationsError> {
    let mut output = TableOutput::begin(writer, PATHS, None)?;
    for path in evaluated.paths {
        output.push(path.cells(now)?)?;
    }
    Ok(TableCommit::new(output.finish()?, CommitMode::ReplaceAll))
}

fn changes(
    writer: &Writer,
    evaluated: &Evaluated<'_>,
    now: i64,
) -> Result<TableCommit, OperationsError> {
    let mut output = TableOutput::begin(writer, CHANGES, None)?;
    for change in evaluated.changes {
        output.push(change.cells(now))?;
    }
    Ok(TableCommit::new(output.finish()?, CommitMode::Append))
}

fn risks(writer: &Writer, evaluated: &Evaluated<'_>) -> Result<TableCommit, OperationsError> {
    let mut output = TableOutput::begin(writer, "ExposureFindingRisks", None)?;
    for (finding, risk, paths) in evaluated.risks {
        output.push([
            Cell::Text(finding),
            Cell::Text(risk.level.as_str()),
            Cell::OwnedJson(json!(risk.score)),
            Cell::OwnedJson(serde_json::to_value(&risk.shares)?),
            Cell::OwnedJson(json!(paths)),
        ])?;
    }
    Ok(TableCommit::new(output.finish()?, CommitMode::ReplaceAll))
}

fn evaluation(
    writer: &Writer,
    evaluated: &Evaluated<'_>,
    now: i64,
) -> Result<TableCommit, OperationsError> {
    let count = |number: usize| Cell::Long(i64::try_from(number).unwrap_or(i64::MAX));
    let told = evaluated.diagnostics.iter();
    let told: Vec<_> = told
        .map(|one| json!({"code": one.code, "file": one.file, "message": one.message}))
        .collect();
    let mut output = TableOutput::begin(writer, "ExposureEvaluations", None)?;
    output.push([
        Cell::DateTime(now),
        count(evaluated.graph.nodes().len()),
        count(evaluated.graph.edges().len()),
        count(evaluated.graph.left_out()),
        count(evaluated.rules),
        count(evaluated.paths.len()),
        Cell::OwnedJson(json!(evaluated.bounded)),
        Cell::OwnedJson(json!(told)),
    ])?;
    Ok(TableCommit::new(output.finish()?, CommitMode::Append))
}
