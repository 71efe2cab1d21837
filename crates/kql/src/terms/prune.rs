//! Which rows of a Parquet file may pass a condition.

use std::path::Path;

use datafusion::datasource::physical_plan::parquet::{ParquetAccessPlan, RowGroupAccess};
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use stance_term_filter::{FilterError, FilterFile};

use super::condition::Condition;

/// What the side file of a Parquet file says of a condition.
#[derive(Debug, Clone)]
pub(super) struct Pruned {
    /// What to read; nothing where no row can pass.
    pub(super) access: Option<ParquetAccessPlan>,
    /// Rows that need not be read.
    pub(super) left_out: u64,
}

/// Asks the side file of a Parquet file; nothing where there is none that can be trusted, or where
/// every row must be read.
pub(super) fn prune(parquet: &Path, condition: &Condition) -> Option<Pruned> {
    match ask(parquet, condition) {
        Ok(pruned) => pruned,
        Err(error) => {
            tracing::debug!(file = %parquet.display(), %error, "its term filters are not used");
            None
        }
    }
}

fn ask(parquet: &Path, condition: &Condition) -> Result<Option<Pruned>, FilterError> {
    let Some(mut file) = FilterFile::beside(parquet)? else {
        return Ok(None);
    };
    let groups = file.group_rows().to_vec();
    let mut accesses = Vec::with_capacity(groups.len());
    let mut left_out = 0;
    for (group, rows) in groups.into_iter().enumerate() {
        let access = match blocks(&mut file, group, condition)? {
            None => RowGroupAccess::Scan,
            Some(kept) => access(&kept, rows, file.block_rows(), &mut left_out),
        };
        accesses.push(access);
    }
    if left_out == 0 {
        return Ok(None);
    }
    let something = accesses.iter().any(RowGroupAccess::should_scan);
    Ok(Some(Pruned {
        access: something.then(|| ParquetAccessPlan::new(accesses)),
        left_out,
    }))
}

/// The blocks of a row group that may hold rows that pass; nothing where it is not known.
fn blocks(
    file: &mut FilterFile,
    group: usize,
    condition: &Condition,
) -> Result<Option<Vec<bool>>, FilterError> {
    let mut all: Option<Vec<bool>> = None;
    match condition {
        Condition::Unknown => {}
        Condition::Terms { column, terms } => return file.blocks_with(column, group, terms),
        Condition::All(parts) => {
            for part in parts {
                let Some(kept) = blocks(file, group, part)? else {
                    continue;
                };
                all = Some(merged(all, kept, |known, new| known && new));
            }
        }
        Condition::Any(parts) => {
            for part in parts {
                let Some(kept) = blocks(file, group, part)? else {
                    return Ok(None);
                };
                all = Some(merged(all, kept, |known, new| known || new));
                if all.iter().flatten().all(|keep| *keep) {
                    break;
                }
            }
        }
    }
    Ok(all)
}

fn merged(known: Option<Vec<bool>>, new: Vec<bool>, how: fn(bool, bool) -> bool) -> Vec<bool> {
    let Some(known) = known else { return new };
    let pairs = known.into_iter().zip(new);
    pairs.map(|(known, new)| how(known, new)).collect()
}

fn access(kept: &[bool], rows: u64, block_rows: u64, left_out: &mut u64) -> RowGroupAccess {
    if kept.iter().all(|keep| *keep) {
        return RowGroupAccess::Scan;
    }
    if !kept.contains(&true) {
        *left_out += rows;
        return RowGroupAccess::Skip;
    }
    let mut selectors: Vec<RowSelector> = Vec::new();
    let mut rest = rows;
    for keep in kept {
        let count = rest.min(block_rows);
        rest -= count;
        if !keep {
            *left_out += count;
        }
        match selectors.last_mut() {
            Some(last) if last.skip != *keep => last.row_count += count as usize,
            _ if *keep => selectors.push(RowSelector::select(count as usize)),
            _ => selectors.push(RowSelector::skip(count as usize)),
        }
    }
    RowGroupAccess::Selection(RowSelection::from(selectors))
}
