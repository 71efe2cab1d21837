//! A table's snapshot as a DataFusion table: plain Parquet scans, which any executor can take.

use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PrunableStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{
    ColumnStatistics, DFSchema, DataFusionError, Result, ScalarValue, Statistics, project_schema,
};
use datafusion::datasource::TableType;
use datafusion::datasource::file_format::FileFormat as _;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use object_store::ObjectMeta;
use serde_json::Value;

use crate::LakeError;
use crate::durable_store::object_path;
use crate::schema::{reading_schema, scanned_schema};
use crate::snapshot::{DataFile, TableSnapshot};
use crate::statistics::{partition_scalar, to_planner};

/// A table at one version. Commits made later do not show.
#[derive(Debug)]
pub struct SnapshotTable {
    snapshot: Arc<TableSnapshot>,
    /// Declared columns, then stored ones nobody declared.
    schema: SchemaRef,
    /// `schema` in the order of the scan: columns in the files, then the partition column.
    scan_schema: TableSchema,
    /// Where each column of `schema` lies in `scan_schema`.
    positions: Vec<usize>,
}

impl SnapshotTable {
    pub(crate) fn new(snapshot: Arc<TableSnapshot>, declared: &Schema) -> Self {
        let schema = scanned_schema(&reading_schema(snapshot.schema.as_deref(), declared));
        let is_partition = |field: &FieldRef| snapshot.partition_by.as_ref() == Some(field.name());
        let (partitions, in_files): (Vec<FieldRef>, Vec<FieldRef>) =
            schema.fields().iter().cloned().partition(is_partition);
        let (mut next_in_files, mut next_partition) = (0, in_files.len());
        let positions = schema.fields().iter().map(|field| {
            let next = if is_partition(field) {
                &mut next_partition
            } else {
                &mut next_in_files
            };
            *next += 1;
            *next - 1
        });
        let positions = positions.collect();
        let scan_schema = TableSchema::builder(Arc::new(Schema::new(in_files)))
            .with_table_partition_cols(partitions)
            .build();
        Self {
            snapshot,
            schema,
            scan_schema,
            positions,
        }
    }

    /// The files behind the table.
    pub fn snapshot(&self) -> &Arc<TableSnapshot> {
        &self.snapshot
    }

    fn scan_file(&self, file: &DataFile) -> Result<PartitionedFile, LakeError> {
        file.verify()?;
        let corrupt = |reason: &str| LakeError::Corrupt {
            path: file.path.clone(),
            reason: reason.to_owned(),
        };
        let location =
            object_path(&file.path).ok_or_else(|| corrupt("its path cannot be addressed"))?;
        let last_modified =
            chrono::DateTime::from_timestamp_millis(file.modified_milliseconds).unwrap_or_default();
        let mut planned = PartitionedFile::new_from_meta(ObjectMeta {
            location,
            last_modified,
            size: file.size,
            e_tag: None,
            version: None,
        });
        let no_stats = Value::Null;
        let stats = file.stats.as_ref().unwrap_or(&no_stats);
        let stored = scanned_schema(self.snapshot.schema.as_deref().unwrap_or(&self.schema));
        let mut statistics = to_planner(stats, self.scan_schema.file_schema(), &stored, file.size);
        for field in self.scan_schema.table_partition_cols() {
            let value = partition_scalar(file.partition.as_deref(), field.data_type())
                .ok_or_else(|| corrupt("its partition value does not fit the column's type"))?;
            statistics
                .column_statistics
                .push(shared_value(&value, statistics.num_rows));
            planned.partition_values.push(value);
        }
        planned.statistics = Some(Arc::new(statistics));
        Ok(planned)
    }

