//! A set of nodes, one bit each.

use crate::graph::NodeNumber;

/// Nodes of a graph; a million take 125 kB.
#[derive(Debug, Clone, Default)]
pub(super) struct NodeSet {
    words: Vec<u64>,
    count: usize,
}

impl NodeSet {
    /// None of `nodes` nodes.
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            words: vec![0; nodes.div_ceil(64)],
            count: 0,
        }
    }

    /// Adds a node; whether it is new.
    pub(super) fn insert(&mut self, node: NodeNumber) -> bool {
        let Some(word) = self.words.get_mut(node as usize / 64) else {
            return false;
        };
        let bit = 1 << (node % 64);
        let new = *word & bit == 0;
        *word |= bit;
        self.count += usize::from(new);
        new
    }

    /// Takes a node out.
    pub(super) fn remove(&mut self, node: NodeNumber) {
        if self.contains(node) {
            self.words[node as usize / 64] &= !(1 << (node % 64));
            self.count -= 1;
        }
    }

    pub(super) fn contains(&self, node: NodeNumber) -> bool {
        let word = self.words.get(node as usize / 64);
        word.is_some_and(|word| word & (1 << (node % 64)) != 0)
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = NodeNumber> + '_ {
        (0..).zip(&self.words).flat_map(|(at, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_come_back_in_order_and_once() {
        let mut set = NodeSet::new(200);
        for node in [130, 3, 64, 3, 63] {
            set.insert(node);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [3, 63, 64, 130]);
        set.remove(64);
        set.remove(64);
        assert_eq!((set.len(), set.contains(64)), (3, false));
        assert!(!set.insert(5000));
    }
}
