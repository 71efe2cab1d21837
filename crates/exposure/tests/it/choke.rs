//! Choke points: exact means exact, greedy keeps its bound, and nothing is said to be closed that is not.

use proptest::prelude::*;
use stance_exposure::choke::{ChokePoints, FixId, Limits, PathCut, Proof};

/// Nothing is searched: what the reductions and the bounds do not settle is greedy.
const NO_SEARCH: Limits = Limits {
    most_fixes: 0,
    most_routes: 0,
    most_nodes: 0,
};
/// Fixes in random cases: few enough to try every set.
const FIXES: u32 = 8;

fn path(weight: f64, routes: &[&[u32]]) -> PathCut {
    PathCut {
        weight,
        routes: routes
            .iter()
            .map(|route| route.iter().copied().map(FixId).collect())
            .collect(),
    }
}

fn all(paths: &[PathCut]) -> ChokePoints {
    ChokePoints::new(paths, |_| true)
}

fn fixes_of(cut: &stance_exposure::choke::Cut) -> Vec<u32> {
    cut.steps.iter().map(|step| step.fix.0).collect()
}

/// Up to 14 outcomes of up to three routes each; some routes are empty.
fn cases() -> impl Strategy<Value = Vec<PathCut>> {
    let route = prop::collection::vec((0..FIXES).prop_map(FixId), 0..5);
    let routes = prop_oneof![
        4 => prop::collection::vec(prop::collection::vec((0..FIXES).prop_map(FixId), 1..5), 1..4),
        1 => prop::collection::vec(route, 0..3),
    ];
    let path = (0..=100_u32, routes).prop_map(|(weight, routes)| PathCut {
        weight: f64::from(weight),
        routes,
    });
    prop::collection::vec(path, 0..14)
}

/// Outcomes with one route each, that can all be cut.
fn single_routes() -> impl Strategy<Value = Vec<PathCut>> {
    let route = prop::collection::vec((0..FIXES).prop_map(FixId), 1..5);
    let path = (1..=100_u32, route).prop_map(|(weight, route)| PathCut {
        weight: f64::from(weight),
        routes: vec![route],
    });
    prop::collection::vec(path, 1..20)
}

/// Routes of three among twelve fixes: the reductions find little here, and greedy is often one too many.
fn hard_cases() -> impl Strategy<Value = Vec<PathCut>> {
    let route = prop::sample::subsequence((0..12).map(FixId).collect::<Vec<_>>(), 3);
    let path = route.prop_map(|route| PathCut {
        weight: 1.0,
        routes: vec![route],
    });
    prop::collection::vec(path, 12..30)
}

/// Straight from the definition: each route holds a fix of the set.
fn is_closed(path: &PathCut, set: u32) -> bool {
    let hit = |route: &Vec<FixId>| route.iter().any(|fix| set & (1 << fix.0) != 0);
    !path.routes.is_empty() && path.routes.iter().all(hit)
}

fn risk_of(paths: &[PathCut], set: u32) -> f64 {
    let closed = paths.iter().filter(|path| is_closed(path, set));
    closed.map(|path| path.weight).sum()
}

/// The least number of fixes that closes what all fixes together close.
fn smallest_by_trying(paths: &[PathCut], fixes: u32) -> usize {
    let everything = (1 << fixes) - 1;
    let closes_all = |set: u32| {
        let mut cuttable = paths.iter().filter(|path| is_closed(path, everything));
        cuttable.all(|path| is_closed(path, set))
    };
    let sets = (0..=everything).filter(|set| closes_all(*set));
    sets.map(|set| set.count_ones() as usize).min().unwrap_or(0)
}

fn best_by_trying(paths: &[PathCut], most: usize) -> f64 {
    let sets = (0..1_u32 << FIXES).filter(|set| set.count_ones() as usize <= most);
    sets.map(|set| risk_of(paths, set)).fold(0.0, f64::max)
}

fn as_set(fixes: &[u32]) -> u32 {
    fixes.iter().fold(0, |set, fix| set | (1 << fix))
}

