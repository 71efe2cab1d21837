//! Tools of agents: what they may call, what they read, and whom they hand over to.

use serde_json::{Map, Value, json};

use crate::made::{items, object, text};

/// Tools of one agent that are kept.
const TOOLS: usize = 1000;
/// Operations of one `OpenAPI` tool that are kept.
const OPENAPI_OPERATIONS: usize = 200;
/// Members of a path that are operations.
const METHODS: &[&str] = &["get", "put", "post", "delete", "patch", "options", "head"];

/// Writes `tools`, `knowledge` and `connectedAgents`. Classic agents keep part of it in `tool_resources`.
pub(super) fn describe<'a>(
    tools: impl Iterator<Item = &'a Value>,
    resources: &Map<String, Value>,
    properties: &mut Map<String, Value>,
) {
    let mut listed = Vec::new();
    let mut knowledge = Vec::new();
    let mut connected = Vec::new();
    for tool in tools.filter_map(Value::as_object).take(TOOLS) {
        let kind = plain_kind(text(tool, "type").unwrap_or_default());
        let own = settings(tool, kind);
        knowledge.extend(knowledge_of(kind, tool, own));
        if let Some(agent) = connected_agent(kind, tool, own) {
            connected.push(agent);
        }
        listed.push(Value::Object(normalised(kind, tool, own, resources)));
    }
    for (kind, settings) in resources {
        if let Some(settings) = settings.as_object() {
            knowledge.extend(knowledge_of(kind, settings, Some(settings)));
        }
    }
    knowledge.dedup();
    properties.insert("tools".to_owned(), Value::Array(listed));
    append(properties, "knowledge", knowledge);
    append(properties, "connectedAgents", connected);
}

/// Adds to the list at `key`, which is there afterwards.
pub(super) fn append(properties: &mut Map<String, Value>, key: &str, more: Vec<Value>) {
    match properties.get_mut(key) {
        Some(Value::Array(items)) => items.extend(more),
        _ => {
            properties.insert(key.to_owned(), Value::Array(more));
        }
    }
}

/// Kinds lose the mark of previews: `a2a_preview` is `a2a`.
fn plain_kind(kind: &str) -> &str {
    kind.strip_suffix("_preview").unwrap_or(kind)
}

/// The member that is named like the tool and holds its settings.
fn settings<'a>(tool: &'a Map<String, Value>, kind: &str) -> Option<&'a Map<String, Value>> {
    object(tool, text(tool, "type").unwrap_or(kind)).or_else(|| object(tool, kind))
}

/// The connection that a tool or a part of it names.
fn connection(part: &Map<String, Value>) -> Option<Value> {
    [
        "project_connection_id",
        "connection_id",
        "index_connection_id",
        "connectionId",
    ]
    .into_iter()
    .find_map(|key| part.get(key))
    .filter(|value| value.is_string())
    .cloned()
}

/// The name of a connection: the last segment of its id.
fn connection_name(id: &Value) -> Value {
    let id = id.as_str().unwrap_or_default();
    id.rsplit('/').next().unwrap_or(id).into()
}

/// One tool as the API spells it, with `type`, `allowed_tools` and `connectionId` in one form.
fn normalised(
    kind: &str,
    tool: &Map<String, Value>,
    own: Option<&Map<String, Value>>,
    resources: &Map<String, Value>,
) -> Map<String, Value> {
    let mut made = Map::new();
    made.insert("type".to_owned(), kind.into());
    let name = text(tool, "name").or_else(|| own.and_then(|own| text(own, "name")));
    if let Some(name) = name {
        made.insert("name".to_owned(), name.into());
    }
    let connected = connection(tool)
        .or_else(|| own.and_then(connection))
        .or_else(|| {
            let authenticated = own
                .and_then(|own| object(own, "auth"))
                .or_else(|| object(tool, "auth"))?;
            connection(object(authenticated, "security_scheme")?)
        });
    if let Some(id) = connected {
        made.insert("connectionName".to_owned(), connection_name(&id));
        made.insert("connectionId".to_owned(), id);
    }
    if kind == "openapi" {
        openapi(own.unwrap_or(tool), &mut made);
        return made;
    }
    for (key, value) in tool {
        let known = matches!(
            key.as_str(),
            "type" | "name" | "project_connection_id" | "connection_id"
        );
        if !known && !value.is_null() {
            made.insert(key.clone(), value.clone());
        }
    }
    if let Some(allowed) = tool.get("allowed_tools") {
        match allowed {
            Value::Object(filter) => {
                let names = filter
                    .get("tool_names")
                    .cloned()
                    .unwrap_or_else(|| json!([]));
                made.insert("allowed_tools".to_owned(), names);
                made.insert("allowed_tools_filter".to_owned(), allowed.clone());
            }
            Value::Null => {
                made.shift_remove("allowed_tools");
            }
            _ => {}
        }
    }
    if kind == "mcp" && !made.contains_key("require_approval") {
        let label = tool.get("server_label");
        let at_run = items(resources, "mcp").find(|entry| entry.get("server_label") == label);
        if let Some(approval) = at_run.and_then(|entry| entry.get("require_approval")) {
            made.insert("require_approval".to_owned(), approval.clone());
        }
    }
    made
}

