//! What holds for every inventory of Google Cloud.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use stance_exposure::labels::ROUTES_TRAFFIC_TO;
use stance_model::{Cloud, Resource};

use crate::google_estate::{Estate, estate, policy, row_of};

/// Folders 1 and 2, the second in the first; projects p1 in folder 1, p2 in folder 2, p3 in the organization.
const CONTAINERS: [(&str, &[&str]); 6] = [
    ("organizations/9", &[]),
    ("folders/1", &["organizations/9"]),
    ("folders/2", &["folders/1", "organizations/9"]),
    ("projects/p1", &["folders/1", "organizations/9"]),
    (
        "projects/p2",
        &["folders/2", "folders/1", "organizations/9"],
    ),
    ("projects/p3", &["organizations/9"]),
];
/// A permission, the type it is about, and what it lets one do.
const PERMISSIONS: [(&str, &str); 4] = [
    ("storage.objects.get", "read data"),
    ("storage.objects.create", "write data"),
    ("storage.buckets.setIamPolicy", "grant access"),
    ("storage.buckets.update", "manage"),
];
const USERS: usize = 3;

fn full(name: &str) -> String {
    format!("//cloudresourcemanager.googleapis.com/{name}")
}

fn bucket_of(project: &str) -> String {
    format!("//storage.googleapis.com/in-{project}")
}

fn projects() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    let all = CONTAINERS.into_iter();
    all.filter_map(|(name, above)| Some((name.strip_prefix("projects/")?, above)))
}

/// A user gets the permissions of a custom role at a container or, beyond these, at the bucket of a project.
#[derive(Debug, Clone)]
struct Grant {
    user: usize,
    place: usize,
    permissions: Vec<usize>,
}

/// Some are denied permissions at a container.
#[derive(Debug, Clone)]
struct Deny {
    users: BTreeSet<usize>,
    exceptions: BTreeSet<usize>,
    place: usize,
    permissions: Vec<usize>,
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let places = CONTAINERS.len() + projects().count();
    let grant = (0..USERS, 0..places, vec(0..PERMISSIONS.len(), 0..4));
    let grant = grant.prop_map(|(user, place, permissions)| Grant {
        user,
        place,
        permissions,
    });
    vec(grant, 0..6)
}

fn denials() -> impl Strategy<Value = Vec<Deny>> {
    let users = || proptest::collection::btree_set(0..USERS, 0..=USERS);
    let permissions = vec(0..PERMISSIONS.len(), 0..4);
    let deny = (users(), users(), 0..CONTAINERS.len(), permissions);
    let deny = deny.prop_map(|(users, exceptions, place, permissions)| Deny {
        users,
        exceptions,
        place,
        permissions,
    });
    vec(deny, 0..4)
}

/// The name of a place, and the names of what encloses it.
fn place(number: usize) -> (String, Vec<String>) {
    if let Some((name, above)) = CONTAINERS.get(number) {
        return (full(name), above.iter().map(|name| full(name)).collect());
    }
    let (project, above) = projects().nth(number - CONTAINERS.len()).unwrap();
    let own = full(&format!("projects/{project}"));
    let above = above.iter().map(|name| full(name));
    (
        bucket_of(project),
        std::iter::once(own).chain(above).collect(),
    )
}

/// Whether a user may do it, asked of the grants and denials themselves.
fn naive(
    grants: &[Grant],
    denials: &[Deny],
    user: usize,
    project: &str,
    permission: usize,
) -> bool {
    let at = projects().position(|(name, _)| name == project).unwrap() + CONTAINERS.len();
    let (bucket, above) = place(at);
    let lies_in = |other: usize| {
        let (other, _) = place(other);
        other == bucket || above.contains(&other)
    };
    let granted = grants.iter().any(|grant| {
        grant.user == user && grant.permissions.contains(&permission) && lies_in(grant.place)
    });
    let denied = denials.iter().any(|deny| {
        deny.users.contains(&user)
            && !deny.exceptions.contains(&user)
            && deny.permissions.contains(&permission)
            && lies_in(deny.place)
    });
    granted && !denied
}

