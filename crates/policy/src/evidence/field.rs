//! Reading fields of a resource as it stands, unknown values included.

use std::borrow::Cow;

use serde_json::Value;
use stance_model::Resource;

use super::datum::Datum;
use super::rule::{AliasTarget, Segment};
use crate::definition::plain_location_text;

/// A resource under evaluation.
#[derive(Debug)]
pub(crate) struct Subject<'a> {
    pub resource: &'a Resource,
    /// Last segment of the name.
    pub name: String,
    /// All segments of the name, `account/deployment`.
    pub full_name: String,
}

/// A step that was taken into a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// A value and the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Hit<'a> {
    pub path: Vec<Step<'a>>,
    pub datum: Datum<'a>,
}

impl Hit<'_> {
    /// JSON Pointer of the value, or of where it would be.
    pub(crate) fn pointer(&self) -> String {
        pointer(&self.path)
    }
}

/// JSON Pointer (RFC 6901) of a path.
pub(crate) fn pointer(path: &[Step<'_>]) -> String {
    let mut out = String::new();
    for step in path {
        out.push('/');
        match step {
            Step::Key(key) => out.push_str(&key.replace('~', "~0").replace('/', "~1")),
            Step::Index(index) => out.push_str(&index.to_string()),
        }
    }
    out
}

impl<'a> Subject<'a> {
    pub(crate) fn new(resource: &'a Resource) -> Self {
        let names = resource
            .id
            .provider_parts()
            .map(|(_, _, names)| names)
            .unwrap_or_default();
        let own = resource.name();
        let name = own.rsplit('/').next().unwrap_or(own).to_owned();
        let full_name = if own.contains('/') || names.len() < 2 {
            own.to_owned()
        } else {
            names.join("/")
        };
        Self {
            resource,
            name,
            full_name,
        }
    }

    /// The path of an alias in this resource; `None` where the alias is one of another type.
    pub(crate) fn path_of<'r>(&self, targets: &'r [AliasTarget]) -> Option<&'r [Segment]> {
        let target = targets
            .iter()
            .find(|target| target.resource_type == self.resource.resource_type)?;
        if let Some(version) = &self.resource.api_version
            && !target.versions.is_empty()
        {
            let version = version.to_ascii_lowercase();
            if let Some((_, path)) = target
                .versions
                .iter()
                .find(|(list, _)| list.contains(&version))
            {
                return Some(path);
            }
        }
        Some(&target.path)
    }

    /// The expression of an unknown that covers a path.
    pub(crate) fn unknown_at(&self, path: &[Step<'_>]) -> Option<String> {
        if self.resource.unknowns.is_empty() {
            return None;
        }
        self.resource
            .unknown_at(&pointer(path))
            // The unknown existence of the whole resource is judged once, not per field.
            .filter(|unknown| !unknown.pointer.is_empty())
            .map(|unknown| unknown.expression.clone())
    }

    /// The expression of an unknown below a path.
    fn unknown_below(&self, path: &[Step<'_>]) -> Option<String> {
        if self.resource.unknowns.is_empty() {
            return None;
        }
        let prefix = format!("{}/", pointer(path));
        self.resource
            .unknowns
            .iter()
            .find(|unknown| unknown.pointer.starts_with(&prefix))
            .map(|unknown| unknown.expression.clone())
    }

    /// The value at a path without wildcards.
    pub(crate) fn datum(&self, path: &[Step<'_>], value: Option<&'a Value>) -> Datum<'a> {
        if let Some(expression) = self.unknown_at(path) {
            return Datum::Unknown(expression);
        }
        match value {
            None => Datum::Absent,
            Some(value) if value.is_array() || value.is_object() => {
                match self.unknown_below(path) {
                    Some(expression) => Datum::Partial(Cow::Borrowed(value), expression),
                    None => Datum::borrowed(value),
                }
            }
            Some(value) => Datum::borrowed(value),
        }
    }

    /// Follows a path from the root.
    pub(crate) fn follow(&self, path: &'a [Segment]) -> Vec<Hit<'a>> {
        let mut hits = Vec::new();
        self.walk(Some(&self.resource.body), path, Vec::new(), &mut hits);
        hits
    }

    /// Follows the rest of a path from a value within.
    ///
    /// `[*]` over something that is no array yields one null element, as the language has it; a missing
    /// member yields one absent value.
    pub(crate) fn walk(
        &self,
        value: Option<&'a Value>,
        rest: &'a [Segment],
        mut taken: Vec<Step<'a>>,
        hits: &mut Vec<Hit<'a>>,
    ) {
        let mut current = value;
        for (at, segment) in rest.iter().enumerate() {
            match segment {
                Segment::Key(key) => {
                    let found = current.and_then(Value::as_object).and_then(|object| {
                        object.get_key_value(key).or_else(|| {
                            object
                                .iter()
                                .find(|(name, _)| name.eq_ignore_ascii_case(key))
                        })
                    });
                    taken.push(Step::Key(
                        found.map_or(key.as_str(), |(name, _)| name.as_str()),
                    ));
                    current = found.map(|(_, value)| value);
                }
                Segment::Each => {
                    let remaining = &rest[at + 1..];
                    if let Some(expression) = self.unknown_at(&taken) {
                        hits.push(Hit {
                            path: taken,
                            datum: Datum::Unknown(expression),
                        });
                        return;
                    }
                    let Some(items) = current.and_then(Value::as_array) else {
                        let datum = if remaining.is_empty() {
                            Datum::NULL
                        } else {
                            Datum::Absent
                        };
                        hits.push(Hit { path: taken, datum });
                        return;
                    };
                    for (index, item) in items.iter().enumerate() {
                        let mut inner = taken.clone();
                        inner.push(Step::Index(index));
                        self.walk(Some(item), remaining, inner, hits);
                    }
                    return;
                }
            }
        }
        let datum = self.datum(&taken, current);
        hits.push(Hit { path: taken, datum });
    }

    /// The region as it compares.
    pub(crate) fn location(&self) -> Datum<'a> {
        match self.datum(&[Step::Key("location")], self.resource.body.get("location")) {
            Datum::Known(value) => match value.as_str() {
                Some(text) => Datum::of(plain_location_text(text)),
                None => Datum::Known(value),
            },
            other => other,
        }
    }

    /// One of the two names.
    pub(crate) fn named(&self, text: &str) -> Datum<'a> {
        match self.unknown_at(&[Step::Key("name")]) {
            Some(expression) => Datum::Unknown(expression),
            None => Datum::of(text),
        }
    }
}
