//! An estate whose names attack the reader and whose properties hold secrets: nothing runs, nothing leaks.

use serde_json::{Value, json};

use crate::support::{NOW, Sandbox, account, export, files};

const NAMES: [&str; 9] = [
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "bidi\u{202e}txet\u{202c}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)*cmd",
    "[link](javascript:alert(1)) `code` | cell |",
    "quote\"'`$(touch pwned);${x}",
    "line\r\nbreak\u{2028}zero\u{200b}width",
    "</style></title>]]>--><!--",
];

/// Secrets of as many kinds as real estates hold, each made up, each in the place where it is found.
/// The second part is what must not be left.
fn secrets() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({"adminPassword": "Tr0ub4dor&3-made-up"}),
            "Tr0ub4dor&3-made-up",
        ),
        (
            json!({"connectionString": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODkrLw==;EndpointSuffix=core.windows.net"}),
            "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVph",
        ),
        (
            json!({"url": "https://a.blob.core.windows.net/c?sv=2024-01-01&sig=abcDEF123456789012345678901234567890123456%3D"}),
            "abcDEF1234567890123456789012345678901234",
        ),
        (
            json!({"sb": "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=c2VydmljZWJ1c2tleXNlcnZpY2VidXNrZXkxMjM0NTY="}),
            "c2VydmljZWJ1c2tleXNlcnZpY2VidXNrZXkxMjM0NTY",
        ),
        (
            json!({"apiKey": "0123456789abcdef0123456789abcdef"}),
            "0123456789abcdef0123456789abcdef",
        ),
        (
            json!({"key1": "fedcba9876543210fedcba9876543210"}),
            "fedcba9876543210fedcba9876543210",
        ),
        (
            json!({"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl"}),
            "c2lnbmF0dXJlc2lnbmF0dXJl",
        ),
        (
            json!({"note": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"}),
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        ),
        (
            json!({"env": "AKIAIOSFODNN7EXAMPLQ"}),
            "AKIAIOSFODNN7EXAMPLQ",
        ),
        (
            json!({"env": [{"name": "GITHUB", "value": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}]}),
            "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        ),
        (
            json!({"slack": "xoxb-123456789012-123456789012-q7RtZ2mVbK9sLw4NxY8pHdCe"}),
            "q7RtZ2mVbK9sLw4NxY8pHdCe",
        ),
        (
            json!({"openai": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKL"}),
            "sk-proj-abcdefghijklmnop",
        ),
        (
            json!({"anthropic": "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}),
            "sk-ant-api03-abcdefghij",
        ),
        (
            json!({"google": "AIzaSyA0123456789abcdefghijklmnopqrstuv"}),
            "AIzaSyA0123456789abcdefghijklmnopqrstuv",
        ),
        (
            json!({"hf": "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH"}),
            "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
        ),
        (
            json!({"sql": "Server=tcp:x.database.windows.net;Database=d;User ID=u;Password=S3cret-made-up!;"}),
            "S3cret-made-up!",
        ),
        (
            json!({"repository": "https://user:p4ssw0rd-made-up@git.example.com/x.git"}),
            "p4ssw0rd-made-up",
        ),
        (
            json!({"header": "Authorization: Bearer abcdefghijklmnopqrstuvwxyz012345"}),
            "abcdefghijklmnopqrstuvwxyz012345",
        ),
        (
            json!({"clientSecret": "abc8Q~defghijklmnopqrstuvwxyz0123456789ab"}),
            "abc8Q~defghijklmnopqrst",
        ),
        (
            json!({"databricks": "dapi0123456789abcdef0123456789abcdef"}),
            "dapi0123456789abcdef",
        ),
        (
            json!({"sendgrid": "SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"}),
            "SG.abcdefghijklmnopqrstuv",
        ),
        (
            json!({"stripe": format!("sk_{}_{}", "live", "0123456789abcdefghijABCD")}),
            "0123456789abcdefghijABCD",
        ),
        (
            json!({"customData": "I2Nsb3VkLWNvbmZpZyBzZWNyZXQgbWFkZSB1cA=="}),
            "I2Nsb3VkLWNvbmZpZyBzZWNyZXQ",
        ),
        (
            json!({"npm": "npm_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"}),
            "npm_abcdefghijklmnopqrstuvwxyz",
        ),
    ]
}

fn hostile_estate() -> String {
    let mut resources: Vec<Value> = NAMES
        .iter()
        .map(|name| account(name, &json!({"disableLocalAuth": name})))
        .collect();
    for (number, (properties, _)) in secrets().into_iter().enumerate() {
        resources.push(account(&format!("secret-{number}"), &properties));
    }
    for resource in &mut resources {
        resource["tags"] = json!({"owner": NAMES[0], "note": NAMES[2], "formula": NAMES[3]});
    }
    export(&resources)
}

/// Characters that steer a terminal or turn text around.
fn steers(character: char) -> bool {
    (character.is_control() && !"\n\r\t".contains(character))
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[test]
fn no_output_format_carries_an_attack_or_a_secret() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", hostile_estate());
    sandbox.write("broken/\u{1b}[31m<b>.json", "{\"value\": [");
    let secrets = secrets();
    for format in ["table", "json", "csv", "sarif", "html"] {
        let mut command =
            sandbox.command(&["scan", "estate.json", "broken", "--format", format, "--all"]);
        command.env("STANCE_LOG", "trace");
        let run = crate::support::Run::of(&command.output().unwrap());
        assert_eq!(run.code, 0, "{format}: {}", run.errors);
        for (text, place) in [(&run.output, "output"), (&run.errors, "log")] {
            for (_, secret) in &secrets {
                assert!(!text.contains(secret), "{format} {place} holds {secret}");
            }
            let bad = text.chars().find(|character| steers(*character));
            assert_eq!(bad, None, "{format} {place}");
        }
        if format == "html" {
            assert!(!run.output.contains("<script"), "html holds a script");
            assert!(
                !run.output.contains("onerror=alert(1)>"),
                "html holds a handler"
            );
        }
        if format == "csv" {
            let mut reader = csv::Reader::from_reader(run.output.as_bytes());
            for record in reader.records() {
                for cell in &record.unwrap() {
                    assert!(
                        !cell.starts_with(['=', '@', '+', '\t']),
                        "csv cell {cell:?}"
                    );
                }
            }
        }
    }
    for file in files(&sandbox.data()) {
        let bytes = std::fs::read(&file).unwrap();
        for (_, secret) in &secrets {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", file.display());
        }
    }
    assert!(!sandbox.path("pwned").exists());
}

#[test]
fn stored_rows_hold_no_secret_either() {
    let sandbox = Sandbox::new();
    sandbox.write("estate.json", hostile_estate());
    sandbox.ok(&["scan", "estate.json", "--quiet"]);
    for format in ["json", "csv", "table"] {
        let text = sandbox
            .ok(&[
                "query",
                "union Resources, ResourceChanges",
                "--format",
                format,
            ])
            .output;
        for (_, secret) in secrets() {
            assert!(!text.contains(secret), "query {format} holds {secret}");
        }
        assert_eq!(
            text.chars().find(|character| steers(*character)),
            None,
            "query {format}"
        );
    }
}

#[test]
fn ingested_rows_lose_their_secrets() {
    let sandbox = Sandbox::new();
    let rows: Vec<String> = secrets()
        .into_iter()
        .map(|(properties, _)| json!({"TimeGenerated": NOW, "Category": "RequestResponse", "properties_s": properties.to_string(), "Message": properties.to_string()}).to_string())
        .collect();
    sandbox.write("AzureDiagnostics.jsonl", rows.join("\n"));
    sandbox.ok(&["ingest", "AzureDiagnostics.jsonl"]);
    let text = sandbox
        .ok(&["query", "AzureDiagnostics", "--format", "json"])
        .output;
    for (_, secret) in secrets() {
        assert!(!text.contains(secret), "table holds {secret}");
    }
}
