//! What anybody may read, use or call.

use std::collections::HashMap;

use serde_json::Value;
use stance_model::{Cloud, Resource};

use super::members::EVERYONE;
use super::permissions::Granted;
use super::{Estate, evidence, walk};
use crate::graph::{Confidence, Evidence, GraphDraft, InsightDraft};
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Types that are called rather than read, by [`super::permissions::Granted::invokes`].
const CALLED: &[&str] = &[
    "run.googleapis.com/service",
    "cloudfunctions.googleapis.com/function",
    "cloudfunctions.googleapis.com/cloudfunction",
];
/// What makes a resource open to the public when anybody may do it.
const OPEN: &[&str] = &[
    "read data",
    "write data",
    "read secrets",
    "list keys",
    "use model",
    "invoke agent",
];
/// Which of these ask for a sign-in where they are not open.
const ANSWERS: &[&str] = &["use model", "invoke agent"];

/// How a resource is open.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// Without any sign-in; otherwise with any account of Google.
    pub(super) anonymous: bool,
    /// Its data can be read.
    pub(super) reads: bool,
    /// It answers calls.
    answers: bool,
    confidence: Confidence,
    pub(super) evidence: Evidence,
}

/// Open resources, by node.
pub(super) type Public = HashMap<String, Access>;

/// Finds them, and says so of each.
pub(super) fn add(estate: &Estate<'_>, granted: &[Granted], draft: &mut GraphDraft) -> Public {
    let mut at: HashMap<&str, Vec<&Granted>> = HashMap::new();
    for one in granted.iter().filter(|one| one.principal == EVERYONE) {
        at.entry(&one.scope).or_default().push(one);
    }
    let words = Words::of(estate.sources.vocabulary);
    let mut public = Public::new();
    let rows = estate.inventory().all().iter();
    for resource in rows.filter(|one| one.cloud == Cloud::Gcp) {
        let node = resource.id.key();
        let access = without_check(resource).or_else(|| {
            let service = service_of(estate, resource);
            let below = service.as_deref().into_iter();
            let chains = std::iter::once(node.as_str()).chain(below);
            let places = chains.flat_map(|place| estate.tree.chain(place));
            let grants = places.filter_map(|here| at.get(here)).flatten().copied();
            words.open(estate.sources.vocabulary, resource, grants)
        });
        if let Some(access) = access {
            say(&node, &access, draft);
            public.insert(node, access);
        }
    }
    public
}

/// The Cloud Run service that a function of the second generation is: who may call it is said there.
fn service_of(estate: &Estate<'_>, resource: &Resource) -> Option<String> {
    if resource.resource_type != "cloudfunctions.googleapis.com/function" {
        return None;
    }
    let service = walk::text(resource.properties(), &["serviceConfig.service"])?;
    let relative = estate.projects.relative(service);
    Some(format!("//run.googleapis.com/{relative}"))
}

/// A Cloud Run service that does not ask IAM who calls.
fn without_check(resource: &Resource) -> Option<Access> {
    let is_service = resource.resource_type == "run.googleapis.com/service";
    let off = is_service && walk::is_set(resource.properties(), "invokerIamDisabled");
    off.then(|| Access {
        anonymous: true,
        reads: false,
        answers: true,
        confidence: Confidence::High,
        evidence: evidence(
            resource,
            "properties.invokerIamDisabled",
            "callers are not checked",
        ),
    })
}

struct Words {
    open: CapabilitySet,
    reads: CapabilitySet,
    answers: CapabilitySet,
}

impl Words {
    fn of(vocabulary: &Vocabulary) -> Self {
        let all = |names: &[&str]| {
            let sets = names.iter().filter_map(|name| vocabulary.capability(name));
            sets.fold(CapabilitySet::EMPTY, CapabilitySet::or)
        };
        Self {
            open: all(OPEN),
            reads: all(&["read data"]),
            answers: all(ANSWERS),
        }
    }

    fn open<'g>(
        &self,
        vocabulary: &Vocabulary,
        resource: &Resource,
        grants: impl Iterator<Item = &'g Granted>,
    ) -> Option<Access> {
        let about = vocabulary.on_label(&resource.resource_type);
        let called = CALLED.contains(&resource.resource_type.as_str());
        let mut found: Option<Access> = None;
        for grant in grants {
            let pairs = grant.pairs.and(about);
            let calls = called && grant.invokes;
            if pairs.and(self.open).is_empty() && !calls {
                continue;
            }
            let access = Access {
                anonymous: grant.anonymous,
                reads: !pairs.and(self.reads).is_empty(),
                answers: calls || !pairs.and(self.answers).is_empty(),
                confidence: grant.confidence,
                evidence: grant.evidence.clone(),
            };
            found = Some(match found {
                None => access,
                Some(before) => before.wider(access),
            });
        }
        found
    }
}

impl Access {
    /// Both: what the one without sign-in says leads.
    fn wider(self, other: Self) -> Self {
        let leads = other.anonymous && !self.anonymous || other.reads && !self.reads;
        let (mut first, second) = if leads { (other, self) } else { (self, other) };
        first.anonymous |= second.anonymous;
        first.reads |= second.reads;
        first.answers |= second.answers;
        first
    }
}

fn say(node: &str, access: &Access, draft: &mut GraphDraft) {
    let mut insight = |name: &str, value: Value| {
        let made = InsightDraft {
            name: name.to_owned(),
            value,
            confidence: access.confidence,
            evidence: access.evidence.clone(),
        };
        draft.insight(node, made);
    };
    let to = if access.anonymous {
        "anybody"
    } else {
        "any Google account"
    };
    insight("allowsPublicAccess", serde_json::json!({"to": to}));
    if access.anonymous && access.answers {
        insight("isUnauthenticated", Value::Bool(true));
    }
}
