//! Resources between reading and judging: on disk past a bound, so that memory does not grow with the estate.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use stance_model::Resource;

use crate::OperationsError;

/// No record is longer; a reader that claims so has met a damaged file.
const LONGEST_RECORD: usize = 64 << 20;

/// Records in the order they were written: a length of four bytes, then JSON.
#[derive(Debug)]
pub(crate) struct Spool {
    writer: BufWriter<File>,
    records: u32,
}

impl Spool {
    /// A spool in an unnamed file of `folder`, which nobody else can open and which ends with the process.
    pub(crate) fn new(folder: &Path) -> Result<Self, OperationsError> {
        let file = tempfile::tempfile_in(folder)
            .map_err(|error| OperationsError::storage(folder, error))?;
        Ok(Self {
            writer: BufWriter::with_capacity(1 << 18, file),
            records: 0,
        })
    }

    /// Adds a resource and returns its number, from 0.
    pub(crate) fn push(&mut self, resource: &Resource) -> Result<u32, OperationsError> {
        let bytes = serde_json::to_vec(resource)?;
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.writer
            .write_all(&length.to_le_bytes())
            .and_then(|()| self.writer.write_all(&bytes))
            .map_err(OperationsError::spool)?;
        self.records += 1;
        Ok(self.records - 1)
    }

    /// The records from the first on.
    pub(crate) fn read(&mut self) -> Result<SpoolReader, OperationsError> {
        self.writer.flush().map_err(OperationsError::spool)?;
        let mut file = self
            .writer
            .get_ref()
            .try_clone()
            .map_err(OperationsError::spool)?;
        file.seek(SeekFrom::Start(0))
            .map_err(OperationsError::spool)?;
        Ok(SpoolReader {
            reader: BufReader::with_capacity(1 << 18, file),
            next: 0,
            records: self.records,
        })
    }
}

/// Reads a [`Spool`] from start to end.
#[derive(Debug)]
pub(crate) struct SpoolReader {
    reader: BufReader<File>,
    next: u32,
    records: u32,
}

impl SpoolReader {
    /// The bytes of record `number`, which is not behind the place that was read to; `None` behind the last.
    pub(crate) fn skip_to(&mut self, number: u32) -> Result<Option<Vec<u8>>, OperationsError> {
        while let Some((found, bytes)) = self.next_record()? {
            if found == number {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// The next record's number and bytes, undecoded, so that decoding can be spread over cores.
    pub(crate) fn next_record(&mut self) -> Result<Option<(u32, Vec<u8>)>, OperationsError> {
        if self.next == self.records {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.reader
            .read_exact(&mut length)
            .map_err(OperationsError::spool)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST_RECORD {
            return Err(OperationsError::spool(io::Error::from(
                io::ErrorKind::InvalidData,
            )));
        }
        let mut bytes = vec![0; length];
        self.reader
            .read_exact(&mut bytes)
            .map_err(OperationsError::spool)?;
        self.next += 1;
        Ok(Some((self.next - 1, bytes)))
    }
}
