//! `stance explore`: KQL over the exposure graph.

use std::collections::{BTreeSet, HashMap};
use std::process::ExitCode;

use serde_json::{Map, Value};
use stance_base::ErrorCode;
use stance_kql::{QueryResult, output};
use stance_operations::bom::rows;
use stance_operations::exposure::PathNode;
use stance_report::paths::picture::{Arrow, PictureNode};
use stance_report::paths::{Confidence, Picture, dot, mermaid, svg};

use super::paths::{engine, view};
use crate::arguments::paths::{ExploreArguments, ExploreFormat};
use crate::commands::query;
use crate::failure::Failure;
use crate::output::Output;

/// What stands before a text that begins with a graph operator.
const WHOLE_GRAPH: &str = "ExposureGraphEdges | make-graph SourceNodeId --> TargetNodeId with ExposureGraphNodes on NodeId | ";
/// Most nodes of a picture.
const MOST_NODES: usize = 200;

/// Runs the command.
pub(crate) async fn run(arguments: &ExploreArguments) -> Result<ExitCode, Failure> {
    let engine = engine(&arguments.data).await?;
    let text = query_text(arguments);
    let result = engine.query(&text).await?;
    let place = Output::open(arguments.output.as_deref());
    let picture = match arguments.format {
        ExploreFormat::Table => return done(place.write(query::tables_text(&result)?.as_bytes())),
        ExploreFormat::Json => return done(place.fill(|out| query::write_json(out, &result))),
        ExploreFormat::Csv => return done(place.write(&query::csv_bytes(&result)?)),
        _ => picture(&engine, &result).await?,
    };
    let text = match arguments.format {
        ExploreFormat::Svg => svg::render(&picture).svg,
        ExploreFormat::Dot => dot::render(&picture),
        _ => mermaid::render(&picture),
    };
    done(place.write(text.as_bytes()))
}

fn done(written: Result<(), Failure>) -> Result<ExitCode, Failure> {
    written.map(|()| ExitCode::SUCCESS)
}

fn query_text(arguments: &ExploreArguments) -> String {
    let Some(around) = &arguments.around else {
        let text = arguments.text.as_deref().unwrap_or_default().trim();
        return if text.starts_with("graph-") {
            format!("{WHOLE_GRAPH}{text}")
        } else {
            text.to_owned()
        };
    };
    let quoted = Value::from(around.as_str()).to_string();
    format!(
        "{WHOLE_GRAPH}graph-match (middle)-[way*1..{}]-(other) \
         where middle.NodeId contains {quoted} or middle.NodeName contains {quoted} \
         project Middle = middle.NodeName, Other = other.NodeName, Label = other.NodeLabel, Way = map(way, EdgeLabel), \
         MiddleId = middle.NodeId, OtherId = other.NodeId, Between = map(inner_nodes(way), NodeId) | take 2000",
        arguments.hops
    )
}

/// The nodes that an answer names by their ids, and the edges between them.
async fn picture(engine: &stance_kql::Engine, result: &QueryResult) -> Result<Picture, Failure> {
    let mut named = BTreeSet::new();
    for row in output::json_objects(result)? {
        row.values().for_each(|value| collect(value, &mut named));
    }
    let ids: Value = named.iter().map(String::as_str).collect();
    let ids = ids.to_string();
    let ids = format!("dynamic({ids})");
    let nodes = rows(
        engine,
        &format!("ExposureGraphNodes | where NodeId in ({ids}) | order by NodeId asc"),
    )
    .await?;
    if nodes.is_empty() {
        return Err(Failure::new(
            ErrorCode::InvalidInput,
            "the answer names no node of the graph; project NodeId of the nodes that are to be drawn",
        ));
    }
    let edges = rows(
        engine,
        &format!(
            "ExposureGraphEdges | where SourceNodeId in ({ids}) and TargetNodeId in ({ids}) \
             | order by SourceNodeId asc, TargetNodeId asc, EdgeLabel asc"
        ),
    )
    .await?;
    Ok(draw(&nodes, &edges))
}

/// Every text in a value, in lower case as ids are.
fn collect(value: &Value, named: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            // A list may arrive as JSON text.
            match serde_json::from_str::<Value>(text) {
                Ok(list @ Value::Array(_)) => collect(&list, named),
                _ => {
                    named.insert(text.to_lowercase());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, named)),
        _ => {}
    }
}

fn draw(nodes: &[Map<String, Value>], edges: &[Map<String, Value>]) -> Picture {
    let mut picture = Picture {
        title: "Part of the exposure graph".to_owned(),
        ..Picture::default()
    };
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for row in nodes.iter().take(MOST_NODES) {
        numbers.insert(text(row, "NodeId"), picture.nodes.len());
        picture.nodes.push(PictureNode {
            view: view::node(&path_node(row)),
            entry: false,
            target: false,
        });
    }
    if nodes.len() > MOST_NODES {
        let more = nodes.len() - MOST_NODES;
        picture
            .notes
            .push(format!("{more} more nodes are left out of this picture."));
    }
    for row in edges {
        let ends = (
            numbers.get(text(row, "SourceNodeId")),
            numbers.get(text(row, "TargetNodeId")),
        );
        if let (Some(from), Some(to)) = ends {
            picture.arrows.push(arrow(row, *from, *to));
        }
    }
    picture
}

fn arrow(row: &Map<String, Value>, from: usize, to: usize) -> Arrow {
    let properties = row.get("EdgeProperties").cloned().unwrap_or_default();
    let evidence = &properties["evidence"];
    let said = |key: &str| evidence[key].as_str().unwrap_or_default().to_owned();
    Arrow {
        from,
        to,
        label: text(row, "EdgeLabel").to_owned(),
        confidence: match properties["confidence"].as_str() {
            Some("low") => Confidence::Low,
            Some("medium") => Confidence::Medium,
            _ => Confidence::High,
        },
        evidence: vec![(
            said("text"),
            format!("{}#{}", said("object"), said("field")),
        )],
        remediations: Vec::new(),
    }
}

fn path_node(row: &Map<String, Value>) -> PathNode {
    let list = row.get("Categories").and_then(Value::as_array);
    let insights = row
        .get("NodeProperties")
        .map(|properties| &properties["insights"]);
    PathNode {
        id: text(row, "NodeId").to_owned(),
        name: text(row, "NodeName").to_owned(),
        label: text(row, "NodeLabel").to_owned(),
        categories: list
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        insights: insights
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect(),
    }
}

fn text<'a>(row: &'a Map<String, Value>, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}
