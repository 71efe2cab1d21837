//! Typed views of the nodes that several readers share.

use super::NodeExt as _;
use crate::syntax::{SyntaxKind, SyntaxNode};

macro_rules! views {
    ($($(#[$doc:meta])* $name:ident = $kind:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub SyntaxNode);

        impl $name {
            /// The node as this view, where it is one.
            pub fn cast(node: SyntaxNode) -> Option<Self> {
                (node.kind() == SyntaxKind::$kind).then_some(Self(node))
            }
        }
    )*};
}

views! {
    /// The whole text.
    Root = Root,
    /// `let name = value`.
    LetStatement = LetStatement,
    /// `(parameters) { body }`.
    FunctionDeclaration = FunctionDeclaration,
    /// `name:type = default`.
    ParameterDeclaration = Parameter,
    /// A source and its operators.
    PipeExpression = PipeExpression,
    /// `name(arguments)`.
    CallExpression = CallExpression,
    /// `name = value`.
    NamedExpression = NamedExpression,
}

impl Root {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = SyntaxNode> + use<> {
        self.0.children()
    }
}

impl LetStatement {
    /// The name that is given.
    pub fn name(&self) -> Option<String> {
        self.0.name()
    }

    /// What it is given to.
    pub fn value(&self) -> Option<SyntaxNode> {
        self.0.expression()
    }
}

impl FunctionDeclaration {
    /// The parameters in order.
    pub fn parameters(&self) -> Vec<ParameterDeclaration> {
        let list = self.0.child(SyntaxKind::ParameterList);
        let parameters = list
            .map(|list| list.children_of(SyntaxKind::Parameter))
            .unwrap_or_default();
        parameters.into_iter().map(ParameterDeclaration).collect()
    }

    /// The body.
    pub fn body(&self) -> Option<SyntaxNode> {
        self.0.child(SyntaxKind::FunctionBody)
    }

    /// `view () { ... }`: `union *` and `search` see it.
    pub fn is_view(&self) -> bool {
        self.0.has_word("view")
    }
}

impl ParameterDeclaration {
    /// Its name.
    pub fn name(&self) -> Option<String> {
        self.0.name()
    }

    /// The name of its type, where it is a scalar.
    pub fn type_name(&self) -> Option<String> {
        self.0
            .child(SyntaxKind::TypeReference)
            .map(|node| node.text().to_string().trim().to_owned())
    }

    /// Its columns, where it is a table.
    pub fn row_schema(&self) -> Option<SyntaxNode> {
        self.0.child(SyntaxKind::RowSchema)
    }

    /// The value it has where none is given.
    pub fn default(&self) -> Option<SyntaxNode> {
        self.0.expression()
    }
}

impl PipeExpression {
    /// What the pipeline starts with: absent where it starts with an operator.
    pub fn source(&self) -> Option<SyntaxNode> {
        let first = self.0.children().next()?;
        let headed = self
            .0
            .children_with_tokens()
            .any(|child| child.kind() == SyntaxKind::Pipe)
            || super::is_expression(first.kind());
        (headed && super::is_expression(first.kind())).then_some(first)
    }

    /// The operators in order.
    pub fn operators(&self) -> Vec<SyntaxNode> {
        let skipped = usize::from(self.source().is_some());
        self.0
            .children()
            .skip(skipped)
            .filter(|node| node.kind() != SyntaxKind::Error)
            .collect()
    }
}

impl CallExpression {
    /// The function's name.
    pub fn name(&self) -> Option<String> {
        self.0.name()
    }

    /// The arguments in order.
    pub fn arguments(&self) -> Vec<SyntaxNode> {
        self.0
            .child(SyntaxKind::ArgumentList)
            .map(|list| list.expressions())
            .unwrap_or_default()
    }
}

impl NamedExpression {
    /// The names before `=`.
    pub fn names(&self) -> Vec<String> {
        match self.0.child(SyntaxKind::NameList) {
            Some(list) => list
                .children_of(SyntaxKind::Name)
                .iter()
                .map(super::name_text)
                .collect(),
            None => self.0.name().into_iter().collect(),
        }
    }

    /// The value after it.
    pub fn value(&self) -> Option<SyntaxNode> {
        self.0.expression()
    }
}
