//! The edges of a graph, sorted by the node they leave and by the node they enter.
//!
//! The compressed sparse row form: for each node the range of its edges. Both directions are made
//! by counting sort, in time linear in nodes and edges.

use super::budget::GraphError;

/// Most nodes, and most edges: numbers have 32 bits, the greatest one stands for none.
pub(crate) const MAX_NUMBER: usize = u32::MAX as usize - 1;

/// An edge as seen from one of its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// The node at the other end.
    pub(crate) node: u32,
    /// The edge's number.
    pub(crate) edge: u32,
}

/// Edges in the order of their rows.
#[derive(Debug, Default)]
pub(crate) struct EdgeList {
    /// Ends of each edge: the node it leaves and the node it enters.
    pub(crate) ends: Vec<(u32, u32)>,
    /// The row that each edge comes from.
    pub(crate) rows: Vec<u32>,
    /// For each edge the conditions that it meets, a bit each; empty where there are none.
    pub(crate) conditions: Vec<u16>,
}

/// A graph that can be walked in both directions.
#[derive(Debug)]
pub(crate) struct Graph {
    nodes: usize,
    out_offsets: Vec<u32>,
    /// Edge number → node that it enters.
    targets: Vec<u32>,
    /// Edge number → row of the edge table.
    rows: Vec<u32>,
    /// Edge number → conditions met; empty where there are none.
    conditions: Vec<u16>,
    in_offsets: Vec<u32>,
    in_links: Vec<Link>,
}

/// For each node the start of its range, and one more.
fn offsets(nodes: usize, ends: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut offsets = vec![0_u32; nodes + 1];
    for end in ends {
        if let Some(count) = offsets.get_mut(end as usize + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for offset in &mut offsets {
        sum += *offset;
        *offset = sum;
    }
    offsets
}

impl Graph {
    /// A graph of `nodes` nodes, which can be walked along its edges. Edges with ends beyond
    /// `nodes` must not be.
    ///
    /// # Errors
    /// Where there are more nodes or edges than 32 bits can number.
    pub(crate) fn new(nodes: usize, list: EdgeList) -> Result<Self, GraphError> {
        for (what, count) in [("nodes", nodes), ("edges", list.ends.len())] {
            if count > MAX_NUMBER {
                let limit = MAX_NUMBER as u64;
                return Err(GraphError::TooLarge { what, limit });
            }
        }
        let EdgeList {
            ends,
            rows: list_rows,
            conditions: list_conditions,
        } = list;
        let out_offsets = offsets(nodes, ends.iter().map(|end| end.0));
        let mut next = out_offsets.clone();
        let mut targets = vec![0; ends.len()];
        let mut rows = vec![0; ends.len()];
        let mut conditions = vec![0; list_conditions.len()];
        for (position, (source, target)) in ends.iter().enumerate() {
            let Some(slot) = next.get_mut(*source as usize) else {
                continue;
            };
            let edge = *slot as usize;
            *slot += 1;
            targets[edge] = *target;
            rows[edge] = list_rows[position];
            if !list_conditions.is_empty() {
                conditions[edge] = list_conditions[position];
            }
        }
        Ok(Self {
            nodes,
            out_offsets,
            targets,
            rows,
            conditions,
            in_offsets: Vec::new(),
            in_links: Vec::new(),
        })
    }

    /// Makes the graph one that can be walked against its edges too.
    pub(crate) fn index_backward(&mut self) {
        if !self.in_offsets.is_empty() {
            return;
        }
        let in_offsets = offsets(self.nodes, self.targets.iter().copied());
        let mut next = in_offsets.clone();
        let mut links = vec![Link { node: 0, edge: 0 }; self.targets.len()];
        for source in 0..self.nodes {
            for edge in self.out_edges(source as u32) {
                let slot = &mut next[self.targets[edge as usize] as usize];
                links[*slot as usize] = Link {
                    node: source as u32,
                    edge,
                };
                *slot += 1;
            }
        }
        self.in_offsets = in_offsets;
        self.in_links = links;
    }

    /// Number of nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.nodes
    }

    /// Number of edges.
    pub(crate) fn edges(&self) -> usize {
        self.targets.len()
    }

    /// Edges of a node on average, at least one.
    pub(crate) fn mean_degree(&self) -> f64 {
        (self.edges() as f64 / self.nodes.max(1) as f64).max(1.0)
    }

    /// Numbers of the edges that leave a node.
    #[inline]
    pub(crate) fn out_edges(&self, node: u32) -> std::ops::Range<u32> {
        self.out_offsets[node as usize]..self.out_offsets[node as usize + 1]
    }

    /// The node that an edge enters.
    #[inline]
    pub(crate) fn target(&self, edge: u32) -> u32 {
        self.targets[edge as usize]
    }

    /// Positions of the links of the edges that enter a node, for [`Self::in_link`]. None where the
    /// graph is not indexed backward.
    #[inline]
    pub(crate) fn in_positions(&self, node: u32) -> std::ops::Range<u32> {
        if self.in_offsets.is_empty() {
            return 0..0;
        }
        self.in_offsets[node as usize]..self.in_offsets[node as usize + 1]
    }

    /// A link of [`Self::in_positions`].
    #[inline]
    pub(crate) fn in_link(&self, position: u32) -> Link {
        self.in_links[position as usize]
    }

    /// Whether an edge meets all of these conditions.
    #[inline]
    pub(crate) fn meets(&self, edge: u32, wanted: u16) -> bool {
        wanted == 0
            || self
                .conditions
                .get(edge as usize)
                .is_none_or(|met| met & wanted == wanted)
    }

    /// The row of the edge table that an edge comes from.
    pub(crate) fn row(&self, edge: u32) -> u32 {
        self.rows[edge as usize]
    }

    /// Calls `visit` with every link out of a node along `out`, against `inward`, that meets the
    /// conditions; a loop counts once.
    #[inline]
    pub(crate) fn links(
        &self,
        node: u32,
        (out, inward): (bool, bool),
        wanted: u16,
        mut visit: impl FnMut(Link),
    ) {
        if out {
            for edge in self.out_edges(node) {
                if self.meets(edge, wanted) {
                    visit(Link {
                        node: self.target(edge),
                        edge,
                    });
                }
            }
        }
        if inward {
            for position in self.in_positions(node) {
                let link = self.in_link(position);
                if self.meets(link.edge, wanted) && !(out && link.node == node) {
                    visit(link);
                }
            }
        }
    }
}
