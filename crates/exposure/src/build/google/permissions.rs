//! `has permissions to`: grants less what is denied, with edges pushed down past the places where something is denied.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::deny::{self, Deny, Index};
use super::grants::{self, Grant, MAKER};
use super::identities::ACCOUNT;
use super::members::EVERYONE;
use super::names::ORGANIZATION;
use super::roles::{self, Permissions};
use super::{Estate, edge};
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, labels};
use crate::vocabulary::CapabilitySet;

/// Most edges that denials may make out of whole ones; beyond that an edge stays whole and is less sure.
const MOST_PUSHED: usize = 10_000;
/// Permissions to call what runs code; no capability of its own.
const INVOKE: &[&str] = &["run.routes.invoke", "cloudfunctions.functions.invoke"];

/// An edge that was made, as later parts need it: those of everybody, and those that may grant access.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) principal: String,
    pub(super) scope: String,
    pub(super) pairs: CapabilitySet,
    /// May call services and functions there.
    pub(super) invokes: bool,
    pub(super) anonymous: bool,
    pub(super) role: String,
    pub(super) confidence: Confidence,
    pub(super) evidence: Evidence,
}

/// Adds an edge for every grant.
pub(super) fn add(estate: &Estate<'_>, draft: &mut GraphDraft) -> Vec<Granted> {
    let mut grants = grants::read(estate);
    let held = grants::add_holders(estate, &grants, draft);
    grants.extend(held);
    let denials = deny::read(estate);
    let mut placing = Placing {
        estate,
        index: Index::of(estate, &denials),
        denials: &denials,
        pushed: 0,
        granted: Vec::new(),
        grant_access: grant_access(estate),
        known: RefCell::default(),
        inside: HashMap::new(),
    };
    for grant in &grants {
        placing.place(grant, draft);
    }
    placing.granted
}

fn grant_access(estate: &Estate<'_>) -> CapabilitySet {
    let vocabulary = estate.sources.vocabulary;
    vocabulary.capability("grant access").unwrap_or_default()
}

struct Placing<'e, 'a> {
    estate: &'e Estate<'a>,
    index: Index,
    denials: &'e [Deny],
    pushed: usize,
    granted: Vec<Granted>,
    grant_access: CapabilitySet,
    /// What a role is worth under denials, by their numbers.
    known: RefCell<HashMap<(usize, Vec<usize>), CapabilitySet>>,
    /// What capabilities can be about at a node that is no container.
    inside: HashMap<String, CapabilitySet>,
}

