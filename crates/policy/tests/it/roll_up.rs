//! Compliance rolled up as Azure's page on compliance states says.

use std::collections::BTreeMap;

use proptest::prelude::*;
use stance_policy::ComplianceState::{self, Compliant, Conflict, Exempt, NonCompliant, Unknown};
use stance_policy::{RollUp, StateRecord, Tally};

fn record<'a>(reference: &'a str, groups: &'a [String], state: ComplianceState) -> StateRecord<'a> {
    StateRecord {
        assignment: "/assignment",
        initiative: "/initiative",
        definition: reference,
        reference,
        groups,
        state,
    }
}

#[test]
fn a_resource_exempt_from_one_of_ten_policies_and_compliant_with_nine_is_compliant() {
    let names: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
    let records: Vec<StateRecord<'_>> = names
        .iter()
        .enumerate()
        .map(|(number, name)| record(name, &[], if number == 0 { Exempt } else { Compliant }))
        .collect();
    let mut roll_up = RollUp::default();
    roll_up.add_resource(&records);
    assert_eq!(
        roll_up.resources,
        Tally {
            compliant: 1,
            ..Tally::default()
        }
    );
    let own = &roll_up.assignments[&("/assignment".to_owned(), "/initiative".to_owned())];
    assert_eq!(own.policies["p0"].resources.exempt, 1);
    assert_eq!(own.policies["p1"].resources.compliant, 1);
}

#[test]
fn a_group_takes_the_worst_of_its_policies_for_each_resource() {
    let (both, one) = (["A".to_owned(), "B".to_owned()], ["B".to_owned()]);
    let mut roll_up = RollUp::default();
    roll_up.add_resource(&[
        record("x", &both, Compliant),
        record("y", &one, NonCompliant),
    ]);
    roll_up.add_resource(&[record("x", &both, Exempt), record("y", &one, Unknown)]);
    let own = &roll_up.assignments[&("/assignment".to_owned(), "/initiative".to_owned())];
    assert_eq!(
        own.groups["A"],
        Tally {
            compliant: 1,
            exempt: 1,
            ..Tally::default()
        }
    );
    assert_eq!(
        own.groups["B"],
        Tally {
            non_compliant: 1,
            exempt: 1,
            ..Tally::default()
        }
    );
    assert_eq!(own.groups["A"].percentage(), Some(100.0));
    assert_eq!(own.groups["B"].percentage(), Some(50.0));
    assert_eq!(own.resources, own.groups["B"]);
    assert_eq!(own.groups["B"].state(), Some(NonCompliant));
}

#[test]
fn an_initiative_takes_the_worst_of_its_assignments() {
    let mut roll_up = RollUp::default();
    let at = |assignment: &'static str, state| StateRecord {
        assignment,
        ..record("x", &[], state)
    };
    roll_up.add_resource(&[at("/one", Compliant), at("/two", NonCompliant)]);
    assert_eq!(roll_up.initiatives["/initiative"].non_compliant, 1);
    assert_eq!(roll_up.initiatives["/initiative"].total(), 1);
    assert_eq!(roll_up.assignments.len(), 2);
    assert_eq!(roll_up.resources.total(), 1, "distinct resources");
}

fn state() -> impl Strategy<Value = ComplianceState> {
    prop::sample::select(vec![NonCompliant, Compliant, Conflict, Exempt, Unknown])
}

proptest! {
    #[test]
    fn order_does_not_matter_and_everything_adds_up(
        resources in prop::collection::vec(
            prop::collection::vec((0_usize..4, 0_usize..3, state()), 1..8), 1..12),
    ) {
        let names = ["p0", "p1", "p2", "p3"];
        let groups: Vec<Vec<String>> = (0..3).map(|number| vec![format!("g{number}")]).collect();
        let build = |list: &[Vec<(usize, usize, ComplianceState)>], backwards: bool| {
            let mut roll_up = RollUp::default();
            for one in list {
                let mut records: Vec<StateRecord<'_>> = one
                    .iter()
                    .map(|(policy, group, state)| record(names[*policy], &groups[*group], *state))
                    .collect();
                if backwards {
                    records.reverse();
                }
                roll_up.add_resource(&records);
            }
            roll_up
        };
        let forward = build(&resources, false);
        let mut turned = resources.clone();
        turned.reverse();
        prop_assert_eq!(&forward, &build(&turned, true));

        // Counted again, straight from the rank.
        let rank = |state: ComplianceState| [NonCompliant, Compliant, Conflict, Exempt, Unknown]
            .iter().position(|other| *other == state);
        let mut counted: BTreeMap<Option<usize>, u64> = BTreeMap::new();
        for one in &resources {
            let worst = one.iter().map(|(_, _, state)| rank(*state)).min().flatten();
            *counted.entry(worst).or_default() += 1;
        }
        let whole = forward.resources;
        for (number, count) in [
            (0, whole.non_compliant), (1, whole.compliant), (2, whole.conflict),
            (3, whole.exempt), (4, whole.unknown),
        ] {
            prop_assert_eq!(count, counted.get(&Some(number)).copied().unwrap_or_default());
        }
        prop_assert_eq!(whole.total(), resources.len() as u64);
        let percentage = whole.percentage().unwrap_or(-1.0);
        prop_assert!((0.0..=100.0).contains(&percentage));
        for own in forward.assignments.values() {
            prop_assert_eq!(own.resources, whole);
            for group in own.groups.values() {
                // A group is part of the whole: what fails in it fails in all.
                prop_assert!(group.non_compliant <= whole.non_compliant);
                prop_assert!(group.total() <= whole.total());
            }
        }
    }
}
