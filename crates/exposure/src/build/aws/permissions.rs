//! What policies of roles and users let them do.

use std::collections::BTreeMap;

use serde_json::Value;

use super::estate::{ACCOUNT, Estate, Pair};
use super::identity::{Grant, Identity, sureness};
use super::policy::{Statement, texts};
use super::requests::Ask;
use super::resource_policies::Shared;
use super::{MAKER, conditions_of, node_of_account, who};
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, labels};
use crate::vocabulary::CapabilitySet;

/// Most edges of one identity; what is left out is told in its property `bounded`.
const MOST_EDGES: usize = 20_000;
/// Services that run what one gives them with the role that one passes.
const RUNNERS: &[&str] = &[
    "apprunner",
    "bedrock",
    "bedrock-agentcore",
    "build.apprunner",
    "cloudformation",
    "codebuild",
    "ec2",
    "ecs-tasks",
    "eks",
    "elasticmapreduce",
    "glue",
    "lambda",
    "sagemaker",
    "states",
    "tasks.apprunner",
];

/// The number of a resource; `None` for the account.
type Target = Option<usize>;
/// What one edge is for: its target, what it stands on and how sure it is.
type Key = (String, Evidence, Confidence);

pub(super) fn add(estate: &Estate<'_>, shared: &Shared, draft: &mut GraphDraft) {
    let mut privileges = CapabilitySet::EMPTY;
    for pair in &estate.pairs {
        if pair.label == ACCOUNT && pair.capability == "grant access" {
            privileges.insert(pair.number);
        }
    }
    for identity in &estate.identities {
        let mut found = Found::default();
        for grant in &identity.grants {
            let document = &grant.document;
            for (statement, meaning) in document.policy.statements.iter().zip(&document.meanings) {
                if !statement.denies {
                    let reach = Reach {
                        estate,
                        shared,
                        identity,
                        statement,
                    };
                    reach.add(meaning, grant, &mut found);
                }
            }
        }
        found.tell(identity, privileges, draft);
    }
}

/// What stands behind one edge.
struct Granted<'a> {
    capabilities: CapabilitySet,
    grant: &'a Grant,
    statement: &'a Statement,
}

/// Edges of one identity.
#[derive(Default)]
struct Found<'a> {
    edges: BTreeMap<Key, Granted<'a>>,
    is_bounded: bool,
}

impl<'a> Found<'a> {
    fn add(
        &mut self,
        key: Key,
        capabilities: CapabilitySet,
        grant: &'a Grant,
        statement: &'a Statement,
    ) {
        if self.edges.len() >= MOST_EDGES && !self.edges.contains_key(&key) {
            self.is_bounded = true;
            return;
        }
        let granted = self.edges.entry(key).or_insert(Granted {
            capabilities: CapabilitySet::EMPTY,
            grant,
            statement,
        });
        granted.capabilities = granted.capabilities.or(capabilities);
    }

    fn tell(self, identity: &Identity<'_>, privileges: CapabilitySet, draft: &mut GraphDraft) {
        let privileged = self.edges.iter().filter(|(_, granted)| {
            let held = granted.capabilities.and(privileges);
            !held.is_empty()
        });
        let surest = privileged.max_by_key(|((_, _, confidence), _)| *confidence);
        if let Some(((_, evidence, confidence), _)) = surest {
            draft.insight(
                identity.id.clone(),
                InsightDraft {
                    name: "isPrivileged".to_owned(),
                    value: Value::Bool(true),
                    confidence: *confidence,
                    evidence: evidence.clone(),
                },
            );
        }
        for ((target, evidence, confidence), granted) in self.edges {
            let mut properties = conditions_of(granted.statement);
            if let Some(via) = &granted.grant.via {
                properties.insert("via".to_owned(), Value::String(via.clone()));
            }
            if self.is_bounded {
                properties.insert("bounded".to_owned(), MOST_EDGES.into());
            }
            draft.edge(EdgeDraft {
                label: labels::HAS_PERMISSIONS_TO.to_owned(),
                source: identity.id.clone(),
                target,
                maker: MAKER.to_owned(),
                evidence,
                confidence,
                capabilities: granted.capabilities,
                properties,
            });
        }
    }
}

/// How far one statement of an identity reaches.
struct Reach<'e, 'a> {
    estate: &'e Estate<'a>,
    shared: &'e Shared,
    identity: &'e Identity<'a>,
    statement: &'e Statement,
}

