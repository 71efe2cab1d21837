//! Scalar functions with Kusto's semantics.
//!
//! A function is a plain Rust function over [`Value`]s; [`udf`] makes DataFusion functions of it,
//! one for each list of argument types. The name of such a function holds its whole signature
//! (`kql:strlen(string)->long`), so that a plan that names it can be read back anywhere by
//! [`udf::resolve`].

mod arithmetic;
mod arrays;
mod bag_shape;
mod bags;
mod binning;
mod columnar;
mod compression;
mod conversion;
mod datetime;
pub(crate) mod elements;
mod encoding;
mod geo;
mod hashing;
mod math;
mod network;
mod parse_pairs;
mod parse_pattern;
mod parse_steps;
mod regular;
mod series;
mod series_axis;
mod sets;
pub(crate) mod signature;
mod sketches;
mod special;
mod strings;
mod system;
pub(crate) mod term;
pub(crate) mod text_match;
mod text_search;
mod timezones;
pub(crate) mod udf;
mod units;
pub(crate) mod unsupported;
mod urls;
mod user_agent;
mod xml;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::OnceLock;

use regex::Regex;
use stance_base::ScalarType;

use crate::value::Value;

pub(crate) use arrays::{step_count, steps};
pub(crate) use hashing::hash_bits;
pub(crate) use parse_pairs::PairOptions;
pub(crate) use parse_pattern::ParsePattern;
pub(crate) use parse_steps::{ParseStep, are_searchable, write_steps};

/// Computes one value; nothing means null (the empty string where a string is due).
pub(crate) type Evaluate = for<'a> fn(&CallContext<'_>, &[Value<'a>]) -> Option<Value<'a>>;

/// A function by its canonical KQL name.
#[derive(Debug)]
pub(crate) struct ScalarFunction {
    /// Canonical name.
    pub(crate) name: &'static str,
    /// What it computes.
    pub(crate) evaluate: Evaluate,
    /// Whether equal arguments may give different results (`rand`, `new_guid`).
    pub(crate) volatile: bool,
}

impl ScalarFunction {
    const fn new(name: &'static str, evaluate: Evaluate) -> Self {
        Self {
            name,
            evaluate,
            volatile: false,
        }
    }

    const fn volatile(name: &'static str, evaluate: Evaluate) -> Self {
        Self {
            name,
            evaluate,
            volatile: true,
        }
    }
}

/// What a function knows beside its arguments, for the rows of one batch.
#[derive(Debug)]
pub(crate) struct CallContext<'t> {
    /// Types of the arguments.
    pub(crate) arguments: &'t [ScalarType],
    /// Type of the result.
    pub(crate) result: ScalarType,
    regexes: RefCell<HashMap<String, Option<Rc<Regex>>>>,
}

/// Most memory that one compiled regular expression may take.
const REGEX_SIZE_LIMIT: usize = 4 << 20;
/// Most regular expressions kept compiled for one batch.
const REGEX_CACHE_LIMIT: usize = 64;

impl<'t> CallContext<'t> {
    fn new(arguments: &'t [ScalarType], result: ScalarType) -> Self {
        Self {
            arguments,
            result,
            regexes: RefCell::default(),
        }
    }

    /// The compiled pattern; nothing where it is no regular expression.
    pub(crate) fn regex(&self, pattern: &str) -> Option<Rc<Regex>> {
        let mut regexes = self.regexes.borrow_mut();
        if let Some(known) = regexes.get(pattern) {
            return known.clone();
        }
        if regexes.len() >= REGEX_CACHE_LIMIT {
            regexes.clear();
        }
        let compiled = compile_regex(pattern).map(Rc::new);
        regexes.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

/// Compiles a pattern within the size limit.
pub(crate) fn compile_regex(pattern: &str) -> Option<Regex> {
    regex::RegexBuilder::new(pattern)
        .size_limit(REGEX_SIZE_LIMIT)
        .build()
        .ok()
}

/// The function of this canonical name.
pub(crate) fn lookup(name: &str) -> Option<&'static ScalarFunction> {
    registry().get(name).copied()
}

/// Names of all functions of the registry, for documentation and tests.
pub fn function_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = registry().keys().copied().collect();
    names.sort_unstable();
    names
}

fn registry() -> &'static HashMap<&'static str, &'static ScalarFunction> {
    static REGISTRY: OnceLock<HashMap<&'static str, &'static ScalarFunction>> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let groups: &[&'static [ScalarFunction]] = &[
            arithmetic::FUNCTIONS,
            arrays::FUNCTIONS,
            bag_shape::FUNCTIONS,
            bags::FUNCTIONS,
            binning::FUNCTIONS,
            compression::FUNCTIONS,
            conversion::FUNCTIONS,
            datetime::FUNCTIONS,
            encoding::FUNCTIONS,
            hashing::FUNCTIONS,
            math::FUNCTIONS,
            network::FUNCTIONS,
            parse_pairs::FUNCTIONS,
            regular::FUNCTIONS,
            series_axis::FUNCTIONS,
            sets::FUNCTIONS,
            sketches::FUNCTIONS,
            special::FUNCTIONS,
            strings::FUNCTIONS,
            system::FUNCTIONS,
            timezones::FUNCTIONS,
            units::FUNCTIONS,
            urls::FUNCTIONS,
            user_agent::FUNCTIONS,
            xml::FUNCTIONS,
        ];
        groups
            .iter()
            .copied()
            .chain(geo::GROUPS)
            .chain(series::GROUPS)
            .flatten()
            .map(|function| (function.name, function))
            .collect()
    })
}
