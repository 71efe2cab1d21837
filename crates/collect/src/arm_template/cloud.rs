//! `environment()`: the endpoints of an Azure cloud.
//!
//! Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-deployment#environment.

use super::fault::Fault;
use super::options::AzureCloud;
use super::value::Value;

struct Endpoints {
    name: &'static str,
    gallery: &'static str,
    graph: &'static str,
    portal: &'static str,
    audience: &'static str,
    login: &'static str,
    batch: &'static str,
    media: &'static str,
    resource_manager: &'static str,
    management: &'static str,
    registry: &'static str,
    key_vault: &'static str,
    sql: &'static str,
    storage: &'static str,
}

const PUBLIC: Endpoints = Endpoints {
    name: "AzureCloud",
    gallery: "https://gallery.azure.com/",
    graph: "https://graph.windows.net/",
    portal: "https://portal.azure.com",
    audience: "https://graph.windows.net/",
    login: "https://login.microsoftonline.com/",
    batch: "https://batch.core.windows.net/",
    media: "https://rest.media.azure.net",
    resource_manager: "https://management.azure.com/",
    management: "https://management.core.windows.net/",
    registry: ".azurecr.io",
    key_vault: ".vault.azure.net",
    sql: ".database.windows.net",
    storage: "core.windows.net",
};

const US_GOVERNMENT: Endpoints = Endpoints {
    name: "AzureUSGovernment",
    gallery: "https://gallery.usgovcloudapi.net/",
    graph: "https://graph.windows.net/",
    portal: "https://portal.azure.us",
    audience: "https://graph.windows.net/",
    login: "https://login.microsoftonline.us/",
    batch: "https://batch.core.usgovcloudapi.net",
    media: "https://rest.media.usgovcloudapi.net",
    resource_manager: "https://management.usgovcloudapi.net",
    management: "https://management.core.usgovcloudapi.net",
    registry: ".azurecr.us",
    key_vault: ".vault.usgovcloudapi.net",
    sql: ".database.usgovcloudapi.net",
    storage: "core.usgovcloudapi.net",
};

const CHINA: Endpoints = Endpoints {
    name: "AzureChinaCloud",
    gallery: "https://gallery.chinacloudapi.cn/",
    graph: "https://graph.chinacloudapi.cn/",
    portal: "https://portal.azure.cn",
    audience: "https://graph.chinacloudapi.cn/",
    login: "https://login.chinacloudapi.cn/",
    batch: "https://batch.chinacloudapi.cn",
    media: "https://rest.media.chinacloudapi.cn",
    resource_manager: "https://management.chinacloudapi.cn",
    management: "https://management.core.chinacloudapi.cn",
    registry: ".azurecr.cn",
    key_vault: ".vault.azure.cn",
    sql: ".database.chinacloudapi.cn",
    storage: "core.chinacloudapi.cn",
};

/// The object `environment()` gives.
pub(super) fn environment(cloud: AzureCloud) -> Result<Value, Fault> {
    let cloud = match cloud {
        AzureCloud::Public => PUBLIC,
        AzureCloud::UsGovernment => US_GOVERNMENT,
        AzureCloud::China => CHINA,
    };
    let word = Value::word;
    let suffixes = Value::record([
        ("acrLoginServer", word(cloud.registry)),
        ("keyvaultDns", word(cloud.key_vault)),
        ("sqlServerHostname", word(cloud.sql)),
        ("storage", word(cloud.storage)),
    ])?;
    let authentication = Value::record([
        ("loginEndpoint", word(cloud.login)),
        (
            "audiences",
            Value::list(vec![word(cloud.management), word(cloud.resource_manager)])?,
        ),
        ("tenant", word("common")),
        ("identityProvider", word("AAD")),
    ])?;
    let known = Value::record([
        ("name", word(cloud.name)),
        ("gallery", word(cloud.gallery)),
        ("graph", word(cloud.graph)),
        ("portal", word(cloud.portal)),
        ("graphAudience", word(cloud.audience)),
        (
            "activeDirectoryDataLake",
            word("https://datalake.azure.net/"),
        ),
        ("batch", word(cloud.batch)),
        ("media", word(cloud.media)),
        ("resourceManager", word(cloud.resource_manager)),
        ("authentication", authentication),
        ("suffixes", suffixes),
    ])?;
    // Further members exist; asking for one gives an unknown, not a fault.
    Ok(Value::partly_known("environment()", known))
}
