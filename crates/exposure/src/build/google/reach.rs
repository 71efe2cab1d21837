//! What the internet reaches: machines behind firewalls, and services with public addresses.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use stance_model::Resource;

use super::firewall::{self, Family, Rule, Target};
use super::public::Public;
use super::{Estate, edge, runs_as, services, walk};
use crate::graph::{Confidence, EdgeDraft, Evidence, GraphDraft, InsightDraft, NodeDraft, labels};

/// Who found these edges.
const MAKER: &str = "google network";
/// The node of the internet.
const INTERNET: &str = "internet";
/// Most rules of one machine that become edges.
const MOST_RULES: usize = 20;

/// Adds edges from the internet, and says of each resource which they are.
pub(super) fn add(estate: &Estate<'_>, public: &Public, draft: &mut GraphDraft) {
    let mut routes = Routes::default();
    machines(estate, &mut routes);
    services::add(estate, public, &mut routes);
    routes.close(draft);
}

/// Edges from the internet as they are found.
#[derive(Debug, Default)]
pub(super) struct Routes {
    edges: Vec<EdgeDraft>,
}

impl Routes {
    /// A way in. `authentication`: `none`, `key`, `iam`, `any account`; `None` where it is not known.
    pub(super) fn add(
        &mut self,
        to: &Resource,
        evidence: Evidence,
        authentication: Option<&str>,
        further: Map<String, Value>,
    ) {
        let mut made = edge(
            labels::ROUTES_TRAFFIC_TO,
            INTERNET,
            to.id.key(),
            MAKER,
            evidence,
        );
        made.properties = further;
        if let Some(authentication) = authentication {
            let key = "authentication".to_owned();
            made.properties.insert(key, Value::from(authentication));
        }
        self.edges.push(made);
    }

    fn close(self, draft: &mut GraphDraft) {
        if self.edges.is_empty() {
            return;
        }
        draft.node(NodeDraft {
            id: INTERNET.to_owned(),
            label: INTERNET.to_owned(),
            name: "Internet".to_owned(),
            ..NodeDraft::default()
        });
        let mut ways: BTreeMap<String, (Vec<String>, Evidence)> = BTreeMap::new();
        for way in self.edges {
            let first = || (Vec::new(), way.evidence.clone());
            let (texts, _) = ways.entry(way.target.clone()).or_insert_with(first);
            texts.push(way.evidence.text.clone());
            draft.edge(way);
        }
        for (node, (texts, evidence)) in ways {
            draft.insight(
                node,
                InsightDraft {
                    name: "exposedToInternet".to_owned(),
                    value: json!({"routes": texts}),
                    confidence: Confidence::High,
                    evidence,
                },
            );
        }
    }
}

/// An interface of a machine in a network.
struct Interface {
    network: String,
    families: Vec<(Family, String)>,
}

/// Instances and notebooks with an external address, where a firewall lets TCP in.
fn machines(estate: &Estate<'_>, routes: &mut Routes) {
    let walls = Walls::read(estate);
    for instance in estate.known_of_type("compute.googleapis.com/instance") {
        let properties = instance.properties();
        let tags = walk::list(properties, "tags.items");
        let interfaces = interfaces(estate, properties);
        machine(estate, &walls, instance, &interfaces, tags, routes);
    }
    for notebook in estate.known_of_type("notebooks.googleapis.com/instance") {
        let properties = notebook.properties();
        if let Some(setup) = properties.get("gceSetup") {
            // Without an external address it is reached over Google's proxy alone, which is not the internet.
            if walk::is_set(setup, "disablePublicIp") {
                continue;
            }
            let tags = walk::list(setup, "tags");
            let interfaces = interfaces(estate, setup);
            machine(estate, &walls, notebook, &interfaces, tags, routes);
        }
    }
}

fn interfaces(estate: &Estate<'_>, holder: &Value) -> Vec<Interface> {
    let found = walk::values(holder, "networkInterfaces.*").into_iter();
    found
        .filter_map(|(_, one)| {
            let network = walk::text(one, &["network"])?;
            let mut families = Vec::new();
            for (list, family) in [
                ("accessConfigs", Family::V4),
                ("ipv6AccessConfigs", Family::V6),
            ] {
                if let Some((_, access)) = walk::values(one, &format!("{list}.*")).first() {
                    let names = ["natIP", "externalIp", "externalIpv6"];
                    let address = walk::text(access, &names).unwrap_or("an external address");
                    families.push((family, address.to_owned()));
                }
            }
            Some(Interface {
                network: estate.projects.relative(network),
                families,
            })
        })
        .collect()
}

