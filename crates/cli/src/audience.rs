//! What a scan finds, kept as far as the wanted format needs it.

use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;
use stance_model::{Finding, FindingState, Resource, Severity};
use stance_operations::scan::Audience;
use stance_report::{ResourceRow, Summary};

use crate::arguments::ScanFormat;
use crate::progress::Progress;

/// Findings of one severity, and resources, that are kept in memory for formats that sort.
const KEPT: usize = 20_000;

/// Hears a scan: counts everything, keeps the worst in memory, spools the rest to disk where it is wanted.
#[derive(Debug)]
pub(crate) struct Listener<'a> {
    progress: &'a Progress,
    /// Counts of everything.
    pub summary: Summary,
    /// Resources for the page.
    pub resources: Vec<ResourceRow>,
    /// Unhealthy and unknown findings, by severity from Low to Critical.
    findings: [Vec<Finding>; 4],
    /// Findings that were too many to keep.
    pub unkept: u64,
    /// The worst severity of an unhealthy finding.
    pub worst: Option<Severity>,
    /// Everything, for formats that hold everything.
    pub spool: Option<Spool>,
    /// The disk refused the spool.
    pub failure: Option<io::Error>,
}

impl<'a> Listener<'a> {
    pub(crate) fn new(format: ScanFormat, progress: &'a Progress) -> io::Result<Self> {
        let spools = matches!(format, ScanFormat::Json | ScanFormat::Csv);
        Ok(Self {
            progress,
            summary: Summary::default(),
            resources: Vec::new(),
            findings: Default::default(),
            unkept: 0,
            worst: None,
            spool: if spools { Some(Spool::new()?) } else { None },
            failure: None,
        })
    }

    /// The findings that were kept, worst first.
    pub(crate) fn take_findings(&mut self) -> Vec<Finding> {
        let mut all = Vec::new();
        for findings in self.findings.iter_mut().rev() {
            all.append(findings);
        }
        all
    }

    fn keep(&mut self, finding: Finding) {
        let place = match finding.severity {
            Severity::Low => 0,
            Severity::Medium => 1,
            Severity::High => 2,
            Severity::Critical => 3,
        };
        if self.findings[place].len() < KEPT {
            self.findings[place].push(finding);
        } else {
            self.unkept += 1;
        }
    }
}

impl Audience for Listener<'_> {
    fn reading(&mut self, done: u64, total: u64, file: &str) {
        self.progress.reading(done, total, file);
    }

    fn judging(&mut self, done: u64, total: u64) {
        self.progress.judging(done, total);
    }

    fn evaluating(&mut self) {
        self.progress.evaluating();
    }

    fn waiting(&mut self, text: &str) {
        self.progress.say(text);
    }

    fn resource(&mut self, resource: &Resource) {
        let row = ResourceRow::from(resource);
        self.summary.count_resource(&row);
        if let Some(spool) = &mut self.spool {
            self.failure = self
                .failure
                .take()
                .or_else(|| spool.resources.push(&row).err());
        } else if self.resources.len() < KEPT {
            self.resources.push(row);
        }
    }

    fn finding(&mut self, finding: Finding) {
        self.summary.count_finding(&finding);
        if finding.state == FindingState::Unhealthy {
            self.worst = self.worst.max(Some(finding.severity));
        }
        if let Some(spool) = &mut self.spool {
            self.failure = self
                .failure
                .take()
                .or_else(|| spool.findings.push(&finding).err());
        } else if matches!(
            finding.state,
            FindingState::Unhealthy | FindingState::Unknown
        ) {
            self.keep(finding);
        }
    }
}

/// Resources and findings on disk.
#[derive(Debug)]
pub(crate) struct Spool {
    pub(crate) resources: Lines,
    pub(crate) findings: Lines,
}

impl Spool {
    fn new() -> io::Result<Self> {
        Ok(Self {
            resources: Lines::new()?,
            findings: Lines::new()?,
        })
    }
}

/// Records as JSON lines in an unnamed file that ends with the process.
#[derive(Debug)]
pub(crate) struct Lines {
    file: BufWriter<std::fs::File>,
}

impl Lines {
    fn new() -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::with_capacity(1 << 17, tempfile::tempfile()?),
        })
    }

    fn push(&mut self, record: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, record)?;
        self.file.write_all(b"\n")
    }

    /// Calls `each` with every record, in order.
    pub(crate) fn for_each<T: DeserializeOwned, E: From<io::Error>>(
        self,
        mut each: impl FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut file = self
            .file
            .into_inner()
            .map_err(|error| E::from(error.into_error()))?;
        file.seek(SeekFrom::Start(0)).map_err(E::from)?;
        let mut reader = BufReader::with_capacity(1 << 17, file);
        let mut line = String::new();
        while reader.read_line(&mut line).map_err(E::from)? > 0 {
            each(serde_json::from_str(&line).map_err(|error| E::from(error.into()))?)?;
            line.clear();
        }
        Ok(())
    }
}
