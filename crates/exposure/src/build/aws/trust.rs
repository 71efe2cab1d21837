//! Who may become a role: its trust policy, and what those it trusts may do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::estate::Estate;
use super::identity::{Identity, sureness};
use super::policy::{Kind, Policy, Statement, texts};
use super::public::is_narrow;
use super::sharing::{node_of, permits};
use super::who::{Asker, grantees};
use super::{MAKER, conditions_of, everyone};
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, NodeDraft, labels};

/// Most subjects that one statement names; more are left out.
const MOST_SUBJECTS: usize = 1_000;
/// What takes a role, in lower case.
pub(super) const ASSUME: &str = "sts:assumerole";

pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) {
    for role in estate.identities.iter().filter(|one| one.is_role) {
        let document = role.resource.properties().get("AssumeRolePolicyDocument");
        let Some(document) = document else { continue };
        let policy = Policy::read(document, Kind::Trust);
        let denies: Vec<&Statement> = policy.denies().collect();
        let trust = Trust {
            estate,
            role,
            denies: &denies,
        };
        trust.services(&policy, draft);
        for statement in policy.allows() {
            trust.identities(statement, draft);
            trust.federated(statement, draft);
        }
    }
}

/// One role.
struct Trust<'e, 'a> {
    estate: &'e Estate<'a>,
    role: &'e Identity<'a>,
    denies: &'e [&'e Statement],
}

impl Trust<'_, '_> {
    fn evidence(&self, statement: &Statement, text: String) -> Evidence {
        Evidence {
            object: self.role.arn().to_owned(),
            field: format!("AssumeRolePolicyDocument.Statement[{}]", statement.position),
            text,
        }
    }

    fn edge(
        &self,
        source: String,
        evidence: Evidence,
        confidence: Confidence,
        properties: Map<String, Value>,
    ) -> EdgeDraft {
        EdgeDraft {
            label: labels::CAN_IMPERSONATE_AS.to_owned(),
            source,
            target: self.role.id.clone(),
            maker: MAKER.to_owned(),
            evidence,
            confidence,
            properties,
            ..EdgeDraft::default()
        }
    }

    /// Services are no principals of the graph; that they may take the role says where it can be passed to.
    fn services(&self, policy: &Policy, draft: &mut GraphDraft) {
        let principals = policy.allows().filter_map(|one| one.principals.as_ref());
        let services: BTreeSet<&String> = principals.flat_map(|one| &one.services).collect();
        if services.is_empty() {
            return;
        }
        let services: Vec<&String> = services.into_iter().collect();
        let mut properties = Map::new();
        properties.insert(
            "trustedServices".to_owned(),
            services.into_iter().cloned().collect(),
        );
        draft.node(NodeDraft {
            id: self.role.id.clone(),
            properties,
            ..NodeDraft::default()
        });
    }

    /// Roles, users and accounts.
    fn identities(&self, statement: &Statement, draft: &mut GraphDraft) {
        let Some(principals) = &statement.principals else {
            return;
        };
        if !statement.is_about(ASSUME) {
            return;
        }
        let mut found: BTreeMap<String, Confidence> = BTreeMap::new();
        for grantee in grantees(self.estate, principals, &self.role.account, true) {
            let is_anybody = matches!(grantee.asker, Asker::Anybody);
            if is_anybody && (is_narrow(statement) || principals.aws.is_empty()) {
                continue;
            }
            let request = (ASSUME, self.role.arn());
            let account = &self.role.account;
            let lets = permits(self.estate, self.denies, &grantee, account, request);
            let Some(confidence) = lets else { continue };
            let node = node_of(&grantee.asker, draft);
            let known = found.entry(node).or_insert(confidence);
            *known = confidence.max(*known);
        }
        for (source, confidence) in found {
            let evidence = self.evidence(statement, "the role trusts it".to_owned());
            let confidence = confidence.min(sureness(statement));
            let edge = self.edge(source, evidence, confidence, conditions_of(statement));
            draft.edge(edge);
        }
    }