proptest! {
    #[test]
    fn the_smallest_cut_is_that_of_trying_every_set(paths in cases()) {
        let found = all(&paths).smallest_cut(&Limits::default());
        prop_assert_eq!(found.proof, Proof::Exact);
        prop_assert_eq!(found.cut.steps.len(), smallest_by_trying(&paths, FIXES));
        prop_assert_eq!(found.at_least, found.cut.steps.len());
    }

    #[test]
    fn the_search_ends_at_the_smallest(paths in hard_cases()) {
        let found = all(&paths).smallest_cut(&Limits::default());
        prop_assert_eq!(found.proof, Proof::Exact);
        prop_assert_eq!(found.cut.closed.len(), paths.len());
        prop_assert_eq!(found.cut.steps.len(), smallest_by_trying(&paths, 12));
    }

    #[test]
    fn a_plan_closes_whatever_can_be_closed(paths in cases(), search in any::<bool>()) {
        let limits = if search { Limits::default() } else { NO_SEARCH };
        let found = all(&paths).smallest_cut(&limits);
        let set = as_set(&fixes_of(&found.cut));
        for (number, path) in paths.iter().enumerate() {
            let hopeless = path.routes.iter().any(Vec::is_empty);
            prop_assert_eq!(found.uncuttable.contains(&number), hopeless);
            prop_assert_eq!(found.cut.closed.contains(&number), is_closed(path, set));
            prop_assert_eq!(is_closed(path, set), !hopeless && !path.routes.is_empty());
        }
        let steps: f64 = found.cut.steps.iter().map(|step| step.risk_cut).sum();
        prop_assert!((steps - found.cut.risk_cut).abs() < 1e-6);
        prop_assert!((risk_of(&paths, set) - found.cut.risk_cut).abs() < 1e-6);
    }

    #[test]
    fn a_greedy_plan_keeps_its_bound(paths in cases()) {
        let found = all(&paths).smallest_cut(&NO_SEARCH);
        let smallest = smallest_by_trying(&paths, FIXES);
        prop_assert!(found.at_least <= smallest);
        match found.proof {
            Proof::Exact => prop_assert_eq!(found.cut.steps.len(), smallest),
            Proof::Greedy { bound } => {
                prop_assert!(bound >= 1.0);
                prop_assert!(found.cut.steps.len() as f64 <= bound * smallest as f64 + 1e-9);
            }
        }
    }

    #[test]
    fn one_more_outcome_never_needs_fewer_fixes(paths in cases(), more in cases()) {
        let before = all(&paths).smallest_cut(&Limits::default()).cut.steps.len();
        let mut paths = paths;
        paths.extend(more.into_iter().take(1));
        let after = all(&paths).smallest_cut(&Limits::default()).cut.steps.len();
        prop_assert!(after >= before);
    }

    #[test]
    fn the_best_fixes_are_those_of_trying_every_set(paths in cases(), most in 0..5_usize) {
        let found = all(&paths).best_fixes(most, &Limits::default());
        prop_assert_eq!(found.proof, Proof::Exact);
        prop_assert!(found.cut.steps.len() <= most);
        let best = best_by_trying(&paths, most);
        prop_assert!((found.cut.risk_cut - best).abs() < 1e-6, "{} is not {best}", found.cut.risk_cut);
        prop_assert!((risk_of(&paths, as_set(&fixes_of(&found.cut))) - best).abs() < 1e-6);
    }

    #[test]
    fn greedy_best_fixes_keep_their_bound(paths in cases(), most in 0..5_usize) {
        let found = all(&paths).best_fixes(most, &NO_SEARCH);
        let best = best_by_trying(&paths, most);
        prop_assert!(found.cut.risk_cut <= best + 1e-6 && best <= found.at_most + 1e-6);
        match found.proof {
            Proof::Exact => prop_assert!((found.cut.risk_cut - best).abs() < 1e-6),
            Proof::Greedy { bound } => {
                prop_assert!((0.0..=1.0).contains(&bound));
                prop_assert!(found.cut.risk_cut + 1e-6 >= bound * best);
            }
        }
    }

    #[test]
    fn with_one_route_each_greedy_cuts_most_of_the_best(paths in single_routes(), most in 1..5_usize) {
        let found = all(&paths).best_fixes(most, &NO_SEARCH);
        if let Proof::Greedy { bound } = found.proof {
            prop_assert!(bound > 0.632);
        }
        prop_assert!(found.cut.risk_cut >= 0.632 * best_by_trying(&paths, most));
    }

    #[test]
    fn the_ranking_says_what_each_fix_does_alone(paths in cases()) {
        let ranking = all(&paths).ranking();
        for point in &ranking {
            let set = 1 << point.fix.0;
            let closed = paths.iter().filter(|path| is_closed(path, set)).count();
            let on = |path: &&PathCut| path.routes.iter().flatten().any(|fix| *fix == point.fix);
            prop_assert_eq!(point.paths_closed, closed);
            prop_assert!((point.risk_cut - risk_of(&paths, set)).abs() < 1e-6);
            // A route that is cut whenever another one of its outcome is adds nothing.
            prop_assert!(point.paths_on <= paths.iter().filter(on).count());
            prop_assert!(point.paths_on >= closed && point.risk_on >= point.risk_cut);
        }
        prop_assert!(ranking.windows(2).all(|pair| pair[0].risk_cut >= pair[1].risk_cut));
    }

    #[test]
    fn the_order_of_the_input_changes_nothing(paths in cases(), most in 0..4_usize) {
        let mut turned: Vec<PathCut> = paths.iter().rev().cloned().collect();
        for path in &mut turned {
            path.routes.reverse();
            path.routes.iter_mut().for_each(|route| route.reverse());
        }
        let (one, two) = (all(&paths), all(&turned));
        let limits = Limits::default();
        prop_assert_eq!(one.ranking(), two.ranking());
        prop_assert_eq!(one.smallest_cut(&limits).cut.steps, two.smallest_cut(&limits).cut.steps);
        prop_assert_eq!(one.best_fixes(most, &limits).cut.steps, two.best_fixes(most, &limits).cut.steps);
    }
}

