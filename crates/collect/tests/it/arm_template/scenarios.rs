//! Promises that span a whole template.

use serde_json::{Value, json};
use stance_collect::arm_template::{Target, TemplateResources, is_parameter_file, is_template};
use stance_collect::json::Document;

use super::support::{document, evaluate, known_target};

const GROUP: &str =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

fn template(body: &Value) -> Document {
    let mut whole = json!({"$schema": GROUP, "contentVersion": "1.0.0.0"});
    for (key, value) in body.as_object().unwrap() {
        whole[key.as_str()] = value.clone();
    }
    document("test.json", &whole.to_string())
}

fn read(body: &Value) -> TemplateResources {
    evaluate(&template(body), None, &known_target())
}

fn ids(read: &TemplateResources) -> Vec<&str> {
    read.resources
        .iter()
        .map(|resource| resource.id.as_str())
        .collect()
}

fn thing(name: &str) -> Value {
    json!({"type": "Test.Provider/things", "apiVersion": "1", "name": name, "properties": {}})
}

#[test]
fn no_secret_leaves_evaluation() {
    let body = json!({
        "definitions": {
            "login": {"type": "object", "properties": {"user": {"type": "string"}, "password": {"type": "securestring"}}},
            "store": {"type": "object", "discriminator": {"propertyName": "kind", "mapping": {
                "blob": {"type": "object", "properties": {"kind": {"type": "string"}, "sas": {"type": "secureString"}}},
                "none": {"type": "object", "properties": {"kind": {"type": "string"}}}}}}
        },
        "parameters": {
            "plain": {"type": "secureString", "defaultValue": "s3cr3t-default"},
            "given": {"type": "securestring"},
            "whole": {"type": "secureObject"},
            "logins": {"type": "array", "items": {"$ref": "#/definitions/login"}},
            "store": {"$ref": "#/definitions/store"},
            "bag": {"type": "object", "additionalProperties": {"type": "securestring"}}
        },
        "variables": {"built": "[format('Server=x;Password={0}', parameters('given'))]"},
        "resources": [
            {"type": "Test.Provider/things", "apiVersion": "1", "name": "one", "properties": {
                "a": "[parameters('plain')]", "b": "[variables('built')]", "c": "[parameters('whole')]",
                "d": "[parameters('whole').inner.key]", "e": "[parameters('logins')]", "f": "[parameters('logins')[0].password]",
                "g": "[parameters('store')]", "h": "[parameters('bag')]", "i": "[base64(parameters('given'))]",
                "j": "[string(parameters('whole'))]", "k": "[string(parameters('logins'))]", "l": "[toUpper(parameters('given'))]",
                "m": "[substring(parameters('given'), 0, 3)]", "n": "[uniqueString(parameters('given'))]",
                "o": "[concat(parameters('given'), parameters('plain'))]", "p": "[split(parameters('given'), '-')]",
                "q": "[if(startsWith(parameters('given'), 's'), 'yes', 'no')]", "r": "[createObject('k', parameters('given'))]",
                "s": "[union(parameters('bag'), createObject('x', parameters('given')))]", "t": "[items(parameters('bag'))]",
                "u": "[join(createArray(parameters('given')), ',')]", "v": "[replace(parameters('given'), 's', 't')]",
                "w": "[map(parameters('logins'), lambda('l', lambdaVariables('l').password))]",
                "x": "[add(parameters('given'), 1)]", "y": "[parameters('given').missing]", "user": "[parameters('logins')[0].user]"}},
            {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "inner", "properties": {
                "expressionEvaluationOptions": {"scope": "inner"},
                "parameters": {"passed": {"value": "[parameters('given')]"}},
                "template": {"$schema": GROUP, "contentVersion": "1", "parameters": {"passed": {"type": "string"}},
                    "resources": [{"type": "Test.Provider/things", "apiVersion": "1", "name": "[concat('n', parameters('passed'))]",
                        "properties": {"passed": "[parameters('passed')]"}}],
                    "outputs": {"back": {"type": "string", "value": "[parameters('passed')]"}}}}}
        ],
        "outputs": {
            "plain": {"type": "string", "value": "[parameters('given')]"},
            "inner": {"type": "string", "value": "[reference('inner').outputs.back.value]"}
        }
    });
    let parameters = json!({"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1", "parameters": {
        "given": {"value": "s3cr3t-given"},
        "whole": {"value": {"inner": {"key": "s3cr3t-whole"}}},
        "logins": {"value": [{"user": "anna", "password": "s3cr3t-login"}]},
        "store": {"value": {"kind": "blob", "sas": "s3cr3t-sas"}},
        "bag": {"value": {"one": "s3cr3t-bag"}}}});
    let parameters = document("p.json", &parameters.to_string());
    assert!(is_parameter_file(&parameters.root) && !is_template(&parameters.root));
    let read = evaluate(&template(&body), Some(&parameters), &known_target());
    let everything = format!("{read:?}");
    assert!(
        !everything.to_lowercase().contains("s3cr3t"),
        "{everything}"
    );
    assert!(!everything.contains("czNjcjN0"), "in base64: {everything}");
    let properties = &read.resources[0].body["properties"];
    assert_eq!(properties["b"], "Server=x;Password=***");
    assert_eq!(
        properties["e"],
        json!([{"user": "anna", "password": "***"}])
    );
    assert_eq!(properties["g"], json!({"kind": "blob", "sas": "***"}));
    assert_eq!(properties["user"], "anna");
    assert_eq!(read.resources[1].body["properties"]["passed"], "***");
}

