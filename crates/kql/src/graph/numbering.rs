//! Ids of nodes become dense numbers.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

use super::adjacency::MAX_NUMBER;
use super::budget::GraphError;

/// A whole-number id is a position in a table where ids lie this close together.
const DENSE_FACTOR: i128 = 4;

/// No number.
const NONE: u32 = u32::MAX;

fn too_large() -> GraphError {
    GraphError::TooLarge {
        what: "nodes",
        limit: MAX_NUMBER as u64,
    }
}

/// Numbers of whole-number ids.
#[derive(Debug)]
pub(crate) struct LongNumbers {
    /// Id minus `least` → number.
    table: Vec<u32>,
    least: i64,
    /// Numbers by id, for ids outside the table.
    sparse: HashTable<(i64, u32)>,
    hasher: DefaultHashBuilder,
    count: usize,
}

impl LongNumbers {
    /// An empty numbering for about `count` ids from `least` to `greatest`.
    pub(crate) fn new(count: usize, least: i64, greatest: i64) -> Self {
        let span = i128::from(greatest) - i128::from(least) + 1;
        let is_dense = span > 0 && span <= DENSE_FACTOR * count as i128 + 1024;
        Self {
            table: vec![NONE; if is_dense { span as usize } else { 0 }],
            least,
            sparse: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            count: 0,
        }
    }

    /// The number of an id; nothing where it has none.
    #[inline]
    pub(crate) fn get(&self, id: i64) -> Option<u32> {
        let position = id.wrapping_sub(self.least) as u64;
        if position < self.table.len() as u64 {
            let number = self.table[position as usize];
            return (number != NONE).then_some(number);
        }
        if self.sparse.is_empty() {
            return None;
        }
        let hash = self.hasher.hash_one(id);
        self.sparse
            .find(hash, |entry| entry.0 == id)
            .map(|entry| entry.1)
    }

    /// The number of an id, a new one where it had none; and whether it is new.
    ///
    /// # Errors
    /// Where numbers run out.
    pub(crate) fn number(&mut self, id: i64) -> Result<(u32, bool), GraphError> {
        if let Some(known) = self.get(id) {
            return Ok((known, false));
        }
        if self.count >= MAX_NUMBER {
            return Err(too_large());
        }
        let number = self.count as u32;
        self.count += 1;
        let position = id.wrapping_sub(self.least) as u64;
        if position < self.table.len() as u64 {
            self.table[position as usize] = number;
        } else {
            let hash = self.hasher.hash_one(id);
            let hasher = &self.hasher;
            self.sparse
                .insert_unique(hash, (id, number), |entry| hasher.hash_one(entry.0));
        }
        Ok((number, true))
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.table.len() * 4 + self.sparse.capacity() * 17
    }
}

/// Numbers of text ids.
#[derive(Debug)]
pub(crate) struct TextNumbers<'a> {
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
    ids: Vec<&'a str>,
}

impl<'a> TextNumbers<'a> {
    /// An empty numbering for about `count` ids.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            numbers: HashTable::with_capacity(count),
            hasher: DefaultHashBuilder::default(),
            ids: Vec::with_capacity(count),
        }
    }

    /// The number of an id; nothing where it has none.
    #[inline]
    #[cfg(test)]
    pub(crate) fn get(&self, id: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(id);
        self.numbers
            .find(hash, |number| self.ids[*number as usize] == id)
            .copied()
    }

    /// The number of an id, a new one where it had none; and whether it is new.
    ///
    /// # Errors
    /// Where numbers run out.
    pub(crate) fn number(&mut self, id: &'a str) -> Result<(u32, bool), GraphError> {
        let hash = self.hasher.hash_one(id);
        let ids = &self.ids;
        let known = self
            .numbers
            .find(hash, |number| ids[*number as usize] == id)
            .copied();
        if let Some(known) = known {
            return Ok((known, false));
        }
        if ids.len() >= MAX_NUMBER {
            return Err(too_large());
        }
        let number = ids.len() as u32;
        let hasher = &self.hasher;
        self.numbers.insert_unique(hash, number, |number| {
            hasher.hash_one(ids[*number as usize])
        });
        self.ids.push(id);
        Ok((number, true))
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.numbers.capacity() * 5 + self.ids.capacity() * 16
    }
}
