//! KQL front end: lexer, lossless tree, AST, binder, diagnostics.
//!
//! | module | holds |
//! |---|---|
//! | [`lexer`], [`syntax`], [`ast`] | tokens, the lossless tree, reading it |
//! | [`functions`] | the tables of functions, aggregates and plugins |
//! | [`catalog`], [`schema`] | what the binder is told about tables |
//! | [`bound`] | the result: names resolved, types known |
//! | [`diagnostics`], [`completion`] | what is said to people |
//!
//! Text goes through [`parse`] (never fails, keeps every byte) and [`bind`] (names and types) to a
//! [`bound::BoundQuery`], plain data that an engine lowers. Nothing here knows an engine.
//!
//! ```
//! use stance_kql_syntax::{BindOptions, EmptyCatalog, bind, parse};
//!
//! let parsed = parse("print x = 1 + 1");
//! let bound = bind(&parsed, &EmptyCatalog, &BindOptions::default());
//! assert!(bound.diagnostics.is_empty());
//! ```

pub mod ast;
mod binder;
pub mod bound;
pub mod catalog;
pub mod completion;
pub mod diagnostics;
mod format;
pub mod functions;
pub mod lexer;
pub mod literal;
mod parser;
pub mod schema;
pub mod span;
pub mod syntax;

pub use catalog::{Catalog, EmptyCatalog, MemoryCatalog, StoredFunction, TableSchema};
pub use completion::{Completion, CompletionKind, completions_at};
pub use diagnostics::{Diagnostic, DiagnosticCode, Severity, render_diagnostics};
pub use format::format;
pub use parser::{MAX_DEPTH, MAX_QUERY_BYTES};
pub use schema::{Column, Schema};
pub use span::{LineColumn, Span, line_column};

use std::collections::BTreeMap;

use bound::{BoundQuery, Literal};

/// What [`parse`] made of a text.
#[derive(Debug, Clone)]
pub struct Parse {
    text: String,
    tree: rowan::GreenNode,
    diagnostics: Vec<Diagnostic>,
}

impl Parse {
    /// The text that was parsed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root of the lossless tree; its text is the text parsed.
    pub fn syntax(&self) -> syntax::SyntaxNode {
        syntax::SyntaxNode::new_root(self.tree.clone())
    }

    /// What is wrong with the syntax.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }
}

/// Values and limits for [`bind`].
#[derive(Debug, Clone)]
pub struct BindOptions {
    /// Values for `declare query_parameters`, by name.
    pub parameters: Vec<(String, Literal)>,
    /// Most bound nodes, once functions are put in place.
    pub max_nodes: usize,
    /// Schemas of plugins whose columns only the data know, found by an engine: by
    /// [`bound::Evaluate::open_index`].
    pub open_schemas: BTreeMap<usize, Schema>,
}

impl Default for BindOptions {
    fn default() -> Self {
        Self {
            parameters: Vec::new(),
            max_nodes: 500_000,
            open_schemas: BTreeMap::new(),
        }
    }
}

/// What [`bind`] made of a query.
#[derive(Debug, Clone)]
pub struct Bound {
    /// The query; absent where an error (of syntax or binding) keeps it from running.
    pub query: Option<BoundQuery>,
    /// Schema of the main result as far as it could be worked out, even where there are errors.
    pub schema: Schema,
    /// Everything wrong: syntax first, then names and types, by position.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a query. Never fails: what cannot be understood is in the diagnostics.
pub fn parse(text: &str) -> Parse {
    let (tree, diagnostics) = parser::parse_text(text);
    Parse {
        text: text.to_owned(),
        tree,
        diagnostics,
    }
}

/// Resolves names and types of a parsed query.
pub fn bind(parse: &Parse, catalog: &dyn Catalog, options: &BindOptions) -> Bound {
    binder::bind_parse(parse, catalog, options)
}
