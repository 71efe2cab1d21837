//! Microsoft's initiatives about AI: they load, judge and roll up unmodified.

use serde_json::{Value, json};
use stance_model::{FindingState, Resource};
use stance_policy::{AliasSources, BuildOptions, Library, PolicySet, RollUp, StateRecord, Verdict};

use crate::assignments::assignment;
use crate::helpers::{SUBSCRIPTION, account, context, index, resource, shared};

fn load(test: &str) -> Option<Library> {
    let folder = shared(test)?.join("policies");
    let mut library = Library::default();
    library.add_path(&folder.join("ai"));
    library.add_path(&folder.join("initiatives"));
    assert_eq!(library.diagnostics, []);
    Some(library)
}

fn add(roll_up: &mut RollUp, verdicts: &[Verdict]) {
    let records: Vec<StateRecord<'_>> = verdicts
        .iter()
        .filter_map(|verdict| {
            let member = verdict.definition.memberships.first()?;
            Some(StateRecord {
                assignment: &verdict.definition.assignment.as_ref()?.id,
                initiative: &member.initiative_id,
                definition: &verdict.definition.id,
                reference: &member.reference_id,
                groups: &member.groups,
                state: verdict.compliance()?,
            })
        })
        .collect();
    roll_up.add_resource(&records);
}

#[test]
fn every_initiative_is_evaluated_in_the_versions_it_asks_for() {
    let Some(library) = load("initiatives") else {
        return;
    };
    for (name, references) in [
        ("1308bccf-446a-4283-a4e0-0c983fe7a572", 4),
        ("f58a876c-ec25-417e-9634-58d2a93e3fe2", 1),
        ("5207647b-3e83-4e28-b836-c382cb5e2a2e", 12),
    ] {
        let mut library = library.clone();
        let mut given = assignment("a", SUBSCRIPTION, "set-x", &json!({}));
        given["properties"]["policyDefinitionId"] = json!(format!(
            "/providers/Microsoft.Authorization/policySetDefinitions/{name}"
        ));
        library.add_bytes("assignment.json", given.to_string().as_bytes());
        let (set, diagnostics) = PolicySet::build(
            &library,
            &AliasSources::embedded(),
            &BuildOptions::default(),
        )
        .unwrap();
        let assigned = set
            .definitions()
            .filter(|one| one.assignment.is_some())
            .count();
        assert_eq!(assigned, references, "{name}: {diagnostics:#?}");
        assert!(
            !diagnostics
                .iter()
                .any(|one| one.code == "POL0012" || one.code == "POL0018"),
            "{diagnostics:#?}"
        );
    }
}

#[test]
fn the_eu_ai_act_initiative_rolls_up_by_control() {
    let Some(mut library) = load("initiatives") else {
        return;
    };
    let mut given = assignment("a", SUBSCRIPTION, "set-x", &json!({}));
    given["properties"]["policyDefinitionId"] = json!(
        "/providers/Microsoft.Authorization/policySetDefinitions/1308bccf-446a-4283-a4e0-0c983fe7a572"
    );
    library.add_bytes("assignment.json", given.to_string().as_bytes());
    let (set, _) = PolicySet::build(
        &library,
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )
    .unwrap();
    let search = |name: &str, access: &str| {
        resource(
            "Microsoft.Search/searchServices",
            name,
            &json!({"sku": {"name": "standard"}, "properties": {"publicNetworkAccess": access, "privateEndpointConnections": []}}),
        )
    };
    let related = index(Vec::new());
    let resources: Vec<Resource> = vec![
        search("open", "Enabled"),
        search("closed", "Disabled"),
        account(&json!({"privateEndpointConnections": []})),
    ];
    let mut roll_up = RollUp::default();
    let mut states: Vec<Value> = Vec::new();
    for resource in &resources {
        let verdicts = set.evaluate(resource, &related, &context());
        states.extend(verdicts.iter().map(|one| json!(one.state)));
        assert!(!verdicts.is_empty());
        add(&mut roll_up, &verdicts);
    }
    assert!(states.contains(&json!(FindingState::Unhealthy)));
    assert_eq!(roll_up.resources.total(), 3);
    let (_, own) = roll_up.assignments.iter().next().unwrap();
    let access = &own.policies["ee980b6d-0eca-4501-8d54-f6290fd512c3"].resources;
    assert_eq!((access.non_compliant, access.compliant), (1, 1));
    assert!(
        own.groups.contains_key("EU_AI_Act_2024_1689_15.5"),
        "{:?}",
        own.groups.keys()
    );
    assert_eq!(own.groups["EU_AI_Act_2024_1689_15.5"].total(), 3);
    // Nobody sends logs anywhere.
    assert_eq!(own.groups["EU_AI_Act_2024_1689_12.1"].non_compliant, 3);
    assert_eq!(own.resources.percentage(), Some(0.0));
}
