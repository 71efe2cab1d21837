//! Hosts by which resources answer, so that an address in one resource leads to another.

use std::collections::HashMap;

use serde_json::Value;
use stance_model::Resource;

use super::fields;
use crate::graph::GraphDraft;
use crate::inventory::Inventory;

/// A type, the properties that hold its addresses, and the hosts its name gives it.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const ROWS: &[Row] = &[
    (
        "microsoft.apimanagement/service",
        &[
            "properties.gatewayUrl",
            "properties.hostnameConfigurations.hostName",
        ],
        &["{name}.azure-api.net"],
    ),
    (
        "microsoft.app/containerapps",
        &["properties.configuration.ingress.fqdn"],
        &[],
    ),
    (
        "microsoft.cdn/profiles/afdendpoints",
        &["properties.hostName"],
        &[],
    ),
    (
        "microsoft.cognitiveservices/accounts",
        &["properties.endpoint", "properties.endpoints"],
        &[],
    ),
    (
        "microsoft.containerinstance/containergroups",
        &["properties.ipAddress.fqdn", "properties.ipAddress.ip"],
        &[],
    ),
    (
        "microsoft.containerregistry/registries",
        &["properties.loginServer"],
        &["{name}.azurecr.io"],
    ),
    (
        "microsoft.databricks/workspaces",
        &["properties.workspaceUrl"],
        &[],
    ),
    (
        "microsoft.dbformysql/flexibleservers",
        &["properties.fullyQualifiedDomainName"],
        &["{name}.mysql.database.azure.com"],
    ),
    (
        "microsoft.dbforpostgresql/flexibleservers",
        &["properties.fullyQualifiedDomainName"],
        &["{name}.postgres.database.azure.com"],
    ),
    (
        "microsoft.documentdb/databaseaccounts",
        &["properties.documentEndpoint"],
        &["{name}.documents.azure.com"],
    ),
    (
        "microsoft.eventhub/namespaces",
        &["properties.serviceBusEndpoint"],
        &[],
    ),
    (
        "microsoft.keyvault/vaults",
        &["properties.vaultUri"],
        &["{name}.vault.azure.net"],
    ),
    ("microsoft.kusto/clusters", &["properties.uri"], &[]),
    (
        "microsoft.machinelearningservices/workspaces/onlineendpoints",
        &["properties.scoringUri"],
        &[],
    ),
    (
        "microsoft.machinelearningservices/workspaces/serverlessendpoints",
        &["properties.inferenceEndpoint.uri"],
        &[],
    ),
    (
        "microsoft.search/searchservices",
        &["properties.endpoint"],
        &["{name}.search.windows.net"],
    ),
    (
        "microsoft.sql/servers",
        &["properties.fullyQualifiedDomainName"],
        &["{name}.database.windows.net"],
    ),
    (
        "microsoft.storage/storageaccounts",
        &["properties.primaryEndpoints"],
        &[
            "{name}.blob.core.windows.net",
            "{name}.dfs.core.windows.net",
            "{name}.file.core.windows.net",
            "{name}.queue.core.windows.net",
            "{name}.table.core.windows.net",
        ],
    ),
    (
        "microsoft.web/sites",
        &[
            "properties.defaultHostName",
            "properties.hostNames",
            "properties.enabledHostNames",
        ],
        &["{name}.azurewebsites.net"],
    ),
    (
        "microsoft.web/sites/slots",
        &["properties.defaultHostName", "properties.hostNames"],
        &[],
    ),
    (
        "microsoft.web/staticsites",
        &["properties.defaultHostname", "properties.customDomains"],
        &[],
    ),
    (
        "aws::apigateway::restapi",
        &[],
        &["{id}.execute-api.{region}.amazonaws.com"],
    ),
    (
        "aws::apigatewayv2::api",
        &["properties.ApiEndpoint"],
        &["{id}.execute-api.{region}.amazonaws.com"],
    ),
    ("aws::apprunner::service", &["properties.ServiceUrl"], &[]),
    (
        "aws::bedrockagentcore::gateway",
        &["properties.GatewayUrl"],
        &["{id}.gateway.bedrock-agentcore.{region}.amazonaws.com"],
    ),
    (
        "aws::elasticloadbalancingv2::loadbalancer",
        &["properties.DNSName"],
        &[],
    ),
    ("aws::lambda::url", &["properties.FunctionUrl"], &[]),
    (
        "aws::opensearchserverless::collection",
        &["properties.CollectionEndpoint"],
        &["{id}.{region}.aoss.amazonaws.com"],
    ),
    (
        "aws::opensearchservice::domain",
        &["properties.DomainEndpoint", "properties.Endpoint"],
        &[],
    ),
    (
        "aws::rds::dbinstance",
        &["properties.Endpoint.Address"],
        &[],
    ),
    (
        "aws::s3::bucket",
        &[],
        &[
            "{name}.s3.amazonaws.com",
            "{name}.s3.{region}.amazonaws.com",
        ],
    ),
];

