//! Plugins whose columns only the data know.
//!
//! The engine runs [`OpenStep::probe`], makes the schema of its rows, and binds the query again
//! with it. Order and types of the columns follow
//! <https://learn.microsoft.com/kusto/query/bag-unpack-plugin> and `pivot-plugin`.

use std::collections::BTreeMap;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::LogicalPlan;
use serde_json::Value as Json;
use stance_base::ScalarType;
use stance_kql_syntax::{Column, Diagnostic, DiagnosticCode, Schema, Span};

/// Most columns that data may make.
const MAX_COLUMNS: usize = 2_000;

/// A step that waits for its columns.
#[derive(Debug)]
pub(crate) struct OpenStep {
    /// Which of the query's open steps.
    pub(crate) index: usize,
    /// Its first column, a string, says what columns there are.
    pub(crate) probe: LogicalPlan,
    pub(super) columns: OpenColumns,
    pub(super) span: Span,
}

/// How the rows of a probe become columns.
#[derive(Debug)]
pub(super) enum OpenColumns {
    /// Shapes of bags, see the function `bag_shape`.
    Bag {
        /// The other columns of the input.
        source: Schema,
        prefix: String,
        conflict: Conflict,
        ignored: Vec<String>,
    },
    /// Values of the pivot column.
    Pivot {
        rows: Schema,
        /// Type of the cells.
        cell: ScalarType,
    },
}

/// What is done where a property has the name of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    Error,
    ReplaceSource,
    KeepSource,
}

impl Conflict {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "error" => Some(Self::Error),
            "replace_source" => Some(Self::ReplaceSource),
            "keep_source" => Some(Self::KeepSource),
            _ => None,
        }
    }
}

impl OpenStep {
    /// The columns, of the rows that the probe gave.
    ///
    /// # Errors
    /// Where there are too many, or two of one name.
    pub(crate) fn schema(&self, rows: &[ScalarValue]) -> Result<Schema, Diagnostic> {
        let texts = rows.iter().filter_map(|row| match row {
            ScalarValue::Utf8View(text) | ScalarValue::Utf8(text) => text.as_deref(),
            _ => None,
        });
        let schema = match &self.columns {
            OpenColumns::Bag {
                source,
                prefix,
                conflict,
                ignored,
            } => {
                let mut found = bag_columns(texts);
                found.retain(|name, _| !ignored.contains(name));
                self.bag_schema(source, prefix, *conflict, found)?
            }
            OpenColumns::Pivot { rows, cell } => {
                let mut names: Vec<&str> = texts.collect();
                names.sort_unstable();
                names.dedup();
                let added = names.into_iter().filter(|name| rows.column(name).is_none());
                let added = added.map(|name| Column::new(name, *cell));
                rows.columns().iter().cloned().chain(added).collect()
            }
        };
        if schema.len() > MAX_COLUMNS {
            let message = format!(
                "the data make {} columns, more than {MAX_COLUMNS}",
                schema.len()
            );
            let help =
                "keep fewer rows or properties before this step, or declare the columns after it";
            return Err(self.wrong(message).with_help(help));
        }
        Ok(schema)
    }

    fn wrong(&self, message: String) -> Diagnostic {
        Diagnostic::error(DiagnosticCode::QueryTooComplex, self.span, message)
    }

    /// Columns of the input that stay, then the properties by name.
    fn bag_schema(
        &self,
        source: &Schema,
        prefix: &str,
        conflict: Conflict,
        found: BTreeMap<String, Option<ScalarType>>,
    ) -> Result<Schema, Diagnostic> {
        let properties: BTreeMap<String, ScalarType> = found
            .into_iter()
            .map(|(name, scalar_type)| {
                let scalar_type = scalar_type.unwrap_or(ScalarType::Dynamic);
                (format!("{prefix}{name}"), scalar_type)
            })
            .collect();
        let taken = |column: &&Column| properties.contains_key(&*column.name);
        if conflict == Conflict::Error
            && let Some(column) = source.columns().iter().find(taken)
        {
            let message = format!(
                "the data have a property `{}`, as the input has a column",
                column.name
            );
            let diagnostic = Diagnostic::error(DiagnosticCode::DuplicateName, self.span, message);
            let help = "give a prefix, or `columnsConflict='keep_source'` or `'replace_source'`";
            return Err(diagnostic.with_help(help));
        }
        let kept = source.columns().iter().filter(|column| !taken(column));
        let added = properties.iter().map(|(name, scalar_type)| {
            let own = source
                .column(name)
                .filter(|_| conflict == Conflict::KeepSource);
            let scalar_type = own.map_or(*scalar_type, |column| column.scalar_type);
            Column::new(name.as_str(), scalar_type)
        });
        Ok(kept.cloned().chain(added).collect())
    }
}

/// Names of properties with the one type that all their values have, nothing where all are null.
fn bag_columns<'a>(shapes: impl Iterator<Item = &'a str>) -> BTreeMap<String, Option<ScalarType>> {
    let mut columns: BTreeMap<String, Option<ScalarType>> = BTreeMap::new();
    for shape in shapes {
        let Ok(Json::Object(properties)) = serde_json::from_str::<Json>(shape) else {
            continue;
        };
        for (name, scalar_type) in properties {
            if name.is_empty() {
                continue;
            }
            let found = scalar_type.as_str().and_then(|name| name.parse().ok());
            let known = columns.entry(name).or_insert(found);
            *known = match (*known, found) {
                (None, other) | (other, None) => other,
                (Some(a), Some(b)) if a == b => Some(a),
                _ => Some(ScalarType::Dynamic),
            };
        }
    }
    columns
}
