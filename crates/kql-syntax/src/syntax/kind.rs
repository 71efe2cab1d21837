//! Kinds of tokens and nodes.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The kind of a token or node.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum SyntaxKind { $($(#[$doc])* $name,)* }

        const ALL: &[SyntaxKind] = &[$(SyntaxKind::$name,)*];
    };
}

kinds! {
    // Tokens.
    /// Spaces, tabs, line ends.
    Whitespace,
    /// `// ...` to the end of the line.
    Comment,
    /// A line that starts with `#`.
    Directive,
    /// A word: name or keyword, the parser decides. Also `project-away` and its kin, `in~`, `!has`.
    Identifier,
    /// Any string form, prefix and quotes included.
    String,
    /// `42`, `0x2a`.
    Long,
    /// `1.5`, `1e3`.
    Real,
    /// `1d`, `1.5h`, `100ms`.
    Timespan,
    /// `datetime(...)`, `guid(...)`, `int(...)` and the like, as one.
    TypedLiteral,
    /// `dynamic(...)`, as one.
    DynamicLiteral,
    /// `==`.
    EqualEqual,
    /// `!=`, `<>`.
    NotEqual,
    /// `=~`.
    EqualTilde,
    /// `!~`.
    NotTilde,
    /// `<`.
    Less,
    /// `<=`.
    LessEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterEqual,
    /// `=`.
    Equal,
    /// `=>`.
    FatArrow,
    /// `+`.
    Plus,
    /// `-`.
    Minus,
    /// `*`.
    Star,
    /// `/`.
    Slash,
    /// `%`.
    Percent,
    /// `|`.
    Pipe,
    /// `(`.
    LeftParen,
    /// `)`.
    RightParen,
    /// `[`.
    LeftBracket,
    /// `]`.
    RightBracket,
    /// `{`.
    LeftBrace,
    /// `}`.
    RightBrace,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `:`.
    Colon,
    /// `.`.
    Dot,
    /// `..`.
    DotDot,
    /// `@`.
    At,
    /// `?`.
    Question,
    /// `&`.
    Ampersand,
    /// A character that starts nothing.
    Unknown,
    /// After the last token; never in the tree.
    End,
    // Nodes.
    /// The whole text.
    Root,
    /// What could not be understood.
    Error,
    /// `let name = ...`.
    LetStatement,
    /// `set name = value`.
    SetStatement,
    /// `declare query_parameters (...)`.
    DeclareParameters,
    /// `declare pattern ...`.
    DeclarePattern,
    /// `("x").["y"] = { query };` of a pattern.
    PatternMatch,
    /// `alias database name = ...`.
    AliasStatement,
    /// `restrict access to (...)`.
    RestrictStatement,
    /// A tabular (or scalar) expression.
    ExpressionStatement,
    /// `(parameters) { body }`, `view () { body }`.
    FunctionDeclaration,
    /// `(a:long, T:(*))`.
    ParameterList,
    /// `name:type = default`.
    Parameter,
    /// `{ statements; expression }`.
    FunctionBody,
    /// `(name:type, ...)`, `(*)`.
    RowSchema,
    /// `name:type`.
    ColumnDeclaration,
    /// A type's name.
    TypeReference,
    /// A name: word or `['quoted']`.
    Name,
    /// A name with `*` in it.
    NamePattern,
    /// A name used as a value or table.
    NameExpression,
    /// One literal; adjacent strings are one.
    Literal,
    /// `*`.
    StarExpression,
    /// `( ... )`.
    ParenExpression,
    /// `name(arguments)`.
    CallExpression,
    /// `(a, b, name = c)`.
    ArgumentList,
    /// `value.name`, `value.call()`.
    PathExpression,
    /// `value[index]`.
    IndexExpression,
    /// `-x`, `+x`.
    UnaryExpression,
    /// `a op b`.
    BinaryExpression,
    /// `a and b and c`.
    AndExpression,
    /// `a or b or c`.
    OrExpression,
    /// `a in (...)`, `has_any`, `has_all`.
    InExpression,
    /// `a between (b .. c)`.
    BetweenExpression,
    /// The `( ... )` after `in`.
    ValueList,
    /// `name = value`, `(a, b) = value`.
    NamedExpression,
    /// `(a, b)` before `=`.
    NameList,
    /// `typeof(...)`.
    TypeofExpression,
    /// `entity_group [ ... ]`.
    EntityGroup,
    /// A source and its operators.
    PipeExpression,
    /// `x asc nulls first`.
    OrderedExpression,
    /// `by ...`.
    ByClause,
    /// `on ...`.
    OnClause,
    /// `with (...)`.
    WithClause,
    /// `to typeof(...)`.
    ToTypeClause,
    /// `limit n`.
    LimitClause,
    /// `default = x`.
    DefaultClause,
    /// `kind=inner`, `hint.strategy=shuffle`.
    OperatorParameter,
    /// `datatable (...) [...]`.
    Datatable,
    /// `[ ... ]`.
    DatatableValues,
    /// `externaldata (...) [...] with (...)`.
    ExternalData,
    /// `print`.
    PrintOperator,
    /// `range x from a to b step c`.
    RangeOperator,
    /// `union`.
    UnionOperator,
    /// `find`.
    FindOperator,
    /// `in (tables)`.
    FindIn,
    /// `project ...`, `project-smart`.
    FindProject,
    /// `search`.
    SearchOperator,
    /// `evaluate`.
    EvaluateOperator,
    /// `: (schema)`.
    EvaluateSchema,
    /// `where`, `filter`.
    WhereOperator,
    /// `extend`.
    ExtendOperator,
    /// `project`.
    ProjectOperator,
    /// `project-away`.
    ProjectAwayOperator,
    /// `project-keep`.
    ProjectKeepOperator,
    /// `project-by-names`.
    ProjectByNamesOperator,
    /// `project-rename`.
    ProjectRenameOperator,
    /// `project-reorder`.
    ProjectReorderOperator,
    /// `summarize`.
    SummarizeOperator,
    /// `distinct`.
    DistinctOperator,
    /// `count`.
    CountOperator,
    /// `take`, `limit`.
    TakeOperator,
    /// `top`.
    TopOperator,
    /// `top-nested`.
    TopNestedOperator,
    /// One level of `top-nested`.
    TopNestedClause,
    /// `top-hitters`.
    TopHittersOperator,
    /// `sort`, `order`.
    SortOperator,
    /// `sample`.
    SampleOperator,
    /// `sample-distinct`.
    SampleDistinctOperator,
    /// `join`.
    JoinOperator,
    /// `lookup`.
    LookupOperator,
    /// `mv-expand`.
    MvExpandOperator,
    /// One column of `mv-expand` or `mv-apply`.
    MvExpandItem,
    /// `mv-apply`.
    MvApplyOperator,
    /// `( | operators )` of `mv-apply`, `partition`, `fork`, `facet`.
    Subquery,
    /// `parse`.
    ParseOperator,
    /// `parse-where`.
    ParseWhereOperator,
    /// `name:type` in a pattern.
    ParseColumn,
    /// `parse-kv`.
    ParseKvOperator,
    /// `make-series`.
    MakeSeriesOperator,
    /// `aggregate default = x`.
    MakeSeriesItem,
    /// `from a to b step c`, `in range(a, b, c)`.
    MakeSeriesRange,
    /// `serialize`.
    SerializeOperator,
    /// `invoke`.
    InvokeOperator,
    /// `render`.
    RenderOperator,
    /// `getschema`.
    GetschemaOperator,
    /// `reduce by`.
    ReduceOperator,
    /// `fork`.
    ForkOperator,
    /// `name = ( ... )`.
    ForkBranch,
    /// `facet by`.
    FacetOperator,
    /// `as`.
    AsOperator,
    /// `consume`.
    ConsumeOperator,
    /// `partition by`.
    PartitionOperator,
    /// `in dynamic([...])` of `partition`.
    PartitionScope,
    /// `scan`.
    ScanOperator,
    /// `declare (...)`.
    ScanDeclare,
    /// `name:type = default`.
    ScanDeclaration,
    /// `step name: condition => assignments;`.
    ScanStep,
    /// `name = value`.
    ScanAssignment,
    /// `assert-schema`.
    AssertSchemaOperator,
    /// `execute-and-cache`.
    ExecuteAndCacheOperator,
    /// `macro-expand`.
    MacroExpandOperator,
    /// `make-graph`.
    MakeGraphOperator,
    /// `with table on column`.
    MakeGraphNodes,
    /// `partitioned-by column (...)`.
    PartitionedBy,
    /// `graph-match`.
    GraphMatchOperator,
    /// `graph-shortest-paths`.
    GraphShortestPathsOperator,
    /// `graph-mark-components`.
    GraphMarkComponentsOperator,
    /// `graph-to-table`.
    GraphToTableOperator,
    /// `nodes as N`.
    GraphTable,
    /// `graph-where-nodes`.
    GraphWhereNodesOperator,
    /// `graph-where-edges`.
    GraphWhereEdgesOperator,
    /// `(a)-[b]->(c)`.
    GraphPattern,
    /// `(a)`.
    GraphNode,
    /// `-[b]->`.
    GraphEdge,
    /// `*1..5`.
    GraphRange,
    /// `where ...` inside a graph operator.
    WhereClause,
    /// `project ...` inside a graph operator.
    ProjectClause,
}

impl SyntaxKind {
    /// Whether tokens of this kind mean nothing to the grammar.
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Comment | Self::Directive)
    }

    /// The kind of a number from the tree; an unknown number is an error node.
    pub fn from_raw(raw: u16) -> Self {
        ALL.get(usize::from(raw)).copied().unwrap_or(Self::Error)
    }
}
