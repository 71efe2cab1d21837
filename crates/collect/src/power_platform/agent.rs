//! Agents put together from the inventory, from Dataverse, and from what their components say.

use std::collections::HashMap;
use std::ops::ControlFlow;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use stance_model::Resource;

use crate::codes;
use crate::context::FileContext;
use crate::ledger::Tally;
use crate::made::text;
use crate::stream::Place;

/// Agents that wait for their other answers.
const AGENTS_HELD: usize = 20_000;
/// Hosts, and connection references, that are remembered.
const NAMES: usize = 200_000;
/// Entries of one list of one agent.
const ENTRIES: usize = 500;
/// Lists of an agent that its components fill.
const LISTS: &[&str] = &[
    "tools",
    "knowledge",
    "triggers",
    "connectedAgents",
    "skills",
    "topics",
];

/// What one input tells of Power Platform.
#[derive(Debug, Default)]
pub(crate) struct PowerPlatform {
    /// Host of Dataverse -> environment.
    pub(super) environments: HashMap<String, String>,
    /// Id of the agent in lower case -> the agent so far.
    agents: IndexMap<String, Resource>,
    /// Id of the agent in lower case -> what its components say.
    parts: HashMap<String, Parts>,
    /// Environment and logical name of a connection reference, in lower case -> connector.
    connectors: HashMap<(String, String), String>,
}

/// What the components of one agent say.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// `tools`, `knowledge`, … with their entries.
    lists: HashMap<&'static str, Vec<Value>>,
    /// Members that are told once: `instructions`, `model`, `capabilities`.
    single: Map<String, Value>,
}

impl Parts {
    /// Adds an entry to one of [`LISTS`].
    pub(super) fn add(&mut self, list: &'static str, entry: Value) {
        let entries = self.lists.entry(list).or_default();
        if entries.len() < ENTRIES {
            entries.push(entry);
        }
    }

    pub(super) fn set(&mut self, key: &str, value: Value) {
        self.single.insert(key.to_owned(), value);
    }
}

impl PowerPlatform {
    /// Remembers which environment answers from a host.
    pub(super) fn learn_host(&mut self, host: String, environment: &str) {
        if self.environments.len() < NAMES {
            self.environments.insert(host, environment.to_owned());
        }
    }

    /// Remembers which connector a connection reference stands for.
    pub(super) fn learn_connector(
        &mut self,
        environment: &str,
        logical_name: &str,
        connector: &str,
    ) {
        if self.connectors.len() < NAMES {
            let key = (environment.to_lowercase(), logical_name.to_lowercase());
            self.connectors.insert(key, connector.to_owned());
        }
    }

    /// What the components of an agent say so far; `None` beyond the limit.
    pub(super) fn parts_of(&mut self, agent: &str) -> Option<&mut Parts> {
        let key = agent.to_lowercase();
        if self.parts.len() >= AGENTS_HELD && !self.parts.contains_key(&key) {
            return None;
        }
        Some(self.parts.entry(key).or_default())
    }
}

impl FileContext<'_> {
    /// Counts an agent and keeps it until the input is read.
    pub(super) fn hold_agent(&mut self, resource: Resource, tally: &mut Tally) -> ControlFlow<()> {
        tally.see(&resource);
        let key = resource.id.key();
        let held = &mut self.input.power_platform.agents;
        if let Some(earlier) = held.get_mut(&key) {
            merge(earlier, resource);
            return ControlFlow::Continue(());
        }
        if held.len() < AGENTS_HELD {
            held.insert(key, resource);
            return ControlFlow::Continue(());
        }
        let message = format!("more than {AGENTS_HELD} agents of Copilot Studio");
        self.report_once(codes::TOO_MANY_AGENTS, Place::NONE, &message);
        // Counted above.
        let mut uncounted = Tally::new(tally.asked());
        self.send_made(resource, &mut uncounted)
    }

    /// The input is read: agents are sent with what their components say.
    pub(crate) fn settle_agents(&mut self) -> ControlFlow<()> {
        let mut state = std::mem::take(&mut self.input.power_platform);
        for (key, mut agent) in std::mem::take(&mut state.agents) {
            if let Some(parts) = state.parts.remove(&key) {
                complete(&mut agent, parts, &state.connectors);
            }
            let mut uncounted = Tally::new(crate::ledger::Asked::Unknown);
            self.send_made(agent, &mut uncounted)?;
        }
        ControlFlow::Continue(())
    }
}

/// The second reading of an agent. What Dataverse says is the newer word where both tell the same.
fn merge(earlier: &mut Resource, later: Resource) {
    let from_dataverse = text_of(&later, "botid").is_some();
    if !later.unknowns.is_empty() {
        return;
    }
    earlier.unknowns.clear();
    let Value::Object(more) = later.body else {
        return;
    };
    let Value::Object(known) = &mut earlier.body else {
        return;
    };
    for (key, value) in more {
        match (key.as_str(), known.get_mut(&key), value) {
            ("properties", Some(Value::Object(known)), Value::Object(more)) => {
                for (key, value) in more {
                    if from_dataverse || !known.contains_key(&key) {
                        known.insert(key, value);
                    }
                }
            }
            (_, None, value) => {
                known.insert(key, value);
            }
            _ => {}
        }
    }
}

fn text_of<'a>(resource: &'a Resource, key: &str) -> Option<&'a str> {
    text(resource.properties().as_object()?, key)
}

/// Puts what the components say into the agent. A list is there only where components were read.
fn complete(agent: &mut Resource, parts: Parts, connectors: &HashMap<(String, String), String>) {
    let environment = text_of(agent, "environmentId")
        .unwrap_or_default()
        .to_lowercase();
    let Some(Value::Object(properties)) = agent.body.get_mut("properties") else {
        return;
    };
    let mut lists = parts.lists;
    for list in LISTS {
        let mut entries = lists.remove(list).unwrap_or_default();
        for entry in entries.iter_mut().filter_map(Value::as_object_mut) {
            let reference = text(entry, "connectionReference").map(str::to_lowercase);
            let known = reference.and_then(|name| connectors.get(&(environment.clone(), name)));
            if let Some(connector) = known {
                entry.insert("connector".to_owned(), json!(connector));
            }
        }
        properties.insert((*list).to_owned(), Value::Array(entries));
    }
    for (key, value) in parts.single {
        if key != "model" || !properties.contains_key("model") {
            properties.insert(key, value);
        }
    }
}