fn machine(
    estate: &Estate<'_>,
    walls: &Walls<'_>,
    row: &Resource,
    interfaces: &[Interface],
    tags: Vec<&str>,
    routes: &mut Routes,
) {
    let accounts = runs_as::stated(row);
    let accounts = accounts.iter().map(|(_, account)| *account).collect();
    let mut target = Target {
        tags,
        accounts,
        network: String::new(),
    };
    for interface in interfaces {
        target.network.clone_from(&interface.network);
        let levels = walls.levels(estate, &row.id.key(), &target);
        for (family, address) in &interface.families {
            for (rule, ports) in firewall::open(&levels, *family)
                .into_iter()
                .take(MOST_RULES)
            {
                let said = Evidence {
                    object: rule.row.id.as_str().to_owned(),
                    field: rule.field.clone(),
                    text: format!("{address} takes TCP {ports} from the internet"),
                };
                let further = json!({"address": address, "ports": ports.to_string()});
                let further = further.as_object().cloned().unwrap_or_default();
                routes.add(row, said, None, further);
            }
        }
    }
}

/// Every firewall of the estate.
struct Walls<'a> {
    /// Rules of a network, by its relative name.
    of_network: HashMap<String, Vec<Rule<'a>>>,
    /// Rules of policies, by the network or container they are associated with.
    of_policy: HashMap<String, Vec<Rule<'a>>>,
    /// Networks whose policies are asked before their rules.
    policies_first: Vec<String>,
}

impl<'a> Walls<'a> {
    fn read(estate: &Estate<'a>) -> Self {
        let mut walls = Self {
            of_network: HashMap::new(),
            of_policy: HashMap::new(),
            policies_first: Vec::new(),
        };
        for row in estate.known_of_type("compute.googleapis.com/firewall") {
            let network = walk::text(row.properties(), &["network"]);
            if let (Some(network), Some(rule)) = (network, firewall::of_network(row)) {
                let network = estate.projects.relative(network);
                walls.of_network.entry(network).or_default().push(rule);
            }
        }
        for row in estate.known_of_type("compute.googleapis.com/firewallpolicy") {
            for (_, target) in walk::texts(row.properties(), "associations.*.attachmentTarget") {
                let place = place_of(estate, target);
                let rules = firewall::of_policy(row);
                walls.of_policy.entry(place).or_default().extend(rules);
            }
        }
        for row in estate.known_of_type("compute.googleapis.com/network") {
            let order = "networkFirewallPolicyEnforcementOrder";
            if walk::text(row.properties(), &[order]) == Some("BEFORE_CLASSIC_FIREWALL") {
                let network = estate.projects.relative(row.id.as_str());
                walls.policies_first.push(network);
            }
        }
        walls
    }

    /// The rules that are for a machine, in the order in which they are asked.
    fn levels(&self, estate: &Estate<'_>, node: &str, target: &Target<'_>) -> Vec<Vec<&Rule<'a>>> {
        let mut above: Vec<&str> = estate.tree.chain(node).skip(1).collect();
        above.reverse();
        let mut levels: Vec<Vec<&Rule<'a>>> = above
            .into_iter()
            .map(|place| select(&self.of_policy, place, target))
            .collect();
        let rules = select(&self.of_network, &target.network, target);
        let policies = select(&self.of_policy, &target.network, target);
        if self.policies_first.contains(&target.network) {
            levels.extend([policies, rules]);
        } else {
            levels.extend([rules, policies]);
        }
        levels
    }
}

fn select<'w, 'a>(
    walls: &'w HashMap<String, Vec<Rule<'a>>>,
    place: &str,
    target: &Target<'_>,
) -> Vec<&'w Rule<'a>> {
    let rules = walls.get(place).map_or(&[][..], Vec::as_slice);
    rules.iter().filter(|rule| rule.is_for(target)).collect()
}

/// A container's node, or a network's relative name.
fn place_of(estate: &Estate<'_>, target: &str) -> String {
    let lower = target.to_lowercase();
    let container = estate.projects.container(&lower);
    container.unwrap_or_else(|| estate.projects.relative(&lower))
}
