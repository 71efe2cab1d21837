//! The faster ways give what the functions give row by row.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, DictionaryArray, Float64Array, Int32Array, Int64Array,
    StringArray, StringViewArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Int32Type};
use datafusion::common::ScalarValue;
use datafusion::common::config::ConfigOptions;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF};
use stance_base::ScalarType;

use crate::functions::lookup;
use crate::functions::text_match::{Test, TextMatchFunction};
use crate::functions::udf::KqlScalarFunction;
use crate::types::{arrow_field, arrow_type};
use crate::value::ColumnReader;

const ROWS: usize = 3_000;

/// Numbers that look random and are the same in every run (the step of `SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len() as u64) as usize]
    }
}

const WORDS: [&str; 14] = [
    "",
    "a",
    "Error",
    "mimikatz",
    "MIMIKATZ.exe",
    "srv-01.corp.example",
    "É",
    "straße-Ä",
    "日本",
    "10.0.0.1/24",
    "a/b/c/d/e",
    "0x1F",
    "-12.50",
    "C:\\Windows\\System32\\cmd.exe --run=mimikatz",
];

/// A text of one to six words, sometimes null.
fn text(numbers: &mut Numbers) -> Option<String> {
    if numbers.below(20) == 0 {
        return None;
    }
    let words: Vec<&str> = (0..=numbers.below(6))
        .map(|_| numbers.one_of(&WORDS))
        .collect();
    Some(words.join(numbers.one_of(&[" ", "/", ";", "_", "\u{a0}"])))
}

fn json(numbers: &mut Numbers) -> Option<String> {
    let value = match numbers.below(9) {
        0 => return None,
        1 => "null".to_owned(),
        2 => format!(
            "\"{}\"",
            numbers.one_of(&["x", "high", "a\\\"b", "é", "2026-10-01", "1d", "true"])
        ),
        3 => numbers
            .one_of(&[
                "not json",
                "{\"a\":",
                "\"open",
                "{\"a\" 1}",
                "[1,",
                " 12 ",
                "-0",
                "1e400",
            ])
            .to_owned(),
        4 => format!("{}.{:02}", numbers.below(1_000), numbers.below(100)),
        5 => numbers.below(u64::MAX).to_string(),
        6 => "[{\"b\":\"deep\"}, 2, [3]]".to_owned(),
        _ => format!(
            r#"{{"a": {{"b": "{}", "c\"d": [1, {{"e": true}}]}}, "n": null, "level":"{}", "score": -{}.5, "a2":{}}}"#,
            numbers.one_of(&["x", "Ünï", "long enough for a buffer of its own", "\\u0041"]),
            numbers.one_of(&["low", "high", ""]),
            numbers.below(100),
            numbers.below(100_000)
        ),
    };
    Some(value)
}

/// Columns of a type: every value different or few, with a part cut off in front.
fn columns(scalar_type: ScalarType) -> Vec<ArrayRef> {
    let mut numbers = Numbers(scalar_type as u64 + 1);
    let mut columns: Vec<ArrayRef> = Vec::new();
    for most in [7_u64, 1 << 40] {
        let column: ArrayRef = match scalar_type {
            ScalarType::String | ScalarType::Dynamic => {
                let texts: Vec<Option<String>> = (0..ROWS)
                    .map(|row| {
                        let mut seeded = Numbers(numbers.next() % most);
                        let made = if scalar_type == ScalarType::String {
                            text(&mut seeded)
                        } else {
                            json(&mut seeded)
                        };
                        if most > 7 && scalar_type == ScalarType::String {
                            made.map(|text| format!("{text} {row}"))
                        } else {
                            made
                        }
                    })
                    .collect();
                let plain = StringArray::from(texts);
                // As a Parquet reader gives them: equal texts as equal views.
                let dictionary: DictionaryArray<Int32Type> = plain.iter().collect();
                let dictionary: ArrayRef = Arc::new(dictionary);
                if most == 7 {
                    arrow::compute::cast(&dictionary, &DataType::Utf8View).unwrap()
                } else {
                    arrow::compute::cast(&plain, &DataType::Utf8View).unwrap()
                }
            }
            ScalarType::Bool => Arc::new(
                (0..ROWS)
                    .map(|_| [None, Some(true), Some(false)][numbers.below(3) as usize])
                    .collect::<BooleanArray>(),
            ),
            ScalarType::Int => Arc::new(
                (0..ROWS)
                    .map(|_| (numbers.below(9) > 0).then(|| numbers.below(most) as i32 - 3))
                    .collect::<Int32Array>(),
            ),
            ScalarType::Long | ScalarType::TimeSpan => Arc::new(
                (0..ROWS)
                    .map(|_| {
                        (numbers.below(9) > 0).then(|| (numbers.below(most) as i64 - 3) * 1_000_003)
                    })
                    .collect::<Int64Array>(),
            ),
            ScalarType::Real => Arc::new(
                (0..ROWS)
                    .map(|_| (numbers.below(9) > 0).then(|| numbers.below(most) as f64 / 8.0 - 1.0))
                    .collect::<Float64Array>(),
            ),
            _ => {
                let times = (0..ROWS).map(|row| {
                    (numbers.below(9) > 0).then(|| {
                        1_790_812_800_000_000 - 86_400_000_000 * 900
                            + row as i64 * 600_000_000 * (most % 97) as i64
                            + numbers.below(most.min(5_000_000)) as i64
                    })
                });
                Arc::new(
                    times
                        .collect::<TimestampMicrosecondArray>()
                        .with_timezone("UTC"),
                )
            }
        };
        columns.push(Arc::clone(&column));
        columns.push(column.slice(17, ROWS - 40));
    }
    columns
}

