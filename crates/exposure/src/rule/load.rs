//! Rule files, read and looked over.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};
use stance_model::{Diagnostic, DiagnosticLevel};

use super::{Rule, read_rule};

/// One rule a file.
static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/attack-paths");

/// Longest file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// Most files of a folder.
const MOST_FILES: usize = 2000;
/// Deepest folder.
const DEEPEST: usize = 16;

/// A rule file cannot be used.
const UNUSABLE: &str = "ATP0001";

/// The rules that ship with the product, in order of name; what is wrong with one costs a diagnostic.
pub fn embedded_rules() -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut read = Reading::default();
    read.embedded(&RULES);
    read.finish()
}

/// The rules of a file, or of every `.yaml` and `.yml` file below a folder.
pub fn load_rules(path: &Path) -> (Vec<Rule>, Vec<Diagnostic>) {
    let mut read = Reading::default();
    read.path(path, 0);
    read.finish()
}

#[derive(Default)]
struct Reading {
    rules: Vec<Rule>,
    diagnostics: Vec<Diagnostic>,
    files: usize,
    too_many: bool,
}

impl Reading {
    fn embedded(&mut self, folder: &Dir<'_>) {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(inner) => self.embedded(inner),
                DirEntry::File(file) if is_yaml(file.path()) => {
                    let shown = format!("content/attack-paths/{}", file.path().display());
                    let text = file.contents_utf8().unwrap_or_default();
                    self.text(&shown, file.path(), text);
                }
                DirEntry::File(_) => {}
            }
        }
    }

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
        let shown = path.to_string_lossy().into_owned();
        if self.files >= MOST_FILES {
            if !self.too_many {
                self.too_many = true;
                self.refuse(
                    &shown,
                    &format!("only {MOST_FILES} files of a folder are read"),
                );
            }
            return;
        }
        self.files += 1;
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
            message: format!("the attack-path rule cannot be used: {reason}"),
            help:
                "docs/attack-paths.md has the format; no path of this rule is looked for until then"
                    .to_owned(),
        });
    }

    /// Sorted by name; of two with one name the first stays.
    fn finish(mut self) -> (Vec<Rule>, Vec<Diagnostic>) {
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
