//! The folder of what is made here, and the library it belongs to.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use stance_base::{ErrorCode, safe_text};
use stance_model::{Diagnostic, DiagnosticLevel};
use stance_operations::scan::{PolicyChoice, library};
use stance_policy::{AliasSources, BuildOptions, Library, PolicySet};

use crate::arguments::policy::{DeleteArguments, SourceArguments};
use crate::data_folder;
use crate::failure::Failure;
use crate::output::Output;

/// Longest file or text of JSON that is taken from the command line.
const LONGEST_JSON: u64 = 8 << 20;
/// Characters that Azure forbids in names of policy objects, and that file names cannot hold.
const FORBIDDEN: [char; 12] = ['<', '>', '*', '%', '&', ':', '\\', '?', '/', '+', '|', '"'];
/// Longest name of an assignment or a definition.
const LONGEST_NAME: usize = 128;

/// What is made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Initiative,
    Assignment,
    Exemption,
}

impl Kind {
    /// The type in Azure.
    pub(super) fn resource_type(self) -> &'static str {
        match self {
            Self::Initiative => "Microsoft.Authorization/policySetDefinitions",
            Self::Assignment => "Microsoft.Authorization/policyAssignments",
            Self::Exemption => "Microsoft.Authorization/policyExemptions",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Initiative => "initiatives",
            Self::Assignment => "assignments",
            Self::Exemption => "exemptions",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Initiative => "initiative",
            Self::Assignment => "assignment",
            Self::Exemption => "exemption",
        }
    }
}

/// Everything that is known: the baseline, files that were named, what was made here.
pub(super) fn known(source: &SourceArguments) -> Result<Library, Failure> {
    let choice = PolicyChoice {
        folders: source.files.clone(),
        own: Some(folder(source)?),
        ..PolicyChoice::default()
    };
    let library = library(&choice)?;
    library.diagnostics.iter().for_each(tell);
    Ok(library)
}

/// The folder of what is made here.
fn folder(source: &SourceArguments) -> Result<PathBuf, Failure> {
    if let Some(given) = &source.policy_dir {
        return Ok(given.clone());
    }
    Ok(data_folder::policies(
        None,
        &data_folder::path(&source.data)?,
    ))
}

/// Says what is amiss on standard error.
pub(super) fn tell(diagnostic: &Diagnostic) {
    let text = format!(
        "{}:{}: {}: {}; {}",
        diagnostic.file, diagnostic.line, diagnostic.code, diagnostic.message, diagnostic.help
    );
    // A closed standard error is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{}", safe_text::terminal(&text));
}

/// Checks an object beside all that is known, and writes it; returns it as it was written.
pub(super) fn write(
    source: &SourceArguments,
    kind: Kind,
    name: &str,
    mut library: Library,
    object: Value,
) -> Result<Value, Failure> {
    check_name(name)?;
    let folder = folder(source)?.join(kind.folder());
    let path = place(&folder, name, object["id"].as_str().unwrap_or_default());
    let label = path.display().to_string();
    let text = serde_json::to_string_pretty(&object)
        .map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
    library.diagnostics.clear();
    library.add_bytes(&label, text.as_bytes());
    let (_, problems) = PolicySet::build(
        &library,
        &AliasSources::embedded(),
        &BuildOptions::default(),
    )?;
    let own = library.diagnostics.iter().chain(&problems);
    for problem in own.filter(|problem| problem.file == label) {
        if problem.level == DiagnosticLevel::Error {
            return Err(Failure::new(
                ErrorCode::InvalidInput,
                format!("{}: {}; {}", problem.code, problem.message, problem.help),
            ));
        }
        tell(problem);
    }
    if source.policy_dir.is_none() {
        // Makes the data folder, private and marked as ours.
        data_folder::lake(&source.data)?;
    }
    fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
    Output::open(Some(&path)).write(format!("{text}\n").as_bytes())?;
    Ok(object)
}

