//! Functions that a catalog keeps as text.

use stance_base::ScalarType;
use stance_kql::{Engine, MemoryCatalog, output, read_stored_function};

use crate::support;

async fn rows(engine: &Engine, text: &str) -> Vec<String> {
    let result = engine
        .query(text)
        .await
        .unwrap_or_else(|error| panic!("{text}\n{error}"));
    let rows = output::text_rows(&result).unwrap();
    rows.iter().map(|row| row.join(" | ")).collect()
}

fn engine() -> Engine {
    let mut catalog = MemoryCatalog::new();
    let columns = [
        ("Alias".to_owned(), ScalarType::String),
        ("Item".to_owned(), ScalarType::Dynamic),
    ];
    let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
    let lists = [
        row(["vip", "{\"user\":\"ann\",\"level\":3}"]),
        row(["vip", "{\"user\":\"bob\",\"level\":1}"]),
        row(["ips", "{\"ip\":\"10.0.0.1\"}"]),
    ];
    catalog.add_table(support::table("Lists", &columns, &lists));
    for (name, text) in [
        (
            "Double",
            "// Twice the value.\nlet Double = (x:long, factor:long = 2) { x * factor };",
        ),
        (
            "_GetList",
            ".create-or-alter function with (folder = 'a (b)', docstring = \"}\") _GetList(alias:string, least:long = 0) {\n\
             Lists\n| where Alias == alias // { not a bracket\n| where tolong(Item.level) >= least or least == 0\n| evaluate bag_unpack(Item)\n}",
        ),
        ("Names", "Lists | distinct Alias"),
        (
            "Trusted",
            "let Trusted = (T:(user:string)) { T | where Double(strlen(user)) == 6 };",
        ),
    ] {
        let function = read_stored_function(name, text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(function.name, name);
        catalog.add_function(function);
    }
    support::engine(catalog)
}

#[tokio::test]
async fn scalar_functions_have_defaults() {
    let engine = engine();
    assert_eq!(
        rows(&engine, "print Double(4), Double(4, 5), Double(x = 3)").await,
        ["8 | 20 | 6"]
    );
}

#[tokio::test]
async fn tabular_functions_unpack_what_the_data_hold() {
    let engine = engine();
    let found = rows(
        &engine,
        "_GetList('vip') | project user, level | sort by user asc",
    )
    .await;
    assert_eq!(found, ["ann | 3", "bob | 1"]);
    let found = rows(&engine, "_GetList('vip', 2) | project user").await;
    assert_eq!(found, ["ann"]);
    assert_eq!(
        rows(&engine, "_GetList('ips') | project ip").await,
        ["10.0.0.1"]
    );
}

#[tokio::test]
async fn functions_without_parameters_read_as_tables_and_take_rows() {
    let engine = engine();
    assert_eq!(rows(&engine, "Names | count").await, ["2"]);
    let found = rows(&engine, "print user = 'ann' | invoke Trusted()").await;
    assert_eq!(found, ["ann"]);
}

#[test]
fn broken_functions_are_refused_with_what_is_wrong() {
    for text in [
        "",
        "// only a note",
        ".create function Broken(x:long { x }",
        ".show tables",
        "T | where",
        "let Broken = (x:long) { x + };",
    ] {
        assert!(read_stored_function("Broken", text).is_err(), "{text}");
    }
}
