//! Tools of an agent, and what the steps of its topics call.

use serde_json::{Map, Value, json};

use crate::made::{items, object, text};

/// Steps of one topic that are kept.
const STEPS: usize = 200;

/// A tool: `kind: TaskDialog` with its action, or `kind: McpTool`.
pub(super) fn tool(content: &Map<String, Value>) -> Map<String, Value> {
    let empty = Map::new();
    let action = object(content, "action").unwrap_or(&empty);
    let mut made = called(action).unwrap_or_else(|| {
        let kind = text(action, "kind")
            .or_else(|| text(content, "kind"))
            .unwrap_or("unknown");
        let kind = if kind == "McpTool" { "mcp" } else { kind };
        Map::from_iter([("type".to_owned(), kind.into())])
    });
    for key in ["confirmation", "outputMode"] {
        if let Some(value) = content.get(key).or_else(|| action.get(key)) {
            made.insert(key.to_owned(), value.clone());
        }
    }
    made
}

/// What an action calls; `None` for actions that call nothing outside.
fn called(action: &Map<String, Value>) -> Option<Map<String, Value>> {
    let details = object(action, "operationDetails");
    let kind = match text(action, "kind")? {
        "InvokeConnectorTaskAction" | "InvokeConnectorAction" => "connector",
        "InvokeExternalAgentTaskAction" => {
            match details.and_then(|details| text(details, "kind")) {
                Some("ModelContextProtocolMetadata") | None => "mcp",
                Some(_) => "agent",
            }
        }
        "InvokeFlowTaskAction" | "InvokeFlowAction" => "flow",
        "InvokeAIBuilderModelTaskAction" | "InvokeAIBuilderModelAction" => "prompt",
        "InvokeConnectedAgentTaskAction" => "agent",
        "InvokeSkillAction" => "skill",
        "HttpRequestAction" => "http",
        _ => return None,
    };
    let mut made = Map::new();
    made.insert("type".to_owned(), kind.into());
    let mut keep = |key: &str, value: Option<&Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            made.insert(key.to_owned(), value.clone());
        }
    };
    let operation = action
        .get("operationId")
        .or_else(|| details?.get("operationId"));
    keep("operationId", operation);
    keep("connectionReference", action.get("connectionReference"));
    let mode = object(action, "connectionProperties").and_then(|properties| properties.get("mode"));
    keep("connectionMode", mode);
    keep("flowId", action.get("flowId"));
    keep(
        "modelId",
        action.get("aIModelId").or_else(|| action.get("modelId")),
    );
    keep(
        "agentSchemaName",
        action
            .get("botSchemaName")
            .or_else(|| action.get("agentSchemaName")),
    );
    keep("url", action.get("url"));
    keep("method", action.get("method"));
    if let Some(connector) = text(action, "connectionReference").and_then(connector_of) {
        made.insert("connector".to_owned(), json!(connector));
    }
    if kind == "mcp" {
        allowed_tools(details, &mut made);
    }
    Some(made)
}

/// Which tools of an MCP server the agent may call: `toolSelection` is `specific`, `all` or `unknown`.
fn allowed_tools(details: Option<&Map<String, Value>>, made: &mut Map<String, Value>) {
    let tools = details.and_then(|details| object(details, "tools"));
    let selection = match tools.and_then(|tools| text(tools, "kind")) {
        Some("UseSpecificTools") => "specific",
        Some("UseAllTools") => "all",
        _ => "unknown",
    };
    made.insert("toolSelection".to_owned(), selection.into());
    if let (Some(tools), "specific") = (tools, selection) {
        let names: Vec<&Value> = items(tools, "tools")
            .map(|tool| tool.get("name").unwrap_or(tool))
            .collect();
        made.insert("allowed_tools".to_owned(), json!(names));
    }
}

/// `schema.shared_office365.shared-office365-…` names its connector.
fn connector_of(reference: &str) -> Option<String> {
    let part = reference
        .split('.')
        .find(|part| part.starts_with("shared_"))?;
    Some(format!("/providers/Microsoft.PowerApps/apis/{part}"))
}

/// What the steps of a topic call (`tools`) and search (`knowledge`).
pub(super) fn within(content: &Map<String, Value>) -> Vec<(&'static str, Map<String, Value>)> {
    let mut found = Vec::new();
    let mut left: Vec<&Value> = content.values().rev().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::Array(items) => left.extend(items.iter().rev()),
            Value::Object(step) => {
                if found.len() >= STEPS {
                    break;
                }
                if let Some(call) = called(step) {
                    let list = if text(&call, "type") == Some("agent") {
                        "connectedAgents"
                    } else {
                        "tools"
                    };
                    found.push((list, call));
                }
                if text(step, "kind") == Some("SearchAndSummarizeContent") {
                    found.extend(searched(step).map(|entry| ("knowledge", entry)));
                }
                left.extend(step.values().rev());
            }
            _ => {}
        }
    }
    found
}

/// Sources that a generative-answers step names itself.
fn searched(step: &Map<String, Value>) -> impl Iterator<Item = Map<String, Value>> {
    const SOURCES: &[&str] = &[
        "publicDataSource",
        "sharePointSearchDataSource",
        "customDataSource",
        "azureOpenAIOnYourDataSource",
    ];
    SOURCES.iter().filter_map(|name| {
        let source = object(step, name)?;
        let mut made = Map::new();
        made.insert("type".to_owned(), (*name).into());
        made.extend(source.clone());
        Some(made)
    })
}
