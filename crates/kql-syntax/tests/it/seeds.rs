//! The thirteen queries that the product was asked for bind to the columns people expect.

use stance_kql_syntax::{
    BindOptions, Column, MemoryCatalog, Schema, bind, parse, render_diagnostics,
};

use crate::shared::folder;

fn schema(columns: &str) -> Schema {
    let columns = columns.split_whitespace().map(|column| {
        let (name, scalar_type) = column.split_once(':').unwrap_or((column, "string"));
        Column::new(name, scalar_type.parse().unwrap())
    });
    columns.collect()
}

/// The tables of the seed queries, with the columns they read.
pub(crate) fn catalog() -> MemoryCatalog {
    let mut catalog = MemoryCatalog::new();
    let tables = [
        (
            "SecurityRecommendation",
            "TimeGenerated:datetime AssessedResourceId Description IsSnapshot:bool Properties:dynamic \
             RecommendationDisplayName RecommendationName RecommendationSeverity RecommendationState",
        ),
        (
            "SecurityAlert",
            "TimeGenerated:datetime AlertName AlertSeverity Description ResourceId Tactics Techniques ProductName \
             ProviderName ExtendedProperties:dynamic",
        ),
        (
            "SigninLogs",
            "TimeGenerated:datetime UserPrincipalName IPAddress RiskState RiskLevelDuringSignIn",
        ),
        (
            "AzureDiagnostics",
            "TimeGenerated:datetime ResourceProvider Category OperationName CallerIPAddress properties_s _ResourceId",
        ),
        (
            "SecurityAttackPath",
            "AttackPathDisplayName RiskLevel EntryPoint Target RemediationSteps",
        ),
        (
            "resources",
            "id name type tenantId kind location resourceGroup subscriptionId properties:dynamic tags:dynamic",
        ),
    ];
    for (name, columns) in tables {
        catalog.add_table(name, schema(columns));
    }
    catalog
}

const EXPECTED: [(&str, &str); 13] = [
    (
        "01",
        "RecommendationSeverity:string RecommendationName:string Count:long",
    ),
    (
        "02",
        "TimeGenerated:datetime AlertName:string AlertSeverity:string Description:string ResourceId:string \
         Tactics:string Techniques:string",
    ),
    (
        "03",
        "TimeGenerated:datetime AlertName:string UserPrincipalName:string RiskState:string CallerIP:string",
    ),
    (
        "04",
        "TimeGenerated:datetime CallerIPAddress:string CallCount:long AvgTokens:real",
    ),
    (
        "05",
        "CallerIPAddress:string TodayCount:long AvgDaily:long Ratio:real",
    ),
    (
        "06",
        "TimeGenerated:datetime CallerIPAddress:string OperationName:string CompletionTokens:int _ResourceId:string",
    ),
    (
        "07",
        "AttackPathDisplayName:string RiskLevel:string EntryPoint:string Target:string RemediationSteps:string",
    ),
    (
        "08",
        "AlertTime:datetime AlertName:string UserPrincipalName:string CallerIP:string RiskLevelDuringSignIn:string \
         ResourceId:string",
    ),
    ("09", "type:string location:string Count:long"),
    (
        "10",
        "RecommendationName:string Healthy:long Unhealthy:long",
    ),
    (
        "11",
        "TimeGenerated:datetime AlertSeverity:string AlertCount:long",
    ),
    ("12", "CallerIPAddress:string Calls:long"),
    (
        "13",
        "TotalRecommendations:long HealthyPct:real AlertsLast30d:long HighSevAlerts:long CriticalAlerts:long",
    ),
];

#[test]
fn every_seed_query_binds() {
    let Some(folder) = folder() else { return };
    let catalog = catalog();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder.join("seeds/queries")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Some((_, expected)) = EXPECTED.iter().find(|(number, _)| name.starts_with(number))
        else {
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let bound = bind(&parse(&text), &catalog, &BindOptions::default());
        let report = render_diagnostics(&text, &bound.diagnostics);
        assert!(
            bound.query.is_some() && report.is_empty(),
            "{name}\n{report}"
        );
        let columns = bound
            .schema
            .columns()
            .iter()
            .map(|column| format!("{}:{}", column.name, column.scalar_type));
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(columns.collect::<Vec<_>>(), expected, "{name}");
        seen += 1;
    }
    eprintln!("seed queries bound: {seen} of 13");
    assert_eq!(seen, 13);
}
