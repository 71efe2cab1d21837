//! `has permissions to` out of role assignments: to principals, and to members of groups through them.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::blocks::Blocks;
use super::grants::Grant;
use super::landing::{Landing, Landings};
use super::operations::Operations;
use super::places::Places;
use super::roles::{Role, Roles};
use super::{Members, edge, ensure_principal, evidence};
use crate::build::Sources;
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, labels};
use crate::vocabulary::CapabilitySet;

const MAKER: &str = "azure rbac";
/// Where granting access is more than a matter of one team.
const WIDE: &[&str] = &[
    "tenant",
    "microsoft.graph/organization",
    "microsoft.management/managementgroups",
    "microsoft.resources/subscriptions",
];

/// What is needed to turn a grant into edges.
struct Maker<'a> {
    sources: Sources<'a>,
    operations: &'a Operations,
    places: &'a Places,
    blocks: &'a Blocks,
    members: &'a Members,
    landings: Landings<'a>,
    /// Blocks that bear on a principal.
    against: HashMap<String, Rc<[usize]>>,
}

pub(super) fn add(
    sources: Sources<'_>,
    places: &Places,
    members: &Members,
    grants: &[Grant],
    draft: &mut GraphDraft,
) {
    let operations = Operations::of(sources.vocabulary);
    let roles = Roles::of(sources.inventory, &operations);
    let blocks = Blocks::of(sources, &operations, places);
    let mut maker = Maker {
        sources,
        operations: &operations,
        places,
        blocks: &blocks,
        members,
        landings: Landings::of(&operations, places, &blocks, sources.vocabulary),
        against: HashMap::new(),
    };
    for grant in grants {
        let name = grant.principal_name.as_deref().unwrap_or(&grant.principal);
        ensure_principal(draft, &grant.principal, &grant.principal_type, name);
        let Some(role) = roles.get(&grant.role) else {
            draft.edge(unknown_role(grant));
            continue;
        };
        maker.give(grant, role, &grant.principal, None, draft);
        for member in members.of_group(&grant.principal) {
            ensure_principal(draft, member, "", member);
            let via = members.name_of(&grant.principal);
            maker.give(grant, role, member, Some(via), draft);
        }
    }
}

/// A role of which nothing but its id is known.
fn unknown_role(grant: &Grant) -> EdgeDraft {
    let fact = evidence(
        &grant.object,
        "",
        "a role whose definition was not collected",
    );
    let mut found = edge(
        labels::HAS_ROLE_ON,
        MAKER,
        &grant.principal,
        &grant.place,
        fact,
    );
    found.confidence = grant.confidence();
    found
        .properties
        .insert("role".to_owned(), grant.role.clone().into());
    found
}

impl Maker<'_> {
    fn give(
        &mut self,
        grant: &Grant,
        role: &Role,
        principal: &str,
        via: Option<&str>,
        draft: &mut GraphDraft,
    ) {
        let against = self.against(principal);
        let condition = grant.condition.as_deref();
        let under = condition.map(|text| self.operations.under_condition(text, role.plain));
        let under = under.unwrap_or_default();
        let plain = role.plain.without(under);
        let all = role.plain.or(role.conditional);
        let sure = self.landings.find(&grant.place, plain, &against);
        self.emit(grant, role, principal, via, &sure, None, draft);
        if all == plain {
            return;
        }
        let conditions: Vec<&str> = [
            condition.filter(|_| !under.is_empty()),
            role.condition.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let unsure = self.landings.find(&grant.place, all, &against);
        let rest = beyond(&unsure, &sure);
        self.emit(
            grant,
            role,
            principal,
            via,
            &rest,
            Some(conditions.join("; ")),
            draft,
        );
    }

    fn against(&mut self, principal: &str) -> Rc<[usize]> {
        if let Some(known) = self.against.get(principal) {
            return Rc::clone(known);
        }
        let found: Rc<[usize]> = self.blocks.against(principal, self.members).into();
        self.against.insert(principal.to_owned(), Rc::clone(&found));
        found
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one grant as one principal has it"
    )]
    fn emit(
        &self,
        grant: &Grant,
        role: &Role,
        principal: &str,
        via: Option<&str>,
        landing: &Landing,
        condition: Option<String>,
        draft: &mut GraphDraft,
    ) {
        let mut confidence = grant.confidence();
        if condition.is_some() {
            confidence = confidence.min(Confidence::Medium);
        }
        let properties = said(grant, role, via, condition, landing.is_bounded);
        let fact = evidence(
            &grant.object,
            "",
            format!("{} on {}", role.name, grant.scope),
        );
        for (place, pairs) in &landing.spots {
            let mut capabilities = *pairs;
            if !grant.is_whole {
                // The grant reaches a part of the place: nothing but what the place itself is about is said of it.
                capabilities = capabilities.and(self.on(place));
            }
            if capabilities.is_empty() {
                continue;
            }
            self.privileged(principal, place, capabilities, confidence, &fact, draft);
            draft.edge(EdgeDraft {
                capabilities,
                confidence,
                properties: properties.clone(),
                ..edge(
                    labels::HAS_PERMISSIONS_TO,
                    MAKER,
                    principal,
                    place,
                    fact.clone(),
                )
            });
        }
    }

    fn label(&self, place: &str) -> &str {
        self.places
            .get(place)
            .map_or("", |place| place.label.as_str())
    }

    fn on(&self, place: &str) -> CapabilitySet {
        self.sources.vocabulary.on_label(self.label(place))
    }

    /// Whoever may grant access at a subscription or above is privileged.
    fn privileged(
        &self,
        principal: &str,
        place: &str,
        pairs: CapabilitySet,
        confidence: Confidence,
        fact: &Evidence,
        draft: &mut GraphDraft,
    ) {
        let grants = self
            .sources
            .vocabulary
            .capability("grant access")
            .unwrap_or_default();
        if !WIDE.contains(&self.label(place)) || pairs.and(grants).and(self.on(place)).is_empty() {
            return;
        }
        draft.insight(
            principal,
            InsightDraft {
                name: "isPrivileged".to_owned(),
                value: true.into(),
                confidence,
                evidence: fact.clone(),
            },
        );
    }
}

/// What one landing has beyond another.
fn beyond(more: &Landing, less: &Landing) -> Landing {
    let known: BTreeMap<&str, CapabilitySet> = less
        .spots
        .iter()
        .map(|(place, pairs)| (place.as_str(), *pairs))
        .collect();
    let rest = more.spots.iter().map(|(place, pairs)| {
        let known = known.get(place.as_str()).copied().unwrap_or_default();
        (place.clone(), pairs.without(known))
    });
    Landing {
        spots: rest.filter(|(_, pairs)| !pairs.is_empty()).collect(),
        is_bounded: more.is_bounded,
    }
}

/// What an edge tells beside its capabilities.
fn said(
    grant: &Grant,
    role: &Role,
    via: Option<&str>,
    condition: Option<String>,
    is_bounded: bool,
) -> Map<String, Value> {
    let mut said = Map::new();
    said.insert("role".to_owned(), role.name.clone().into());
    if !grant.is_whole {
        said.insert("scope".to_owned(), grant.scope.clone().into());
    }
    if let Some(via) = via {
        said.insert("via".to_owned(), via.into());
    }
    if let Some(condition) = condition {
        said.insert("condition".to_owned(), condition.into());
    }
    if grant.is_eligible {
        said.insert("eligible".to_owned(), true.into());
    }
    if is_bounded {
        said.insert("bounded".to_owned(), true.into());
    }
    said
}
