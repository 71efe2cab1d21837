//! Questions to a side file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::TermHash;
use crate::bloom::{LINE, holds, line_of, mask};
use crate::format::{Directory, FilterError, MAGIC, MAX_DIRECTORY, TAIL, decode};
use crate::identity::ParquetIdentity;
use crate::pages::{CHECKSUM, checked, checksum};
use crate::place::side_path;

/// An open side file. Only its directory is held; a question reads what it needs.
#[derive(Debug)]
pub struct FilterFile<R = File> {
    source: R,
    directory: Directory,
    segments_end: u64,
}

impl FilterFile<File> {
    /// The side file of a Parquet file; nothing where there is none.
    ///
    /// # Errors
    /// Where it is damaged, or was made for another file than lies there now.
    pub fn beside(parquet: &Path) -> Result<Option<Self>, FilterError> {
        let source = match File::open(side_path(parquet)) {
            Ok(source) => source,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let identity = ParquetIdentity::of(&mut File::open(parquet)?)?;
        let file = Self::open(source)?;
        if file.directory.identity != identity {
            return Err(FilterError::Stale);
        }
        Ok(Some(file))
    }
}

impl<R: Read + Seek> FilterFile<R> {
    /// Reads the directory of a side file.
    ///
    /// # Errors
    /// Where it is damaged or of another version.
    pub fn open(mut source: R) -> Result<Self, FilterError> {
        let size = source.seek(SeekFrom::End(0))?;
        let tail_at = size.checked_sub(TAIL as u64).ok_or(FilterError::Damaged)?;
        let mut tail = [0_u8; TAIL];
        read_at(&mut source, tail_at, &mut tail)?;
        let mut head = [0_u8; MAGIC.len()];
        read_at(&mut source, 0, &mut head)?;
        let (sum, rest) = tail.split_at(8);
        let (length, magic) = rest.split_at(4);
        let length = length
            .iter()
            .rev()
            .fold(0_usize, |all, byte| all << 8 | usize::from(*byte));
        if magic != MAGIC || head != *MAGIC || length > MAX_DIRECTORY {
            return Err(FilterError::Damaged);
        }
        let segments_end = tail_at
            .checked_sub(length as u64)
            .ok_or(FilterError::Damaged)?;
        let mut bytes = vec![0_u8; length];
        read_at(&mut source, segments_end, &mut bytes)?;
        if checksum(&bytes).to_le_bytes() != *sum {
            return Err(FilterError::Damaged);
        }
        Ok(Self {
            source,
            directory: decode(&bytes).ok_or(FilterError::Damaged)?,
            segments_end,
        })
    }

    /// The Parquet file it was made for.
    pub fn identity(&self) -> ParquetIdentity {
        self.directory.identity
    }

    /// Rows of each row group.
    pub fn group_rows(&self) -> &[u64] {
        &self.directory.group_rows
    }

    /// Rows of a block; the last block of a row group may have fewer.
    pub fn block_rows(&self) -> u64 {
        u64::from(self.directory.block_rows)
    }

    /// Names of the columns that have filters.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let columns = self.directory.columns.iter();
        columns.map(|column| column.name.as_str())
    }

    /// Which blocks of a row group may hold all of the terms in a column; nothing where that is not
    /// known.
    ///
    /// # Errors
    /// Where the file is damaged.
    pub fn blocks_with(
        &mut self,
        column: &str,
        group: usize,
        terms: &[TermHash],
    ) -> Result<Option<Vec<bool>>, FilterError> {
        let columns = &self.directory.columns;
        let places = columns.iter().find(|known| known.name == column);
        let Some(place) = places.and_then(|known| known.places.get(group)).copied() else {
            return Ok(None);
        };
        if place.lines == 0 {
            return Ok(None);
        }
        let layout = self.directory.layout(group, place.lines);
        let layout = layout.ok_or(FilterError::Damaged)?;
        let mut kept = vec![true; layout.filters];
        for term in terms {
            let line = line_of(*term, place.lines) as usize;
            let (page_at, page_size, row_at) = layout.page_of(line);
            let start = place.offset.checked_add(page_at as u64);
            let end = start.and_then(|start| start.checked_add((page_size + CHECKSUM) as u64));
            let (Some(start), Some(end)) = (start, end) else {
                return Err(FilterError::Damaged);
            };
            if end > self.segments_end {
                return Err(FilterError::Damaged);
            }
            let mut page = vec![0_u8; page_size + CHECKSUM];
            read_at(&mut self.source, start, &mut page)?;
            let page = checked(&page).ok_or(FilterError::Damaged)?;
            let row = page.get(row_at..row_at + layout.row());
            let lines = row.ok_or(FilterError::Damaged)?.chunks_exact(LINE);
            let mask = mask(*term);
            for (keep, line) in kept.iter_mut().zip(lines) {
                *keep = *keep && holds(line, &mask);
            }
        }
        Ok(Some(kept))
    }
}

fn read_at(source: &mut (impl Read + Seek), at: u64, into: &mut [u8]) -> Result<(), FilterError> {
    source.seek(SeekFrom::Start(at))?;
    source.read_exact(into)?;
    Ok(())
}