    /// Which files may hold rows that pass the filters. Any doubt keeps a file.
    fn kept_files(
        &self,
        state: &dyn Session,
        filters: &[Expr],
        files: &[&PartitionedFile],
    ) -> Option<Vec<bool>> {
        let filter = conjunction(filters.to_vec())?;
        let schema = self.scan_schema.table_schema();
        let df_schema = DFSchema::try_from(schema.clone()).ok()?;
        let predicate = state.create_physical_expr(filter, &df_schema).ok()?;
        let predicate = PruningPredicateBuilder::new()
            .with_file_schema(schema.clone())
            .try_build(predicate)
            .ok()?;
        let bounds = files
            .iter()
            .filter_map(|file| file.statistics.as_deref())
            .map(|statistics| bounds_of(statistics, schema));
        predicate
            .prune(&PrunableStatistics::new(bounds.collect(), schema.clone()))
            .ok()
    }
}

/// Statistics of a column that has one value in the whole file.
fn shared_value(value: &ScalarValue, rows: Precision<usize>) -> ColumnStatistics {
    if value.is_null() {
        return ColumnStatistics {
            null_count: rows,
            ..ColumnStatistics::new_unknown()
        };
    }
    ColumnStatistics {
        null_count: Precision::Exact(0),
        min_value: Precision::Exact(value.clone()),
        max_value: Precision::Exact(value.clone()),
        ..ColumnStatistics::new_unknown()
    }
}

/// Bounds that are too wide still serve to leave files out, and the pruner only takes exact ones. It takes the
/// type of a column's bounds from the first file, so a missing bound is a null of the column's type.
fn bounds_of(statistics: &Statistics, schema: &Schema) -> Arc<Statistics> {
    let exact = |bound: &Precision<ScalarValue>, field: &FieldRef| match bound {
        Precision::Inexact(value) | Precision::Exact(value) => Precision::Exact(value.clone()),
        Precision::Absent => {
            ScalarValue::try_from(field.data_type()).map_or(Precision::Absent, Precision::Exact)
        }
    };
    let columns = statistics.column_statistics.iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| ColumnStatistics {
        min_value: exact(&column.min_value, field),
        max_value: exact(&column.max_value, field),
        ..column.clone()
    });
    Arc::new(Statistics {
        column_statistics: columns.collect(),
        ..statistics.clone()
    })
}

/// The first files that together hold `limit` rows, where nothing filters rows out.
fn first_files(files: Vec<PartitionedFile>, limit: Option<usize>) -> Vec<PartitionedFile> {
    let Some(limit) = limit else { return files };
    let mut rows = 0;
    let enough = |file: &PartitionedFile| {
        let before = rows;
        if let Some(Precision::Exact(count)) = file
            .statistics
            .as_ref()
            .map(|statistics| statistics.num_rows)
        {
            rows += count;
        }
        before < limit
    };
    files.into_iter().take_while(enough).collect()
}

#[async_trait]
impl TableProvider for SnapshotTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let planned = self.snapshot.files.iter().map(|file| self.scan_file(file));
        let mut files = planned.collect::<Result<Vec<_>, _>>().map_err(external)?;
        if let Some(kept) = self.kept_files(state, filters, &files.iter().collect::<Vec<_>>()) {
            files = files
                .into_iter()
                .zip(kept)
                .filter_map(|(file, keep)| keep.then_some(file))
                .collect();
        }
        if filters.is_empty() {
            files = first_files(files, limit);
        }
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(project_schema(
                &self.schema,
                projection,
            )?)));
        }
        let schema = self.scan_schema.table_schema();
        let all = files.iter().filter_map(|file| file.statistics.as_deref());
        let statistics = Statistics::try_merge_iter(all, schema)?;
        let groups = FileGroup::new(files).split_files(state.config().target_partitions());
        let wanted = match projection {
            Some(columns) => columns
                .iter()
                .map(|column| self.positions[*column])
                .collect(),
            None => self.positions.clone(),
        };
        let source = Arc::new(ParquetSource::new(self.scan_schema.clone()));
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(wanted))?
            .with_limit(limit)
            .build();
        let options = state.default_table_options().parquet;
        ParquetFormat::default()
            .with_options(options)
            .create_physical_plan(state, scan)
            .await
    }
}

fn external(error: LakeError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
