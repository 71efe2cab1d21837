//! What the inputs say when they are read again.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use stance_collect::{Sink, collect, is_left_out};
use stance_model::{Coverage, Diagnostic, DiagnosticLevel, Resource};

use super::{DoctorRequest, Explanation, Weight, what_is};

/// Resources and diagnostics shown.
const SHOWN: usize = 10;
/// Bytes of a file that are searched for the name.
const SEARCHED: u64 = 256 << 20;
/// Files that are searched where no resource was found.
const SEARCHED_FILES: usize = 20_000;

/// Reads the inputs, and says where the wanted resource is or what stands in its way.
pub(super) fn read_again(request: &DoctorRequest) -> Vec<Explanation> {
    let wanted = request.wanted.as_deref().unwrap_or_default().to_lowercase();
    let mut seen = Seen {
        wanted: wanted.clone(),
        ..Seen::default()
    };
    let summary = collect(&request.paths, &request.reading, &mut seen);
    let mut found = seen.explanations();
    let count = format!(
        "{} files hold {} resources; {} of the files hold none",
        summary.files,
        summary.resources,
        summary.files - summary.files_understood
    );
    found.push(Explanation::new(Weight::Good, "file", count, ""));
    if !wanted.is_empty() && seen.matches.is_empty() {
        found.extend(search(request, &wanted, &seen));
    }
    found
}

#[derive(Default)]
struct Seen {
    wanted: String,
    matches: Vec<Explanation>,
    more: u64,
    /// By file.
    diagnostics: BTreeMap<String, Vec<Diagnostic>>,
    refused: Vec<Coverage>,
}

impl Sink for Seen {
    fn resource(&mut self, resource: Resource) -> ControlFlow<()> {
        let id = resource.id.key();
        if self.wanted.is_empty()
            || !(id.contains(&self.wanted) || resource.name().to_lowercase() == self.wanted)
        {
            return ControlFlow::Continue(());
        }
        if self.matches.len() == SHOWN {
            self.more += 1;
            return ControlFlow::Continue(());
        }
        let kind = resource.text("kind").unwrap_or_default();
        let (label, is_ai) = what_is(&resource.resource_type, kind);
        let place = format!("{}:{}", resource.source.file, resource.source.line);
        let message = format!(
            "{place} holds `{}`, {} ({label})",
            resource.id, resource.resource_type
        );
        let help = if is_ai {
            "it is read: scan this input into the data folder you ask (see --data)"
        } else {
            "it is read, but its type is not one of the inventory's; ask `Resources` for it"
        };
        self.matches
            .push(Explanation::new(Weight::Cause, "file", message, help));
        ControlFlow::Continue(())
    }

    fn coverage(&mut self, coverage: Coverage) {
        if coverage.status == stance_model::CoverageStatus::Denied {
            self.refused.push(coverage);
        }
    }

    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics
            .entry(diagnostic.file.clone())
            .or_default()
            .push(diagnostic);
    }
}

impl Seen {
    fn explanations(&self) -> Vec<Explanation> {
        let mut found = self.matches.clone();
        if self.more > 0 {
            let message = format!("{} more resources match", self.more);
            found.push(Explanation::new(Weight::Hint, "file", message, ""));
        }
        for refused in self.refused.iter().take(SHOWN) {
            let message = format!(
                "{} of {} could not be read: {}",
                refused.what, refused.scope, refused.reason
            );
            let help = "give the reader role there and export again";
            found.push(Explanation::new(Weight::Cause, "coverage", message, help));
        }
        let errors = self
            .diagnostics
            .values()
            .flatten()
            .filter(|one| one.level == DiagnosticLevel::Error);
        for error in errors.take(SHOWN) {
            found.push(said(error, Weight::Cause));
        }
        found
    }
}

fn said(diagnostic: &Diagnostic, weight: Weight) -> Explanation {
    let message = format!(
        "{} of {}:{}: {}",
        diagnostic.code, diagnostic.file, diagnostic.line, diagnostic.message
    );
    Explanation::new(weight, "file", message, diagnostic.help.clone())
}

/// Files whose text names what no resource is: filtered, not understood, or folded into another resource.
fn search(request: &DoctorRequest, wanted: &str, seen: &Seen) -> Vec<Explanation> {
    let mut found = Vec::new();
    let mut looked_at = 0;
    for root in &request.paths {
        // Everything, hidden folders and tools' folders included: the scan leaves those out.
        for entry in walkdir::WalkDir::new(root)
            .follow_links(false)
            .max_depth(64)
        {
            let Ok(entry) = entry else { continue };
            if !entry.file_type().is_file() {
                continue;
            }
            looked_at += 1;
            if looked_at > SEARCHED_FILES || found.len() >= SHOWN {
                return found;
            }
            if let Some(line) = line_with(entry.path(), wanted) {
                found.push(named_in(root, entry.path(), line, seen));
            }
        }
    }
    if found.is_empty() {
        let message = format!("no file of the inputs names `{wanted}`");
        let help = "the export does not hold it: look at its subscription, account or project, its query and its pages";
        found.push(Explanation::new(Weight::Cause, "file", message, help));
    }
    found
}

fn named_in(root: &Path, path: &Path, line: usize, seen: &Seen) -> Explanation {
    let shown = path.to_string_lossy().into_owned();
    let below = path.strip_prefix(root).unwrap_or(path);
    let hidden = below
        .components()
        .any(|part| is_left_out(&part.as_os_str().to_string_lossy(), true));
    if hidden {
        let message =
            format!("{shown}:{line} names it, in a folder or file that a scan leaves out");
        let help = "name the file itself as an input, or move it";
        return Explanation::new(Weight::Cause, "walk", message, help);
    }
    match seen.diagnostics.get(&shown).and_then(|all| all.first()) {
        Some(first) => Explanation::new(
            Weight::Cause,
            "file",
            format!(
                "{shown}:{line} names it, and of that file {} says: {}",
                first.code, first.message
            ),
            first.help.clone(),
        ),
        None => Explanation::new(
            Weight::Hint,
            "file",
            format!("{shown}:{line} names it, but as a part of another resource"),
            "the inventory holds resources that have an id of their own",
        ),
    }
}

/// The first line that holds the text in any case.
fn line_with(path: &Path, wanted: &str) -> Option<usize> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(SEARCHED)
        .read_to_end(&mut bytes)
        .ok()?;
    let text = String::from_utf8_lossy(&bytes).to_lowercase();
    let at = text.find(wanted)?;
    Some(text[..at].matches('\n').count() + 1)
}
