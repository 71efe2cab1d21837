//! Nodes and edges out of the inventory. Each maker reads resources and adds to the draft; none knows another.

mod aws;
mod azure;
mod contain;
mod google;
pub mod network;

use crate::graph::GraphDraft;
use crate::inventory::Inventory;
use crate::vocabulary::Vocabulary;

/// What every maker is given.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// The resources.
    pub inventory: &'a Inventory,
    /// The words.
    pub vocabulary: &'a Vocabulary,
}

/// Adds everything that can be computed from resources alone.
pub fn build(sources: Sources<'_>, draft: &mut GraphDraft) {
    contain::add(sources, draft);
    azure::add(sources, draft);
    aws::add(sources, draft);
    google::add(sources, draft);
    network::add(sources, draft);
}
