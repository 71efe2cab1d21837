//! The resources that checks read, as Parquet files that live as long as the scan.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::path::Path;

use parquet::arrow::ArrowWriter;
use stance_base::hex;
use stance_kql::{TableSource, file_table};
use stance_model::{Resource, tables};
use tempfile::TempDir;

use crate::OperationsError;
use crate::rows::resources::{self, table_of};
use crate::rows::table_batch::TableBatch;
use crate::scan::gather::Reading;

/// The tables that a check may name.
const TABLES: [&str; 4] = [
    "Resources",
    "ResourceContainers",
    "AuthorizationResources",
    "SecurityResources",
];

/// Takes resources, then gives tables.
pub(crate) struct Stage {
    folder: TempDir,
    wanted: BTreeSet<String>,
    open: HashMap<&'static str, Open>,
    types: BTreeSet<String>,
}

struct Open {
    batch: TableBatch,
    writer: ArrowWriter<File>,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Stage")
            .field("types", &self.types)
            .finish_non_exhaustive()
    }
}

impl Stage {
    /// An empty stage in a folder of its own below `scratch`.
    pub(crate) fn new(scratch: &Path, wanted: BTreeSet<String>) -> Result<Self, OperationsError> {
        let folder = tempfile::Builder::new()
            .prefix(".checks-")
            .tempdir_in(scratch)
            .map_err(|error| OperationsError::storage(scratch, error))?;
        Ok(Self {
            folder,
            wanted,
            open: HashMap::new(),
            types: BTreeSet::new(),
        })
    }

    /// Whether a resource of that type is kept.
    pub(crate) fn wants(&self, resource_type: &str) -> bool {
        self.wanted.contains(resource_type)
    }

    /// Whether a resource of that type was taken.
    pub(crate) fn holds(&self, resource_type: &str) -> bool {
        self.types.contains(resource_type)
    }

    /// Takes a resource.
    pub(crate) fn push(
        &mut self,
        resource: &Resource,
        reading: &Reading,
    ) -> Result<(), OperationsError> {
        let table = table_of(&resource.resource_type);
        if !TABLES.contains(&table) {
            return Ok(());
        }
        if !self.types.contains(&resource.resource_type) {
            self.types.insert(resource.resource_type.clone());
        }
        let content_hash = hex::encode(&reading.content_hash);
        let cells = resources::cells(
            resource,
            resources::Reading {
                input: "",
                observed_at: reading.observed_at,
                content_hash: &content_hash,
            },
        );
        let open = self.open(table)?;
        open.batch.push(cells);
        if open.batch.is_full() {
            open.settle()?;
        }
        Ok(())
    }

    fn open(&mut self, table: &'static str) -> Result<&mut Open, OperationsError> {
        use std::collections::hash_map::Entry;
        match self.open.entry(table) {
            Entry::Occupied(open) => Ok(open.into_mut()),
            Entry::Vacant(place) => {
                let path = self.folder.path().join(format!("{table}.parquet"));
                let file =
                    File::create(&path).map_err(|error| OperationsError::storage(&path, error))?;
                let schema = tables::find(table).ok_or_else(|| OperationsError::UnknownTable {
                    name: table.to_owned(),
                    known: TABLES.join(", "),
                })?;
                let columns = stance_lake::arrow_schema(&schema);
                let writer =
                    ArrowWriter::try_new(file, columns, None).map_err(OperationsError::stage)?;
                Ok(place.insert(Open {
                    batch: TableBatch::new(&schema),
                    writer,
                }))
            }
        }
    }

    /// Nothing more comes: writes what waits.
    pub(crate) fn close(&mut self) -> Result<(), OperationsError> {
        for (_, mut open) in self.open.drain() {
            open.settle()?;
            open.writer.close().map_err(OperationsError::stage)?;
        }
        Ok(())
    }

    /// The tables, empty where nothing was taken.
    pub(crate) async fn tables(&self) -> Result<Vec<TableSource>, OperationsError> {
        let mut sources = Vec::new();
        for schema in TABLES.into_iter().filter_map(tables::find) {
            let path = self.folder.path().join(format!("{}.parquet", schema.name));
            sources.push(if path.exists() {
                let rows = file_table(&schema.name, &path).await?;
                TableSource::new(schema, rows.provider)
            } else {
                TableSource::empty(schema)
            });
        }
        Ok(sources)
    }
}

impl Open {
    fn settle(&mut self) -> Result<(), OperationsError> {
        if self.batch.rows() > 0 {
            let rows = self.batch.take()?;
            self.writer.write(&rows).map_err(OperationsError::stage)?;
        }
        Ok(())
    }
}