    /// Tokens of other identity providers, as far as conditions name their subject.
    fn federated(&self, statement: &Statement, draft: &mut GraphDraft) {
        let Some(principals) = &statement.principals else {
            return;
        };
        let actions = ["sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];
        if principals.but || !actions.iter().any(|action| statement.is_about(action)) {
            return;
        }
        for provider in &principals.federated {
            let issuer = issuer(provider);
            let said = Trusted::of(statement, &issuer);
            if said.takes_guests {
                let text = format!("the role is for guests of {issuer}");
                let evidence = self.evidence(statement, text);
                let properties = conditions_of(statement);
                let source = everyone(draft);
                draft.edge(self.edge(source, evidence, said.confidence, properties));
            }
            for subject in &said.subjects {
                let source = subject_node(&issuer, subject, draft);
                let text = format!("the role trusts {subject} of {issuer}");
                let evidence = self.evidence(statement, text);
                let properties = conditions_of(statement);
                draft.edge(self.edge(
                    source,
                    evidence.clone(),
                    said.confidence,
                    properties.clone(),
                ));
                // An identity of another cloud, where that cloud was collected.
                let alias = subject.to_lowercase();
                if is_another_cloud(&issuer) && subject != ANY {
                    draft.edge(self.edge(alias, evidence, said.confidence, properties));
                }
            }
        }
    }
}

/// Any subject of an issuer.
const ANY: &str = "*";

/// Google and Entra, whose subjects are identities that other makers know.
fn is_another_cloud(issuer: &str) -> bool {
    issuer == "accounts.google.com"
        || issuer.starts_with("sts.windows.net/")
        || issuer.starts_with("login.microsoftonline.com/")
}

/// `token.actions.githubusercontent.com` of the ARN of its provider.
fn issuer(provider: &str) -> String {
    let markers = [":oidc-provider/", ":saml-provider/"];
    let named = markers
        .iter()
        .find_map(|marker| provider.split_once(marker));
    let issuer = named.map_or(provider, |(_, issuer)| issuer);
    issuer.trim_end_matches('/').to_lowercase()
}

fn subject_node(issuer: &str, subject: &str, draft: &mut GraphDraft) -> String {
    let id = format!("principal:{issuer}#{}", subject.to_lowercase());
    draft.node(NodeDraft {
        id: id.clone(),
        label: "principal".to_owned(),
        name: if subject == ANY {
            format!("Anybody of {issuer}")
        } else {
            subject.to_owned()
        },
        ..NodeDraft::default()
    });
    id
}

/// Subjects of an issuer that a statement lets in.
struct Trusted {
    subjects: BTreeSet<String>,
    /// An identity pool of Cognito for those who did not sign in.
    takes_guests: bool,
    confidence: Confidence,
}

impl Trusted {
    /// `ISSUER:sub`, else `azp` or `aud` (of Google the account that asked, of Cognito the pool), else anybody. Other conditions
    /// make it less sure; the audience that AWS itself is does not narrow anything.
    fn of(statement: &Statement, issuer: &str) -> Self {
        let mut by_key: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut confidence = Confidence::High;
        let conditions = statement.conditions.iter().flatten();
        for (operator, keys) in conditions {
            let is_equal = operator.contains("Equals") || operator.contains("Like");
            let is_known = is_equal && !operator.contains("Not");
            for (key, value) in keys.as_object().into_iter().flatten() {
                let key = key.to_lowercase();
                let claim = key
                    .strip_prefix(issuer)
                    .and_then(|rest| rest.strip_prefix(':'));
                match (claim, texts(value)) {
                    (Some(claim), Some(values)) if is_known => {
                        by_key.entry(claim.to_owned()).or_default().extend(values);
                    }
                    _ => confidence = Confidence::Medium,
                }
            }
        }
        let of_aws = ["sts.amazonaws.com", "https://signin.aws.amazon.com/saml"];
        let claims = ["sub", "azp", "aud"];
        let named = claims.iter().find_map(|claim| {
            let mut values = by_key.get(*claim)?.clone();
            values.retain(|value| !of_aws.contains(&value.as_str()));
            (!values.is_empty()).then_some(values)
        });
        let subjects = named.unwrap_or_else(|| BTreeSet::from([ANY.to_owned()]));
        let guests = by_key.get("amr");
        Self {
            subjects: subjects.into_iter().take(MOST_SUBJECTS).collect(),
            takes_guests: guests.is_some_and(|kinds| kinds.contains("unauthenticated")),
            confidence,
        }
    }
}
