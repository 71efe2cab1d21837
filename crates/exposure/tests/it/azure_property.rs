//! Effective permissions read off the graph agree with a plain evaluator of Azure's documented rules.
//!
//! Source: learn.microsoft.com/azure/role-based-access-control/overview (how access is determined): the union of all
//! roles at the scope and above, each without its own `notActions`; then a deny assignment wins.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use stance_exposure::Vocabulary;
use stance_model::Resource;

use super::azure_support::{Made, assignment, deny, graph_of, member, resource};

const PRINCIPALS: [&str; 5] = ["p0", "p1", "p2", "g0", "g1"];
/// Places: id, type, number of the place above.
const PLACES: [(&str, &str, Option<usize>); 12] = [
    (
        "/providers/Microsoft.Management/managementGroups/root",
        "Microsoft.Management/managementGroups",
        None,
    ),
    (
        "/subscriptions/s1",
        "Microsoft.Resources/subscriptions",
        Some(0),
    ),
    (
        "/subscriptions/s2",
        "Microsoft.Resources/subscriptions",
        Some(0),
    ),
    (
        "/subscriptions/s1/resourceGroups/a",
        "Microsoft.Resources/subscriptions/resourceGroups",
        Some(1),
    ),
    (
        "/subscriptions/s1/resourceGroups/b",
        "Microsoft.Resources/subscriptions/resourceGroups",
        Some(1),
    ),
    (
        "/subscriptions/s2/resourceGroups/c",
        "Microsoft.Resources/subscriptions/resourceGroups",
        Some(2),
    ),
    (
        "/subscriptions/s1/resourceGroups/a/providers/Microsoft.Storage/storageAccounts/x",
        "Microsoft.Storage/storageAccounts",
        Some(3),
    ),
    (
        "/subscriptions/s1/resourceGroups/b/providers/Microsoft.Storage/storageAccounts/y",
        "Microsoft.Storage/storageAccounts",
        Some(4),
    ),
    (
        "/subscriptions/s1/resourceGroups/a/providers/Microsoft.CognitiveServices/accounts/ai",
        "Microsoft.CognitiveServices/accounts",
        Some(3),
    ),
    (
        "/subscriptions/s2/resourceGroups/c/providers/Microsoft.Web/sites/app",
        "Microsoft.Web/sites",
        Some(5),
    ),
    (
        "/subscriptions/s2/resourceGroups/c/providers/Microsoft.CognitiveServices/accounts/ai2",
        "Microsoft.CognitiveServices/accounts",
        Some(5),
    ),
    (
        "/subscriptions/s1/resourceGroups/a/providers/Microsoft.Storage/storageAccounts/x/blobServices/default/containers/docs",
        "Microsoft.Storage/storageAccounts/blobServices/containers",
        Some(6),
    ),
];
/// The last place is a part of a resource; denied are whole resources and what is above them.
const DENIED: usize = PLACES.len() - 1;
const ACTIONS: [&str; 12] = [
    "*",
    "*/read",
    "*/write",
    "*/action",
    "Microsoft.Storage/*",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "microsoft.cognitiveservices/*/write",
    "Microsoft.CognitiveServices/accounts/raiPolicies/*",
    "Microsoft.Authorization/*",
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Web/sites/*",
    "Microsoft.Compute/virtualMachines/write",
];
const DATA_ACTIONS: [&str; 6] = [
    "*",
    "*/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*",
    "Microsoft.Storage/*/write",
    "Microsoft.CognitiveServices/*",
    "Microsoft.CognitiveServices/accounts/OpenAI/deployments/*/action",
];

/// `actions`, `notActions`, `dataActions`, `notDataActions`, as numbers.
type Lists = (Vec<usize>, Vec<usize>, Vec<usize>, Vec<usize>);

#[derive(Debug, Clone)]
struct Denial {
    lists: Lists,
    place: usize,
    everybody: bool,
    principals: Vec<usize>,
    except: Vec<usize>,
    only_itself: bool,
}

