//! Views that many rules read, run once: their rows stand in for their text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use stance_kql::{Catalog, Engine, EngineOptions, StoredFunction, TableSource};

use super::side_by_side;
use crate::OperationsError;
use crate::catalog;

/// Views of rules alone; one KQL query per file.
static VIEWS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/graph/views");

/// Views that are worth keeping. Those of one level read only earlier levels, so they run side by side.
const KEPT: [&[&str]; 5] = [
    &["AIEstate"],
    &[
        "AgentsInfoFoundry",
        "AgentsInfoCopilotStudio",
        "AgentsInfoAzureBot",
        "AgentsInfoBedrock",
        "AgentsInfoAgentCore",
        "AgentsInfoLex",
        "AgentsInfoQBusiness",
        "AgentsInfoVertex",
        "AgentsInfoDialogflow",
        "AgentsInfoDiscoveryEngine",
        "EstateHosts",
        "EstateSettings",
        "GuardrailEffects",
    ],
    &["AgentsInfo", "GuardrailUses"],
    &[
        "AIAgentTools",
        "AIAgentData",
        "AIAgentModels",
        "AIPrincipals",
        "AgentChannels",
    ],
    &["AgentToolEffects", "McpServersOfOthers"],
];

/// `AgentsInfo` and the views that make it, with the types without which each is empty.
const AGENTS: [(&str, &[&str]); 11] = [
    ("AgentsInfo", &[super::ANY_AGENT]),
    (
        "AgentsInfoFoundry",
        &[
            "microsoft.cognitiveservices/accounts/projects/agents",
            "microsoft.cognitiveservices/accounts/projects/assistants",
        ],
    ),
    (
        "AgentsInfoCopilotStudio",
        &["microsoft.copilotstudio/agents"],
    ),
    (
        "AgentsInfoAzureBot",
        &[
            "microsoft.botservice/botservices",
            "microsoft.healthbot/healthbots",
        ],
    ),
    ("AgentsInfoBedrock", &["aws::bedrock::agent"]),
    ("AgentsInfoAgentCore", &["aws::bedrockagentcore::runtime"]),
    ("AgentsInfoLex", &["aws::lex::bot"]),
    ("AgentsInfoQBusiness", &["aws::qbusiness::application"]),
    (
        "AgentsInfoVertex",
        &["aiplatform.googleapis.com/reasoningengine"],
    ),
    ("AgentsInfoDialogflow", &["dialogflow.googleapis.com/agent"]),
    (
        "AgentsInfoDiscoveryEngine",
        &["discoveryengine.googleapis.com/engine"],
    ),
];

/// Stands for a view of agents where there are none of its kind.
const EMPTY: &str = "AgentsInfoStored | take 0";

/// A catalog with rows in the place of views.
#[derive(Debug)]
pub(super) struct Held {
    under: Arc<dyn Catalog>,
    tables: BTreeMap<&'static str, TableSource>,
    views: BTreeMap<&'static str, &'static str>,
}

impl Held {
    fn views_without_rows(&self) -> impl Iterator<Item = &'static str> + '_ {
        let empty = self.views.iter().filter(|(_, body)| **body == EMPTY);
        empty.map(|(name, _)| *name)
    }
}

impl Catalog for Held {
    fn table(&self, name: &str) -> Option<TableSource> {
        let held = self.tables.get(name).cloned();
        held.or_else(|| self.under.table(name))
    }

    fn table_names(&self) -> Vec<String> {
        let held = self.tables.keys().map(ToString::to_string);
        self.under.table_names().into_iter().chain(held).collect()
    }

    fn function(&self, name: &str) -> Option<StoredFunction> {
        if self.tables.contains_key(name) {
            return None;
        }
        let Some(body) = self.views.get(name) else {
            return self.under.function(name);
        };
        Some(StoredFunction {
            name: name.to_owned(),
            parameters: "()".to_owned(),
            body: (*body).to_owned(),
        })
    }

    fn function_names(&self) -> Vec<String> {
        let own = self.views.keys().map(ToString::to_string);
        let names = self.under.function_names().into_iter().chain(own);
        names
            .filter(|name| !self.tables.contains_key(name.as_str()))
            .collect()
    }
}

/// `under` with the rows of every kept view that `queries` read, directly or through another view.
pub(super) async fn hold(
    under: Arc<dyn Catalog>,
    options: &EngineOptions,
    present: &BTreeSet<String>,
    queries: &[&str],
) -> Result<Arc<Held>, OperationsError> {
    let mut held = Held {
        under,
        tables: BTreeMap::new(),
        views: own_views().collect(),
    };
    for (view, types) in AGENTS {
        if !types.iter().any(|name| present.contains(*name)) {
            held.views.insert(view, EMPTY);
        }
    }
    let wanted = wanted(queries);
    let empty: Vec<&str> = held.views_without_rows().collect();
    let mut held = Arc::new(held);
    for level in KEPT {
        let names: Vec<&str> = level
            .iter()
            .copied()
            .filter(|name| wanted.contains(name) && !empty.contains(name))
            .collect();
        if names.is_empty() {
            continue;
        }
        let engine = Engine::new(Arc::clone(&held) as Arc<dyn Catalog>, options.clone())?;
        let queries = names.iter().map(ToString::to_string);
        let results = side_by_side::run(&engine, queries).await;
        let mut tables = held.tables.clone();
        for (name, result) in names.into_iter().zip(results) {
            tables.insert(name, TableSource::held(name, result?)?.exact_case());
        }
        held = Arc::new(Held {
            under: Arc::clone(&held.under),
            tables,
            views: held.views.clone(),
        });
    }
    Ok(held)
}

/// Whether one of these types makes an agent.
pub(super) fn some_agent(present: &BTreeSet<String>) -> bool {
    let mut types = AGENTS.iter().flat_map(|(_, types)| types.iter());
    types.any(|name| *name != super::ANY_AGENT && present.contains(*name))
}

fn own_views() -> impl Iterator<Item = (&'static str, &'static str)> {
    VIEWS
        .files()
        .filter_map(|file| Some((file.path().file_stem()?.to_str()?, file.contents_utf8()?)))
}

/// The names in the queries and in the views that these name, and so on.
fn wanted(queries: &[&str]) -> BTreeSet<&'static str> {
    let known: BTreeMap<&'static str, &'static str> = catalog::views().chain(own_views()).collect();
    let mut wanted = BTreeSet::new();
    let mut texts: Vec<&str> = queries.to_vec();
    while let Some(text) = texts.pop() {
        let words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
        for word in words {
            if let Some((name, body)) = known.get_key_value(word)
                && wanted.insert(*name)
            {
                texts.push(body);
            }
        }
    }
    wanted
}
