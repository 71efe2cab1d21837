//! The words most like a mistyped one.

/// Most words that are offered.
const MOST: usize = 3;

/// Up to three of `known` that are few changes away from `word`, nearest first.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let furthest = word.len() / 3 + 1;
    let mut near: Vec<(usize, &str)> = known
        .map(|one| (distance(word, one), one))
        .filter(|(changes, _)| *changes <= furthest)
        .collect();
    near.sort_unstable();
    let near = near.into_iter().take(MOST);
    near.map(|(_, one)| one.to_owned()).collect()
}

/// Letters to change, add or take away; case is ignored.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, known) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *known);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let known = ["data", "compute", "identity"];
        assert_eq!(nearest("dta", known.into_iter()), ["data"]);
        assert_eq!(nearest("Identities", known.into_iter()), ["identity"]);
        assert!(nearest("zzzzzz", known.into_iter()).is_empty());
    }
}
