//! What the user may type after `stance policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use stance_policy::ComplianceState;

use super::DataArguments;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance policy list --query \"[?contains(displayName,'AI Services')].{name:name,displayName:displayName}\" -o table
  stance policy initiative create --name ai-security-baseline-v1 --definitions @definitions.json
  stance policy assign --name ai-baseline --policy-set-definition ai-security-baseline-v1 --scope /subscriptions/ID
  stance scan estate.json && stance policy compliance

Initiatives, assignments and exemptions made here are files in the folder `policy` of the data folder, in the shape
that Azure Resource Manager takes; `stance scan` reads them. Nothing is sent to Azure.")]
pub(crate) struct PolicyArguments {
    #[command(subcommand)]
    pub command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List policy definitions.
    List(ListArguments),
    /// Show a policy definition.
    Show(ShowArguments),
    /// List or show policy definitions, as `az policy definition` does.
    Definition(DefinitionArguments),
    /// Make, list and show initiatives.
    #[command(visible_alias = "set-definition")]
    Initiative(InitiativeArguments),
    /// Assign a definition or an initiative to a scope.
    Assign(AssignArguments),
    /// Make, list, show and remove assignments.
    Assignment(AssignmentArguments),
    /// Exempt a scope from an assignment.
    Exempt(ExemptArguments),
    /// Make, list, show and remove exemptions.
    Exemption(ExemptionArguments),
    /// List the policy states of the last scans.
    #[command(visible_alias = "state")]
    States(StatesArguments),
    /// Show how compliant resources are: by assignment, initiative, group and definition.
    Compliance(ComplianceArguments),
}

/// Where policies are read from.
#[derive(Debug, Args)]
pub(crate) struct SourceArguments {
    /// More definitions, initiatives and assignments; may be given more than once.
    #[arg(long = "policy-files", value_name = "DIR")]
    pub files: Vec<PathBuf>,

    /// Folder of what is made here; `policy` in the data folder unless given.
    #[arg(long, value_name = "DIR", env = "STANCE_POLICY_DIR")]
    pub policy_dir: Option<PathBuf>,

    #[command(flatten)]
    pub data: DataArguments,
}

/// How a result is picked and shown.
#[derive(Debug, Args)]
pub(crate) struct ShapeArguments {
    /// Pick from the result by `JMESPath`, as `az --query` does.
    #[arg(long, value_name = "JMESPATH")]
    pub query: Option<String>,

    /// How to show the result.
    #[arg(long, short = 'o', visible_alias = "output", value_enum, default_value_t = ShapeFormat::Json)]
    pub format: ShapeFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShapeFormat {
    /// Everything, for programs.
    #[value(alias = "jsonc")]
    Json,
    /// For people; what is nested is left out.
    Table,
    /// Values, separated by tabs.
    Tsv,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance policy list -o table
  stance policy list --query \"[?contains(displayName,'Machine Learning')].{name:name,displayName:displayName}\" -o table
  stance policy list --policy-files azure-policy/built-in-policies --query \"length(@)\"")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub shape: ShapeArguments,
    #[command(flatten)]
    pub source: SourceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  stance policy show ai-services-disable-key-access --query policyRule")]
pub(crate) struct ShowArguments {
    /// Its name or id.
    #[arg(value_name = "NAME", required_unless_present = "named")]
    pub name: Option<String>,

    /// The same, as az spells it.
    #[arg(
        long = "name",
        short = 'n',
        value_name = "NAME",
        id = "named",
        conflicts_with = "name"
    )]
    pub named: Option<String>,

    #[command(flatten)]
    pub shape: ShapeArguments,
    #[command(flatten)]
    pub source: SourceArguments,
}

impl ShowArguments {
    /// The name, however it was given.
    pub(crate) fn wanted(&self) -> &str {
        self.name
            .as_deref()
            .or(self.named.as_deref())
            .unwrap_or_default()
    }
}