impl<'e> Reach<'e, '_> {
    fn add(&self, meaning: &[(usize, Vec<usize>)], grant: &'e Grant, found: &mut Found<'e>) {
        let mut sets: BTreeMap<(Target, Confidence), CapabilitySet> = BTreeMap::new();
        for (pair, asks) in meaning {
            let pair = &self.estate.pairs[*pair];
            let asks: Vec<&Ask> = asks.iter().map(|ask| &pair.asks[*ask]).collect();
            for target in self.targets(pair, &asks) {
                sets.entry(target).or_default().insert(pair.number);
            }
        }
        let account = node_of_account(&self.identity.account);
        for ((target, confidence), capabilities) in sets {
            let node = target.map_or_else(|| account.clone(), |one| self.estate.node_of(one));
            let key = (node, grant.evidence(self.statement), confidence);
            found.add(key, capabilities, grant, self.statement);
        }
    }

    /// The account where all of the type is meant, else the resources.
    fn targets(&self, pair: &Pair, asks: &[&Ask]) -> Vec<(Target, Confidence)> {
        let account = &self.identity.account;
        let whole = asks.iter().filter_map(|ask| {
            if pair.label == ACCOUNT {
                self.on_account(ask)
            } else {
                self.on_all(pair, ask)
            }
        });
        if let Some(confidence) = whole.max() {
            return vec![(None, confidence)];
        }
        let mut found: BTreeMap<Target, Confidence> = BTreeMap::new();
        for ask in asks {
            let Some(shelf) = self.estate.shelves.get(account, &pair.label, ask) else {
                continue;
            };
            for (request, number) in shelf.candidates(&self.statement.resources) {
                if found.get(&Some(number)) == Some(&Confidence::High) {
                    continue;
                }
                if self.statement.resources.meets_by_chance(request) {
                    // Any resource may hold such a thing: one edge tells as much as one for each.
                    found.insert(None, Confidence::Low);
                } else if let Some(confidence) = self.on_one(pair, ask, request, number) {
                    let known = found.entry(Some(number)).or_insert(confidence);
                    *known = confidence.max(*known);
                }
            }
        }
        found.into_iter().collect()
    }

    /// Capabilities on the account itself: something may be created in it, or all of its roles, users or policies be changed.
    fn on_account(&self, ask: &Ask) -> Option<Confidence> {
        let account = &self.identity.account;
        let partition = self.estate.accounts.get(account)?;
        let (service, name) = ask.action.split_once(':')?;
        if service != "iam" {
            let anything = format!("arn:{partition}:{service}:*:{account}:*");
            return self.lets(ask, &anything);
        }
        let kind = if name.contains("user") {
            "user"
        } else if name.contains("policyversion") {
            "policy"
        } else {
            "role"
        };
        let all = format!("arn:{partition}:iam::{account}:{kind}/*");
        let is_whole = self.statement.resources.covers(&all);
        is_whole.then(|| self.lets(ask, &all)).flatten()
    }

    /// All resources of a type, and nothing carved out of them.
    fn on_all(&self, pair: &Pair, ask: &Ask) -> Option<Confidence> {
        let account = &self.identity.account;
        let shelf = self.estate.shelves.get(account, &pair.label, ask)?;
        if self.shared.rules.applies(account, &pair.label) || self.is_carved(pair, ask) {
            return None;
        }
        let denies: Vec<&Statement> = self.denies(&ask.action).collect();
        let whole = shelf.all.iter().filter(|all| {
            self.statement.resources.covers(all)
                && !denies.iter().any(|deny| deny.resources.meets(all))
        });
        let lets = whole.filter_map(|all| {
            let boundary = self.identity.boundary_covers(&ask.action, all)?;
            Some(boundary.min(self.sureness(&ask.action)))
        });
        let confidence = lets.max()?;
        Some(confidence.min(self.shared.rules.without(&pair.label)))
    }

    /// Whether the policy of a resource denies the action to this identity.
    fn is_carved(&self, pair: &Pair, ask: &Ask) -> bool {
        let guarded = self.shared.guarded(&self.identity.account, &pair.label);
        let mut denies = guarded
            .iter()
            .flat_map(|number| self.shared.denies(*number));
        denies.any(|deny| deny.is_about(&ask.action) && who::is_denied(deny, self.identity))
    }

    fn on_one(&self, pair: &Pair, ask: &Ask, request: &str, number: usize) -> Option<Confidence> {
        let rules = &self.shared.rules;
        let rule = rules.lets(number, &pair.capability, self.identity)?;
        let parts = self.statement.resources.parts(request);
        let lets = parts.iter().filter_map(|part| {
            let mut denies = self.shared.denies(number);
            let is_denied = denies.any(|deny| {
                deny.is_about(&ask.action)
                    && deny.resources.covers(part)
                    && who::is_denied(deny, self.identity)
            });
            if is_denied {
                return None;
            }
            self.lets_part(ask, part)
        });
        Some(lets.max()?.min(rule))
    }

    fn lets(&self, ask: &Ask, request: &str) -> Option<Confidence> {
        let parts = self.statement.resources.parts(request);
        let lets = parts.iter().filter_map(|part| self.lets_part(ask, part));
        lets.max()
    }

    /// What is left after denials and the boundary.
    fn lets_part(&self, ask: &Ask, part: &str) -> Option<Confidence> {
        let mut denies = self.denies(&ask.action);
        if denies.any(|deny| deny.resources.covers(part)) {
            return None;
        }
        let boundary = self.identity.boundary_lets(&ask.action, part)?;
        Some(boundary.min(self.sureness(&ask.action)))
    }

    fn denies<'s>(&'s self, action: &'s str) -> impl Iterator<Item = &'s Statement> {
        let denies = self.estate.denies(self.identity);
        denies.filter(move |deny| deny.is_about(action))
    }

    /// That a role may be passed to some services only says what for; it is sure where one of them runs what it is given.
    fn sureness(&self, action: &str) -> Confidence {
        let Some(conditions) = &self.statement.conditions else {
            return sureness(self.statement);
        };
        if action != "iam:passrole" || self.statement.has_variables {
            return Confidence::Medium;
        }
        let mut services = Vec::new();
        for keys in conditions.values().filter_map(Value::as_object) {
            for (key, value) in keys {
                if !key.eq_ignore_ascii_case("iam:PassedToService") {
                    return Confidence::Medium;
                }
                services.extend(texts(value).unwrap_or_default());
            }
        }
        let runs = services.iter().any(|service| {
            let name = service.split(".amazonaws.com").next().unwrap_or_default();
            RUNNERS.contains(&name)
        });
        if runs {
            Confidence::High
        } else {
            Confidence::Medium
        }
    }
}
