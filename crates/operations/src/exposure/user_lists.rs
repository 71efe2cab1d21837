//! What users know better: which data is sensitive, and how much hangs on what. `exposure.yaml` of the data folder.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use stance_exposure::{Confidence, Evidence, GraphDraft, InsightDraft, Inventory, Vocabulary};
use stance_model::{Diagnostic, DiagnosticLevel};

use super::pattern::{Match, Nodes};

/// The shipped rules of criticality.
const CRITICALITY: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../content/graph/criticality.yaml"
));

/// The file's name in the data folder.
const NAME: &str = "exposure.yaml";
/// Longest file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// Most entries of one list.
const MOST_ENTRIES: usize = 10_000;
/// The file cannot be used.
const UNUSABLE: &str = "EXP0003";

/// A rule of criticality.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criticality {
    /// What it is about, for people; stands in `ruleNames`.
    pub name: String,
    /// 0 very high, 1 high, 2 medium, 3 low.
    pub level: u8,
    /// What it is said of.
    #[serde(rename = "match")]
    pub matches: Match,
}

/// The lists of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserLists {
    /// Ids or names of what holds sensitive data; `*` stands for any text.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// Rules of criticality beside the shipped ones.
    #[serde(default)]
    pub critical: Vec<Criticality>,
}

impl UserLists {
    /// Where a data folder keeps them.
    pub fn place(data: &Path) -> PathBuf {
        data.join(NAME)
    }

    /// The lists of a file; empty where there is none. What is wrong with it costs a diagnostic.
    pub fn read_if_there(path: &Path) -> (Self, Option<Diagnostic>) {
        if !path.exists() {
            return (Self::default(), None);
        }
        let mut text = String::new();
        let read =
            File::open(path).and_then(|file| file.take(LONGEST_FILE + 1).read_to_string(&mut text));
        let lists = match read {
            Err(error) => Err(error.to_string()),
            Ok(_) if text.len() as u64 > LONGEST_FILE => {
                Err(format!("it is over {LONGEST_FILE} bytes"))
            }
            Ok(_) => Self::read(&text),
        };
        match lists {
            Ok(lists) => (lists, None),
            Err(reason) => (Self::default(), Some(refused(path, &reason))),
        }
    }

    /// The lists of a text; the error says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let lists: Self = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
        if lists.sensitive.len().max(lists.critical.len()) > MOST_ENTRIES {
            return Err(format!("a list has over {MOST_ENTRIES} entries"));
        }
        if let Some(wrong) = lists.critical.iter().find(|rule| rule.level > 3) {
            return Err(format!(
                "`{}` has the level {}; levels go from 0 (very high) to 3 (low)",
                wrong.name, wrong.level
            ));
        }
        if let Some(wrong) = lists
            .critical
            .iter()
            .find(|rule| rule.matches == Match::default())
        {
            return Err(format!("`{}` says nothing under `match`", wrong.name));
        }
        Ok(lists)
    }
}

/// The rules of criticality that ship with the product; none where the file is broken, which a test keeps from happening.
pub fn shipped_criticality() -> Vec<Criticality> {
    serde_yaml_ng::from_str(CRITICALITY).unwrap_or_default()
}

/// Adds `containsSensitiveData` and `criticalityLevel` to the nodes of a draft. Rules of criticality may ask for insights,
/// so this comes after everything else that gives some.
pub fn add(
    lists: &UserLists,
    inventory: &Inventory,
    vocabulary: &Vocabulary,
    draft: &mut GraphDraft,
) {
    let sensitive = sensitive(lists, inventory, vocabulary, draft);
    for (node, insight) in sensitive {
        draft.insight(node, insight);
    }
    let critical = critical(lists, inventory, vocabulary, draft);
    for (node, insight) in critical {
        draft.insight(node, insight);
    }
}

type Found = Vec<(String, InsightDraft)>;

fn sensitive(
    lists: &UserLists,
    inventory: &Inventory,
    vocabulary: &Vocabulary,
    draft: &GraphDraft,
) -> Found {
    let nodes = Nodes::of(inventory, vocabulary, draft);
    let wanted = lists.sensitive.iter().flat_map(|pattern| {
        let by_id = Match {
            ids: vec![pattern.clone()],
            ..Match::default()
        };
        let by_name = Match {
            names: vec![pattern.clone()],
            ..Match::default()
        };
        [by_id, by_name]
    });
    let wanted: Vec<Match> = wanted.collect();
    let found = draft.nodes().filter_map(|node| {
        let (evidence, _) = wanted.iter().find_map(|wanted| nodes.finds(wanted, node))?;
        let insight = InsightDraft {
            name: "containsSensitiveData".to_owned(),
            value: Value::Bool(true),
            confidence: Confidence::High,
            evidence: Evidence {
                text: format!("{NAME} lists it: {}", evidence.text),
                ..evidence
            },
        };
        Some((node.id.clone(), insight))
    });
    found.collect()
}

fn critical(
    lists: &UserLists,
    inventory: &Inventory,
    vocabulary: &Vocabulary,
    draft: &GraphDraft,
) -> Found {
    let nodes = Nodes::of(inventory, vocabulary, draft);
    let shipped = shipped_criticality();
    let found = draft.nodes().filter_map(|node| {
        let mut hits: Vec<(&Criticality, Evidence, Confidence)> = shipped
            .iter()
            .chain(&lists.critical)
            .filter_map(|rule| {
                let (evidence, confidence) = nodes.finds(&rule.matches, node)?;
                Some((rule, evidence, confidence))
            })
            .collect();
        hits.sort_by_key(|(rule, _, confidence)| (rule.level, std::cmp::Reverse(*confidence)));
        let (worst, evidence, confidence) = hits.first()?;
        let names: Vec<&str> = hits.iter().map(|(rule, ..)| rule.name.as_str()).collect();
        let insight = InsightDraft {
            name: "criticalityLevel".to_owned(),
            value: json!({"criticalityLevel": worst.level, "ruleNames": names}),
            confidence: *confidence,
            evidence: Evidence {
                text: format!("{}: {}", worst.name, evidence.text),
                ..evidence.clone()
            },
        };
        Some((node.id.clone(), insight))
    });
    found.collect()
}

fn refused(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic {
        level: DiagnosticLevel::Error,
        file: path.to_string_lossy().into_owned(),
        line: 0,
        column: 0,
        code: UNUSABLE.to_owned(),
        message: format!("the lists of sensitive and critical resources cannot be used: {reason}"),
        help: "docs/graph-rules.md has the format; nothing of this file counts until then"
            .to_owned(),
    }
}
