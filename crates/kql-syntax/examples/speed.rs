//! How long parsing and binding take: `cargo run --release -p stance-kql-syntax --example speed [QUERIES]`.
//!
//! Prints a table of medians for a query of 200 lines, and for a file of queries (JSON lines with a
//! `query` each) where one is named.
#![allow(clippy::print_stdout, reason = "an example speaks to the terminal")]

use std::time::{Duration, Instant};

use stance_kql_syntax::{BindOptions, Column, MemoryCatalog, Schema, bind, format, parse};

/// Runs of the long query.
const RUNS: usize = 301;

fn main() {
    let catalog = tables();
    let query = long_query();
    println!(
        "{:<34} {:>10} {:>10} {:>10}",
        "median", "parse", "bind", "format"
    );
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..RUNS {
        for (times, time) in times.iter_mut().zip(run(&query, &catalog)) {
            times.push(time);
        }
    }
    let what = std::format!("{} lines, {} bytes", query.lines().count(), query.len());
    row(&what, times.map(|times| quantile(times, 0.5)));
    if let Some(path) = std::env::args().nth(1) {
        corpus(&path, &catalog);
    }
}

/// Medians and the slowest hundredth over a file of queries.
fn corpus(path: &str, catalog: &MemoryCatalog) {
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("`{path}` cannot be read");
        return;
    };
    let mut times: [Vec<Duration>; 3] = Default::default();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
        let Some(query) = value["query"].as_str() else {
            continue;
        };
        for (times, time) in times.iter_mut().zip(run(query, catalog)) {
            times.push(time);
        }
    }
    let count = times[0].len();
    row(
        &std::format!("{count} queries"),
        times.clone().map(|times| quantile(times, 0.5)),
    );
    row(
        "their slowest hundredth",
        times.map(|times| quantile(times, 0.99)),
    );
}

fn run(query: &str, catalog: &MemoryCatalog) -> [Duration; 3] {
    let start = Instant::now();
    let parsed = parse(query);
    let parse_time = start.elapsed();
    let start = Instant::now();
    let bound = bind(&parsed, catalog, &BindOptions::default());
    let bind_time = start.elapsed();
    let start = Instant::now();
    let formatted = format(query);
    let format_time = start.elapsed();
    std::hint::black_box((bound, formatted));
    [parse_time, bind_time, format_time]
}

fn row(what: &str, times: [Duration; 3]) {
    let [parse, bind, format] =
        times.map(|time| std::format!("{:.3} ms", time.as_secs_f64() * 1e3));
    println!("{what:<34} {parse:>10} {bind:>10} {format:>10}");
}

fn quantile(mut times: Vec<Duration>, part: f64) -> Duration {
    times.sort_unstable();
    let at = (times.len() as f64 * part) as usize;
    times.get(at).copied().unwrap_or_default()
}

fn tables() -> MemoryCatalog {
    let table = |columns: &str| -> Schema {
        let columns = columns.split(", ").filter_map(|column| {
            let (name, scalar_type) = column.split_once(':')?;
            Some(Column::new(name, scalar_type.parse().ok()?))
        });
        columns.collect()
    };
    let mut catalog = MemoryCatalog::new();
    catalog.add_table(
        "SigninLogs",
        table("TimeGenerated:datetime, UserPrincipalName:string, IPAddress:string, AppDisplayName:string, ResultType:string, LocationDetails:dynamic, DeviceDetail:dynamic, RiskLevelDuringSignIn:string"),
    );
    catalog.add_table(
        "SecurityAlert",
        table("TimeGenerated:datetime, AlertName:string, AlertSeverity:string, Entities:string, ExtendedProperties:string, SystemAlertId:string"),
    );
    catalog
}

/// 200 lines of the kind that detection rules have: lookups, functions, a join of summaries, a union.
fn long_query() -> String {
    let mut query = String::from(
        "let lookback = 14d;\nlet threshold = 5;\nlet isPrivate = (address: string) { ipv4_is_private(address) };\n",
    );
    query.extend((0..14).map(|block| {
        std::format!(
            r#"let failures{block} = SigninLogs // sign-ins that failed
| where TimeGenerated > ago(lookback) and ResultType !in ("0", "5012{block}")
| where not(isPrivate(IPAddress)) and AppDisplayName has_any ("Portal", "Teams", "Exchange")
| extend city = tostring(LocationDetails.city), system = tostring(parse_json(tostring(DeviceDetail)).operatingSystem)
| extend hour = bin(TimeGenerated, 1h), domain = tolower(tostring(split(UserPrincipalName, "@")[1]))
| summarize attempts = count(), addresses = make_set(IPAddress, 100), first = min(TimeGenerated), last = max(TimeGenerated)
    by UserPrincipalName, city, system, hour
| where attempts >= threshold + {block} or array_length(addresses) > 3
| join kind=leftouter (
    SecurityAlert
    | where AlertSeverity in~ ("high", "medium") and TimeGenerated between (ago(7d) .. now())
    | mv-expand entity = todynamic(Entities) to typeof(dynamic)
    | project UserPrincipalName = tostring(entity.Upn), AlertName, SystemAlertId)
    on UserPrincipalName;
"#
        )
    }));
    query += "union failures0";
    query.extend((1..14).map(|block| std::format!(", failures{block}")));
    query + "\n| top 100 by attempts desc"
}
