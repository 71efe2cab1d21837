//! Every function that the binder knows runs, or is listed with the reason why it does not.
//! `docs/kql-functions.md` tells which; `STANCE_UPDATE_GOLDEN=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use stance_base::ScalarType;
use stance_kql::{DIFFERENCES, MemoryCatalog, UNSUPPORTED};
use stance_kql_syntax::DiagnosticCode;
use stance_kql_syntax::functions::{
    Accepts, ArgumentKind, FunctionInfo, FunctionKind, Parameter, all,
};

use crate::support;

/// A literal of a type.
fn literal(scalar_type: ScalarType) -> &'static str {
    match scalar_type {
        ScalarType::Bool => "true",
        ScalarType::Int => "int(1)",
        ScalarType::Long => "1",
        ScalarType::Real => "1.5",
        ScalarType::Decimal => "decimal(1.5)",
        ScalarType::String => "'x'",
        ScalarType::Guid => "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
        ScalarType::DateTime => "datetime(2024-01-01)",
        ScalarType::TimeSpan => "1h",
        ScalarType::Dynamic => "dynamic([1, 2])",
    }
}

fn argument(parameter: &Parameter) -> &'static str {
    if parameter.argument == ArgumentKind::Column {
        return "x";
    }
    if parameter.name == "part" {
        return "'day'";
    }
    match &parameter.accepts {
        Accepts::Types(types) => literal(types[0]),
        Accepts::Dynamic => literal(ScalarType::Dynamic),
        Accepts::StringOrDynamic => "'x'",
        Accepts::Star => "*",
        Accepts::Type => "typeof(long)",
        Accepts::Table => "(print x = 1)",
        _ => "1",
    }
}

/// A query that calls the function with the arguments it must have.
fn query(function: &FunctionInfo) -> String {
    let arguments: Vec<&str> = function.signatures[0]
        .parameters
        .iter()
        .flat_map(|parameter| vec![argument(parameter); parameter.minimum])
        .collect();
    let call = format!("{}({})", function.name, arguments.join(", "));
    match function.kind {
        FunctionKind::Aggregate => format!("print x = 1 | summarize {call}"),
        _ if call.contains('*') || arguments.contains(&"x") => {
            format!("print x = 1 | extend y = {call}")
        }
        _ => format!("set query_bin_auto_size = 1; print y = {call}"),
    }
}

fn reason(list: &[(&'static str, &'static str)], function: &FunctionInfo) -> Option<&'static str> {
    list.iter()
        .find(|entry| entry.0 == function.name || entry.0 == function.canonical)
        .map(|entry| entry.1)
}

fn functions() -> Vec<&'static FunctionInfo> {
    let mut found = all(FunctionKind::Scalar);
    found.extend(all(FunctionKind::Window));
    found.extend(all(FunctionKind::Aggregate));
    found
}

#[tokio::test]
async fn every_function_runs_or_is_listed() {
    let engine = support::engine(MemoryCatalog::new());
    let mut wrong = Vec::new();
    for function in functions() {
        // These stand inside of `graph-match` only, name columns, or need rows in order: they have
        // examples of their own.
        let apart = function.group == "graph" || function.kind == FunctionKind::Window;
        if apart || function.name == "bag_pack_columns" {
            continue;
        }
        let query = query(function);
        let refused = match engine.query(&query).await {
            Ok(_) => false,
            Err(error) => {
                let code = error.diagnostics().first().map(|found| found.code);
                if code != Some(DiagnosticCode::NotSupported) {
                    wrong.push(format!("{query}\n{error}"));
                    continue;
                }
                true
            }
        };
        if refused != reason(UNSUPPORTED, function).is_some() {
            wrong.push(format!("{query}: refused {refused}, listed otherwise"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// The page of all functions.
fn page() -> String {
    let mut page = String::from(
        "# Functions and aggregates of KQL\n\n\
         Every function that Microsoft's language service knows. A test holds this page against the \
         engine;\n`STANCE_UPDATE_GOLDEN=1` writes it anew.\n\n\
         | function | group | runs | remark |\n|---|---|---|---|\n",
    );
    let mut found = functions();
    found.sort_by_key(|function| (function.kind == FunctionKind::Aggregate, function.name));
    for function in found {
        let unsupported = reason(UNSUPPORTED, function);
        let mut remark = unsupported
            .or_else(|| reason(DIFFERENCES, function))
            .unwrap_or_default()
            .to_owned();
        if function.name != function.canonical {
            let other = format!("another name of `{}`", function.canonical);
            remark = if remark.is_empty() {
                other
            } else {
                format!("{other}; {remark}")
            };
        }
        let runs = match (function.group, unsupported) {
            ("graph", _) => "in `graph-match`",
            (_, None) => "yes",
            (_, Some(_)) => "no",
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {runs} | {remark} |",
            function.name, function.group
        );
    }
    page
}

#[test]
fn the_page_of_functions_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/kql-functions.md");
    let page = page();
    if std::env::var_os("STANCE_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/kql-functions.md is stale");
}
