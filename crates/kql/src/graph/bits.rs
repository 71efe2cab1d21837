//! Sets of small numbers.

/// A set of numbers below a bound, one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bits {
    words: Vec<u64>,
    bound: usize,
}

impl Bits {
    /// The empty set of numbers below `bound`.
    pub(crate) fn empty(bound: usize) -> Self {
        Self {
            words: vec![0; bound.div_ceil(64)],
            bound,
        }
    }

    /// The numbers below `bound` for which `holds`.
    #[cfg(test)]
    pub(crate) fn of(bound: usize, holds: impl Fn(usize) -> bool) -> Self {
        let mut bits = Self::empty(bound);
        for number in (0..bound).filter(|number| holds(*number)) {
            bits.insert(number as u32);
        }
        bits
    }

    /// Adds a number; one beyond the bound is left out.
    pub(crate) fn insert(&mut self, number: u32) {
        if let Some(word) = self.words.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Whether a number is in the set.
    #[inline]
    pub(crate) fn has(&self, number: u32) -> bool {
        self.words
            .get(number as usize / 64)
            .is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// How many numbers are in the set.
    pub(crate) fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Keeps what is in the other set too.
    pub(crate) fn intersect(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// The numbers, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(position, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                Some(position as u32 * 64 + bit)
            })
        })
    }
}
