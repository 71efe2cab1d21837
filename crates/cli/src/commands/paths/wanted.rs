//! Which paths a command is about.

use stance_base::ErrorCode;
use stance_operations::exposure::{PathNode, PathRecord};
use stance_posture::risk::RiskLevel;

use crate::arguments::paths::{RiskArgument, WantedArguments};
use crate::failure::Failure;

/// Whether a path is asked for.
pub(super) fn wanted(path: &PathRecord, arguments: &WantedArguments) -> bool {
    let ends = ends_wanted(path.entry_node(), &arguments.entry)
        && ends_wanted(path.target_node(), &arguments.target);
    // The first node counts as an entry too: the internet stands before the resource that it reaches.
    let entry = ends || {
        let first = path.nodes.first();
        first.is_some_and(|node| ends_wanted(node, &arguments.entry))
            && ends_wanted(path.target_node(), &arguments.target)
    };
    let over = &arguments.over;
    entry
        && (over.is_empty() || path.nodes.iter().any(|node| ends_wanted(node, over)))
        && (arguments.rule.is_empty() || arguments.rule.contains(&path.rule))
        && arguments
            .risk
            .is_none_or(|least| path.risk.level >= level(least))
}

fn ends_wanted(node: &PathNode, texts: &[String]) -> bool {
    texts.is_empty()
        || texts.iter().any(|text| {
            let text = text.to_lowercase();
            node.id.contains(&text) || node.name.to_lowercase().contains(&text)
        })
}

fn level(argument: RiskArgument) -> RiskLevel {
    match argument {
        RiskArgument::Critical => RiskLevel::Critical,
        RiskArgument::High => RiskLevel::High,
        RiskArgument::Medium => RiskLevel::Medium,
        RiskArgument::Low => RiskLevel::Low,
    }
}

/// The paths that are asked for.
pub(super) fn select(
    paths: Vec<PathRecord>,
    id: Option<&str>,
    arguments: &WantedArguments,
) -> Result<Vec<PathRecord>, Failure> {
    let begins = |path: &PathRecord| id.is_none_or(|id| path.id.starts_with(&id.to_lowercase()));
    let found: Vec<PathRecord> = paths
        .into_iter()
        .filter(|path| begins(path) && wanted(path, arguments))
        .collect();
    match (id, found.is_empty()) {
        (Some(id), true) => Err(Failure::new(
            ErrorCode::NotFound,
            format!(
                "no attack path has an id that begins with `{id}`; `stance paths --format csv` lists them"
            ),
        )),
        _ => Ok(found),
    }
}
