//! Policy states as the last scans left them, read one by one, and rolled up.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use serde::Deserialize;
use serde_json::Value;
use stance_lake::Lake;
use stance_policy::{ComplianceState, RollUp, StateRecord};

use crate::OperationsError;
use crate::rows::policies::{STATE, TABLE};
use crate::stored;

/// One state, as the properties of its row hold it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyState {
    /// The resource.
    pub resource_id: String,
    /// Its type.
    pub resource_type: String,
    /// The assignment; empty where the definition judges without one.
    pub policy_assignment_id: String,
    /// Its name.
    pub policy_assignment_name: String,
    /// The definition.
    pub policy_definition_id: String,
    /// Its name.
    pub policy_definition_name: String,
    /// Its reference in the initiative.
    pub policy_definition_reference_id: String,
    /// The effect, lower case.
    pub policy_definition_action: String,
    /// The initiative's groups it is in.
    #[serde(deserialize_with = "or_default")]
    pub policy_definition_group_names: Vec<String>,
    /// The initiative; empty without one.
    pub policy_set_definition_id: String,
    /// Its name.
    pub policy_set_definition_name: String,
    /// `NonCompliant`, `Compliant`, `Exempt`, `Unknown`.
    pub compliance_state: String,
    /// The finding it goes with.
    pub finding_id: String,
    /// When it was judged.
    pub timestamp: String,
}

fn or_default<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Which states are meant; an empty text means all. Assignments and initiatives go by name or id, in any case.
#[derive(Debug, Clone, Default)]
pub struct StateFilter {
    /// An assignment.
    pub assignment: String,
    /// An initiative.
    pub initiative: String,
    /// The id of a resource or of what encloses it.
    pub scope: String,
    /// The state.
    pub state: Option<ComplianceState>,
}

impl StateFilter {
    fn means(&self, state: &PolicyState) -> bool {
        let is = |wanted: &str, id: &str, name: &str| {
            wanted.is_empty()
                || wanted.eq_ignore_ascii_case(id)
                || wanted.eq_ignore_ascii_case(name)
        };
        let scope = self.scope.trim_end_matches('/').to_lowercase();
        let lower = state.resource_id.to_lowercase();
        let below = lower.strip_prefix(&scope);
        is(
            &self.assignment,
            &state.policy_assignment_id,
            &state.policy_assignment_name,
        ) && is(
            &self.initiative,
            &state.policy_set_definition_id,
            &state.policy_set_definition_name,
        ) && below.is_some_and(|rest| scope.is_empty() || rest.is_empty() || rest.starts_with('/'))
            && self
                .state
                .is_none_or(|wanted| wanted.as_str() == state.compliance_state)
    }
}

/// Where a state stands.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    /// Number of its file. The states of one resource and origin follow each other within a file.
    file: usize,
    /// Whether its resource was declared or observed.
    origin: &'a str,
}

