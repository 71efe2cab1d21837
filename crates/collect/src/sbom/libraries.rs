//! Which libraries count as generative AI: data under `content/libraries/generative-ai.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

const TABLE: &str = include_str!("../../../../content/libraries/generative-ai.json");

#[derive(Debug, Deserialize)]
struct Table {
    libraries: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(rename = "type")]
    ecosystem: String,
    name: String,
    kind: String,
}

/// The entries of one ecosystem.
#[derive(Debug, Default)]
struct Known {
    exact: BTreeMap<String, String>,
    /// Beginnings, in order of name.
    beginnings: Vec<(String, String)>,
}

static LIBRARIES: LazyLock<BTreeMap<String, Known>> = LazyLock::new(|| {
    // A test reads the table; a broken one knows nothing.
    let entries =
        serde_json::from_str::<Table>(TABLE).map_or_else(|_| Vec::new(), |table| table.libraries);
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for entry in entries {
        let of = known.entry(entry.ecosystem).or_default();
        match entry.name.strip_suffix('*') {
            Some(beginning) => of.beginnings.push((beginning.to_owned(), entry.kind)),
            None => {
                of.exact.insert(entry.name, entry.kind);
            }
        }
    }
    known
});

/// What the library is for (`agent framework`, `model client`, …); `None` where it is no generative AI.
/// Ecosystem and name as in package URLs, in lower case.
pub(crate) fn kind_of(ecosystem: &str, name: &str) -> Option<&'static str> {
    let known = LIBRARIES.get(ecosystem)?;
    if let Some(kind) = known.exact.get(name) {
        return Some(kind);
    }
    // Modules of Go carry their major version behind the name.
    let plain = name.rsplit_once("/v").filter(|(_, digits)| {
        ecosystem == "golang"
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if let Some((plain, _)) = plain
        && let Some(kind) = known.exact.get(plain)
    {
        return Some(kind);
    }
    // `ai.djl.*/*`: a star inside stands for anything, too.
    let starts = |beginning: &str| match beginning.split_once('*') {
        Some((head, tail)) => name
            .strip_prefix(head)
            .is_some_and(|rest| rest.contains(tail)),
        None => name.starts_with(beginning),
    };
    let found = known
        .beginnings
        .iter()
        .filter(|(beginning, _)| starts(beginning));
    found
        .max_by_key(|(beginning, _)| beginning.len())
        .map(|(_, kind)| kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: &[&str] = &[
        "agent framework",
        "framework",
        "guardrail",
        "MCP",
        "model client",
        "model runtime",
        "observability",
        "vector store",
    ];

    #[test]
    fn the_table_is_sorted_lower_case_and_of_known_kinds() {
        let table: Table = serde_json::from_str(TABLE).unwrap();
        assert!(table.libraries.len() >= 80);
        let key = |entry: &Entry| (entry.ecosystem.clone(), entry.name.clone());
        assert!(
            table
                .libraries
                .windows(2)
                .all(|pair| key(&pair[0]) < key(&pair[1]))
        );
        for entry in &table.libraries {
            assert!(KINDS.contains(&entry.kind.as_str()), "{entry:?}");
            assert_eq!(entry.name, entry.name.to_lowercase());
            assert_eq!(
                entry.name,
                crate::sbom::purl::normal_name(&entry.ecosystem, &entry.name)
            );
        }
        let ecosystems = ["cargo", "golang", "maven", "npm", "nuget", "pypi"];
        assert!(
            ecosystems
                .iter()
                .all(|ecosystem| LIBRARIES.contains_key(*ecosystem))
        );
    }

    #[test]
    fn libraries_are_told_by_ecosystem_and_name() {
        assert_eq!(kind_of("pypi", "langchain-openai"), Some("framework"));
        assert_eq!(kind_of("pypi", "langgraph"), Some("agent framework"));
        assert_eq!(kind_of("pypi", "mcp"), Some("MCP"));
        assert_eq!(kind_of("npm", "@modelcontextprotocol/sdk"), Some("MCP"));
        assert_eq!(
            kind_of("npm", "@langchain/langgraph"),
            Some("agent framework")
        );
        assert_eq!(
            kind_of("maven", "ai.djl.pytorch/pytorch-engine"),
            Some("model runtime")
        );
        assert_eq!(
            kind_of("golang", "github.com/openai/openai-go/v2"),
            Some("model client")
        );
        assert_eq!(kind_of("pypi", "boto3"), None);
        assert_eq!(kind_of("pypi", "torchx"), None);
        assert_eq!(kind_of("deb", "openai"), None);
    }
}
