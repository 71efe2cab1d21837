//! States of single resources counted up. Memory grows with the definitions, not with the resources.

use std::collections::{BTreeMap, BTreeSet};

use super::{ComplianceState, Tally};

/// One definition's state on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRecord<'a> {
    /// Id of the assignment; empty where the definition judges without one.
    pub assignment: &'a str,
    /// Id of the initiative; empty without one.
    pub initiative: &'a str,
    /// Id or name of the definition.
    pub definition: &'a str,
    /// Its reference in the initiative; empty without one.
    pub reference: &'a str,
    /// The groups of the initiative it is in.
    pub groups: &'a [String],
    /// The state.
    pub state: ComplianceState,
}

/// One definition over all resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyCompliance {
    /// Its id or name.
    pub definition: String,
    /// Resources by state.
    pub resources: Tally,
}

/// One assignment, or one initiative that judges without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssignmentCompliance {
    /// Distinct resources by state: the worst over all definitions.
    pub resources: Tally,
    /// The definitions, by reference, or by id where there is none.
    pub policies: BTreeMap<String, PolicyCompliance>,
    /// Distinct resources by group: the worst over the group's definitions.
    pub groups: BTreeMap<String, Tally>,
}

/// Compliance of an estate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RollUp {
    /// Distinct resources by state: the worst over everything.
    pub resources: Tally,
    /// Distinct resources by initiative: the worst over all its assignments.
    pub initiatives: BTreeMap<String, Tally>,
    /// By assignment and initiative; ids as they were first spelt.
    pub assignments: BTreeMap<(String, String), AssignmentCompliance>,
}

impl RollUp {
    /// Counts one resource with all its states; each resource once.
    pub fn add_resource(&mut self, records: &[StateRecord<'_>]) {
        let Some(worst) = worst(records.iter()) else {
            return;
        };
        self.resources.add(worst);
        let initiatives: BTreeSet<&str> = records.iter().map(|record| record.initiative).collect();
        for initiative in initiatives.into_iter().filter(|id| !id.is_empty()) {
            let own = records
                .iter()
                .filter(|record| record.initiative == initiative);
            if let Some(state) = self::worst(own) {
                self.initiatives
                    .entry(initiative.to_owned())
                    .or_default()
                    .add(state);
            }
        }
        let keys: BTreeSet<(&str, &str)> = records
            .iter()
            .map(|record| (record.assignment, record.initiative))
            .collect();
        for (assignment, initiative) in keys {
            let own: Vec<&StateRecord<'_>> = records
                .iter()
                .filter(|record| record.assignment == assignment && record.initiative == initiative)
                .collect();
            let key = (assignment.to_owned(), initiative.to_owned());
            self.assignments.entry(key).or_default().add(&own);
        }
    }
}

impl AssignmentCompliance {
    fn add(&mut self, records: &[&StateRecord<'_>]) {
        if let Some(state) = worst(records.iter().copied()) {
            self.resources.add(state);
        }
        let mut groups: BTreeMap<&str, ComplianceState> = BTreeMap::new();
        let mut policies: BTreeMap<&str, (&str, ComplianceState)> = BTreeMap::new();
        for record in records {
            for group in record.groups {
                let state = groups.entry(group).or_insert(record.state);
                *state = (*state).min(record.state);
            }
            let reference = if record.reference.is_empty() {
                record.definition
            } else {
                record.reference
            };
            let (_, state) = policies
                .entry(reference)
                .or_insert((record.definition, record.state));
            *state = (*state).min(record.state);
        }
        for (group, state) in groups {
            self.groups.entry(group.to_owned()).or_default().add(state);
        }
        for (reference, (definition, state)) in policies {
            let policy = self.policies.entry(reference.to_owned()).or_default();
            definition.clone_into(&mut policy.definition);
            policy.resources.add(state);
        }
    }
}

fn worst<'a>(records: impl Iterator<Item = &'a StateRecord<'a>>) -> Option<ComplianceState> {
    ComplianceState::of(records.map(|record| record.state))
}
