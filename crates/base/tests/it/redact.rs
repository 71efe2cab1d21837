//! No secret stays, and nothing that checks need goes.

use proptest::prelude::*;
use serde_json::{Value, json};
use stance_base::redact::{redact, redact_text};

/// Text that a fixture must not hold in one piece, so that scanners of the repository stay quiet.
fn joined(parts: &[&str]) -> String {
    parts.concat()
}

fn hex(length: usize) -> String {
    "0123456789abcdef".chars().cycle().take(length).collect()
}

fn letters(length: usize) -> String {
    "aB3dE5gH7jK9mN1pQ".chars().cycle().take(length).collect()
}

/// Kind of secret, a text that holds it, and the part that must vanish.
fn secrets() -> Vec<(&'static str, String, String)> {
    let key88 = joined(&[&letters(86), "=="]);
    let key44 = joined(&[&letters(43), "="]);
    let mut all: Vec<(&'static str, String, String)> = Vec::new();
    let mut add = |kind, before: &str, secret: String, after: &str| {
        all.push((kind, format!("{before}{secret}{after}"), secret));
    };
    add(
        "storage-account-key",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=",
        key88.clone(),
        ";EndpointSuffix=core.windows.net",
    );
    add(
        "storage-account-key",
        "AccountEndpoint=https://c.documents.azure.com:443/;AccountKey=",
        key88.clone(),
        ";",
    );
    add(
        "shared-access-key",
        "Endpoint=sb://n.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=",
        key44.clone(),
        "",
    );
    add(
        "sas-token",
        "https://a.blob.core.windows.net/c?sv=2022-11-02&sp=r&sig=",
        format!("{}%3D", letters(43)),
        "&se=2030",
    );
    add("azure-key", "value ", key88, "");
    add(
        "azure-key",
        "",
        joined(&[&letters(52), "JQQJ99", "BAACYeBjFXJ3w3AAABACOGabcd"]),
        "",
    );
    add(
        "azure-search-key",
        "",
        joined(&[&letters(42), "AzSe", "Dabcde"]),
        "",
    );
    add(
        "api-key",
        "curl -H 'api-key: ",
        hex(32),
        "' https://x.openai.azure.com",
    );
    add(
        "token",
        "token is ",
        joined(&["eyJ", "hbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"]),
        "",
    );
    add(
        "private-key",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        letters(120),
        "\n-----END RSA PRIVATE KEY-----",
    );
    add(
        "private-key",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
        letters(120),
        "\n-----END OPENSSH PRIVATE KEY-----",
    );
    add(
        "aws-access-key",
        "id ",
        joined(&["AKIA", "IOSFODNN7EXAMPLE"]),
        "",
    );
    add(
        "aws-secret-key",
        "aws_secret_access_key = ",
        joined(&["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"]),
        "",
    );
    add("github-token", "", joined(&["ghp_", &letters(36)]), "");
    add(
        "github-token",
        "",
        joined(&["github_pat_", &letters(22), "_", &letters(40)]),
        "",
    );
    add(
        "slack-token",
        "",
        joined(&["xoxb-", "123456789012-", &letters(24)]),
        "",
    );
    add(
        "slack-webhook",
        "https://hooks.slack.com/services/",
        joined(&["T00000000/B00000000/", &letters(24)]),
        "",
    );
    add("openai-key", "", joined(&["sk-", &letters(48)]), "");
    add("openai-key", "", joined(&["sk-proj-", &letters(60)]), "");
    add(
        "anthropic-key",
        "",
        joined(&["sk-ant-", "api03-", &letters(80)]),
        "",
    );
    add("google-api-key", "", joined(&["AIza", &letters(35)]), "");
    add("hugging-face-token", "", joined(&["hf_", &letters(34)]), "");
    add(
        "password",
        "Server=tcp:s.database.windows.net;User ID=u;Password=",
        "Hunter-2!x".to_owned(),
        ";Encrypt=True",
    );
    add(
        "password",
        "Data Source=s;Uid=u;Pwd=",
        "Hunter-2!x".to_owned(),
        "",
    );
    add(
        "url-password",
        "postgresql://admin:",
        "hunter2x".to_owned(),
        "@db.example.com:5432/x",
    );
    add(
        "authorization-header",
        "Authorization: Bearer ",
        letters(40),
        "",
    );
    add(
        "authorization-header",
        "Authorization: Basic ",
        joined(&["dXNlcjpwYXNz", "d29yZA=="]),
        "",
    );
    add(
        "entra-client-secret",
        "",
        joined(&["abc8Q~", &letters(34)]),
        "",
    );
    add("npm-token", "", joined(&["npm_", &letters(36)]), "");
    add("pypi-token", "", joined(&["pypi-", &letters(60)]), "");
    add("databricks-token", "", joined(&["dapi", &hex(32)]), "");
    add(
        "sendgrid-key",
        "",
        joined(&["SG.", &letters(22), ".", &letters(43)]),
        "",
    );
    add("stripe-key", "", joined(&["sk_live_", &letters(24)]), "");
    add("twilio-key", "", joined(&["SK", &hex(32)]), "");
    add(
        "instrumentation-key",
        "InstrumentationKey=",
        "11111111-2222-3333-4444-555555555555".to_owned(),
        ";IngestionEndpoint=https://x",
    );
    add(
        "secret",
        r#"{"settings":{"db_password":""#,
        "hunter2 and more".to_owned(),
        r#""}}"#,
    );
    add(
        "secret",
        "#cloud-config\nwrite_files:\n  - API_KEY=",
        "hunter2hunter2".to_owned(),
        "\nnext: line",
    );
    add(
        "secret",
        "{\\\"token\\\": \\\"",
        "hunter2hunter2".to_owned(),
        "\\\"}",
    );
    add("gitlab-token", "", joined(&["glpat-", &letters(20)]), "");
    add(
        "function-key",
        "https://f.azurewebsites.net/api/x?code=",
        letters(54),
        "",
    );
    add(
        "google-oauth-secret",
        "",
        joined(&["GOCSPX-", &letters(28)]),
        "",
    );
    all
}

#[test]
fn secrets_in_text_vanish_and_leave_their_kind() {
    for (kind, text, secret) in secrets() {
        let redacted = redact_text(&text);
        assert!(!redacted.contains(&secret), "{kind}: {redacted}");
        assert!(
            redacted.contains(&format!("***redacted:{kind}***")),
            "{kind}: {redacted}"
        );
        assert_eq!(redact_text(&redacted), redacted, "{kind}");
    }
}

#[test]
fn secrets_vanish_from_any_property() {
    for (kind, text, secret) in secrets() {
        let mut body =
            json!({"name": "x", "tags": {"note": text}, "properties": {"deep": [{"any": text}]}});
        assert_eq!(redact(&mut body), 2, "{kind}");
        assert!(!body.to_string().contains(&secret), "{kind}: {body}");
    }
}

#[test]
fn a_name_that_says_secret_is_enough() {
    let plain = "correct-horse-battery";
    for name in [
        "password",
        "adminPassword",
        "administratorLoginPassword",
        "secret",
        "clientSecret",
        "apiKey",
        "api-key",
        "OPENAI_API_KEY",
        "key1",
        "key2",
        "primaryKey",
        "secondaryKey",
        "primaryMasterKey",
        "connectionString",
        "primaryConnectionString",
        "accountKey",
        "storageAccountKey",
        "sasToken",
        "containerSasUri",
        "sharedAccessKey",
        "accessToken",
        "refreshToken",
        "privateKey",
        "customData",
        "userData",
        "protectedSettings",
        "subscriptionKey",
        "masterKey",
        "accessKey",
        "passphrase",
        "secretAccessKey",
        "Ocp-Apim-Subscription-Key",
        "x-functions-key",
        "DB_PASSWORD",
        "HF_TOKEN",
        "botToken",
        "sharedSecret",
        "encryptionKey",
        "AzureWebJobsStorage",
    ] {
        let mut body = json!({"properties": {name: plain}});
        assert_eq!(redact(&mut body), 1, "{name}");
        assert!(!body.to_string().contains(plain), "{name}: {body}");
    }
}

#[test]
fn settings_as_name_and_value_are_known() {
    let mut body = json!({"properties": {
        "appSettings": [
            {"name": "OPENAI_KEY", "value": "plain words"},
            {"name": "WEBSITE_RUN_FROM_PACKAGE", "value": "1"},
            {"name": "SpeechKey", "value": "0123456789abcdef0123456789abcdef"},
            {"name": "FEATURE_KEY", "value": "blue"},
            {"name": "DB_PASSWORD", "value": "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s/)"}
        ],
        "template": {"containers": [{"env": [{"name": "CLIENT_SECRET", "value": "open sesame"}]}]},
        "configuration": {"secrets": [{"name": "db", "value": "open sesame", "keyVaultUrl": "https://v.vault.azure.net/secrets/s"}]},
        "parameters": {"adminPassword": {"type": "String", "value": "open sesame"}},
        "protectedSettings": {"commandToExecute": "run open sesame", "nested": ["open sesame"]},
        "credentials": {"key": "open sesame", "clientId": "11111111-2222-3333-4444-555555555555", "username": "u"}
    }});
    body["resources"] = json!([
        {"type": "Microsoft.KeyVault/vaults/secrets", "properties": {"value": "open sesame"}},
        {"type": "Microsoft.KeyVault/vaults/secrets", "properties": {"value": "[parameters('kept')]"}},
        {"properties": {"credentials": {"keys": {"anything": "open sesame"}}}},
        {"environmentVariables": [{"name": "A", "secureValue": "open sesame"}]},
        {"connection": "Endpoint=https://x.azconfig.io;Id=abcd;Secret=open-sesame-open"}
    ]);
    redact(&mut body);
    let text = body.to_string();
    assert!(
        !text.contains("sesame") && !text.contains("plain words"),
        "{text}"
    );
    assert!(!text.contains("0123456789abcdef"), "{text}");
    assert!(text.contains("parameters('kept')"), "{text}");
    for kept in [
        "blue",
        "WEBSITE_RUN_FROM_PACKAGE",
        "\"1\"",
        "@Microsoft.KeyVault(",
        "keyVaultUrl",
        "\"db\"",
        "11111111-2222",
        "\"u\"",
        "\"String\"",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

#[test]
fn what_checks_need_stays() {
    let mut body = json!({
        "id": "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/g/providers/Microsoft.KeyVault/vaults/secret-token-password",
        "name": "password-store",
        "tags": {"key": "value", "costCenter": "42"},
        "properties": {
            "disableLocalAuth": false,
            "allowSharedKeyAccess": true,
            "disablePasswordAuthentication": true,
            "keyVaultProperties": {"keyName": "cmk", "keyVersion": "0123456789abcdef0123456789abcdef", "keyVaultUri": "https://v.vault.azure.net/"},
            "encryption": {"keySource": "Microsoft.KeyVault", "keyVaultSecretId": "https://v.vault.azure.net/secrets/s/0123456789abcdef0123456789abcdef"},
            "secretUri": "https://v.vault.azure.net/secrets/s",
            "secretName": "db",
            "adminPassword": "[parameters('adminPassword')]",
            "storageKey": "[listKeys(resourceId('Microsoft.Storage/storageAccounts', 'a'), '2022-09-01').keys[0].value]",
            "clientSecret": "***",
            "connectionString": "ResourceId=/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a;",
            "key": "environment",
            "objectId": "11111111-2222-3333-4444-555555555555",
            "endpoint": "https://a.openai.azure.com/",
            "sshPublicKey": "ssh-rsa AAAAB3NzaC1yc2E me",
            "passwordPolicy": "strong",
            "keyCreationTime": {"key1": "2024-03-01T10:00:00.1234567Z", "key2": null},
            "endpoints": {"Token": "https://eastus.api.cognitive.microsoft.com/"},
            "capabilities": {"maxOutputToken": "16384"},
            "authOptions": {"aadOrApiKey": {"aadAuthFailureMode": "http401WithBearerChallenge"}},
            "metadata": {"key1": "value1"},
            "maxTokens": 4096,
            "model": {"name": "gpt-4o", "version": "2024-08-06"},
            "etag": "W/\"datetime'2024-01-01T00%3A00%3A00Z'\""
        }
    });
    let before = body.clone();
    assert_eq!(redact(&mut body), 0, "{body:#}");
    assert_eq!(body, before);
}

fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        "[a-zA-Z_-]{1,12}",
        prop::sample::select(vec![
            "password",
            "key",
            "value",
            "name",
            "secrets",
            "credentials",
            "protectedSettings",
            "connectionString"
        ])
        .prop_map(str::to_owned),
    ];
    let text = prop_oneof![
        any::<String>(),
        "(Password=|AccountKey=|sig=|Bearer |sk-|eyJ|://a:|key: |secret = )?[A-Za-z0-9+/=_.~;@' -]{0,90}",
        prop::sample::select(
            secrets()
                .into_iter()
                .map(|(_, text, _)| text)
                .collect::<Vec<_>>()
        ),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn twice_is_as_good_as_once(mut value in any_json()) {
        redact(&mut value);
        let once = value.clone();
        prop_assert_eq!(redact(&mut value), 0);
        prop_assert_eq!(value, once);
    }

    #[test]
    fn guids_and_resource_ids_stay(bytes in any::<[u8; 16]>(), name in "[a-zA-Z0-9-]{1,24}") {
        let digits = format!("{:032x}", u128::from_be_bytes(bytes));
        let guid = format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]);
        let id = format!("/subscriptions/{guid}/resourceGroups/{name}/providers/Microsoft.CognitiveServices/accounts/{name}");
        let mut body = json!({"id": id, "principalId": guid, "password": guid, "properties": {"storageKey": id}});
        prop_assert_eq!(redact(&mut body), 0);
    }
}

#[test]
fn scripts_of_machines_vanish_and_their_addresses_stay() {
    let mut value = serde_json::json!({
        "items": [
            {"key": "startup-script", "value": "#!/bin/sh\nlogin hunter2"},
            {"key": "shutdown-script", "value": "/opt/bin/stop.sh"}
        ],
        "metadata": {"windows-startup-script-ps1": "net user a hunter2", "startup-script-url": "gs://b/setup.sh"},
        "metadata_startup_script": "login hunter2",
        "privateKeyData": "aGVsbG8gaGVsbG8gaGVsbG8="
    });
    assert_eq!(stance_base::redact::redact(&mut value), 4);
    let text = value.to_string();
    assert!(
        !text.contains("hunter2") && !text.contains("aGVsbG8"),
        "{text}"
    );
    assert!(
        text.contains("/opt/bin/stop.sh") && text.contains("gs://b/setup.sh"),
        "{text}"
    );
}
