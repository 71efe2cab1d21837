//! Queries that do not wait for each other, on all cores.

use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use stance_kql::{Engine, KqlError, QueryResult};
use tokio::task::JoinSet;

/// Most queries at one time; each holds its own rows.
const MOST_AT_ONCE: usize = 8;

/// The results, in the order of the queries.
pub(super) async fn run(
    engine: &Engine,
    queries: impl IntoIterator<Item = String>,
) -> Vec<Result<QueryResult, KqlError>> {
    let at_once = available_parallelism().map_or(1, NonZeroUsize::get);
    let mut waiting = queries.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut results = Vec::new();
    loop {
        while running.len() < at_once.min(MOST_AT_ONCE)
            && let Some((number, query)) = waiting.next()
        {
            let engine = engine.clone();
            running.spawn(async move { (number, engine.query(&query).await) });
        }
        match running.join_next().await {
            None => break,
            Some(Ok(result)) => results.push(result),
            // A query that panicked: it panics here, as it would have without a task of its own.
            Some(Err(failure)) => match failure.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => break,
            },
        }
    }
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
