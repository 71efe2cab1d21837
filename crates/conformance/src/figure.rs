//! A count with what is missing from it.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A record that does not count, and why.
#[derive(Debug, Clone)]
pub struct Miss {
    /// What of the language it is about: misses are listed by it.
    pub construct: String,
    /// Where the record stands: source or page, and position in its file from 1.
    pub place: String,
    /// All that helps to mend it.
    pub detail: String,
}

/// How many records of a corpus are as they should be.
#[derive(Debug, Default, Clone)]
pub struct Figure {
    /// Records looked at.
    pub total: usize,
    /// The others.
    pub misses: Vec<Miss>,
}

impl Figure {
    /// Counts one record.
    pub fn add(&mut self, miss: Option<Miss>) {
        self.total += 1;
        self.misses.extend(miss);
    }

    /// Records that are as they should be.
    pub fn equal(&self) -> usize {
        self.total - self.misses.len()
    }

    /// `parsed 6717 of 6717`.
    pub fn line(&self, name: &str) -> String {
        format!("{name} {} of {}", self.equal(), self.total)
    }

    /// The misses, the most frequent construct first: one line each with up to three places.
    pub fn by_construct(&self) -> String {
        let mut groups: BTreeMap<&str, Vec<&Miss>> = BTreeMap::new();
        for miss in &self.misses {
            groups.entry(&miss.construct).or_default().push(miss);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, misses)| std::cmp::Reverse(misses.len()));
        let mut text = String::new();
        for (construct, misses) in groups {
            let places: Vec<&str> = misses.iter().take(3).map(|m| m.place.as_str()).collect();
            let more = if misses.len() > 3 { ", ..." } else { "" };
            let _ = writeln!(
                text,
                "{:>6}  {construct}  ({}{more})",
                misses.len(),
                places.join(", ")
            );
        }
        text
    }
}