#[derive(Debug, Args)]
pub(crate) struct DefinitionArguments {
    #[command(subcommand)]
    pub command: DefinitionCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DefinitionCommand {
    /// List policy definitions.
    List(ListArguments),
    /// Show a policy definition.
    Show(ShowArguments),
}

#[derive(Debug, Args)]
pub(crate) struct InitiativeArguments {
    #[command(subcommand)]
    pub command: InitiativeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InitiativeCommand {
    /// Make an initiative of definitions.
    Create(InitiativeCreateArguments),
    /// List initiatives.
    List(ListArguments),
    /// Show an initiative.
    Show(ShowArguments),
    /// Remove an initiative that was made here.
    Delete(DeleteArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance policy initiative create --name ai-security-baseline-v1 --display-name \"AI Security Baseline v1\" \\
    --definitions @ai-initiative-definitions.json --metadata '{\"category\":\"AI Governance\"}'
  stance policy initiative create --name keys --definitions '[{\"policyDefinitionId\": \"ai-services-disable-key-access\"}]'

--definitions is a list of objects with policyDefinitionId (an id, or a name that is known here) and, where wanted,
parameters, groupNames, policyDefinitionReferenceId and definitionVersion.")]
pub(crate) struct InitiativeCreateArguments {
    /// Its name.
    #[arg(long, short = 'n', value_name = "NAME")]
    pub name: String,

    /// Title for people.
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,

    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,

    /// The definitions: a file, @file, or JSON.
    #[arg(long, value_name = "FILE|JSON")]
    pub definitions: String,

    /// The parameters it declares: a file, @file, or JSON.
    #[arg(long, value_name = "FILE|JSON")]
    pub params: Option<String>,

    /// Its groups: a file, @file, or JSON.
    #[arg(
        long,
        visible_alias = "policy-definition-groups",
        value_name = "FILE|JSON"
    )]
    pub definition_groups: Option<String>,

    /// Metadata: a file, @file, or JSON.
    #[arg(long, value_name = "FILE|JSON")]
    pub metadata: Option<String>,

    #[command(flatten)]
    pub shape: ShapeArguments,
    #[command(flatten)]
    pub source: SourceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance policy assign --name ai-baseline --policy-set-definition ai-security-baseline-v1 --scope /subscriptions/ID
  stance policy assign --name keys --policy ai-services-disable-key-access --scope /subscriptions/ID \\
    --not-scopes /subscriptions/ID/resourceGroups/sandbox --enforcement-mode DoNotEnforce --params '{\"effect\": {\"value\": \"Audit\"}}'

Once anything is assigned, `stance scan` judges resources by what is assigned to them.")]
pub(crate) struct AssignArguments {
    /// Its name.
    #[arg(long, short = 'n', value_name = "NAME")]
    pub name: String,

    /// Title for people.
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,

    /// The definition to assign, by name or id.
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "policy_set_definition"
    )]
    pub policy: Option<String>,

    /// The initiative to assign, by name or id.
    #[arg(
        long,
        short = 'd',
        visible_alias = "initiative",
        value_name = "NAME",
        conflicts_with = "policy"
    )]
    pub policy_set_definition: Option<String>,

    /// The management group, subscription, resource group or resource.
    #[arg(long, value_name = "ID")]
    pub scope: String,

    /// Values of parameters: a file, @file, or JSON.
    #[arg(long, short = 'p', value_name = "FILE|JSON")]
    pub params: Option<String>,

    /// Scopes that are left out.
    #[arg(long, value_name = "ID", num_args = 1.., value_delimiter = ' ')]
    pub not_scopes: Vec<String>,

    /// Whether Azure would carry effects out; compliance is judged either way.
    #[arg(long, short = 'e', value_enum, default_value_t = EnforcementMode::Default, ignore_case = true)]
    pub enforcement_mode: EnforcementMode,

    /// Version of the definition, such as 1.*.*.
    #[arg(long, value_name = "VERSION")]
    pub definition_version: Option<String>,

    /// Resource selectors: a file, @file, or JSON.
    #[arg(long, value_name = "FILE|JSON")]
    pub resource_selectors: Option<String>,

    /// Overrides: a file, @file, or JSON.
    #[arg(long, value_name = "FILE|JSON")]
    pub overrides: Option<String>,

    #[command(flatten)]
    pub shape: ShapeArguments,
    #[command(flatten)]
    pub source: SourceArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum EnforcementMode {
    /// Effects are carried out.
    #[value(name = "Default")]
    Default,
    /// Only compliance is judged.
    #[value(name = "DoNotEnforce")]
    DoNotEnforce,
}

