//! "Did you mean": the nearest of the names there are.

/// Advice naming what the author most likely meant, where something is near.
pub(crate) fn suggest<'name>(
    written: &str,
    known: impl Iterator<Item = &'name str>,
) -> Option<String> {
    nearest(written, known).map(|name| format!("did you mean `{name}`?"))
}

/// The known name nearest to what was written, at most a third of it away.
fn nearest<'name>(written: &str, known: impl Iterator<Item = &'name str>) -> Option<&'name str> {
    const LONGEST: usize = 100;
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    let wanted: Vec<char> = written.to_lowercase().chars().collect();
    let allowed = (wanted.len() / 3).clamp(1, 4);
    let near = |length: usize| length.abs_diff(wanted.len()) <= allowed;
    known
        .filter(|name| name.len() <= LONGEST && near(name.chars().count()))
        .map(|name| (distance(&wanted, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// Edit distance with swaps of neighbours counted as one.
fn distance(left: &[char], right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let changed = last[column] + usize::from(a != b);
            let mut best = changed.min(last[column + 1] + 1).min(line[column] + 1);
            let swapped = row > 0 && column > 0 && *a == right[column - 1] && left[row - 1] == *b;
            if swapped && let Some(earlier) = before.get(column - 1) {
                best = best.min(earlier + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}
