//! Connected parts of a graph.

use super::budget::{Budget, GraphError};

/// Numbers the parts from 0, in the order of their first nodes.
fn numbered(part_of: &[u32]) -> Vec<u32> {
    let mut numbers = vec![u32::MAX; part_of.len()];
    let mut next = 0;
    part_of
        .iter()
        .map(|part| {
            let number = &mut numbers[*part as usize];
            if *number == u32::MAX {
                *number = next;
                next += 1;
            }
            *number
        })
        .collect()
}

/// The part of each node, where edges connect both ways: union and find with path halving.
///
/// # Errors
/// Where the budget is spent.
pub(crate) fn weak(
    nodes: usize,
    ends: &[(u32, u32)],
    budget: &mut Budget<'_>,
) -> Result<Vec<u32>, GraphError> {
    let mut parents: Vec<u32> = (0..nodes as u32).collect();
    for (source, target) in ends {
        budget.spend(1)?;
        let a = root(&mut parents, *source);
        let b = root(&mut parents, *target);
        // The smaller number stays on top.
        parents[a.max(b) as usize] = a.min(b);
    }
    let roots: Vec<u32> = (0..nodes as u32)
        .map(|node| root(&mut parents, node))
        .collect();
    Ok(numbered(&roots))
}

fn root(parents: &mut [u32], mut node: u32) -> u32 {
    while parents[node as usize] != node {
        let above = parents[parents[node as usize] as usize];
        parents[node as usize] = above;
        node = above;
    }
    node
}

/// The part of each node, where a part's nodes all reach one another along edges: Tarjan's
/// algorithm (SIAM J. Computing 1972) with a stack of its own.
///
/// # Errors
/// Where the budget is spent.
pub(crate) fn strong(
    graph: &super::Graph,
    budget: &mut Budget<'_>,
) -> Result<Vec<u32>, GraphError> {
    const NEW: u32 = u32::MAX;
    let count = graph.nodes();
    let mut index = vec![NEW; count];
    let mut low = vec![0; count];
    let mut part_of = vec![NEW; count];
    let mut open: Vec<u32> = Vec::new();
    let mut walk: Vec<(u32, u32)> = Vec::new();
    let mut next = 0;
    for first in 0..count as u32 {
        if index[first as usize] != NEW {
            continue;
        }
        walk.push((first, graph.out_edges(first).start));
        while let Some((node, cursor)) = walk.last_mut() {
            let node = *node;
            budget.spend(1)?;
            if index[node as usize] == NEW {
                index[node as usize] = next;
                low[node as usize] = next;
                next += 1;
                open.push(node);
            }
            if *cursor < graph.out_edges(node).end {
                let target = graph.target(*cursor);
                *cursor += 1;
                if index[target as usize] == NEW {
                    walk.push((target, graph.out_edges(target).start));
                } else if part_of[target as usize] == NEW {
                    low[node as usize] = low[node as usize].min(index[target as usize]);
                }
                continue;
            }
            walk.pop();
            if let Some((above, _)) = walk.last() {
                low[*above as usize] = low[*above as usize].min(low[node as usize]);
            }
            if low[node as usize] == index[node as usize] {
                while let Some(member) = open.pop() {
                    part_of[member as usize] = node;
                    if member == node {
                        break;
                    }
                }
            }
        }
    }
    Ok(numbered(&part_of))
}
