//! Which instances are looked at for a resource, by its type.

use std::collections::HashMap;

use stance_model::Resource;

use crate::assignment::Selector;

/// One definition at its place: the first variant whose selectors all hold for a resource counts. `None` where that
/// variant is not evaluated.
#[derive(Debug)]
pub(super) struct Member {
    pub variants: Vec<(Vec<Selector>, Option<usize>)>,
}

impl Member {
    fn chosen(&self, resource: &Resource) -> Option<usize> {
        let fits = |selectors: &[Selector]| selectors.iter().all(|one| one.selects(resource));
        let variant = self.variants.iter().find(|(selectors, _)| fits(selectors));
        variant.and_then(|(_, instance)| *instance)
    }
}

/// Members by the types they are about.
#[derive(Debug, Default)]
pub(super) struct Members {
    list: Vec<Member>,
    by_type: HashMap<String, Vec<usize>>,
    any_type: Vec<usize>,
}

impl Members {
    /// Adds a member about these types (lower case); about any where they are `None`.
    pub(super) fn add(&mut self, member: Member, types: Option<Vec<String>>) {
        let at = self.list.len();
        self.list.push(member);
        let Some(types) = types else {
            self.any_type.push(at);
            return;
        };
        for name in types {
            let list = self.by_type.entry(name).or_default();
            if list.last() != Some(&at) {
                list.push(at);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn any_type(&self) -> bool {
        !self.any_type.is_empty()
    }

    pub(super) fn types(&self) -> impl Iterator<Item = &str> {
        self.by_type.keys().map(String::as_str)
    }

    /// The instances that judge a resource, in the order they were added.
    pub(super) fn chosen<'a>(&'a self, resource: &'a Resource) -> impl Iterator<Item = usize> + 'a {
        let named = self.by_type.get(&resource.resource_type);
        let mut named = named.into_iter().flatten().copied().peekable();
        let mut any = self.any_type.iter().copied().peekable();
        let merged = std::iter::from_fn(move || match (named.peek(), any.peek()) {
            (Some(one), Some(other)) if one <= other => named.next(),
            (Some(_), None) => named.next(),
            _ => any.next(),
        });
        merged.filter_map(|at| self.list[at].chosen(resource))
    }
}
