//! Which resource types are AI workloads, and what to call them.
//!
//! The types are those an AI estate is made of and what it leans on. Azure types in lower case as
//! Resource Manager answers; AWS types as Cloud Control names them (`aws::bedrock::agent`), GCP types
//! as Cloud Asset Inventory names them (`aiplatform.googleapis.com/endpoint`), both in lower case.

use serde::{Deserialize, Serialize};

mod types;

/// What a resource does for the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Category {
    /// Model services, deployments, models.
    #[serde(rename = "AI models")]
    Models,
    /// Agents, bots, and the projects they live in.
    #[serde(rename = "AI agents")]
    Agents,
    /// Training, pipelines, endpoints and data platforms of machine learning.
    #[serde(rename = "Machine learning")]
    MachineLearning,
    /// Indexes and knowledge bases that ground answers.
    #[serde(rename = "AI search and grounding")]
    Grounding,
    /// Filters, connections and switches of AI services.
    #[serde(rename = "AI guardrails and settings")]
    Settings,
    /// Files, blobs, container images.
    Storage,
    /// Databases.
    Databases,
    /// Keys, secrets and certificates.
    #[serde(rename = "Keys and secrets")]
    Secrets,
    /// Who is who, and who may do what.
    #[serde(rename = "Identity and access")]
    Identity,
    /// Networks, private links, name resolution, gateways.
    Network,
    /// What runs application code.
    Compute,
    /// Logs, metrics and their routes.
    Monitoring,
    /// Defender plans, assessments, policy.
    #[serde(rename = "Security and governance")]
    Governance,
}

impl Category {
    /// The name people read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Models => "AI models",
            Self::Agents => "AI agents",
            Self::MachineLearning => "Machine learning",
            Self::Grounding => "AI search and grounding",
            Self::Settings => "AI guardrails and settings",
            Self::Storage => "Storage",
            Self::Databases => "Databases",
            Self::Secrets => "Keys and secrets",
            Self::Identity => "Identity and access",
            Self::Network => "Network",
            Self::Compute => "Compute",
            Self::Monitoring => "Monitoring",
            Self::Governance => "Security and governance",
        }
    }

    /// True where such a resource exists for AI alone.
    pub fn is_ai(self) -> bool {
        matches!(
            self,
            Self::Models | Self::Agents | Self::MachineLearning | Self::Grounding | Self::Settings
        )
    }
}

/// What a resource is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Its kind in the singular: `Azure OpenAI account`, `Model deployment`.
    pub label: &'static str,
    /// What it does for the estate.
    pub category: Category,
    /// True for AI workloads and their parts, false for what they lean on.
    pub is_ai: bool,
}

impl Workload {
    const fn new(label: &'static str, category: Category) -> Self {
        let is_ai = matches!(
            category,
            Category::Models
                | Category::Agents
                | Category::MachineLearning
                | Category::Grounding
                | Category::Settings
        );
        Self {
            label,
            category,
            is_ai,
        }
    }
}

/// Says what a resource is; `None` for types that are neither AI nor anything AI leans on.
///
/// Case does not matter. `kind` is the ARM field of that name and tells apart the accounts of Azure AI
/// services and the workspaces of Azure Machine Learning. A type that is not listed falls back to
/// its provider, so that new child types of an AI service still count as AI.
pub fn classify(resource_type: &str, kind: Option<&str>) -> Option<Workload> {
    let resource_type = resource_type.to_ascii_lowercase();
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    by_kind(&resource_type, &kind)
        .or_else(|| types::listed(&resource_type))
        .or_else(|| types::by_provider(&resource_type))
}

/// Every listed type in order, with what it is: those whose `kind` decides more once, without a kind.
pub fn listed_types() -> impl Iterator<Item = (&'static str, Workload)> {
    types::all()
}

/// Types whose `kind` decides what they are.
fn by_kind(resource_type: &str, kind: &str) -> Option<Workload> {
    let found = match (resource_type, kind) {
        ("microsoft.cognitiveservices/accounts", kind) => account(kind),
        ("microsoft.machinelearningservices/workspaces", "hub") => {
            Workload::new("Foundry hub (classic)", Category::Agents)
        }
        ("microsoft.machinelearningservices/workspaces", "project") => {
            Workload::new("Foundry project (classic)", Category::Agents)
        }
        ("microsoft.machinelearningservices/workspaces", "featurestore") => {
            Workload::new("ML feature store", Category::MachineLearning)
        }
        ("microsoft.web/sites", kind) if kind.contains("functionapp") => {
            Workload::new("Function app", Category::Compute)
        }
        ("microsoft.web/sites", kind) if kind.contains("workflowapp") => {
            Workload::new("Logic app", Category::Compute)
        }
        _ => return None,
    };
    Some(found)
}

