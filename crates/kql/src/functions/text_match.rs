//! `has`, `contains`, `startswith`, `=~`, `matches regex`, `has_any` and their kin, column by column.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, StringViewArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};
use regex::Regex;
use serde_json::Value as Json;
use stance_base::ScalarType;

use super::columnar::distinct::distinct_rows;
use super::compile_regex;
use super::term::{Needle, TermBorders};
use super::text_search::search_texts;
use super::udf::NAME_PREFIX;
use crate::dynamic::Dynamic;
use crate::value::ColumnReader;

/// The tests; the names are those of the functions in plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    Equals,
    Contains,
    Has,
    HasPrefix,
    HasSuffix,
    StartsWith,
    EndsWith,
    Regex,
    Like,
    /// The second argument is a dynamic array of terms.
    HasAny,
    /// See `HasAny`.
    HasAll,
}

const TESTS: [(Test, &str); 11] = [
    (Test::Equals, "text_equals"),
    (Test::Contains, "text_contains"),
    (Test::Has, "text_has"),
    (Test::HasPrefix, "text_hasprefix"),
    (Test::HasSuffix, "text_hassuffix"),
    (Test::StartsWith, "text_startswith"),
    (Test::EndsWith, "text_endswith"),
    (Test::Regex, "text_matches_regex"),
    (Test::Like, "text_like"),
    (Test::HasAny, "text_has_any"),
    (Test::HasAll, "text_has_all"),
];

const CASE_SUFFIX: &str = "_cs";

/// A test of a text against a pattern; true or false, never null.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct TextMatchFunction {
    test: Test,
    case_sensitive: bool,
    name: String,
    signature: Signature,
}

impl TextMatchFunction {
    pub(crate) fn new(test: Test, case_sensitive: bool) -> Self {
        let base = TESTS
            .iter()
            .find(|entry| entry.0 == test)
            .map_or("", |entry| entry.1);
        let suffix = if case_sensitive { CASE_SUFFIX } else { "" };
        Self {
            test,
            case_sensitive,
            name: format!("{NAME_PREFIX}{base}{suffix}"),
            signature: Signature::any(2, Volatility::Immutable),
        }
    }

    /// By the name in a plan, without the prefix.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        let (base, case_sensitive) = match name.strip_suffix(CASE_SUFFIX) {
            Some(base) => (base, true),
            None => (name, false),
        };
        let (test, _) = TESTS.iter().find(|entry| entry.1 == base)?;
        Some(Self::new(*test, case_sensitive))
    }

    pub(crate) fn test(&self) -> Test {
        self.test
    }

    pub(crate) fn is_case_sensitive(&self) -> bool {
        self.case_sensitive
    }
}

impl ScalarUDFImpl for TextMatchFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [value, pattern] = arguments.args.as_slice() else {
            return exec_err!("{} takes two arguments", self.name);
        };
        let constant = matches!(value, ColumnarValue::Scalar(_));
        if !constant && matches!(pattern, ColumnarValue::Scalar(_)) {
            let patterns = text_array(pattern)?;
            let matcher = Matcher::new(self.test, self.case_sensitive, text_at(&patterns, 0));
            let found = matcher.matching_rows(value, arguments.number_rows)?;
            return Ok(ColumnarValue::Array(Arc::new(found)));
        }
        let values = text_array(value)?;
        let patterns = text_array(pattern)?;
        let rows = if constant && matches!(pattern, ColumnarValue::Scalar(_)) {
            1
        } else {
            arguments.number_rows
        };
        let mut known = (
            String::new(),
            Matcher::new(self.test, self.case_sensitive, ""),
        );
        let result = (0..rows)
            .map(|row| {
                let pattern = text_at(&patterns, row);
                if known.0 != pattern {
                    known = (
                        pattern.to_owned(),
                        Matcher::new(self.test, self.case_sensitive, pattern),
                    );
                }
                let row = if constant { 0 } else { row };
                Some(known.1.matches(text_at(&values, row)))
            })
            .collect::<BooleanArray>();
        if constant && matches!(pattern, ColumnarValue::Scalar(_)) {
            return Ok(ColumnarValue::Scalar(ScalarValue::Boolean(Some(
                result.value(0),
            ))));
        }
        Ok(ColumnarValue::Array(Arc::new(result)))
    }
}

fn text_array(argument: &ColumnarValue) -> Result<StringViewArray> {
    let array = match argument {
        ColumnarValue::Array(array) => Arc::clone(array),
        ColumnarValue::Scalar(scalar) => scalar.to_array_of_size(1)?,
    };
    if *array.data_type() == DataType::Utf8View {
        return Ok(array.as_string_view().clone());
    }
    let cast = arrow::compute::cast(&array, &DataType::Utf8View)?;
    Ok(cast.as_string_view().clone())
}

