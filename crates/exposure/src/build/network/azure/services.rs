//! Managed services of Azure with a public entry of their own: where each says who may come in. A type is one entry.
//!
//! Facts are from the resource providers' API references (learn.microsoft.com/azure/templates).

use super::super::found::Authentication;
use super::row::{
    AddressRules, ON, PUBLIC, Service, Switch, WeakerSignIn, from, keys_unless, service, usually,
};

const NETWORK: &[Switch] = &[Switch::at("properties.network.publicNetworkAccess")];

const LOCAL: &[WeakerSignIn] = &[keys_unless("properties.disableLocalAuth")];
const NETWORK_ACLS: AddressRules = AddressRules::Default {
    action: "properties.networkAcls.defaultAction",
    list: "properties.networkAcls.ipRules",
    item: "value",
};
const RULE_SET: AddressRules = AddressRules::DefaultOfChild {
    kind: "networkrulesets",
};
const DATABASE_RULES: AddressRules = AddressRules::Children {
    kind: "firewallrules",
    first: "properties.startIpAddress",
    last: "properties.endIpAddress",
    open_when_none: false,
};

/// The services, in order of type.
pub(super) const SERVICES: &[Service] = &[
    service("microsoft.apimanagement/service")
        .switched(&[
            PUBLIC,
            Switch::at("properties.virtualNetworkType").opened_by(&["none", "external"]),
        ])
        .asks_what_it_likes()
        .endpoint(),
    service("microsoft.appconfiguration/configurationstores").weaker(LOCAL),
    service("microsoft.automation/automationaccounts").weaker(LOCAL),
    service("microsoft.botservice/botservices")
        .asks_what_it_likes()
        .switched(&[
            PUBLIC,
            Switch::at("properties.isIsolated").opened_by(&["false"]),
        ])
        .weaker(LOCAL)
        .endpoint(),
    service("microsoft.cache/redis")
        .rules(AddressRules::Children {
            kind: "firewallrules",
            first: "properties.startIP",
            last: "properties.endIP",
            open_when_none: true,
        })
        .weaker(&[keys_unless("properties.disableAccessKeyAuthentication")])
        .port(6380),
    service("microsoft.cache/redisenterprise").port(10_000),
    service("microsoft.cognitiveservices/accounts")
        .rules(NETWORK_ACLS)
        .weaker(LOCAL)
        .endpoint(),
    service("microsoft.containerregistry/registries")
        .rules(AddressRules::Default {
            action: "properties.networkRuleSet.defaultAction",
            list: "properties.networkRuleSet.ipRules",
            item: "value",
        })
        .weaker(&[
            from(
                "properties.anonymousPullEnabled",
                &["true"],
                Authentication::Nothing,
            ),
            from(
                "properties.adminUserEnabled",
                &["true"],
                Authentication::Password,
            ),
        ]),
    service("microsoft.containerservice/managedclusters")
        .switched(&[
            Switch::at("properties.apiServerAccessProfile.enablePrivateCluster")
                .opened_by(&["false"]),
            PUBLIC,
        ])
        .rules(AddressRules::WhenAny {
            list: "properties.apiServerAccessProfile.authorizedIPRanges",
            item: "",
            flag: "",
        })
        .weaker(&[keys_unless("properties.disableLocalAccounts")]),
    service("microsoft.databricks/workspaces")
        .limited_by("IP access lists of the workspace are kept by Databricks"),
    service("microsoft.datafactory/factories"),
    service("microsoft.dbformysql/flexibleservers")
        .switched(NETWORK)
        .rules(DATABASE_RULES)
        .weaker(&[usually(
            "properties.authConfig.passwordAuth",
            ON,
            Authentication::Password,
        )])
        .port(3306),
    service("microsoft.dbforpostgresql/flexibleservers")
        .switched(NETWORK)
        .rules(DATABASE_RULES)
        .weaker(&[usually(
            "properties.authConfig.passwordAuth",
            ON,
            Authentication::Password,
        )])
        .port(5432),
    service("microsoft.documentdb/databaseaccounts")
        .rules(AddressRules::WhenAny {
            list: "properties.ipRules",
            item: "ipAddressOrRange",
            flag: "properties.isVirtualNetworkFilterEnabled",
        })
        .weaker(LOCAL),
    service("microsoft.eventgrid/domains").weaker(LOCAL),
    service("microsoft.eventgrid/topics").weaker(LOCAL),
    service("microsoft.eventhub/namespaces")
        .rules(RULE_SET)
        .weaker(LOCAL),
    service("microsoft.keyvault/managedhsms").rules(NETWORK_ACLS),
    service("microsoft.keyvault/vaults").rules(NETWORK_ACLS),
    service("microsoft.kusto/clusters").rules(AddressRules::WhenAny {
        list: "properties.allowedIpRangeList",
        item: "",
        flag: "",
    }),
    service("microsoft.machinelearningservices/registries"),
    service("microsoft.machinelearningservices/workspaces")
        .rules(NETWORK_ACLS)
        .narrowed_by(AddressRules::WhenAny {
            list: "properties.ipAllowlist",
            item: "",
            flag: "",
        }),
    service("microsoft.machinelearningservices/workspaces/batchendpoints")
        .switched(&[PUBLIC.of_parent()])
        .weaker(&[from("properties.authMode", &["key"], Authentication::Key)])
        .endpoint(),
    service("microsoft.machinelearningservices/workspaces/onlineendpoints")
        .weaker(&[from("properties.authMode", &["key"], Authentication::Key)])
        .endpoint(),
    service("microsoft.machinelearningservices/workspaces/serverlessendpoints")
        .switched(&[PUBLIC.of_parent()])
        .weaker(&[usually(
            "properties.authMode",
            &["key"],
            Authentication::Key,
        )])
        .endpoint(),
    service("microsoft.operationalinsights/workspaces")
        .switched(&[Switch::at("properties.publicNetworkAccessForQuery")]),
    service("microsoft.purview/accounts"),
    service("microsoft.search/searchservices")
        .rules(AddressRules::WhenAny {
            list: "properties.networkRuleSet.ipRules",
            item: "value",
            flag: "",
        })
        .weaker(LOCAL)
        .endpoint(),
    service("microsoft.servicebus/namespaces")
        .rules(RULE_SET)
        .weaker(LOCAL),
    service("microsoft.signalrservice/signalr").weaker(LOCAL),
    service("microsoft.sql/managedinstances")
        .switched(&[Switch::at("properties.publicDataEndpointEnabled").closed_when_absent()])
        .weaker(&[usually(
            "properties.administrators.azureADOnlyAuthentication",
            &["false"],
            Authentication::Password,
        )])
        .limited_by("the security group of its subnet decides further")
        .port(3342),
    service("microsoft.sql/servers")
        .rules(DATABASE_RULES)
        .weaker(&[usually(
            "properties.administrators.azureADOnlyAuthentication",
            &["false"],
            Authentication::Password,
        )])
        .port(1433),
    service("microsoft.storage/storageaccounts")
        .rules(NETWORK_ACLS)
        .weaker(&[usually(
            "properties.allowSharedKeyAccess",
            &["true"],
            Authentication::Key,
        )]),
    service("microsoft.synapse/workspaces")
        .rules(DATABASE_RULES)
        .weaker(&[usually(
            "properties.azureADOnlyAuthentication",
            &["false"],
            Authentication::Password,
        )])
        .port(1433),
    service("microsoft.web/staticsites").asks_what_it_likes(),
];
