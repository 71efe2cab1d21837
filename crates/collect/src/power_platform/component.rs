//! Components of an agent: topics, tools, knowledge, triggers, instructions, decoded from their definition.

use std::ops::ControlFlow;

use serde_json::{Map, Value, json};

use super::dataverse::agent_id;
use super::{environment, steps};
use crate::codes;
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::{Made, object, segment, text};
use crate::yaml;

/// The type of components.
pub(super) const TYPE: &str = "Microsoft.CopilotStudio/agents/components";
/// `componenttype` by number: the choice's label, and what the component is.
/// Source: the reference of Dataverse's table botcomponent.
const KINDS: &[(&str, &str)] = &[
    ("Topic", "topic"),
    ("Skill", "skill"),
    ("Bot variable", "variable"),
    ("Bot entity", "entity"),
    ("Dialog", "topic"),
    ("Trigger", "trigger"),
    ("Language understanding", "language"),
    ("Language generation", "language"),
    ("Dialog schema", "schema"),
    ("Topic (V2)", "topic"),
    ("Bot translations (V2)", "language"),
    ("Bot entity (V2)", "entity"),
    ("Bot variable (V2)", "variable"),
    ("Skill (V2)", "skill"),
    ("Bot File Attachment", "knowledge"),
    ("Custom GPT", "instructions"),
    ("Knowledge Source", "knowledge"),
    ("External Trigger", "trigger"),
    ("Copilot Settings", "settings"),
    ("Test Case", "test"),
];
const FILE_ATTACHMENT: u64 = 14;

/// Reads one row of `botcomponents`.
pub(super) fn read(
    context: &mut FileContext<'_>,
    mut found: Found<'_>,
    id: &str,
    environment: &str,
) -> ControlFlow<()> {
    let mut properties = std::mem::take(&mut found.body);
    let number = properties.get("componenttype").and_then(Value::as_u64);
    let known = number.and_then(|number| KINDS.get(number as usize));
    let (label, mut category) = known.copied().unwrap_or(("Unknown", "other"));
    properties.insert("componentTypeName".to_owned(), label.into());
    let content = definition(context, &mut properties, &found);
    let kind = content
        .as_ref()
        .and_then(|content| text(content, "kind"))
        .unwrap_or_default()
        .to_owned();
    category = by_kind(&kind).unwrap_or(category);
    properties.insert("category".to_owned(), category.into());
    if !kind.is_empty() {
        properties.insert("kind".to_owned(), kind.clone().into());
    }
    let agent = text(&properties, "_parentbotid_value")
        .and_then(segment)
        .map(|bot| agent_id(environment, &bot));
    let empty = Map::new();
    let entries = entries(
        category,
        content.as_ref().unwrap_or(&empty),
        &properties,
        number,
    );
    if let Some(parts) = agent
        .as_deref()
        .and_then(|agent| context.input.power_platform.parts_of(agent))
    {
        for (list, entry) in &entries.listed {
            parts.add(list, entry.clone());
        }
        for (key, value) in &entries.single {
            parts.set(key, value.clone());
        }
    }
    for (list, entry) in entries.listed {
        let entries = properties.entry(list).or_insert_with(|| json!([]));
        if let Value::Array(entries) = entries {
            entries.push(entry);
        }
    }
    if let Some(content) = content {
        properties.insert("content".to_owned(), Value::Object(content));
    }
    let parent = agent.unwrap_or_else(|| environment::id_of(environment));
    let below = if parent.contains("/agents/") {
        "components"
    } else {
        "providers/Microsoft.CopilotStudio/components"
    };
    let made = Made {
        id: format!("{parent}/{below}/{id}"),
        name: text(&properties, "name").unwrap_or(id).to_owned(),
        resource_type: TYPE,
        parent: Some(parent),
        properties,
        ..Made::default()
    };
    let resource = context.make(made, found.place);
    context.send_made(resource, found.tally)
}

/// The definition: YAML in `data`, JSON in `content` of older components.
fn definition(
    context: &mut FileContext<'_>,
    properties: &mut Map<String, Value>,
    found: &Found<'_>,
) -> Option<Map<String, Value>> {
    let mut unread = false;
    for member in ["data", "content"] {
        match properties.get(member) {
            Some(Value::Object(_)) => {
                let value = properties.shift_remove(member);
                return value.and_then(|value| match value {
                    Value::Object(content) => Some(content),
                    _ => None,
                });
            }
            Some(Value::String(text)) if !text.trim().is_empty() => match yaml::parse(text) {
                Some(Value::Object(content)) => {
                    properties.shift_remove(member);
                    return Some(content);
                }
                Some(_) => {}
                None => unread = true,
            },
            _ => {}
        }
    }
    if unread {
        let name = text(properties, "name").unwrap_or("?");
        let message = format!("the definition of the component `{name}` could not be read");
        context.report(codes::COMPONENT_UNREAD, found.place, &message);
        properties.insert("definitionUnread".to_owned(), true.into());
    }
    None
}

