//! Sets of numbers as ranges: ports, and addresses.

/// A set of numbers: ranges with both ends, ascending, none touching the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    /// From `first` to `last`, both included; nothing where they are the wrong way round.
    pub(super) fn one(first: u128, last: u128) -> Self {
        Self(if first <= last {
            vec![(first, last)]
        } else {
            Vec::new()
        })
    }

    /// What any of these ranges holds.
    pub(super) fn of(ranges: impl IntoIterator<Item = (u128, u128)>) -> Self {
        let mut sorted: Vec<(u128, u128)> = ranges.into_iter().filter(|(a, b)| a <= b).collect();
        sorted.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match joined.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => joined.push((first, last)),
            }
        }
        Self(joined)
    }

    /// Whether it holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Its ranges, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u128, u128)> + '_ {
        self.0.iter().copied()
    }

    /// Whether it holds a number.
    pub(super) fn contains(&self, number: u128) -> bool {
        self.iter()
            .any(|(first, last)| (first..=last).contains(&number))
    }

    /// What either holds.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self::of(self.iter().chain(other.iter()))
    }

    /// What both hold.
    pub(super) fn and(&self, other: &Self) -> Self {
        let (mut one, mut two) = (0, 0);
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (self.0.get(one), other.0.get(two)) {
            let common = (a.0.max(b.0), a.1.min(b.1));
            if common.0 <= common.1 {
                both.push(common);
            }
            if a.1 < b.1 {
                one += 1;
            } else {
                two += 1;
            }
        }
        Self(both)
    }

    /// What `other` does not hold.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for (first, last) in self.iter() {
            let mut from = first;
            let mut open = true;
            for (a, b) in other.iter().filter(|(a, b)| *b >= first && *a <= last) {
                if a > from {
                    left.push((from, a - 1));
                }
                open = b < last;
                from = b.saturating_add(1);
            }
            if open {
                left.push((from, last));
            }
        }
        Self(left)
    }

    /// How many numbers it holds; stops at the largest.
    pub(super) fn count(&self) -> u128 {
        self.iter().fold(0, |sum: u128, (first, last)| {
            sum.saturating_add((last - first).saturating_add(1))
        })
    }

    /// Where a set that is constant between its bounds may change: the beginning of each range, and what follows its end.
    pub(super) fn bounds(&self) -> impl Iterator<Item = u128> + '_ {
        self.iter()
            .flat_map(|(first, last)| [first, last.saturating_add(1)])
    }
}
