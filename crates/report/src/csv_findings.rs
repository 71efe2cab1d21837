//! CSV of findings (RFC 4180), safe to open in a spreadsheet.

use std::io::Write;

use csv::{Terminator, WriterBuilder};
use stance_base::safe_text::csv_cell;
use stance_model::{Finding, RemediationCommand, ResourceId};

use crate::{ReportError, ScanReport, show};

/// The columns, in order. New ones are added at the end.
pub const COLUMNS: [&str; 16] = [
    "FindingId",
    "Severity",
    "State",
    "Recommendation",
    "Title",
    "ResourceName",
    "ResourceType",
    "ResourceId",
    "SubscriptionId",
    "ResourceGroup",
    "Cause",
    "Evidence",
    "Source",
    "Remediation",
    "Command",
    "Frameworks",
];

/// Writes findings one by one.
pub struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> std::fmt::Debug for CsvWriter<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CsvWriter").finish_non_exhaustive()
    }
}

impl<W: Write> CsvWriter<W> {
    /// Writes the heading.
    pub fn begin(out: W) -> Result<Self, ReportError> {
        let mut out = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(out);
        out.write_record(COLUMNS)?;
        Ok(Self { out })
    }

    /// Writes one finding.
    pub fn finding(&mut self, finding: &Finding) -> Result<(), ReportError> {
        let id = ResourceId::new(finding.resource_id.as_str());
        let evidence: Vec<String> = finding
            .evidence
            .iter()
            .map(|item| show::evidence(item, &finding.resource_type))
            .collect();
        let command = finding.remediation.commands.first().map(in_one_line);
        let cells: [&str; 16] = [
            &finding.id,
            finding.severity.as_str(),
            finding.state.as_str(),
            &finding.recommendation,
            &finding.title,
            &finding.resource_name,
            &finding.resource_type,
            &finding.resource_id,
            id.subscription_id().unwrap_or_default(),
            id.resource_group().unwrap_or_default(),
            &finding.cause,
            &evidence.join(" | "),
            &show::location(show::finding_location(finding)),
            &finding.remediation.text,
            command.as_deref().unwrap_or_default(),
            &show::frameworks(finding),
        ];
        let cells = cells.map(csv_cell);
        self.out
            .write_record(cells.iter().map(|cell| cell.as_bytes()))?;
        Ok(())
    }

    /// Flushes.
    pub fn finish(mut self) -> Result<(), ReportError> {
        self.out.flush()?;
        Ok(())
    }
}

/// Writes all findings of a report.
pub fn write(out: impl Write, report: &ScanReport) -> Result<(), ReportError> {
    let mut writer = CsvWriter::begin(out)?;
    for finding in &report.findings {
        writer.finding(finding)?;
    }
    writer.finish()
}

/// A shell command with its continued lines joined, as a cell can be copied from.
fn in_one_line(command: &RemediationCommand) -> String {
    let lines = command.text.split("\\\n").map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}
