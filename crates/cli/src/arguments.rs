//! What the user may type.

pub(crate) mod bom;
pub(crate) mod inventory;
pub(crate) mod paths;
pub(crate) mod policy;
pub(crate) mod register;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use stance_model::Severity;

/// Find AI workloads, judge how they are secured, ask about all of it in KQL.
#[derive(Debug, Parser)]
#[command(name = "stance", version, propagate_version = true)]
#[command(after_help = "Examples:
  stance scan exports/                      read a folder of Azure exports and templates, judge them
  stance scan main.json --fail-on high      fail a pipeline on a template's faults
  stance query 'Resources | summarize count() by type'
  stance ingest SigninLogs.jsonl            add log rows for hunting

Exit codes: 0 done, 1 findings at the --fail-on bar, 2 nothing could be read or wrong input,
3 another process holds the data folder, 4 the data folder cannot be used.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read exports and templates, judge every resource, keep the result.
    Scan(ScanArguments),
    /// Ask a question in KQL; without one, open a prompt.
    Query(QueryArguments),
    /// List AI workloads and agents of every cloud.
    Inventory(inventory::InventoryArguments),
    /// Write the AI bill of materials, compare two, hold it against the register.
    Bom(bom::BomArguments),
    /// Keep the register of approved AI, and find what is not in it.
    Register(register::RegisterArguments),
    /// Show attack paths, the few changes that cut most, and what would disappear if something were mended.
    Paths(paths::PathsArguments),
    /// Ask about the exposure graph in KQL.
    Explore(paths::ExploreArguments),
    /// Make term filters for Parquet files, so that searches read less of them.
    Index(IndexArguments),
    /// Add rows of logs, alerts or attack paths to their tables.
    Ingest(IngestArguments),
    /// Explain why a workload is missing from the inventory.
    Doctor(DoctorArguments),
    /// List the tables of the data folder, with their rows.
    Tables(TablesArguments),
    /// List definitions, make initiatives, assign and exempt, show compliance.
    Policy(policy::PolicyArguments),
    /// Lay out or check KQL files, without running them.
    Kql(KqlArguments),
    /// Print completions for a shell.
    Completions(CompletionsArguments),
}

/// Where tables are kept.
#[derive(Debug, Args)]
pub(crate) struct DataArguments {
    /// Folder of the tables; the platform's data folder unless given.
    #[arg(long, value_name = "DIR", env = "STANCE_DATA")]
    pub data: Option<PathBuf>,

    /// Take this instant for now (RFC 3339), to repeat a result.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    pub now: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance scan .                                   everything below this folder
  stance scan azuredeploy.json --parameters azuredeploy.parameters.json
  az graph query -q 'resources' -o json > estate.json && stance scan estate.json
  stance scan infra/ --format sarif --output stance.sarif --fail-on high
  stance scan estate.json --policy ./azure-policy/built-in-policies --aliases aliases.json

Reads exports and answers of Azure, AWS and Google Cloud, ARM and CloudFormation templates, Terraform source, plans and
states, agents of Foundry and Copilot Studio, Entra, SBOMs and findings of scanners, told apart by content.
docs/reading-files.md has the details.")]
#[command(group(ArgGroup::new("own_rules").multiple(true)))]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct ScanArguments {
    /// Files and folders to read.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// How to show the result.
    #[arg(long, value_enum, default_value_t = ScanFormat::Table)]
    pub format: ScanFormat,

    /// Write the result to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Exit with 1 where an unhealthy finding is this severe or worse.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<Severity>,

    /// Exit with 2 where any file could not be read.
    #[arg(long)]
    pub strict: bool,

    /// Azure Policy definitions, initiatives, assignments and exemptions to judge by, besides the baseline; may be
    /// given more than once.
    #[arg(long, value_name = "DIR", group = "own_rules")]
    pub policy: Vec<PathBuf>,

    /// Folder of the initiatives, assignments and exemptions made by `stance policy`; `policy` in the data folder
    /// unless given.
    #[arg(long, value_name = "DIR", env = "STANCE_POLICY_DIR")]
    pub policy_dir: Option<PathBuf>,

    /// Checks in KQL to judge by, besides the shipped ones; may be given more than once.
    #[arg(long, value_name = "DIR", group = "own_rules")]
    pub checks: Vec<PathBuf>,

    /// Judge by what --policy and --checks name alone.
    #[arg(long, requires = "own_rules")]
    pub no_baseline: bool,

    /// Azure's answer to GET /providers?$expand=resourceTypes/aliases, for definitions that need more aliases.
    #[arg(long, value_name = "FILE")]
    pub aliases: Option<PathBuf>,

    /// Parameter file for the templates.
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,

    /// Show every finding, not only the worst.
    #[arg(long)]
    pub all: bool,

    /// Say nothing while working.
    #[arg(long, short)]
    pub quiet: bool,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people.
    Table,
    /// For programs; docs/schemas/scan-report.schema.json.
    Json,
    /// Findings, one a line.
    Csv,
    /// For code scanning.
    Sarif,
    /// One page to open or send.
    Html,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance query 'SecurityRecommendation | where RecommendationState == \"Unhealthy\" | take 10'
  stance query -f hunt.kql --format csv > result.csv
  cat hunt.kql | stance query
  stance query --table Flows=flows.parquet 'Flows | summarize sum(bytes) by host'
  stance query --functions parsers/ '_Im_Dns(starttime = ago(1d)) | count'
  stance query                                    a prompt with history and completion")]
pub(crate) struct QueryArguments {
    /// The query; read from standard input where that is no terminal.
    #[arg(value_name = "KQL", conflicts_with = "file")]
    pub text: Option<String>,