fn text_at(array: &StringViewArray, row: usize) -> &str {
    if array.is_null(row) {
        ""
    } else {
        array.value(row)
    }
}

const WHOLE: TermBorders = TermBorders {
    start: true,
    end: true,
};

/// The borders of a term that a test wants; nothing for tests of other kinds.
fn test_borders(test: Test) -> Option<TermBorders> {
    let (start, end) = match test {
        Test::Has => (true, true),
        Test::HasPrefix => (true, false),
        Test::HasSuffix => (false, true),
        _ => return None,
    };
    Some(TermBorders { start, end })
}

/// The searches for several terms put together.
fn search_terms(texts: &StringViewArray, needles: &[Needle], all: bool) -> Option<BooleanBuffer> {
    let (first, rest) = needles.split_first()?;
    let mut found = search_texts(texts, first, Some(WHOLE))?;
    for needle in rest {
        let more = search_texts(texts, needle, Some(WHOLE))?;
        found = if all { &found & &more } else { &found | &more };
    }
    Some(found)
}

/// A pattern made ready.
enum Matcher {
    Text(Test, Needle),
    Regex(Option<Regex>),
    Terms { all: bool, needles: Vec<Needle> },
}

impl Matcher {
    fn new(test: Test, case_sensitive: bool, pattern: &str) -> Self {
        match test {
            Test::Regex => Self::Regex(compile_regex(pattern)),
            Test::Like => Self::Regex(compile_regex(&like_pattern(pattern, case_sensitive))),
            Test::HasAny | Test::HasAll => Self::Terms {
                all: test == Test::HasAll,
                needles: terms_of_array(pattern)
                    .iter()
                    .map(|term| Needle::new(term, !case_sensitive))
                    .collect(),
            },
            _ => Self::Text(test, Needle::new(pattern, !case_sensitive)),
        }
    }

    /// Which rows match: equal texts are looked at once, others in one search over all of them where that is possible.
    fn matching_rows(&self, values: &ColumnarValue, rows: usize) -> Result<BooleanArray> {
        let reader = [ColumnReader::of_argument(values, ScalarType::String)?];
        let texts = text_array(values)?;
        if let Some(distinct) = distinct_rows(&reader, 1, rows) {
            let matched: Vec<bool> = distinct
                .rows
                .iter()
                .map(|row| self.matches(text_at(&texts, *row)))
                .collect();
            let slots = distinct.slots.iter();
            let found = slots.map(|slot| matched.get(*slot as usize).copied());
            return Ok(found.map(Option::unwrap_or_default).map(Some).collect());
        }
        let searched = match self {
            Self::Text(Test::Contains, needle) => search_texts(&texts, needle, None),
            Self::Text(test, needle) => {
                test_borders(*test).and_then(|borders| search_texts(&texts, needle, Some(borders)))
            }
            Self::Terms { all, needles } => search_terms(&texts, needles, *all),
            Self::Regex(_) => None,
        };
        if let Some(found) = searched {
            return Ok(BooleanArray::new(found, None));
        }
        Ok((0..rows)
            .map(|row| Some(self.matches(text_at(&texts, row))))
            .collect())
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Regex(regex) => regex.as_ref().is_some_and(|regex| regex.is_match(text)),
            Self::Terms { all: true, needles } => {
                needles.iter().all(|needle| needle.is_term_in(text, WHOLE))
            }
            Self::Terms {
                all: false,
                needles,
            } => needles.iter().any(|needle| needle.is_term_in(text, WHOLE)),
            Self::Text(test, needle) => match test {
                Test::Equals => needle.equals(text),
                Test::StartsWith => needle.starts(text),
                Test::EndsWith => needle.ends(text),
                other => match test_borders(*other) {
                    Some(borders) => needle.is_term_in(text, borders),
                    None => needle.is_in(text),
                },
            },
        }
    }
}

/// `*` stands for any text.
fn like_pattern(pattern: &str, case_sensitive: bool) -> String {
    let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
    let flags = if case_sensitive { "(?s)" } else { "(?si)" };
    format!("{flags}^{}$", parts.join(".*"))
}

/// The terms that the array of a `has_any` or `has_all` holds.
pub(crate) fn terms_of_array(text: &str) -> Vec<String> {
    match Dynamic::from_text(text).to_json() {
        Json::Array(elements) => elements
            .into_iter()
            .map(|element| match element {
                Json::String(text) => text,
                other => other.to_string(),
            })
            .collect(),
        Json::String(text) => vec![text],
        Json::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}
