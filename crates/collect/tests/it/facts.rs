//! Bills of materials, vulnerabilities and labels: what they promise beyond the golden files.

use std::fmt::Write as _;

use crate::support::{names, read, read_as, said};

#[test]
fn a_bill_of_fifty_thousand_components_gives_those_that_count() {
    let mut components = String::new();
    for number in 0..50_000 {
        let _ = write!(
            components,
            r#"{{"type":"library","name":"lib{number}","version":"1","purl":"pkg:npm/lib{number}@1"}},"#
        );
    }
    let found = read(format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.7","metadata":{{"component":{{"type":"container","name":"alpine:3"}}}},"components":[{components}{{"type":"library","name":"openai","version":"1","purl":"pkg:pypi/openai@1"}}]}}"#
    ));
    assert_eq!(names(&found), ["alpine:3", "openai"], "{}", said(&found));
    let bill = found.resources[0].properties();
    assert_eq!(bill["componentCount"], 50_001);
    assert_eq!(bill["generativeAiCount"], 1);
    assert_eq!(bill["imageRepository"], "docker.io/library/alpine");
}

#[test]
fn deep_components_are_read_without_recursion() {
    let mut text = String::from(r#"{"name":"openai","purl":"pkg:npm/openai@1"}"#);
    for _ in 0..50 {
        text = format!(r#"{{"name":"x","components":[{text}]}}"#);
    }
    let found = read(format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{text}]}}"#
    ));
    assert_eq!(found.resources.len(), 2, "{}", said(&found));
}

#[test]
fn one_scanner_twice_is_one_row() {
    let report = |at: &str| {
        format!(
            r#"{{"SchemaVersion":2,"CreatedAt":"{at}","ArtifactName":"contoso.azurecr.io/a:1","ArtifactType":"container_image","Results":[{{"Target":"t","Type":"npm","Vulnerabilities":[{{"VulnerabilityID":"CVE-1","PkgName":"openai","InstalledVersion":"1","Severity":"HIGH"}}]}}]}}"#
        )
    };
    let found = read(format!(
        "[{},{}]",
        report("2026-01-01T00:00:00Z"),
        report("2026-01-02T00:00:00Z")
    ));
    assert_eq!(found.resources.len(), 2);
    assert_eq!(found.resources[0].id, found.resources[1].id);
    assert_eq!(found.resources[0].properties()["isGenerativeAi"], true);
}

#[test]
fn quotes_and_samples_are_not_taken_over() {
    let found = read(
        r#"{"infoType":{"name":"CREDIT_CARD_NUMBER"},"likelihood":"LIKELY","quote":"4111 1111 1111 1111","location":{"contentLocations":[{"containerName":"contoso-ai:crm.people"}]},"jobName":"projects/contoso-ai/dlpJobs/i-1"}"#,
    );
    assert_eq!(found.resources.len(), 1, "{}", said(&found));
    assert!(!found.resources[0].body.to_string().contains("4111"));
    assert_eq!(
        found.resources[0].properties()["resourceId"],
        "//bigquery.googleapis.com/projects/contoso-ai/datasets/crm/tables/people"
    );
}

#[test]
fn reports_without_findings_are_understood() {
    for text in [
        r#"{"SchemaVersion":2,"ArtifactName":"alpine:3","ArtifactType":"container_image","Metadata":{}}"#,
        r#"{"bomFormat":"CycloneDX","specVersion":"1.2","metadata":{"component":{"type":"container","name":"alpine:3"}}}"#,
        r#"{"spdxVersion":"SPDX-2.2","packages":[],"documentDescribes":["SPDXRef-x"]}"#,
        r#"{"@context":"https://spdx.org/rdf/3.0.0/spdx-context.jsonld","@graph":[]}"#,
    ] {
        let found = read(text);
        assert!(!found.coverage.is_empty(), "{text}");
        assert!(found.errors().next().is_none(), "{}", said(&found));
    }
}

#[test]
fn labels_of_groups_are_rows_of_their_own() {
    let found = read(
        r#"[{"id":"/tenants/t/groups/g","name":"Deal room","type":"microsoft.graph/groups","properties":{"assignedLabels":[{"labelId":"5f7c","displayName":"Confidential"}]}}]"#,
    );
    assert_eq!(found.resources.len(), 2, "{}", said(&found));
    assert_eq!(found.resources[1].resource_type, "stance/sensitivitylabels");
    assert_eq!(
        found.resources[1].properties()["resourceId"],
        "/tenants/t/groups/g"
    );
}

#[test]
fn other_csv_is_still_not_understood() {
    let found = read_as("x.csv", "name,classification\na,b\n").0;
    assert!(said(&found).starts_with("COL0005"), "{}", said(&found));
}

#[test]
fn workloads_tell_the_images_they_run() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let found = read(format!(
        r#"[{{"id":"/subscriptions/S/resourceGroups/g/providers/Microsoft.App/containerApps/a","name":"a","type":"Microsoft.App/containerApps","properties":{{"template":{{"containers":[{{"image":"contoso.azurecr.io/agent@{digest}"}},{{"image":"contoso.azurecr.io/agent@{digest}"}}]}}}}}},
        {{"id":"/subscriptions/S/resourceGroups/g/providers/Microsoft.Web/sites/w","name":"w","type":"Microsoft.Web/sites","kind":"app","properties":{{"siteConfig":{{"linuxFxVersion":"DOCKER|nginx:1"}}}}}}]"#
    ));
    let images: Vec<_> = found
        .resources
        .iter()
        .filter(|resource| resource.resource_type == "stance/images")
        .map(|resource| resource.properties())
        .collect();
    assert_eq!(images.len(), 2, "{}", said(&found));
    assert_eq!(images[0]["imageDigest"], digest);
    assert!(
        images[0]["resourceId"]
            .as_str()
            .unwrap()
            .ends_with("/containerApps/a")
    );
    assert_eq!(images[1]["imageRepository"], "docker.io/library/nginx");
    assert_eq!(images[1]["imageTag"], "1");
}
