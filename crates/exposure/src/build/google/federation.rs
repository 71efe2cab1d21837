//! Workload identity federation: who of another cloud or issuer a subject of a pool is.
//!
//! Source: cloud.google.com/iam/docs/workload-identity-federation, cloud.google.com/kubernetes-engine/docs/concepts/workload-identity.

use std::collections::BTreeSet;

use stance_model::Resource;

use super::members::Principal;
use super::names::POLICY;
use super::{Estate, edge, evidence, members, walk};
use crate::graph::{Confidence, EdgeDraft, GraphDraft, labels};

/// Who found these edges.
const MAKER: &str = "google workload identity";
const PROVIDER: &str = "iam.googleapis.com/workloadidentitypoolprovider";
/// Ends the pool of the clusters of a project.
const CLUSTERS: &str = ".svc.id.goog";
/// Most providers of one pool that are looked at.
const MOST_PROVIDERS: usize = 50;

/// Whom `iam.googleapis.com/projects/P/locations/global/workloadIdentityPools/POOL/…` stands for; `None`: no such path.
pub(super) fn read(estate: &Estate<'_>, path: &str) -> Option<Vec<Principal>> {
    let (before, rest) = path.split_once("/workloadIdentityPools/")?;
    let (pool, subject) = rest.split_once('/')?;
    if pool.ends_with(CLUSTERS) {
        return Some(vec![of_cluster(pool, subject)]);
    }
    let pool = estate
        .projects
        .relative(&format!("{before}/workloadIdentityPools/{pool}"));
    let providers: Vec<&Resource> = providers(estate, &pool);
    if providers.is_empty() {
        let label = if subject.starts_with("subject/") {
            "principal"
        } else {
            "group"
        };
        return Some(vec![Principal::named(label, path)]);
    }
    let sure = providers.len() == 1;
    let mut found: Vec<Principal> = providers
        .into_iter()
        .map(|provider| of_provider(estate, provider, subject))
        .collect();
    if !sure {
        for principal in &mut found {
            principal.confidence = Confidence::Medium;
        }
    }
    Some(found)
}

/// Providers of a pool that are switched on.
fn providers<'a>(estate: &Estate<'a>, pool: &str) -> Vec<&'a Resource> {
    let of_pool = format!("{pool}/providers/");
    let all = estate.known_of_type(PROVIDER);
    all.filter(|one| !walk::is_set(one.properties(), "disabled"))
        .filter(|one| {
            let name = estate.projects.relative(one.id.as_str());
            name.starts_with(&of_pool)
        })
        .take(MOST_PROVIDERS)
        .collect()
}

/// `ns/NAMESPACE/sa/ACCOUNT` of a cluster, as the older spelling `PROJECT.svc.id.goog[NAMESPACE/ACCOUNT]`.
fn of_cluster(pool: &str, subject: &str) -> Principal {
    let parts: Vec<&str> = subject.split('/').collect();
    match parts.as_slice() {
        ["subject", "ns", namespace, "sa", account] => {
            Principal::named("principal", &format!("{pool}[{namespace}/{account}]"))
        }
        _ => Principal::named("group", &format!("{pool}/{subject}")),
    }
}

/// A subject as its provider knows it: a role of AWS, an identity of Entra, else `ISSUER#SUBJECT`.
fn of_provider(estate: &Estate<'_>, provider: &Resource, subject: &str) -> Principal {
    let properties = provider.properties();
    let (kind, value) = subject.split_once('/').unwrap_or(("", subject));
    let account = walk::text(properties, &["aws.accountId"]);
    if let Some(account) = account {
        return aws_role(estate, value).unwrap_or_else(|| {
            let name = format!("arn:aws:iam::{account}:root#{subject}");
            Principal::named("group", &name)
        });
    }
    let issuer = walk::text(properties, &["oidc.issuerUri", "saml.idpMetadataXml"]);
    let issuer = issuer.filter(|issuer| issuer.starts_with("https://"));
    let issuer = issuer.unwrap_or(provider.id.as_str());
    if kind != "subject" {
        return Principal::named("group", &format!("{issuer}#{subject}"));
    }
    if is_entra(issuer) {
        return entra(estate, value);
    }
    Principal::named("principal", &format!("{issuer}#{value}"))
}

