//! Which Parquet file a side file was made for.

use std::io::{self, Read, Seek, SeekFrom};

use crate::pages::checksum;

/// What every Parquet file ends with.
const MAGIC: &[u8; 4] = b"PAR1";

/// Largest footer that is read.
const MAX_FOOTER: u64 = 256 << 20;

/// A Parquet file's size and the checksum of its footer, which tells where all its pages lie and
/// how long they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParquetIdentity {
    /// Bytes of the file.
    pub size: u64,
    /// XXH3 of the footer with its length and the closing magic.
    pub footer: u64,
}

impl ParquetIdentity {
    /// Reads the footer of a Parquet file.
    ///
    /// # Errors
    /// Where the file cannot be read or does not end as a Parquet file.
    pub fn of(file: &mut (impl Read + Seek)) -> io::Result<Self> {
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "no Parquet file");
        let size = file.seek(SeekFrom::End(0))?;
        let mut end = [0_u8; 8];
        file.seek(SeekFrom::Start(size.checked_sub(8).ok_or_else(wrong)?))?;
        file.read_exact(&mut end)?;
        let (length, magic) = end.split_at(4);
        let length = length
            .iter()
            .rev()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let start = size.checked_sub(8 + length);
        let start = start.filter(|_| magic == MAGIC && length <= MAX_FOOTER);
        file.seek(SeekFrom::Start(start.ok_or_else(wrong)?))?;
        let mut footer = vec![0_u8; length as usize];
        file.read_exact(&mut footer)?;
        footer.extend_from_slice(&end);
        Ok(Self {
            size,
            footer: checksum(&footer),
        })
    }
}
