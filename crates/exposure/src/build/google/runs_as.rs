//! `can authenticate as`: which service account a resource runs as.

use stance_model::Resource;

use super::members::Principal;
use super::names;
use super::{Estate, edge, evidence, walk};
use crate::graph::{Confidence, EdgeDraft, GraphDraft, labels};

/// Who found these edges.
const MAKER: &str = "google service accounts";
const INSTANCE: &str = "compute.googleapis.com/instance";
const ENGINE: &str = "aiplatform.googleapis.com/reasoningengine";
/// The scope that limits nothing.
const EVERY_SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Where the types name their account.
const STATED: &[(&str, &[&str])] = &[
    (ENGINE, &["spec.serviceAccount", "spec.effectiveIdentity"]),
    (
        "aiplatform.googleapis.com/endpoint",
        &["deployedModels.*.serviceAccount"],
    ),
    (
        "aiplatform.googleapis.com/customjob",
        &["jobSpec.serviceAccount"],
    ),
    (
        "aiplatform.googleapis.com/hyperparametertuningjob",
        &["trialJobSpec.serviceAccount"],
    ),
    (
        "aiplatform.googleapis.com/trainingpipeline",
        &["trainingTaskInputs.serviceAccount"],
    ),
    ("aiplatform.googleapis.com/pipelinejob", &["serviceAccount"]),
    (
        "aiplatform.googleapis.com/batchpredictionjob",
        &["serviceAccount"],
    ),
    ("aiplatform.googleapis.com/tuningjob", &["serviceAccount"]),
    (
        "aiplatform.googleapis.com/notebookexecutionjob",
        &["serviceAccount"],
    ),
    (
        "aiplatform.googleapis.com/notebookruntime",
        &["serviceAccount"],
    ),
    (
        "aiplatform.googleapis.com/persistentresource",
        &["resourceRuntimeSpec.serviceAccountSpec.serviceAccount"],
    ),
    (
        "notebooks.googleapis.com/instance",
        &["gceSetup.serviceAccounts.*.email", "serviceAccount"],
    ),
    (INSTANCE, &["serviceAccounts.*.email"]),
    (
        "run.googleapis.com/service",
        &[
            "template.serviceAccount",
            "spec.template.spec.serviceAccountName",
        ],
    ),
    (
        "run.googleapis.com/job",
        &[
            "template.template.serviceAccount",
            "spec.template.spec.template.spec.serviceAccountName",
        ],
    ),
    (
        "run.googleapis.com/workerpool",
        &[
            "template.serviceAccount",
            "spec.template.spec.serviceAccountName",
        ],
    ),
    (
        "cloudfunctions.googleapis.com/function",
        &["serviceConfig.serviceAccountEmail", "serviceAccountEmail"],
    ),
    (
        "cloudfunctions.googleapis.com/cloudfunction",
        &["serviceAccountEmail"],
    ),
    (
        "container.googleapis.com/cluster",
        &[
            "nodePools.*.config.serviceAccount",
            "autoscaling.autoprovisioningNodePoolDefaults.serviceAccount",
        ],
    ),
    (
        "container.googleapis.com/nodepool",
        &["config.serviceAccount"],
    ),
    (
        "workstations.googleapis.com/workstationconfig",
        &["host.gceInstance.serviceAccount"],
    ),
];

/// The account of Compute Engine that every project has, around the project's number.
const COMPUTE: (&str, &str) = ("", "-compute@developer.gserviceaccount.com");
/// Google's own accounts for agents and for training code.
const AGENTS: (&str, &str) = ("service-", "@gcp-sa-aiplatform-re.iam.gserviceaccount.com");
const CUSTOM_CODE: (&str, &str) = ("service-", "@gcp-sa-aiplatform-cc.iam.gserviceaccount.com");