fn rows(grants: &[Grant], denials: &[Deny]) -> Vec<Resource> {
    let mut rows = Vec::new();
    for (name, above) in CONTAINERS {
        let kind = match name.split('/').next() {
            Some("organizations") => "Organization",
            Some("folders") => "Folder",
            _ => "Project",
        };
        let ancestors: Vec<&str> = std::iter::once(name).chain(above.iter().copied()).collect();
        let mut fields = json!({"ancestors": ancestors, "properties": {}});
        if let Some(project) = name.strip_prefix("projects/") {
            fields["subscriptionId"] = json!(project);
        }
        let kind = format!("cloudresourcemanager.googleapis.com/{kind}");
        rows.push(row_of(Cloud::Gcp, &kind, &full(name), fields));
    }
    for (project, _) in projects() {
        let fields = json!({"subscriptionId": project, "properties": {}});
        rows.push(row_of(
            Cloud::Gcp,
            "storage.googleapis.com/Bucket",
            &bucket_of(project),
            fields,
        ));
    }
    let spelt = |numbers: &[usize]| -> Vec<&str> {
        numbers
            .iter()
            .map(|number| PERMISSIONS[*number].0)
            .collect()
    };
    let mut bindings: Vec<Vec<Value>> = vec![Vec::new(); CONTAINERS.len() + projects().count()];
    for (number, grant) in grants.iter().enumerate() {
        let role = format!("organizations/9/roles/r{number}");
        let fields = json!({"properties": {"includedPermissions": spelt(&grant.permissions)}});
        rows.push(row_of(
            Cloud::Gcp,
            "iam.googleapis.com/Role",
            &format!("//iam.googleapis.com/{role}"),
            fields,
        ));
        let member = format!("user:u{}@x.example", grant.user);
        bindings[grant.place].push(json!({"role": role, "members": [member]}));
    }
    for (number, bindings) in bindings.into_iter().enumerate() {
        rows.push(policy(&place(number).0, Value::Array(bindings)));
    }
    for (number, deny) in denials.iter().enumerate() {
        rows.push(deny_row(number, deny));
    }
    rows
}

fn deny_row(number: usize, deny: &Deny) -> Resource {
    let point = place(deny.place)
        .0
        .trim_start_matches("//")
        .replace('/', "%2F");
    let members = |users: &BTreeSet<usize>| -> Vec<String> {
        let users = users.iter();
        users
            .map(|user| format!("principal://goog/subject/u{user}@x.example"))
            .collect()
    };
    let permissions: Vec<String> = deny
        .permissions
        .iter()
        .map(|number| PERMISSIONS[*number].0.replacen('.', ".googleapis.com/", 1))
        .collect();
    let rule = json!({
        "deniedPrincipals": members(&deny.users),
        "exceptionPrincipals": members(&deny.exceptions),
        "deniedPermissions": permissions,
    });
    let id = format!("//iam.googleapis.com/policies/{point}/denypolicies/d{number}");
    let fields = json!({"properties": {"rules": [{"denyRule": rule}]}});
    row_of(Cloud::Gcp, "iam.googleapis.com/DenyPolicy", &id, fields)
}

