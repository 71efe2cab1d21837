//! Matches, and who receives them.

use super::budget::GraphError;

/// Receives matches.
pub(crate) trait Sink {
    /// What can go wrong.
    type Error: From<GraphError>;

    /// Takes a match.
    ///
    /// # Errors
    /// Ends the search.
    fn take(&mut self, found: &Found<'_>) -> Result<(), Self::Error>;

    /// Takes this many matches that nobody looks at, where [`Self::counts_only`].
    ///
    /// # Errors
    /// Ends the search.
    fn count(&mut self, _matches: u64) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Whether matches are only counted.
    fn counts_only(&self) -> bool {
        false
    }
}

/// A match.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The node of each node variable.
    pub(crate) nodes: &'a [u32],
    /// For each pattern edge where its part of the trail starts and ends, and whether it was gone
    /// from its right to its left.
    parts: &'a [(usize, usize, bool)],
    trail_edges: &'a [u32],
    trail_nodes: &'a [u32],
}

impl<'a> Found<'a> {
    /// A match of these parts.
    pub(crate) fn new(
        nodes: &'a [u32],
        parts: &'a [(usize, usize, bool)],
        trail_edges: &'a [u32],
        trail_nodes: &'a [u32],
    ) -> Self {
        Self {
            nodes,
            parts,
            trail_edges,
            trail_nodes,
        }
    }

    /// The edges of a pattern edge, from its left to its right.
    pub(crate) fn edges(&self, edge: usize, each: impl FnMut(u32)) {
        let (start, end, reversed) = self.part(edge);
        let edges = self.trail_edges.get(start..end).unwrap_or_default();
        if reversed {
            edges.iter().rev().copied().for_each(each);
        } else {
            edges.iter().copied().for_each(each);
        }
    }

    /// The nodes between the edges of a pattern edge, from its left to its right.
    pub(crate) fn inner_nodes(&self, edge: usize, each: impl FnMut(u32)) {
        let (start, end, reversed) = self.part(edge);
        let end = end.max(start + 1) - 1;
        let nodes = self.trail_nodes.get(start..end).unwrap_or_default();
        if reversed {
            nodes.iter().rev().copied().for_each(each);
        } else {
            nodes.iter().copied().for_each(each);
        }
    }

    fn part(&self, edge: usize) -> (usize, usize, bool) {
        self.parts.get(edge).copied().unwrap_or((0, 0, false))
    }
}
