//! The resources that a graph is built from.

use std::collections::{BTreeMap, HashMap};

use stance_model::{Origin, Resource};

/// Resources by type and by id. Of a live and a declared resource of one id the live one counts.
#[derive(Debug, Default)]
pub struct Inventory {
    resources: Vec<Resource>,
    by_type: BTreeMap<String, Vec<usize>>,
    by_key: HashMap<String, usize>,
}

impl Inventory {
    /// Takes a resource.
    pub fn push(&mut self, resource: Resource) {
        let key = resource.id.key();
        if let Some(known) = self.by_key.get(&key) {
            let before = &mut self.resources[*known];
            if before.origin == Origin::Template && resource.origin == Origin::Live {
                *before = resource;
            }
            return;
        }
        let number = self.resources.len();
        self.by_key.insert(key, number);
        let of_type = self
            .by_type
            .entry(resource.resource_type.clone())
            .or_default();
        of_type.push(number);
        self.resources.push(resource);
    }

    /// All of them, in the order they came.
    pub fn all(&self) -> &[Resource] {
        &self.resources
    }

    /// Those of a type, in lower case.
    pub fn of_type(&self, resource_type: &str) -> impl Iterator<Item = &Resource> {
        let numbers = self.by_type.get(resource_type);
        numbers
            .into_iter()
            .flatten()
            .map(|number| &self.resources[*number])
    }

    /// By id, in lower case.
    pub fn get(&self, key: &str) -> Option<&Resource> {
        self.by_key.get(key).map(|number| &self.resources[*number])
    }
}

impl FromIterator<Resource> for Inventory {
    fn from_iter<T: IntoIterator<Item = Resource>>(resources: T) -> Self {
        let mut inventory = Self::default();
        resources.into_iter().for_each(|one| inventory.push(one));
        inventory
    }
}
