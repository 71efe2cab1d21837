//! The exposure graph: how would one get in, what would they reach, which change cuts most.
//!
//! Resources become a [`GraphDraft`] of nodes and edges, each edge with its evidence; the closed [`Graph`] is searched
//! for attack paths. Knows no engine and no storage.
//!
//! Arrows run the way an attack would: from a channel to the agent it triggers, from data to what it grounds, from a
//! resource to the identity it can authenticate as.

mod authority;
pub mod build;
pub mod choke;
mod effect;
pub mod graph;
mod inventory;
pub mod path;
pub mod rule;
pub mod search;
mod vocabulary;

pub use authority::effective;
pub use effect::{Effect, Effects};
pub use graph::{
    Confidence, Edge, EdgeDraft, Evidence, Graph, GraphDraft, InsightDraft, Node, NodeDraft, labels,
};
pub use inventory::Inventory;
pub use vocabulary::{CapabilitySet, Vocabulary, VocabularyError};