/// The object's file: `NAME.json`, unless another of the same name has it, which may lie at another scope.
fn place(folder: &Path, name: &str, id: &str) -> PathBuf {
    let mut path = folder.join(format!("{name}.json"));
    let mut number = 2;
    while let Some(other) = id_in(&path)
        && !other.eq_ignore_ascii_case(id)
    {
        path = folder.join(format!("{name}-{number}.json"));
        number += 1;
    }
    path
}

fn id_in(path: &Path) -> Option<String> {
    let value: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    Some(value.get("id")?.as_str()?.to_owned())
}

fn check_name(name: &str) -> Result<(), Failure> {
    let fits = !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name
            .chars()
            .any(|letter| FORBIDDEN.contains(&letter) || letter.is_control())
        && !name.ends_with(['.', ' '])
        && !name.starts_with('.');
    if fits {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::InvalidInput,
        format!(
            "`{}` is no name that Azure takes: up to {LONGEST_NAME} characters, none of <>*%&:\\?/+|\", no dot first, no dot or space last",
            safe_text::one_line(name)
        ),
    ))
}

/// Removes what was made here.
pub(super) fn delete(arguments: &DeleteArguments, kind: Kind) -> Result<(), Failure> {
    let folder = folder(&arguments.source)?.join(kind.folder());
    let wanted = arguments.name.as_str();
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if let Some(id) = id_in(&path)
            && (id.eq_ignore_ascii_case(wanted)
                || id
                    .rsplit('/')
                    .next()
                    .is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
        {
            found.push((path, id));
        }
    }
    match found.as_slice() {
        [(path, _)] => fs::remove_file(path).map_err(|error| unwritable(path, &error)),
        [] => Err(Failure::new(
            ErrorCode::NotFound,
            format!(
                "there is no {} `{wanted}` in `{}`",
                kind.in_words(),
                folder.display()
            ),
        )),
        several => {
            let ids: Vec<&str> = several.iter().map(|(_, id)| id.as_str()).collect();
            Err(Failure::new(
                ErrorCode::InvalidInput,
                format!(
                    "`{wanted}` is the name of several: {}; give the id",
                    ids.join(", ")
                ),
            ))
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(
        ErrorCode::Storage,
        format!(
            "`{}` cannot be changed: {error}; check the folder and its permissions",
            path.display()
        ),
    )
}

/// JSON given as a file, `@file`, or text, as `az` takes it.
pub(super) fn json_argument(option: &str, given: &str) -> Result<Value, Failure> {
    let wrong = |what: String| {
        Failure::new(
            ErrorCode::InvalidInput,
            format!("{option}: {what}; give a file or JSON"),
        )
    };
    let text = given.trim();
    let inline = text.starts_with(['{', '[']);
    let read = || -> Result<Vec<u8>, Failure> {
        let path = Path::new(text.strip_prefix('@').unwrap_or(text));
        let size = fs::metadata(path)
            .map_err(|error| wrong(format!("`{}` cannot be read: {error}", path.display())))?
            .len();
        if size > LONGEST_JSON {
            return Err(wrong(format!("`{}` is larger than 8 MB", path.display())));
        }
        fs::read(path)
            .map_err(|error| wrong(format!("`{}` cannot be read: {error}", path.display())))
    };
    let bytes = if inline {
        text.as_bytes().to_vec()
    } else {
        read()?
    };
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&bytes);
    serde_json::from_slice(bytes).map_err(|error| wrong(format!("it is no JSON: {error}")))
}

/// An ARM object as `az` prints it: properties beside id, name and type.
pub(super) fn flat(id: &str, name: &str, kind: &str, properties: &Value) -> Value {
    let mut out = json!({"id": id, "name": name, "type": kind});
    for (key, value) in properties.as_object().into_iter().flatten() {
        if out.get(key).is_none() {
            out[key] = value.clone();
        }
    }
    out
}
