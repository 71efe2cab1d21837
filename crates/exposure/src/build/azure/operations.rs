//! Operations of Azure that some capability needs, and which of them a role, a deny assignment or a condition names.
//!
//! Source: learn.microsoft.com/azure/role-based-access-control/role-definitions: `*` stands for any text, case is
//! ignored, and what `notActions` names is taken from the same permissions only.

use std::collections::HashMap;

use serde::Deserialize;

use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Numbers of operations in [`Operations`], one bit each, as capabilities have them.
pub(super) type OperationSet = CapabilitySet;

/// Every operation that some pair of the vocabulary needs.
#[derive(Debug)]
pub(super) struct Operations {
    /// In lower case, and whether it is one of the data plane.
    all: Vec<(String, bool)>,
    /// The pairs that an operation grants.
    pairs: Vec<CapabilitySet>,
}

/// A set of operations as role definitions and deny assignments spell it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Permissions {
    pub(super) actions: Vec<String>,
    pub(super) not_actions: Vec<String>,
    pub(super) data_actions: Vec<String>,
    pub(super) not_data_actions: Vec<String>,
    /// Of role definitions: a condition on some of the operations.
    pub(super) condition: Option<String>,
}

impl Operations {
    pub(super) fn of(vocabulary: &Vocabulary) -> Self {
        let mut operations = Self {
            all: Vec::new(),
            pairs: Vec::new(),
        };
        let mut numbers: HashMap<(String, bool), usize> = HashMap::new();
        for (pair, entry) in vocabulary.pairs().iter().enumerate() {
            let control = entry
                .needs
                .actions
                .iter()
                .map(|one| (one.to_lowercase(), false));
            let data = entry
                .needs
                .data_actions
                .iter()
                .map(|one| (one.to_lowercase(), true));
            for operation in control.chain(data) {
                let number = *numbers.entry(operation.clone()).or_insert_with(|| {
                    operations.all.push(operation);
                    operations.pairs.push(CapabilitySet::EMPTY);
                    operations.all.len() - 1
                });
                operations.pairs[number].insert(pair);
            }
        }
        operations
    }

    /// The operations that permissions hold.
    pub(super) fn in_permissions(&self, permissions: &Permissions) -> OperationSet {
        let held = |(name, is_data): &(String, bool)| {
            let (yes, no) = if *is_data {
                (&permissions.data_actions, &permissions.not_data_actions)
            } else {
                (&permissions.actions, &permissions.not_actions)
            };
            let any = |patterns: &[String]| patterns.iter().any(|one| matches(one, name));
            any(yes) && !any(no)
        };
        let all = self.all.iter().enumerate();
        let held = all.filter(|(_, operation)| held(operation));
        set(held.map(|(number, _)| number))
    }

    /// Of some operations those that a condition bears on: those that its `ActionMatches` name; all where it has none.
    pub(super) fn under_condition(&self, condition: &str, among: OperationSet) -> OperationSet {
        let lower = condition.to_lowercase();
        let named: Vec<&str> = lower
            .split("actionmatches{'")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .collect();
        let bears = |number: &usize| {
            let name = &self.all[*number].0;
            named.is_empty() || named.iter().any(|pattern| matches(pattern, name))
        };
        set(among.pairs().filter(bears))
    }

    /// Operations by their names, in lower case.
    pub(super) fn named(&self, names: &[&str]) -> OperationSet {
        let all = self.all.iter().enumerate();
        let named = all.filter(|(_, (name, _))| names.contains(&name.as_str()));
        set(named.map(|(number, _)| number))
    }

    /// Operations of the data plane that begin so, in lower case.
    pub(super) fn data_below(&self, start: &str) -> OperationSet {
        let all = self.all.iter().enumerate();
        let below = all.filter(|(_, (name, is_data))| *is_data && name.starts_with(start));
        set(below.map(|(number, _)| number))
    }

    /// The pairs that any of the operations grants.
    pub(super) fn pairs(&self, operations: OperationSet) -> CapabilitySet {
        let pairs = operations
            .pairs()
            .filter_map(|number| self.pairs.get(number).copied());
        pairs.fold(CapabilitySet::EMPTY, CapabilitySet::or)
    }
}

fn set(numbers: impl Iterator<Item = usize>) -> OperationSet {
    numbers.fold(OperationSet::EMPTY, |mut set, number| {
        set.insert(number);
        set
    })
}

/// Whether a pattern with `*` matches a name in lower case.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_lowercase();
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut left) = name.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = rest.split('*').collect();
    let Some((last, middle)) = parts.split_last() else {
        return true;
    };
    for part in middle {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{OperationSet, Operations, matches};
    use crate::vocabulary::Vocabulary;

    #[test]
    fn every_operation_has_a_bit() {
        let operations = Operations::of(&Vocabulary::embedded().unwrap());
        let mut last = OperationSet::EMPTY;
        last.insert(operations.all.len() - 1);
        assert!(!last.is_empty(), "more operations than bits");
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("*", "microsoft.web/sites/write"));
        assert!(matches("Microsoft.Web/*", "microsoft.web/sites/write"));
        assert!(matches("*/read", "microsoft.web/sites/read"));
        assert!(!matches("*/read", "microsoft.web/sites/write"));
        assert!(matches(
            "microsoft.authorization/*/write",
            "microsoft.authorization/roleassignments/write"
        ));
        assert!(!matches(
            "microsoft.authorization/*/write",
            "microsoft.authorization/write"
        ));
        assert!(matches("a*b*c", "axxbyyc"));
        assert!(!matches("a*bc*c", "abc"));
    }
}
