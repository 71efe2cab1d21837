//! What may be typed next: for a prompt and an editor.

mod context;

use std::sync::Arc;

use crate::ast::{LetStatement, Root};
use crate::catalog::Catalog;
use crate::functions::{self, FunctionInfo, FunctionKind};
use crate::parser::OPERATOR_NAMES;
use crate::span::Span;
use crate::{BindOptions, Schema, bind, parse};

use context::{Context, Position};

/// One thing that may stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The text to put in.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// A column's type, a function's form, ...; may be empty.
    pub detail: String,
    /// What it takes the place of: the word begun.
    pub replaces: Span,
}

/// What a [`Completion`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CompletionKind {
    /// A column in scope.
    Column,
    /// A name given by `let`.
    Variable,
    /// A table.
    Table,
    /// A tabular operator.
    Operator,
    /// An aggregate.
    Aggregate,
    /// A scalar function or a stored one.
    Function,
    /// A plugin.
    Plugin,
    /// A word with a place of its own: a join kind, `by`, `on`.
    Keyword,
}

/// Operators that may start a pipeline.
const SOURCE_OPERATORS: &[&str] = &[
    "datatable",
    "evaluate",
    "externaldata",
    "find",
    "let",
    "print",
    "range",
    "search",
    "union",
];
const JOIN_KINDS: &[&str] = &[
    "fullouter",
    "inner",
    "innerunique",
    "leftanti",
    "leftouter",
    "leftsemi",
    "rightanti",
    "rightouter",
    "rightsemi",
];
/// Words that go on inside an operator.
const CLAUSE_WORDS: &[&str] = &[
    "and",
    "asc",
    "between",
    "by",
    "contains",
    "desc",
    "endswith",
    "has",
    "has_all",
    "has_any",
    "in",
    "matches regex",
    "on",
    "or",
    "startswith",
    "with",
];

/// Everything that fits at a byte offset, the likeliest kinds first.
///
/// Only what starts with the word begun before the offset is given, without regard to case.
pub fn completions_at(text: &str, offset: usize, catalog: &dyn Catalog) -> Vec<Completion> {
    let context = Context::at(text, offset);
    let mut found = Collector {
        prefix: context.word.to_lowercase(),
        replaces: context.replaces,
        items: Vec::new(),
    };
    match context.position {
        Position::Operator => found.words(OPERATOR_NAMES, CompletionKind::Operator),
        Position::Plugin => found.functions(FunctionKind::Plugin, CompletionKind::Plugin),
        Position::JoinKind => found.words(JOIN_KINDS, CompletionKind::Keyword),
        Position::Nothing => {}
        Position::Source => {
            found.variables(text, offset);
            found.tables(catalog);
            found.words(SOURCE_OPERATORS, CompletionKind::Operator);
        }
        Position::Expression {
            ref pipeline,
            table_possible,
        } => {
            let schema = pipeline
                .as_ref()
                .map(|pipeline| schema_of(pipeline, catalog))
                .unwrap_or_default();
            found.columns(&schema);
            found.variables(text, offset);
            if table_possible {
                found.tables(catalog);
            }
            found.functions(FunctionKind::Aggregate, CompletionKind::Aggregate);
            found.functions(FunctionKind::Scalar, CompletionKind::Function);
            found.functions(FunctionKind::Window, CompletionKind::Function);
            found.words(CLAUSE_WORDS, CompletionKind::Keyword);
        }
    }
    found.items
}

/// Columns after a pipeline; what is wrong in it does not matter.
fn schema_of(pipeline: &str, catalog: &dyn Catalog) -> Schema {
    bind(&parse(pipeline), catalog, &BindOptions::default()).schema
}

struct Collector {
    prefix: String,
    replaces: Span,
    items: Vec<Completion>,
}

impl Collector {
    fn add(&mut self, label: &str, kind: CompletionKind, detail: String) {
        let fits = label.to_lowercase().starts_with(&self.prefix);
        if fits && !self.items.iter().any(|item| item.label == label) {
            self.items.push(Completion {
                label: label.to_owned(),
                kind,
                detail,
                replaces: self.replaces,
            });
        }
    }

    fn words(&mut self, words: &[&str], kind: CompletionKind) {
        for word in words {
            self.add(word, kind, String::new());
        }
    }

    fn columns(&mut self, schema: &Schema) {
        for column in schema.columns() {
            self.add(
                &written_name(&column.name),
                CompletionKind::Column,
                column.scalar_type.to_string(),
            );
        }
    }

    fn tables(&mut self, catalog: &dyn Catalog) {
        let mut names: Vec<Arc<str>> = catalog.table_names();
        names.sort();
        for name in names {
            self.add(&written_name(&name), CompletionKind::Table, String::new());
        }
        for name in catalog.function_names() {
            self.add(&name, CompletionKind::Function, String::new());
        }
    }

    /// Names of `let` statements before the offset.
    fn variables(&mut self, text: &str, offset: usize) {
        let parsed = parse(text.get(..offset).unwrap_or(text));
        for statement in Root(parsed.syntax())
            .statements()
            .filter_map(LetStatement::cast)
        {
            if let Some(name) = statement.name().filter(|name| !name.is_empty()) {
                self.add(
                    &written_name(&name),
                    CompletionKind::Variable,
                    String::new(),
                );
            }
        }
    }

    fn functions(&mut self, kind: FunctionKind, shown_as: CompletionKind) {
        for function in functions::all(kind) {
            // Old spellings stay usable without being offered.
            if function.name == function.canonical && !function.name.starts_with('_') {
                self.add(function.name, shown_as, function_form(function));
            }
        }
    }
}

fn function_form(function: &FunctionInfo) -> String {
    let signature = function.signatures.first();
    signature
        .map(|signature| crate::binder::form(function.name, signature).replace('`', ""))
        .unwrap_or_default()
}

/// The name, quoted where it is no plain word.
fn written_name(name: &str) -> String {
    let plain = !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || character == '_');
    if plain {
        name.to_owned()
    } else {
        format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'"))
    }
}