/// A constant of KQL, written as its Arrow scalar.
fn constant(scalar_type: ScalarType, text: &str) -> ScalarValue {
    match scalar_type {
        ScalarType::Long | ScalarType::TimeSpan => ScalarValue::Int64(text.parse().ok()),
        ScalarType::DateTime => {
            ScalarValue::TimestampMicrosecond(text.parse().ok(), Some("UTC".into()))
        }
        _ => ScalarValue::Utf8View(Some(text.to_owned())),
    }
}

fn check(
    function: &str,
    varying: &[ScalarType],
    constants: &[(ScalarType, &str)],
    before: bool,
    result: ScalarType,
) {
    let known = lookup(function).unwrap_or_else(|| panic!("{function}"));
    let sets: Vec<Vec<ArrayRef>> = varying
        .iter()
        .map(|scalar_type| columns(*scalar_type))
        .collect();
    let constants: Vec<(ScalarType, ColumnReader)> = constants
        .iter()
        .map(|(scalar_type, text)| {
            let value = ColumnarValue::Scalar(constant(*scalar_type, text));
            (
                *scalar_type,
                ColumnReader::of_argument(&value, *scalar_type).unwrap(),
            )
        })
        .collect();
    for set in 0..4 {
        let mut readers: Vec<ColumnReader> = Vec::new();
        let mut types = Vec::new();
        let add_constants = |readers: &mut Vec<ColumnReader>, types: &mut Vec<ScalarType>| {
            for (scalar_type, reader) in &constants {
                types.push(*scalar_type);
                readers.push(reader.clone());
            }
        };
        if before {
            add_constants(&mut readers, &mut types);
        }
        let rows = sets[0][set].len();
        for (scalar_type, columns) in varying.iter().zip(&sets) {
            types.push(*scalar_type);
            readers.push(ColumnReader::of_array(&columns[set], *scalar_type).unwrap());
        }
        if !before {
            add_constants(&mut readers, &mut types);
        }
        let made = KqlScalarFunction::new(known, &types, result);
        let slow = made.row_by_row(&readers, 0..rows, rows);
        let fast = made.column(&readers, rows).unwrap();
        assert_eq!(fast.data_type(), &arrow_type(result), "{function}");
        assert!(
            *slow == *fast,
            "{function} over columns {set}: {slow:?} and {fast:?}"
        );
    }
}

