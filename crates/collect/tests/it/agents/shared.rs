//! Answers of the official specifications and recorded traffic: read, typed, told apart.

use std::collections::BTreeMap;

use stance_collect::{CollectOptions, Gathered, collect};

use crate::support::shared;

/// How many resources of each type a folder gives.
fn types(folder: &str) -> Option<(Gathered, BTreeMap<String, usize>)> {
    let folder = shared(folder)?;
    let mut gathered = Gathered::default();
    collect(&[folder], &CollectOptions::default(), &mut gathered);
    let mut counted = BTreeMap::new();
    for resource in &gathered.resources {
        *counted.entry(resource.resource_type.clone()).or_default() += 1;
    }
    eprintln!("{counted:#?}");
    for said in &gathered.diagnostics {
        eprintln!("{} {} {}", said.code, said.file, said.message);
    }
    Some((gathered, counted))
}

#[test]
fn search_data_plane_examples() {
    let Some((gathered, counted)) = types("fixtures/azure/search/data-plane") else {
        return;
    };
    for kind in ["indexes", "indexers", "datasources", "skillsets"] {
        let kind = format!("microsoft.search/searchservices/{kind}");
        assert!(counted.contains_key(&kind), "{kind}");
    }
    let ids = gathered
        .resources
        .iter()
        .map(|resource| resource.id.as_str());
    assert!(
        ids.clone().all(|id| id.starts_with("/search/")),
        "{:?}",
        ids.collect::<Vec<_>>()
    );
}

#[test]
fn power_platform_accounts_and_policies() {
    let Some((_, counted)) = types("fixtures/azure/powerplatform") else {
        return;
    };
    for kind in [
        "microsoft.powerplatform/enterprisepolicies",
        "microsoft.powerplatform/accounts",
    ] {
        assert!(counted.contains_key(kind), "{kind}");
    }
}

#[test]
fn published_agents_of_resource_manager() {
    let Some((_, counted)) = types("fixtures/azure/cognitiveservices") else {
        return;
    };
    for kind in [
        "microsoft.cognitiveservices/accounts/projects/applications",
        "microsoft.cognitiveservices/accounts/projects/applications/agents",
        "microsoft.cognitiveservices/accounts/projects/applications/agentdeployments",
        "microsoft.cognitiveservices/accounts/projects/capabilityhosts",
    ] {
        assert!(counted.contains_key(kind), "{kind}");
    }
}

#[test]
fn eligible_roles_and_deny_assignments() {
    let Some((gathered, counted)) = types("fixtures/azure/authorization") else {
        return;
    };
    for kind in [
        "microsoft.authorization/denyassignments",
        "microsoft.authorization/roleeligibilityscheduleinstances",
        "microsoft.authorization/roleeligibilityschedules",
        "microsoft.authorization/roleassignmentscheduleinstances",
    ] {
        assert!(counted.contains_key(kind), "{kind}");
        assert!(
            gathered.coverage.iter().any(|row| row.what == kind),
            "{kind}"
        );
    }
}

#[test]
fn recorded_agents_and_connections() {
    let Some((_, counted)) = types("fixtures/azure/recorded-c7n") else {
        return;
    };
    assert!(
        counted.contains_key("microsoft.cognitiveservices/accounts/projects"),
        "{counted:?}"
    );
}
