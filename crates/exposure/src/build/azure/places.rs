//! What lies in what in Azure: tenants, management groups, subscriptions, groups, resources, and parts of resources.
//!
//! A place that only an id names (a subscription, a group, the scope of an assignment) is one too: the id states it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use stance_model::{Resource, ResourceId};

use super::place_labels::{SUBSCRIPTION, is_place, label_of};
use crate::inventory::Inventory;

/// Places above one another: six levels of management groups, and deep resources.
const DEEPEST: usize = 64;
const MANAGEMENT_GROUP: &str = "microsoft.management/managementgroups";
const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";
const ENVIRONMENTS: &str = "/providers/microsoft.powerplatform/environments/";
const TENANTS: &str = "/tenants/";
const CHAIN: &str = "managementGroupAncestorsChain";

/// One place.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) label: String,
    /// Id of the place it lies in, in lower case.
    pub(super) parent: Option<String>,
    /// Whose property names the parent, where not the place's own id: object and field.
    pub(super) stated: Option<(String, &'static str)>,
    /// Its name where no resource of the inventory stands for it.
    pub(super) named: Option<String>,
}

/// All places, by id in lower case.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: BTreeMap<String, Place>,
    children: HashMap<String, Vec<String>>,
}

impl Places {
    /// What the resources say.
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut places = Self::default();
        let resources = || inventory.all().iter().filter(|one| is_place(one));
        for resource in resources() {
            let place = Place {
                label: resource.resource_type.clone(),
                ..Place::default()
            };
            places.all.insert(resource.id.key(), place);
        }
        for resource in resources() {
            places.hierarchy(resource);
        }
        for resource in resources() {
            places.settle(resource);
        }
        places
    }

    /// A place by id in lower case.
    pub(super) fn get(&self, id: &str) -> Option<&Place> {
        self.all.get(id)
    }

    /// All of them, by id.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = (&str, &Place)> {
        self.all.iter().map(|(id, place)| (id.as_str(), place))
    }

    /// What lies directly in a place.
    pub(super) fn children(&self, id: &str) -> &[String] {
        self.children.get(id).map_or(&[], Vec::as_slice)
    }

    /// The places above, the closest first.
    pub(super) fn above<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a str> {
        let parent_of = |id: &str| self.all.get(id)?.parent.as_deref();
        std::iter::successors(parent_of(id), move |at| parent_of(at)).take(DEEPEST)
    }

    /// Makes sure that the scope of an assignment is a place. Gives the place, and whether it is the scope itself: a
    /// scope that is no resource id (a collection of Cosmos DB) stands for the nearest place above.
    pub(super) fn scope(&mut self, scope: &str) -> Option<(String, bool)> {
        let id = ResourceId::new(scope).key();
        if self.all.contains_key(&id) {
            return Some((id, true));
        }
        if label_of(&id).is_some() {
            self.ensure(&id, None);
            return Some((id, true));
        }
        let mut at = id.as_str();
        while let Some(cut) = at.rfind('/') {
            at = &at[..cut];
            if self.all.contains_key(at) {
                return Some((at.to_owned(), false));
            }
        }
        None
    }

    /// The one tenant, where only one is known: what the scope `/` means.
    pub(super) fn tenant(&self) -> Option<&str> {
        let mut tenants = self.all.range(TENANTS.to_owned()..).filter_map(|(id, _)| {
            let name = id.strip_prefix(TENANTS)?;
            (!name.contains('/')).then_some(id.as_str())
        });
        let first = tenants.next()?;
        tenants.next().is_none().then_some(first)
    }

    /// A place that an id names, and the places above that its id names.
    pub(super) fn ensure(&mut self, id: &str, name: Option<&str>) {
        if self.all.contains_key(id) {
            return;
        }
        let Some(label) = label_of(id) else {
            return;
        };
        let name = name.or_else(|| id.rsplit('/').next()).unwrap_or(id);
        let place = Place {
            label,
            named: Some(name.to_owned()),
            ..Place::default()
        };
        self.all.insert(id.to_owned(), place);
        if let Some(parent) = self.parent_by_id(&ResourceId::new(id)) {
            self.put(id, &parent, None);
        }
    }

    /// What a subscription, a management group or an environment says of what is above and below.
    fn hierarchy(&mut self, resource: &Resource) {
        let is_group = resource.resource_type == MANAGEMENT_GROUP;
        if !is_group && resource.resource_type != SUBSCRIPTION {
            return;
        }
        let own = resource.id.key();
        let properties = resource.properties();
        let object = resource.id.as_str();
        for (place, chain_field, parent_field) in [
            (
                properties,
                "properties.managementGroupAncestorsChain",
                "properties.parent",
            ),
            (
                &properties["details"],
                "properties.details.managementGroupAncestorsChain",
                "properties.details.parent",
            ),
        ] {
            let mut at = own.clone();
            let chain = place[CHAIN].as_array().into_iter().flatten();
            for group in chain.take(DEEPEST) {
                let Some(name) = group["name"].as_str() else {
                    break;
                };
                let id = format!("{MANAGEMENT_GROUPS}{}", name.to_lowercase());
                self.ensure(&id, group["displayName"].as_str());
                self.put(&at, &id, Some((object, chain_field)));
                at = id;
            }
            if let Some(parent) = place.pointer("/parent/id").and_then(Value::as_str) {
                let parent = parent.to_lowercase();
                self.ensure(&parent, None);
                self.put(&own, &parent, Some((object, parent_field)));
            }
        }
        self.listed(object, &own, properties, DEEPEST);
    }

    /// The `children` of a management group that was asked for with them.
    fn listed(&mut self, object: &str, parent: &str, body: &Value, depth: usize) {
        let children = body["children"].as_array().into_iter().flatten();
        for child in children {
            let Some(id) = child["id"].as_str().map(str::to_lowercase) else {
                continue;
            };
            // A subscription's id comes alone or below its group.
            let id = match id.find("/subscriptions/") {
                Some(at) => id[at..].to_owned(),
                None => id,
            };
            self.ensure(&id, child["displayName"].as_str());
            self.put(&id, parent, Some((object, "properties.children")));
            if depth > 0 {
                self.listed(object, &id, child, depth - 1);
            }
        }
    }

    /// Puts a resource where its parent, its id or its tenant says.
    fn settle(&mut self, resource: &Resource) {
        let id = resource.id.key();
        let parent = resource.parent().and_then(|parent| self.nearest(parent));
        if let Some(parent) = parent {
            self.put(&id, &parent, None);
            return;
        }
        if let Some(parent) = self.parent_by_id(&resource.id) {
            self.put(&id, &parent, None);
            return;
        }
        let Some(tenant) = resource.text("tenantId").filter(|text| !text.is_empty()) else {
            return;
        };
        let is_top = [SUBSCRIPTION, MANAGEMENT_GROUP].contains(&resource.resource_type.as_str());
        if !is_top
            || !tenant
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || one == '-')
        {
            return;
        }
        let tenant = format!("{TENANTS}{}", tenant.to_lowercase());
        self.ensure(&tenant, None);
        // Below the topmost management group that is known.
        let top = self.above(&id).last().unwrap_or(&id).to_owned();
        self.put(&top, &tenant, Some((resource.id.as_str(), "tenantId")));
    }

    /// The nearest place from an id upwards.
    fn nearest(&self, from: ResourceId) -> Option<String> {
        let ids = std::iter::successors(Some(from), ResourceId::parent).take(DEEPEST);
        ids.map(|id| id.key()).find(|id| self.all.contains_key(id))
    }

    /// The place that an id lies in: a known parent, else its group, its subscription, its environment.
    fn parent_by_id(&mut self, id: &ResourceId) -> Option<String> {
        let key = id.key();
        if let Some(parent) = id.parent().and_then(|parent| self.nearest(parent)) {
            return Some(parent);
        }
        let subscription = id
            .subscription_id()
            .map(|name| format!("/subscriptions/{}", name.to_lowercase()));
        let container = match (subscription, id.resource_group()) {
            (Some(subscription), Some(group)) => {
                let group = format!("{subscription}/resourcegroups/{}", group.to_lowercase());
                if group == key { subscription } else { group }
            }
            (Some(subscription), None) => subscription,
            (None, _) => key
                .starts_with(ENVIRONMENTS)
                .then(|| id.container_outside_subscriptions())
                .flatten()?
                .to_lowercase(),
        };
        if container == key {
            return None;
        }
        self.ensure(&container, None);
        Some(container)
    }

    /// Sets a parent. The first stays; nothing lies in itself.
    fn put(&mut self, id: &str, parent: &str, stated: Option<(&str, &'static str)>) {
        let is_loop = || id == parent || self.above(parent).any(|above| above == id);
        if !self.all.contains_key(parent) || is_loop() {
            return;
        }
        let Some(place) = self.all.get_mut(id).filter(|place| place.parent.is_none()) else {
            return;
        };
        place.parent = Some(parent.to_owned());
        place.stated = stated.map(|(object, field)| (object.to_owned(), field));
        let children = self.children.entry(parent.to_owned()).or_default();
        children.push(id.to_owned());
    }
}
