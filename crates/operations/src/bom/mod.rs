//! Bills of materials: read from the views `AIBom` and `AIBomDependencies`, compared with one another and with the register.

pub mod diff;
pub mod reconcile;

use std::sync::Arc;

use serde_json::{Map, Value};
use stance_base::Clock;
use stance_kql::{Engine, EngineOptions, output};
use stance_lake::Lake;
use stance_model::{Bom, BomComponent, BomDependency};

use crate::OperationsError;
use crate::catalog::{CatalogOptions, catalog_with};

/// Most rows that one of the views may give here.
const MOST_ROWS: usize = 2_000_000;

/// An engine over the tables and views of the data folder.
///
/// # Errors
/// Tables, files or a register that cannot be read.
pub async fn engine(
    lake: &Lake,
    clock: Arc<dyn Clock>,
    options: &CatalogOptions,
) -> Result<Engine, OperationsError> {
    let tables = catalog_with(lake, options).await?;
    let options = EngineOptions {
        row_limit: MOST_ROWS,
        clock,
        ..EngineOptions::default()
    };
    Ok(Engine::new(Arc::new(tables), options)?)
}

/// The bill of materials of the whole estate.
///
/// # Errors
/// A view that cannot run.
pub async fn read(engine: &Engine) -> Result<Bom, OperationsError> {
    // One query, so that what both views lean on is computed once.
    let query =
        "union (AIBom | extend Row = 'component'), (AIBomDependencies | extend Row = 'dependency')";
    let rows = rows(engine, query).await?;
    let (components, dependencies): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| text(row, "Row") == "component");
    Ok(Bom::new(
        components.iter().map(component).collect(),
        dependencies.iter().map(dependency).collect(),
    ))
}

/// The rows of a query as objects.
///
/// # Errors
/// A query that cannot run.
pub async fn rows(
    engine: &Engine,
    query: &str,
) -> Result<Vec<Map<String, Value>>, OperationsError> {
    let result = engine.query(query).await?;
    Ok(output::json_objects(&result)?)
}

/// A text of a row; empty where there is none.
pub(crate) fn text(row: &Map<String, Value>, column: &str) -> String {
    let value = row.get(column).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

fn component(row: &Map<String, Value>) -> BomComponent {
    let list = |column: &str| match row.get(column) {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    let properties = match row.get("Properties") {
        Some(Value::Object(members)) => members.clone(),
        _ => Map::new(),
    };
    BomComponent {
        bom_ref: text(row, "BomRef"),
        component_type: text(row, "ComponentType"),
        name: text(row, "Name"),
        version: text(row, "Version"),
        kind: text(row, "Kind"),
        supplier: text(row, "Supplier"),
        resource_id: text(row, "ResourceId"),
        parent_resource_id: text(row, "ParentResourceId"),
        cloud: text(row, "Cloud"),
        location: text(row, "Location"),
        subscription_id: text(row, "SubscriptionId"),
        resource_group: text(row, "ResourceGroup"),
        identity: list("Identity"),
        authority: list("Authority"),
        properties,
    }
}

fn dependency(row: &Map<String, Value>) -> BomDependency {
    BomDependency {
        from: text(row, "From"),
        to: text(row, "To"),
        kind: text(row, "Kind"),
    }
}