impl<'e> Placing<'e, '_> {
    fn place(&mut self, grant: &Grant, draft: &mut GraphDraft) {
        let chain = self.estate.tree.chain(&grant.scope);
        let above: Vec<&Deny> = chain
            .flat_map(|node| self.hits(self.index.at(node), grant))
            .collect();
        let sure = !above
            .iter()
            .any(|deny| deny.conditional && self.touches(deny, grant));
        let above: Vec<&Deny> = above.into_iter().filter(|deny| !deny.conditional).collect();
        self.descend(grant, &grant.scope, grant.pairs, &above, sure, draft);
    }

    fn hits(&self, numbers: &[usize], grant: &Grant) -> Vec<&'e Deny> {
        let denials = self.denials;
        let named = numbers.iter().filter_map(|number| denials.get(*number));
        named
            .filter(|deny| deny.hits(&grant.principal.id))
            .collect()
    }

    fn touches(&self, deny: &Deny, grant: &Grant) -> bool {
        self.pairs(grant, &[deny]) != grant.pairs
    }

    /// What a grant is worth under denials; asked for few roles and denials by many grants.
    fn pairs(&self, grant: &Grant, denied: &[&Deny]) -> CapabilitySet {
        if denied.is_empty() {
            return grant.pairs;
        }
        let role = Rc::as_ptr(&grant.holds).addr();
        let mut numbers: Vec<usize> = denied.iter().map(|deny| deny.number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut known = self.known.borrow_mut();
        *known.entry((role, numbers)).or_insert_with(|| {
            let denied: Vec<&Permissions> = denied.iter().map(|deny| &deny.denied).collect();
            roles::pairs(self.estate.sources.vocabulary, &grant.holds, &denied)
        })
    }

    /// Grants `wanted` at a node and below, as far as it is not denied at or above it.
    fn descend(
        &mut self,
        grant: &Grant,
        node: &str,
        wanted: CapabilitySet,
        denied: &[&'e Deny],
        sure: bool,
        draft: &mut GraphDraft,
    ) {
        let here = self.pairs(grant, denied).and(wanted);
        let below: Vec<&Deny> = self.hits(self.index.below(node), grant);
        let doubtful = below
            .iter()
            .any(|deny| deny.conditional && self.touches(deny, grant));
        let sure = sure && !doubtful;
        let mut with_below = denied.to_vec();
        with_below.extend(below.iter().filter(|deny| !deny.conditional));
        let everywhere = self.pairs(grant, &with_below).and(here);
        // Nothing but the node itself is like it: what is denied further down takes nothing from it.
        let about = self
            .estate
            .sources
            .vocabulary
            .on_label(self.estate.tree.label(node));
        let own = here.without(everywhere).and(about);
        let rest = here.without(everywhere).without(own);
        if !own.is_empty() {
            // Folders lie in folders, and an edge holds for all of them.
            let alone = self.estate.tree.label(node) == ORGANIZATION;
            self.emit(grant, node, own, denied, sure && alone, draft);
        }
        let whole = rest.is_empty() || self.pushed >= MOST_PUSHED;
        if whole {
            let sure = sure && rest.is_empty();
            self.emit(grant, node, here.without(own), denied, sure, draft);
            return;
        }
        self.emit(grant, node, everywhere, denied, sure, draft);
        let tree = &self.estate.tree;
        for child in tree.children(node) {
            let mut denied = denied.to_vec();
            denied.extend(
                self.hits(self.index.at(child), grant)
                    .into_iter()
                    .filter(|deny| !deny.conditional),
            );
            let about = self.estate.sources.vocabulary.on_label(tree.label(child));
            let leaf = tree.children(child).is_empty();
            if leaf && about.and(rest).is_empty() {
                continue;
            }
            self.pushed += 1;
            self.descend(grant, child, rest, &denied, sure, draft);
        }
    }

    /// The pairs that are about a node or what lies in it: a right on an endpoint says nothing of data.
    fn about(&mut self, node: &str) -> Option<CapabilitySet> {
        if self.estate.tree.is_container(node) {
            return None;
        }
        if let Some(known) = self.inside.get(node) {
            return Some(*known);
        }
        let vocabulary = self.estate.sources.vocabulary;
        let labels = self.estate.tree.labels_inside(node)?;
        let sets = labels.into_iter().map(|label| vocabulary.on_label(label));
        let about = sets.fold(CapabilitySet::EMPTY, CapabilitySet::or);
        self.inside.insert(node.to_owned(), about);
        Some(about)
    }

    fn emit(
        &mut self,
        grant: &Grant,
        node: &str,
        pairs: CapabilitySet,
        denied: &[&Deny],
        sure: bool,
        draft: &mut GraphDraft,
    ) {
        let pairs = self.about(node).map_or(pairs, |about| pairs.and(about));
        let invokes = grant.principal.id == EVERYONE && invokes(grant, denied);
        let certain = sure && grant.condition.is_none() && !grant.partial;
        let most = if certain {
            Confidence::High
        } else {
            Confidence::Medium
        };
        let confidence = grant.principal.confidence.min(most);
        let access = !pairs.and(self.grant_access).is_empty();
        if grant.principal.id == EVERYONE || (access && self.estate.tree.is_container(node)) {
            self.granted.push(Granted {
                principal: grant.principal.id.clone(),
                scope: node.to_owned(),
                pairs,
                invokes,
                anonymous: grant.anonymous,
                role: grant.role.clone(),
                confidence,
                evidence: grant.evidence.clone(),
            });
        }
        if invokes {
            grant.principal.ensure(draft);
        }
        if pairs.is_empty() {
            return;
        }
        grant.principal.ensure(draft);
        let made = |label: &str| {
            let (from, said) = (&grant.principal.id, grant.evidence.clone());
            let mut made = edge(label, from, node, MAKER, said);
            made.confidence = confidence;
            made.properties
                .insert("role".to_owned(), Value::from(grant.role.as_str()));
            if let Some(condition) = &grant.condition {
                made.properties
                    .insert("condition".to_owned(), condition.clone());
            }
            made
        };
        draft.edge(EdgeDraft {
            capabilities: pairs,
            ..made(labels::HAS_PERMISSIONS_TO)
        });
        let vocabulary = self.estate.sources.vocabulary;
        let impersonate = vocabulary.capability("impersonate").unwrap_or_default();
        let on_account = vocabulary.on_label(ACCOUNT).and(impersonate);
        if self.estate.tree.label(node) == ACCOUNT && !pairs.and(on_account).is_empty() {
            draft.edge(made(labels::CAN_IMPERSONATE_AS));
        }
    }
}

fn invokes(grant: &Grant, denied: &[&Deny]) -> bool {
    INVOKE.iter().any(|permission| {
        grant.holds.hold(permission) && !denied.iter().any(|deny| deny.denied.hold(permission))
    })
}
