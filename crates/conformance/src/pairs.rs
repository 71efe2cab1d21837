//! Queries of the documentation and what their pages print.

use stance_base::ScalarType;
use stance_kql::{Engine, output};
use stance_kql_syntax::bound::{BoundTabular, ExpressionKind, Operator};
use stance_kql_syntax::{BindOptions, EmptyCatalog, bind, parse};

use crate::bound::{construct_of_error, engine};
use crate::compare;
use crate::figure::{Figure, Miss};
use crate::records::Pair;
use crate::schema::difference;
use crate::tables::Tables;

/// Pairs whose result has the official columns.
pub fn pair_schemas(pairs: &[Pair]) -> Figure {
    let mut figure = Figure::default();
    for pair in pairs {
        let differs = difference(&pair.query, &pair.schema, &EmptyCatalog);
        figure.add(differs.map(|(construct, detail)| Miss {
            construct,
            place: place(pair),
            detail: format!("{detail}\n{}", pair.query),
        }));
    }
    figure
}

/// Pairs whose rows are the printed ones; `progress` hears of each that ended.
pub async fn pair_results(pairs: &[Pair], progress: impl Fn(usize)) -> anyhow::Result<Figure> {
    let engine = engine(&Tables::default())?;
    let mut figure = Figure::default();
    for pair in pairs {
        figure.add(result(&engine, pair).await);
        progress(figure.total);
    }
    Ok(figure)
}

async fn result(engine: &Engine, pair: &Pair) -> Option<Miss> {
    let miss = |construct: String, detail: String| Miss {
        construct,
        place: place(pair),
        detail: format!("{detail}\n{}", pair.query),
    };
    let result = match engine.query(&pair.query).await {
        Ok(result) => result,
        Err(error) => return Some(miss(construct_of_error(&error), error.to_string())),
    };
    let found = match output::text_rows(&result) {
        Ok(rows) => rows,
        Err(error) => {
            return Some(miss(
                "rows that cannot be printed".to_owned(),
                error.to_string(),
            ));
        }
    };
    let types: Vec<ScalarType> = result.columns.iter().map(|c| c.scalar_type).collect();
    let names: Vec<&str> = result.columns.iter().map(|c| c.name.as_str()).collect();
    let order = sorted_columns(&pair.query, &names);
    let differs = compare::difference(&found, &pair.full_rows(), &types, &order)?;
    Some(miss(format!("result of {}", page(pair)), differs))
}

/// Positions of result columns that the query sorts by at its end.
fn sorted_columns(query: &str, names: &[&str]) -> Vec<usize> {
    let bound = bind(&parse(query), &EmptyCatalog, &BindOptions::default());
    let Some(query) = bound.query else {
        return Vec::new();
    };
    sort_keys(&query.root)
        .iter()
        .filter_map(|key| names.iter().position(|name| name == key))
        .collect()
}

/// Columns of the last sort, where nothing after it can change the order. Of several keys only
/// the first: rows that tie in it may be told apart by a later one alone.
fn sort_keys(tabular: &BoundTabular) -> Vec<&str> {
    for step in tabular.steps.iter().rev() {
        let keys = match &step.operator {
            Operator::Sort(keys) | Operator::Top { keys, .. } => keys,
            Operator::Where(_)
            | Operator::Project { .. }
            | Operator::Take(_)
            | Operator::Serialize(_)
            | Operator::As(_) => continue,
            _ => return Vec::new(),
        };
        return keys
            .iter()
            .take(1)
            .filter_map(|key| match &key.expression.kind {
                ExpressionKind::Column(column) => Some(column.name.as_ref()),
                _ => None,
            })
            .collect();
    }
    Vec::new()
}

/// The page without its folders.
fn page(pair: &Pair) -> &str {
    pair.path.rsplit('/').next().unwrap_or(&pair.path)
}

fn place(pair: &Pair) -> String {
    format!("{}:{}", page(pair), pair.line)
}