/// What runs as an account of the project where it names none.
///
/// Source: cloud.google.com/vertex-ai/docs/general/access-control, cloud.google.com/run/docs/securing/service-identity.
const DEFAULTED: &[(&str, (&str, &str))] = &[
    ("run.googleapis.com/service", COMPUTE),
    ("run.googleapis.com/job", COMPUTE),
    ("cloudfunctions.googleapis.com/function", COMPUTE),
    ("notebooks.googleapis.com/instance", COMPUTE),
    ("container.googleapis.com/nodepool", COMPUTE),
    ("aiplatform.googleapis.com/customjob", CUSTOM_CODE),
    (ENGINE, AGENTS),
];

/// Adds an edge for every account that is named or taken by default.
pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    for (resource_type, _) in STATED {
        for row in estate.known_of_type(resource_type) {
            add_stated(estate, row, draft);
        }
    }
    for (resource_type, default) in DEFAULTED {
        for row in estate.known_of_type(resource_type) {
            if stated(row).is_empty() && !has_own_identity(row) {
                add_default(estate, row, *default, draft);
            }
        }
    }
    for row in estate.known_of_type(ENGINE) {
        add_agent_identity(estate, row, draft);
    }
    for row in estate.known_of_type("workstations.googleapis.com/workstation") {
        add_workstation(estate, row, draft);
    }
}

/// The accounts that a resource names, and where.
pub(super) fn stated(row: &Resource) -> Vec<(String, &str)> {
    let named = STATED.iter().find(|(kind, _)| *kind == row.resource_type);
    let paths = named.map_or(&[][..], |(_, paths)| paths);
    let found = paths
        .iter()
        .flat_map(|path| walk::texts(row.properties(), path));
    found.filter(|(_, account)| !account.is_empty()).collect()
}

fn add_stated(estate: &Estate<'_>, row: &Resource, draft: &mut GraphDraft) {
    let mut seen: Vec<String> = Vec::new();
    for (field, account) in stated(row) {
        let Some(account) = address(estate, row, account) else {
            continue;
        };
        if seen.contains(&account) {
            continue;
        }
        let scopes = scopes(row, &field);
        let limited = !scopes.is_empty() && !scopes.contains(&EVERY_SCOPE);
        let confidence = match (has_ended(row), limited) {
            (true, _) => Confidence::Low,
            (false, true) => Confidence::Medium,
            (false, false) => Confidence::High,
        };
        let mut made = to_account(row, &field, &account, confidence);
        if limited {
            made.properties.insert("scopes".to_owned(), scopes.into());
        }
        link(estate, &account, made, draft);
        seen.push(account);
    }
}

/// The address behind `serviceAccount:a@b`, `principal://agents…`, `projects/-/serviceAccounts/a@b`, `default`.
fn address(estate: &Estate<'_>, row: &Resource, spelt: &str) -> Option<String> {
    let bare = [
        "serviceAccount:",
        "principal://",
        "projects/-/serviceAccounts/",
    ]
    .iter()
    .find_map(|prefix| spelt.strip_prefix(prefix))
    .unwrap_or(spelt);
    if bare == "default" {
        return account_of(estate, row, COMPUTE);
    }
    Some(bare.to_lowercase())
}

/// An account of the project of a resource, by what stands around the project's number.
fn account_of(estate: &Estate<'_>, row: &Resource, around: (&str, &str)) -> Option<String> {
    let project = row.subscription()?.to_lowercase();
    let number = estate.projects.number(&project)?;
    Some(format!("{}{number}{}", around.0, around.1))
}

/// An agent with an identity of its own, or an engine that runs no agent but keeps memories.
fn has_own_identity(row: &Resource) -> bool {
    let properties = row.properties();
    let own = walk::text(properties, &["spec.identityType"]) == Some("AGENT_IDENTITY");
    row.resource_type == ENGINE && (own || properties.get("spec").is_none())
}

