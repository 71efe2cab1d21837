//! Graphs in memory and searches in them: plain data and algorithms.
//!
//! Nodes are numbered densely from 0 ([`numbering`]), edges by their place in the forward index
//! ([`adjacency`]), both in 32 bits. A search is a [`Pattern`]; [`Plan`] says where it starts and in
//! which order it goes along the pattern's edges, and [`prune`] takes out nodes that lead nowhere.
//! [`Search`] then walks depth first with a stack of its own; [`reach`] and [`shortest`] go breadth
//! first. Whatever walks spends from a [`Budget`], so that no search is without end.

pub(crate) mod adjacency;
pub(crate) mod bits;
pub(crate) mod budget;
pub(crate) mod components;
pub(crate) mod found;
pub(crate) mod numbering;
pub(crate) mod pattern;
pub(crate) mod plan;
pub(crate) mod prune;
pub(crate) mod reach;
pub(crate) mod search;
pub(crate) mod shortest;
mod shortest_paths;
#[cfg(test)]
mod tests;

pub(crate) use adjacency::{EdgeList, Graph};
pub(crate) use bits::Bits;
pub(crate) use budget::GraphError;
pub(crate) use found::{Found, Sink};
pub(crate) use pattern::{Cycles, Direction, NodeVariable, Pattern, PatternEdge};
pub(crate) use plan::Plan;
pub(crate) use search::Search;