#[test]
fn a_condition_decides_unless_it_is_unknown() {
    let mut resources = Vec::new();
    for (name, condition) in [
        ("yes", json!(true)),
        ("no", json!(false)),
        ("computed", json!("[greater(length('abc'), 2)]")),
        ("open", json!("[parameters('open')]")),
    ] {
        let mut resource = thing(name);
        resource["condition"] = condition;
        resources.push(resource);
    }
    let read = read(&json!({"parameters": {"open": {"type": "bool"}}, "resources": resources}));
    let names: Vec<_> = read
        .resources
        .iter()
        .map(stance_model::Resource::name)
        .collect();
    assert_eq!(names, ["yes", "computed", "open"]);
    assert_eq!(read.resources[1].unknowns, []);
    // The empty pointer covers everything: the resource may not be there at all.
    assert_eq!(
        read.resources[2]
            .unknown_at("/properties/x")
            .unwrap()
            .expression,
        "[parameters('open')]"
    );
}

#[test]
fn what_a_deployment_holds_is_as_sure_as_the_deployment() {
    let nested = |name: &str, condition: Value| {
        json!({"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": name, "condition": condition,
            "properties": {"mode": "Incremental", "template": {"$schema": GROUP, "contentVersion": "1", "resources": [thing(name)]}}})
    };
    let read = read(&json!({"parameters": {"open": {"type": "bool"}},
        "resources": [nested("absent", json!(false)), nested("open", json!("[parameters('open')]")), nested("sure", json!(true))]}));
    let found: Vec<_> = read
        .resources
        .iter()
        .map(|resource| (resource.name(), resource.unknown_at("").is_some()))
        .collect();
    assert_eq!(found, [("open", true), ("sure", false)]);
}

#[test]
fn scopes_of_deployments() {
    let tenant =
        "https://schema.management.azure.com/schemas/2019-08-01/tenantDeploymentTemplate.json#";
    let group = "https://schema.management.azure.com/schemas/2019-08-01/managementGroupDeploymentTemplate.json#";
    let nested = |target: Value| {
        let mut deployment = json!({"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "d", "location": "westeurope",
            "properties": {"expressionEvaluationOptions": {"scope": "inner"},
                "template": {"$schema": GROUP, "contentVersion": "1", "resources": [thing("t")]}}});
        for (key, value) in target.as_object().unwrap() {
            deployment[key.as_str()] = value.clone();
        }
        deployment
    };
    let mut whole = json!({"$schema": tenant, "contentVersion": "1", "resources": [
        thing("top"),
        nested(json!({"scope": "[format('Microsoft.Management/managementGroups/{0}', 'mg-ai')]"})),
        nested(json!({"subscriptionId": "s-1"})),
        nested(json!({"subscriptionId": "s-1", "resourceGroup": "g-1"})),
        nested(json!({"scope": "/"}))]});
    let evaluated = evaluate(
        &document("t.json", &whole.to_string()),
        None,
        &known_target(),
    );
    assert_eq!(
        ids(&evaluated),
        [
            "/providers/Test.Provider/things/top",
            "/providers/Microsoft.Management/managementGroups/mg-ai/providers/Test.Provider/things/t",
            "/subscriptions/s-1/providers/Test.Provider/things/t",
            "/subscriptions/s-1/resourceGroups/g-1/providers/Test.Provider/things/t",
            "/providers/Test.Provider/things/t",
        ]
    );
    whole["$schema"] = json!(group);
    whole["resources"] = json!([thing("top")]);
    let evaluated = evaluate(
        &document("t.json", &whole.to_string()),
        None,
        &known_target(),
    );
    assert_eq!(
        ids(&evaluated),
        [
            "/providers/Microsoft.Management/managementGroups/mg-test/providers/Test.Provider/things/top"
        ]
    );
}

