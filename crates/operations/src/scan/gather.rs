//! What the readers yield, sorted out: one reading for each resource, the rest superseded.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};
use stance_collect::{Input, Progress, Sink};
use stance_model::{Coverage, Diagnostic, DiagnosticLevel, Origin, Resource};

use crate::OperationsError;
use crate::rows::{instant, resources};
use crate::scan::Audience;
use crate::scan::policies::is_machinery;
use crate::scan::related::Related;
use crate::scan::spool::Spool;

/// Conflicting readings that are told one by one; the rest is summed up.
const CONFLICTS_TOLD: usize = 3;

/// Definitions, assignments and their like that are kept in memory: Azure has about 4,000 built-in ones.
const MOST_MACHINERY: usize = 50_000;

/// 128 bits of SHA-256: equal only for what is equal.
pub(crate) type Key = [u8; 16];

/// The reading that counts for one resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reading {
    /// Its number in the spool.
    pub sequence: u32,
    /// Its input, as an index into [`Gather::inputs`].
    pub input: u16,
    /// When its state was true, in microseconds.
    pub observed_at: i64,
    /// [`resources::content_hash`] of it.
    pub content_hash: Key,
    completeness: u32,
    /// Index into `Gather::files`, and the line there.
    place: (u32, u32),
}

/// Collects readings; memory grows by about 100 bytes for each resource, the resources themselves go to disk.
pub(crate) struct Gather<'a> {
    /// Keys of the inputs, in the order they were read.
    pub inputs: Vec<String>,
    /// What counts, by [`key_of`].
    pub readings: HashMap<Key, Reading>,
    /// Records of the spool that a better reading replaced.
    pub superseded: HashSet<u32>,
    /// Resources that others are judged by.
    pub related: Related,
    /// Definitions, assignments and their like, with the file each was read from.
    pub machinery: HashMap<Key, (String, Value)>,
    /// What was collected.
    pub coverage: Vec<(Coverage, u16)>,
    /// What could not be read, and readings that differ.
    pub diagnostics: Vec<(Diagnostic, u16)>,
    /// The readings, in order.
    pub spool: Spool,
    /// Types whose resources checks read, and the records that hold them.
    pub checked_types: BTreeSet<String>,
    /// In order.
    pub checked: Vec<u32>,
    /// Set where the disk refused a record.
    pub failure: Option<OperationsError>,
    now: i64,
    files: Vec<String>,
    file_numbers: HashMap<String, u32>,
    conflicts: usize,
    told_conflicts: Vec<String>,
    /// Hears how it goes.
    pub audience: &'a mut dyn Audience,
}

impl<'a> Gather<'a> {
    /// An empty collection that spools into `scratch`.
    pub(crate) fn new(
        scratch: &Path,
        related: Related,
        checked_types: BTreeSet<String>,
        now: i64,
        audience: &'a mut dyn Audience,
    ) -> Result<Self, OperationsError> {
        Ok(Self {
            inputs: Vec::new(),
            readings: HashMap::new(),
            superseded: HashSet::new(),
            related,
            machinery: HashMap::new(),
            coverage: Vec::new(),
            diagnostics: Vec::new(),
            spool: Spool::new(scratch)?,
            checked_types,
            checked: Vec::new(),
            failure: None,
            now,
            files: Vec::new(),
            file_numbers: HashMap::new(),
            conflicts: 0,
            told_conflicts: Vec::new(),
            audience,
        })
    }

    /// Tells conflicting readings, all in one message: an estate that was exported twice has many.
    pub(crate) fn close(&mut self) {
        if self.conflicts == 0 {
            return;
        }
        let more = self.conflicts - self.told_conflicts.len();
        let rest = if more > 0 {
            format!("; and {more} more")
        } else {
            String::new()
        };
        let told = self.told_conflicts.join("; ") + &rest;
        let told = Diagnostic {
            level: DiagnosticLevel::Note,
            file: String::new(),
            line: 0,
            column: 0,
            code: "OPS0001".to_owned(),
            message: format!(
                "{} resources were read twice with different content; the newest reading was kept, then the fullest: {told}",
                self.conflicts
            ),
            help: "scan only one of the files, or export both again".to_owned(),
        };
        self.diagnostics.push((told, self.input()));
    }

