//! Scalar functions, aggregates and plugins: names, parameters, result types, automatic names.
//!
//! The tables are text files beside this one, one line for each overload:
//!
//! ```text
//! bin(value:number, roundTo:number) widest @first
//! makeset = make_set
//! ```
//!
//! After a parameter's accepted type stands `?` (may be absent), `+` (one or more), `++` (two or
//! more) or `*` (any number), and what kind of expression it must be: `!column`, `!constant`,
//! `!literal` ([`ArgumentKind`]). The result is a type, or the rule that finds it ([`Returns`]).
//! `@...` says how an unnamed column made by the call is called ([`ResultName`]).

mod table;

use std::collections::HashMap;
use std::sync::LazyLock;

use stance_base::ScalarType;

/// What kind of function it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// A value for each row.
    Scalar,
    /// A value for each row that depends on the rows before or after (`row_number`, `prev`).
    Window,
    /// A value for each group.
    Aggregate,
    /// Rows from rows, called by `evaluate`.
    Plugin,
}

/// A function with its overloads.
#[derive(Debug, Clone)]
pub struct FunctionInfo {
    /// The name as written in queries.
    pub name: &'static str,
    /// The name the bound tree carries: aliases lead to one.
    pub canonical: &'static str,
    /// What kind it is.
    pub kind: FunctionKind,
    /// The group it is listed under: `string`, `datetime`, ...
    pub group: &'static str,
    /// How a column made by it is called.
    pub result_name: ResultName,
    /// The overloads in order of preference.
    pub signatures: Vec<Signature>,
}

/// One overload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The parameters in order.
    pub parameters: Vec<Parameter>,
    /// The result.
    pub returns: Returns,
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub accepts: Accepts,
    /// Least number of arguments.
    pub minimum: usize,
    /// Whether there may be more than one.
    pub repeats: bool,
    /// What kind of expression it takes.
    pub argument: ArgumentKind,
}

/// What kind of expression a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Any.
    Any,
    /// A column's name.
    Column,
    /// A value that no row changes.
    Constant,
    /// A literal as written.
    Literal,
}

/// What a parameter takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepts {
    /// One of these types; the first one where the argument has to be converted.
    Types(Vec<ScalarType>),
    /// Any value.
    Scalar,
    /// A number, datetime or timespan.
    Number,
    /// An int or long.
    Integer,
    /// Something that can be summed.
    Summable,
    /// Something with an order.
    Orderable,
    /// Anything but a dynamic.
    NotDynamic,
    /// Values of one common type.
    Common,
    /// A dynamic: array or bag.
    Dynamic,
    /// A string or a dynamic.
    StringOrDynamic,
    /// An integer or a dynamic.
    IntegerOrDynamic,
    /// A number or a bool.
    NumberOrBool,
    /// Any value, or `*` for all columns.
    Star,
    /// `typeof(...)`.
    Type,
    /// Rows.
    Table,
}

/// How the result's type is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returns {
    /// Always this.
    Type(ScalarType),
    /// The type of the argument at this position.
    Argument(usize),
    /// The type of the first argument, `int` widened to `long`.
    PromotedFirst,
    /// The widest of the numbers.
    Widest,
    /// The common type of the [`Accepts::Common`] arguments.
    Common,
    /// What `typeof(...)` says.
    Typeof,
    /// Several columns.
    Tuple,
    /// A rule of its own in the binder.
    Special,
    /// Rows of these columns (plugins).
    Columns(Vec<(&'static str, ScalarType)>),
}

/// How a column made by an unnamed call is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultName {
    /// `Column1`.
    None,
    /// As the first argument.
    First,
    /// Function name, `_`, first argument.
    NameAndFirst,
    /// This, `_`, first argument.
    PrefixAndFirst(&'static str),
    /// This.
    Prefix(&'static str),
    /// As the argument where there is exactly one.
    Only,
    /// The text of the first argument (`column_ifexists("x", "")`).
    ColumnText,
}

static SCALARS: LazyLock<HashMap<&'static str, FunctionInfo>> = LazyLock::new(table::scalars);
static AGGREGATES: LazyLock<HashMap<&'static str, FunctionInfo>> = LazyLock::new(table::aggregates);
static PLUGINS: LazyLock<HashMap<&'static str, FunctionInfo>> = LazyLock::new(table::plugins);

/// The scalar or window function of this name.
pub fn scalar(name: &str) -> Option<&'static FunctionInfo> {
    SCALARS.get(name)
}

/// The aggregate of this name.
pub fn aggregate(name: &str) -> Option<&'static FunctionInfo> {
    AGGREGATES.get(name)
}

/// The plugin of this name.
pub fn plugin(name: &str) -> Option<&'static FunctionInfo> {
    PLUGINS.get(name)
}

/// All functions of a kind, by name.
pub fn all(kind: FunctionKind) -> Vec<&'static FunctionInfo> {
    let table = match kind {
        FunctionKind::Scalar | FunctionKind::Window => &SCALARS,
        FunctionKind::Aggregate => &AGGREGATES,
        FunctionKind::Plugin => &PLUGINS,
    };
    let mut found: Vec<_> = table
        .values()
        .filter(|function| function.kind == kind)
        .collect();
    found.sort_by_key(|function| function.name);
    found
}
