//! Makes the question smaller without changing its answer, and splits it into parts that have nothing in common.

use std::collections::BTreeMap;

/// Rounds of reductions; each one is worth less than the one before.
const MOST_ROUNDS: usize = 50;
/// Comparisons in one round. What is not compared stays: the answer is the same, the question larger.
const MOST_COMPARISONS: usize = 5_000_000;

/// Routes that share no fix with those of another part. Fixes are numbered within, in the order of the whole.
#[derive(Debug)]
pub(super) struct Part {
    /// What each number is in the whole.
    pub(super) fixes: Vec<usize>,
    /// Ascending by length, then by fixes.
    pub(super) routes: Vec<Vec<usize>>,
}

/// What is left of a question.
#[derive(Debug)]
pub(super) struct Reduced {
    /// In some smallest set, proven.
    pub(super) forced: Vec<usize>,
    /// Still to be solved, each by itself.
    pub(super) parts: Vec<Part>,
}

/// Reduces: a route that contains another one is hit with it; a fix whose routes are all cut by another fix is not
/// needed; the only fix of a route is. None of `routes` is empty; fixes are below `count` and ascending.
pub(super) fn reduce(mut routes: Vec<Vec<usize>>, count: usize) -> Reduced {
    let mut forced = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let before = routes.iter().map(Vec::len).sum::<usize>();
        routes = minimal(routes, count);
        let mut taken = vec![false; count];
        for route in routes.iter().filter(|route| route.len() == 1) {
            taken[route[0]] = true;
        }
        forced.extend((0..count).filter(|fix| taken[*fix]));
        routes.retain(|route| !route.iter().any(|fix| taken[*fix]));
        let needless = dominated(&routes, count);
        for route in &mut routes {
            route.retain(|fix| !needless[*fix]);
        }
        if routes.iter().map(Vec::len).sum::<usize>() == before {
            break;
        }
    }
    forced.sort_unstable();
    Reduced {
        forced,
        parts: parts(routes, count),
    }
}

/// Whether every element of `one` is in `two`; both ascending.
pub(super) fn is_subset(one: &[usize], two: &[usize]) -> bool {
    let mut rest = two.iter();
    one.len() <= two.len() && one.iter().all(|element| rest.any(|other| other == element))
}

/// Which fixes another one replaces: it cuts all of their routes and more, or the same ones and has a lower number.
pub(super) fn dominated(routes: &[Vec<usize>], count: usize) -> Vec<bool> {
    let of_fix = routes_of_fixes(routes, count);
    let mut left = MOST_COMPARISONS;
    let mut needless = vec![false; count];
    for (fix, own) in of_fix.iter().enumerate() {
        // A better fix is on every route of this one, so also on its shortest.
        let Some(shortest) = own.iter().min_by_key(|route| routes[**route].len()) else {
            continue;
        };
        needless[fix] = routes[*shortest].iter().any(|other| {
            let theirs = &of_fix[*other];
            let better = theirs.len() > own.len() || (theirs.len() == own.len() && *other < fix);
            if !better || left < theirs.len() {
                return false;
            }
            left -= theirs.len();
            is_subset(own, theirs)
        });
    }
    needless
}

/// Numbers of the routes that each fix is on, ascending.
pub(super) fn routes_of_fixes(routes: &[Vec<usize>], count: usize) -> Vec<Vec<usize>> {
    let mut of_fix = vec![Vec::new(); count];
    for (number, route) in routes.iter().enumerate() {
        for fix in route {
            of_fix[*fix].push(number);
        }
    }
    of_fix
}

/// Without routes that contain another one.
fn minimal(mut routes: Vec<Vec<usize>>, count: usize) -> Vec<Vec<usize>> {
    sort(&mut routes);
    routes.dedup();
    let frequency: Vec<usize> = routes_of_fixes(&routes, count)
        .iter()
        .map(Vec::len)
        .collect();
    let mut left = MOST_COMPARISONS;
    // Routes that stay, by the fix of theirs that is on the fewest.
    let mut by_rarest: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut kept: Vec<Vec<usize>> = Vec::with_capacity(routes.len());
    for route in routes {
        let contains_one = route.iter().flat_map(|fix| &by_rarest[*fix]).any(|number| {
            if left < route.len() {
                return false;
            }
            left -= route.len();
            is_subset(&kept[*number], &route)
        });
        if contains_one {
            continue;
        }
        if let Some(rarest) = route.iter().min_by_key(|fix| frequency[**fix]) {
            by_rarest[*rarest].push(kept.len());
        }
        kept.push(route);
    }
    kept
}

fn sort(routes: &mut [Vec<usize>]) {
    routes.sort_unstable_by(|one, two| one.len().cmp(&two.len()).then_with(|| one.cmp(two)));
}

/// Parts that share no fix, in the order of their lowest fix.
fn parts(mut routes: Vec<Vec<usize>>, count: usize) -> Vec<Part> {
    sort(&mut routes);
    routes.dedup();
    let mut leader: Vec<usize> = (0..count).collect();
    for route in &routes {
        for pair in route.windows(2) {
            let (one, two) = (find(&mut leader, pair[0]), find(&mut leader, pair[1]));
            // The lower one leads.
            leader[one.max(two)] = one.min(two);
        }
    }
    let mut by_leader: BTreeMap<usize, Vec<Vec<usize>>> = BTreeMap::new();
    for route in routes {
        let own = find(&mut leader, route[0]);
        by_leader.entry(own).or_default().push(route);
    }
    by_leader.into_values().map(part).collect()
}

fn find(leader: &mut [usize], mut fix: usize) -> usize {
    while leader[fix] != fix {
        leader[fix] = leader[leader[fix]];
        fix = leader[fix];
    }
    fix
}

fn part(mut routes: Vec<Vec<usize>>) -> Part {
    let mut fixes: Vec<usize> = routes.iter().flatten().copied().collect();
    fixes.sort_unstable();
    fixes.dedup();
    for fix in routes.iter_mut().flatten() {
        // Each is in the list that was just made of them.
        *fix = fixes.partition_point(|one| *one < *fix);
    }
    Part { fixes, routes }
}