fn may(estate: &Estate, user: usize, project: &str) -> Vec<String> {
    estate.may(&format!("principal:u{user}@x.example"), &bucket_of(project))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rights_agree_with_a_naive_reading(grants in grants(), denials in denials()) {
        let estate = estate(rows(&grants, &denials));
        for user in 0..USERS {
            for (project, _) in projects() {
                let expected: BTreeSet<&str> = (0..PERMISSIONS.len())
                    .filter(|permission| naive(&grants, &denials, user, project, *permission))
                    .map(|permission| PERMISSIONS[permission].1)
                    .collect();
                let found = may(&estate, user, project);
                let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
                prop_assert_eq!(found, expected, "u{} in {}", user, project);
            }
        }
    }

    #[test]
    fn a_further_binding_takes_no_right_away(
        grants in grants(),
        further in grants(),
        denials in denials(),
    ) {
        let before = estate(rows(&grants, &denials));
        let both: Vec<Grant> = grants.into_iter().chain(further).collect();
        let after = estate(rows(&both, &denials));
        for user in 0..USERS {
            for (project, _) in projects() {
                let now = may(&after, user, project);
                for right in may(&before, user, project) {
                    prop_assert!(now.contains(&right), "u{user} lost {right} in {project}");
                }
            }
        }
    }

    #[test]
    fn without_address_or_rules_nothing_comes_in(
        rules in vec(firewall_rule(), 1..6),
        has_address: bool,
    ) {
        let reached = |rules: &[Value], has_address: bool| {
            let estate = estate(machine_and_rules(rules, has_address));
            !estate.edges("internet", ROUTES_TRAFFIC_TO).is_empty()
        };
        let by_port = (1..=4).any(|port| has_address && lets_in(&rules, port));
        prop_assert_eq!(reached(&rules, has_address), by_port);
        prop_assert!(!reached(&rules, false));
        let denials: Vec<Value> = rules.into_iter().filter(|rule| rule["denied"].is_array()).collect();
        prop_assert!(!reached(&denials, true));
    }
}

/// A rule for some of ports 1 to 4, from everywhere or from one office.
fn firewall_rule() -> impl Strategy<Value = Value> {
    let ports = (1_u32..=4, 0_u32..=3).prop_map(|(first, more)| (first, (first + more).min(4)));
    (any::<bool>(), 0_i64..4, ports, any::<bool>(), any::<bool>()).prop_map(
        |(allows, priority, (first, last), everywhere, tagged)| {
            let range = if everywhere {
                "0.0.0.0/0"
            } else {
                "203.0.113.0/24"
            };
            let list = if allows { "allowed" } else { "denied" };
            let tag = if tagged { "web" } else { "other" };
            let ports = format!("{first}-{last}");
            let mut rule = json!({
                "priority": priority,
                "sourceRanges": [range],
                "targetTags": [tag],
                "network": "projects/p1/global/networks/n",
            });
            rule[list] = json!([{"IPProtocol": "tcp", "ports": [ports]}]);
            rule
        },
    )
}

/// Whether somebody of the internet gets to the port, asked of one rule after the other.
fn lets_in(rules: &[Value], port: u32) -> bool {
    let mut sorted: Vec<&Value> = rules.iter().collect();
    sorted.sort_by_key(|rule| (rule["priority"].as_i64(), rule["allowed"].is_array()));
    let first = sorted.into_iter().find(|rule| {
        let list = if rule["allowed"].is_array() {
            "allowed"
        } else {
            "denied"
        };
        let ports = rule[list][0]["ports"][0].as_str().unwrap();
        let (from, to) = ports.split_once('-').unwrap();
        let fits = (from.parse().unwrap()..=to.parse().unwrap()).contains(&port);
        fits && rule["targetTags"][0] == "web" && rule["sourceRanges"][0] == "0.0.0.0/0"
    });
    first.is_some_and(|rule| rule["allowed"].is_array())
}

fn machine_and_rules(rules: &[Value], has_address: bool) -> Vec<Resource> {
    let addresses = if has_address {
        json!([{"natIP": "192.0.2.7"}])
    } else {
        json!([])
    };
    let interface = json!({"network": "projects/p1/global/networks/n", "accessConfigs": addresses});
    let machine = json!({
        "subscriptionId": "p1",
        "properties": {"tags": {"items": ["web"]}, "networkInterfaces": [interface]},
    });
    let id = "//compute.googleapis.com/projects/p1/zones/z/instances/m";
    let machine = row_of(Cloud::Gcp, "compute.googleapis.com/Instance", id, machine);
    let rules = rules.iter().enumerate().map(|(number, rule)| {
        let id = format!("//compute.googleapis.com/projects/p1/global/firewalls/r{number}");
        let fields = json!({"subscriptionId": "p1", "properties": rule});
        row_of(Cloud::Gcp, "compute.googleapis.com/Firewall", &id, fields)
    });
    std::iter::once(machine).chain(rules).collect()
}
