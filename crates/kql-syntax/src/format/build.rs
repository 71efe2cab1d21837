//! The tree as layout.

use rowan::NodeOrToken;

use super::doc::Doc;
use super::spacing::apart;
use crate::ast::NodeExt as _;
use crate::syntax::{SyntaxElement, SyntaxKind as K, SyntaxNode, SyntaxToken};

/// Builds the layout of a tree that parses.
pub(super) struct Builder {
    /// The token written last.
    last: Option<SyntaxToken>,
}

impl Builder {
    /// The whole text.
    pub(super) fn root(root: &SyntaxNode) -> Doc {
        let mut builder = Self { last: None };
        let mut parts = Vec::new();
        for element in root.children_with_tokens() {
            match element {
                NodeOrToken::Node(node) => {
                    if is_set_off(&node) {
                        parts.push(Doc::BlankLine);
                    }
                    parts.push(builder.node(&node));
                }
                NodeOrToken::Token(token) if token.kind() == K::Semicolon => {
                    parts.push(builder.token(&token));
                    parts.push(Doc::HardLine);
                    builder.last = None;
                }
                // What no token follows.
                NodeOrToken::Token(token) if Self::is_last_trivia(&token) => {
                    parts.extend(comment_of(&token));
                }
                NodeOrToken::Token(token) if !token.kind().is_trivia() => {
                    parts.push(builder.token(&token));
                }
                NodeOrToken::Token(_) => {}
            }
        }
        Doc::Concat(parts)
    }

    fn is_last_trivia(token: &SyntaxToken) -> bool {
        let mut next = Some(token.clone());
        while let Some(token) = next {
            if !token.kind().is_trivia() {
                return false;
            }
            next = token.next_token();
        }
        true
    }

    /// A token with the comments and the space before it.
    fn token(&mut self, token: &SyntaxToken) -> Doc {
        let mut parts = Self::comments_before(token);
        let spaced = self.last.as_ref().is_some_and(|last| apart(last, token));
        if spaced {
            parts.push(Doc::text(" "));
        }
        parts.push(Doc::text(token.text().trim_end()));
        self.last = Some(token.clone());
        Doc::Concat(parts)
    }

    /// Comments between the token before and this one, with empty lines kept in front of them.
    fn comments_before(token: &SyntaxToken) -> Vec<Doc> {
        let mut trivia = Vec::new();
        let mut before = token.prev_token();
        while let Some(found) = before.filter(|found| found.kind().is_trivia()) {
            before = found.prev_token();
            trivia.push(found);
        }
        trivia.reverse();
        trivia.iter().flat_map(comment_of).collect()
    }

    /// A node without the space before it: the caller has placed a break there.
    fn fresh(&mut self, node: &SyntaxNode) -> Doc {
        self.unspaced(|builder| builder.node(node))
    }

    /// Builds what starts a line or follows a break, so that no space stands before it.
    fn unspaced(&mut self, build: impl FnOnce(&mut Self) -> Doc) -> Doc {
        self.last = None;
        build(self)
    }

    fn element(&mut self, element: &SyntaxElement) -> Doc {
        match element {
            NodeOrToken::Node(node) => self.node(node),
            NodeOrToken::Token(token) => self.token(token),
        }
    }

    fn node(&mut self, node: &SyntaxNode) -> Doc {
        match node.kind() {
            K::PipeExpression => self.pipeline(node),
            K::LetStatement => self.let_statement(node),
            K::FunctionBody => self.body(node),
            K::ParenExpression | K::Subquery => self.bracketed(node),
            K::ArgumentList | K::ValueList | K::RowSchema | K::ParameterList | K::NameList => {
                self.bracketed(node)
            }
            K::DatatableValues => self.rows(node),
            K::AndExpression | K::OrExpression => self.chain(node),
            K::ProjectOperator
            | K::ProjectAwayOperator
            | K::ProjectKeepOperator
            | K::ProjectRenameOperator
            | K::ProjectReorderOperator
            | K::ExtendOperator
            | K::SerializeOperator
            | K::PrintOperator
            | K::DistinctOperator
            | K::MvExpandOperator
            | K::SummarizeOperator
            | K::MakeSeriesOperator
            | K::UnionOperator
            | K::TopNestedOperator
            | K::GraphMatchOperator => self.list_operator(node),
            K::MacroExpandOperator | K::ScanOperator => self.statements_operator(node),
            _ => self.plain(node),
        }
    }

    /// One after the other, spaces by rule.
    fn plain(&mut self, node: &SyntaxNode) -> Doc {
        let parts = significant(node)
            .iter()
            .map(|element| self.element(element))
            .collect();
        Doc::Concat(parts)
    }