/// Accounts of Azure AI services by kind, as `az cognitiveservices account list-kinds` names them.
fn account(kind: &str) -> Workload {
    let label = match kind {
        "openai" => "Azure OpenAI account",
        "aiservices" => "Microsoft Foundry (AI Services) account",
        "cognitiveservices" => "Azure AI services multi-service account",
        "contentsafety" => "Content Safety account",
        "contentmoderator" => "Content Moderator account",
        "formrecognizer" => "Document Intelligence account",
        "textanalytics"
        | "conversationallanguageunderstanding"
        | "luis"
        | "luis.authoring"
        | "qnamaker"
        | "qnamaker.v2" => "Language account",
        "texttranslation" => "Translator account",
        "speechservices" | "speech" => "Speech account",
        "computervision"
        | "customvision.training"
        | "customvision.prediction"
        | "face"
        | "emotion" => "Vision account",
        "immersivereader" | "personalizer" | "anomalydetector" | "metricsadvisor"
        | "healthinsights" => "Decision and reading account",
        kind if kind.starts_with("bing.") => "Bing search account",
        _ => "Azure AI services account",
    };
    Workload::new(label, Category::Models)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(resource_type: &str, kind: Option<&str>) -> &'static str {
        classify(resource_type, kind).map_or("", |workload| workload.label)
    }

    #[test]
    fn kind_tells_accounts_and_workspaces_apart() {
        let account = "Microsoft.CognitiveServices/accounts";
        assert_eq!(label(account, Some("OpenAI")), "Azure OpenAI account");
        assert_eq!(
            label(account, Some("AIServices")),
            "Microsoft Foundry (AI Services) account"
        );
        assert_eq!(label(account, Some("Emotion")), "Vision account");
        assert_eq!(label(account, None), "Azure AI services account");
        let workspace = "Microsoft.MachineLearningServices/workspaces";
        assert_eq!(label(workspace, Some("Hub")), "Foundry hub (classic)");
        assert_eq!(label(workspace, Some("Default")), "ML workspace");
        assert_eq!(label(workspace, None), "ML workspace");
        assert_eq!(
            label("microsoft.web/sites", Some("functionapp,linux")),
            "Function app"
        );
        assert_eq!(label("microsoft.web/sites", Some("app")), "Web app");
    }

    #[test]
    fn what_ai_leans_on_is_no_ai() {
        for supporting in [
            "Microsoft.Storage/storageAccounts",
            "Microsoft.KeyVault/vaults",
            "Microsoft.Network/privateEndpoints",
            "Microsoft.Authorization/roleAssignments",
            "Microsoft.Insights/diagnosticSettings",
            "Microsoft.CognitiveServices/accounts/privateEndpointConnections",
            "AWS::S3::Bucket",
        ] {
            let workload = classify(supporting, None);
            assert!(
                workload.is_some_and(|workload| !workload.is_ai),
                "{supporting}"
            );
        }
    }

    #[test]
    fn ai_of_every_cloud_is_ai() {
        for ai in [
            "Microsoft.CognitiveServices/accounts/deployments",
            "Microsoft.CognitiveServices/accounts/projects/applications",
            "Microsoft.CognitiveServices/accounts/aTypeOfTomorrow",
            "Microsoft.Search/searchServices",
            "Microsoft.BotService/botServices",
            "microsoft.copilotstudio/agents",
            "AWS::Bedrock::Agent",
            "aws::sagemaker::somethingnew",
            "aiplatform.googleapis.com/Endpoint",
            "discoveryengine.googleapis.com/DataStore",
        ] {
            assert!(
                classify(ai, None).is_some_and(|workload| workload.is_ai),
                "{ai}"
            );
        }
    }

    #[test]
    fn the_rest_is_nothing_we_name() {
        assert_eq!(classify("microsoft.maps/accounts", None), None);
        assert_eq!(classify("", None), None);
        assert_eq!(classify("microsoft.cognitiveservices", None), None);
    }

    #[test]
    fn a_category_and_its_workloads_agree() {
        for (_, workload) in types::TYPES {
            assert_eq!(
                workload.is_ai,
                workload.category.is_ai(),
                "{}",
                workload.label
            );
        }
    }
}
