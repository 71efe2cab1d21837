//! `externaldata`: which files may be read, and how.

use std::path::{Component, Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use stance_kql_syntax::bound::BoundExpression;
use stance_kql_syntax::{Diagnostic, DiagnosticCode, Schema, Span};

use super::relation::Relation;
use super::{Lowered, Lowerer};
use crate::engine::RemoteExternalData;
use crate::error::LowerError;
use crate::operators::{ExternalData, ExternalFormat, OperatorColumn, TableOperator};
use crate::value::Value;

/// Most files of one `externaldata`.
const MAX_FILES: usize = 1_000;

fn refused(span: Span, message: impl Into<String>, help: impl Into<String>) -> LowerError {
    let diagnostic = Diagnostic::error(DiagnosticCode::NotSupported, span, message);
    LowerError::Diagnostic(diagnostic.with_help(help))
}

impl Lowerer<'_> {
    pub(super) fn external_data(
        &self,
        uris: &[BoundExpression],
        options: &[(Arc<str>, BoundExpression)],
        schema: &Schema,
        span: Span,
    ) -> Lowered<Relation> {
        if uris.len() > MAX_FILES {
            let message = format!("`externaldata` of more than {MAX_FILES} files");
            return Err(refused(span, message, "put the rows into fewer files"));
        }
        let mut files = Vec::new();
        let mut format = None;
        for uri in uris {
            let place = self.constant(uri)?.as_text().into_owned();
            let Some(path) = self.local_file(&place, uri.span)? else {
                continue;
            };
            format = format.or_else(|| format_of(&path));
            files.push(path);
        }
        if files.is_empty() {
            return self.rows(Vec::new(), schema);
        }
        let mut ignore_first = false;
        for (name, value) in options {
            let value_span = value.span;
            let value = self.constant(value)?;
            match name.to_ascii_lowercase().as_str() {
                "format" => format = Some(named_format(&value, value_span)?),
                "ignorefirstrecord" => ignore_first = is_true(&value),
                "includeheaders" => ignore_first = value.as_text().eq_ignore_ascii_case("all"),
                "ingestionmapping" | "ingestionmappingtype" | "ingestionmappingreference" => {
                    let message = "`externaldata` with an ingestion mapping does not run yet";
                    let help = "declare the columns in the order (or by the names) of the file";
                    return Err(refused(value_span, message, help));
                }
                _ => {}
            }
        }
        let columns = schema.columns().iter();
        let columns = columns.map(|column| OperatorColumn {
            name: column.name.to_string(),
            scalar_type: column.scalar_type,
        });
        let external = ExternalData {
            files,
            format: format.unwrap_or(ExternalFormat::Delimited(b',')),
            ignore_first,
            columns: columns.collect(),
        };
        let operator = TableOperator::ExternalData(external);
        self.table_operator(operator, Vec::new(), Vec::new(), schema)
    }

    /// The file that a place names; nothing where the place is on the network and stands for an
    /// empty table.
    fn local_file(&self, place: &str, span: Span) -> Lowered<Option<PathBuf>> {
        // What stands after `;` or `?` is a secret of the storage.
        let (local, remote) = match place.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => (rest, false),
            Some(_) => ("", true),
            None => (place, false),
        };
        if remote {
            return match self.options.remote_external_data {
                RemoteExternalData::Empty => Ok(None),
                RemoteExternalData::Refuse => Err(refused(
                    span,
                    "`externaldata` does not read from the network",
                    "fetch the file into a folder and allow it with `--external-data DIR`",
                )),
            };
        }
        let path = Path::new(local);
        if path.components().any(|part| part == Component::ParentDir) {
            let message = "`externaldata` takes no path with `..`";
            return Err(refused(span, message, "name the file from its folder down"));
        }
        let folders = &self.options.external_data_folders;
        for folder in folders {
            let Ok(folder) = std::fs::canonicalize(folder) else {
                continue;
            };
            let Ok(found) = std::fs::canonicalize(folder.join(path)) else {
                continue;
            };
            if found.starts_with(&folder) && found.is_file() {
                return Ok(Some(found));
            }
        }
        let message = if folders.is_empty() {
            "`externaldata` may read no folder"
        } else {
            "this file is in none of the folders that `externaldata` may read"
        };
        Err(refused(
            span,
            message,
            "allow its folder with `--external-data DIR`",
        ))
    }
}

/// The format that a file's name tells.
fn format_of(path: &Path) -> Option<ExternalFormat> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let (_, extension) = name.rsplit_once('.')?;
    ExternalFormat::from_str(extension).ok()
}

fn named_format(value: &Value<'_>, span: Span) -> Lowered<ExternalFormat> {
    let name = value.as_text();
    ExternalFormat::from_str(&name).map_err(|()| {
        let message = format!("`externaldata` does not read the format `{name}`");
        let help = "it reads csv, tsv, psv, scsv, txt, raw, json, multijson and parquet";
        refused(span, message, help)
    })
}

fn is_true(value: &Value<'_>) -> bool {
    match value {
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        other => other.as_bool().unwrap_or(false),
    }
}
