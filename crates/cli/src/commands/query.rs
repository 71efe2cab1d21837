//! `stance query`.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use stance_base::{ErrorCode, safe_text};
use stance_kql::{Engine, EngineOptions, QueryResult, output};
use stance_operations::catalog::catalog;
use stance_operations::functions::functions_of_folder;

use crate::arguments::{QueryArguments, QueryFormat};
use crate::commands::prompt;
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;
use crate::result_table;
use crate::terminal::{self, Stream};

/// The longest query that is read from a file or a pipe.
const LONGEST_QUERY: u64 = 16 << 20;

/// Runs one query, or opens the prompt.
pub(crate) async fn run(arguments: &QueryArguments) -> Result<ExitCode, Failure> {
    let text = query_text(arguments)?;
    let engine = engine(arguments).await?;
    let Some(text) = text else {
        return prompt::run(&engine, arguments).await;
    };
    let result = engine.query(&text).await?;
    show(&result, arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// The query that was named, or `None` where a person sits at the terminal.
fn query_text(arguments: &QueryArguments) -> Result<Option<String>, Failure> {
    if let Some(text) = &arguments.text {
        return Ok(Some(text.clone()));
    }
    let unreadable = |what: String, error: std::io::Error| {
        Failure::new(
            ErrorCode::InvalidInput,
            format!("{what} cannot be read: {error}; write the query as UTF-8 text"),
        )
    };
    if let Some(path) = &arguments.file {
        let what = format!("`{}`", path.display());
        let file = std::fs::File::open(path).map_err(|error| unreadable(what.clone(), error))?;
        return read_text(file)
            .map(Some)
            .map_err(|error| unreadable(what, error));
    }
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Ok(None);
    }
    read_text(std::io::stdin().lock())
        .map(Some)
        .map_err(|error| unreadable("standard input".to_owned(), error))
}

fn read_text(source: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    source.take(LONGEST_QUERY).read_to_string(&mut text)?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map_or_else(|| text.clone(), str::to_owned))
}

async fn engine(arguments: &QueryArguments) -> Result<Engine, Failure> {
    let clock = data_folder::clock(&arguments.data);
    let lake = data_folder::lake(&arguments.data)?;
    let mut tables = catalog(&lake, &arguments.table).await?;
    if let Some(folder) = &arguments.functions {
        for function in functions_of_folder(folder)? {
            tables.add_function(function);
        }
    }
    let options = EngineOptions {
        row_limit: arguments.max_rows,
        time_limit: Some(Duration::from_secs(arguments.timeout)),
        clock,
        external_data_folders: arguments.external_data.clone(),
        ..EngineOptions::default()
    };
    Ok(Engine::new(Arc::new(tables), options)?)
}

/// Writes a result in the wanted format, and its statistics where asked for.
pub(crate) fn show(result: &QueryResult, arguments: &QueryArguments) -> Result<(), Failure> {
    let place = Output::open(arguments.output.as_deref());
    match arguments.format {
        QueryFormat::Table => place.write(tables_text(result)?.as_bytes())?,
        QueryFormat::Json => place.fill(|out| write_json(out, result))?,
        QueryFormat::Csv => {
            let mut bytes = Vec::new();
            for (_, one) in result.clone().into_all() {
                // An empty line parts the results of one query.
                if !bytes.is_empty() {
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend(csv_bytes(&one)?);
            }
            place.write(&bytes)?;
        }
        QueryFormat::Parquet => {
            if !result.more.is_empty() {
                return Err(Failure::new(
                    ErrorCode::InvalidInput,
                    "a Parquet file holds one result, the query gives several; use --format json",
                ));
            }
            if !place.is_file() && Stream::Output.is_terminal() {
                return Err(Failure::new(
                    ErrorCode::InvalidInput,
                    "Parquet is no text; name a file with --output FILE",
                ));
            }
            let mut bytes = Vec::new();
            output::write_parquet_to(result, &mut bytes)
                .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
            place.write(&bytes)?;
        }
    }
    if arguments.stats {
        say_statistics(result);
    }
    Ok(())
}

/// The main result as a table, then each further one under its name.
pub(crate) fn tables_text(result: &QueryResult) -> Result<String, Failure> {
    let mut text = String::new();
    for (name, one) in result.clone().into_all() {
        if let Some(name) = name {
            text.push('\n');
            text.push_str(&safe_text::one_line(&name));
            text.push('\n');
        }
        let colour = terminal::colour(Stream::Output);
        text.push_str(&result_table::text(&one, terminal::width(), colour)?);
    }
    Ok(text)
}

/// An array of rows; of several results an object of arrays by name, the main one as `Result1`.
pub(crate) fn write_json(out: &mut dyn Write, result: &QueryResult) -> Result<(), Failure> {
    let text = if result.more.is_empty() {
        json_rows(result)? + "\n"
    } else {
        let mut members = Vec::new();
        for (name, one) in result.clone().into_all() {
            let name = name.unwrap_or_else(|| "Result1".to_owned());
            let name = stance_report::json::to_safe_json(&name)?;
            members.push(format!("{name}: {}", json_rows(&one)?));
        }
        format!("{{\n{}\n}}\n", members.join(",\n"))
    };
    out.write_all(text.as_bytes())
        .map_err(|error| Failure::output(&error))
}

fn json_rows(result: &QueryResult) -> Result<String, Failure> {
    let mut text = String::from("[");
    for (number, row) in output::json_objects(result)?.iter().enumerate() {
        text.push_str(if number == 0 { "\n" } else { ",\n" });
        text.push_str(&stance_report::json::to_safe_json(row)?);
    }
    text.push_str("\n]");
    Ok(text)
}

pub(crate) fn csv_bytes(result: &QueryResult) -> Result<Vec<u8>, Failure> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let failed = |error: csv::Error| Failure::new(ErrorCode::Internal, error.to_string());
    let header = result
        .columns
        .iter()
        .map(|column| safe_text::csv_cell(&column.name).into_owned());
    writer
        .write_record(header.collect::<Vec<_>>())
        .map_err(failed)?;
    for row in output::text_rows(result)? {
        writer
            .write_record(
                row.iter()
                    .map(|cell| safe_text::csv_cell(cell).into_owned()),
            )
            .map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
}

fn say_statistics(result: &QueryResult) {
    let stats = &result.stats;
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    // A closed standard error is no reason to fail.
    let _ = writeln!(
        std::io::stderr(),
        "parse {}, bind {}, plan {}, run {}; {} rows and {} bytes read, {} rows left out by term filters, {} rows out",
        milliseconds(stats.parse_time),
        milliseconds(stats.bind_time),
        milliseconds(stats.plan_time),
        milliseconds(stats.run_time),
        stats.rows_read,
        stats.bytes_read,
        stats.rows_left_out,
        stats.rows_out
    );
}
