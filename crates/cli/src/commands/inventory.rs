//! `stance inventory`: AI workloads and agents.

use std::process::ExitCode;

use serde_json::{Map, Value};
use stance_operations::bom::{self, rows};
use stance_operations::catalog::CatalogOptions;
use stance_operations::inventory::{Item, Wanted, inventory};

use crate::arguments::bom::ListFormat;
use crate::arguments::inventory::{InventoryArguments, InventoryCommand, ShownArguments};
use crate::commands::bom::open;
use crate::commands::register;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Output;

/// Columns of agents that people see; programs get all.
const AGENT_COLUMNS: &[&str] = &[
    "Platform",
    "AgentName",
    "Model",
    "Instructions",
    "Tools",
    "McpServers",
    "DataSources",
    "Channels",
    "Guardrails",
    "Owners",
    "PublishedStatus",
];

/// Runs the command.
pub(crate) async fn run(arguments: &InventoryArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        Some(InventoryCommand::Agents(shown)) => agents(shown).await,
        None => workloads(arguments).await,
    }
}

async fn workloads(arguments: &InventoryArguments) -> Result<ExitCode, Failure> {
    let shown = &arguments.shown;
    if arguments.shadow && !register::is_there(shown.register.as_ref(), &shown.data)? {
        register::say_none();
    }
    let wanted = Wanted {
        cloud: arguments.cloud.clone(),
        category: arguments.category.clone(),
        resource_type: arguments.resource_type.clone(),
        only_shadow: arguments.shadow,
    };
    let engine = engine(shown).await?;
    let items = inventory(&engine, &wanted).await?;
    let listing = Listing {
        header: if arguments.shadow {
            &[
                "Cloud", "Kind", "Name", "Region", "Scope", "Origin", "Findings", "Why",
            ]
        } else {
            &[
                "Cloud", "Kind", "Name", "Region", "Scope", "Origin", "Findings",
            ]
        },
        rows: items
            .iter()
            .map(|item| row(item, arguments.shadow, shown.format))
            .collect(),
    };
    let bytes = listing.bytes(shown.format, "AI workload", &items)?;
    Output::open(shown.output.as_deref()).write(&bytes)?;
    Ok(ExitCode::SUCCESS)
}

async fn engine(shown: &ShownArguments) -> Result<stance_kql::Engine, Failure> {
    let (lake, clock) = open(&shown.data)?;
    let options = CatalogOptions {
        register: shown.register.clone(),
        ..CatalogOptions::default()
    };
    Ok(bom::engine(&lake, clock, &options).await?)
}

fn row(item: &Item, with_reasons: bool, format: ListFormat) -> Vec<String> {
    let findings = item.findings;
    let counts = [
        (findings.critical, "critical"),
        (findings.high, "high"),
        (findings.medium, "medium"),
        (findings.low, "low"),
    ];
    let told: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let mut cells = vec![
        item.cloud.clone(),
        item.kind.clone(),
        item.name.clone(),
        item.region.clone(),
        item.scope.clone(),
        item.origin.clone(),
        if format == ListFormat::Csv {
            findings.total().to_string()
        } else {
            told.join(", ")
        },
    ];
    if with_reasons {
        cells.push(item.shadow.join("; "));
    }
    cells
}

async fn agents(shown: &ShownArguments) -> Result<ExitCode, Failure> {
    let engine = engine(shown).await?;
    let query = "AgentsInfo | order by Platform asc, AgentName asc, AgentId asc";
    let found = rows(&engine, query).await?;
    let listing = Listing {
        header: AGENT_COLUMNS,
        rows: found.iter().map(agent).collect(),
    };
    let bytes = listing.bytes(shown.format, "agent", &found)?;
    Output::open(shown.output.as_deref()).write(&bytes)?;
    Ok(ExitCode::SUCCESS)
}

fn agent(row: &Map<String, Value>) -> Vec<String> {
    let text = |column: &str| {
        let value = row.get(column).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let names = |column: &str| match row.get(column) {
        Some(Value::Array(items)) => items.iter().map(name_of).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let instructions = match (text("Instructions").is_empty(), row.get("Platform")) {
        (false, _) => "yes",
        // These answer with an agent's instructions; the others keep them elsewhere, or in code.
        (true, Some(Value::String(platform)))
            if platform == "Amazon Bedrock" || platform.contains("Foundry") =>
        {
            "no"
        }
        _ => "not known",
    };
    vec![
        text("Platform"),
        text("AgentName"),
        text("Model"),
        instructions.to_owned(),
        names("DeclaredTools"),
        names("McpServers"),
        names("DeclaredDataSources"),
        names("Channels"),
        names("Guardrails"),
        names("Owners"),
        text("PublishedStatus"),
    ]
}

/// What people call an element of a list: its name, whatever the platform spells that.
fn name_of(value: &Value) -> String {
    const NAMES: [&str; 9] = [
        "name",
        "displayName",
        "server_label",
        "ActionGroupName",
        "KnowledgeBaseId",
        "GuardrailIdentifier",
        "DisplayName",
        "index_name",
        "type",
    ];
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let inner = value.get("function").or_else(|| value.get("openapi"));
    let named = [inner, Some(value)]
        .into_iter()
        .flatten()
        .find_map(|holder| {
            NAMES
                .iter()
                .find_map(|name| holder.get(*name).and_then(Value::as_str))
        });
    named.map_or_else(|| value.to_string(), str::to_owned)
}
