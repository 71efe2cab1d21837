//! The result of a rule, row by row, into the draft of a graph.

use serde_json::{Map, Value};
use stance_exposure::{
    CapabilitySet, Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, NodeDraft, Vocabulary,
};
use stance_kql::{QueryResult, output};

/// Longest id, in bytes; a row with a longer one is left out.
const LONGEST_ID: usize = 4096;
/// Most characters of a name, label or text; longer ones are cut.
const LONGEST_TEXT: usize = 1000;
const EDGE: [&str; 3] = ["EdgeLabel", "SourceId", "TargetId"];
const INSIGHT: [&str; 2] = ["NodeId", "Insight"];

/// Adds the rows; the error says what the result lacks.
pub(super) fn add(
    rule: &str,
    result: &QueryResult,
    vocabulary: &Vocabulary,
    draft: &mut GraphDraft,
) -> Result<(), String> {
    let has = |names: &[&str]| {
        names
            .iter()
            .all(|name| result.columns.iter().any(|column| column.name == *name))
    };
    let gives_edges = has(&EDGE);
    if !gives_edges && !has(&INSIGHT) {
        return Err(
            "its result has neither the columns EdgeLabel, SourceId and TargetId nor NodeId and Insight"
                .to_owned(),
        );
    }
    let rows = output::json_objects(result).map_err(|error| error.to_string())?;
    for row in &rows {
        if gives_edges {
            add_edge(rule, row, vocabulary, draft)?;
        } else {
            add_insight(row, vocabulary, draft)?;
        }
    }
    Ok(())
}

fn add_edge(
    rule: &str,
    row: &Map<String, Value>,
    vocabulary: &Vocabulary,
    draft: &mut GraphDraft,
) -> Result<(), String> {
    let (Some(source), Some(target)) = (id(row, "SourceId"), id(row, "TargetId")) else {
        return Ok(());
    };
    let label = text(row, "EdgeLabel");
    if label.is_empty() {
        return Ok(());
    }
    add_node(row, &source, "SourceLabel", "SourceName", draft);
    add_node(row, &target, "TargetLabel", "TargetName", draft);
    add_insights(row, "SourceInsights", &source, vocabulary, draft)?;
    add_insights(row, "TargetInsights", &target, vocabulary, draft)?;
    draft.edge(EdgeDraft {
        label,
        source,
        target,
        maker: rule.to_owned(),
        evidence: evidence(row),
        confidence: confidence(row)?,
        capabilities: capabilities(row, vocabulary)?,
        properties: match row.get("Properties") {
            Some(Value::Object(members)) => members.clone(),
            _ => Map::new(),
        },
    });
    Ok(())
}

/// A node is added where the row gives it a label and there is none.
fn add_node(row: &Map<String, Value>, id: &str, label: &str, name: &str, draft: &mut GraphDraft) {
    let label = text(row, label).to_lowercase();
    if label.is_empty() || draft.knows(id) {
        return;
    }
    let name = text(row, name);
    draft.node(NodeDraft {
        id: id.to_owned(),
        label,
        name: if name.is_empty() { cut(id) } else { name },
        ..NodeDraft::default()
    });
}

fn add_insight(
    row: &Map<String, Value>,
    vocabulary: &Vocabulary,
    draft: &mut GraphDraft,
) -> Result<(), String> {
    let Some(node) = id(row, "NodeId") else {
        return Ok(());
    };
    let value = row.get("Value").filter(|value| !value.is_null());
    let insight = InsightDraft {
        name: text(row, "Insight"),
        value: value.cloned().unwrap_or(Value::Bool(true)),
        confidence: confidence(row)?,
        evidence: evidence(row),
    };
    add_known_insight(node, insight, vocabulary, draft)
}

/// Insights that an edge gives one of its ends, with the same evidence.
fn add_insights(
    row: &Map<String, Value>,
    column: &str,
    node: &str,
    vocabulary: &Vocabulary,
    draft: &mut GraphDraft,
) -> Result<(), String> {
    let Some(Value::Array(names)) = row.get(column) else {
        return Ok(());
    };
    for name in names.iter().filter_map(Value::as_str) {
        let insight = InsightDraft {
            name: name.to_owned(),
            value: Value::Bool(true),
            confidence: confidence(row)?,
            evidence: evidence(row),
        };
        add_known_insight(node.to_owned(), insight, vocabulary, draft)?;
    }
    Ok(())
}

fn add_known_insight(
    node: String,
    insight: InsightDraft,
    vocabulary: &Vocabulary,
    draft: &mut GraphDraft,
) -> Result<(), String> {
    if vocabulary.insight(&insight.name).is_none() {
        return Err(format!("there is no insight `{}`", insight.name));
    }
    draft.insight(node, insight);
    Ok(())
}

fn capabilities(
    row: &Map<String, Value>,
    vocabulary: &Vocabulary,
) -> Result<CapabilitySet, String> {
    let Some(Value::Array(names)) = row.get("Capabilities") else {
        return Ok(CapabilitySet::EMPTY);
    };
    let mut set = CapabilitySet::EMPTY;
    for name in names.iter().filter_map(Value::as_str) {
        let known = vocabulary.capability(name);
        set = set.or(known.ok_or_else(|| format!("there is no capability `{name}`"))?);
    }
    Ok(set)
}

fn confidence(row: &Map<String, Value>) -> Result<Confidence, String> {
    let told = text(row, "Confidence");
    if told.is_empty() {
        return Ok(Confidence::High);
    }
    Confidence::parse(&told)
        .ok_or_else(|| format!("`{told}` is no confidence; say low, medium or high"))
}

fn evidence(row: &Map<String, Value>) -> Evidence {
    Evidence {
        object: text(row, "EvidenceObject"),
        field: text(row, "EvidenceField"),
        text: text(row, "EvidenceText"),
    }
}

fn id(row: &Map<String, Value>, column: &str) -> Option<String> {
    let told = row.get(column).and_then(Value::as_str)?.trim();
    (!told.is_empty() && told.len() <= LONGEST_ID).then(|| told.to_lowercase())
}

fn text(row: &Map<String, Value>, column: &str) -> String {
    cut(row.get(column).and_then(Value::as_str).unwrap_or_default())
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}
