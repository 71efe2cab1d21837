//! Real queries over the schemas of their tables.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use stance_base::Coded;
use stance_kql::{Engine, EngineOptions, KqlError, RemoteExternalData};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::figure::{Figure, Miss};
use crate::records::Query;
use crate::schema::{construct_of, difference};
use crate::tables::Tables;

/// Longest time for one query over empty tables.
const TIME_LIMIT: Duration = Duration::from_mins(1);

/// Queries whose result has the official columns.
pub fn bound_schemas(queries: &[Query], tables: &Tables) -> Figure {
    let mut figure = Figure::default();
    for (index, query) in queries.iter().enumerate() {
        let differs = difference(&query.query, &query.schema, &tables.syntax);
        figure.add(differs.map(|(construct, detail)| Miss {
            construct,
            place: place(query, index),
            detail: format!("{detail}\n{}", query.query),
        }));
    }
    figure
}

/// Queries that run over empty tables; `progress` hears of each that ended.
pub async fn bound_queries_run(
    queries: &[Query],
    tables: &Tables,
    progress: impl Fn(usize),
) -> Result<Figure> {
    let engine = engine(tables)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let turns = Arc::new(Semaphore::new(cores));
    let mut running = JoinSet::new();
    for (index, query) in queries.iter().enumerate() {
        let (engine, query, turns) = (engine.clone(), query.clone(), Arc::clone(&turns));
        running.spawn(async move {
            let _turn = turns.acquire_owned().await;
            (index, run(&engine, &query, index).await)
        });
    }
    let mut outcomes: Vec<Option<Miss>> = vec![None; queries.len()];
    let mut ended = 0;
    while let Some(outcome) = running.join_next().await {
        let (index, miss) = outcome?;
        if let Some(slot) = outcomes.get_mut(index) {
            *slot = miss;
        }
        ended += 1;
        progress(ended);
    }
    let mut figure = Figure::default();
    for miss in outcomes {
        figure.add(miss);
    }
    Ok(figure)
}

async fn run(engine: &Engine, query: &Query, index: usize) -> Option<Miss> {
    let error = engine.query(&query.query).await.err()?;
    Some(Miss {
        construct: construct_of_error(&error),
        place: place(query, index),
        detail: format!("{error}\n{}", query.query),
    })
}

/// What an error is about.
pub(crate) fn construct_of_error(error: &KqlError) -> String {
    if let Some(diagnostic) = error.diagnostics().first() {
        construct_of(diagnostic)
    } else {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let short: String = first.chars().take(160).collect();
        format!("{:?}: {short}", error.code())
    }
}

/// An engine over tables, in which data from elsewhere are empty tables.
pub(crate) fn engine(tables: &Tables) -> Result<Engine> {
    let options = EngineOptions {
        time_limit: Some(TIME_LIMIT),
        remote_external_data: RemoteExternalData::Empty,
        ..EngineOptions::default()
    };
    Ok(Engine::new(Arc::new(tables.engine.clone()), options)?)
}

fn place(query: &Query, index: usize) -> String {
    format!("{} {}", query.source, index + 1)
}
