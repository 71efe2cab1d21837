//! Of which account and region a file is, as far as its path tells.
//!
//! Answers of AWS often name neither. Kept as `123456789012/eu-central-1/list-agents.json`, or with both in the
//! file's name, they say so themselves.

use super::arn::{Arn, is_account, is_region};

/// An account and region of one partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Place {
    pub(crate) partition: String,
    pub(crate) account: String,
    /// Empty for services without regions.
    pub(crate) region: String,
}

impl Place {
    /// The scope that coverage is told for.
    pub(crate) fn scope(&self) -> String {
        match self.region.as_str() {
            "" => format!("aws:{}", self.account),
            region => format!("aws:{}/{region}", self.account),
        }
    }

    /// The place that an ARN names; `None` where it names no account.
    pub(crate) fn of_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        is_account(arn.account).then(|| Self {
            partition: arn.partition.to_owned(),
            account: arn.account.to_owned(),
            region: arn.region.to_owned(),
        })
    }
}

/// What the path of a file tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hints {
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    /// The operation, lower case and without hyphens: `listagents`.
    pub(crate) operation: String,
    /// Names of the folders around the file, the nearest first.
    pub(crate) folders: Vec<String>,
    /// Everything before the file's name.
    pub(crate) folder: String,
}

/// Reads a path as the user would write it.
pub(crate) fn hints(file: &str) -> Hints {
    let file = file.replace('\\', "/");
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", &file));
    let mut hints = Hints {
        folder: folder.to_owned(),
        operation: operation(name),
        folders: folder.rsplit('/').map(str::to_owned).collect(),
        ..Hints::default()
    };
    // The nearest name counts.
    for segment in file.rsplit('/') {
        let words = segment.split(|next: char| !next.is_ascii_alphanumeric());
        for word in words.filter(|word| is_account(word)) {
            hints.account.get_or_insert_with(|| word.to_owned());
        }
        let parts = segment.split(|next: char| !next.is_ascii_alphanumeric() && next != '-');
        for part in parts {
            if let Some(region) = region_in(part) {
                hints.region.get_or_insert(region);
            }
        }
    }
    hints
}

/// A region alone or at either end of a longer name: `bedrock-eu-west-1`.
fn region_in(part: &str) -> Option<String> {
    let words: Vec<&str> = part.split('-').collect();
    for length in [3, 4] {
        for window in words.windows(length) {
            let joined = window.join("-");
            if is_region(&joined) {
                return Some(joined);
            }
        }
    }
    None
}

/// `bedrock-agent.ListAgents_1.json` and `list-agents.json` are both `listagents`.
fn operation(name: &str) -> String {
    let name = name.split(".json").next().unwrap_or(name);
    let name = name.rsplit('.').next().unwrap_or(name);
    let name = name.trim_end_matches(|next: char| next.is_ascii_digit() || next == '_');
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|next| next.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::hints;

    #[test]
    fn paths_say_account_region_and_operation() {
        let found = hints("export/123456789012/eu-central-1/list-agents.json");
        assert_eq!(found.account.as_deref(), Some("123456789012"));
        assert_eq!(found.region.as_deref(), Some("eu-central-1"));
        assert_eq!(found.operation, "listagents");
        let found = hints("aws/bedrock-us-gov-west-1/bedrock-agent.ListAgents_12.json");
        assert_eq!(found.region.as_deref(), Some("us-gov-west-1"));
        assert_eq!(
            (found.operation.as_str(), found.account),
            ("listagents", None)
        );
        assert_eq!(hints("x.json").folder, "");
    }
}
