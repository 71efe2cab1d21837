//! `stance register`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use stance_operations::register::EntryKind;

use super::DataArguments;
use super::bom::ListFormat;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance register add region westeurope
  stance register add model 'gpt-4o*' --until 2027-03-31
  stance register add agent claims-agent --owner ana@contoso.com --purpose 'Claims intake' --zone 2
  stance register export --output register.yaml
  stance register check --fail

The register is one YAML file, register.yaml in the data folder unless --register names another; keep it in git if you
like. docs/register.md has the form. Exit codes: 0 done, 1 shadow AI was found (check --fail), 2 wrong use.")]
pub(crate) struct RegisterArguments {
    #[command(subcommand)]
    pub command: RegisterCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegisterCommand {
    /// Approve a region, scope, type, model, system, resource or agent.
    Add(RegisterAddArguments),
    /// Take an approval back.
    Remove(RegisterRemoveArguments),
    /// List what is approved.
    List(RegisterListArguments),
    /// Add the entries of a file.
    Import(RegisterImportArguments),
    /// Write the register.
    Export(RegisterExportArguments),
    /// Show AI that nobody approved: the view `ShadowAI`.
    Check(RegisterCheckArguments),
}

/// Which register.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// The register's file, YAML or JSON, instead of the data folder's.
    #[arg(long, value_name = "FILE")]
    pub register: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterAddArguments {
    /// region, scope, type, model, system, resource or agent.
    #[arg(value_name = "KIND")]
    pub kind: EntryKind,

    /// The region, id, type, model or name; a `*` at the end stands for any rest.
    #[arg(value_name = "VALUE")]
    pub value: String,

    /// A name for people.
    #[arg(long)]
    pub name: Option<String>,

    /// Who answers for it.
    #[arg(long)]
    pub owner: Option<String>,

    /// What it is for.
    #[arg(long)]
    pub purpose: Option<String>,

    /// The governance zone it is run in.
    #[arg(long)]
    pub zone: Option<String>,

    /// The last day of the approval.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<NaiveDate>,

    /// The bill of materials it was approved with.
    #[arg(long, value_name = "REF")]
    pub bom_ref: Option<String>,

    #[command(flatten)]
    pub place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterRemoveArguments {
    /// region, scope, type, model, system, resource or agent.
    #[arg(value_name = "KIND")]
    pub kind: EntryKind,

    /// The value of the entry.
    #[arg(value_name = "VALUE")]
    pub value: String,

    #[command(flatten)]
    pub place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterListArguments {
    /// How to show it.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,

    #[command(flatten)]
    pub place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterImportArguments {
    /// A register in YAML or JSON; its entries take the place of those of the same kind and value.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    #[command(flatten)]
    pub place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterExportArguments {
    /// The form.
    #[arg(long, value_enum, default_value_t = RegisterFormat::Yaml)]
    pub format: RegisterFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub place: PlaceArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RegisterFormat {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct RegisterCheckArguments {
    /// How to show it.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,

    /// Exit with 1 where shadow AI is found for certain.
    #[arg(long)]
    pub fail: bool,

    #[command(flatten)]
    pub place: PlaceArguments,
}