/// Servers, authentication and operations of an `OpenAPI` tool; the rest of its specification is left out.
fn openapi(own: &Map<String, Value>, made: &mut Map<String, Value>) {
    for key in ["description", "auth"] {
        if let Some(value) = own.get(key) {
            made.insert(key.to_owned(), value.clone());
        }
    }
    let Some(spec) = object(own, "spec") else {
        return;
    };
    let servers: Vec<&Value> = items(spec, "servers")
        .filter_map(|server| server.get("url"))
        .collect();
    made.insert("servers".to_owned(), json!(servers));
    let mut operations = Vec::new();
    for (path, methods) in object(spec, "paths").into_iter().flatten() {
        let named = methods.as_object().into_iter().flatten();
        for (method, _) in named.filter(|(method, _)| METHODS.contains(&method.as_str())) {
            operations.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    operations.truncate(OPENAPI_OPERATIONS);
    made.insert("operations".to_owned(), json!(operations));
}

/// What a tool reads from.
fn knowledge_of(
    kind: &str,
    tool: &Map<String, Value>,
    own: Option<&Map<String, Value>>,
) -> Vec<Value> {
    let part = own.unwrap_or(tool);
    let entry = |more: Value| {
        let mut made = json!({"type": kind});
        if let (Value::Object(made), Value::Object(more)) = (&mut made, more) {
            made.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
            if let Some(name) = made.get("connectionId").map(connection_name) {
                made.insert("connectionName".to_owned(), name);
            }
        }
        made
    };
    let each = |key: &str, make: &dyn Fn(&Map<String, Value>) -> Value| -> Vec<Value> {
        items(part, key)
            .filter_map(Value::as_object)
            .map(|item| entry(make(item)))
            .collect()
    };
    let connected = |item: &Map<String, Value>| json!({"connectionId": connection(item)});
    match kind {
        "file_search" => {
            let ids = items(part, "vector_store_ids").map(|id| entry(json!({"vectorStoreId": id})));
            ids.collect()
        }
        "azure_ai_search" => each("indexes", &|item| {
            json!({
                "connectionId": connection(item),
                "indexName": item.get("index_name"),
                "indexAssetId": item.get("index_asset_id"),
                "queryType": item.get("query_type"),
            })
        }),
        "bing_grounding" | "bing_custom_search" => each(
            "search_configurations",
            &|item| json!({"connectionId": connection(item), "instanceName": item.get("instance_name")}),
        ),
        "sharepoint_grounding" | "fabric_dataagent" => {
            let mut found = each("connections", &connected);
            found.extend(each("project_connections", &connected));
            found
        }
        "memory_search" => vec![entry(json!({
            "memoryStoreName": part.get("memory_store_name"),
            "scope": part.get("scope"),
        }))],
        "web_search" => vec![entry(json!({}))],
        "code_interpreter" => {
            let container = object(part, "container").unwrap_or(part);
            let ids = items(container, "file_ids").map(|id| entry(json!({"fileId": id})));
            ids.collect()
        }
        _ => Vec::new(),
    }
}

/// Another agent that this one hands over to.
fn connected_agent(
    kind: &str,
    tool: &Map<String, Value>,
    own: Option<&Map<String, Value>>,
) -> Option<Value> {
    let part = own.unwrap_or(tool);
    match kind {
        "connected_agent" => Some(json!({
            "type": kind,
            "id": part.get("id"),
            "name": part.get("name"),
            "description": part.get("description"),
        })),
        "a2a" => Some(json!({
            "type": kind,
            "name": tool.get("name"),
            "url": tool.get("base_url"),
            "connectionId": connection(tool),
        })),
        _ => None,
    }
}
