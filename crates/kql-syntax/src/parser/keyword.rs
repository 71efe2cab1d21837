//! Which words may be names, and where.
//!
//! Facts from the official grammar (microsoft/Kusto-Query-Language). Most keywords are good names;
//! some only where a name is declared, and some never, unless they are written `['word']`. Words of
//! management commands alone (`views`, `queries`, `missing`) are no keywords of queries.

/// Words that are names only where one is declared: `extend title = 1`, `(to:long)`.
const DECLARED_ONLY: &[&str] = &[
    "accumulate",
    "as",
    "by",
    "contains",
    "datatable",
    "externaldata",
    "find",
    "has",
    "in",
    "invoke",
    "materialize",
    "of",
    "print",
    "sample",
    "sample-distinct",
    "search",
    "set",
    "title",
    "to",
    "top-hitters",
    "top-nested",
    "toscalar",
    "totable",
    "where",
];

/// Words that are names only where a value is read.
const READ_ONLY: &[&str] = &["kind", "with_source", "withsource"];

/// Words that are never names.
const NEVER: &[&str] = &[
    "3Dchart",
    "and",
    "anomalychart",
    "areachart",
    "asc",
    "assert-schema",
    "bagexpansion",
    "barchart",
    "between",
    "bin_legacy",
    "boolean",
    "byte",
    "card",
    "char",
    "columnchart",
    "contains_cs",
    "containscs",
    "datascope",
    "date",
    "datetime",
    "decimal",
    "decodeblocks",
    "desc",
    "double",
    "dynamic",
    "endswith",
    "endswith_cs",
    "expandoutput",
    "external_data",
    "false",
    "False",
    "FALSE",
    "first",
    "flags",
    "float",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "has_all",
    "has_any",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "hotcache",
    "in~",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "isfuzzy",
    "ladderchart",
    "last",
    "like",
    "likecs",
    "linechart",
    "long",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "nooptimization",
    "notcontains",
    "notcontainscs",
    "notlike",
    "notlikecs",
    "or",
    "others",
    "parse-kv",
    "parse-where",
    "partitioned-by",
    "piechart",
    "pivotchart",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-smart",
    "real",
    "relaxed",
    "scatterchart",
    "simple",
    "stackedareachart",
    "startswith",
    "startswith_cs",
    "string",
    "time",
    "timechart",
    "timeline",
    "timepivot",
    "timespan",
    "treemap",
    "true",
    "True",
    "TRUE",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulong",
    "union",
    "uniqueid",
    "with_itemindex",
    "with_match_id",
    "with_step_name",
];

/// Whether a word may name what is read: a column, a table, a function.
pub(super) fn may_be_read(word: &str) -> bool {
    !word.starts_with('!') && !NEVER.contains(&word) && !DECLARED_ONLY.contains(&word)
}

/// Whether a word may stand where a plain new name is declared: `let x`, `range x`, `as x`.
pub(super) fn may_be_declared(word: &str) -> bool {
    may_be_read(word) && !READ_ONLY.contains(&word)
}

/// Whether a word may stand where a column or parameter is declared: `x = 1`, `(x:long)`.
pub(super) fn may_be_column(word: &str) -> bool {
    may_be_declared(word) || DECLARED_ONLY.contains(&word)
}

/// Whether a word may stand after a dot. Wider than the official grammar of editors, as properties
/// of resources are called `title` or `in` too.
pub(super) fn may_be_property(word: &str) -> bool {
    may_be_read(word) || DECLARED_ONLY.contains(&word)
}

/// Whether a word is a keyword that no name may be without brackets.
pub(super) fn needs_brackets(word: &str) -> bool {
    NEVER.contains(&word) || DECLARED_ONLY.contains(&word)
}