#[test]
fn modules_in_loops_and_behind_symbolic_names() {
    let read = read(&json!({"languageVersion": "2.0", "contentVersion": "1",
    "parameters": {"names": {"type": "array", "defaultValue": ["a", "b"]}},
    "resources": {
        "modules": {"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01",
            "copy": {"name": "modules", "count": "[length(parameters('names'))]"},
            "name": "[format('m-{0}', parameters('names')[copyIndex()])]",
            "properties": {"mode": "Incremental", "parameters": {"name": {"value": "[parameters('names')[copyIndex()]]"}},
                "template": {"$schema": GROUP, "languageVersion": "2.0", "contentVersion": "1",
                    "parameters": {"name": {"type": "string"}, "tier": {"type": "string", "nullable": true}},
                    "resources": {"thing": {"type": "Test.Provider/things", "apiVersion": "1", "name": "[parameters('name')]",
                        "properties": {"tier": "[coalesce(parameters('tier'), 'basic')]", "deployment": "[deployment().name]"}}},
                    "outputs": {"id": {"type": "string", "value": "[resourceId('Test.Provider/things', parameters('name'))]"},
                        "tier": {"type": "string", "value": "[reference('thing').tier]"}}}}},
        "user": {"type": "Test.Provider/users", "apiVersion": "1", "name": "u", "properties": {
            "second": "[reference(format('modules[{0}]', 1)).outputs.id.value]",
            "tiers": "[map(references('modules'), lambda('m', lambdaVariables('m').outputs.tier.value))]",
            "runtime": "[reference('modules[0]').outputs.nothing.value]"}}
    }}));
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    assert_eq!(read.resources[1].body["properties"]["deployment"], "m-b");
    let user = &read.resources[2];
    assert_eq!(
        user.body["properties"]["second"].as_str(),
        Some(read.resources[1].id.as_str())
    );
    assert_eq!(user.body["properties"]["tiers"], json!(["basic", "basic"]));
    let unknowns: Vec<_> = user
        .unknowns
        .iter()
        .map(|unknown| unknown.pointer.as_str())
        .collect();
    assert_eq!(unknowns, ["/properties/runtime"]);
}

#[test]
fn an_outer_scoped_template_sees_the_parameters_and_loops_around_it() {
    let read = read(
        &json!({"parameters": {"name": {"type": "string", "defaultValue": "outer"}}, "resources": [
        {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "[concat('d', copyIndex())]",
         "copy": {"name": "d", "count": 2}, "properties": {"mode": "Incremental", "template": {"$schema": GROUP, "contentVersion": "1",
            "parameters": {"name": {"type": "string", "defaultValue": "inner"}},
            "resources": [{"type": "Test.Provider/things", "apiVersion": "1", "name": "[concat(parameters('name'), copyIndex())]", "properties": {}}]}}}]}),
    );
    let names: Vec<_> = read
        .resources
        .iter()
        .map(stance_model::Resource::name)
        .collect();
    assert_eq!(names, ["outer0", "outer1"]);
}