#[derive(Debug, Clone)]
struct Estate {
    roles: Vec<Lists>,
    /// Role, principal, place.
    assignments: Vec<(usize, usize, usize)>,
    /// Group (3 or 4), member.
    members: Vec<(usize, usize)>,
    denials: Vec<Denial>,
}

fn lists() -> impl Strategy<Value = Lists> {
    let control = || vec(0..ACTIONS.len(), 0..3);
    let data = || vec(0..DATA_ACTIONS.len(), 0..2);
    (control(), control(), data(), data())
}

fn denial() -> impl Strategy<Value = Denial> {
    let whom = || vec(0..PRINCIPALS.len(), 0..3);
    let parts = (
        lists(),
        0..DENIED,
        any::<bool>(),
        whom(),
        whom(),
        any::<bool>(),
    );
    parts.prop_map(
        |(lists, place, everybody, principals, except, only_itself)| Denial {
            lists,
            place,
            everybody,
            principals,
            except,
            only_itself,
        },
    )
}

fn estate() -> impl Strategy<Value = Estate> {
    let assignments = vec((0..3usize, 0..PRINCIPALS.len(), 0..PLACES.len()), 1..6);
    let members = vec((3..5usize, 0..PRINCIPALS.len()), 0..4);
    let parts = (vec(lists(), 3), assignments, members, vec(denial(), 0..4));
    parts.prop_map(|(roles, assignments, members, denials)| Estate {
        roles,
        assignments,
        members,
        denials,
    })
}

fn names<const N: usize>(numbers: &[usize], of: [&'static str; N]) -> Vec<&'static str> {
    numbers.iter().map(|number| of[*number]).collect()
}

fn permissions(lists: &Lists) -> serde_json::Value {
    json!([{
        "actions": names(&lists.0, ACTIONS), "notActions": names(&lists.1, ACTIONS),
        "dataActions": names(&lists.2, DATA_ACTIONS), "notDataActions": names(&lists.3, DATA_ACTIONS),
    }])
}

fn resources(estate: &Estate) -> Vec<Resource> {
    let mut all: Vec<Resource> = PLACES
        .iter()
        .map(|(id, kind, _)| {
            let chain = json!([{"name": "root"}]);
            let is_subscription = kind.ends_with("/subscriptions");
            let properties = json!({"managementGroupAncestorsChain": chain});
            let more = if is_subscription {
                json!({"properties": properties})
            } else {
                json!({})
            };
            resource(id, kind, more)
        })
        .collect();
    for (number, lists) in estate.roles.iter().enumerate() {
        all.push(resource(
            &format!("/providers/Microsoft.Authorization/roleDefinitions/role{number}"),
            "Microsoft.Authorization/roleDefinitions",
            json!({"properties": {"permissions": permissions(lists)}}),
        ));
    }
    for (number, (role, principal, place)) in estate.assignments.iter().enumerate() {
        let (name, role) = (format!("a{number}"), format!("role{role}"));
        all.push(assignment(
            &name,
            &role,
            PRINCIPALS[*principal],
            PLACES[*place].0,
        ));
    }
    for (group, one) in &estate.members {
        all.push(member(PRINCIPALS[*group], PRINCIPALS[*one]));
    }
    for (number, denial) in estate.denials.iter().enumerate() {
        let ids = |numbers: &[usize]| -> Vec<serde_json::Value> {
            let names = names(numbers, PRINCIPALS).into_iter();
            names.map(|id| json!({"id": id})).collect()
        };
        let everybody =
            vec![json!({"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"})];
        let properties = json!({
            "permissions": permissions(&denial.lists),
            "principals": if denial.everybody { everybody } else { ids(&denial.principals) },
            "excludePrincipals": ids(&denial.except),
            "doNotApplyToChildScopes": denial.only_itself,
        });
        all.push(deny(
            &format!("d{number}"),
            PLACES[denial.place].0,
            properties,
        ));
    }
    all
}

/// A pattern against a name, letter by letter.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.first(), name.first()) {
        (None, None) => true,
        (Some(b'*'), _) => {
            glob(&pattern[1..], name) || (!name.is_empty() && glob(pattern, &name[1..]))
        }
        (Some(one), Some(other)) => {
            one.eq_ignore_ascii_case(other) && glob(&pattern[1..], &name[1..])
        }
        _ => false,
    }
}