#[test]
fn functions_give_the_same_by_both_ways() {
    use ScalarType::{Bool, DateTime, Dynamic, Int, Long, Real, String, TimeSpan};
    for function in [
        "startofday",
        "startofweek",
        "startofmonth",
        "startofyear",
        "endofday",
        "endofweek",
        "endofmonth",
        "endofyear",
    ] {
        check(function, &[DateTime], &[], false, DateTime);
        check(function, &[DateTime], &[(Long, "-2")], false, DateTime);
    }
    for function in [
        "dayofmonth",
        "dayofyear",
        "getmonth",
        "monthofyear",
        "getyear",
        "hourofday",
        "week_of_year",
    ] {
        check(function, &[DateTime], &[], false, Long);
    }
    check("dayofweek", &[DateTime], &[], false, TimeSpan);
    for pattern in [
        "yyyy-MM-dd",
        "yy-MM-dd HH:mm",
        "h:mm:ss tt",
        "HH:mm:ss.fff",
        "FFFFFFF",
        "'day' d",
    ] {
        check(
            "format_datetime",
            &[DateTime],
            &[(String, pattern)],
            false,
            String,
        );
    }
    for ticks in [
        "36000000000",
        "864000000000",
        "6048000000000",
        "3",
        "0",
        "-10000000",
        "77770000000",
    ] {
        check("bin", &[DateTime], &[(TimeSpan, ticks)], false, DateTime);
        let start = (DateTime, "1790812800000000");
        check(
            "series_index",
            &[DateTime],
            &[start, (TimeSpan, ticks)],
            false,
            Long,
        );
    }
    for size in ["10", "1", "0", "-5", "1000003"] {
        check("bin", &[Long], &[(Long, size)], false, Long);
    }
    for result in [Dynamic, String, Long, Int, Real, Bool, DateTime, TimeSpan] {
        check(
            "dynamic_get",
            &[Dynamic],
            &[(String, "a"), (String, "b")],
            false,
            result,
        );
        check(
            "dynamic_get",
            &[Dynamic],
            &[(String, "a"), (String, "c\"d"), (Long, "-1"), (String, "e")],
            false,
            result,
        );
        check(
            "dynamic_get",
            &[Dynamic],
            &[(String, "score")],
            false,
            result,
        );
        check("dynamic_get", &[Dynamic], &[(Long, "0")], false, result);
        check("dynamic_get", &[Dynamic], &[], false, result);
        check("convert", &[Dynamic], &[], false, result);
        check("convert", &[String], &[], false, result);
        check(
            "split_get",
            &[String],
            &[(String, "/"), (Long, "1")],
            false,
            result,
        );
    }
    for function in ["tolower", "toupper", "reverse", "tostring"] {
        check(function, &[String], &[], false, String);
    }
    check("strlen", &[String], &[], false, Long);
    check("strcat", &[String, String], &[(String, "/")], false, String);
    check("strcat", &[String, Long], &[], true, String);
    check(
        "substring",
        &[String],
        &[(Long, "2"), (Long, "9")],
        false,
        String,
    );
    check("substring", &[String], &[(Long, "-4")], false, String);
    check("indexof", &[String], &[(String, "i")], false, Long);
    check("split", &[String], &[(String, " ")], false, Dynamic);
    check(
        "replace_string",
        &[String],
        &[(String, "a"), (String, "é")],
        false,
        String,
    );
    check(
        "extract",
        &[String],
        &[(String, "([a-z]+)\\.(exe)"), (Long, "1")],
        true,
        String,
    );
    check("ipv4_is_private", &[String], &[], false, Bool);
    check("equal", &[Dynamic], &[(String, "high")], false, Bool);
    check("equal", &[Dynamic, String], &[], false, Bool);
    check("less", &[Dynamic], &[(Long, "5")], false, Bool);
    check("hash", &[String], &[], false, Long);
    check("bin", &[Real], &[(Real, "0.5")], false, Real);
    check("parse_json", &[String], &[], false, Dynamic);
}

