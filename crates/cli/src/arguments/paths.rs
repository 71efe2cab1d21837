//! `stance paths` and `stance explore`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::DataArguments;
use super::bom::ListFormat;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  stance paths                                      the attack paths of the last scan, worst first
  stance paths 3f1c                                 one path, step by step, by the first digits of its id
  stance paths --target stcustomerdocs --format svg -o paths.svg
  stance paths --entry internet --risk high --format csv
  stance paths choke-points                         the few changes that cut the most risk
  stance paths --fix ai-services-disable-key-access what would disappear if that were mended everywhere
  stance paths --fix bedrock-agent-guardrail@policy-lookup
  stance paths history                              when paths opened and closed
  stance paths rules                                the rules, and whether their examples hold

Exit codes: 0 done, 2 wrong use, 4 the data folder cannot be used.")]
pub(crate) struct PathsArguments {
    #[command(subcommand)]
    pub command: Option<PathsCommand>,

    #[command(flatten)]
    pub show: PathsShowArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PathsShowArguments {
    /// Only the path of this id, or the paths whose ids begin with it.
    #[arg(value_name = "PATH")]
    pub path: Option<String>,

    #[command(flatten)]
    pub wanted: WantedArguments,

    /// What would disappear if this were mended: a finding's id, RECOMMENDATION, RECOMMENDATION@RESOURCE, the id of an
    /// edge, or OBJECT#FIELD as choke points name it. Nothing is changed anywhere.
    #[arg(long, value_name = "FINDING", num_args = 1..)]
    pub fix: Vec<String>,

    /// How to show them.
    #[arg(long, value_enum, default_value_t = PathsFormat::Table)]
    pub format: PathsFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

/// Which paths.
#[derive(Debug, Args)]
pub(crate) struct WantedArguments {
    /// Only paths to this resource: an id, or a part of id or name.
    #[arg(long, value_name = "ID|NAME")]
    pub target: Vec<String>,

    /// Only paths from this entry point.
    #[arg(long, value_name = "ID|NAME")]
    pub entry: Vec<String>,

    /// Only paths over this resource.
    #[arg(long, value_name = "ID|NAME")]
    pub over: Vec<String>,

    /// Only paths of this rule.
    #[arg(long, value_name = "NAME")]
    pub rule: Vec<String>,

    /// Only paths of at least this risk level.
    #[arg(long, value_name = "LEVEL")]
    pub risk: Option<RiskArgument>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RiskArgument {
    Critical,
    High,
    Medium,
    Low,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PathsFormat {
    /// For people.
    Table,
    /// Everything, with a schema.
    Json,
    /// One path a line: Id, `DisplayName`, `RiskLevel`, `RiskCategories`, `EntryPoints`, Description, and more.
    Csv,
    /// A picture.
    Svg,
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown.
    Mermaid,
    /// The numbered steps of the picture.
    Text,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PathsCommand {
    /// The few changes that cut the most risk, and the fewest that close every path.
    ChokePoints(ChokePointsArguments),
    /// When paths opened and closed.
    History(PathsHistoryArguments),
    /// List the rules and run their examples.
    Rules(PathsRulesArguments),
    /// Search anew, in the stored inventory or in a graph of your own.
    Evaluate(PathsEvaluateArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ChokePointsArguments {
    /// How many changes to show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,

    #[command(flatten)]
    pub wanted: WantedArguments,

    #[command(flatten)]
    pub listed: ListedArguments,
}

/// How and where from.
#[derive(Debug, Args)]
pub(crate) struct ListedArguments {
    /// How to show it.
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
pub(crate) struct PathsHistoryArguments {
    /// Only of the path of this id, or those whose ids begin with it.
    #[arg(value_name = "PATH")]
    pub path: Option<String>,

    #[command(flatten)]
    pub listed: ListedArguments,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Rules of your own lie in `attack-paths` of the data folder, or in the files and folders named here.

Exit codes: 0 every example holds, 1 one does not, 2 a file cannot be used."
)]
pub(crate) struct PathsRulesArguments {
    /// Files and folders of rules; without any, those of the product and of the data folder.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Print the KQL that a rule stands for.
    #[arg(long, value_name = "NAME")]
    pub kql: Option<String>,

    #[command(flatten)]
    pub listed: ListedArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance paths evaluate                               after you changed a rule or a list of critical resources
  stance paths evaluate --nodes n.parquet --edges e.parquet --format csv
                                                      a graph exported from advanced hunting; nothing is stored")]
pub(crate) struct PathsEvaluateArguments {
    /// Nodes in the columns of `ExposureGraphNodes`: Parquet, CSV or JSON lines.
    #[arg(long, value_name = "FILE", requires = "edges")]
    pub nodes: Option<PathBuf>,

    /// Edges in the columns of `ExposureGraphEdges`.
    #[arg(long, value_name = "FILE", requires = "nodes")]
    pub edges: Option<PathBuf>,

    /// How to show what is found in a graph of your own.
    #[arg(long, value_enum, default_value_t = PathsFormat::Table)]
    pub format: PathsFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Print how long loading, each rule and writing down the paths took, to standard error.
    #[arg(long, requires = "nodes")]
    pub stats: bool,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance explore 'graph-match (a)-[e]->(b) where b.NodeName == \"stcustomerdocsprod\" project a.NodeName, e.EdgeLabel'
  stance explore 'graph-match (i)-[way*1..5]->(v) where i.NodeId == \"internet\" and v.NodeLabel has \"vaults\" project v.NodeName, map(way, EdgeLabel)'
  stance explore 'ExposureGraphEdges | summarize count() by EdgeLabel'
  stance explore --around claims-assistant --hops 2 --format svg -o around.svg

A text that begins with a graph operator runs over the whole graph; any other is a query as it stands. A picture shows
the nodes that the answer names and the edges between them.")]
pub(crate) struct ExploreArguments {
    /// KQL.
    #[arg(value_name = "KQL", required_unless_present = "around")]
    pub text: Option<String>,

    /// The neighbourhood of a resource, by a part of its id or name.
    #[arg(long, value_name = "ID|NAME", conflicts_with = "text")]
    pub around: Option<String>,

    /// How far around.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=6))]
    pub hops: u8,

    /// How to show the answer.
    #[arg(long, value_enum, default_value_t = ExploreFormat::Table)]
    pub format: ExploreFormat,

    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExploreFormat {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// One row a line.
    Csv,
    /// A picture.
    Svg,
    /// Graphviz.
    Dot,
    /// Mermaid, for Markdown.
    Mermaid,
}
