//! From `type`, `name`, `scope` and the resource around it to one id.

use super::fault::Fault;
use super::scope::{joined, provider_id};
use super::symbolic_text::{Hole, SymbolicText};

/// The resource that encloses a child.
#[derive(Debug, Clone)]
pub(super) struct Parent {
    pub(super) id: SymbolicText,
    pub(super) resource_type: String,
    pub(super) names: Vec<SymbolicText>,
}

/// What a declaration says about where it stands.
#[derive(Debug)]
pub(super) struct Declared<'d> {
    /// `type` as written.
    pub(super) resource_type: &'d str,
    /// `name`, evaluated.
    pub(super) name: &'d SymbolicText,
    /// Id of the scope the resource is deployed to; empty for the tenant.
    pub(super) base: &'d SymbolicText,
    /// The resource it is written inside of.
    pub(super) parent: Option<&'d Parent>,
}

/// Full type, names of all its levels, and id.
#[derive(Debug, Clone)]
pub(super) struct Located {
    pub(super) id: SymbolicText,
    pub(super) resource_type: String,
    pub(super) names: Vec<SymbolicText>,
    /// What is wrong with type or name; the id is as good as it can be.
    pub(super) fault: Option<Fault>,
}

/// Works out the id. Children may be written with short or full types and names, extension resources
/// inside their target, with `scope` (already in `base`), or in the old `…/providers/…` spelling.
pub(super) fn locate(declared: &Declared<'_>) -> Located {
    let types: Vec<&str> = declared.resource_type.split('/').collect();
    let names = declared.name.split(&["/"]);
    if let Some(at) = types
        .iter()
        .rposition(|segment| segment.eq_ignore_ascii_case("providers"))
    {
        return old_extension(declared, &types[..at], &types[at + 1..], &names);
    }
    let Some(parent) = declared.parent else {
        return under(declared.base, declared.resource_type, &types, names);
    };
    let short = !types[0].contains('.');
    let full = is_below(declared.resource_type, &parent.resource_type);
    if !short && !full {
        // Another namespace inside a resource: an extension of that resource.
        return under(&parent.id, declared.resource_type, &types, names);
    }
    let resource_type = if short {
        format!("{}/{}", parent.resource_type, declared.resource_type)
    } else {
        declared.resource_type.to_owned()
    };
    let levels = resource_type.split('/').count() - 1;
    let own_levels = levels.saturating_sub(parent.names.len());
    let (mut all, fault) = fit(names, own_levels, levels, &resource_type);
    if all.len() < levels {
        all = parent.names.iter().cloned().chain(all).collect();
    }
    let own_types: Vec<&str> = resource_type
        .split('/')
        .skip(1 + parent.names.len())
        .collect();
    let mut id = parent.id.clone();
    for (kind, name) in own_types
        .iter()
        .zip(&all[parent.names.len().min(all.len())..])
    {
        id.push_literal(&format!("/{kind}/"));
        id = joined(&[&id, name]);
    }
    Located {
        id,
        resource_type,
        names: all,
        fault,
    }
}

fn is_below(resource_type: &str, parent: &str) -> bool {
    resource_type.len() > parent.len()
        && resource_type.is_char_boundary(parent.len())
        && resource_type[..parent.len()].eq_ignore_ascii_case(parent)
        && resource_type[parent.len()..].starts_with('/')
}

fn under(
    base: &SymbolicText,
    resource_type: &str,
    types: &[&str],
    names: Vec<SymbolicText>,
) -> Located {
    let levels = types.len() - 1;
    if levels == 0 || !types[0].contains('.') {
        let fault = Fault::new(
            "ARM0011",
            format!("`{resource_type}` is no resource type"),
            "Write the type as `Namespace.Name/type`.",
        );
        let id = provider_id(base, resource_type, &names);
        return Located {
            id,
            resource_type: resource_type.to_owned(),
            names,
            fault: Some(fault),
        };
    }
    let (names, fault) = fit(names, levels, levels, resource_type);
    let id = provider_id(base, resource_type, &names);
    Located {
        id,
        resource_type: resource_type.to_owned(),
        names,
        fault,
    }
}

/// Makes names as many as types have levels: `short` of them, or `long` with the parent's in front.
fn fit(
    names: Vec<SymbolicText>,
    short: usize,
    long: usize,
    resource_type: &str,
) -> (Vec<SymbolicText>, Option<Fault>) {
    if names.len() == short || names.len() == long {
        return (names, None);
    }
    let whole = names
        .iter()
        .flat_map(SymbolicText::parts)
        .any(|part| matches!(part, super::symbolic_text::Part::Hole(_)));
    if whole && names.len() < long {
        // An unknown name holds several segments: each is shown as a piece of it.
        let mut pieces = names;
        let last = pieces.pop().unwrap_or_default();
        let missing = long - pieces.len();
        for index in 0..missing {
            let source = format!("split({}, '/')[{index}]", last.source());
            pieces.push(SymbolicText::hole(Hole::of_call(&source)));
        }
        return (pieces, None);
    }
    let fault = Fault::new(
        "ARM0011",
        format!(
            "the name has {} segments where the type `{resource_type}` wants {long}",
            names.len()
        ),
        "Give a name one segment for each segment of the type after the namespace, such as `account/deployment`.",
    );
    let mut fitted = names;
    while fitted.len() < long {
        fitted.push(SymbolicText::hole(Hole::of_call("missing")));
    }
    let extra = fitted.len() - long;
    (fitted.split_off(extra), Some(fault))
}

/// `Microsoft.X/accounts/providers/diagnosticSettings` named `account/Microsoft.Insights/setting`.
fn old_extension(
    declared: &Declared<'_>,
    target: &[&str],
    own: &[&str],
    names: &[SymbolicText],
) -> Located {
    let target_levels = target.len().saturating_sub(1);
    let (base, rest) = match declared.parent {
        Some(parent) if target.is_empty() => (parent.id.clone(), names),
        _ => {
            let cut = target_levels.min(names.len());
            (
                provider_id(declared.base, &target.join("/"), &names[..cut]),
                &names[cut..],
            )
        }
    };
    let named_namespace = own.first().is_some_and(|first| first.contains('.'));
    let (namespace, kinds, rest) = match (named_namespace, rest.split_first()) {
        (true, _) => (own[0].to_owned(), &own[1..], rest),
        (false, Some((first, rest))) => (first.shown(), own, rest),
        (false, None) => (String::new(), own, rest),
    };
    let resource_type = format!("{namespace}/{}", kinds.join("/"));
    let (names, fault) = fit(rest.to_vec(), kinds.len(), kinds.len(), &resource_type);
    let id = provider_id(&base, &resource_type, &names);
    Located {
        id,
        resource_type,
        names,
        fault,
    }
}
