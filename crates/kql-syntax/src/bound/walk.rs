//! The expressions inside an expression.

use super::{BoundExpression, BoundSet, ExpressionKind};

impl BoundExpression {
    /// The expressions directly inside this one. Those of subqueries are not among them.
    pub fn children(&self) -> Vec<&BoundExpression> {
        use ExpressionKind as K;
        match &self.kind {
            K::Literal(_)
            | K::Column(_)
            | K::PackRow { .. }
            | K::ScalarSubquery(_)
            | K::Parameter(_) => Vec::new(),
            K::Convert(inner)
            | K::Negate(inner)
            | K::Member { value: inner, .. }
            | K::Element { tuple: inner, .. } => vec![inner],
            K::Arithmetic { left, right, .. } | K::Comparison { left, right, .. } => {
                vec![left, right]
            }
            K::And(items)
            | K::Or(items)
            | K::Call {
                arguments: items, ..
            } => items.iter().collect(),
            K::TextMatch(text) => vec![&text.value, &text.pattern],
            K::HasTerms { value, terms, .. } => {
                std::iter::once(&**value).chain(of_set(terms)).collect()
            }
            K::In { value, set, .. } => std::iter::once(&**value).chain(of_set(set)).collect(),
            K::Between {
                value, low, high, ..
            } => vec![value, low, high],
            K::Index { value, index } => vec![value, index],
        }
    }

    /// As [`Self::children`], to be changed.
    pub fn children_mut(&mut self) -> Vec<&mut BoundExpression> {
        use ExpressionKind as K;
        match &mut self.kind {
            K::Literal(_)
            | K::Column(_)
            | K::PackRow { .. }
            | K::ScalarSubquery(_)
            | K::Parameter(_) => Vec::new(),
            K::Convert(inner)
            | K::Negate(inner)
            | K::Member { value: inner, .. }
            | K::Element { tuple: inner, .. } => vec![inner],
            K::Arithmetic { left, right, .. } | K::Comparison { left, right, .. } => {
                vec![left, right]
            }
            K::And(items)
            | K::Or(items)
            | K::Call {
                arguments: items, ..
            } => items.iter_mut().collect(),
            K::TextMatch(text) => vec![&mut text.value, &mut text.pattern],
            K::HasTerms { value, terms, .. } => {
                let terms = of_set_mut(terms).iter_mut();
                std::iter::once(&mut **value).chain(terms).collect()
            }
            K::In { value, set, .. } => {
                let set = of_set_mut(set).iter_mut();
                std::iter::once(&mut **value).chain(set).collect()
            }
            K::Between {
                value, low, high, ..
            } => vec![value, low, high],
            K::Index { value, index } => vec![value, index],
        }
    }
}

fn of_set(set: &BoundSet) -> &[BoundExpression] {
    match set {
        BoundSet::List(items) => items,
        BoundSet::Subquery(_) => &[],
    }
}

fn of_set_mut(set: &mut BoundSet) -> &mut [BoundExpression] {
    match set {
        BoundSet::List(items) => items,
        BoundSet::Subquery(_) => &mut [],
    }
}
