//! On which ARNs an action is asked, for each resource of a type, and for all of a type in an account.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use stance_model::{Origin, Resource};

use super::glob::{covers, literal_start};
use super::policy::Words;

const TEXT: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/aws-requests.yaml"
));

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct TypeEntry {
    r#type: String,
    /// What all resources of the type in an account have.
    arn: String,
    #[serde(default)]
    forms: Vec<Form>,
}

/// How the ARN of a request is made from the resource's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Form {
    actions: Vec<String>,
    #[serde(default)]
    replace: Option<(String, String)>,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    property: Option<String>,
    #[serde(default)]
    add: String,
    #[serde(default)]
    declared: bool,
}

static TABLE: LazyLock<HashMap<String, TypeEntry>> = LazyLock::new(|| {
    // A test reads the same text, so a fault cannot pass unseen.
    let entries: Vec<TypeEntry> = serde_yaml_ng::from_str(TEXT).unwrap_or_default();
    let named = entries.into_iter().map(|one| (one.r#type.clone(), one));
    named.collect()
});

impl Form {
    fn make(&self, arn: &str, last: Option<&str>) -> String {
        let mut made = match &self.replace {
            Some((from, to)) => arn.replacen(from, to, 1),
            None => arn.to_owned(),
        };
        if let Some(last) = last {
            let keep = made.rfind('/').map_or(0, |at| at + 1);
            made.truncate(keep);
            made.push_str(last);
        }
        made.push_str(&self.add);
        made
    }
}

/// The forms of an action on a type, by their place in the table; empty: the resource's own ARN.
fn forms(label: &str, action: &str) -> Vec<usize> {
    let Some(entry) = TABLE.get(label) else {
        return Vec::new();
    };
    let meant = |form: &Form| {
        let mut actions = form.actions.iter();
        actions.any(|one| covers(&one.to_lowercase(), action))
    };
    let numbered = entry.forms.iter().enumerate();
    numbered
        .filter(|(_, form)| meant(form))
        .map(|(number, _)| number)
        .collect()
}

fn of_resource(resource: &Resource, forms: &[usize]) -> Vec<String> {
    let arn = resource.id.as_str();
    let Some(entry) = TABLE.get(&resource.resource_type) else {
        return vec![arn.to_owned()];
    };
    if forms.is_empty() {
        return vec![arn.to_owned()];
    }
    let used = forms.iter().filter_map(|number| entry.forms.get(*number));
    used.filter(|form| !form.declared || resource.origin == Origin::Template)
        .filter_map(|form| match &form.property {
            None => Some(form.make(arn, form.last.as_deref())),
            Some(property) => {
                let last = resource.properties().get(property)?.as_str()?;
                Some(form.make(arn, Some(last)))
            }
        })
        .collect()
}

fn of_type(label: &str, forms: &[usize], partition: &str, account: &str) -> Vec<String> {
    let Some(entry) = TABLE.get(label) else {
        return Vec::new();
    };
    let arn = entry.arn.replace("{partition}", partition);
    let arn = arn.replace("{account}", account);
    if forms.is_empty() {
        return vec![arn];
    }
    let used = forms.iter().filter_map(|number| entry.forms.get(*number));
    used.filter(|form| !form.declared)
        .map(|form| {
            let last = form.property.as_ref().map(|_| "*");
            form.make(&arn, last.or(form.last.as_deref()))
        })
        .collect()
}

/// Resources of one type in one account, by what a request on them asks for.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// What stands for all of the type.
    pub(super) all: Vec<String>,
    /// Requests with the number of their resource, sorted.
    entries: Vec<(String, usize)>,
    has_wildcards: bool,
}

impl Shelf {
    /// Requests that the resources of a statement may mean, with their resource.
    pub(super) fn candidates<'a>(&'a self, resources: &'a Words) -> Vec<(&'a str, usize)> {
        if resources.but {
            return self.range("");
        }
        let mut found = Vec::new();
        for pattern in &resources.patterns {
            found.extend(self.range(literal_start(pattern)));
            found.extend(self.wider(literal_start(pattern)));
        }
        if resources.patterns.len() > 1 {
            found.sort_unstable();
            found.dedup();
        }
        found
    }

    fn range(&self, start: &str) -> Vec<(&str, usize)> {
        let from = self
            .entries
            .partition_point(|(request, _)| request.as_str() < start);
        let within = self.entries[from..].iter();
        within
            .take_while(|(request, _)| request.starts_with(start))
            .map(|(request, number)| (request.as_str(), *number))
            .collect()
    }

    /// Requests with wildcards that are shorter than the start: `bucket/*` for `bucket/folder/`.
    fn wider(&self, start: &str) -> Vec<(&str, usize)> {
        let mut found = Vec::new();
        if !self.has_wildcards {
            return found;
        }
        for (end, _) in start.char_indices().skip(1) {
            for wildcard in ["*", "?"] {
                let beginning = format!("{}{wildcard}", &start[..end]);
                found.extend(self.range(&beginning));
            }
        }
        found
    }
}

/// An action that grants a pair, and the number of its shelf's forms.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    /// In lower case.
    pub(super) action: String,
    forms: Vec<usize>,
}

impl Ask {
    pub(super) fn new(label: &str, action: &str) -> Self {
        let action = action.to_lowercase();
        Self {
            forms: forms(label, &action),
            action,
        }
    }

    /// What the action asks for on one resource.
    pub(super) fn on(&self, resource: &Resource) -> Vec<String> {
        of_resource(resource, &self.forms)
    }
}

type ShelfKey = (String, String, Vec<usize>);

/// Every shelf that was asked for.
#[derive(Debug, Default)]
pub(super) struct Shelves {
    shelves: HashMap<ShelfKey, Shelf>,
}

impl Shelves {
    /// Makes the shelf of a type in an account where it is missing. `resources` with their numbers.
    pub(super) fn fill<'a>(
        &mut self,
        (partition, account): (&str, &str),
        label: &str,
        ask: &Ask,
        resources: impl Iterator<Item = (usize, &'a Resource)>,
    ) {
        let key = (account.to_owned(), label.to_owned(), ask.forms.clone());
        self.shelves.entry(key).or_insert_with(|| {
            let mut entries: Vec<(String, usize)> = Vec::new();
            for (number, resource) in resources {
                let requests = of_resource(resource, &ask.forms);
                entries.extend(requests.into_iter().map(|one| (one, number)));
            }
            entries.sort_unstable();
            Shelf {
                all: of_type(label, &ask.forms, partition, account),
                has_wildcards: entries.iter().any(|(one, _)| one.contains(['*', '?'])),
                entries,
            }
        });
    }

    /// The shelf of a type in an account.
    pub(super) fn get(&self, account: &str, label: &str, ask: &Ask) -> Option<&Shelf> {
        let key = (account.to_owned(), label.to_owned(), ask.forms.clone());
        self.shelves.get(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(TABLE.len() > 45);
        let ask = Ask::new("aws::bedrock::agent", "bedrock:InvokeAgent");
        assert_eq!(
            of_type("aws::bedrock::agent", &ask.forms, "aws", "1"),
            ["arn:aws:bedrock:*:1:agent-alias/*/*"]
        );
    }
}
