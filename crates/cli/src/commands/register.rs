//! `stance register`: the register of approved AI.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Map, Value};
use stance_base::ErrorCode;
use stance_operations::bom::{self, rows};
use stance_operations::catalog::CatalogOptions;
use stance_operations::register::{Entry, Register, is_json};

use crate::arguments::bom::ListFormat;
use crate::arguments::register::{
    PlaceArguments, RegisterAddArguments, RegisterArguments, RegisterCheckArguments,
    RegisterCommand, RegisterExportArguments, RegisterFormat, RegisterImportArguments,
    RegisterListArguments, RegisterRemoveArguments,
};
use crate::commands::bom::open;
use crate::data_folder;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::Output;
use crate::terminal::say;

/// The exit code for shadow AI that was found.
const FOUND: u8 = 1;

/// What nobody approved, in order.
const SHADOW: &str =
    "ShadowAI | order by Reason asc, Cloud asc, Kind asc, Name asc, ResourceId asc";

/// Runs the command below `stance register`.
pub(crate) async fn run(arguments: &RegisterArguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        RegisterCommand::Add(add) => self::add(add),
        RegisterCommand::Remove(remove) => self::remove(remove),
        RegisterCommand::List(list) => self::list(list),
        RegisterCommand::Import(import) => self::import(import),
        RegisterCommand::Export(export) => self::export(export),
        RegisterCommand::Check(check) => self::check(check).await,
    }
}

/// Says that there is no register, so that an empty answer is not taken for a good one.
pub(crate) fn say_none() {
    say(
        "there is no register of approved AI, so nothing can be told from it; start one with `stance register add`",
    );
}

/// The register's file, and the register where there is one.
fn read(place: &PlaceArguments) -> Result<(PathBuf, Option<Register>), Failure> {
    let path = match &place.register {
        Some(path) => path.clone(),
        None => Register::place(open(&place.data)?.0.path()),
    };
    let register = Register::read_if_there(&path)?;
    Ok((path, register))
}

fn add(arguments: &RegisterAddArguments) -> Result<ExitCode, Failure> {
    let (path, register) = read(&arguments.place)?;
    let mut register = register.unwrap_or_else(Register::new);
    let mut entry = Entry::new(arguments.kind, arguments.value.trim());
    entry.name.clone_from(&arguments.name);
    entry.owner.clone_from(&arguments.owner);
    entry.purpose.clone_from(&arguments.purpose);
    entry.zone.clone_from(&arguments.zone);
    entry.approved_until = arguments.until;
    entry.bom_ref.clone_from(&arguments.bom_ref);
    let named = format!("{} {}", entry.kind, entry.value);
    let replaced = register.put(entry);
    register.write(&path)?;
    let done = if replaced { "changed" } else { "added" };
    say(&format!("{done} {named} in {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

fn remove(arguments: &RegisterRemoveArguments) -> Result<ExitCode, Failure> {
    let (path, register) = read(&arguments.place)?;
    let mut register = register.unwrap_or_else(Register::new);
    let named = format!("{} {}", arguments.kind, arguments.value);
    if !register.remove(arguments.kind, &arguments.value) {
        return Err(Failure::new(
            ErrorCode::NotFound,
            format!("the register has no {named}; `stance register list` shows what it has"),
        ));
    }
    register.write(&path)?;
    say(&format!("removed {named} from {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

fn list(arguments: &RegisterListArguments) -> Result<ExitCode, Failure> {
    let (_, register) = read(&arguments.place)?;
    if register.is_none() {
        say_none();
    }
    let register = register.unwrap_or_else(Register::new);
    let told = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = register.entries.iter().map(|entry| {
        let until = entry.approved_until.map(|day| day.to_string());
        vec![
            entry.kind.to_string(),
            entry.value.clone(),
            told(&entry.name),
            told(&entry.owner),
            told(&entry.purpose),
            told(&entry.zone),
            until.unwrap_or_default(),
            told(&entry.bom_ref),
        ]
    });
    let listing = Listing {
        header: &[
            "Kind",
            "Value",
            "Name",
            "Owner",
            "Purpose",
            "Zone",
            "Approved until",
            "BOM",
        ],
        rows: rows.collect(),
    };
    let bytes = listing.bytes(arguments.format, "line", &register.entries)?;
    Output::open(None).write(&bytes)?;
    Ok(ExitCode::SUCCESS)
}

fn import(arguments: &RegisterImportArguments) -> Result<ExitCode, Failure> {
    let (path, register) = read(&arguments.place)?;
    let mut register = register.unwrap_or_else(Register::new);
    let imported = Register::read(&arguments.file)?;
    let count = imported.entries.len();
    let replaced = imported
        .entries
        .into_iter()
        .filter(|entry| register.put(entry.clone()))
        .count();
    register.write(&path)?;
    say(&format!(
        "{} added and {replaced} changed in {}",
        count - replaced,
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn export(arguments: &RegisterExportArguments) -> Result<ExitCode, Failure> {
    let (_, register) = read(&arguments.place)?;
    if register.is_none() {
        say_none();
    }
    let as_json = arguments.format == RegisterFormat::Json
        || arguments.output.as_deref().is_some_and(is_json);
    let text = register.unwrap_or_else(Register::new).to_text(as_json)?;
    Output::open(arguments.output.as_deref()).write(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

async fn check(arguments: &RegisterCheckArguments) -> Result<ExitCode, Failure> {
    let (path, register) = read(&arguments.place)?;
    let is_empty = register.is_none_or(|register| register.entries.is_empty());
    if is_empty {
        say_none();
    }
    // Without entries no rule speaks.
    let found = if is_empty {
        Vec::new()
    } else {
        shadow(&arguments.place, path).await?
    };
    let text = |row: &Map<String, Value>, column: &str| match row.get(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let columns: &[&str] = match arguments.format {
        ListFormat::Table => &[
            "Reason",
            "Kind",
            "Name",
            "Why",
            "Calls",
            "LastSeen",
            "Certainty",
        ],
        _ => &[
            "Reason",
            "Kind",
            "Name",
            "Why",
            "Calls",
            "LastSeen",
            "Certainty",
            "Cloud",
            "Location",
            "SubscriptionId",
            "Model",
            "ResourceId",
        ],
    };
    let listing = Listing {
        header: columns,
        rows: found
            .iter()
            .map(|row| columns.iter().map(|column| text(row, column)).collect())
            .collect(),
    };
    Output::open(None).write(&listing.bytes(arguments.format, "line", &found)?)?;
    let is_certain = |row: &Map<String, Value>| text(row, "Certainty") == "Certain";
    if arguments.fail && found.iter().any(is_certain) {
        return Ok(ExitCode::from(FOUND));
    }
    Ok(ExitCode::SUCCESS)
}

/// The rows of `ShadowAI` by that register.
async fn shadow(
    place: &PlaceArguments,
    register: PathBuf,
) -> Result<Vec<Map<String, Value>>, Failure> {
    let (lake, clock) = open(&place.data)?;
    let options = CatalogOptions {
        register: Some(register),
        ..CatalogOptions::default()
    };
    let engine = bom::engine(&lake, clock, &options).await?;
    Ok(rows(&engine, SHADOW).await?)
}

/// Whether the data folder has a register, or the arguments name one.
pub(crate) fn is_there(
    register: Option<&PathBuf>,
    data: &crate::arguments::DataArguments,
) -> Result<bool, Failure> {
    let path = match register {
        Some(path) => path.clone(),
        None => Register::place(&data_folder::path(data)?),
    };
    Ok(path.exists())
}
