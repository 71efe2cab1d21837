//! Parameters of operators: which there are, and what they take.
//!
//! Facts from Microsoft's language service.

use super::Binder;
use crate::ast::{NodeExt as _, name_text};
use crate::diagnostics::{DiagnosticCode, suggest};
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// What a parameter takes.
#[derive(Clone, Copy)]
enum Value {
    /// One of these words, or any where the list is empty.
    Word(&'static [&'static str]),
    /// One of these words, or a number.
    WordOrNumber,
    Bool,
    Integer,
    Number,
    Text,
    /// The name of a new column.
    Name,
    /// A column of the input.
    Column,
}

type Parameter = (&'static str, Value);

const STRATEGIES: &[&str] = &["auto", "broadcast", "centralized", "shuffle"];
const JOIN_KINDS: &[&str] = &[
    "inner",
    "fullouter",
    "innerunique",
    "leftanti",
    "leftantisemi",
    "anti",
    "leftouter",
    "leftsemi",
    "rightanti",
    "rightantisemi",
    "rightouter",
    "rightsemi",
];
const SHUFFLE: Parameter = ("hint.shufflekey", Value::Column);
const PARTITIONS: Parameter = ("hint.num_partitions", Value::Integer);
const FUZZY: [Parameter; 3] = [
    ("isfuzzy", Value::Bool),
    ("__isFuzzy", Value::Bool),
    ("best_effort", Value::Bool),
];

/// The parameters of an operator.
fn parameters_of(kind: K) -> Option<Vec<Parameter>> {
    use Value::{Bool, Name, Number, Text, Word, WordOrNumber};
    let mut fuzzy = FUZZY.to_vec();
    Some(match kind {
        K::AsOperator => vec![("hint.materialized", Bool)],
        K::ConsumeOperator => vec![("decodeblocks", Bool)],
        K::DistinctOperator => vec![SHUFFLE, ("hint.strategy", Word(STRATEGIES)), PARTITIONS],
        K::EvaluateOperator => vec![
            (
                "hint.distribution",
                Word(&["single", "per_node", "per_shard", "default"]),
            ),
            ("hint.remote", Word(&["auto", "local"])),
        ],
        K::FindOperator => vec![
            ("withsource", Name),
            ("with_source", Name),
            ("datascope", Word(&["all", "hotcache"])),
        ],
        K::GetschemaOperator => vec![("kind", Word(&["csl"]))],
        K::GraphMatchOperator => vec![("cycles", Word(&["none", "all", "unique_edges"]))],
        K::GraphShortestPathsOperator => vec![("output", Word(&["any", "all"]))],
        K::GraphMarkComponentsOperator => vec![
            ("kind", Word(&["weak", "strong"])),
            ("with_component_id", Name),
        ],
        K::GraphTable => vec![
            ("with_source_id", Name),
            ("with_target_id", Name),
            ("with_node_id", Name),
        ],
        K::MakeGraphOperator => vec![
            ("hint.strategy", Word(&["shuffle", "native"])),
            ("with_node_id", Name),
        ],
        K::JoinOperator => vec![
            ("kind", Word(JOIN_KINDS)),
            (
                "hint.remote",
                Word(&["auto", "left", "local", "right", "unresolved"]),
            ),
            SHUFFLE,
            ("hint.strategy", Word(STRATEGIES)),
            PARTITIONS,
        ],
        K::LookupOperator => vec![("kind", Word(&["inner", "leftouter"]))],
        K::MakeSeriesOperator => vec![SHUFFLE, ("kind", Word(&["nonempty"]))],
        K::MvApplyOperator => vec![("with_itemindex", Name)],
        K::MvExpandOperator => vec![
            ("kind", Word(&["bag", "array"])),
            ("bagexpansion", Word(&["bag", "array"])),
            ("with_itemindex", Name),
        ],
        K::ParseOperator | K::ParseWhereOperator => vec![
            ("kind", Word(&["simple", "regex", "relaxed"])),
            ("flags", Word(&[])),
        ],
        K::PartitionOperator => vec![
            ("hint.concurrency", WordOrNumber),
            ("hint.spread", WordOrNumber),
            ("hint.materialized", Bool),
            SHUFFLE,
            ("hint.strategy", Word(&["shuffle", "native", "legacy"])),
        ],
        K::ReduceOperator => vec![
            ("kind", Word(&["source"])),
            ("threshold", Number),
            ("characters", Text),
        ],
        K::ScanOperator => vec![
            ("kind", Word(&["partial", "full"])),
            ("with_match_id", Name),
        ],
        K::ScanStep => vec![("output", Word(&["all", "last", "none"]))],
        K::SearchOperator => vec![
            (
                "kind",
                Word(&["default", "case_insensitive", "case_sensitive"]),
            ),
            ("datascope", Word(&["all", "hotcache"])),
        ],
        K::SortOperator => vec![("hint.strategy", Word(&["splitBlock", "multipleBlocks"]))],
        K::SummarizeOperator => {
            vec![SHUFFLE, ("hint.strategy", Word(&["shuffle"])), PARTITIONS]
        }
        K::TopOperator => vec![("hint.progressive_top", Bool)],
        K::UnionOperator => {
            fuzzy.extend([
                ("kind", Word(&["inner", "outer"][..])),
                ("withsource", Name),
                ("with_source", Name),
                ("hint.concurrency", WordOrNumber),
                ("hint.spread", WordOrNumber),
            ]);
            fuzzy
        }
        K::MacroExpandOperator => {
            fuzzy.push(("force_remote", Bool));
            fuzzy
        }
        K::CallExpression => vec![("kind", Word(&["nooptimization"]))],
        K::WhereOperator
        | K::TakeOperator
        | K::SampleOperator
        | K::SampleDistinctOperator
        | K::SerializeOperator
        | K::Datatable => Vec::new(),
        K::ExternalData => vec![
            ("kind", Word(&["storage", "delta"])),
            ("dataformat", Word(&[])),
        ],
        _ => return None,
    })
}

impl Binder<'_> {
    /// Refuses parameters that an operator does not have, and values they do not take.
    pub(super) fn check_parameters(&mut self, node: &SyntaxNode) {
        let written = node.children_of(K::OperatorParameter);
        if written.is_empty() {
            return;
        }
        let Some(known) = parameters_of(node.kind()) else {
            return;
        };
        let mut seen: Vec<String> = Vec::new();
        for parameter in &written {
            let name = parameter.name().unwrap_or_default();
            let Some((_, value)) = known.iter().find(|(own, _)| *own == name) else {
                self.unknown_parameter(parameter, &name, &known);
                continue;
            };
            if seen.contains(&name) && name != "hint.shufflekey" {
                let message = format!("the parameter `{name}` is given twice");
                self.error(DiagnosticCode::UnknownParameter, parameter.span(), message);
            }
            seen.push(name.clone());
            // The binders of these say more about their kinds.
            let says_itself = matches!(
                node.kind(),
                K::JoinOperator
                    | K::LookupOperator
                    | K::UnionOperator
                    | K::ParseOperator
                    | K::ParseWhereOperator
            );
            if name != "kind" || !says_itself {
                self.check_value(parameter, &name, *value);
            }
        }
    }

    fn unknown_parameter(&mut self, parameter: &SyntaxNode, name: &str, known: &[Parameter]) {
        let message = format!("there is no parameter `{name}` here");
        let help = suggest(name, known.iter().map(|(own, _)| *own));
        self.error_with_help(
            DiagnosticCode::UnknownParameter,
            parameter.span(),
            message,
            help,
        );
    }

    fn check_value(&mut self, parameter: &SyntaxNode, name: &str, wanted: Value) {
        let Some(value) = parameter.children().nth(1) else {
            return;
        };
        let token = value.first_token().map(|token| token.kind());
        let text = if value.kind() == K::Name {
            name_text(&value)
        } else {
            value.text().to_string().trim().to_owned()
        };
        let is_number = matches!(token, Some(K::Long | K::Real | K::Minus | K::Plus));
        let is_bool = matches!(
            text.as_str(),
            "true" | "false" | "True" | "False" | "TRUE" | "FALSE"
        ) || text.starts_with("bool(");
        // A name may be written in quotes too.
        let fits = match wanted {
            Value::Name => value.kind() == K::Name || token == Some(K::String),
            Value::Word([]) | Value::Column => value.kind() == K::Name,
            Value::Word(words) => words.contains(&text.as_str()),
            Value::WordOrNumber => is_number || value.kind() == K::Name,
            Value::Bool => is_bool,
            Value::Integer => token == Some(K::Long),
            Value::Number => is_number,
            Value::Text => token == Some(K::String),
        };
        if fits {
            return;
        }
        let takes = match wanted {
            Value::Word([]) => "a word".to_owned(),
            Value::Word(words) => words.join(", "),
            Value::WordOrNumber => "a word or a number".to_owned(),
            Value::Bool => "true or false".to_owned(),
            Value::Integer => "a whole number".to_owned(),
            Value::Number => "a number".to_owned(),
            Value::Text => "a string".to_owned(),
            Value::Name => "a new column's name".to_owned(),
            Value::Column => "a column".to_owned(),
        };
        let message = format!("`{name}` takes {takes}, not `{text}`");
        self.error(DiagnosticCode::UnknownParameter, value.span(), message);
    }
}