    /// `source | operator | operator`: a line for each operator, unless all of it is short and
    /// stands in brackets.
    fn pipeline(&mut self, node: &SyntaxNode) -> Doc {
        let mut parts = Vec::new();
        for element in significant(node) {
            match &element {
                NodeOrToken::Token(token) if token.kind() == K::Pipe => {
                    // What is said beside the line above stays there.
                    parts.extend(Self::comments_before(token));
                    parts.push(Doc::Line);
                    parts.push(Doc::text("|"));
                    self.last = Some(token.clone());
                }
                _ => parts.push(self.element(&element)),
            }
        }
        let pipes = node
            .children_with_tokens()
            .filter(|element| element.kind() == K::Pipe)
            .count();
        let in_brackets = node.parent().is_some_and(|parent| {
            matches!(
                parent.kind(),
                K::ParenExpression | K::ArgumentList | K::ValueList
            )
        });
        if pipes > 0 && !in_brackets || pipes > 1 {
            Doc::broken(parts)
        } else {
            Doc::group(parts)
        }
    }

    /// `let name = value`; a pipeline starts on the next line.
    fn let_statement(&mut self, node: &SyntaxNode) -> Doc {
        let mut parts = Vec::new();
        for element in significant(node) {
            match &element {
                NodeOrToken::Node(value) if is_long_value(value) => {
                    let value = self.fresh(value);
                    parts.push(Doc::indent(vec![Doc::HardLine, value]));
                }
                _ => parts.push(self.element(&element)),
            }
        }
        Doc::Concat(parts)
    }

    /// `{ let x = 1; expression }`.
    fn body(&mut self, node: &SyntaxNode) -> Doc {
        let elements = significant(node);
        let (Some(open), Some(close)) = (elements.first(), elements.last()) else {
            return self.plain(node);
        };
        let open = self.element(open);
        let mut inside = Vec::new();
        for element in &elements[1..elements.len().saturating_sub(1).max(1)] {
            if element.kind() == K::Semicolon {
                inside.push(self.element(element));
                continue;
            }
            inside.push(Doc::Line);
            inside.push(self.unspaced(|builder| builder.element(element)));
        }
        let has_statements = elements.len() > 3;
        let close = self.unspaced(|builder| builder.element(close));
        let parts = vec![open, Doc::indent(inside), Doc::Line, close];
        if has_statements {
            Doc::broken(parts)
        } else {
            Doc::group(parts)
        }
    }

    /// `( ... )` and `[ ... ]`: on one line, or an item on each.
    fn bracketed(&mut self, node: &SyntaxNode) -> Doc {
        let elements = significant(node);
        let is_open = |element: &SyntaxElement| {
            matches!(element.kind(), K::LeftParen | K::LeftBracket | K::LeftBrace)
        };
        let Some(start) = elements.iter().position(is_open) else {
            return self.plain(node);
        };
        if elements.len() < start + 2 {
            return self.plain(node);
        }
        let (before, rest) = elements.split_at(start + 1);
        let Some((close, items)) = rest.split_last() else {
            return self.plain(node);
        };
        let mut parts: Vec<Doc> = before.iter().map(|element| self.element(element)).collect();
        if items.is_empty() {
            parts.push(self.element(close));
            return Doc::Concat(parts);
        }
        let items = self.items(items);
        let mut inside = vec![Doc::SoftLine];
        inside.extend(items);
        let close = self.unspaced(|builder| builder.element(close));
        let several = node.kind() == K::Subquery && node.children().count() > 1;
        let bracket = vec![Doc::indent(inside), Doc::SoftLine, close];
        parts.push(if several {
            Doc::broken(bracket)
        } else {
            Doc::group(bracket)
        });
        Doc::Concat(parts)
    }

    /// Items between commas, and operators between pipes.
    fn items(&mut self, elements: &[SyntaxElement]) -> Vec<Doc> {
        let mut parts = Vec::new();
        let mut fresh = true;
        for element in elements {
            match element.kind() {
                K::Comma => {
                    parts.push(self.element(element));
                    parts.push(Doc::Line);
                    fresh = true;
                }
                K::Pipe => {
                    if let NodeOrToken::Token(token) = element {
                        parts.extend(Self::comments_before(token));
                        parts.push(Doc::Line);
                        parts.push(Doc::text("|"));
                        self.last = Some(token.clone());
                    }
                    fresh = false;
                }
                _ if fresh => {
                    parts.push(self.unspaced(|builder| builder.element(element)));
                    fresh = false;
                }
                _ => parts.push(self.element(element)),
            }
        }
        parts
    }

    /// The values of `datatable`: a row on each line.
    fn rows(&mut self, node: &SyntaxNode) -> Doc {
        let width = node
            .parent()
            .and_then(|table| table.child(K::RowSchema))
            .map_or(1, |schema| schema.children_of(K::ColumnDeclaration).len())
            .max(1);
        let elements = significant(node);
        let Some((open, rest)) = elements.split_first() else {
            return self.plain(node);
        };
        let Some((close, values)) = rest.split_last() else {
            return self.plain(node);
        };
        let open = self.element(open);
        let mut inside = vec![Doc::SoftLine];
        let (mut count, mut fresh) = (0, true);
        for value in values {
            if value.kind() == K::Comma {
                inside.push(self.element(value));
                fresh = count % width == 0;
                if fresh {
                    inside.push(Doc::Line);
                }
                continue;
            }
            count += 1;
            inside.push(if fresh {
                self.unspaced(|builder| builder.element(value))
            } else {
                self.element(value)
            });
        }
        let close = self.unspaced(|builder| builder.element(close));
        let parts = vec![open, Doc::indent(inside), Doc::SoftLine, close];
        if values.is_empty() {
            return Doc::Concat(parts);
        }
        Doc::group(parts)
    }