fn is_entra(issuer: &str) -> bool {
    ["https://sts.windows.net/", "https://login.microsoftonline."]
        .iter()
        .any(|host| issuer.starts_with(host))
}

/// The identity of Entra with that object id.
fn entra(estate: &Estate<'_>, object_id: &str) -> Principal {
    let wanted = object_id.to_lowercase();
    let managed = estate
        .inventory()
        .of_type("microsoft.managedidentity/userassignedidentities");
    let of_application = estate
        .inventory()
        .of_type("microsoft.graph/serviceprincipals");
    let known = managed
        .filter(|one| {
            walk::text(one.properties(), &["principalId"])
                .is_some_and(|id| id.eq_ignore_ascii_case(&wanted))
        })
        .chain(of_application.filter(|one| one.id.key().ends_with(&format!("/{wanted}"))))
        .next();
    let principal = Principal::named("principal", object_id);
    match known {
        Some(known) => Principal {
            id: known.id.key(),
            ..principal
        },
        None => principal,
    }
}

/// The role behind `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
fn aws_role(estate: &Estate<'_>, session: &str) -> Option<Principal> {
    let session = session.to_lowercase();
    let (head, rest) = session.split_once(":assumed-role/")?;
    let account = head.rsplit(':').next()?;
    let partition = head.strip_prefix("arn:")?.split(':').next()?;
    let role = rest.split('/').next().filter(|role| !role.is_empty())?;
    let name = format!("arn:{partition}:iam::{account}:role/{role}");
    let in_account = format!(":iam::{account}:role/");
    let ending = format!("/{role}");
    let mut roles = estate.inventory().of_type("aws::iam::role");
    let known = roles.find(|one| {
        let key = one.id.key();
        key.contains(&in_account) && key.ends_with(&ending)
    });
    let principal = Principal::named("principal", &name);
    Some(match known {
        Some(known) => Principal {
            id: known.id.key(),
            ..principal
        },
        None => principal,
    })
}

/// Clusters run pods as the accounts of their pool; which namespaces lie in which cluster is not known.
pub(super) fn add_clusters(estate: &Estate<'_>, draft: &mut GraphDraft) {
    let clusters: Vec<(&Resource, &str)> = estate
        .known_of_type("container.googleapis.com/cluster")
        .filter_map(|one| {
            let pool = walk::text(one.properties(), &["workloadIdentityConfig.workloadPool"])?;
            Some((one, pool))
        })
        .collect();
    if clusters.is_empty() {
        return;
    }
    for principal in of_clusters(estate) {
        for (cluster, pool) in &clusters {
            let prefix = format!("principal:{}", pool.to_lowercase());
            if !principal.id.starts_with(&prefix) {
                continue;
            }
            principal.ensure(draft);
            let field = "properties.workloadIdentityConfig.workloadPool";
            let text = format!("its pods take identities of {pool}");
            let said = evidence(cluster, field, text);
            let from = cluster.id.key();
            draft.edge(EdgeDraft {
                confidence: Confidence::Medium,
                ..edge(
                    labels::CAN_AUTHENTICATE_AS,
                    from,
                    &principal.id,
                    MAKER,
                    said,
                )
            });
        }
    }
}

/// Accounts of clusters that policies name.
fn of_clusters(estate: &Estate<'_>) -> Vec<Principal> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for policy in estate.known_of_type(POLICY) {
        let all = walk::texts(policy.properties(), "bindings.*.members.*");
        let of_pools = all.into_iter().map(|(_, member)| member);
        named.extend(of_pools.filter(|member| member.contains(CLUSTERS)));
    }
    let read = named.into_iter();
    read.flat_map(|member| members::read(estate, member))
        .collect()
}
