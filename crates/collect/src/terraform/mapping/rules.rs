//! `from -> to | change | change`: one line of a mapping.

use serde_json::Value as Json;

/// A rule that was read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) from: Vec<Segment>,
    pub(super) to: Vec<Segment>,
    pub(super) changes: Vec<Change>,
}

/// A member's name; `each` runs over every element of the list there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) each: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    /// The value where nothing is written.
    Default(Json),
    /// The value, whatever is written.
    Value(Json),
    /// true to false.
    Not,
    /// true to `Enabled`, false to `Disabled`.
    Enabled,
    /// Words to words; others stay.
    Words(Vec<(String, String)>),
    /// A text to a list of it.
    Wrap,
    /// A list to its first element.
    First,
    /// A list of texts to an object with these keys.
    Keys,
    /// JSON text to what it says.
    JsonText,
    /// Names of members in the manner of the cloud.
    Camel,
    Pascal,
    /// Minutes, days and the like to text.
    Text,
    /// `["a", "b"]` to `a,b` without spaces.
    NoSpaces,
    /// Parts of a Key Vault key's address.
    KeyName,
    KeyVersion,
    VaultUri,
    /// The last part of an id or address.
    LastSegment,
    /// Text in front.
    Prefix(String),
    /// A list under a single member: `{"name": […]}`.
    Member(String),
    /// Only where a flag is true, or is not.
    When(Vec<Segment>, bool),
}

impl Rule {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (from, rest) = text.split_once("->").ok_or("a rule needs `->`")?;
        let mut parts = rest.split('|');
        let to = segments(parts.next().unwrap_or_default())?;
        let changes = parts.map(change).collect::<Result<_, _>>()?;
        Ok(Self {
            from: segments(from)?,
            to,
            changes,
        })
    }

    pub(super) fn default(&self) -> Option<&Json> {
        self.changes.iter().find_map(|change| match change {
            Change::Default(value) => Some(value),
            _ => None,
        })
    }

    /// Whether members below the value keep their places.
    pub(super) fn keeps_shape(&self) -> bool {
        self.changes.iter().all(|change| {
            matches!(
                change,
                Change::Default(_)
                    | Change::When(..)
                    | Change::Camel
                    | Change::Pascal
                    | Change::JsonText
            )
        })
    }
}

pub(super) fn segments(text: &str) -> Result<Vec<Segment>, String> {
    text.trim()
        .split('.')
        .map(|part| {
            let (name, each) = match part.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (part, false),
            };
            if name.is_empty() || name.contains([' ', '[', ']']) {
                return Err(format!("`{part}` is no name"));
            }
            Ok(Segment {
                name: name.to_owned(),
                each,
            })
        })
        .collect()
}

fn change(text: &str) -> Result<Change, String> {
    let text = text.trim();
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let json = || serde_json::from_str(rest).map_err(|error| format!("`{rest}`: {error}"));
    Ok(match word {
        "default" => Change::Default(json()?),
        "value" => Change::Value(json()?),
        "not" => Change::Not,
        "enabled" => Change::Enabled,
        "words" => Change::Words(
            rest.split(',')
                .map(|pair| match pair.trim().split_once('=') {
                    Some((from, to)) => Ok((from.to_owned(), to.to_owned())),
                    None => Err(format!("`{pair}` needs `=`")),
                })
                .collect::<Result<_, _>>()?,
        ),
        "wrap" => Change::Wrap,
        "first" => Change::First,
        "keys" => Change::Keys,
        "json" => Change::JsonText,
        "camel" => Change::Camel,
        "pascal" => Change::Pascal,
        "text" => Change::Text,
        "nospaces" => Change::NoSpaces,
        "keyname" => Change::KeyName,
        "keyversion" => Change::KeyVersion,
        "vaulturi" => Change::VaultUri,
        "last" => Change::LastSegment,
        "prefix" => Change::Prefix(rest.to_owned()),
        "member" => Change::Member(rest.to_owned()),
        "when" => Change::When(segments(rest)?, true),
        "unless" => Change::When(segments(rest)?, false),
        _ => return Err(format!("`{word}` is no change")),
    })
}
