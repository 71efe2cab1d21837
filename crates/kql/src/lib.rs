//! KQL on DataFusion: plans, functions, runner.
//!
//! Text is bound by `stance-kql-syntax`; [`lower`] makes DataFusion plans of the bound tree;
//! [`Engine`] runs them over the tables of a [`Catalog`]. Functions and aggregates have Kusto's
//! semantics and are registered by names that hold their signature ([`scalar_function`],
//! [`aggregate_function`]), so that a plan can be read back in another process.

mod aggregates;
mod catalog;
mod dynamic;
mod engine;
mod error;
mod file_table;
mod functions;
mod graph;
mod instant;
mod lower;
mod operators;
pub mod output;
mod sketch;
mod stored_function;
mod terms;
pub mod types;
mod value;

pub use aggregates::resolve as aggregate_function;
pub use catalog::{Catalog, MemoryCatalog, OutputColumn, StoredFunction, TableSource};
pub use engine::{
    Engine, EngineOptions, HeldFiles, NamedResult, PortablePlan, QueryResult, QueryStats,
    QueryStream, RemoteExternalData, Render, distributed_optimizer_rules, session_config,
};
pub use error::KqlError;
pub use file_table::file_table;
pub use functions::function_names;
pub use functions::udf::resolve as scalar_function;
pub use functions::unsupported::{DIFFERENCES, UNSUPPORTED};
pub use operators::{KqlLogicalCodec, KqlPhysicalCodec, KqlQueryPlanner};
pub use stored_function::read_stored_function;
pub use terms::{IndexedFile, index_parquet, parquet_files};
