//! Resources whose place another file tells.
//!
//! A data plane knows the name of its account or service, not the subscription. Such resources wait until the input
//! is read: where Resource Manager's own answer was among the files, they get its id; else they keep the made one,
//! `/foundry/ACCOUNT/…` or `/search/SERVICE/…`.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use serde_json::Value;
use stance_base::redact;
use stance_model::{Origin, Resource, ResourceId};

use crate::context::FileContext;
use crate::ledger::Tally;

/// Resources that wait at most; later ones keep the id that was made.
const WAITING: usize = 5000;
/// Places that are remembered.
const PLACES: usize = 200_000;

/// What is known of places in one input.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    /// `/foundry/account`, `/search/service` -> the id in Resource Manager.
    known: HashMap<String, String>,
    waiting: Vec<Resource>,
    /// Project, in lower case -> which of its two lists of agents were read: the new ones, the classic ones.
    generations: HashMap<String, [bool; 2]>,
}

/// A list of agents holds one generation; only both lists together are all of a project's agents.
const AGENTS: &str = "microsoft.cognitiveservices/accounts/projects/agents";

impl Homes {
    /// Remembers where accounts and services are.
    pub(crate) fn learn(&mut self, resource: &Resource) {
        if resource.origin != Origin::Live || self.known.len() >= PLACES {
            return;
        }
        let kind = resource.resource_type.as_str();
        if kind.starts_with("microsoft.cognitiveservices/accounts") {
            self.remember("/foundry/", &resource.id);
            if let Some(Value::String(domain)) = resource.properties().get("customSubDomainName")
                && kind == "microsoft.cognitiveservices/accounts"
            {
                let key = format!("/foundry/{}", domain.to_lowercase());
                let id = resource.id.as_str().to_owned();
                self.known.entry(key).or_insert(id);
            }
        } else if kind.starts_with("microsoft.search/searchservices") {
            self.remember("/search/", &resource.id);
        }
    }

    /// A list of agents of one generation was read.
    pub(crate) fn listed_agents(&mut self, project: &str, classic: bool) {
        if self.generations.len() < PLACES {
            let both = self.generations.entry(project.to_lowercase()).or_default();
            both[usize::from(classic)] = true;
        }
    }

    /// The topmost resource of the provider in `id`.
    fn remember(&mut self, root: &str, id: &ResourceId) {
        let Some((_, types, names)) = id.provider_parts() else {
            return;
        };
        let (Some(name), true) = (names.first(), id.subscription_id().is_some()) else {
            return;
        };
        let key = format!("{root}{}", name.to_lowercase());
        if self.known.contains_key(&key) {
            return;
        }
        let below: usize = types
            .iter()
            .skip(1)
            .chain(names.iter().skip(1))
            .map(|segment| segment.len() + 1)
            .sum();
        let end = id.as_str().len() - below;
        self.known.insert(key, id.as_str()[..end].to_owned());
    }

    fn home_of(&self, id: &ResourceId) -> Option<(String, String)> {
        if !made(id) {
            return None;
        }
        let key = id.key();
        let (at, _) = key.match_indices('/').nth(2)?;
        let real = self.known.get(&key[..at])?;
        Some((key[..at].to_owned(), real.clone()))
    }
}

impl FileContext<'_> {
    /// Counts, redacts and sends a resource whose id begins with `/foundry/ACCOUNT` or `/search/SERVICE`, as soon as
    /// it is known where that is.
    pub(crate) fn send_home(
        &mut self,
        mut resource: Resource,
        tally: &mut Tally,
    ) -> ControlFlow<()> {
        self.run.redacted += redact::redact(&mut resource.body) as u64;
        if let Some((made, real)) = self.input.homes.home_of(&resource.id) {
            rehome(&mut resource, &made, &real);
        } else if made(&resource.id) && self.input.homes.waiting.len() < WAITING {
            tally.see(&resource);
            self.input.homes.waiting.push(resource);
            return ControlFlow::Continue(());
        }
        tally.see(&resource);
        self.send(resource)
    }

    /// The input is read: what waited is sent.
    pub(crate) fn settle_homes(&mut self) -> ControlFlow<()> {
        let waiting = std::mem::take(&mut self.input.homes.waiting);
        for mut resource in waiting {
            if let Some((made, real)) = self.input.homes.home_of(&resource.id) {
                rehome(&mut resource, &made, &real);
            }
            self.send(resource)?;
        }
        for made in self.input.ledger.made_below(&["/foundry/", "/search/"]) {
            if let Some(real) = self.input.homes.known.get(&made) {
                self.input.ledger.rename(&made, &real.to_lowercase());
            }
        }
        self.judge_generations();
        ControlFlow::Continue(())
    }

    /// Lessens what one list of agents seemed to prove.
    fn judge_generations(&mut self) {
        let mut known: BTreeMap<String, [bool; 2]> = BTreeMap::new();
        for (project, [new, classic]) in std::mem::take(&mut self.input.homes.generations) {
            let id = ResourceId::new(project);
            let real = match self.input.homes.home_of(&id) {
                Some((made, real)) => {
                    let below = id.as_str().get(made.len()..).unwrap_or_default();
                    format!("{real}{below}").to_lowercase()
                }
                None => id.key(),
            };
            let both = known.entry(real).or_default();
            both[0] |= new;
            both[1] |= classic;
        }
        for (project, [new, classic]) in known {
            let reason = match (new, classic) {
                (true, false) => "classic agents (`assistants`) were not listed",
                (false, true) => "only classic agents (`assistants`) were listed",
                _ => continue,
            };
            self.input.ledger.lessen(&project, AGENTS, reason);
        }
    }
}

fn made(id: &ResourceId) -> bool {
    id.as_str().starts_with("/foundry/") || id.as_str().starts_with("/search/")
}

/// Puts the real id in place of the made one, in the resource's own id and that of its parent.
fn rehome(resource: &mut Resource, made: &str, real: &str) {
    let moved = |id: &str| {
        let start = id.get(..made.len())?;
        let rest = id.get(made.len()..)?;
        (start.eq_ignore_ascii_case(made) && (rest.is_empty() || rest.starts_with('/')))
            .then(|| format!("{real}{rest}"))
    };
    if let Some(id) = moved(resource.id.as_str()) {
        resource.id = ResourceId::new(id);
    }
    let Value::Object(body) = &mut resource.body else {
        return;
    };
    for key in ["id", "parentId"] {
        if let Some(id) = body.get(key).and_then(Value::as_str).and_then(moved) {
            body.insert(key.to_owned(), Value::String(id));
        }
    }
}
