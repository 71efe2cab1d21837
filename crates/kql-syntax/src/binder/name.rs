//! Automatic column names.

use std::collections::HashSet;

use crate::ast::{CallExpression, NamedExpression, NodeExt as _, name_text};
use crate::functions::{self, ResultName};
use crate::literal::decode_string;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

/// The name an expression gives its column, if it has one to give.
///
/// A column gives its own; a path its parts joined by `_`; a call what its table says.
pub(super) fn automatic_name(node: &SyntaxNode) -> Option<String> {
    match node.kind() {
        K::NameExpression => node.name(),
        K::PathExpression => path_name(node),
        K::IndexExpression => index_name(node),
        K::ParenExpression | K::OrderedExpression => automatic_name(&node.expression()?),
        K::CallExpression => call_name(&CallExpression::cast(node.clone())?),
        K::NamedExpression => NamedExpression::cast(node.clone())?
            .names()
            .into_iter()
            .next(),
        _ => None,
    }
}

fn path_name(node: &SyntaxNode) -> Option<String> {
    let base = node.expression()?;
    let last = node.child(K::Name).map(|name| name_text(&name))?;
    if matches!(base.name().as_deref(), Some("$left" | "$right")) {
        return Some(last);
    }
    Some(format!("{}_{last}", automatic_name(&base)?))
}

fn index_name(node: &SyntaxNode) -> Option<String> {
    let parts = node.expressions();
    let base = automatic_name(parts.first()?)?;
    let index = parts.get(1)?;
    let token = index.first_token().filter(|_| index.kind() == K::Literal)?;
    match token.kind() {
        K::String => Some(format!("{base}_{}", decode_string(token.text()))),
        K::Long => Some(format!("{base}_{}", token.text())),
        _ => None,
    }
}

fn call_name(call: &CallExpression) -> Option<String> {
    let name = call.name()?;
    let arguments = call.arguments();
    let function = functions::scalar(&name).or_else(|| functions::aggregate(&name))?;
    let first = || arguments.first().and_then(automatic_name);
    match function.result_name {
        ResultName::None => None,
        ResultName::First => first(),
        ResultName::NameAndFirst => Some(format!("{name}_{}", first().unwrap_or_default())),
        ResultName::PrefixAndFirst(prefix) => {
            Some(format!("{prefix}_{}", first().unwrap_or_default()))
        }
        ResultName::Prefix(prefix) => Some(prefix.to_owned()),
        ResultName::Only => {
            if arguments.len() == 1 {
                first()
            } else {
                None
            }
        }
        ResultName::ColumnText => {
            let token = arguments
                .first()?
                .first_token()
                .filter(|token| token.kind() == K::String)?;
            Some(decode_string(token.text()))
        }
    }
}

/// Names in use, and new ones beside them.
#[derive(Debug, Default, Clone)]
pub(super) struct NameTable(HashSet<String>);

impl NameTable {
    pub(super) fn new<'name>(names: impl IntoIterator<Item = &'name str>) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    pub(super) fn insert(&mut self, name: &str) -> bool {
        self.0.insert(name.to_owned())
    }

    /// The name, with the least number after it that makes it new.
    pub(super) fn unique(&mut self, name: &str) -> String {
        if self.insert(name) {
            return name.to_owned();
        }
        self.numbered(name, 1)
    }

    /// The name with the least number from `from` that makes it new.
    pub(super) fn numbered(&mut self, name: &str, from: usize) -> String {
        let mut number = from;
        loop {
            let candidate = format!("{name}{number}");
            if self.insert(&candidate) {
                return candidate;
            }
            number += 1;
        }
    }
}