/// Hosts that an account of Cognitive Services with a subdomain of its own answers by.
const SUBDOMAINS: [&str; 3] = [
    "openai.azure.com",
    "cognitiveservices.azure.com",
    "services.ai.azure.com",
];
/// The regional hosts that accounts without a subdomain share.
const SHARED: &str = ".api.cognitive.microsoft.com";

/// Node ids by host, both in lower case.
#[derive(Debug, Default)]
pub(super) struct Hosts(HashMap<String, String>);

impl Hosts {
    pub(super) fn of(inventory: &Inventory) -> Self {
        let mut hosts = Self::default();
        for (resource_type, fields, patterns) in ROWS {
            for resource in inventory.of_type(resource_type) {
                for field in *fields {
                    let mut told = Vec::new();
                    collect(&resource.body, field, &mut told);
                    for address in told {
                        hosts.put(host_of(address), resource);
                    }
                }
                for pattern in *patterns {
                    hosts.put(filled(pattern, resource), resource);
                }
            }
        }
        for account in inventory.of_type("microsoft.cognitiveservices/accounts") {
            let subdomain = fields::text(&account.body, "properties.customSubDomainName");
            if account
                .unknown_at("/properties/customSubDomainName")
                .is_none()
                && !subdomain.is_empty()
            {
                for domain in SUBDOMAINS {
                    let host = format!("{subdomain}.{domain}").to_lowercase();
                    hosts.put(Some(host), account);
                }
            }
        }
        hosts
    }

    fn put(&mut self, host: Option<String>, resource: &Resource) {
        let Some(host) = host.filter(|host| !host.ends_with(SHARED)) else {
            return;
        };
        self.0.entry(host).or_insert_with(|| resource.id.key());
    }

    /// The node that answers at an address: a URL or a host.
    pub(super) fn find(&self, address: &str) -> Option<&str> {
        self.0.get(&host_of(address)?).map(String::as_str)
    }

    /// Makes every host an alias of its node.
    pub(super) fn write(&self, draft: &mut GraphDraft) {
        for (host, node) in &self.0 {
            draft.alias(host.clone(), node.clone());
        }
    }
}

/// Texts at a path, through lists and the members of an object at its end.
fn collect<'a>(value: &'a Value, path: &str, into: &mut Vec<&'a str>) {
    let Some((key, rest)) = path.split_once('.') else {
        match &value[path] {
            Value::String(text) => into.push(text),
            Value::Array(items) => into.extend(items.iter().filter_map(Value::as_str)),
            Value::Object(members) => into.extend(members.values().filter_map(Value::as_str)),
            _ => {}
        }
        return;
    };
    match &value[key] {
        Value::Array(items) => items.iter().for_each(|item| collect(item, rest, into)),
        inner => collect(inner, rest, into),
    }
}

/// The host of a URL, or the text itself where it may be one; lower case.
pub(super) fn host_of(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', ':']).next().unwrap_or_default();
    let is_host = host.contains('.')
        && host
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter));
    is_host.then(|| host.to_lowercase())
}

fn filled(pattern: &str, resource: &Resource) -> Option<String> {
    let id = resource.id.as_str();
    let last = id.rsplit(['/', ':']).next().unwrap_or_default();
    let region = resource.text("location").unwrap_or_default();
    let host = pattern
        .replace("{name}", resource.name())
        .replace("{id}", last)
        .replace("{region}", region);
    host_of(&host).filter(|host| !host.starts_with('.') && !host.contains(".."))
}
