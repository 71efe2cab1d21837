//! The side file.
//!
//! ```text
//! magic "STTERMS" and the version, one byte
//! segments: the filters of one column and one row group each, see `pages`
//! directory
//! checksum of the directory, 8 bytes
//! length of the directory, 4 bytes
//! magic and version again
//! ```
//!
//! The directory: size and footer checksum of the Parquet file (8 bytes each), rows of a block (4),
//! number of row groups (4), rows of each (8), number of columns (2), and for each column the
//! length of its name (2), its name in UTF-8, and for each row group the place of its segment (8)
//! and the lines of each filter (4), 0 where there are no filters. Numbers have their lowest byte
//! first.

use crate::build::{BLOCK_ROWS, ColumnFilters};
use crate::identity::ParquetIdentity;
use crate::pages::{Layout, checksum};

/// First and last bytes; the last one is the version.
pub(crate) const MAGIC: &[u8; 8] = b"STTERMS\x01";

/// Bytes after the directory.
pub(crate) const TAIL: usize = 8 + 4 + MAGIC.len();

/// Largest directory.
pub(crate) const MAX_DIRECTORY: usize = 64 << 20;

const MAX_GROUPS: usize = 1 << 20;
const MAX_COLUMNS: usize = 10_000;

/// Most blocks of one row group.
const MAX_BLOCKS: u64 = 1 << 20;

/// Why a side file tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It is damaged, or made by a version of which this one knows nothing.
    #[error("it is damaged or of another version")]
    Damaged,
    /// It belongs to another Parquet file.
    #[error("it was made for another Parquet file")]
    Stale,
    /// It would be larger than a reader takes.
    #[error("the Parquet file has too many row groups or columns")]
    TooLarge,
}

/// Where the filters of one column and one row group lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) offset: u64,
    pub(crate) lines: u32,
}

/// The filters of one column, by row group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnPlaces {
    pub(crate) name: String,
    pub(crate) places: Vec<Place>,
}

/// What the directory says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directory {
    pub(crate) identity: ParquetIdentity,
    pub(crate) block_rows: u32,
    pub(crate) group_rows: Vec<u64>,
    pub(crate) columns: Vec<ColumnPlaces>,
}

impl Directory {
    /// Measures of the filters of a row group; nothing where it is none or too large.
    pub(crate) fn layout(&self, group: usize, lines: u32) -> Option<Layout> {
        let blocks = self
            .group_rows
            .get(group)?
            .div_ceil(u64::from(self.block_rows));
        (blocks <= MAX_BLOCKS).then_some(Layout {
            filters: usize::try_from(blocks).ok()?,
            lines: usize::try_from(lines).ok()?,
        })
    }
}

/// A column for [`encode`]: its name, and its filters by row group.
pub type ColumnOfFile<'a> = (&'a str, Vec<Option<ColumnFilters>>);

/// Makes the side file of a Parquet file with so many rows in each row group.
///
/// # Errors
/// Where there are more row groups or columns than a reader takes.
pub fn encode(
    identity: ParquetIdentity,
    group_rows: &[u64],
    columns: &[ColumnOfFile<'_>],
) -> Result<Vec<u8>, FilterError> {
    if group_rows.len() > MAX_GROUPS || columns.len() > MAX_COLUMNS {
        return Err(FilterError::TooLarge);
    }
    let mut out = MAGIC.to_vec();
    let mut directory = Vec::new();
    directory.extend(identity.size.to_le_bytes());
    directory.extend(identity.footer.to_le_bytes());
    directory.extend((BLOCK_ROWS as u32).to_le_bytes());
    directory.extend((group_rows.len() as u32).to_le_bytes());
    for rows in group_rows {
        directory.extend(rows.to_le_bytes());
    }
    directory.extend((columns.len() as u16).to_le_bytes());
    for (name, filters) in columns {
        let length = u16::try_from(name.len()).map_err(|_| FilterError::TooLarge)?;
        directory.extend(length.to_le_bytes());
        directory.extend(name.as_bytes());
        for group in 0..group_rows.len() {
            let filters = filters.get(group).and_then(Option::as_ref);
            let lines = filters.map_or(0, |filters| filters.lines);
            directory.extend((out.len() as u64).to_le_bytes());
            directory.extend(lines.to_le_bytes());
            if let Some(filters) = filters {
                out.extend_from_slice(&filters.bytes);
            }
        }
    }
    if directory.len() > MAX_DIRECTORY {
        return Err(FilterError::TooLarge);
    }
    out.extend_from_slice(&directory);
    out.extend(checksum(&directory).to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend_from_slice(MAGIC);
    Ok(out)
}

/// Reads a directory; nothing where it is not as it should be.
pub(crate) fn decode(bytes: &[u8]) -> Option<Directory> {
    let mut bytes = Bytes(bytes);
    let identity = ParquetIdentity {
        size: bytes.long()?,
        footer: bytes.long()?,
    };
    let block_rows = bytes.int().filter(|rows| *rows > 0)?;
    let groups = bytes.int().map(|count| count as usize)?;
    if groups > MAX_GROUPS {
        return None;
    }
    let group_rows = (0..groups)
        .map(|_| bytes.long())
        .collect::<Option<Vec<_>>>()?;
    let columns = usize::from(bytes.short()?);
    if columns > MAX_COLUMNS {
        return None;
    }
    let mut found = Vec::new();
    for _ in 0..columns {
        let length = usize::from(bytes.short()?);
        let name = std::str::from_utf8(bytes.take(length)?).ok()?.to_owned();
        let places = (0..groups).map(|_| {
            Some(Place {
                offset: bytes.long()?,
                lines: bytes.int()?,
            })
        });
        let places = places.collect::<Option<Vec<_>>>()?;
        found.push(ColumnPlaces { name, places });
    }
    bytes.0.is_empty().then_some(Directory {
        identity,
        block_rows,
        group_rows,
        columns: found,
    })
}

/// Bytes not read yet.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self, length: usize) -> Option<u64> {
        let bytes = self.take(length)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        )
    }

    fn long(&mut self) -> Option<u64> {
        self.number(8)
    }

    fn int(&mut self) -> Option<u32> {
        self.number(4).map(|number| number as u32)
    }

    fn short(&mut self) -> Option<u16> {
        self.number(2).map(|number| number as u16)
    }
}