#[test]
fn a_part_of_a_split_text_is_what_the_whole_split_holds_there() {
    let texts = &columns(ScalarType::String)[2];
    let text = ColumnReader::of_array(texts, ScalarType::String).unwrap();
    for delimiter in ["/", " ", "", "é", "//"] {
        for index in ["0", "1", "3", "-1", "-2", "99"] {
            let scalar = |scalar_type, text| {
                ColumnReader::of_argument(
                    &ColumnarValue::Scalar(constant(scalar_type, text)),
                    scalar_type,
                )
                .unwrap()
            };
            let by = || scalar(ScalarType::String, delimiter);
            let at = || scalar(ScalarType::Long, index);
            let types = [ScalarType::String, ScalarType::String, ScalarType::Long];
            let part =
                KqlScalarFunction::new(lookup("split_get").unwrap(), &types, ScalarType::Dynamic);
            let part = part
                .column(&[text.clone(), by(), at()], texts.len())
                .unwrap();
            let split =
                KqlScalarFunction::new(lookup("split").unwrap(), &types[..2], ScalarType::Dynamic);
            let split = split.column(&[text.clone(), by()], texts.len()).unwrap();
            let split = ColumnReader::of_array(&split, ScalarType::Dynamic).unwrap();
            let get = KqlScalarFunction::new(
                lookup("dynamic_get").unwrap(),
                &[ScalarType::Dynamic, ScalarType::Long],
                ScalarType::Dynamic,
            );
            let whole = get.column(&[split, at()], texts.len()).unwrap();
            assert!(*part == *whole, "split by `{delimiter}` at {index}");
        }
    }
}

fn matched(
    test: Test,
    case_sensitive: bool,
    values: ColumnarValue,
    rows: usize,
    pattern: &str,
) -> BooleanArray {
    let function = ScalarUDF::new_from_impl(TextMatchFunction::new(test, case_sensitive));
    let field = Arc::new(arrow_field("value", ScalarType::String));
    let arguments = ScalarFunctionArgs {
        args: vec![
            values,
            ColumnarValue::Scalar(constant(ScalarType::String, pattern)),
        ],
        arg_fields: vec![Arc::clone(&field), field],
        number_rows: rows,
        return_field: Arc::new(arrow_field("found", ScalarType::Bool)),
        config_options: Arc::new(ConfigOptions::default()),
    };
    let found = function
        .invoke_with_args(arguments)
        .unwrap()
        .into_array(rows)
        .unwrap();
    found.as_boolean().clone()
}

/// Texts one behind the other in one buffer, as a plain Parquet page holds them.
fn page() -> ArrayRef {
    let mut numbers = Numbers(99);
    let texts: Vec<Option<String>> = (0..ROWS)
        .map(|row| text(&mut numbers).map(|text| format!("{text}{row}")))
        .collect();
    let texts: StringViewArray = texts.into_iter().collect();
    Arc::new(texts)
}

#[test]
fn text_tests_give_the_same_for_a_column_and_for_each_text() {
    let mut columns = columns(ScalarType::String);
    columns.push(page());
    columns.push(page().slice(33, 2_000));
    let tests = [
        (Test::Equals, "error"),
        (Test::Contains, "IMI"),
        (Test::Contains, "é"),
        (Test::Has, "mimikatz"),
        (Test::Has, "exe"),
        (Test::Has, "C:\\Windows"),
        (Test::Has, "-"),
        (Test::Has, ""),
        (Test::Has, "straße-ä"),
        (Test::HasPrefix, "mimi"),
        (Test::HasSuffix, "KATZ"),
        (Test::StartsWith, "srv"),
        (Test::EndsWith, "1"),
        (Test::Regex, "[0-9]+\\.[0-9]"),
        (Test::Like, "*corp*"),
        (Test::HasAny, "[\"corp\",\"cmd\"]"),
        (Test::HasAll, "[\"corp\",\"mimikatz\"]"),
        (Test::HasAny, "[]"),
        (Test::Contains, "System32\\cmd.exe --RUN"),
    ];
    let mut hits = 0;
    for column in &columns {
        for (test, pattern) in tests {
            for case_sensitive in [false, true] {
                let rows = column.len();
                let found = matched(
                    test,
                    case_sensitive,
                    ColumnarValue::Array(Arc::clone(column)),
                    rows,
                    pattern,
                );
                // A regular expression is compiled anew for each text here, which takes its time.
                let step = if matches!(test, Test::Regex | Test::Like) {
                    307
                } else {
                    13
                };
                for row in (0..rows).step_by(step) {
                    let one =
                        ColumnarValue::Scalar(ScalarValue::try_from_array(column, row).unwrap());
                    let alone = matched(test, case_sensitive, one, 1, pattern).value(0);
                    assert_eq!(found.value(row), alone, "{test:?} {pattern} in row {row}");
                    hits += usize::from(alone);
                }
            }
        }
    }
    assert!(hits > 1_000, "{hits}");
}
