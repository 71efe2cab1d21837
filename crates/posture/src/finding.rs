//! A verdict turned into a finding.

use sha2::{Digest, Sha256};
use stance_base::hex;
use stance_model::{Evidence, Finding, FindingState, Origin, Resource, ResourceId};

use crate::catalogue::Recommendation;
use crate::remediation;

/// One rule's verdict on one resource, as plain data.
#[derive(Debug, Clone)]
pub struct Judgement<'a> {
    /// The rule's stable name.
    pub rule: &'a str,
    /// Its title.
    pub title: &'a str,
    /// What it means.
    pub description: &'a str,
    /// The verdict.
    pub state: FindingState,
    /// Why, in one sentence.
    pub cause: String,
    /// What it stands on.
    pub evidence: Vec<Evidence>,
}

impl Judgement<'_> {
    /// The finding of this verdict on `resource`, with commands filled in.
    pub fn into_finding(self, resource: &Resource, known: &Recommendation) -> Finding {
        Finding {
            id: finding_id(&resource.id, resource.origin, self.rule),
            resource_id: resource.id.as_str().to_owned(),
            resource_name: resource.name().to_owned(),
            resource_type: resource.resource_type.clone(),
            recommendation: self.rule.to_owned(),
            title: self.title.to_owned(),
            description: self.description.to_owned(),
            state: self.state,
            cause: self.cause,
            severity: known.severity,
            evidence: self.evidence,
            remediation: remediation::fill(&known.remediation, resource),
            frameworks: known.frameworks.clone(),
            source: resource.source.clone(),
        }
    }
}

/// The id of the finding of `rule` on a resource: 32 hex digits of SHA-256 over both, the resource id in
/// lower case. A declared resource and an observed one of the same id have findings of their own. It does not depend on the file, the line or the verdict, so it outlives all three.
pub fn finding_id(resource: &ResourceId, origin: Origin, rule: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(resource.key());
    hasher.update([0]);
    hasher.update(rule);
    if origin == Origin::Template {
        hasher.update([0]);
        hasher.update(origin.as_str());
    }
    hex::encode(&hasher.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ignore_the_case_of_the_resource_only() {
        let lower = ResourceId::new("/subscriptions/s/providers/a.b/c/d");
        let upper = ResourceId::new("/SUBSCRIPTIONS/S/providers/A.B/c/d");
        let live = |id, rule| finding_id(id, Origin::Live, rule);
        assert_eq!(live(&lower, "r"), live(&upper, "r"));
        assert_ne!(live(&lower, "r"), live(&lower, "R"));
        assert_ne!(live(&lower, "r"), finding_id(&lower, Origin::Template, "r"));
        assert_eq!(live(&lower, "r").len(), 32);
    }
}
