//! Stable codes of diagnostics.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal,)*) => {
        /// What kind of thing is wrong. The text form (`KQL0101`) never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum DiagnosticCode { $($(#[$doc])* $name,)* }

        impl DiagnosticCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable text, for people to search for and scripts to match on.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }
    };
}

codes! {
    /// A character that starts nothing in KQL.
    UnexpectedCharacter = "KQL0001",
    /// A string without its closing quote.
    UnterminatedString = "KQL0002",
    /// A literal that cannot be read: number out of range, no such date, broken JSON.
    InvalidLiteral = "KQL0003",
    /// Something other than what stands here was expected.
    SyntaxError = "KQL0004",
    /// No operator of this name after `|`.
    UnknownOperator = "KQL0005",
    /// Nested deeper than the limit.
    NestingTooDeep = "KQL0006",
    /// Longer than the limit.
    QueryTooLong = "KQL0007",
    /// The query holds no tabular expression.
    EmptyQuery = "KQL0008",
    /// No table of this name.
    UnknownTable = "KQL0101",
    /// No column of this name in scope.
    UnknownColumn = "KQL0102",
    /// No function of this name.
    UnknownFunction = "KQL0103",
    /// No plugin of this name.
    UnknownPlugin = "KQL0104",
    /// No name of this kind, where the kinds are mixed.
    UnknownName = "KQL0105",
    /// No type of this name.
    UnknownType = "KQL0106",
    /// The name stands for several things.
    AmbiguousName = "KQL0107",
    /// The name is taken.
    DuplicateName = "KQL0108",
    /// The parameter or its value is unknown to the operator.
    UnknownParameter = "KQL0109",
    /// An argument too many or too few.
    ArgumentCount = "KQL0201",
    /// A value of the wrong type.
    TypeMismatch = "KQL0202",
    /// A table where a value is wanted, or the other way round.
    TabularMismatch = "KQL0203",
    /// An aggregate where none may stand, or none where one must.
    AggregateMisplaced = "KQL0204",
    /// A constant is wanted.
    ConstantExpected = "KQL0205",
    /// A column name is wanted.
    ColumnExpected = "KQL0206",
    /// The join's condition is not of a form Kusto allows.
    JoinCondition = "KQL0207",
    /// A function that calls itself, or calls nested too deep.
    RecursiveFunction = "KQL0208",
    /// The query grows too large once its functions are put in place.
    QueryTooComplex = "KQL0209",
    /// A graph is wanted, or is there where rows are wanted.
    GraphMismatch = "KQL0210",
    /// What `assert` says is not so.
    AssertionFailed = "KQL0211",
    /// Part of the language that is not bound yet.
    NotSupported = "KQL0301",
}

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