#[test]
fn an_escaped_expression_in_an_outer_scoped_template_is_evaluated_inside() {
    let read = read(
        &json!({"parameters": {"name": {"type": "string", "defaultValue": "outer"}}, "resources": [
        {"type": "Microsoft.Resources/deployments", "apiVersion": "1", "name": "d", "properties": {
            "mode": "Incremental", "parameters": {"name": {"value": "[concat('passed-', parameters('name'))]"}},
            "template": {"$schema": GROUP, "contentVersion": "1", "parameters": {"name": {"type": "string"}},
                "resources": [{"type": "Test.Provider/things", "apiVersion": "1", "name": "t", "properties": {
                    "outer": "[parameters('name')]", "inner": "[[parameters('name')]"}}]}}},
        {"type": "Microsoft.Authorization/policyDefinitions", "apiVersion": "1", "name": "p", "properties": {
            "policyRule": {"then": {"effect": "[[parameters('effect')]"}}}}]}),
    );
    assert_eq!(
        read.resources[0].body["properties"],
        json!({"outer": "outer", "inner": "passed-outer"})
    );
    assert_eq!(
        read.resources[1].body["properties"]["policyRule"]["then"]["effect"],
        "[parameters('effect')]"
    );
    assert_eq!(read.resources[1].unknowns, []);
}

#[test]
fn a_given_value_that_does_not_fit_is_warned_of_and_used() {
    let body = json!({"parameters": {"tier": {"type": "string", "allowedValues": ["Basic", "Premium"]}},
        "resources": [{"type": "Test.Provider/things", "apiVersion": "1", "name": "t", "properties": {"tier": "[parameters('tier')]"}}]});
    for (value, codes) in [
        (json!("premium"), vec![]),
        (json!("Gold"), vec!["ARM0008"]),
        (json!(3), vec!["ARM0008"]),
    ] {
        let parameters = document(
            "p.json",
            &json!({"parameters": {"tier": {"value": value}}}).to_string(),
        );
        let read = evaluate(&template(&body), Some(&parameters), &known_target());
        let found: Vec<_> = read
            .diagnostics
            .iter()
            .map(|said| said.code.as_str())
            .collect();
        assert_eq!(found, codes, "{value}");
        assert_eq!(read.resources[0].body["properties"]["tier"], value);
        assert!(read.diagnostics.iter().all(|said| said.file == "p.json"));
    }
}

#[test]
fn an_object_that_is_unknown_in_part_is_known_in_the_rest() {
    let read = read(&json!({
        "parameters": {"prod": {"type": "bool"}, "tags": {"type": "object"}, "extra": {"type": "object"}},
        "resources": [{"type": "Test.Provider/things", "apiVersion": "1", "name": "t",
            "tags": "[union(parameters('tags'), createObject('env', 'prod'))]",
            "properties": {
                "network": "[if(parameters('prod'), createObject('action', 'Deny', 'bypass', 'None'), createObject('action', 'Deny', 'bypass', 'AzureServices'))]",
                "same": "[union(parameters('tags'), createObject('env', 'prod')).env]",
                "covered": "[union(createObject('env', 'prod'), parameters('extra')).env]"}}]}));
    let resource = &read.resources[0];
    assert_eq!(resource.body["properties"]["network"]["action"], "Deny");
    assert_eq!(resource.body["properties"]["same"], "prod");
    let unknowns: Vec<_> = resource
        .unknowns
        .iter()
        .map(|unknown| unknown.pointer.as_str())
        .collect();
    assert_eq!(
        unknowns,
        ["/properties/covered", "/properties/network/bypass", "/tags"]
    );
}

#[test]
fn templates_are_told_from_other_documents() {
    for (text, expected) in [
        (
            json!({"$schema": GROUP, "contentVersion": "1", "resources": []}),
            true,
        ),
        (
            json!({"$schema": "http://schema.management.azure.com/schemas/2015-01-01/DeploymentTemplate.json", "resources": []}),
            true,
        ),
        (json!({"contentVersion": "1.0.0.0", "resources": {}}), true),
        (json!({"value": []}), false),
        (
            json!({"$schema": "https://schema.management.azure.com/schemas/0.1.2-preview/CreateUIDefinition.MultiVm.json#"}),
            false,
        ),
        (json!([1]), false),
    ] {
        assert_eq!(
            is_template(&document("t", &text.to_string()).root),
            expected,
            "{text}"
        );
    }
    let read = evaluate(&document("t", "[1]"), None, &Target::default());
    assert_eq!(read.diagnostics[0].code, "ARM0001");
}

