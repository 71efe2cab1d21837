//! A bill of materials held against the register: what is known, what nobody registered, what is gone.

use chrono::NaiveDate;
use serde::Serialize;
use stance_model::{Bom, BomComponent};

use super::diff::group;
use crate::register::{Entry, EntryKind, Register};

/// The outcome; each list in the order of the register or the bill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reconciliation {
    /// Components that an entry covers.
    pub known: Vec<Known>,
    /// Services, agents and models that no entry covers.
    pub unknown: Vec<Unknown>,
    /// Entries of systems, resources, agents and models that the estate does not hold.
    pub gone: Vec<Entry>,
}

/// A component and the entry that covers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// The component.
    pub bom_ref: String,
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// `agent agent-name`: the entry's kind and value.
    pub entry: String,
    /// Who answers for it.
    pub owner: String,
    /// Whether the approval ended before today.
    pub lapsed: bool,
}

/// A component that nobody registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unknown {
    /// The component.
    pub bom_ref: String,
    /// What it is.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub location: String,
}

/// Holds a bill against the register on the day `today`.
pub fn reconcile(bom: &Bom, register: &Register, today: NaiveDate) -> Reconciliation {
    let mut outcome = Reconciliation::default();
    let mut used = vec![false; register.entries.len()];
    for component in &bom.components {
        let matching = register
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| covers(entry, component));
        let mut best: Option<&Entry> = None;
        for (number, entry) in matching {
            used[number] = true;
            // The most particular entry speaks: kinds are in that order.
            if best.is_none_or(|known| known.kind <= entry.kind) {
                best = Some(entry);
            }
        }
        match best {
            Some(entry) => outcome.known.push(known(component, entry, today)),
            None if is_accountable(component) => outcome.unknown.push(Unknown {
                bom_ref: component.bom_ref.clone(),
                kind: component.kind.clone(),
                name: component.name.clone(),
                location: component.location.clone(),
            }),
            None => {}
        }
    }
    let entries = register.entries.iter().zip(used);
    outcome.gone = entries
        .filter(|(entry, used)| !used && is_thing(entry.kind))
        .map(|(entry, _)| entry.clone())
        .collect();
    outcome
}

fn known(component: &BomComponent, entry: &Entry, today: NaiveDate) -> Known {
    Known {
        bom_ref: component.bom_ref.clone(),
        kind: component.kind.clone(),
        name: component.name.clone(),
        entry: format!("{} {}", entry.kind, entry.value),
        owner: entry.owner.clone().unwrap_or_default(),
        lapsed: entry.approved_until.is_some_and(|until| until < today),
    }
}

/// What somebody has to answer for: agents, models and services that stand by themselves.
fn is_accountable(component: &BomComponent) -> bool {
    match group(component) {
        "agent" | "application" | "model" => true,
        "service" => !matches!(
            component.kind.as_str(),
            "Connection" | "Foundry project" | "Published agent application" | "ML endpoint"
        ),
        _ => false,
    }
}

/// Kinds of entries that name something that can be there or not.
fn is_thing(kind: EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Model | EntryKind::System | EntryKind::Resource | EntryKind::Agent
    )
}

fn covers(entry: &Entry, component: &BomComponent) -> bool {
    let word = entry.value.trim_end_matches('*').to_lowercase();
    let is_prefix = entry.value.ends_with('*');
    let matches = |text: &str| {
        let text = text.to_lowercase();
        !text.is_empty() && (text == word || (is_prefix && text.starts_with(&word)))
    };
    let own_name = component
        .properties
        .get("name")
        .and_then(|name| name.as_str());
    let named = matches(&component.name)
        || matches(&component.bom_ref)
        || matches(&component.resource_id)
        || own_name.is_some_and(matches);
    match entry.kind {
        EntryKind::Model => group(component) == "model" && named,
        EntryKind::Agent => group(component) == "agent" && named,
        EntryKind::Resource => !component.resource_id.is_empty() && named,
        EntryKind::System => {
            let below = component
                .resource_id
                .to_lowercase()
                .starts_with(&format!("{}/", word.trim_end_matches('/')));
            below || (!component.resource_id.is_empty() && named)
        }
        EntryKind::Region | EntryKind::Scope | EntryKind::Type => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(name: &str) -> BomComponent {
        BomComponent {
            bom_ref: format!("/s/g/{name}"),
            resource_id: format!("/S/G/{name}"),
            component_type: "application".into(),
            kind: "Agent".into(),
            name: name.into(),
            ..BomComponent::default()
        }
    }

    #[test]
    fn known_unknown_and_gone() {
        let bom = Bom::new(vec![agent("one"), agent("two"), agent("three")], Vec::new());
        let mut register = Register::new();
        let mut one = Entry::new(EntryKind::Agent, "ONE");
        one.approved_until = NaiveDate::from_ymd_opt(2026, 1, 31);
        register.put(one);
        register.put(Entry::new(EntryKind::Agent, "four"));
        register.put(Entry::new(EntryKind::Resource, "/s/g/th*"));
        let today = NaiveDate::from_ymd_opt(2026, 2, 1).unwrap_or_default();
        let outcome = reconcile(&bom, &register, today);
        let known: Vec<_> = outcome
            .known
            .iter()
            .map(|one| (&*one.name, one.lapsed))
            .collect();
        assert_eq!(known, [("one", true), ("three", false)]);
        assert_eq!(outcome.unknown[0].name, "two");
        assert_eq!(outcome.gone[0].value, "four");
    }
}