/// Whether it is a job that is over: it ran as the account, and would again if it were repeated.
fn has_ended(row: &Resource) -> bool {
    let state = walk::text(row.properties(), &["state"]).unwrap_or_default();
    ["_SUCCEEDED", "_FAILED", "_CANCELLED", "_EXPIRED"]
        .iter()
        .any(|end| state.ends_with(end))
}

/// OAuth scopes of the account at that place, of machines only.
fn scopes<'r>(row: &'r Resource, field: &str) -> Vec<&'r str> {
    if row.resource_type != INSTANCE {
        return Vec::new();
    }
    let accounts = walk::values(row.properties(), "serviceAccounts.*");
    let here = accounts
        .into_iter()
        .find(|(at, _)| field.starts_with(at.as_str()));
    here.map_or_else(Vec::new, |(_, account)| walk::list(account, "scopes"))
}

fn to_account(row: &Resource, field: &str, account: &str, confidence: Confidence) -> EdgeDraft {
    let verb = if has_ended(row) { "ran" } else { "runs" };
    let said = evidence(
        row,
        format!("properties.{field}"),
        format!("{verb} as {account}"),
    );
    let target = format!("principal:{account}");
    EdgeDraft {
        confidence,
        ..edge(
            labels::CAN_AUTHENTICATE_AS,
            row.id.key(),
            target,
            MAKER,
            said,
        )
    }
}

fn link(estate: &Estate<'_>, account: &str, made: EdgeDraft, draft: &mut GraphDraft) {
    if estate.disabled.contains(account) {
        return;
    }
    Principal::named("principal", account).ensure(draft);
    draft.edge(made);
}

fn add_default(estate: &Estate<'_>, row: &Resource, around: (&str, &str), draft: &mut GraphDraft) {
    let Some(account) = account_of(estate, row, around) else {
        return;
    };
    let paths = STATED.iter().find(|(kind, _)| *kind == row.resource_type);
    let field = paths
        .and_then(|(_, paths)| paths.first())
        .copied()
        .unwrap_or_default();
    let confidence = if has_ended(row) {
        Confidence::Low
    } else {
        Confidence::Medium
    };
    let mut made = to_account(row, field, &account, confidence);
    made.evidence.text = format!("names no account, so runs as {account} by default");
    link(estate, &account, made, draft);
}

/// An agent with an identity of its own, whose name follows from its organization and project.
fn add_agent_identity(estate: &Estate<'_>, row: &Resource, draft: &mut GraphDraft) {
    let own = walk::text(row.properties(), &["spec.identityType"]) == Some("AGENT_IDENTITY");
    if !own || walk::text(row.properties(), &["spec.effectiveIdentity"]).is_some() {
        return;
    }
    let key = row.id.key();
    let organization = estate
        .tree
        .chain(&key)
        .find_map(|node| node.rsplit_once("/organizations/"))
        .map(|(_, organization)| organization);
    let project = row.subscription().unwrap_or_default().to_lowercase();
    let number = estate.projects.number(&project);
    let rest = key
        .split_once("/projects/")
        .and_then(|(_, rest)| rest.split_once('/'));
    let (Some(organization), Some(number), Some((_, rest))) = (organization, number, rest) else {
        return;
    };
    let account = format!(
        "agents.global.org-{organization}.system.id.goog/resources/aiplatform/projects/{number}/{rest}"
    );
    let made = to_account(row, "spec.identityType", &account, Confidence::Medium);
    link(estate, &account, made, draft);
}

/// A workstation runs as its configuration says.
fn add_workstation(estate: &Estate<'_>, row: &Resource, draft: &mut GraphDraft) {
    let key = row.id.key();
    let config = names::above(&key).and_then(|above| estate.inventory().get(above));
    let Some(config) = config else { return };
    for (field, account) in stated(config) {
        let account = account.to_lowercase();
        let mut made = to_account(config, &field, &account, Confidence::High);
        made.source.clone_from(&key);
        link(estate, &account, made, draft);
    }
}
