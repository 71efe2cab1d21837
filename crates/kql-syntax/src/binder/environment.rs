//! Names given by `let`, and functions.

use std::rc::Rc;
use std::sync::Arc;

use stance_base::ScalarType;

use crate::bound::{BoundExpression, BoundTabular};
use crate::schema::Schema;
use crate::syntax::SyntaxNode;

/// The names in scope: a list that inner scopes extend and that functions keep.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment(Option<Rc<Entry>>);

#[derive(Debug)]
struct Entry {
    name: String,
    value: LetValue,
    outer: Environment,
}

impl Drop for Entry {
    /// Without recursion: scopes may be thousands of names long.
    fn drop(&mut self) {
        let mut next = self.outer.0.take();
        while let Some(entry) = next {
            match Rc::try_unwrap(entry) {
                Ok(mut owned) => next = owned.outer.0.take(),
                Err(_) => break,
            }
        }
    }
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum LetValue {
    /// A value, put in place wherever it is named.
    Scalar {
        /// The value.
        value: Rc<BoundExpression>,
        /// Its size in nodes.
        nodes: usize,
        /// Its height in nodes.
        height: usize,
    },
    /// Rows.
    Table(SharedTable),
    /// A function.
    Function(Rc<UserFunction>),
    /// `entity_group [...]`: databases that `macro-expand` goes through.
    EntityGroup(Rc<Vec<SyntaxNode>>),
    /// A pattern: rows by constant keys.
    Pattern(Rc<Pattern>),
    /// A database inside `macro-expand`.
    Entity(Rc<EntityScope>),
    /// What `restrict access` allows.
    Restriction(Rc<Vec<String>>),
    /// A name that was given in vain; what is wrong has been said.
    Broken,
}

/// `declare pattern`.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Number of keys.
    pub(super) parameters: usize,
    /// Whether a path follows the keys: `p("x").y`.
    pub(super) path: bool,
    /// Declared without cases: what it stands for is not known here.
    pub(super) declared_only: bool,
    pub(super) cases: Vec<PatternCase>,
}

/// One case of a [`Pattern`].
#[derive(Debug)]
pub(super) struct PatternCase {
    pub(super) keys: Vec<Option<Arc<str>>>,
    pub(super) path: Option<String>,
    pub(super) function: Rc<UserFunction>,
}

/// A database, maybe of another cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct EntityScope {
    pub(super) cluster: Option<Arc<str>>,
    pub(super) database: Option<Arc<str>>,
}

/// Rows with an identity.
#[derive(Debug, Clone)]
pub(super) struct SharedTable {
    pub(super) id: u32,
    pub(super) name: Option<Arc<str>>,
    pub(super) materialize: bool,
    pub(super) plan: Arc<BoundTabular>,
    /// `view () {...}` and the like are seen by `union *`.
    pub(super) height: usize,
}

/// A function written in the query or kept in the database.
#[derive(Debug)]
pub(super) struct UserFunction {
    pub(super) name: String,
    pub(super) parameters: Vec<UserParameter>,
    pub(super) body: SyntaxNode,
    /// Names its body sees.
    pub(super) environment: Environment,
    pub(super) is_view: bool,
    /// Its text is not the query's.
    pub(super) is_stored: bool,
}

/// A parameter of a [`UserFunction`].
#[derive(Debug, Clone)]
pub(super) struct UserParameter {
    pub(super) name: String,
    pub(super) kind: ParameterKind,
    pub(super) default: Option<SyntaxNode>,
}

/// What a parameter takes.
#[derive(Debug, Clone)]
pub(super) enum ParameterKind {
    Scalar(ScalarType),
    /// Rows with at least these columns.
    Table(Schema),
}

impl Environment {
    /// These names and one more, which hides an older one of the same name.
    pub(super) fn with(&self, name: impl Into<String>, value: LetValue) -> Self {
        Self(Some(Rc::new(Entry {
            name: name.into(),
            value,
            outer: self.clone(),
        })))
    }

    pub(super) fn get(&self, name: &str) -> Option<LetValue> {
        let mut next = self.0.as_ref();
        while let Some(entry) = next {
            if entry.name == name {
                return Some(entry.value.clone());
            }
            next = entry.outer.0.as_ref();
        }
        None
    }

    /// Whether a name was given since a point of the list.
    pub(super) fn has_since(&self, name: &str, since: &Self) -> bool {
        let mut next = self.0.as_ref();
        while let Some(entry) = next {
            if since
                .0
                .as_ref()
                .is_some_and(|outer| Rc::ptr_eq(outer, entry))
            {
                return false;
            }
            if entry.name == name {
                return true;
            }
            next = entry.outer.0.as_ref();
        }
        false
    }

    /// All names, newest first.
    pub(super) fn names(&self) -> Vec<(String, LetValue)> {
        let mut names: Vec<(String, LetValue)> = Vec::new();
        let mut next = self.0.as_ref();
        while let Some(entry) = next {
            if !names.iter().any(|(name, _)| *name == entry.name) {
                names.push((entry.name.clone(), entry.value.clone()));
            }
            next = entry.outer.0.as_ref();
        }
        names
    }
}
