//! Load balancers: from an external address over proxies, maps and backends to a Cloud Run service or function.
//!
//! Source: cloud.google.com/load-balancing/docs/https.

use std::collections::HashSet;

use serde_json::Map;
use stance_model::Resource;

use super::public::Public;
use super::reach::Routes;
use super::{Estate, evidence, services, walk};

const RULES: &[&str] = &[
    "compute.googleapis.com/forwardingrule",
    "compute.googleapis.com/globalforwardingrule",
];
const BACKEND: &str = "compute.googleapis.com/backendservice";
const GROUP: &str = "compute.googleapis.com/networkendpointgroup";
/// Where rows of a balancer name what comes next.
const NEXT: &[&str] = &[
    "target",
    "backendService",
    "urlMap",
    "service",
    "defaultService",
    "pathMatchers.*.defaultService",
    "pathMatchers.*.pathRules.*.service",
    "pathMatchers.*.routeRules.*.service",
    "backends.*.group",
];
/// Most rows of one balancer that are looked at.
const MOST_ROWS: usize = 1_000;

/// Adds an edge from the internet to what external balancers lead to.
pub(super) fn add(estate: &Estate<'_>, public: &Public, routes: &mut Routes) {
    for kind in RULES {
        for rule in estate.known_of_type(kind) {
            let scheme = walk::text(rule.properties(), &["loadBalancingScheme"]);
            if scheme.is_some_and(|scheme| scheme.starts_with("EXTERNAL")) {
                follow(estate, public, rule, routes);
            }
        }
    }
}

fn follow<'a>(estate: &Estate<'a>, public: &Public, rule: &'a Resource, routes: &mut Routes) {
    let mut seen: HashSet<String> = HashSet::new();
    // Behind Identity-Aware Proxy callers sign in.
    let mut open: Vec<(&Resource, bool)> = vec![(rule, false)];
    while let Some((row, proxied)) = open.pop() {
        if row.resource_type == GROUP {
            arrive(estate, public, rule, row, proxied, routes);
            continue;
        }
        let on = row.resource_type == BACKEND && walk::is_set(row.properties(), "iap.enabled");
        for path in NEXT {
            for (_, name) in walk::texts(row.properties(), path) {
                let service = "compute.googleapis.com";
                let Some(key) = estate.projects.find(estate.inventory(), service, name) else {
                    continue;
                };
                if seen.len() < MOST_ROWS && seen.insert(key.clone()) {
                    open.extend(
                        estate
                            .inventory()
                            .get(&key)
                            .map(|next| (next, proxied || on)),
                    );
                }
            }
        }
    }
}

/// The service behind a serverless group of endpoints.
fn arrive(
    estate: &Estate<'_>,
    public: &Public,
    rule: &Resource,
    group: &Resource,
    proxied: bool,
    routes: &mut Routes,
) {
    let key = group.id.key();
    let Some((place, _)) = key.split_once("/networkendpointgroups/") else {
        return;
    };
    let place = place.replacen("/regions/", "/locations/", 1);
    let named = |path: &str| walk::text(group.properties(), &[path]).map(str::to_lowercase);
    let service = named("cloudRun.service")
        .map(|name| ("run.googleapis.com", format!("{place}/services/{name}")));
    let function = named("cloudFunction.function").map(|name| {
        (
            "cloudfunctions.googleapis.com",
            format!("{place}/functions/{name}"),
        )
    });
    let found = service.or(function).and_then(|(host, name)| {
        let key = estate.projects.find(estate.inventory(), host, &name)?;
        estate.inventory().get(&key)
    });
    let Some(target) = found.filter(|one| services::takes_balanced(one)) else {
        return;
    };
    let anonymous = public
        .get(&target.id.key())
        .is_some_and(|access| access.anonymous);
    let authentication = if anonymous && !proxied { "none" } else { "iam" };
    let address = walk::text(rule.properties(), &["IPAddress"]).unwrap_or("an external address");
    let text = format!("a load balancer at {address} leads to it");
    let said = evidence(rule, "properties.IPAddress", text);
    routes.add(target, said, Some(authentication), Map::new());
}
