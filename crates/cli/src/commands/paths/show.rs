//! `stance paths` itself, and what if.

use std::path::Path;
use std::process::ExitCode;

use comfy_table::Cell;
use sha2::{Digest, Sha256};
use stance_base::safe_text;
use stance_operations::exposure::{PathRecord, WhatIf, what_if};
use stance_report::TableOptions;
use stance_report::paths::{
    PathsReport, Picture, csv, detail, dot, json, list, mermaid, svg, text,
};

use super::{stored, view, wanted};
use crate::arguments::paths::{PathsFormat, PathsShowArguments};
use crate::commands::bom::open;
use crate::failure::Failure;
use crate::output::Output;
use crate::terminal::{self, Stream, say};

/// Up to so many paths are shown at length where one was asked for by id.
const AT_LENGTH: usize = 5;

pub(super) async fn run(arguments: &PathsShowArguments) -> Result<ExitCode, Failure> {
    let stored = stored(&arguments.data).await?;
    let mut paths = wanted::select(stored.paths, arguments.path.as_deref(), &arguments.wanted)?;
    let mut bounded = stored.bounded;
    if !arguments.fix.is_empty() {
        let (lake, _) = open(&arguments.data)?;
        let answer = what_if(&lake, &arguments.fix).await?;
        bounded.extend(answer.bounded.iter().cloned());
        bounded.sort();
        bounded.dedup();
        paths = closed(paths, &answer);
    }
    let at = stored.evaluated_at.unwrap_or_default();
    let report = view::report(&paths, bounded, at);
    let at_length = arguments.path.is_some() && paths.len() <= AT_LENGTH;
    write(
        &report,
        arguments.format,
        at_length,
        arguments.output.as_deref(),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Says what the fixes do, and keeps the paths that they would close.
fn closed(paths: Vec<PathRecord>, answer: &WhatIf) -> Vec<PathRecord> {
    for effect in &answer.effects {
        let does = match (effect.edges, effect.facts) {
            (0, 0) => "changes nothing in the graph: it lowers risk, and closes no path".to_owned(),
            (edges, facts) => format!("takes away {edges} edges and changes {facts} facts"),
        };
        say(&format!("{}: {does}", safe_text::one_line(&effect.what)));
    }
    let before = paths.len();
    let gone: Vec<PathRecord> = paths
        .into_iter()
        .filter(|path| answer.closed.contains(&path.id))
        .collect();
    say(&format!(
        "{} of {before} attack paths would disappear:",
        gone.len()
    ));
    gone
}

/// Writes paths in any format.
pub(super) fn write(
    report: &PathsReport,
    format: PathsFormat,
    at_length: bool,
    path: Option<&Path>,
) -> Result<(), Failure> {
    let place = Output::open(path);
    match format {
        PathsFormat::Table if at_length => {
            let options = TableOptions {
                width: terminal::width(),
                color: terminal::colour(Stream::Output),
                ..TableOptions::default()
            };
            let mut bytes = Vec::new();
            for path in &report.paths {
                detail::write(&mut bytes, path, &report.bounded, &options)?;
            }
            place.write(&bytes)
        }
        PathsFormat::Table => place.write(table(report).as_bytes()),
        PathsFormat::Json => place.fill(|out| json::write(out, report)),
        PathsFormat::Csv => {
            let mut bytes = Vec::new();
            csv::write(&mut bytes, report)?;
            place.write(&bytes)?;
            checksum(path, &bytes)
        }
        PathsFormat::Svg => place.write(svg::render(&Picture::of(report)).svg.as_bytes()),
        PathsFormat::Dot => place.write(dot::render(&Picture::of(report)).as_bytes()),
        PathsFormat::Mermaid => place.write(mermaid::render(&Picture::of(report)).as_bytes()),
        PathsFormat::Text => place.write(text::twin(&Picture::of(report)).as_bytes()),
    }
}

/// Beside an export that is evidence, `FILE.sha256` as `sha256sum --check` reads it.
fn checksum(path: Option<&Path>, bytes: &[u8]) -> Result<(), Failure> {
    let Some(path) = path.filter(|path| path.is_file()) else {
        return Ok(());
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let line = format!(
        "{}  {name}\n",
        stance_base::hex::encode(&Sha256::digest(bytes))
    );
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sha256");
    Output::open(Some(Path::new(&beside))).write(line.as_bytes())
}

/// The list, grouped by outcome.
fn table(report: &PathsReport) -> String {
    let list = list::list(report);
    let mut text = String::new();
    if !list.rows.is_empty() {
        let mut table = terminal::table(terminal::width(), terminal::colour(Stream::Output));
        table.set_header(list::HEADER);
        for row in &list.rows {
            table.add_row(row.iter().map(|cell| Cell::new(safe_text::one_line(cell))));
        }
        for line in table.lines() {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    for note in &list.notes {
        text.push_str(&safe_text::one_line(note));
        text.push('\n');
    }
    text
}