/// Calls `visit` with every state that is meant; `visit` stops the reading by `false`.
async fn each(
    lake: &Lake,
    filter: &StateFilter,
    mut visit: impl FnMut(PolicyState, Value, Place<'_>) -> bool,
) -> Result<(), OperationsError> {
    let snapshot = lake.snapshot(TABLE).await?;
    let columns = ["type", "origin", "properties", "content_hash"];
    let mut goes_on = true;
    let take = |file: usize, _: &str, batch: RecordBatch| {
        let types = stored::text_column(&batch, "type")?;
        let origins = stored::text_column(&batch, "origin")?;
        let hashes = stored::text_column(&batch, "content_hash")?;
        let properties = stored::text_column(&batch, "properties")?;
        for row in 0..batch.num_rows() {
            let ours = stored::text(&types, row) == STATE && stored::text(&hashes, row).is_empty();
            if !ours || !goes_on {
                continue;
            }
            let value: Value = serde_json::from_str(stored::text(&properties, row))?;
            let state = PolicyState::deserialize(&value)?;
            if filter.means(&state) {
                let origin = stored::text(&origins, row);
                goes_on = visit(state, value, Place { file, origin });
            }
        }
        Ok(())
    };
    stored::read_files(&snapshot, Some(&columns), |_| true, take)
}

/// The states that are meant, as their properties; at most `limit`, and whether there are more.
pub async fn list(
    lake: &Lake,
    filter: &StateFilter,
    limit: usize,
) -> Result<(Vec<Value>, bool), OperationsError> {
    let (mut found, mut more) = (Vec::new(), false);
    each(lake, filter, |_, value, _| {
        more = found.len() == limit;
        if !more {
            found.push(value);
        }
        !more
    })
    .await?;
    Ok((found, more))
}

/// Compliance over the states that are meant.
pub async fn compliance(lake: &Lake, filter: &StateFilter) -> Result<RollUp, OperationsError> {
    let mut counter = Counter::default();
    each(lake, filter, |state, _, place| {
        counter.take(state, place);
        true
    })
    .await?;
    Ok(counter.finish())
}

/// Counts resource by resource. A resource's states may lie on both sides of the end of a file: the first and the
/// last resource of each file wait until all is read.
#[derive(Debug, Default)]
struct Counter {
    roll_up: RollUp,
    file: Option<usize>,
    key: String,
    open: Vec<PolicyState>,
    open_is_first: bool,
    waiting: HashMap<String, Vec<PolicyState>>,
}

impl Counter {
    fn take(&mut self, state: PolicyState, place: Place<'_>) {
        let key = format!("{} {}", place.origin, state.resource_id.to_lowercase());
        let other_file = self.file != Some(place.file);
        if other_file || key != self.key {
            self.close(other_file);
            self.open_is_first = other_file;
            self.file = Some(place.file);
            self.key = key;
        }
        self.open.push(state);
    }

    fn close(&mut self, is_last: bool) {
        let open = std::mem::take(&mut self.open);
        if self.open_is_first || is_last {
            self.waiting
                .entry(self.key.clone())
                .or_default()
                .extend(open);
        } else {
            add(&mut self.roll_up, &open);
        }
    }

    fn finish(mut self) -> RollUp {
        self.close(true);
        for states in self.waiting.values() {
            add(&mut self.roll_up, states);
        }
        self.roll_up
    }
}

fn add(roll_up: &mut RollUp, states: &[PolicyState]) {
    let records: Vec<StateRecord<'_>> = states
        .iter()
        .filter_map(|state| {
            Some(StateRecord {
                assignment: &state.policy_assignment_id,
                initiative: &state.policy_set_definition_id,
                definition: &state.policy_definition_id,
                reference: &state.policy_definition_reference_id,
                groups: &state.policy_definition_group_names,
                state: state.compliance_state.parse().ok()?,
            })
        })
        .collect();
    roll_up.add_resource(&records);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(resource: &str, reference: &str, state: &str) -> PolicyState {
        PolicyState {
            resource_id: resource.to_owned(),
            policy_definition_reference_id: reference.to_owned(),
            compliance_state: state.to_owned(),
            ..PolicyState::default()
        }
    }

    #[test]
    fn a_resource_on_both_sides_of_a_files_end_counts_once() {
        let mut counter = Counter::default();
        let mut take = |file, resource, reference, compliance| {
            counter.take(
                state(resource, reference, compliance),
                Place {
                    file,
                    origin: "live",
                },
            );
        };
        take(0, "/a", "1", "Compliant");
        take(0, "/b", "1", "Compliant");
        take(0, "/c", "1", "Compliant");
        take(1, "/C", "2", "NonCompliant");
        take(1, "/d", "1", "Exempt");
        let roll_up = counter.finish();
        assert_eq!(roll_up.resources.total(), 4);
        assert_eq!(roll_up.resources.non_compliant, 1);
        assert_eq!(roll_up.resources.compliant, 2);
    }
}
