//! Whether a space stands between two tokens on one line.

use crate::syntax::{SyntaxKind as K, SyntaxToken};

/// Whether the second token stands apart from the first.
pub(super) fn apart(first: &SyntaxToken, second: &SyntaxToken) -> bool {
    let (left, right) = (first.kind(), second.kind());
    let parent = |token: &SyntaxToken| token.parent().map_or(K::Error, |node| node.kind());
    let (around_left, around_right) = (parent(first), parent(second));
    if matches!(
        right,
        K::Comma | K::Semicolon | K::RightParen | K::RightBracket
    ) || matches!(left, K::LeftParen | K::LeftBracket)
    {
        return false;
    }
    if stands_tight(first) && stands_tight(second) {
        return false;
    }
    if left == K::Dot || right == K::Dot || left == K::At {
        return false;
    }
    match right {
        K::LeftParen => return space_before_bracket(first, around_right),
        K::LeftBracket if around_right == K::IndexExpression => return false,
        K::Colon => return around_right == K::EvaluateSchema,
        _ => {}
    }
    match left {
        K::Colon => matches!(around_left, K::EvaluateSchema | K::ScanStep),
        K::Minus | K::Plus if around_left == K::UnaryExpression => false,
        K::Minus | K::Greater if around_left == K::MakeGraphOperator => {
            right != K::Minus && right != K::Greater
        }
        K::Equal => around_left != K::OperatorParameter,
        _ => right != K::Equal || around_right != K::OperatorParameter,
    }
}

/// Whether a token belongs to such a node, maybe through a name or a literal.
fn stands_tight(token: &SyntaxToken) -> bool {
    token
        .parent_ancestors()
        .take(3)
        .any(|node| is_tight(node.kind()))
}

/// Nodes whose tokens stand together: `App*`, `hint.strategy`, `(a)-[e]->(b)`, `*1..3`.
fn is_tight(kind: K) -> bool {
    matches!(
        kind,
        K::NamePattern | K::GraphPattern | K::GraphNode | K::GraphEdge | K::GraphRange
    )
}

/// `name(`, but `in (`, `join (`, `with (`.
fn space_before_bracket(before: &SyntaxToken, around: K) -> bool {
    let called = matches!(around, K::ArgumentList | K::RowSchema | K::TypeofExpression);
    if !called {
        return true;
    }
    let is_clause = matches!(before.text(), "as" | "query_parameters") || before.kind() == K::Colon;
    around == K::RowSchema && is_clause
}
