//! Patterns of IAM: `*` stands for any text, `?` for one character. What a request asks may be a pattern as well, where it
//! stands for many: `arn:aws:s3:::bucket/*` for the objects of a bucket.

/// Longest pattern that is compared; an ARN has at most 2,048 characters.
pub(super) const LONGEST: usize = 2048;

/// The text before the first wildcard.
pub(super) fn literal_start(pattern: &str) -> &str {
    let end = pattern.bytes().position(is_wildcard);
    &pattern[..end.unwrap_or(pattern.len())]
}

fn is_wildcard(letter: u8) -> bool {
    letter == b'*' || letter == b'?'
}

/// Whether the pattern takes everything that `text` stands for.
pub(super) fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut here) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while here < text.len() {
        let takes = match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at, here));
                at += 1;
                continue;
            }
            // One character is less than what a star stands for.
            Some(b'?') => text[here] != b'*',
            Some(letter) => *letter == text[here],
            None => false,
        };
        if takes {
            at += 1;
            here += 1;
            continue;
        }
        let Some((star, start)) = retry else {
            return false;
        };
        retry = Some((star, start + 1));
        at = star + 1;
        here = start + 1;
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// Whether some text is taken by both patterns.
pub(super) fn meets(one: &str, other: &str) -> bool {
    if !starts_agree(one, other) {
        return false;
    }
    let (mine, theirs) = (literal_start(one).len(), literal_start(other).len());
    if theirs == other.len() {
        return covers(one, other);
    }
    if mine == one.len() {
        return covers(other, one);
    }
    // Two beginnings that agree, each with a star after it: the usual case.
    if other[theirs..] == *"*" && one[mine..].starts_with('*') {
        return true;
    }
    let (one, other) = (one.as_bytes(), other.as_bytes());
    // reached[n]: the part of `one` before this row and the first n of `other` have a text in common.
    let mut reached = vec![false; other.len() + 1];
    reached[0] = true;
    spread(&mut reached, other);
    for letter in one {
        let mut next = vec![false; other.len() + 1];
        for (at, before) in reached.iter().enumerate() {
            let Some(met) = before.then(|| other.get(at)) else {
                continue;
            };
            match (letter, met) {
                // A star of either may take nothing or more.
                (b'*', _) => next[at..].fill(true),
                (_, Some(b'*')) => next[at] = true,
                (mine, Some(theirs)) if mine == theirs || *mine == b'?' || *theirs == b'?' => {
                    next[at + 1] = true;
                }
                _ => {}
            }
        }
        reached = next;
        spread(&mut reached, other);
    }
    reached[other.len()]
}

/// Stars may take nothing.
fn spread(reached: &mut [bool], other: &[u8]) {
    for (at, letter) in other.iter().enumerate() {
        if *letter == b'*' && reached[at] {
            reached[at + 1] = true;
        }
    }
}

/// Whether they are the same up to the first wildcard of either.
fn starts_agree(one: &str, other: &str) -> bool {
    for (mine, theirs) in one.bytes().zip(other.bytes()) {
        if is_wildcard(mine) || is_wildcard(theirs) {
            return true;
        }
        if mine != theirs {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_take_what_they_stand_for() {
        assert!(covers("arn:aws:s3:::b*", "arn:aws:s3:::bucket/*"));
        assert!(!covers("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"));
        assert!(!covers("a?", "a*"));
        assert!(covers("a*b*c", "aXbbYc"));
        assert!(meets("arn:aws:s3:::bucket/in/*", "arn:aws:s3:::bucket/*"));
        assert!(meets("*/secret", "bucket/*"));
        assert!(!meets("arn:aws:s3:::other/*", "arn:aws:s3:::bucket/*"));
        assert!(!meets("a?", "a"));
    }

    proptest! {
        #[test]
        fn what_one_takes_of_another_is_common(one in "[ab*?]{0,6}", other in "[ab*?]{0,6}", text in "[ab]{0,6}") {
            if covers(&one, &text) && covers(&other, &text) {
                prop_assert!(meets(&one, &other));
            }
            if covers(&one, &other) && covers(&other, &text) {
                prop_assert!(covers(&one, &text));
            }
            prop_assert_eq!(meets(&one, &other), meets(&other, &one));
        }
    }
}
