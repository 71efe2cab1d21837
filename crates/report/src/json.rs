//! JSON, as `docs/schemas/scan-report.schema.json` lays down. One row a line, so that it diffs and greps well.

use std::fmt::Write as _;
use std::io::Write;

use serde::Serialize;
use stance_base::safe_text::is_unsafe;
use stance_model::{Coverage, Diagnostic, Finding};

use crate::{ReportError, ResourceRow, ScanReport, Summary};

/// The version of the shape. Fields are only ever added under one version.
pub const SCHEMA_VERSION: &str = "1";

/// Writes a report whose rows come one by one: resources, then findings, then the end.
#[derive(Debug)]
pub struct JsonWriter<W> {
    out: W,
    part: Part,
    empty: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Resources,
    Findings,
}

impl<W: Write> JsonWriter<W> {
    /// Opens the report. The summary comes first, so it must be counted by now.
    pub fn begin(mut out: W, summary: &Summary) -> Result<Self, ReportError> {
        let summary = safe(serde_json::to_string_pretty(summary)?);
        write!(
            out,
            "{{\n\"schemaVersion\": \"{SCHEMA_VERSION}\",\n\"summary\": {summary},\n\"resources\": ["
        )?;
        Ok(Self {
            out,
            part: Part::Resources,
            empty: true,
        })
    }

    /// Writes one resource.
    pub fn resource(&mut self, row: &ResourceRow) -> Result<(), ReportError> {
        if self.part != Part::Resources {
            return Err(ReportError::Order("resources"));
        }
        self.row(row)
    }

    /// Writes one finding.
    pub fn finding(&mut self, finding: &Finding) -> Result<(), ReportError> {
        self.open_findings()?;
        self.row(finding)
    }

    /// Writes coverage and diagnostics and closes the report. Gives the output back, flushed.
    pub fn finish(
        mut self,
        coverage: &[Coverage],
        diagnostics: &[Diagnostic],
    ) -> Result<W, ReportError> {
        self.open_findings()?;
        self.next_list("coverage")?;
        for row in coverage {
            self.row(row)?;
        }
        self.next_list("diagnostics")?;
        for row in diagnostics {
            self.row(row)?;
        }
        writeln!(self.out, "\n]\n}}")?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn open_findings(&mut self) -> Result<(), ReportError> {
        if self.part == Part::Resources {
            self.part = Part::Findings;
            self.next_list("findings")?;
        }
        Ok(())
    }

    fn next_list(&mut self, name: &str) -> Result<(), ReportError> {
        self.empty = true;
        write!(self.out, "\n],\n\"{name}\": [")?;
        Ok(())
    }

    fn row(&mut self, row: &impl Serialize) -> Result<(), ReportError> {
        let separator = if self.empty { "\n" } else { ",\n" };
        self.empty = false;
        write!(self.out, "{separator}{}", to_safe_json(row)?)?;
        Ok(())
    }
}

/// Writes a whole report.
pub fn write(out: impl Write, report: &ScanReport) -> Result<(), ReportError> {
    let mut writer = JsonWriter::begin(out, &report.summary)?;
    for row in &report.resources {
        writer.resource(row)?;
    }
    for finding in &report.findings {
        writer.finding(finding)?;
    }
    writer.finish(&report.coverage, &report.diagnostics)?;
    Ok(())
}

/// Compact JSON in which every character that a terminal or reader would obey is a `\u` escape.
/// A JSON reader gets back the same text.
pub fn to_safe_json(value: &impl Serialize) -> Result<String, ReportError> {
    Ok(safe(serde_json::to_string(value)?))
}

/// [`to_safe_json`], laid out for people.
pub fn to_safe_json_pretty(value: &impl Serialize) -> Result<String, ReportError> {
    Ok(safe(serde_json::to_string_pretty(value)?))
}

/// Outside of strings JSON holds no unsafe character but line feeds, inside none below U+0020.
fn safe(json: String) -> String {
    let plain = |byte: u8| matches!(byte, 0x20..=0x7E | b'\n');
    if json.bytes().all(plain) {
        return json;
    }
    let matches = |character: char| character != '\n' && is_unsafe(character);
    let mut out = String::with_capacity(json.len() + 64);
    for character in json.chars() {
        if matches(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}
