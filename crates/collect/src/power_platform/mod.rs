//! Copilot Studio and Power Platform: the inventory, Dataverse's tables of agents, environments.
//!
//! Sources: learn.microsoft.com/power-platform/admin/inventory-schema and inventory-api;
//! learn.microsoft.com/power-apps/developer/data-platform/reference/entities (bot, botcomponent, role, systemuser,
//! team, connectionreference). What stands in `data` of a component is described at
//! github.com/microsoft/skills-for-copilot-studio.
//!
//! One agent is told by several answers. It is put together when the input is read: the inventory row, the `bots` row,
//! and what its components say.

mod agent;
mod component;
mod dataverse;
mod environment;
mod inventory;
mod steps;

use std::ops::ControlFlow;

use serde_json::{Map, Value};

use crate::answer::{CONTEXT, first};
use crate::context::FileContext;
use crate::formats::Found;
use crate::made::text;

pub(crate) use agent::PowerPlatform;

/// The type of agents.
const AGENTS: &str = "Microsoft.CopilotStudio/agents";

/// What a row is.
enum Row {
    Inventory,
    Environment,
    Dataverse(dataverse::Table),
}

/// Whether an object is a row of Power Platform.
pub(crate) fn recognises(body: &Map<String, Value>) -> bool {
    row_of(body).is_some()
}

fn row_of(body: &Map<String, Value>) -> Option<Row> {
    if environment::recognises(body) {
        return Some(Row::Environment);
    }
    if let Some(kind) = text(body, "type") {
        return inventory::recognises(kind, body).then_some(Row::Inventory);
    }
    dataverse::table_of(body).map(Row::Dataverse)
}

/// The environment and type that a list of Dataverse is of.
pub(crate) fn list_of(origins: &[String], context: &FileContext<'_>) -> Option<(String, String)> {
    let what = first(origins, dataverse::listed)?;
    let environment = environment::named(origins, &context.input.power_platform)?;
    Some((environment::id_of(&environment), what.to_owned()))
}

/// Reads one row.
pub(crate) fn read(context: &mut FileContext<'_>, mut found: Found<'_>) -> ControlFlow<()> {
    let row = row_of(&found.body);
    let own = text(&found.body, CONTEXT).map(str::to_owned);
    found.body.shift_remove(CONTEXT);
    match row {
        Some(Row::Inventory) => inventory::read(context, found),
        Some(Row::Environment) => environment::read(context, found, own.as_deref()),
        Some(Row::Dataverse(table)) => dataverse::read(context, found, table, own),
        None => ControlFlow::Continue(()),
    }
}
