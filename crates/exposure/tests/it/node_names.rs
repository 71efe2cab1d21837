//! Nodes bear the names that people know resources by.

use serde_json::json;
use stance_model::Cloud;

use crate::google_estate::{account, estate, project, row, row_of};

fn name_of(resource: stance_model::Resource) -> String {
    let id = resource.id.key();
    let graph = estate([project(), resource]).graph;
    let node = graph.find(&id).unwrap();
    graph.node(node).name.to_string()
}

#[test]
fn what_google_numbers_is_shown_by_its_display_name() {
    let engine = row(
        "aiplatform.googleapis.com/ReasoningEngine",
        "//aiplatform.googleapis.com/projects/p/locations/l/reasoningEngines/4001",
        json!({"displayName": "doc-search-agent"}),
    );
    assert_eq!(name_of(engine), "doc-search-agent");
    let unnamed = row(
        "aiplatform.googleapis.com/ReasoningEngine",
        "//aiplatform.googleapis.com/projects/p/locations/l/reasoningEngines/4002",
        json!({"displayName": " "}),
    );
    assert_eq!(name_of(unnamed), "4002");
}

#[test]
fn a_service_account_keeps_its_address_and_its_keys_name_it() {
    let mut named = account("search");
    named.body["properties"]["displayName"] = json!("Search");
    let address = named.name().to_owned();
    assert_eq!(name_of(named), address);
    let key = row(
        "iam.googleapis.com/ServiceAccountKey",
        "//iam.googleapis.com/projects/p/serviceAccounts/a@p.iam.gserviceaccount.com/keys/0a1b2c3d4e5f60718293a4b5c6d7e8f900112233",
        json!({"keyType": "USER_MANAGED"}),
    );
    assert_eq!(name_of(key), "key 0a1b2c3d… of a@p.iam.gserviceaccount.com");
}

#[test]
fn machines_of_amazon_are_shown_by_their_tag() {
    let id = "arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0";
    let fields = json!({"tags": {"Name": "jump host"}, "properties": {}});
    let machine = row_of(Cloud::Aws, "AWS::EC2::Instance", id, fields);
    assert_eq!(name_of(machine), "jump host");
    let id = "arn:aws:s3:::reports";
    let fields = json!({"name": "reports", "tags": {"Name": "old name"}, "properties": {}});
    let bucket = row_of(Cloud::Aws, "AWS::S3::Bucket", id, fields);
    assert_eq!(name_of(bucket), "reports");
}
