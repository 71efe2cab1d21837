//! Values out of REST resources by path.

use serde_json::Value;

/// Most values that one path yields.
const MOST_VALUES: usize = 1_000;

/// The texts at a path of names, `*` for every element: `serviceAccounts.*.email`, each with the path it stands at
/// (`serviceAccounts[0].email`). Empty texts count.
pub(super) fn texts<'v>(value: &'v Value, path: &str) -> Vec<(String, &'v str)> {
    let found = values(value, path).into_iter();
    found
        .filter_map(|(at, value)| Some((at, value.as_str()?)))
        .collect()
}

/// As [`texts`], of any kind of value.
pub(super) fn values<'v>(value: &'v Value, path: &str) -> Vec<(String, &'v Value)> {
    let mut found = vec![(String::new(), value)];
    for step in path.split('.') {
        found = found
            .into_iter()
            .flat_map(|(at, value)| below(&at, value, step))
            .take(MOST_VALUES)
            .collect();
    }
    found
}

fn below<'v>(at: &str, value: &'v Value, step: &str) -> Vec<(String, &'v Value)> {
    if step == "*" {
        let elements = value.as_array().map_or(&[][..], Vec::as_slice);
        let numbered = elements.iter().enumerate();
        return numbered
            .map(|(number, element)| (format!("{at}[{number}]"), element))
            .collect();
    }
    let Some(value) = value.get(step) else {
        return Vec::new();
    };
    let dot = if at.is_empty() { "" } else { "." };
    vec![(format!("{at}{dot}{step}"), value)]
}

/// The first text at any of the paths that is not empty.
pub(super) fn text<'v>(value: &'v Value, paths: &[&str]) -> Option<&'v str> {
    paths
        .iter()
        .flat_map(|path| texts(value, path))
        .map(|(_, text)| text)
        .find(|text| !text.is_empty())
}

/// Whether the flag at that path is set.
pub(super) fn is_set(value: &Value, path: &str) -> bool {
    flag(value, path) == Some(true)
}

/// The flag at that path; `None` where there is none.
pub(super) fn flag(value: &Value, path: &str) -> Option<bool> {
    values(value, path).first()?.1.as_bool()
}

/// The texts of a list.
pub(super) fn list<'v>(value: &'v Value, path: &str) -> Vec<&'v str> {
    let path = format!("{path}.*");
    texts(value, &path)
        .into_iter()
        .map(|(_, text)| text)
        .collect()
}
