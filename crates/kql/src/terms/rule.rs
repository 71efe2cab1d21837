//! The rule of the physical optimiser that asks the term filters.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileScanConfig, FileScanConfigBuilder, FileSource, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::MetricBuilder;
use object_store::local::LocalFileSystem;

use super::condition::Condition;
use super::prune::{Pruned, prune};

/// The metric of a scan that counts the rows which term filters spared it.
pub(crate) const ROWS_LEFT_OUT: &str = "rows_left_out_by_terms";

/// Leaves rows out of Parquet scans that cannot pass a search by terms.
#[derive(Debug, Default)]
pub(crate) struct TermPruning;

impl TermPruning {
    /// The engine's rules with this one behind the rule that tells the scans their conditions, and
    /// before those that share the files out.
    pub(crate) fn among_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
        let mut rules = PhysicalOptimizer::new().rules;
        let pushdown = rules
            .iter()
            .position(|rule| rule.name() == "FilterPushdown");
        let at = pushdown.map_or(rules.len(), |position| position + 1);
        rules.insert(at, Arc::new(Self));
        rules
    }
}

impl PhysicalOptimizerRule for TermPruning {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|node| {
            Ok(match pruned_scan(&node) {
                Some(scan) => Transformed::yes(scan),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &'static str {
        "term_pruning"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The scan without what cannot pass; nothing where there is nothing to leave out.
fn pruned_scan(node: &Arc<dyn ExecutionPlan>) -> Option<Arc<dyn ExecutionPlan>> {
    let scan = node.downcast_ref::<DataSourceExec>()?;
    let (config, source) = scan.downcast_to_file_source::<ParquetSource>()?;
    if config.object_store_url != ObjectStoreUrl::local_filesystem() {
        return None;
    }
    let schema = source.table_schema().table_schema();
    let condition = Condition::of(&source.filter()?, schema);
    if condition == Condition::Unknown {
        return None;
    }
    let mut asked = HashMap::new();
    let mut left_out = 0;
    let groups = config.file_groups.iter().map(|group| {
        let files = group.iter().filter_map(|file| {
            let path = local_path(file)?;
            let answer = asked.entry(path).or_insert_with_key(|path| {
                let pruned = prune(path, &condition);
                left_out += pruned.as_ref().map_or(0, |pruned| pruned.left_out);
                pruned
            });
            kept_file(file, answer.as_ref())
        });
        FileGroup::new(files.collect())
    });
    let groups = groups.collect();
    if left_out == 0 {
        return None;
    }
    MetricBuilder::new(source.metrics())
        .global_counter(ROWS_LEFT_OUT)
        .add(usize::try_from(left_out).unwrap_or(usize::MAX));
    Some(with_groups(config, groups))
}

fn local_path(file: &PartitionedFile) -> Option<PathBuf> {
    LocalFileSystem::new()
        .path_to_filesystem(&file.object_meta.location)
        .ok()
}

fn kept_file(file: &PartitionedFile, pruned: Option<&Pruned>) -> Option<PartitionedFile> {
    match pruned {
        None => Some(file.clone()),
        Some(pruned) => {
            let access = pruned.access.clone()?;
            Some(file.clone().with_extension(access))
        }
    }
}

/// The scan over other files. Groups stay as many as they were: others rely on their number.
fn with_groups(config: &FileScanConfig, groups: Vec<FileGroup>) -> Arc<dyn ExecutionPlan> {
    let config = FileScanConfigBuilder::from(config.clone())
        .with_file_groups(groups)
        .build();
    DataSourceExec::from_data_source(config)
}