    /// Read the query from a file.
    #[arg(long, short, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// How to show the result.
    #[arg(long, value_enum, default_value_t = QueryFormat::Table)]
    pub format: QueryFormat,

    /// Write the result to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Add a table for this query: Parquet, CSV, JSON lines, or a folder of them.
    #[arg(long, value_name = "NAME=FILE", value_parser = named_table)]
    pub table: Vec<(String, PathBuf)>,
    /// Let `externaldata` read the files of this folder.
    #[arg(long, value_name = "DIR")]
    pub external_data: Vec<PathBuf>,

    /// Add the functions of a folder: `.kql` files, one function each.
    #[arg(long, value_name = "DIR")]
    pub functions: Option<PathBuf>,

    /// Print parse, bind, plan and run times, rows and bytes read, to standard error.
    #[arg(long)]
    pub stats: bool,

    /// Most rows of a result; more is an error.
    #[arg(long, value_name = "ROWS", default_value_t = 500_000)]
    pub max_rows: usize,

    /// Longest run in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub timeout: u64,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QueryFormat {
    /// For people.
    Table,
    /// An array of objects.
    Json,
    /// With a header line.
    Csv,
    /// A Parquet file; needs --output or a pipe.
    Parquet,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance ingest SecurityAlert.jsonl SigninLogs.jsonl    the file's name tells the table
  stance ingest --table AzureDiagnostics logs/*.json
  stance ingest attack-paths.json                       attack paths from Resource Graph

Rows are JSON lines or a JSON array; columns that a table does not have are named and left out. A file that was
ingested before is not ingested twice.")]
pub(crate) struct IngestArguments {
    /// Files to read.
    #[arg(required = true, value_name = "FILE")]
    pub paths: Vec<PathBuf>,

    /// The table, where the file's name or the rows' Type column do not tell.
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance index flows.parquet                  every column of text
  stance index --column Message logs/         one column, of every Parquet file of a folder

Writes FILE.terms beside each file. `has`, `==`, `in`, `startswith` and their kin then read only the blocks of rows
that can hold the terms. A file that is written anew needs to be indexed anew; until then its filters are not used.")]
pub(crate) struct IndexArguments {
    /// Parquet files, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// A column of text to make filters for, may be repeated; all of them unless given.
    #[arg(long, value_name = "NAME")]
    pub column: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance doctor                                    gaps of the inventory as a whole
  stance doctor oai-chatbot-prod                   is it stored, was it, what was not read
  stance doctor oai-chatbot-prod --input exports/  which file holds it, and what became of it

Nothing is stored. A cause is why; a hint may be.")]
pub(crate) struct DoctorArguments {
    /// A resource id, a name, or a part of either.
    #[arg(value_name = "NAME")]
    pub wanted: Option<String>,

    /// Files and folders to read again; may be given more than once.
    #[arg(long, value_name = "PATH")]
    pub input: Vec<PathBuf>,

    /// How to show the result.
    #[arg(long, value_enum, default_value_t = DoctorFormat::Text)]
    pub format: DoctorFormat,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// For people.
    Text,
    /// An array of objects.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct TablesArguments {
    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
pub(crate) struct KqlArguments {
    #[command(subcommand)]
    pub command: KqlCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KqlCommand {
    /// Lay out queries: one operator a line, long lists broken, comments kept.
    Fmt(KqlFmtArguments),
    /// Check names, types and syntax of queries.
    Check(KqlCheckArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance kql fmt hunt.kql                 the laid-out text, to standard output
  stance kql fmt --write queries/         in place; .kql, .csl and .txt files of the folder
  stance kql fmt --check queries/         fail a pipeline on files that differ

Exit codes: 0 fine, 1 a text differs (--check) or has errors of syntax, 2 wrong use or unreadable.")]
pub(crate) struct KqlFmtArguments {
    /// Files, folders, or `-` for standard input, which is also read where nothing is named.
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,

    /// Change nothing; list the files that differ from their layout.
    #[arg(long, conflicts_with = "write")]
    pub check: bool,

    /// Write the layout into the files; list those that changed.
    #[arg(long)]
    pub write: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance kql check hunt.kql
  stance kql check queries/ --schema tables.json --format json

A file is one text: its statements, separated by `;`, may use each other's names. The file for --schema holds
{\"Table\": {\"Column\": \"type\"}}. docs/query.md has the JSON form.

Exit codes: 0 no errors, 1 errors, 2 wrong use or unreadable.")]
pub(crate) struct KqlCheckArguments {
    /// Files, folders, or `-` for standard input, which is also read where nothing is named.
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,

    /// Tables to check against, instead of the built-in ones.
    #[arg(long, value_name = "TABLES.json")]
    pub schema: Option<PathBuf>,

    /// How to show what is wrong.
    #[arg(long, value_enum, default_value_t = KqlCheckFormat::Text)]
    pub format: KqlCheckFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KqlCheckFormat {
    /// For people.
    Text,
    /// For programs; docs/query.md.
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  stance completions bash > ~/.local/share/bash-completion/completions/stance")]
pub(crate) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn severity(text: &str) -> Result<Severity, String> {
    text.parse()
}

fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.with_timezone(&Utc))
        .map_err(|error| format!("{error}; write it as 2026-01-31T12:00:00Z"))
}

fn named_table(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => {
            Ok((name.to_owned(), path.into()))
        }
        _ => Err("write it as NAME=FILE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
