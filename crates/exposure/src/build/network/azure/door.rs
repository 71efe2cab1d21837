//! Lists of addresses behind a public entry that is on: whom they let in.

use serde_json::Value;
use stance_model::Resource;

use super::super::Context;
use super::super::addresses;
use super::super::fields::{self, Told, told};
use super::super::found::evidence;
use super::super::ports::Ports;
use super::super::ranges::Ranges;
use super::super::rules::{self, Opening, Rule};
use super::row::{self, AddressRules};
use super::service::{entry_is_on, short};
use crate::graph::{Confidence, Evidence};

/// Most admitted addresses that a node lists.
const MOST_ADDRESSES: usize = 100;
/// Said of a property that an expression gives.
pub(super) const LATER: &str = "known only after deployment";

/// A way in: what it stands on and how sure it is.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) evidence: Evidence,
    pub(super) confidence: Confidence,
}

/// What guards a public entry.
#[derive(Default)]
pub(super) struct Door {
    pub(super) ways: Vec<Way>,
    /// Addresses that come in although the internet does not.
    pub(super) admitted: Vec<String>,
}

/// The ways through the lists of addresses behind an entry that is on.
pub(super) fn behind(
    context: &Context<'_>,
    rules: AddressRules,
    resource: &Resource,
    on: Way,
) -> Door {
    match rules {
        AddressRules::Nowhere => whole(on),
        AddressRules::Default { action, list, item } => {
            by_default(resource, (action, list, item), on)
        }
        AddressRules::WhenAny { list, item, flag } => when_any(resource, (list, item, flag), on),
        AddressRules::Children {
            kind,
            first,
            last,
            open_when_none,
        } => {
            let kind = format!("{}/{kind}", resource.resource_type);
            let children: Vec<&Resource> = context.children(resource, &kind).collect();
            if children.is_empty() && open_when_none {
                return whole(on);
            }
            let listed = children.iter().filter_map(|child| {
                let (from, to) = (
                    fields::text(&child.body, first),
                    fields::text(&child.body, last),
                );
                Some(Listed {
                    sources: addresses::between(from, to)?,
                    is_azure: addresses::is_all_of_azure(from) && addresses::is_all_of_azure(to),
                    shown: if from == to {
                        from.to_owned()
                    } else {
                        format!("{from}-{to}")
                    },
                    evidence: evidence(child, "", format!("admits {from} to {to}")),
                })
            });
            through(listed.collect(), resource, kind, on.confidence)
        }
        AddressRules::DefaultOfChild { kind } => {
            let kind = format!("{}/{kind}", resource.resource_type);
            let paths = ("properties.defaultAction", "properties.ipRules", "ipMask");
            match context.children(resource, &kind).next() {
                None => whole(on),
                Some(child) => match entry_is_on(context, row::USUAL, child) {
                    None => Door::default(),
                    Some(_) => by_default(child, paths, on),
                },
            }
        }
    }
}

fn whole(on: Way) -> Door {
    Door {
        ways: vec![on],
        admitted: Vec::new(),
    }
}

fn by_default(resource: &Resource, (action, list, item): (&str, &str, &str), mut on: Way) -> Door {
    match told(resource, action) {
        Told::Said(value) if fields::word(value) == "deny" => {}
        Told::Unknown => {
            on.confidence = on.confidence.min(Confidence::Medium);
            on.evidence.text = format!("{}; {action} is {LATER}", on.evidence.text);
            return whole(on);
        }
        Told::Said(_) | Told::Absent => return whole(on),
    }
    listed(resource, list, item, &on)
}

fn when_any(resource: &Resource, (list, item, flag): (&str, &str, &str), on: Way) -> Door {
    let flagged = !flag.is_empty()
        && matches!(told(resource, flag), Told::Said(value) if fields::is_true(value));
    let any = match told(resource, list) {
        Told::Said(Value::Array(items)) => !items.is_empty(),
        Told::Unknown => true,
        Told::Said(_) | Told::Absent => false,
    };
    if !any && !flagged {
        return whole(on);
    }
    listed(resource, list, item, &on)
}

/// The ways through a list of admitted addresses in a property.
fn listed(resource: &Resource, list: &str, item: &str, on: &Way) -> Door {
    if let Told::Unknown = told(resource, list) {
        let text = format!("{} is {LATER}", short(list));
        return whole(Way {
            evidence: evidence(resource, list, text),
            confidence: Confidence::Medium,
        });
    }
    let mut later = Vec::new();
    let numbered = fields::list(&resource.body, list).enumerate();
    let items = numbered.filter_map(|(at, one)| {
        let place = format!("{list}.{at}.{item}");
        if fields::is_unknown(resource, place.trim_end_matches('.')) {
            let text = format!("an admitted address is {LATER}");
            later.push(Way {
                evidence: evidence(resource, format!("{list}[{at}]"), text),
                confidence: Confidence::Medium,
            });
            return None;
        }
        let address = if item.is_empty() {
            one.as_str()?
        } else {
            fields::text(one, item)
        };
        Some(Listed {
            sources: addresses::parse(address)?,
            is_azure: addresses::is_all_of_azure(address),
            shown: address.to_owned(),
            evidence: evidence(
                resource,
                format!("{list}[{address}]"),
                format!("admits {address}"),
            ),
        })
    });
    let items = items.collect();
    let mut door = through(items, resource, list.to_owned(), on.confidence);
    door.ways.append(&mut later);
    door
}

/// An admitted address.
struct Listed {
    sources: Ranges,
    is_azure: bool,
    shown: String,
    evidence: Evidence,
}

fn through(list: Vec<Listed>, resource: &Resource, field: String, sure: Confidence) -> Door {
    let mut door = Door::default();
    let mut asked = Vec::new();
    for one in list {
        if one.is_azure {
            let mut evidence = one.evidence;
            evidence.text = format!("{}, by which all of Azure may connect", evidence.text);
            door.ways.push(Way {
                evidence,
                confidence: sure.min(Confidence::Medium),
            });
            continue;
        }
        if door.admitted.len() < MOST_ADDRESSES {
            door.admitted.push(one.shown);
        }
        asked.push(Rule {
            allows: true,
            sources: one.sources,
            ports: Ports::https(),
            object: one.evidence.object,
            field: one.evidence.field,
            text: one.evidence.text,
            confidence: Confidence::High,
        });
    }
    let together = Opening::together(resource, field);
    let openings = rules::openings(&asked, &together, &addresses::any());
    door.ways.extend(openings.into_iter().map(|opening| Way {
        evidence: opening.into_parts().0,
        confidence: sure,
    }));
    door
}
