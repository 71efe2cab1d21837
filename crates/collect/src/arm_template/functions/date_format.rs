//! .NET date patterns, in the invariant culture Azure uses.
//!
//! Source: learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings and its standard sibling.

use chrono::{DateTime, Datelike, Timelike, Utc};

use super::super::fault::Fault;

/// Longest pattern.
const LONGEST: usize = 1000;

/// An instant in a standard (one letter) or custom pattern.
pub(super) fn formatted(instant: DateTime<Utc>, pattern: &str) -> Result<String, Fault> {
    if pattern.len() > LONGEST {
        return Err(Fault::argument("a date pattern is too long"));
    }
    let custom = match pattern {
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" | "U" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffZ",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "y" | "Y" => "yyyy MMMM",
        other
            if other.chars().count() == 1
                && other.starts_with(|only: char| only.is_ascii_alphabetic()) =>
        {
            return Err(Fault::argument(format!("`{other}` is no date pattern")));
        }
        other => other.strip_prefix('%').unwrap_or(other),
    };
    Ok(custom_format(instant, custom))
}

fn custom_format(instant: DateTime<Utc>, pattern: &str) -> String {
    let letters: Vec<char> = pattern.chars().collect();
    let mut made = String::new();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        let run = letters[at..]
            .iter()
            .take_while(|next| **next == letter)
            .count();
        match letter {
            '\\' => {
                made.extend(letters.get(at + 1));
                at += 2;
                continue;
            }
            '\'' | '"' => {
                let end = letters[at + 1..]
                    .iter()
                    .position(|next| *next == letter)
                    .map_or(letters.len(), |end| at + 1 + end);
                made.extend(&letters[at + 1..end]);
                at = end + 1;
                continue;
            }
            _ => match field(instant, letter, run) {
                Some(text) => made.push_str(&text),
                None => made.extend(std::iter::repeat_n(letter, run)),
            },
        }
        at += run;
    }
    made
}

/// One run of the same letter.
fn field(instant: DateTime<Utc>, letter: char, run: usize) -> Option<String> {
    let padded = |number: u32| {
        if run == 1 {
            number.to_string()
        } else {
            format!("{number:02}")
        }
    };
    Some(match (letter, run) {
        ('y', 1) => (instant.year() % 100).to_string(),
        ('y', 2) => format!("{:02}", instant.year() % 100),
        ('y', run) => format!("{:0width$}", instant.year(), width = run.min(9)),
        ('M', 1 | 2) => padded(instant.month()),
        ('M', 3) => instant.format("%b").to_string(),
        ('M', _) => instant.format("%B").to_string(),
        ('d', 1 | 2) => padded(instant.day()),
        ('d', 3) => instant.format("%a").to_string(),
        ('d', _) => instant.format("%A").to_string(),
        ('H', _) => padded(instant.hour()),
        ('h', _) => padded(instant.hour12().1),
        ('m', _) => padded(instant.minute()),
        ('s', _) => padded(instant.second()),
        ('f', run) => fraction(instant, run.min(7)),
        ('F', run) => fraction(instant, run.min(7))
            .trim_end_matches('0')
            .to_owned(),
        ('t', 1) => if instant.hour12().0 { "P" } else { "A" }.to_owned(),
        ('t', _) => if instant.hour12().0 { "PM" } else { "AM" }.to_owned(),
        ('z', 1) => "+0".to_owned(),
        ('z', 2) => "+00".to_owned(),
        ('z', _) => "+00:00".to_owned(),
        ('K', _) => "Z".to_owned(),
        ('g', _) => "A.D.".to_owned(),
        _ => return None,
    })
}

fn fraction(instant: DateTime<Utc>, digits: usize) -> String {
    let nanos = format!("{:09}", instant.nanosecond() % 1_000_000_000);
    nanos[..digits.min(9)].to_owned()
}
