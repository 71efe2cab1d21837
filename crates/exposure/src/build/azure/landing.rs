//! Where operations that are granted at a scope really hold: at the scope, or below it, around what is blocked.

use std::collections::HashMap;
use std::rc::Rc;

use super::blocks::{Block, Blocks};
use super::operations::{OperationSet, Operations};
use super::places::Places;
use crate::vocabulary::{CapabilitySet, Vocabulary};

/// Most places that one grant is spread over.
const MOST: usize = 10_000;

/// Where a grant holds.
#[derive(Debug, Default)]
pub(super) struct Landing {
    /// Places and what holds there and in everything they contain.
    pub(super) spots: Vec<(String, CapabilitySet)>,
    /// More places than fit: what would hold at the others was left out.
    pub(super) is_bounded: bool,
}

/// Finds landings, each once.
#[derive(Debug)]
pub(super) struct Landings<'a> {
    operations: &'a Operations,
    places: &'a Places,
    blocks: &'a Blocks,
    vocabulary: &'a Vocabulary,
    /// The pairs about anything at or below a place; filled where there are blocks.
    about: HashMap<&'a str, CapabilitySet>,
    known: HashMap<(String, OperationSet, Vec<usize>), Rc<Landing>>,
}

impl<'a> Landings<'a> {
    pub(super) fn of(
        operations: &'a Operations,
        places: &'a Places,
        blocks: &'a Blocks,
        vocabulary: &'a Vocabulary,
    ) -> Self {
        let mut about: HashMap<&str, CapabilitySet> = HashMap::new();
        if !blocks.all.is_empty() {
            for (id, place) in places.all() {
                let own = vocabulary.on_label(&place.label);
                for at in std::iter::once(id).chain(places.above(id)) {
                    let known = about.entry(at).or_default();
                    // What a place above knew already, the places above it know too.
                    if at != id && own.without(*known).is_empty() {
                        break;
                    }
                    *known = known.or(own);
                }
            }
        }
        Self {
            operations,
            places,
            blocks,
            vocabulary,
            about,
            known: HashMap::new(),
        }
    }

    /// Where these operations, granted at a place to a principal that these blocks bear on, hold.
    pub(super) fn find(
        &mut self,
        place: &str,
        granted: OperationSet,
        against: &[usize],
    ) -> Rc<Landing> {
        let key = (place.to_owned(), granted, against.to_vec());
        if let Some(known) = self.known.get(&key) {
            return Rc::clone(known);
        }
        let landing = Rc::new(self.spread(place, granted, against));
        self.known.insert(key, Rc::clone(&landing));
        landing
    }

    fn spread(&self, scope: &str, granted: OperationSet, against: &[usize]) -> Landing {
        let mut held = granted;
        for above in self.places.above(scope) {
            let blocks = self.blocks.at(above, against);
            take(&mut held, blocks.filter(|block| !block.only_itself));
        }
        let mut landing = Landing::default();
        let mut left = vec![(scope.to_owned(), held, self.operations.pairs(granted))];
        while let Some((place, mut held, mask)) = left.pop() {
            let here = self.blocks.at(&place, against);
            take(&mut held, here.filter(|block| !block.only_itself));
            let mut pairs = self.operations.pairs(held).and(mask);
            if place != scope {
                pairs = pairs.and(self.about(&place));
            }
            let risky = self.risky(&place, held, pairs, against);
            let safe = pairs.without(risky);
            if !safe.is_empty() {
                if landing.spots.len() == MOST {
                    landing.is_bounded = true;
                    break;
                }
                landing.spots.push((place.clone(), safe));
            }
            if risky.is_empty() {
                continue;
            }
            for child in self.places.children(&place) {
                left.push((child.clone(), held, risky));
            }
        }
        landing
    }

    /// The pairs that do not hold for everything in a place.
    fn risky(
        &self,
        place: &str,
        held: OperationSet,
        pairs: CapabilitySet,
        against: &[usize],
    ) -> CapabilitySet {
        if pairs.is_empty() {
            return pairs;
        }
        let here = self
            .blocks
            .at(place, against)
            .filter(|block| block.only_itself);
        let below = self.blocks.below(place, against);
        let mut left = held;
        let mut about = CapabilitySet::EMPTY;
        let bears = |block: &&Block| !block.operations.and(held).is_empty();
        let (firm, soft): (Vec<&Block>, Vec<&Block>) = here
            .chain(below)
            .filter(bears)
            .partition(|block| block.set_aside_by.is_empty());
        // What a deny assignment takes sets nothing aside any more.
        for block in firm.into_iter().chain(soft) {
            if block.set_aside_by.and(left).is_empty() {
                left = left.without(block.operations);
                // A block bears on what its own operations grant, whatever others take nearby.
                let touched = self.operations.pairs(block.operations.and(held));
                about = about.or(self.about_block(block).and(touched));
            }
        }
        pairs.without(self.operations.pairs(left)).and(about)
    }

    fn about(&self, place: &str) -> CapabilitySet {
        self.about.get(place).copied().unwrap_or_default()
    }

    fn about_block(&self, block: &Block) -> CapabilitySet {
        if !block.only_itself {
            return self.about(&block.place);
        }
        let label = self
            .places
            .get(&block.place)
            .map(|place| place.label.as_str());
        self.vocabulary.on_label(label.unwrap_or_default())
    }
}

fn take<'a>(held: &mut OperationSet, blocks: impl Iterator<Item = &'a Block>) {
    // Deny assignments come first.
    for block in blocks {
        if block.set_aside_by.and(*held).is_empty() {
            *held = held.without(block.operations);
        }
    }
}
