//! What the makers of this folder share: resources by account and type, and identities with their policies.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::Value;
use stance_model::{Cloud, Resource};

use super::identity::{Document, Identity, sureness};
use super::identity_policies;
use super::policy::{Kind, Policy, Statement, texts};
use super::requests::{Ask, Shelves};
use crate::build::Sources;
use crate::graph::Confidence;

/// The node and label of an account.
pub(super) const ACCOUNT: &str = "aws.account";

/// A pair of capability and type that AWS can grant.
#[derive(Debug)]
pub(super) struct Pair {
    /// Its number in the vocabulary.
    pub(super) number: usize,
    pub(super) capability: String,
    pub(super) label: String,
    /// Any of them grants it.
    pub(super) asks: Vec<Ask>,
}

/// Everything of AWS in an inventory.
#[derive(Debug)]
pub(super) struct Estate<'a> {
    pub(super) resources: Vec<&'a Resource>,
    /// Accounts of the resources, by number; empty where nothing says.
    pub(super) account_of: Vec<String>,
    /// Accounts with resources, and the partition they lie in.
    pub(super) accounts: BTreeMap<String, String>,
    pub(super) by_type: BTreeMap<(String, String), Vec<usize>>,
    pub(super) identities: Vec<Identity<'a>>,
    /// Identities by node id and unique id, both in lower case.
    pub(super) identity_by: HashMap<String, usize>,
    pub(super) pairs: Vec<Pair>,
    pub(super) shelves: Shelves,
    /// Statements of the organisation that deny, by account.
    pub(super) organisation: HashMap<String, Vec<Statement>>,
    /// Policies and statements that could not be read.
    pub(super) ignored: usize,
}

impl<'a> Estate<'a> {
    pub(super) fn of(sources: Sources<'a>) -> Self {
        let all = sources.inventory.all().iter();
        let resources: Vec<&Resource> = all.filter(|one| one.cloud == Cloud::Aws).collect();
        let mut estate = Self {
            account_of: Vec::new(),
            accounts: accounts(&resources),
            resources,
            by_type: BTreeMap::new(),
            identities: Vec::new(),
            identity_by: HashMap::new(),
            pairs: pairs(sources),
            shelves: Shelves::default(),
            organisation: HashMap::new(),
            ignored: 0,
        };
        estate.place();
        estate.fill_shelves();
        identity_policies::read(sources, &mut estate);
        estate.read_organisation();
        estate
    }

    /// What says no account lies in the only one there is.
    fn place(&mut self) {
        let mut names = self.accounts.keys();
        let only = match (names.next(), names.next()) {
            (Some(only), None) => only.as_str(),
            _ => "",
        };
        for (number, resource) in self.resources.iter().enumerate() {
            let account = resource.subscription().unwrap_or(only).to_owned();
            let key = (account.clone(), resource.resource_type.clone());
            self.by_type.entry(key).or_default().push(number);
            self.account_of.push(account);
        }
    }

    fn fill_shelves(&mut self) {
        for (account, partition) in &self.accounts {
            for pair in &self.pairs {
                let key = (account.clone(), pair.label.clone());
                let numbers = self.by_type.get(&key);
                for ask in &pair.asks {
                    let numbers = numbers.into_iter().flatten();
                    let named = numbers.map(|number| (*number, self.resources[*number]));
                    self.shelves
                        .fill((partition, account), &pair.label, ask, named);
                }
            }
        }
    }

    /// A resource's node.
    pub(super) fn node_of(&self, number: usize) -> String {
        self.resources[number].id.key()
    }

