//! Loading rule files: folders, files, texts, and what is built in.

use std::collections::HashMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use stance_model::{Diagnostic, DiagnosticLevel};
use walkdir::WalkDir;

use super::read::{Found, read};
use super::{Definition, Initiative, newer};
use crate::assignment::{Assignment, Attestation, Exemption, Read};
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
    /// The assignments. Without any, every definition and initiative is evaluated everywhere.
    pub assignments: Vec<Assignment>,
    /// The exemptions from assignments.
    pub exemptions: Vec<Exemption>,
    /// What people attested.
    pub attestations: Vec<Attestation>,
    /// One entry per thing that was not read, and per definition that was replaced.
    pub diagnostics: Vec<Diagnostic>,
    by_name: HashMap<String, usize>,
    /// Other versions of definitions, by name.
    versions: HashMap<String, Vec<Definition>>,
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
        self.add(file, bytes, false);
    }

    /// Adds what was collected from Azure: definitions and initiatives that are evaluated only where they are
    /// assigned, assignments, exemptions, attestations. What is none of these is passed over; a definition that a
    /// file gave already keeps its place.
    pub fn add_collected(&mut self, file: &str, bytes: &[u8]) {
        self.add(file, bytes, true);
    }

    fn add(&mut self, file: &str, bytes: &[u8], collected: bool) {
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
        let nothing =
            found.definitions.is_empty() && found.initiatives.is_empty() && found.others.is_empty();
        if nothing && !collected {
            self.error(
                codes::NO_DEFINITION,
                (file, 1),
                "holds no policy definition, initiative, assignment or exemption",
                "expected `properties.policyRule`, `properties.policyDefinitions` for an initiative, or \
                 `properties.policyDefinitionId` and a scope for an assignment",
            );
        }
        for initiative in found.initiatives {
            self.add_initiative(initiative, collected);
        }
        for other in found.others {
            self.add_other(other, collected);
        }
        for mut definition in found.definitions {
            definition.assigned_only = collected;
            self.add_definition(definition);
        }
    }

    /// One initiative for each name: a later one replaces an earlier one, but what was collected gives way.
    fn add_initiative(&mut self, mut initiative: Initiative, collected: bool) {
        initiative.assigned_only = collected;
        let same = self
            .initiatives
            .iter_mut()
            .find(|known| known.name.eq_ignore_ascii_case(&initiative.name));
        match same {
            Some(known) if known.assigned_only || !collected => *known = initiative,
            Some(_) => {}
            None => self.initiatives.push(initiative),
        }
    }

    /// An assignment or exemption replaces one of the same id; what was collected gives way to a file.
    fn add_other(&mut self, other: Read, collected: bool) {
        match other {
            Read::Assignment(mut one) => {
                one.collected = collected;
                let is_same = |known: &Assignment| known.id.eq_ignore_ascii_case(&one.id);
                replace(
                    &mut self.assignments,
                    is_same,
                    |known| known.collected,
                    *one.clone(),
                );
            }
            Read::Exemption(mut one) => {
                one.collected = collected;
                let is_same = |known: &Exemption| known.id.eq_ignore_ascii_case(&one.id);
                replace(
                    &mut self.exemptions,
                    is_same,
                    |known| known.collected,
                    *one.clone(),
                );
            }
            Read::Attestation(one) => self.attestations.push(*one),
        }
    }

    fn add_definition(&mut self, definition: Definition) {
        let key = definition.name.to_ascii_lowercase();
        let Some(&at) = self.by_name.get(&key) else {
            self.by_name.insert(key, self.definitions.len());
            self.definitions.push(definition);
            return;
        };
        let known = &self.definitions[at];
        if definition.assigned_only && !known.assigned_only {
            if definition.version != known.version {
                self.versions.entry(key).or_default().push(definition);
            }
            return;
        }
        let of_collected = definition.assigned_only;
        let versioned = !definition.version.is_empty() && !known.version.is_empty();
        if versioned && definition.version != known.version {
            let gives_way = known.assigned_only && !definition.assigned_only;
            let older = if !gives_way && newer(&definition.version, &known.version).is_lt() {
                definition
            } else {
                std::mem::replace(&mut self.definitions[at], definition)
            };
            self.versions.entry(key).or_default().push(older);
            return;
        }
        if !of_collected {
            self.diagnostics.push(diagnostic(
                DiagnosticLevel::Warning,
                codes::DUPLICATE,
                (&definition.file, definition.line),
                format!(
                    "the definition `{}` was already read from `{}`; this one counts",
                    definition.name, known.file
                ),
                "give one of them another name, or load only one of the files",
            ));
        }
        self.definitions[at] = definition;
    }

    /// A definition by name, any case.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        let at = *self.by_name.get(&name.to_ascii_lowercase())?;
        self.definitions.get(at)
    }

    /// Every version of a definition that was read, the newest first.
    pub(crate) fn versions(&self, name: &str) -> Vec<&Definition> {
        let key = name.to_ascii_lowercase();
        let others = self.versions.get(&key);
        let mut all: Vec<&Definition> = self
            .definition(name)
            .into_iter()
            .chain(others.into_iter().flatten())
            .collect();
        all.sort_by(|one, other| newer(&other.version, &one.version));
        all
    }

    /// All definitions, older versions included.
    pub fn all_versions(&self) -> impl Iterator<Item = &Definition> {
        self.definitions
            .iter()
            .chain(self.versions.values().flatten())
    }

    /// An initiative by name, any case.
    pub fn initiative(&self, name: &str) -> Option<&Initiative> {
        self.initiatives
            .iter()
            .find(|initiative| initiative.name.eq_ignore_ascii_case(name))
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

/// Puts an item in the place of the same one, unless it was collected and the known one was not; else adds it.
fn replace<T>(
    list: &mut Vec<T>,
    is_same: impl Fn(&T) -> bool,
    is_collected: impl Fn(&T) -> bool,
    item: T,
) {
    match list.iter_mut().find(|known| is_same(known)) {
        Some(known) if is_collected(known) || !is_collected(&item) => *known = item,
        Some(_) => {}
        None => list.push(item),
    }
}
