//! Federated credentials: who from outside of Entra takes the place of an application or identity.
//!
//! Source: learn.microsoft.com/entra/workload-id/workload-identity-federation.

use serde_json::Map;
use stance_model::{Resource, ResourceId};

use super::{Index, edge, evidence};
use crate::build::Sources;
use crate::graph::{GraphDraft, NodeDraft, labels};

const MAKER: &str = "entra federation";
const CREDENTIALS: &[&str] = &[
    "microsoft.graph/applications/federatedidentitycredentials",
    "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials",
];

/// Principals and clusters of all clouds by what a token of theirs says.
#[derive(Default)]
struct Known {
    /// Service accounts of Google Cloud, by unique id and address.
    accounts: Index,
    /// Clusters, by the issuer of their tokens.
    clusters: Index,
}

pub(super) fn add(sources: Sources<'_>, draft: &mut GraphDraft) {
    let known = known(sources);
    for kind in CREDENTIALS {
        for credential in sources.inventory.of_type(kind) {
            read(sources, credential, &known, draft);
        }
    }
}

fn known(sources: Sources<'_>) -> Known {
    let mut known = Known::default();
    for account in sources
        .inventory
        .of_type("iam.googleapis.com/serviceaccount")
    {
        for field in ["uniqueId", "email"] {
            if let Some(text) = account.properties()[field].as_str() {
                known.accounts.insert(text.to_lowercase(), account.id.key());
            }
        }
    }
    for cluster in sources
        .inventory
        .of_type("microsoft.containerservice/managedclusters")
    {
        if let Some(issuer) = cluster.properties()["oidcIssuerProfile"]["issuerURL"].as_str() {
            known.clusters.insert(plain(issuer), cluster.id.key());
        }
    }
    known
}

fn plain(issuer: &str) -> String {
    issuer.trim_end_matches('/').to_lowercase()
}

fn read(sources: Sources<'_>, credential: &Resource, known: &Known, draft: &mut GraphDraft) {
    let properties = credential.properties();
    let text = |key: &str| properties[key].as_str().filter(|text| !text.is_empty());
    let (Some(issuer), Some(subject)) = (text("issuer"), text("subject")) else {
        return;
    };
    let Some(target) = holder(credential).filter(|target| draft.knows(&target.key())) else {
        return;
    };
    let fact = || {
        evidence(
            credential.id.as_str(),
            "properties.subject",
            format!("tokens of {issuer} for {subject} are taken"),
        )
    };
    let outside = format!("principal:{}#{}", plain(issuer), subject.to_lowercase());
    let mut said = Map::new();
    said.insert("issuer".to_owned(), issuer.into());
    said.insert("subject".to_owned(), subject.into());
    draft.node(NodeDraft {
        id: outside.clone(),
        label: "principal".to_owned(),
        name: name(issuer, subject),
        properties: said,
        ..NodeDraft::default()
    });
    draft.edge(edge(
        labels::CAN_IMPERSONATE_AS,
        MAKER,
        &outside,
        &target.key(),
        fact(),
    ));
    if let Some(source) = inside(sources, issuer, subject, known, draft) {
        draft.edge(edge(
            labels::CAN_IMPERSONATE_AS,
            MAKER,
            &source,
            &target.key(),
            fact(),
        ));
    }
    if let Some(cluster) = known.clusters.get(&plain(issuer)) {
        draft.edge(edge(
            labels::CAN_AUTHENTICATE_AS,
            MAKER,
            cluster,
            &outside,
            fact(),
        ));
    }
}

/// The application or identity that a credential is a part of.
fn holder(credential: &Resource) -> Option<ResourceId> {
    if let Some(parent) = credential.parent() {
        return Some(parent);
    }
    let id = credential.id.as_str();
    let at = id
        .to_ascii_lowercase()
        .rfind("/federatedidentitycredentials/")?;
    Some(ResourceId::new(&id[..at]))
}

/// A subject that is in the graph: a role of AWS, a service account of Google Cloud, another identity of Entra.
fn inside(
    sources: Sources<'_>,
    issuer: &str,
    subject: &str,
    known: &Known,
    draft: &GraphDraft,
) -> Option<String> {
    let (issuer, subject) = (plain(issuer), subject.to_lowercase());
    if subject.starts_with("arn:") {
        return sources.inventory.get(&subject).map(|role| role.id.key());
    }
    if issuer.ends_with("accounts.google.com") {
        return known.accounts.get(&subject).cloned();
    }
    let entra = issuer.contains("login.microsoftonline.") || issuer.contains("sts.windows.net");
    (entra && draft.knows(&subject)).then_some(subject)
}

fn name(issuer: &str, subject: &str) -> String {
    let who = match plain(issuer) {
        known if known.contains("token.actions.githubusercontent.com") => "GitHub",
        known if known.contains("accounts.google.com") => "Google",
        known if known.contains("tokens.sts.global.api.aws") => "AWS",
        known if known.contains("oic.prod-aks.azure.com") => "Kubernetes",
        _ => return format!("{subject} of {issuer}"),
    };
    format!("{who}: {subject}")
}
