//! The main job on the demo estate.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use stance_base::{Clock, SystemClock};
use stance_testkit::demo_estate;

use crate::process::{cargo, run, target_folder};

/// The rule whose path is drawn.
const DRAWN: &str = "internet-openai-sensitive-store";

/// Questions of the demo: the sentence that introduces each, and its text.
const QUESTIONS: [(&str, &str); 4] = [
    (
        "What AI do we run, and where?",
        "Resources | where type in~ (\"microsoft.cognitiveservices/accounts\", \"microsoft.machinelearningservices/workspaces\", \"microsoft.search/searchservices\") | summarize Count=count() by type, location | order by Count desc",
    ),
    (
        "What is wrong with it? The worst fifteen.",
        "SecurityRecommendation | where RecommendationState == \"Unhealthy\" | summarize Resources=count() by RecommendationDisplayName, RecommendationSeverity, SeverityRank | order by SeverityRank desc, Resources desc | take 15 | project-away SeverityRank",
    ),
    (
        "Who tried to jailbreak the chatbot, and had a risky sign-in within two hours?",
        "SecurityAlert | where AlertName has \"jailbreak\" | extend CallerIP = tostring(ExtendedProperties[\"CallerIpAddress\"]) | join kind=inner (SigninLogs | where RiskLevelDuringSignIn in (\"medium\", \"high\") | project SigninTime=TimeGenerated, UserPrincipalName, IPAddress) on $left.CallerIP == $right.IPAddress | where abs(datetime_diff('hour', TimeGenerated, SigninTime)) < 2 | project TimeGenerated, AlertName, UserPrincipalName, CallerIP",
    ),
    (
        "Which attack paths does Defender report, and which did Stance find?",
        "SecurityAttackPathData | summarize Paths=count() by SourceSystem, RiskLevel | order by SourceSystem asc, Paths desc",
    ),
];

/// Builds the command, scans Contoso Financial, adds its telemetry, asks questions, writes the page.
pub(crate) fn run_demo() -> Result<()> {
    // The whole workspace's feature set, so that the tests do not build the engine once more.
    cargo(&["build", "--quiet", "--workspace", "--bin", "stance"])?;
    let folder = target_folder().join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    let telemetry = folder.join("telemetry");
    let written = demo_estate::write(&telemetry, SystemClock.now())?;
    eprintln!(
        "{} alerts, {} sign-ins, {} calls and {} attack paths of the last 30 days were made up",
        written.alerts, written.sign_ins, written.calls, written.attack_paths
    );
    let stance = target_folder().join("debug/stance").display().to_string();
    let data = folder.join("data").display().to_string();
    let page = folder.join("report.html").display().to_string();
    let parts = ["azure", "aws", "gcp", "power-platform", "sbom", "terraform"];
    let estate = parts.map(|part| format!("examples/contoso-financial/{part}"));
    let mut scan = vec!["scan", "--data", &data];
    scan.extend(estate.iter().map(String::as_str));
    run(&stance, &scan)?;
    scan.extend(["--format", "html", "--output", &page, "--quiet"]);
    run(&stance, &scan)?;
    let files = [
        "SecurityAlert.jsonl",
        "SigninLogs.jsonl",
        "AzureDiagnostics.jsonl",
        "attack-paths.json",
    ];
    let paths: Vec<String> = files
        .iter()
        .map(|file| telemetry.join(file).display().to_string())
        .collect();
    let mut ingest = vec!["ingest", "--data", &data];
    ingest.extend(paths.iter().map(String::as_str));
    run(&stance, &ingest)?;
    eprintln!("\n# Which agents are there?");
    run(&stance, &["inventory", "agents", "--data", &data])?;
    let bom = folder.join("ai.cdx.json").display().to_string();
    run(&stance, &["bom", "--data", &data, "--output", &bom])?;
    show_paths(&stance, &data, &folder)?;
    for (question, text) in QUESTIONS {
        eprintln!("\n# {question}");
        run(&stance, &["query", text, "--data", &data])?;
    }
    eprintln!("\nThe bill of materials: {bom}");
    eprintln!("The page to open: {page}\nAsk more: {stance} query --data {data}");
    Ok(())
}

/// The worst attack paths, what would cut most of them, and one as a picture beside the report.
fn show_paths(stance: &str, data: &str, folder: &Path) -> Result<()> {
    eprintln!("\n# How would one get in?");
    run(stance, &["paths", "--risk", "high", "--data", data])?;
    eprintln!("\n# What cuts most of it?");
    run(
        stance,
        &["paths", "choke-points", "--top", "5", "--data", data],
    )?;
    let picture = folder.join("attack-path.svg").display().to_string();
    let drawn = ["paths", "--rule", DRAWN, "--format", "svg", "--data", data];
    run(stance, &[&drawn[..], &["--output", &picture]].concat())?;
    eprintln!("\nOne of them as a picture: {picture}");
    Ok(())
}