#[test]
fn one_assignment_on_every_path_is_the_whole_plan() {
    let paths = [
        path(80.0, &[&[0, 7]]),
        path(60.0, &[&[1, 7], &[2, 7]]),
        path(40.0, &[&[3, 7]]),
    ];
    let choke = all(&paths);
    let plan = choke.smallest_cut(&Limits::default());
    assert_eq!(fixes_of(&plan.cut), [7]);
    assert_eq!((plan.cut.risk_cut, plan.cut.risk_total), (180.0, 180.0));
    let first = choke.ranking()[0];
    assert_eq!(
        (first.fix, first.paths_closed, first.paths_on),
        (FixId(7), 3, 3)
    );
}

#[test]
fn an_outcome_with_two_routes_is_not_gone_with_one_of_them() {
    let paths = [path(90.0, &[&[0], &[1]]), path(10.0, &[&[2]])];
    let choke = all(&paths);
    // Fix 0 alone closes nothing, so the small path wins; with two fixes the large one does.
    assert_eq!(fixes_of(&choke.best_fixes(1, &Limits::default()).cut), [2]);
    let two = choke.best_fixes(2, &Limits::default());
    assert_eq!(fixes_of(&two.cut), [0, 1]);
    assert_eq!((two.cut.risk_cut, two.proof), (90.0, Proof::Exact));
    assert_eq!(choke.what_if(&[FixId(0)]).closed, Vec::<usize>::new());
    assert_eq!(choke.what_if(&[FixId(1), FixId(0)]).closed, [0]);
    // The step that closes nothing yet is shown as such.
    assert_eq!(two.cut.steps[0].paths_closed, 0);
    assert_eq!(two.cut.steps[1].paths_closed, 1);
}