fn holds(lists: &Lists, operation: &str, is_data: bool) -> bool {
    let (yes, no) = if is_data {
        (names(&lists.2, DATA_ACTIONS), names(&lists.3, DATA_ACTIONS))
    } else {
        (names(&lists.0, ACTIONS), names(&lists.1, ACTIONS))
    };
    let any = |patterns: Vec<&str>| {
        let mut patterns = patterns.into_iter();
        patterns.any(|pattern| glob(pattern.as_bytes(), operation.as_bytes()))
    };
    any(yes) && !any(no)
}

impl Estate {
    /// A principal and every group that it is in.
    fn as_whom(&self, principal: usize) -> BTreeSet<usize> {
        let mut whom = BTreeSet::from([principal]);
        loop {
            let before = whom.len();
            for (group, one) in &self.members {
                if whom.contains(one) {
                    whom.insert(*group);
                }
            }
            if whom.len() == before {
                return whom;
            }
        }
    }

    fn is_allowed(&self, principal: usize, operation: &str, is_data: bool, place: usize) -> bool {
        let above: Vec<usize> = std::iter::successors(Some(place), |at| PLACES[*at].2).collect();
        let whom = self.as_whom(principal);
        let granted = self.assignments.iter().any(|(role, who, scope)| {
            whom.contains(who)
                && above.contains(scope)
                && holds(&self.roles[*role], operation, is_data)
        });
        let denied = self.denials.iter().any(|denial| {
            let here = if denial.only_itself {
                denial.place == place
            } else {
                above.contains(&denial.place)
            };
            let is_meant =
                denial.everybody || denial.principals.iter().any(|who| whom.contains(who));
            let is_spared = denial.except.iter().any(|who| whom.contains(who));
            here && is_meant && !is_spared && holds(&denial.lists, operation, is_data)
        });
        granted && !denied
    }

    fn expected(&self, vocabulary: &Vocabulary, principal: usize, place: usize) -> Vec<String> {
        let label = PLACES[place].1.to_lowercase();
        let pairs = vocabulary.pairs().iter();
        let on_place = pairs.filter(|pair| pair.label == label || pair.label == "*");
        let held = on_place.filter(|pair| {
            let allowed = |operations: &[String], is_data: bool| {
                let mut operations = operations.iter();
                operations.any(|one| self.is_allowed(principal, one, is_data, place))
            };
            allowed(&pair.needs.actions, false) || allowed(&pair.needs.data_actions, true)
        });
        let mut names: Vec<String> = held.map(|pair| pair.capability.clone()).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn check(estate: &Estate, made: &Made) -> Result<(), TestCaseError> {
    for (principal, name) in PRINCIPALS.iter().enumerate() {
        for (place, (id, _, _)) in PLACES.iter().enumerate() {
            let expected = estate.expected(&made.vocabulary, principal, place);
            prop_assert_eq!(made.may(name, id), expected, "{} on {}", name, id);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_graph_agrees_with_a_plain_evaluator(estate in estate()) {
        check(&estate, &graph_of(resources(&estate)))?;
    }

    #[test]
    fn an_assignment_more_takes_nothing_away(
        estate in estate(),
        more in (0..3usize, 0..PRINCIPALS.len(), 0..PLACES.len()),
    ) {
        let before = graph_of(resources(&estate));
        let mut richer = estate.clone();
        richer.assignments.push(more);
        let after = graph_of(resources(&richer));
        for principal in PRINCIPALS {
            for (place, _, _) in PLACES {
                let now = after.may(principal, place);
                let lost: Vec<String> =
                    before.may(principal, place).into_iter().filter(|one| !now.contains(one)).collect();
                prop_assert!(lost.is_empty(), "{} loses {:?} on {}", principal, lost, place);
            }
        }
    }
}
