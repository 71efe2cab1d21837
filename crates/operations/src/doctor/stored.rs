//! What the data folder says.

use serde_json::{Map, Value};
use stance_kql::Engine;

use super::{Explanation, Weight, rows, what_is};
use crate::OperationsError;
use crate::register::text_literal;

/// Resources shown where many match.
const SHOWN: usize = 10;
/// An export older than this is told, in days.
const STALE_DAYS: i64 = 7;

fn text<'a>(row: &'a Map<String, Value>, column: &str) -> &'a str {
    row.get(column).and_then(Value::as_str).unwrap_or_default()
}

/// Everything that is stored about one workload.
pub(super) async fn one(
    engine: &Engine,
    wanted: &str,
) -> Result<Vec<Explanation>, OperationsError> {
    let mut found = Vec::new();
    let term = text_literal(wanted.trim());
    let query = format!(
        "union withsource=table Resources, ResourceContainers, AuthorizationResources, PolicyResources, SecurityResources
         | where type != 'microsoft.policyinsights/policystates'
         | where id =~ {term} or name =~ {term} or id contains {term}
         | extend exact = id =~ {term} or name =~ {term}
         | order by exact desc, id asc | take {} | project table, id, name, type, kind, origin, source, observed_at, scope",
        SHOWN + 1
    );
    let resources = rows(engine, &query).await?;
    for row in resources.iter().take(SHOWN) {
        found.push(in_inventory(row));
    }
    if resources.len() > SHOWN {
        let message = format!("more than {SHOWN} resources match; give the whole id to see one");
        found.push(Explanation::new(Weight::Hint, "inventory", message, ""));
    }
    if resources.is_empty() {
        let message = format!("no stored resource has `{wanted}` in its id or name");
        found.push(Explanation::new(Weight::Hint, "inventory", message, ""));
        found.extend(history(engine, &term).await?);
    }
    found.extend(coverage(engine, wanted).await?);
    found.extend(told(engine, Some(&term)).await?);
    Ok(found)
}

fn in_inventory(row: &Map<String, Value>) -> Explanation {
    let (label, is_ai) = what_is(text(row, "type"), text(row, "kind"));
    let message = format!(
        "`{}` is stored in {} as {} ({}, {}), read from {} at {}",
        text(row, "id"),
        text(row, "table"),
        text(row, "type"),
        label,
        text(row, "origin"),
        text(row, "source"),
        text(row, "observed_at"),
    );
    if is_ai {
        return Explanation::new(Weight::Good, "inventory", message, "");
    }
    let help = if text(row, "table") == "Resources" {
        "the inventory lists AI workloads; ask `Resources` for all types. If this is AI, its type is missing from the \
         table of types (docs/coverage.md): please report it"
    } else {
        "the inventory lists `Resources`; this kind of resource lives in a table of its own"
    };
    Explanation::new(Weight::Cause, "type", message, help)
}

/// A resource that was there and is gone.
async fn history(engine: &Engine, term: &str) -> Result<Vec<Explanation>, OperationsError> {
    let query = format!(
        "ResourceChanges | where tombstone and (targetResourceId =~ {term} or targetResourceId contains {term})
         | summarize arg_max(observed_at, input) by targetResourceId | take {SHOWN}"
    );
    let gone = rows(engine, &query).await?;
    Ok(gone
        .iter()
        .map(|row| {
            let message = format!(
                "`{}` was stored and is gone since {}: `{}` was read whole and did not hold it",
                text(row, "targetResourceId"),
                text(row, "observed_at"),
                text(row, "input"),
            );
            let help = "if it still exists, the export has left it out: look at its query, its scope and its pages";
            Explanation::new(Weight::Cause, "history", message, help)
        })
        .collect())
}

