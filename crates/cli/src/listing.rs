//! Rows of texts as a table, CSV or JSON.

use comfy_table::{Attribute, Cell};
use serde::Serialize;
use stance_base::{ErrorCode, safe_text};

use crate::arguments::bom::ListFormat;
use crate::failure::Failure;
use crate::terminal::{self, Stream};

/// Columns of the terminal that one cell may take at most.
const WIDEST_CELL: usize = 160;

/// A list: what its columns are called, and its rows as texts.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) header: &'static [&'static str],
    pub(crate) rows: Vec<Vec<String>>,
}

impl Listing {
    /// For people, with how many there are.
    pub(crate) fn table(&self, what: &str) -> String {
        let plural = if self.rows.len() == 1 { "" } else { "s" };
        let count = format!("{} {what}{plural}\n", self.rows.len());
        if self.rows.is_empty() {
            return count;
        }
        let mut table = terminal::table(terminal::width(), terminal::colour(Stream::Output));
        let header = self.header.iter();
        table.set_header(header.map(|name| Cell::new(name).add_attribute(Attribute::Bold)));
        for row in &self.rows {
            table.add_row(row.iter().map(|text| {
                let shown = safe_text::one_line(text);
                Cell::new(safe_text::truncate_width(&shown, WIDEST_CELL))
            }));
        }
        let lines: Vec<String> = table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        format!("{}\n{count}", lines.join("\n"))
    }

    /// With a header line.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Failure> {
        let failed = |error: csv::Error| Failure::new(ErrorCode::Internal, error.to_string());
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(self.header).map_err(failed)?;
        for row in &self.rows {
            let cells = row
                .iter()
                .map(|cell| safe_text::csv_cell(cell).into_owned());
            writer
                .write_record(cells.collect::<Vec<_>>())
                .map_err(failed)?;
        }
        writer
            .into_inner()
            .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
    }

    /// In that format; `json` is what programs get.
    pub(crate) fn bytes(
        &self,
        format: ListFormat,
        what: &str,
        json: &impl Serialize,
    ) -> Result<Vec<u8>, Failure> {
        Ok(match format {
            ListFormat::Table => self.table(what).into_bytes(),
            ListFormat::Csv => self.csv()?,
            ListFormat::Json => json_text(json)?.into_bytes(),
        })
    }
}

/// JSON for programs, with a line feed at its end.
pub(crate) fn json_text(value: &impl Serialize) -> Result<String, Failure> {
    Ok(stance_report::json::to_safe_json_pretty(value)? + "\n")
}