    /// The identity of an ARN or unique id, in any case.
    pub(super) fn identity(&self, name: &str) -> Option<&Identity<'a>> {
        let number = self.identity_by.get(&name.to_lowercase())?;
        self.identities.get(*number)
    }

    /// Statements that deny an identity something wherever it is: its own, its boundary's, the organisation's.
    pub(super) fn denies<'e>(
        &'e self,
        identity: &'e Identity<'a>,
    ) -> impl Iterator<Item = &'e Statement> {
        let above = self.organisation.get(&identity.account);
        identity.denies().chain(above.into_iter().flatten())
    }

    /// How sure the policies of an identity allow an action on a request; `None`: they do not. Denials count.
    pub(super) fn allows(
        &self,
        identity: &Identity<'a>,
        action: &str,
        request: &str,
    ) -> Option<Confidence> {
        let grants = identity.grants.iter();
        let allows = grants.flat_map(|grant| grant.document.policy.allows());
        let about = allows.filter(|one| one.is_about(action));
        let lets = about.filter_map(|one| {
            let parts = one.resources.parts(request);
            let open = parts.iter().filter(|part| {
                let mut denies = self.denies(identity);
                !denies.any(|deny| deny.is_about(action) && deny.resources.covers(part))
            });
            let lets = open.filter_map(|part| identity.boundary_lets(action, part));
            Some(lets.max()?.min(sureness(one)))
        });
        lets.max()
    }

    /// A document with what it means; what could not be read is counted.
    pub(super) fn document(&mut self, value: &Value) -> Rc<Document> {
        let policy = Policy::read(value, Kind::Identity);
        self.ignored += policy.ignored;
        let meanings = policy.statements.iter();
        let meanings = meanings.map(|one| self.meaning(one)).collect();
        Rc::new(Document { policy, meanings })
    }

    /// The pairs that a statement is about.
    pub(super) fn meaning(&self, statement: &Statement) -> Vec<(usize, Vec<usize>)> {
        let mut meant = Vec::new();
        for (place, pair) in self.pairs.iter().enumerate() {
            let asks = pair.asks.iter().enumerate();
            let asks: Vec<usize> = asks
                .filter(|(_, ask)| statement.is_about(&ask.action))
                .map(|(number, _)| number)
                .collect();
            if !asks.is_empty() {
                meant.push((place, asks));
            }
        }
        meant
    }

    /// What service control policies deny, where they hang on an account or on the root. Which units enclose an account is
    /// not known, and what they leave out is not either: a path is rather shown than hidden.
    fn read_organisation(&mut self) {
        let mut read = Vec::new();
        for resource in &self.resources {
            if resource.resource_type != "aws::organizations::policy" {
                continue;
            }
            let properties = resource.properties();
            let is_control =
                properties.get("Type").and_then(Value::as_str) == Some("SERVICE_CONTROL_POLICY");
            let targets = properties.get("TargetIds").and_then(texts);
            if let (true, Some(targets), Some(content)) =
                (is_control, targets, properties.get("Content"))
            {
                read.push((targets, Policy::read(content, Kind::Identity)));
            }
        }
        for (targets, policy) in read {
            self.ignored += policy.ignored;
            let is_everywhere = targets.iter().any(|one| one.starts_with("r-"));
            for account in self.accounts.keys() {
                if is_everywhere || targets.contains(account) {
                    let denies = policy.denies().cloned();
                    let known = self.organisation.entry(account.clone()).or_default();
                    known.extend(denies);
                }
            }
        }
    }
}

/// Accounts by id, with their partition.
fn accounts(resources: &[&Resource]) -> BTreeMap<String, String> {
    let mut accounts = BTreeMap::new();
    for resource in resources {
        let Some(account) = resource.subscription() else {
            continue;
        };
        let partition = resource.id.as_str().split(':').nth(1).unwrap_or("aws");
        accounts
            .entry(account.to_owned())
            .or_insert_with(|| partition.to_owned());
    }
    accounts
}

fn pairs(sources: Sources<'_>) -> Vec<Pair> {
    let numbered = sources.vocabulary.pairs().iter().enumerate();
    numbered
        .filter(|(_, pair)| !pair.needs.aws.is_empty())
        .map(|(number, pair)| Pair {
            number,
            capability: pair.capability.clone(),
            label: pair.label.clone(),
            asks: pair
                .needs
                .aws
                .iter()
                .map(|action| Ask::new(&pair.label, action))
                .collect(),
        })
        .collect()
}
