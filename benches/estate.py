"""Generates inputs of any size: a Resource Graph export and an ARM template. Same arguments, same bytes."""

import json
import uuid

NAMESPACE = uuid.UUID("6f7d3a52-8c1e-4f0b-9a55-0d2b6f6b1c11")

# Shares of types in a regulated firm's estate, per 100 resources: one in ten is about AI.
MIX = (
    ["microsoft.cognitiveservices/accounts"] * 4
    + ["microsoft.cognitiveservices/accounts/deployments"] * 3
    + ["microsoft.machinelearningservices/workspaces"] * 2
    + ["microsoft.search/searchservices"]
    + ["microsoft.storage/storageaccounts"] * 15
    + ["microsoft.keyvault/vaults"] * 8
    + ["microsoft.network/privateendpoints"] * 12
    + ["microsoft.network/networksecuritygroups"] * 10
    + ["microsoft.managedidentity/userassignedidentities"] * 10
    + ["microsoft.compute/virtualmachines"] * 15
    + ["microsoft.compute/disks"] * 12
    + ["microsoft.web/sites"] * 8
)


def identifier(*parts):
    return str(uuid.uuid5(NAMESPACE, "/".join(map(str, parts))))


def properties(kind, number):
    """About 1.5 KB of properties, some of them the ones that rules look at."""
    on = number % 3 == 0
    common = {
        "provisioningState": "Succeeded",
        "creationTime": f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:00.0000000Z",
        "internalId": identifier("internal", number),
        "endpoints": {f"endpoint{i}": f"https://r{number}-{i}.example.net/" for i in range(8)},
        "history": [{"at": f"2026-01-{i + 1:02}T00:00:00Z", "operation": "write", "correlationId": identifier(number, i)} for i in range(6)],
    }
    if kind.startswith("microsoft.cognitiveservices/accounts/deployments"):
        return common | {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}, "raiPolicyName": "Microsoft.DefaultV2"}
    if kind.startswith("microsoft.cognitiveservices"):
        return common | {
            "disableLocalAuth": on,
            "publicNetworkAccess": "Disabled" if on else "Enabled",
            "networkAcls": {"defaultAction": "Deny" if on else "Allow", "ipRules": [], "virtualNetworkRules": []},
            "privateEndpointConnections": [],
        }
    if kind.startswith("microsoft.machinelearning"):
        return common | {"publicNetworkAccess": "Enabled", "managedNetwork": {"isolationMode": "Disabled"}}
    if kind.startswith("microsoft.search"):
        return common | {"disableLocalAuth": on, "publicNetworkAccess": "enabled"}
    return common | {"publicNetworkAccess": "Enabled", "networkAcls": {"defaultAction": "Allow"}}


def resource(number):
    kind = MIX[number % 100]
    subscription = identifier("subscription", number % 7)
    group = f"rg-{number % 400:03}"
    provider, *types = kind.split("/")
    names = [f"r{number}-{level}" for level, _ in enumerate(types)]
    path = "/".join(f"{type_}/{name}" for type_, name in zip(types, names))
    return {
        "id": f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{provider}/{path}",
        "name": names[-1],
        "type": kind,
        "tenantId": identifier("tenant"),
        "kind": "OpenAI" if kind.endswith("cognitiveservices/accounts") else "",
        "location": ("westeurope", "eastus", "swedencentral")[number % 3],
        "resourceGroup": group,
        "subscriptionId": subscription,
        "managedBy": "",
        "sku": {"name": "S0"},
        "plan": None,
        "properties": properties(kind, number),
        "tags": {"owner": f"team-{number % 50}", "environment": "prod" if number % 2 else "dev"},
        "identity": {"type": "SystemAssigned", "principalId": identifier("principal", number), "tenantId": identifier("tenant")},
        "zones": None,
        "extendedLocation": None,
    }


def write_export(path, count):
    """What `az graph query -o json` prints for `count` resources."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'{{"count": {count}, "data": [\n')
        for number in range(count):
            file.write(json.dumps(resource(number)) + (",\n" if number + 1 < count else "\n"))
        file.write(f'], "skip_token": null, "total_records": {count}}}\n')


def write_template(path, count=30):
    """An ARM template of `count` resources, as Bicep compiles one: accounts, deployments, networks around them."""
    resources = []
    for number in range(count // 5):
        account = f"[format('{{0}}-ai-{number}', parameters('prefix'))]"
        resources += [
            {"type": "Microsoft.CognitiveServices/accounts", "apiVersion": "2024-10-01", "name": account, "location": "[parameters('location')]", "kind": "OpenAI", "sku": {"name": "S0"},
             "identity": {"type": "SystemAssigned"}, "properties": {"customSubDomainName": account, "disableLocalAuth": number % 2 == 0, "publicNetworkAccess": "[if(parameters('open'), 'Enabled', 'Disabled')]", "networkAcls": {"defaultAction": "Deny"}}},
            {"type": "Microsoft.CognitiveServices/accounts/deployments", "apiVersion": "2024-10-01", "name": f"[format('{{0}}-ai-{number}/chat', parameters('prefix'))]", "sku": {"name": "Standard", "capacity": 10},
             "properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}}},
            {"type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-05-01", "name": f"[concat(parameters('prefix'), 'st{number}')]", "location": "[parameters('location')]", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
             "properties": {"allowSharedKeyAccess": False, "publicNetworkAccess": "Disabled", "minimumTlsVersion": "TLS1_2"}},
            {"type": "Microsoft.Network/privateEndpoints", "apiVersion": "2024-01-01", "name": f"[format('{{0}}-pe-{number}', parameters('prefix'))]", "location": "[parameters('location')]",
             "properties": {"privateLinkServiceConnections": [{"name": "ai", "properties": {"privateLinkServiceId": f"[resourceId('Microsoft.CognitiveServices/accounts', format('{{0}}-ai-{number}', parameters('prefix')))]", "groupIds": ["account"]}}]}},
            {"type": "Microsoft.Insights/diagnosticSettings", "apiVersion": "2021-05-01-preview", "scope": f"[format('Microsoft.CognitiveServices/accounts/{{0}}-ai-{number}', parameters('prefix'))]", "name": "logs",
             "properties": {"workspaceId": "[parameters('workspaceId')]", "logs": [{"categoryGroup": "allLogs", "enabled": True}]}},
        ]
    template = {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "prefix": {"type": "string", "defaultValue": "contoso"},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
            "open": {"type": "bool", "defaultValue": True},
            "workspaceId": {"type": "string"},
        },
        "resources": resources,
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(template, file, indent=2)
