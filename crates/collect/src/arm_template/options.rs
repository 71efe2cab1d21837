//! What a template is evaluated with.

use std::fmt;

use chrono::{DateTime, Utc};

/// What is known of the deployment, and how far evaluation may go.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The instant `utcNow()` gives.
    pub now: DateTime<Utc>,
    /// Where the template will land.
    pub target: &'a Target,
    /// Finds linked templates; without it they are noted and left out.
    pub links: Option<&'a dyn LinkedFiles>,
    /// How far evaluation may go.
    pub limits: Limits,
}

impl fmt::Debug for Options<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("now", &self.now)
            .field("target", &self.target)
            .field("links", &self.links.is_some())
            .field("limits", &self.limits)
            .finish()
    }
}

/// Where a template will land. What is `None` stays unknown and is shown as a placeholder in ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Else ids hold `00000000-0000-0000-0000-000000000000`.
    pub subscription_id: Option<String>,
    /// Else ids hold `{resourceGroup}`.
    pub resource_group: Option<String>,
    /// What `resourceGroup().location` and `deployment().location` give.
    pub location: Option<String>,
    /// Else ids hold `{managementGroup}`.
    pub management_group: Option<String>,
    /// What `tenant().tenantId` gives.
    pub tenant_id: Option<String>,
    /// What `deployment().name` gives.
    pub deployment_name: Option<String>,
    /// What `environment()` describes.
    pub cloud: AzureCloud,
}

/// An Azure cloud, for `environment()`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AzureCloud {
    /// The public cloud, taken where nothing else is said.
    #[default]
    Public,
    /// `AzureUSGovernment`.
    UsGovernment,
    /// `AzureChinaCloud`.
    China,
}

/// Finds the files that `templateLink` and `parametersLink` name. Never asked for anything on a network.
pub trait LinkedFiles: Sync {
    /// The file at `path`, written relative to the folder of `from`. The implementation keeps to its input folder.
    fn read(&self, from: &str, path: &str) -> Result<LinkedFile, String>;
}

/// A linked file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedFile {
    /// Path as the user would write it; also tells files apart.
    pub file: String,
    /// Its text, decoded.
    pub text: String,
}

/// How far evaluation may go. Each limit that is reached costs one diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Resources and deployments of one template, nested ones included.
    pub resources: usize,
    /// Instances of one copy loop; Resource Manager takes 800.
    pub copies: usize,
    /// Expressions and values evaluated.
    pub steps: u64,
    /// Bytes of the resources given back.
    pub output_bytes: usize,
    /// Deployments inside deployments.
    pub deployments_deep: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            resources: 10_000,
            copies: 800,
            steps: 5_000_000,
            output_bytes: 64 << 20,
            deployments_deep: 16,
        }
    }
}
