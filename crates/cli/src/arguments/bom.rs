//! `stance bom`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::DataArguments;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  stance bom -o ai.cdx.json                         the whole estate, CycloneDX 1.6
  stance bom --account oai-fraud-prod --format table
  stance bom --agent claims-agent -o agent.cdx.json an agent and all it needs
  stance bom --at 2026-10-01                        the estate as it was
  stance bom diff 2026-10-01 now                    what came, went and changed
  stance bom reconcile                              held against the register of approved AI")]
pub(crate) struct BomArguments {
    #[command(subcommand)]
    pub command: Option<BomCommand>,

    #[command(flatten)]
    pub write: BomWriteArguments,
}

#[derive(Debug, Args)]
pub(crate) struct BomWriteArguments {
    /// Only this account, project, workspace or endpoint and all it needs, by id or name.
    #[arg(long, value_name = "ID|NAME", conflicts_with = "agent")]
    pub account: Option<String>,

    /// Only this agent and all it needs, by id or name.
    #[arg(long, value_name = "ID|NAME")]
    pub agent: Option<String>,

    /// The estate as it was: a date (its end, UTC) or an instant (RFC 3339).
    #[arg(long, value_name = "DATE")]
    pub at: Option<String>,

    /// How to write it.
    #[arg(long, value_enum, default_value_t = BomFormat::Cyclonedx)]
    pub format: BomFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BomFormat {
    /// CycloneDX 1.6 JSON.
    Cyclonedx,
    /// For people.
    Table,
    /// Components, one a line.
    Csv,
    /// Components and dependencies as `AIBom` and `AIBomDependencies` have them.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BomCommand {
    /// What came, went and changed between two bills of materials.
    Diff(BomDiffArguments),
    /// Hold the bill of materials against the register of approved AI.
    Reconcile(BomReconcileArguments),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Each side is a CycloneDX file, a date (the end of that day, UTC), an instant (RFC 3339) or `now`.

Exit codes: 0 done, 1 they differ (--exit-code), 2 wrong use or unreadable."
)]
pub(crate) struct BomDiffArguments {
    /// The first: a file, a date, an instant, or `now`.
    #[arg(value_name = "A")]
    pub before: String,

    /// The second.
    #[arg(value_name = "B")]
    pub after: String,

    /// How to show the difference.
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exit with 1 where they differ.
    #[arg(long)]
    pub exit_code: bool,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    Table,
    /// For programs; docs/bom.md.
    Json,
    /// For a pull request or ticket.
    Markdown,
}

#[derive(Debug, Args)]
pub(crate) struct BomReconcileArguments {
    /// The register, instead of the data folder's.
    #[arg(long, value_name = "FILE")]
    pub register: Option<PathBuf>,

    /// How to show it.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,

    /// Exit with 1 where something is unknown or gone, or an approval lapsed.
    #[arg(long)]
    pub fail: bool,

    #[command(flatten)]
    pub data: DataArguments,
}

/// How a list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// One a line.
    Csv,
}
