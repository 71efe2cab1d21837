//! A rule made ready for walking: parameters filled in, aliases resolved to paths.

use regorus::languages::azure_policy::ast::OperatorKind;
use serde_json::Value;

/// A logical or leaf node.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    AllOf(Vec<Node>),
    AnyOf(Vec<Node>),
    Not(Box<Node>),
    Leaf(Box<Leaf>),
}

/// One condition.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub left: Left,
    pub operator: OperatorKind,
    pub right: Operand,
}

/// The left side of a condition.
#[derive(Debug, Clone)]
pub(crate) enum Left {
    Field(Field),
    Value { operand: Operand, text: String },
    Count(Count),
}

/// A `count`.
#[derive(Debug, Clone)]
pub(crate) enum Count {
    Field {
        field: Field,
        filter: Option<Box<Node>>,
    },
    Value {
        operand: Operand,
        text: String,
        name: Option<String>,
        filter: Option<Box<Node>>,
    },
}

/// A field of a resource.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// As the rule writes it.
    pub label: String,
    pub path: FieldPath,
}

/// Where a field is found.
#[derive(Debug, Clone)]
pub(crate) enum FieldPath {
    /// The resource type.
    Type,
    /// The last segment of the name.
    Name,
    /// All segments of the name.
    FullName,
    /// The region, compared without spaces and case.
    Location,
    /// Another fixed place, as keys from the root.
    Root(Vec<String>),
    /// An alias: its path for each type that has it.
    Alias { targets: Vec<AliasTarget> },
    /// A field named by an expression.
    Dynamic(Box<Expression>),
}

/// The path of an alias in resources of one type.
#[derive(Debug, Clone)]
pub(crate) struct AliasTarget {
    /// Lower case.
    pub resource_type: String,
    pub path: Vec<Segment>,
    /// Other paths, by API version in lower case.
    pub versions: Vec<(Vec<String>, Vec<Segment>)>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Key(String),
    /// `[*]`
    Each,
}

impl Segment {
    /// Splits `properties.a[*].b['c.d']`.
    pub(crate) fn parse(path: &str) -> Vec<Self> {
        let mut segments = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[*]") {
                segments.push(Self::Each);
                rest = after.strip_prefix('.').unwrap_or(after);
            } else if let Some(after) = rest.strip_prefix("['") {
                let (key, after) = after.split_once("']").unwrap_or((after, ""));
                segments.push(Self::Key(key.to_owned()));
                rest = after.strip_prefix('.').unwrap_or(after);
            } else {
                // A bracket that opens nothing known is taken as part of the key, so that this ends.
                let end = rest
                    .char_indices()
                    .find(|(at, c)| *c == '.' || (*at > 0 && *c == '['))
                    .map_or(rest.len(), |(at, _)| at);
                if end > 0 {
                    segments.push(Self::Key(rest[..end].to_owned()));
                }
                rest = &rest[end..];
                rest = rest.strip_prefix('.').unwrap_or(rest);
            }
        }
        segments
    }

    /// Whether two steps are the same but for case.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Each, Self::Each) => true,
            (Self::Key(a), Self::Key(b)) => a.eq_ignore_ascii_case(b),
            _ => false,
        }
    }
}

/// A literal or an expression.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Constant(Value),
    Expression(Expression),
    /// An array with expressions in it.
    Array(Vec<Operand>),
    /// An object with expressions in it.
    Object(Vec<(String, Operand)>),
}

/// A template expression.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Constant(Value),
    /// A parameter without a value.
    Absent,
    /// `field('…')`, read from the evaluated resource.
    Field(Field),
    /// `current()` or `current('…')`: lower-case name, and the field where the name is an alias.
    Current {
        name: Option<String>,
        field: Option<Field>,
    },
    /// `resourceGroup()`, `subscription()`, …: lower-case name.
    Context(String),
    Member(Box<Expression>, String),
    Index(Box<Expression>, Box<Expression>),
    /// Lower-case function name and arguments.
    Call(String, Vec<Expression>),
}

#[cfg(test)]
mod tests {
    use super::Segment;

    #[test]
    fn paths_split_at_dots_wildcards_and_quotes() {
        let key = |text: &str| Segment::Key(text.to_owned());
        assert_eq!(
            Segment::parse("properties.a[*].b['c.d'][*]"),
            [
                key("properties"),
                key("a"),
                Segment::Each,
                key("b"),
                key("c.d"),
                Segment::Each
            ]
        );
        assert_eq!(Segment::parse("a..b["), [key("a"), key("b"), key("[")]);
    }
}