    /// `a and b and c`: on one line, or an operand on each.
    fn chain(&mut self, node: &SyntaxNode) -> Doc {
        let mut parts = Vec::new();
        for (position, element) in significant(node).iter().enumerate() {
            let is_word = matches!(element, NodeOrToken::Token(_));
            if position > 0 && is_word {
                parts.push(Doc::Line);
                parts.push(self.unspaced(|builder| builder.element(element)));
            } else {
                parts.push(self.element(element));
            }
        }
        let first = parts.remove(0);
        Doc::group(vec![first, Doc::indent(parts)])
    }

    /// `project a, b`: on one line, or a column on each, `by` and the like on lines of their own.
    fn list_operator(&mut self, node: &SyntaxNode) -> Doc {
        let elements = significant(node);
        let head = elements
            .iter()
            .position(|element| {
                !matches!(element, NodeOrToken::Token(_)) && element.kind() != K::OperatorParameter
            })
            .unwrap_or(elements.len());
        let (head, items) = elements.split_at(head);
        let head: Vec<Doc> = head.iter().map(|element| self.element(element)).collect();
        let count = items
            .iter()
            .filter(|element| matches!(element, NodeOrToken::Node(_)))
            .count();
        if count <= 1 {
            let rest = items.iter().map(|element| self.element(element));
            let rest: Vec<Doc> = rest.collect();
            return Doc::Concat(head.into_iter().chain(rest).collect());
        }
        let mut inside = Vec::new();
        for element in items {
            let NodeOrToken::Node(item) = element else {
                inside.push(self.element(element));
                continue;
            };
            inside.push(Doc::Line);
            inside.push(self.fresh(item));
        }
        let mut parts = head;
        parts.push(Doc::indent(inside));
        Doc::group(parts)
    }

    /// `macro-expand` and `scan`: the statements or steps in the brackets each on a line.
    fn statements_operator(&mut self, node: &SyntaxNode) -> Doc {
        let elements = significant(node);
        let open = elements
            .iter()
            .rposition(|element| element.kind() == K::LeftParen);
        let (Some(open), Some((close, _))) = (open, elements.split_last()) else {
            return self.plain(node);
        };
        let mut parts: Vec<Doc> = elements[..=open]
            .iter()
            .map(|element| self.element(element))
            .collect();
        let mut inside = Vec::new();
        for element in &elements[open + 1..elements.len() - 1] {
            if element.kind() == K::Semicolon {
                inside.push(self.element(element));
            } else {
                inside.push(Doc::HardLine);
                inside.push(self.unspaced(|builder| builder.element(element)));
            }
        }
        parts.push(Doc::indent(inside));
        parts.push(Doc::HardLine);
        parts.push(self.unspaced(|builder| builder.element(close)));
        Doc::Concat(parts)
    }
}

/// Tokens and nodes of a node, trivia and empty nodes left out.
fn significant(node: &SyntaxNode) -> Vec<SyntaxElement> {
    node.children_with_tokens()
        .filter(|element| match element {
            NodeOrToken::Token(token) => !token.kind().is_trivia(),
            NodeOrToken::Node(node) => node
                .descendants_with_tokens()
                .filter_map(NodeOrToken::into_token)
                .any(|token| !token.kind().is_trivia()),
        })
        .collect()
}

/// Whether a value given a name starts on a line of its own: a pipeline.
fn is_long_value(node: &SyntaxNode) -> bool {
    node.kind() == K::PipeExpression
}

/// The comment or directive of a trivia token, and whether it had a line to itself.
fn comment_of(token: &SyntaxToken) -> Vec<Doc> {
    if token.kind() == K::Whitespace {
        return Vec::new();
    }
    let before = token.prev_token();
    let space = before
        .as_ref()
        .filter(|before| before.kind() == K::Whitespace);
    let breaks = space.map_or(0, |space| space.text().matches('\n').count());
    let own_line = before.is_none() || breaks > 0 || token.kind() == K::Directive;
    let mut parts = Vec::new();
    if breaks > 1 {
        parts.push(Doc::BlankLine);
    }
    parts.push(Doc::Comment {
        text: token.text().trim_end().to_owned(),
        own_line,
    });
    parts
}

/// Whether an empty line, and no comment, stands before a statement that is not the first.
fn is_set_off(node: &SyntaxNode) -> bool {
    let Some(first) = node
        .descendants_with_tokens()
        .filter_map(NodeOrToken::into_token)
        .find(|token| !token.kind().is_trivia())
    else {
        return false;
    };
    let before = first.prev_token();
    before.is_some_and(|space| {
        space.kind() == K::Whitespace
            && space.text().matches('\n').count() > 1
            && space
                .prev_token()
                .is_some_and(|earlier| !earlier.kind().is_trivia())
    })
}