#[derive(Debug, Args)]
pub(crate) struct AssignmentArguments {
    #[command(subcommand)]
    pub command: AssignmentCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AssignmentCommand {
    /// Assign a definition or an initiative to a scope.
    Create(AssignArguments),
    /// List assignments.
    List(ListArguments),
    /// Show an assignment.
    Show(ShowArguments),
    /// Remove an assignment that was made here.
    Delete(DeleteArguments),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  stance policy exempt --name legacy --policy-assignment ai-baseline --exemption-category Waiver \\
    --scope /subscriptions/ID/resourceGroups/legacy --expires-on 2027-01-31T00:00:00Z")]
pub(crate) struct ExemptArguments {
    /// Its name.
    #[arg(long, short = 'n', value_name = "NAME")]
    pub name: String,

    /// Title for people.
    #[arg(long, value_name = "TEXT")]
    pub display_name: Option<String>,

    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,

    /// The assignment, by name or id.
    #[arg(long, short = 'a', visible_alias = "assignment", value_name = "NAME")]
    pub policy_assignment: String,

    /// What is exempt: a management group, subscription, resource group or resource; the assignment's scope unless given.
    #[arg(long, value_name = "ID")]
    pub scope: Option<String>,

    /// Why it is exempt.
    #[arg(
        long,
        short = 'e',
        visible_alias = "category",
        value_enum,
        ignore_case = true
    )]
    pub exemption_category: ExemptionCategory,

    /// When the exemption ends (RFC 3339); it does not unless given.
    #[arg(long, value_name = "TIME", value_parser = super::instant)]
    pub expires_on: Option<chrono::DateTime<chrono::Utc>>,

    /// References of the initiative; all of them unless given.
    #[arg(long, short = 'r', visible_alias = "definition-reference-ids", value_name = "ID", num_args = 1..)]
    pub policy_definition_reference_ids: Vec<String>,

    #[command(flatten)]
    pub shape: ShapeArguments,
    #[command(flatten)]
    pub source: SourceArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExemptionCategory {
    /// The fault is accepted for a time.
    #[value(name = "Waiver")]
    Waiver,
    /// The intent is met another way.
    #[value(name = "Mitigated")]
    Mitigated,
}

#[derive(Debug, Args)]
pub(crate) struct ExemptionArguments {
    #[command(subcommand)]
    pub command: ExemptionCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExemptionCommand {
    /// Exempt a scope from an assignment.
    Create(ExemptArguments),
    /// List exemptions.
    List(ListArguments),
    /// Show an exemption.
    Show(ShowArguments),
    /// Remove an exemption that was made here.
    Delete(DeleteArguments),
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArguments {
    /// Its name or id.
    #[arg(long, short = 'n', value_name = "NAME")]
    pub name: String,

    #[command(flatten)]
    pub source: SourceArguments,
}

/// Which states are meant.
#[derive(Debug, Args)]
pub(crate) struct StateFilterArguments {
    /// Only of this assignment, by name or id.
    #[arg(long, short = 'a', value_name = "NAME")]
    pub assignment: Option<String>,

    /// Only of this initiative, by name or id.
    #[arg(long, visible_alias = "policy-set-definition", value_name = "NAME")]
    pub initiative: Option<String>,

    /// Only of resources at or below this id.
    #[arg(long, visible_alias = "resource", value_name = "ID")]
    pub scope: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance policy states --state NonCompliant -o table
  stance policy states --assignment ai-baseline --query \"[].{resource:resourceId,state:complianceState}\" -o tsv

The same rows are in PolicyResources: stance query \"PolicyResources | where type == 'microsoft.policyinsights/policystates'\"")]
pub(crate) struct StatesArguments {
    #[command(flatten)]
    pub filter: StateFilterArguments,

    /// Only this state: `NonCompliant`, `Compliant`, `Exempt`, `Unknown`.
    #[arg(long, value_name = "STATE")]
    pub state: Option<ComplianceState>,

    /// Most states that are listed.
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub top: usize,

    #[command(flatten)]
    pub shape: ShapeArguments,
    #[command(flatten)]
    pub data: DataArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stance policy compliance
  stance policy compliance --initiative ai-security-baseline-v1 --format json

Of several states of one resource the first of NonCompliant, Compliant, Conflict, Exempt, Unknown counts. The
percentage is of compliant, exempt and unknown resources in all distinct resources, as in Azure; the one of known
leaves out what could not be judged.")]
pub(crate) struct ComplianceArguments {
    #[command(flatten)]
    pub filter: StateFilterArguments,

    /// Pick from the result by `JMESPath`.
    #[arg(long, value_name = "JMESPATH")]
    pub query: Option<String>,

    /// How to show the result.
    #[arg(long, short = 'o', visible_alias = "output", value_enum, default_value_t = ShapeFormat::Table)]
    pub format: ShapeFormat,

    #[command(flatten)]
    pub data: DataArguments,
}