#[test]
fn placeholders_of_a_parameter_file_are_unknown_or_their_default() {
    let body = template(&json!({
        "parameters": {
            "access": {"type": "string"}, "tier": {"type": "string"}, "group": {"type": "string"},
            "keys": {"type": "bool"}, "count": {"type": "int"}, "rules": {"type": "array"},
            "plain": {"type": "string"}, "secret": {"type": "securestring"}, "open": {"type": "bool"}
        },
        "resources": [{"type": "Test.Provider/things", "apiVersion": "1", "name": "one", "properties": {
            "access": "[parameters('access')]", "tier": "[parameters('tier')]", "group": "[parameters('group')]",
            "keys": "[parameters('keys')]", "count": "[parameters('count')]", "rules": "[parameters('rules')]",
            "plain": "[parameters('plain')]", "secret": "[parameters('secret')]", "open": "[parameters('open')]"
        }}]
    }));
    let given = document(
        "test.parameters.json",
        &json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "contentVersion": "1.0.0.0",
            "parameters": {
                "access": {"value": "${AZURE_PUBLIC_ACCESS}"}, "tier": {"value": "${AZURE_TIER=S0}"},
                "group": {"value": "rg-${AZURE_ENV_NAME}-x"}, "keys": {"value": "${AZURE_KEYS=true}"},
                "count": {"value": "${COUNT:-3}"}, "rules": {"value": ["${RULE}", "10.0.0.0/8"]},
                "plain": {"value": "$5 ${ not one } ${"}, "secret": {"value": "${SECRET=hunter-two}"},
                "open": {"value": "${OPEN}"}
            }
        })
        .to_string(),
    );
    let found = evaluate(&body, Some(&given), &known_target());
    assert!(found.diagnostics.is_empty(), "{:?}", found.diagnostics);
    let resource = &found.resources[0];
    let properties = &resource.body["properties"];
    let unknown: Vec<_> = resource
        .unknowns
        .iter()
        .map(|unknown| (unknown.pointer.as_str(), unknown.expression.as_str()))
        .collect();
    for (pointer, expression) in [
        ("/properties/access", "[parameters('access')]"),
        ("/properties/group", "[parameters('group')]"),
        ("/properties/open", "[parameters('open')]"),
        ("/properties/rules/0", "${RULE}"),
    ] {
        assert!(unknown.contains(&(pointer, expression)), "{unknown:?}");
    }
    assert_eq!(properties["tier"], "S0");
    assert_eq!(properties["keys"], true);
    assert_eq!(properties["count"], 3);
    assert_eq!(properties["rules"][1], "10.0.0.0/8");
    assert_eq!(properties["plain"], "$5 ${ not one } ${");
    assert!(!resource.body.to_string().contains("hunter"));
}

/// Only Azure chooses object ids; the resource whose identity it is stands for each, so that assignments can be joined.
#[test]
fn assignments_name_the_resource_whose_identity_they_are_for() {
    let assignment = |name: &str, principal: &str| {
        json!({"type": "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "name": name,
            "properties": {"principalId": principal, "roleDefinitionId": "r"}})
    };
    let found = read(&json!({"resources": [
        {"type": "Microsoft.Web/sites", "apiVersion": "2023-12-01", "name": "app", "location": "westeurope",
         "identity": {"type": "SystemAssigned"}, "properties": {}},
        {"type": "Microsoft.ManagedIdentity/userAssignedIdentities", "apiVersion": "2023-01-31", "name": "shared",
         "location": "westeurope", "properties": {}},
        assignment("a", "[reference(resourceId('Microsoft.Web/sites', 'app'), '2023-12-01', 'Full').identity.principalId]"),
        assignment("b", "[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'shared')).principalId]"),
    ]}));
    let resources = &found.resources;
    for (owner, assignment) in [(0, 2), (1, 3)] {
        assert_eq!(
            resources[assignment].body["properties"]["principalId"],
            json!(resources[owner].id.as_str())
        );
        assert!(
            resources[assignment]
                .unknown_at("/properties/principalId")
                .is_none()
        );
    }
    assert_eq!(
        resources[0].body["identity"],
        json!({"type": "SystemAssigned"})
    );
}
