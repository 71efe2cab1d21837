//! The whole query.

use std::sync::Arc;

use super::{BoundTabular, Literal};
use crate::schema::Schema;

/// A query ready to be planned.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundQuery {
    /// The main result: the last tabular statement.
    ///
    /// A statement gives several results where its last step is [`super::Operator::Fork`],
    /// [`super::Operator::Facet`], or [`super::Operator::GraphToTable`] with several outputs; the
    /// binder lets nothing follow these.
    pub root: BoundTabular,
    /// Tabular statements before it, each with results of its own.
    pub earlier_results: Vec<BoundTabular>,
    /// How the result wants to be drawn.
    pub render: Option<Render>,
    /// `set name = value;`.
    pub options: Vec<QueryOption>,
}

impl BoundQuery {
    /// Schema of the main result.
    pub fn schema(&self) -> &Schema {
        self.root.schema()
    }
}

/// `set name = value`.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryOption {
    /// Option name.
    pub name: Arc<str>,
    /// Its value; `true` where none was written.
    pub value: Literal,
}

/// `render kind with (...)`: words for the one who draws; the rows are not touched.
#[derive(Debug, Clone, PartialEq)]
pub struct Render {
    /// `timechart`, `barchart`, `table`, ... in lower case.
    pub visualization: Arc<str>,
    /// `title`, `xcolumn`, `ycolumns`, ... with their values as text.
    pub properties: Vec<(Arc<str>, Arc<str>)>,
}
