//! Nodes that lead nowhere are taken out before a search.
//!
//! The steps of a plan are gone through from the last to the first. Where a step must end in few
//! nodes, those are walked back from: what cannot reach them within the step is no candidate of the
//! step's start, and inside a variable-length edge the distances tell which way is a blind alley.
//! That is the reduction by semi-joins of acyclic joins (Yannakakis, VLDB 1981), done where it
//! costs less than the search it saves. Repeated edges and nodes are not looked at, so nothing is
//! taken out that could be part of a match.

use super::adjacency::Graph;
use super::bits::Bits;
use super::budget::{Budget, GraphError};
use super::pattern::Pattern;
use super::plan::{Plan, Step};

/// A distance that is too far.
pub(crate) const FAR: u8 = u8::MAX;

/// Whether [`prune`] walks a step back, which needs both directions of the graph.
pub(crate) fn worthwhile(pattern: &Pattern, plan: &Plan, graph: &Graph) -> Vec<bool> {
    let degree = graph.mean_degree();
    let limit = 2.0 * graph.edges() as f64;
    let mut forward = pattern.candidates(plan.start, graph.nodes()) as f64;
    let mut restricted = vec![false; pattern.nodes.len()];
    for (variable, known) in pattern.nodes.iter().zip(&mut restricted) {
        *known = variable.candidates.is_some();
    }
    let mut costs = Vec::with_capacity(plan.steps.len());
    for step in &plan.steps {
        let hops = step.hops.1.min(64);
        forward *= degree.powi(hops as i32);
        costs.push(forward);
    }
    let mut chosen = vec![false; plan.steps.len()];
    for (index, step) in plan.steps.iter().enumerate().rev() {
        let is_restricted = restricted.get(step.to).copied().unwrap_or(false);
        if step.closes || !is_restricted || u32::from(FAR) <= step.hops.1 {
            continue;
        }
        let ends = pattern.candidates(step.to, graph.nodes()) as f64;
        let back = (ends * degree.powi(step.hops.1.min(64) as i32)).min(limit);
        if costs[index] > back && (step.hops.1 > 1 || index > 0) {
            chosen[index] = true;
            if step.hops.0 > 0
                && let Some(from) = restricted.get_mut(step.from)
            {
                *from = true;
            }
        }
    }
    chosen
}

/// Narrows the candidates of the pattern and gives the chosen steps their distances. The graph must
/// be indexed backward.
///
/// # Errors
/// Where the budget is spent.
pub(crate) fn prune(
    pattern: &mut Pattern,
    plan: &mut Plan,
    graph: &Graph,
    chosen: &[bool],
    budget: &mut Budget<'_>,
) -> Result<(), GraphError> {
    for (step, _) in plan
        .steps
        .iter_mut()
        .zip(chosen)
        .rev()
        .filter(|(_, chosen)| **chosen)
    {
        let distances = distances(pattern, step, graph, budget)?;
        let (least, most) = step.hops;
        if least > 0 {
            let reaches = reaching(pattern, step, graph, &distances, budget)?;
            if let Some(from) = pattern.nodes.get_mut(step.from) {
                match &mut from.candidates {
                    Some(candidates) => candidates.intersect(&reaches),
                    None => from.candidates = Some(reaches),
                }
            }
        }
        if most > 1 {
            step.distances = Some(distances);
        }
    }
    Ok(())
}

/// Least number of hops from each node to an end of the step, over nodes that may lie between.
fn distances(
    pattern: &Pattern,
    step: &Step,
    graph: &Graph,
    budget: &mut Budget<'_>,
) -> Result<Vec<u8>, GraphError> {
    let mut distances = vec![FAR; graph.nodes()];
    let mut front: Vec<u32> = Vec::new();
    if let Some(ends) = &pattern.nodes[step.to].candidates {
        front.extend(ends.iter());
    }
    for node in &front {
        distances[*node as usize] = 0;
    }
    let inner = pattern.edges[step.edge].inner.as_ref();
    let back = (step.ways.1, step.ways.0);
    // The last hop before the end leaves the step's start, which the caller looks at by itself.
    for hop in 1..step.hops.1 {
        let mut next = Vec::new();
        for node in &front {
            let mut steps = 1;
            graph.links(*node, back, step.conditions, |link| {
                steps += 1;
                let known = &mut distances[link.node as usize];
                if *known == FAR && inner.is_none_or(|inner| inner.has(link.node)) {
                    *known = hop as u8;
                    next.push(link.node);
                }
            });
            budget.spend(steps)?;
        }
        if next.is_empty() {
            break;
        }
        front = next;
    }
    Ok(distances)
}

/// Nodes with a link to a node that is near enough to an end.
fn reaching(
    pattern: &Pattern,
    step: &Step,
    graph: &Graph,
    distances: &[u8],
    budget: &mut Budget<'_>,
) -> Result<Bits, GraphError> {
    let mut reaching = Bits::empty(graph.nodes());
    let back = (step.ways.1, step.ways.0);
    let is_end = |node: u32| pattern.admits(step.to, node);
    let inner = pattern.edges[step.edge].inner.as_ref();
    for (node, distance) in distances.iter().enumerate() {
        let node = node as u32;
        if *distance == FAR {
            continue;
        }
        // An end that may not lie between is only met as the last node.
        let usable = is_end(node) || inner.is_none_or(|inner| inner.has(node));
        if !usable || u32::from(*distance) + 1 > step.hops.1 {
            continue;
        }
        let mut steps = 1;
        graph.links(node, back, step.conditions, |link| {
            steps += 1;
            reaching.insert(link.node);
        });
        budget.spend(steps)?;
    }
    Ok(reaching)
}