/// Scopes that were not read whole; of an id, only those that enclose it.
async fn coverage(engine: &Engine, wanted: &str) -> Result<Vec<Explanation>, OperationsError> {
    let gaps = rows(
        engine,
        "CollectionCoverage | where Status != 'Complete' | project Scope, What, Status, Reason, Source
         | order by Status asc, Scope asc | take 1000",
    )
    .await?;
    let lower = wanted.to_lowercase();
    let is_id = lower.starts_with('/') || lower.starts_with("arn:");
    let concerns = |row: &&Map<String, Value>| {
        let scope = text(row, "Scope").to_lowercase();
        !is_id || lower.starts_with(&scope) || !scope.starts_with('/')
    };
    let mut found = Vec::new();
    for row in gaps.iter().filter(concerns).take(SHOWN) {
        let status = text(row, "Status");
        let weight = match status {
            "Denied" => Weight::Cause,
            _ => Weight::Hint,
        };
        let message = format!(
            "{} of {} is {}: {} ({})",
            text(row, "What"),
            text(row, "Scope"),
            status.to_lowercase(),
            text(row, "Reason"),
            text(row, "Source"),
        );
        let help = match status {
            "Denied" => "give the reader role there and export again",
            "NotConfigured" => "export this too",
            _ => "export it whole, or say what was asked for in stance-coverage.json",
        };
        found.push(Explanation::new(weight, "coverage", message, help));
    }
    Ok(found)
}

/// What the readers said that names it, and every file that was not read.
async fn told(engine: &Engine, term: Option<&str>) -> Result<Vec<Explanation>, OperationsError> {
    let named = term.map_or_else(String::new, |term| {
        format!("or Message contains {term} or File contains {term} ")
    });
    let query = format!(
        "CollectionDiagnostics
         | where Level == 'Error' {named}or Code == 'OPS0001'
         | order by Level asc, File asc | take {SHOWN}"
    );
    Ok(rows(engine, &query)
        .await?
        .iter()
        .map(|row| {
            let weight = if text(row, "Level") == "Error" {
                Weight::Cause
            } else {
                Weight::Hint
            };
            let message = format!(
                "{} said of {}: {}",
                text(row, "Code"),
                text(row, "File"),
                text(row, "Message")
            );
            Explanation::new(weight, "file", message, text(row, "Help"))
        })
        .collect())
}

/// The inventory as a whole.
pub(super) async fn whole(engine: &Engine) -> Result<Vec<Explanation>, OperationsError> {
    let mut found = Vec::new();
    let by_type = rows(
        engine,
        "Resources | summarize count_=count(), newest=max(observed_at) by type, kind, cloud",
    )
    .await?;
    if by_type.is_empty() {
        return Ok(vec![Explanation::new(
            Weight::Cause,
            "inventory",
            "the data folder holds no resource",
            "run `stance scan PATH` first, or name the folder with --data",
        )]);
    }
    let (mut known, mut unknown) = (0, Vec::new());
    for row in &by_type {
        let count = row
            .get("count_")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let (label, is_ai) = what_is(text(row, "type"), text(row, "kind"));
        if is_ai {
            known += count;
        } else if label.starts_with("a type") {
            unknown.push((count, text(row, "type")));
        }
    }
    let message = format!("{known} AI workloads and their parts are stored");
    found.push(Explanation::new(Weight::Good, "inventory", message, ""));
    unknown.sort_unstable_by(|one, other| other.cmp(one));
    if !unknown.is_empty() {
        let named: Vec<String> = unknown
            .iter()
            .take(SHOWN)
            .map(|(count, name)| format!("{name} ({count})"))
            .collect();
        let message = format!(
            "{} types are not known and count as no AI: {}",
            unknown.len(),
            named.join(", ")
        );
        let help = "if one of them is AI, please report it; `Resources` holds them all the same";
        found.push(Explanation::new(Weight::Hint, "type", message, help));
    }
    found.extend(age(engine).await?);
    found.extend(coverage(engine, "").await?);
    found.extend(told(engine, None).await?);
    Ok(found)
}

/// Exports that are old.
async fn age(engine: &Engine) -> Result<Vec<Explanation>, OperationsError> {
    let query = format!(
        "CollectionCoverage | summarize newest=max(TimeGenerated) by input | where newest < now() - {STALE_DAYS}d"
    );
    Ok(rows(engine, &query)
        .await?
        .iter()
        .map(|row| {
            let message = format!(
                "`{}` was read last on {}",
                text(row, "input"),
                text(row, "newest")
            );
            let help = "export it again; what was created since is not in it";
            Explanation::new(Weight::Hint, "inventory", message, help)
        })
        .collect())
}