/// What a component is by the kind of its definition, which says more than its number.
fn by_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AdaptiveDialog" => "topic",
        "TaskDialog" | "McpTool" => "tool",
        "AgentDialog" => "agent",
        "InlineAgentSkill" | "SkillDefinition" => "skill",
        "KnowledgeSourceConfiguration" => "knowledge",
        "ExternalTriggerConfiguration" => "trigger",
        "GptComponentMetadata" => "instructions",
        _ => return None,
    })
}

/// What a component adds to its agent.
#[derive(Default)]
struct Entries {
    listed: Vec<(&'static str, Value)>,
    single: Vec<(&'static str, Value)>,
}

fn entries(
    category: &str,
    content: &Map<String, Value>,
    row: &Map<String, Value>,
    number: Option<u64>,
) -> Entries {
    let mut made = Entries::default();
    let named = |mut entry: Map<String, Value>| {
        let name = text(content, "modelDisplayName").or_else(|| text(row, "name"));
        let description = text(content, "modelDescription").or_else(|| text(row, "description"));
        for (key, value) in [
            ("name", name),
            ("description", description),
            ("schemaName", text(row, "schemaname")),
        ] {
            if let Some(value) = value {
                entry.entry(key).or_insert_with(|| value.into());
            }
        }
        if row.get("statecode").and_then(Value::as_u64) == Some(1) {
            entry.insert("isEnabled".to_owned(), false.into());
        }
        Value::Object(entry)
    };
    match category {
        "tool" => {
            let entry = steps::tool(content);
            let list = if text(&entry, "type") == Some("agent") {
                "connectedAgents"
            } else {
                "tools"
            };
            made.listed.push((list, named(entry)));
        }
        "topic" => {
            let mut topic = Map::new();
            let begin = object(content, "beginDialog");
            if let Some(trigger) = begin.and_then(|begin| begin.get("kind")) {
                topic.insert("trigger".to_owned(), trigger.clone());
            }
            made.listed.push(("topics", named(topic)));
            let source = text(row, "name").unwrap_or_default();
            for (list, mut entry) in steps::within(content) {
                entry.insert("topic".to_owned(), source.into());
                made.listed.push((list, Value::Object(entry)));
            }
        }
        "agent" => {
            let entry = json!({"type": "child"});
            if let Value::Object(entry) = entry {
                made.listed.push(("connectedAgents", named(entry)));
            }
        }
        "skill" => made.listed.push(("skills", named(Map::new()))),
        "knowledge" => made
            .listed
            .push(("knowledge", named(knowledge(content, row, number)))),
        "trigger" if !content.is_empty() => made.listed.push(("triggers", named(trigger(content)))),
        "instructions" => {
            for (member, known) in [
                ("instructions", "instructions"),
                ("gptCapabilities", "capabilities"),
            ] {
                if let Some(value) = content.get(member).filter(|value| !value.is_null()) {
                    made.single.push((known, value.clone()));
                }
            }
            let model = object(content, "aISettings")
                .and_then(|settings| settings.get("model"))
                .and_then(|model| model.get("modelNameHint").or_else(|| model.get("kind")));
            if let Some(model) = model {
                made.single.push(("model", model.clone()));
            }
        }
        _ => {}
    }
    made
}

fn knowledge(
    content: &Map<String, Value>,
    row: &Map<String, Value>,
    number: Option<u64>,
) -> Map<String, Value> {
    let mut made = Map::new();
    let empty = Map::new();
    let source = object(content, "source").unwrap_or(&empty);
    let file = number == Some(FILE_ATTACHMENT);
    let kind = if file {
        "file"
    } else {
        text(source, "kind").unwrap_or("unknown")
    };
    made.insert("type".to_owned(), kind.into());
    if let Some(name) = text(row, "filedata_name") {
        made.insert("fileName".to_owned(), name.into());
    }
    let site = ["site", "url", "siteUrl", "webUrl"]
        .into_iter()
        .find_map(|key| source.get(key));
    if let Some(site) = site {
        made.insert("site".to_owned(), site.clone());
    }
    for (key, value) in source {
        if !made.contains_key(key) && key != "kind" {
            made.insert(key.clone(), value.clone());
        }
    }
    if let Some(condition) = content.get("triggerCondition") {
        made.insert("triggerCondition".to_owned(), condition.clone());
    }
    made
}

fn trigger(content: &Map<String, Value>) -> Map<String, Value> {
    let mut made = Map::new();
    let empty = Map::new();
    let source = object(content, "externalTriggerSource").unwrap_or(&empty);
    made.insert(
        "type".to_owned(),
        text(source, "kind").unwrap_or("unknown").into(),
    );
    if let Some(flow) = source.get("flowId") {
        made.insert("flowId".to_owned(), flow.clone());
    }
    if let Some(connection) =
        object(content, "extensionData").and_then(|data| data.get("triggerConnectionType"))
    {
        made.insert("connectionType".to_owned(), connection.clone());
    }
    made
}
