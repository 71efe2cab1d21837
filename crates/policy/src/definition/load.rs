//! Loading rule files: folders, files, texts, and what is built in.

use std::collections::HashMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use stance_model::{Diagnostic, DiagnosticLevel};
use walkdir::WalkDir;

use super::read::{Found, read};
use super::{Definition, Initiative};
use crate::diagnostics::{self as codes, diagnostic};
use crate::text;

/// The largest rule file read. The largest built-in is below 400 kB.
const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;
/// Folders below the one that was named.
const MAX_FOLDERS: usize = 16;
/// Files read from one folder: Azure/azure-policy holds about 5,300.
const MAX_FILES: usize = 50_000;

static POLICIES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/policies");
static INITIATIVES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/initiatives");

/// Definitions and initiatives that were read, and what could not be.
#[derive(Debug, Clone, Default)]
pub struct Library {
    /// The definitions, one per name: a later one replaces an earlier one.
    pub definitions: Vec<Definition>,
    /// The initiatives.
    pub initiatives: Vec<Initiative>,
    /// One entry per thing that was not read, and per definition that was replaced.
    pub diagnostics: Vec<Diagnostic>,
    by_name: HashMap<String, usize>,
}

impl Library {
    /// The definitions and initiatives of `content/`, which the binary carries.
    pub fn embedded() -> Self {
        let mut library = Self::default();
        for (folder, dir) in [("policies", &POLICIES), ("initiatives", &INITIATIVES)] {
            for file in dir.files() {
                if file
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "json")
                {
                    let label = format!("content/{folder}/{}", file.path().display());
                    library.add_bytes(&label, file.contents());
                }
            }
        }
        library
    }

    /// Adds a file, or every `.json` file of a folder and the folders below it. Symbolic links are not
    /// followed. Whatever is wrong with one file costs one diagnostic.
    pub fn add_path(&mut self, path: &Path) {
        let mut files = 0_usize;
        for entry in WalkDir::new(path)
            .max_depth(MAX_FOLDERS)
            .sort_by_file_name()
        {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let at = error.path().unwrap_or(path).display().to_string();
                    self.error(
                        codes::NOT_OPENED,
                        (&at, 0),
                        format!("cannot be opened: {error}"),
                        "check that it exists and that you may read it",
                    );
                    continue;
                }
            };
            let is_json = entry
                .path()
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
            if !entry.file_type().is_file() || (entry.depth() > 0 && !is_json) {
                continue;
            }
            files += 1;
            if files > MAX_FILES {
                self.error(
                    codes::UNREADABLE,
                    (&path.display().to_string(), 0),
                    format!("holds more than {MAX_FILES} files; the rest was left out"),
                    "name a folder further down",
                );
                return;
            }
            let label = entry.path().display().to_string();
            match text::read_file(entry.path(), MAX_FILE_BYTES) {
                Ok(bytes) => self.add_bytes(&label, &bytes),
                Err(error) => self.error(
                    codes::NOT_OPENED,
                    (&label, 0),
                    error.to_string(),
                    "no rule of this file is evaluated",
                ),
            }
        }
    }

    /// Adds the bytes of one rule file; `file` names it in messages.
    pub fn add_bytes(&mut self, file: &str, bytes: &[u8]) {
        let Some(whole) = text::decode(bytes) else {
            self.error(
                codes::UNREADABLE,
                (file, 0),
                "is neither UTF-8 nor UTF-16 text",
                "save the file as UTF-8",
            );
            return;
        };
        if let Some(offset) = text::too_deep(&whole) {
            self.error(
                codes::UNREADABLE,
                (file, text::line_at(&whole, offset)),
                format!("nests deeper than {} levels", text::MAX_DEPTH),
                "no policy nests that deep; check the file",
            );
            return;
        }
        let mut found = Found::default();
        if let Err(error) = read(file, &whole, whole.trim_start(), 0, &mut found) {
            self.error(
                codes::UNREADABLE,
                (file, error.line() as u32),
                format!("is no JSON: {error}"),
                "mend the JSON, or write the definition again with `az policy definition show`",
            );
            return;
        }
        if found.definitions.is_empty() && found.initiatives.is_empty() {
            self.error(
                codes::NO_DEFINITION,
                (file, 1),
                "holds no policy definition and no initiative",
                "expected `properties.policyRule`, or `properties.policyDefinitions` for an initiative",
            );
        }
        self.initiatives.extend(found.initiatives);
        for definition in found.definitions {
            self.add_definition(definition);
        }
    }

    fn add_definition(&mut self, definition: Definition) {
        let key = definition.name.to_ascii_lowercase();
        let Some(&at) = self.by_name.get(&key) else {
            self.by_name.insert(key, self.definitions.len());
            self.definitions.push(definition);
            return;
        };
        self.diagnostics.push(diagnostic(
            DiagnosticLevel::Warning,
            codes::DUPLICATE,
            (&definition.file, definition.line),
            format!(
                "the definition `{}` was already read from `{}`; this one counts",
                definition.name, self.definitions[at].file
            ),
            "give one of them another name, or load only one of the files",
        ));
        self.definitions[at] = definition;
    }

    /// A definition by name, any case.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        let at = *self.by_name.get(&name.to_ascii_lowercase())?;
        self.definitions.get(at)
    }

    fn error(
        &mut self,
        code: &str,
        at: (&str, u32),
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.diagnostics
            .push(diagnostic(DiagnosticLevel::Error, code, at, message, help));
    }
}
