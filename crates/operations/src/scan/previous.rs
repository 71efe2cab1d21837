//! What the inventory tables held before this scan.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use stance_lake::{Lake, TableSnapshot};
use stance_model::Origin;

use crate::OperationsError;
use crate::rows::resources::TABLES;
use crate::scan::gather::{Key, hash_bytes, key_of};
use crate::stored;

/// One stored resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stored {
    /// Hash of its content.
    pub content_hash: Key,
    /// Index into [`Previous::inputs`].
    pub input: u32,
    /// Index into [`TABLES`].
    pub table: u8,
}

/// Every stored resource, by key.
#[derive(Debug, Default)]
pub(crate) struct Previous {
    /// Snapshots of the inventory tables, in the order of [`TABLES`].
    pub snapshots: Vec<Arc<TableSnapshot>>,
    /// Keys of the inputs that stored resources came from.
    pub inputs: Vec<String>,
    /// What is stored.
    pub resources: HashMap<Key, Stored>,
}

impl Previous {
    /// Reads ids and hashes of all inventory tables.
    pub(crate) async fn load(lake: &Lake) -> Result<Self, OperationsError> {
        let mut previous = Self::default();
        for (number, table) in TABLES.iter().enumerate() {
            let snapshot = lake.snapshot(table).await?;
            previous.take(&snapshot, u8::try_from(number).unwrap_or(u8::MAX))?;
            previous.snapshots.push(snapshot);
        }
        Ok(previous)
    }

    fn take(&mut self, snapshot: &TableSnapshot, table: u8) -> Result<(), OperationsError> {
        let columns = ["id", "origin", "content_hash"];
        let mut inputs: HashMap<String, u32> = HashMap::new();
        let (known, resources) = (&mut self.inputs, &mut self.resources);
        stored::read(
            snapshot,
            Some(&columns),
            |_| true,
            |input, batch| {
                let input = *inputs.entry(input.to_owned()).or_insert_with(|| {
                    known.push(input.to_owned());
                    u32::try_from(known.len() - 1).unwrap_or(u32::MAX)
                });
                let ids = stored::text_column(&batch, "id")?;
                let origins = stored::text_column(&batch, "origin")?;
                let hashes = stored::text_column(&batch, "content_hash")?;
                for row in 0..batch.num_rows() {
                    // What a scan made itself was not collected and has no history.
                    if stored::text(&hashes, row).is_empty() {
                        continue;
                    }
                    let key = key_of(
                        stored::text(&ids, row),
                        origin_of(stored::text(&origins, row)),
                    );
                    let content_hash = hash_bytes(stored::text(&hashes, row));
                    resources.insert(
                        key,
                        Stored {
                            content_hash,
                            input,
                            table,
                        },
                    );
                }
                Ok(())
            },
        )
    }

    /// The input that a stored resource came from.
    pub(crate) fn input_of(&self, stored: Stored) -> &str {
        self.inputs
            .get(stored.input as usize)
            .map_or("", String::as_str)
    }

    /// The inputs whose rows this scan must rewrite in one table: those it read, and those it took resources from.
    pub(crate) fn touched_inputs(
        &self,
        table: usize,
        read: &BTreeSet<String>,
        reread: impl Fn(&Key) -> bool,
    ) -> BTreeSet<String> {
        let mut touched: BTreeSet<String> = read.clone();
        for (key, stored) in &self.resources {
            if usize::from(stored.table) == table && reread(key) {
                touched.insert(self.input_of(*stored).to_owned());
            }
        }
        touched
    }
}

/// The origin that a table cell names.
pub(crate) fn origin_of(text: &str) -> Origin {
    if text == Origin::Template.as_str() {
        Origin::Template
    } else {
        Origin::Live
    }
}