    fn take(&mut self, resource: Resource) -> Result<(), OperationsError> {
        let key = key_of(resource.id.as_str(), resource.origin);
        let place = (
            self.file_number(&resource.source.file),
            resource.source.line,
        );
        let reading = Reading {
            sequence: self.spool.push(&resource)?,
            input: self.input(),
            observed_at: resource
                .observed_at
                .as_deref()
                .and_then(instant::parse)
                .unwrap_or(self.now),
            content_hash: hash_bytes(&resources::content_hash(&resource)),
            completeness: resources::completeness(&resource.body),
            place,
        };
        if self.checked_types.contains(&resource.resource_type) {
            self.checked.push(reading.sequence);
        }
        if let Some(known) = self.readings.get(&key).cloned() {
            let better = (reading.observed_at, reading.completeness)
                > (known.observed_at, known.completeness);
            self.superseded.insert(if better {
                known.sequence
            } else {
                reading.sequence
            });
            if known.content_hash != reading.content_hash {
                self.note_conflict(&resource, &known, &reading, better);
            }
            if !better {
                return Ok(());
            }
        }
        self.keep_machinery(key, &resource);
        self.related.insert(resource);
        self.readings.insert(key, reading);
        Ok(())
    }

    /// Keeps what puts policies to work; a later reading replaces an earlier one.
    fn keep_machinery(&mut self, key: Key, resource: &Resource) {
        let is_one = resource.origin == Origin::Live && is_machinery(&resource.resource_type);
        if is_one && (self.machinery.len() < MOST_MACHINERY || self.machinery.contains_key(&key)) {
            let kept = (resource.source.file.clone(), resource.body.clone());
            self.machinery.insert(key, kept);
        }
    }

    fn note_conflict(
        &mut self,
        resource: &Resource,
        known: &Reading,
        read: &Reading,
        better: bool,
    ) {
        self.conflicts += 1;
        if self.told_conflicts.len() == CONFLICTS_TOLD {
            return;
        }
        let (kept, left) = if better { (read, known) } else { (known, read) };
        let place = |reading: &Reading| {
            format!(
                "{}:{}",
                self.files[reading.place.0 as usize], reading.place.1
            )
        };
        let told = format!("{} ({} over {})", resource.name(), place(kept), place(left));
        self.told_conflicts.push(told);
    }

    /// The input that is being read.
    fn input(&self) -> u16 {
        u16::try_from(self.inputs.len().saturating_sub(1)).unwrap_or(u16::MAX)
    }

    fn file_number(&mut self, file: &str) -> u32 {
        if let Some(number) = self.file_numbers.get(file) {
            return *number;
        }
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(file.to_owned());
        self.file_numbers.insert(file.to_owned(), number);
        number
    }
}

impl Sink for Gather<'_> {
    fn begin_input(&mut self, input: &Input) {
        self.inputs.push(input.key.clone());
    }

    fn resource(&mut self, resource: Resource) -> ControlFlow<()> {
        match self.take(resource) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn coverage(&mut self, coverage: Coverage) {
        self.related.cover(&coverage);
        let input = self.input();
        self.coverage.push((coverage, input));
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push((diagnostic, self.input()));
    }

    fn progress(&mut self, progress: &Progress<'_>) {
        self.audience
            .reading(progress.bytes_done, progress.bytes_total, progress.file);
    }
}

/// The key of a resource: its id in lower case, and whether it is declared or observed, for the two never merge.
pub(crate) fn key_of(id: &str, origin: Origin) -> Key {
    let mut hasher = Sha256::new();
    hasher.update(id.to_lowercase());
    hasher.update([0]);
    hasher.update(origin.as_str());
    first_half(&hasher.finalize())
}

fn first_half(digest: &[u8]) -> Key {
    let mut key = Key::default();
    key.copy_from_slice(&digest[..16]);
    key
}

/// The bytes of a hash written as 32 hex digits; zeros where it is not one.
pub(crate) fn hash_bytes(hex: &str) -> Key {
    let mut bytes = Key::default();
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let text = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(text, 16).unwrap_or_default();
    }
    bytes
}