#[test]
fn what_may_not_be_offered_cuts_nothing() {
    let paths = [path(50.0, &[&[0, 1]]), path(70.0, &[&[1], &[2]])];
    let choke = ChokePoints::new(&paths, |fix| fix != FixId(1));
    let plan = choke.smallest_cut(&Limits::default());
    assert_eq!(fixes_of(&plan.cut), [0]);
    assert_eq!(plan.uncuttable, [1]);
    assert_eq!(plan.cut.closed, [0]);
    assert!(choke.ranking().iter().all(|point| point.fix != FixId(1)));
    assert_eq!(choke.what_if(&[FixId(1), FixId(999)]).steps, []);
}

#[test]
fn nothing_asked_nothing_done() {
    let plan = all(&[]).smallest_cut(&Limits::default());
    assert_eq!(
        (plan.cut.steps.len(), plan.at_least, plan.proof),
        (0, 0, Proof::Exact)
    );
    let odd = [path(f64::NAN, &[&[0]]), path(-4.0, &[&[0]]), path(5.0, &[])];
    let choke = all(&odd);
    assert_eq!(choke.uncuttable(), Vec::<usize>::new());
    assert_eq!(choke.smallest_cut(&Limits::default()).cut.closed, [0, 1]);
    assert_eq!(choke.best_fixes(3, &Limits::default()).cut.steps, []);
}

/// The projective plane of order 4: 21 routes of five fixes, any two share one. The five of a route hit all of
/// them; no four do.
#[test]
fn a_hard_case_is_exact_within_the_limit_and_says_so_beyond() {
    let line = [0_u32, 1, 4, 14, 16];
    let paths: Vec<PathCut> = (0..21)
        .map(|turn| {
            let route: Vec<u32> = line.iter().map(|point| (point + turn) % 21).collect();
            path(10.0, &[&route])
        })
        .collect();
    let exact = all(&paths).smallest_cut(&Limits::default());
    assert_eq!((exact.cut.steps.len(), exact.proof), (5, Proof::Exact));
    let hasty = Limits {
        most_nodes: 2,
        ..Limits::default()
    };
    let stopped = all(&paths).smallest_cut(&hasty);
    assert!(matches!(stopped.proof, Proof::Greedy { .. }));
    let greedy = all(&paths).smallest_cut(&NO_SEARCH);
    assert_eq!(stopped, greedy);
    let stopped = all(&paths).best_fixes(3, &hasty);
    assert!(matches!(stopped.proof, Proof::Greedy { .. }));
    let Proof::Greedy { bound } = greedy.proof else {
        panic!("greedy proves nothing here");
    };
    assert!(greedy.at_least < 5 && bound <= 1.0 + 5.0_f64.ln());
}

#[test]
fn independent_parts_are_exact_however_many_they_are() {
    // A thousand triangles: each takes two fixes, and no reduction helps.
    let paths: Vec<PathCut> = (0..1000_u32)
        .flat_map(|number| {
            let [a, b, c] = [number * 3, number * 3 + 1, number * 3 + 2];
            [
                path(1.0, &[&[a, b]]),
                path(1.0, &[&[b, c]]),
                path(1.0, &[&[a, c]]),
            ]
        })
        .collect();
    let plan = all(&paths).smallest_cut(&Limits::default());
    assert_eq!((plan.cut.steps.len(), plan.proof), (2000, Proof::Exact));
}

#[test]
fn json_says_exact_or_how_far() {
    let plan = all(&[path(80.0, &[&[3]])]).smallest_cut(&Limits::default());
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["proof"]["method"], "exact");
    assert_eq!(
        json["steps"][0],
        serde_json::json!({"fix": 3, "pathsClosed": 1, "riskCut": 80.0})
    );
    let greedy = serde_json::to_value(Proof::Greedy { bound: 1.5 }).unwrap();
    assert_eq!(
        greedy,
        serde_json::json!({"method": "greedy", "bound": 1.5})
    );
}
