//! Rule files of the graph, read and looked over.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde_json::{Map, Value};
use stance_model::{Diagnostic, DiagnosticLevel};

/// One rule a file.
static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/graph/rules");

/// Longest file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// Most files of a folder.
const MOST_FILES: usize = 10_000;
/// Deepest folder.
const DEEPEST: usize = 16;
/// A rule file cannot be used.
const UNUSABLE: &str = "EXP0001";

/// A rule that gives edges or insights.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GraphRule {
    /// Stable id; the file's name. Edges name it as who found them.
    pub name: String,
    /// What it finds.
    pub description: String,
    /// Types in lower case of which one must be there for the rule to run; it always runs where there are none.
    #[serde(default)]
    pub types: BTreeSet<String>,
    /// KQL over the inventory; the columns of its result say whether it gives edges or insights.
    pub query: String,
    /// What it must and must not find.
    #[serde(default)]
    pub examples: Vec<RuleExample>,
}

/// One example of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleExample {
    /// What it shows.
    pub name: String,
    /// The inventory.
    pub resources: Vec<Map<String, Value>>,
    /// Exactly the edges it gives, `SOURCE -[LABEL]-> TARGET`, in any order.
    #[serde(default)]
    pub edges: BTreeSet<String>,
    /// Exactly the insights it gives, `NODE: INSIGHT`, in any order.
    #[serde(default)]
    pub insights: BTreeSet<String>,
}

/// The rules that ship with the product, in order of name; what is wrong with one costs a diagnostic.
pub fn embedded_rules() -> (Vec<GraphRule>, Vec<Diagnostic>) {
    let mut read = Reading::default();
    for file in RULES.files().filter(|file| is_yaml(file.path())) {
        let shown = format!("content/graph/rules/{}", file.path().display());
        let text = file.contents_utf8().unwrap_or_default();
        read.text(&shown, file.path(), text);
    }
    read.finish()
}

/// The rules of a file, or of every `.yaml` and `.yml` file below a folder.
pub fn load_rules(path: &Path) -> (Vec<GraphRule>, Vec<Diagnostic>) {
    let mut read = Reading::default();
    read.path(path, 0);
    read.finish()
}

/// One rule out of its text; the error says what is wrong with it.
pub fn read_rule(text: &str) -> Result<GraphRule, String> {
    let rule: GraphRule = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    if rule.query.trim().is_empty() || rule.name.trim().is_empty() {
        return Err("`name` and `query` must say something".to_owned());
    }
    if rule.types.iter().any(|name| *name != name.to_lowercase()) {
        return Err("types are written in lower case, as in `Resources`".to_owned());
    }
    Ok(rule)
}

#[derive(Default)]
struct Reading {
    rules: Vec<GraphRule>,
    diagnostics: Vec<Diagnostic>,
    files: usize,
}

impl Reading {
    fn path(&mut self, path: &Path, depth: usize) {
        if path.is_dir() && depth < DEEPEST {
            let mut entries: Vec<_> = match std::fs::read_dir(path) {
                Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
                Err(error) => return self.refuse(&path.to_string_lossy(), &error.to_string()),
            };
            entries.sort();
            for entry in entries {
                if entry.is_dir() && !entry.is_symlink() || is_yaml(&entry) {
                    self.path(&entry, depth + 1);
                }
            }
            return;
        }
        if self.files >= MOST_FILES {
            return;
        }
        self.files += 1;
        let shown = path.to_string_lossy().into_owned();
        let mut text = String::new();
        let read =
            File::open(path).and_then(|file| file.take(LONGEST_FILE + 1).read_to_string(&mut text));
        match read {
            Ok(_) if text.len() as u64 > LONGEST_FILE => {
                self.refuse(&shown, &format!("it is over {LONGEST_FILE} bytes"));
            }
            Ok(_) => self.text(&shown, path, &text),
            Err(error) => self.refuse(&shown, &error.to_string()),
        }
    }

    fn text(&mut self, shown: &str, path: &Path, text: &str) {
        match read_rule(text) {
            Ok(rule)
                if path
                    .file_stem()
                    .is_none_or(|stem| stem != rule.name.as_str()) =>
            {
                self.refuse(shown, "the file is not named like the rule");
            }
            Ok(rule) => self.rules.push(rule),
            Err(reason) => self.refuse(shown, &reason),
        }
    }

    fn refuse(&mut self, shown: &str, reason: &str) {
        self.diagnostics.push(Diagnostic {
            level: DiagnosticLevel::Error,
            file: shown.to_owned(),
            line: 0,
            column: 0,
            code: UNUSABLE.to_owned(),
            message: format!("the rule of the graph cannot be used: {reason}"),
            help: "docs/graph-rules.md has the format; the graph lacks what this file would add"
                .to_owned(),
        });
    }

    /// Sorted by name; of two with one name the first stays.
    fn finish(mut self) -> (Vec<GraphRule>, Vec<Diagnostic>) {
        self.rules.sort_by(|one, other| one.name.cmp(&other.name));
        let mut names = BTreeSet::new();
        let mut twice = Vec::new();
        self.rules.retain(|rule| {
            let first = names.insert(rule.name.clone());
            if !first {
                twice.push(rule.name.clone());
            }
            first
        });
        for name in twice {
            self.refuse(&name, "another rule has the same name");
        }
        (self.rules, self.diagnostics)
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml")
}
