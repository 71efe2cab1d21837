//! `stance inventory`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::DataArguments;
use super::bom::ListFormat;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  stance inventory                              AI workloads of every cloud, with their findings
  stance inventory --cloud aws --category agents
  stance inventory --type deployments --format csv
  stance inventory --shadow                     only what nobody approved, and why
  stance inventory agents                       agents with models, tools and owners")]
pub(crate) struct InventoryArguments {
    #[command(subcommand)]
    pub command: Option<InventoryCommand>,

    /// Only of this cloud: azure, aws or gcp.
    #[arg(long, value_name = "CLOUD")]
    pub cloud: Option<String>,

    /// Only of a category whose name holds this text: models, agents, machine learning, grounding, settings.
    #[arg(long, value_name = "TEXT")]
    pub category: Option<String>,

    /// Only of a type or kind that holds this text.
    #[arg(long = "type", value_name = "TEXT")]
    pub resource_type: Option<String>,

    /// Only what nobody approved, by the register.
    #[arg(long)]
    pub shadow: bool,

    #[command(flatten)]
    pub shown: ShownArguments,
}

/// How and where from.
#[derive(Debug, Args)]
pub(crate) struct ShownArguments {
    /// How to show it.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The register of approved AI, instead of the data folder's.
    #[arg(long, value_name = "FILE")]
    pub register: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    /// Agents of every platform.
    Agents(ShownArguments),
}
