//! Split-block Bloom filters.
//!
//! A term sets one bit in each of the eight words of one line of 32 bytes, so that a question costs
//! one line. After Putze, Sanders and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters"
//! (2007), and the Parquet format's `BloomFilter.md`, from which the factors are.

use crate::TermHash;

/// Bytes of a line.
pub(crate) const LINE: usize = 32;

/// Bits of filter for each term; see `docs/decisions/0006-term-filters.md` for what it buys.
const BITS_PER_TERM: usize = 12;

const SALTS: [u32; 8] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// Lines of a filter for so many terms, at least one.
pub(crate) fn lines_for(terms: usize) -> usize {
    terms
        .saturating_mul(BITS_PER_TERM)
        .div_ceil(LINE * 8)
        .max(1)
}

/// The line of a term in a filter of so many.
pub(crate) fn line_of(term: TermHash, lines: u32) -> u32 {
    (((term >> 32) * u64::from(lines)) >> 32) as u32
}

/// The bits of a term within its line.
pub(crate) fn mask(term: TermHash) -> [u8; LINE] {
    let mut mask = [0_u8; LINE];
    for (word, salt) in mask.chunks_exact_mut(4).zip(SALTS) {
        let bit = (term as u32).wrapping_mul(salt) >> 27;
        word.copy_from_slice(&(1_u32 << bit).to_le_bytes());
    }
    mask
}

/// Whether a line holds all bits of a mask.
pub(crate) fn holds(line: &[u8], mask: &[u8; LINE]) -> bool {
    line.len() == LINE
        && line
            .iter()
            .zip(mask)
            .all(|(byte, bits)| byte & bits == *bits)
}
