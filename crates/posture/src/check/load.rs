//! Check files, read and looked over.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};
use stance_model::{Diagnostic, DiagnosticLevel};

use super::Check;

/// One check a file.
static CHECKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/checks");

/// Longest file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;
/// Most files of a folder.
const MOST_FILES: usize = 10_000;
/// Deepest folder.
const DEEPEST: usize = 16;

/// A check file cannot be used.
const UNUSABLE: &str = "CHK0001";

/// The checks that ship with the product, in order of name; what is wrong with one costs a diagnostic.
pub fn embedded_checks() -> (Vec<Check>, Vec<Diagnostic>) {
    let mut read = Reading::default();
    read.embedded(&CHECKS);
    read.finish()
}

/// The checks of a file, or of every `.yaml` and `.yml` file below a folder.
pub fn load_checks(path: &Path) -> (Vec<Check>, Vec<Diagnostic>) {
    let mut read = Reading::default();
    read.path(path, 0);
    read.finish()
}

/// One check out of its text; the error says what is wrong with it.
pub fn read_check(text: &str) -> Result<Check, String> {
    let check: Check = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    let lower = |types: &BTreeSet<String>| {
        types
            .iter()
            .all(|name| *name == name.to_lowercase() && !name.is_empty())
    };
    if check.types.is_empty() {
        return Err("`types` names no type that is judged".to_owned());
    }
    if !lower(&check.types) || !lower(&check.related) || !lower(&check.absence) {
        return Err("types are written in lower case, as in `Resources`".to_owned());
    }
    if check.query.trim().is_empty() || check.name.trim().is_empty() {
        return Err("`name` and `query` must say something".to_owned());
    }
    Ok(check)
}

#[derive(Default)]
struct Reading {
    checks: Vec<Check>,
    diagnostics: Vec<Diagnostic>,
    files: usize,
}

impl Reading {
    fn embedded(&mut self, folder: &Dir<'_>) {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(inner) => self.embedded(inner),
                DirEntry::File(file) if is_yaml(file.path()) => {
                    let shown = format!("content/checks/{}", file.path().display());
                    self.text(
                        &shown,
                        file.path(),
                        file.contents_utf8().unwrap_or_default(),
                    );
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
        match read_check(text) {
            Ok(check)
                if path
                    .file_stem()
                    .is_none_or(|stem| stem != check.name.as_str()) =>
            {
                self.refuse(shown, "the file is not named like the check");
            }
            Ok(check) => self.checks.push(check),
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
            message: format!("the check cannot be used: {reason}"),
            help: "docs/checks.md has the format; nothing of this file is judged until then"
                .to_owned(),
        });
    }

    /// Sorted by name; of two with one name the first stays.
    fn finish(mut self) -> (Vec<Check>, Vec<Diagnostic>) {
        self.checks.sort_by(|one, other| one.name.cmp(&other.name));
        let mut names = BTreeSet::new();
        let mut twice = Vec::new();
        self.checks.retain(|check| {
            let first = names.insert(check.name.clone());
            if !first {
                twice.push(check.name.clone());
            }
            first
        });
        for name in twice {
            self.refuse(&name, "another check has the same name");
        }
        (self.checks, self.diagnostics)
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == "yaml" || ending == "yml")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn every_shipped_file_is_a_check() {
        let (checks, diagnostics) = embedded_checks();
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        for check in checks {
            assert!(!check.remediation.text.is_empty(), "{}", check.name);
            assert!(!check.frameworks.is_empty(), "{}", check.name);
            for state in ["Healthy", "Unhealthy", "NotApplicable", "Unknown"] {
                assert!(
                    check.examples.iter().any(|example| example.expect == state),
                    "{} has no example that is {state}",
                    check.name
                );
            }
        }
    }

    #[test]
    fn a_file_says_what_is_wrong_with_it() {
        let whole = "{name: a, displayName: A, description: d, cloud: AWS, severity: Low, types: [x], query: Resources}";
        assert!(read_check(whole).is_ok());
        let spelt = whole.replace("types", "typos");
        assert!(read_check(&spelt).is_err_and(|reason| reason.contains("typos")));
        let upper = whole.replace("[x]", "[X]");
        assert!(read_check(&upper).is_err_and(|reason| reason.contains("lower case")));
    }

    #[test]
    fn aliases_do_not_grow_without_bound() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..40 {
            let before = level - 1;
            let list = vec![format!("*a{before}"); 6].join(", ");
            let _ = writeln!(bomb, "a{level}: &a{level} [{list}]");
        }
        assert!(read_check(&bomb).is_err());
    }
}
