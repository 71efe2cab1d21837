//! One declared resource to the resource of its cloud.

use serde_json::{Map, Value as Json};
use stance_model::{Origin, Resource};

use super::applier::Applier;
use super::body::{Body, Source, pointer};
use super::frame::{Frame, finished};
use super::identity::Filler;
use super::{azapi, google_iam, mappings};
use crate::stream::Place;
use crate::terraform::evaluate::Surroundings;
use crate::terraform::value::Gap;

/// A resource as source, plan and state tell it: blocks are lists of objects.
#[derive(Debug, Clone)]
pub(in crate::terraform) struct Declared {
    pub(in crate::terraform) address: String,
    pub(in crate::terraform) kind: String,
    pub(in crate::terraform) values: Map<String, Json>,
    pub(in crate::terraform) gaps: Vec<Gap>,
    pub(in crate::terraform) positions: Vec<(String, Place)>,
    pub(in crate::terraform) file: String,
    pub(in crate::terraform) place: Place,
    /// Why it may not exist.
    pub(in crate::terraform) doubt: Option<String>,
    pub(in crate::terraform) origin: Origin,
}

/// What became of it.
#[derive(Debug)]
pub(in crate::terraform) enum Mapped {
    Resource(Box<Resource>),
    /// It only adds to another resource.
    Part {
        target: String,
        part: Body,
        file: String,
        place: Place,
        doubt: Option<String>,
    },
    /// The type is not mapped.
    Not,
}

pub(in crate::terraform) fn map(declared: &Declared, around: &Surroundings) -> Mapped {
    let filler = Filler {
        address: &declared.address,
        values: &declared.values,
        gaps: &declared.gaps,
        around,
        mapping: mappings().get(&declared.kind),
    };
    if azapi::TYPES.contains(&declared.kind.as_str()) {
        return azapi::map(declared, &filler);
    }
    if let Some(found) = google_iam::map(declared, &filler) {
        return found;
    }
    let Some(mapping) = filler.mapping else {
        return Mapped::Not;
    };
    let source = Source::new(&declared.values, &declared.gaps, &declared.positions);
    let mut body = Body::default();
    let mut applier = Applier {
        mapping,
        source: &source,
        body: &mut body,
    };
    for rule in &mapping.rules {
        applier.rule(rule);
    }
    if let Some(style) = mapping.data.style {
        applier.the_rest(style);
    }
    for (path, value) in &mapping.data.defaults {
        set_default(&mut body, path, value);
    }
    if let Some(target) = &mapping.data.merge {
        return match filler.fill(target, true) {
            Some(target) => Mapped::Part {
                target,
                part: body,
                file: declared.file.clone(),
                place: declared.place,
                doubt: declared.doubt.clone(),
            },
            None => Mapped::Not,
        };
    }
    let Some(id) = super::id_of(
        &declared.kind,
        &declared.address,
        &declared.values,
        &declared.gaps,
        around,
    ) else {
        return Mapped::Not;
    };
    let names = if mapping.data.name.is_empty() {
        vec!["{name}".to_owned(), "{address}".to_owned()]
    } else {
        mapping.data.name.clone()
    };
    let name = filler.first(&names).unwrap_or_default();
    let frame = Frame {
        id,
        name,
        native: mapping.data.native.clone(),
        cloud: mapping.cloud,
        parent: mapping
            .data
            .parent
            .as_ref()
            .and_then(|parent| filler.fill(parent, false)),
    };
    Mapped::Resource(Box::new(finished(declared, &source, &filler, body, frame)))
}

fn set_default(body: &mut Body, path: &str, value: &Json) {
    let Ok(segments) = super::rules::segments(path) else {
        return;
    };
    let named: Vec<(&str, Option<usize>)> = segments
        .iter()
        .map(|segment| (segment.name.as_str(), None))
        .collect();
    let at = pointer(&named);
    let unknown = body.unknowns.iter().any(|unknown| {
        at.strip_prefix(unknown.pointer.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if !unknown && body.at(&segments).is_none() {
        body.put(&named, value.clone());
    }
}
