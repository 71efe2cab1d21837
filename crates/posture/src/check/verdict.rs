//! What the rows of a check's query mean for a resource.

use serde_json::Value;
use stance_model::{Evidence, FindingState, Resource, Unknown};

use super::Check;

/// What a query says of one resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CheckRow {
    /// Column `healthy`.
    pub healthy: Option<bool>,
    /// Column `cause`; empty where there is none.
    pub cause: String,
    /// Every other column.
    pub evidence: Vec<(String, Value)>,
}

/// A check's verdict on one resource.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckVerdict {
    /// The state.
    pub state: FindingState,
    /// Why, in one sentence.
    pub cause: String,
    /// What it stands on.
    pub evidence: Vec<Evidence>,
}

/// The verdict on `resource`, of which the query gave `row`. `collected` says whether every resource of a
/// type was read where the resource lies.
pub fn judge(
    check: &Check,
    resource: &Resource,
    row: Option<&CheckRow>,
    collected: &dyn Fn(&str) -> bool,
) -> CheckVerdict {
    let verdict = |state, cause: String| CheckVerdict {
        state,
        cause,
        evidence: evidence(check, resource, row),
    };
    if let Some(unknown) = open_value(check, resource) {
        let cause = format!(
            "what the check reads is not known: {}",
            shortened(&unknown.expression)
        );
        return verdict(FindingState::Unknown, cause);
    }
    let Some(row) = row else {
        let cause = "the check does not concern this resource".to_owned();
        return verdict(FindingState::NotApplicable, cause);
    };
    let said = |otherwise: &str| {
        if row.cause.is_empty() {
            otherwise.to_owned()
        } else {
            row.cause.clone()
        }
    };
    match row.healthy {
        Some(true) => verdict(FindingState::Healthy, said("the check passes")),
        None => verdict(
            FindingState::Unknown,
            said("what the check reads was not collected"),
        ),
        Some(false) => {
            let missing = check.absence.iter().find(|name| !collected(name));
            match missing {
                Some(name) => verdict(
                    FindingState::Unknown,
                    format!("whether there is a {name} is not known: they were not all collected"),
                ),
                None => verdict(FindingState::Unhealthy, said(&told(check, resource))),
            }
        }
    }
}

/// What is unknown at, above or below a path that the check reads.
fn open_value<'a>(check: &Check, resource: &'a Resource) -> Option<&'a Unknown> {
    let within = |inner: &str, outer: &str| {
        inner
            .strip_prefix(outer)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    resource.unknowns.iter().find(|unknown| {
        unknown.pointer.is_empty()
            || check
                .reads
                .iter()
                .map(|path| pointer(path))
                .any(|read| within(&read, &unknown.pointer) || within(&unknown.pointer, &read))
    })
}

/// JSON Pointer of a path, up to its first `[*]`.
fn pointer(path: &str) -> String {
    let known = path.split("[*]").next().unwrap_or_default();
    let mut pointer = String::new();
    for part in known.split('.').filter(|part| !part.is_empty()) {
        pointer.push('/');
        pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
    }
    pointer
}

fn evidence(check: &Check, resource: &Resource, row: Option<&CheckRow>) -> Vec<Evidence> {
    let mut all = Vec::new();
    for path in &check.reads {
        let pointer = pointer(path);
        let value = resource
            .body
            .pointer(&pointer)
            .cloned()
            .unwrap_or(Value::Null);
        all.push(evidence_at(resource, path, value, &pointer));
    }
    for (name, value) in row.into_iter().flat_map(|row| &row.evidence) {
        all.push(evidence_at(resource, name, value.clone(), ""));
    }
    all
}

fn evidence_at(resource: &Resource, field: &str, value: Value, pointer: &str) -> Evidence {
    let place = resource.location_of(pointer);
    let has_lines = !resource.positions.is_empty() && place.line > 0;
    let source = if has_lines {
        format!("{}:{}:{}", place.file, place.line, place.column)
    } else {
        resource.id.as_str().to_owned()
    };
    Evidence {
        field: field.to_owned(),
        value,
        source,
        condition: String::new(),
        location: has_lines.then_some(place),
    }
}

/// The first value that was read, in words.
fn told(check: &Check, resource: &Resource) -> String {
    let Some(path) = check.reads.first() else {
        return "the check fails".to_owned();
    };
    match resource.body.pointer(&pointer(path)) {
        None | Some(Value::Null) => format!("`{path}` is not set"),
        Some(value) => format!("`{path}` is {}", shortened(&value.to_string())),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::read_check;
    use serde_json::json;
    use stance_model::{Cloud, Origin, SourceLocation};

    fn check() -> Check {
        read_check(
            "{name: a, displayName: A, description: d, cloud: AWS, severity: Low, types: [x], absence: [y],
              reads: [properties.A.B], query: Resources}",
        )
        .unwrap_or_else(|reason| unreachable!("{reason}"))
    }

    fn resource(unknown: Option<&str>) -> Resource {
        let body =
            json!({"id": "arn:aws:x:::r", "name": "r", "type": "x", "properties": {"A": {"B": 1}}});
        let mut resource = Resource::new(
            Cloud::Aws,
            Origin::Live,
            SourceLocation::default(),
            body.as_object().cloned().unwrap_or_default(),
        );
        resource.unknowns = unknown
            .map(|pointer| Unknown {
                pointer: pointer.to_owned(),
                expression: "!Ref X".to_owned(),
            })
            .into_iter()
            .collect();
        resource
    }

    fn state(unknown: Option<&str>, healthy: Option<bool>, collected: bool) -> FindingState {
        let row = CheckRow {
            healthy,
            ..CheckRow::default()
        };
        judge(&check(), &resource(unknown), Some(&row), &|_| collected).state
    }

    #[test]
    fn a_row_decides_where_all_is_known() {
        assert_eq!(state(None, Some(true), false), FindingState::Healthy);
        assert_eq!(state(None, Some(false), true), FindingState::Unhealthy);
        assert_eq!(state(None, None, true), FindingState::Unknown);
        let none = judge(&check(), &resource(None), None, &|_| true);
        assert_eq!(none.state, FindingState::NotApplicable);
    }

    #[test]
    fn what_was_not_collected_is_not_missing() {
        assert_eq!(state(None, Some(false), false), FindingState::Unknown);
    }

    #[test]
    fn unknown_values_at_above_and_below_a_path_count_and_others_do_not() {
        for pointer in ["", "/properties/A", "/properties/A/B", "/properties/A/B/0"] {
            let state = state(Some(pointer), Some(true), true);
            assert_eq!(state, FindingState::Unknown, "{pointer}");
        }
        for pointer in ["/properties/A/Bc", "/properties/C", "/tags"] {
            let state = state(Some(pointer), Some(true), true);
            assert_eq!(state, FindingState::Healthy, "{pointer}");
        }
    }
}
