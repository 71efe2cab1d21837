//! Recorded answers are read without a fault, and give what is in them.

use std::collections::BTreeMap;

use stance_collect::{CollectOptions, Gathered, collect};

use crate::support::shared;

/// Different things in the recordings, by type.
const THINGS: &[(&str, usize)] = &[
    ("aws::bedrock::agent", 6),
    ("aws::bedrock::applicationinferenceprofile", 7),
    ("aws::bedrock::custommodel", 1),
    ("aws::bedrock::evaluationjob", 2),
    ("aws::bedrock::foundationmodel", 3),
    ("aws::bedrock::guardrail", 4),
    ("aws::bedrock::knowledgebase", 2),
    ("aws::bedrock::modelcustomizationjob", 3),
    ("aws::bedrock::modelinvocationjob", 59),
    // Three of unknown accounts.
    ("aws::bedrock::modelinvocationlogging", 3),
    ("aws::bedrockmantle::project", 2),
    ("aws::ec2::securitygroup", 2),
    ("aws::ec2::subnet", 2),
    ("aws::kms::alias", 3),
    ("aws::kms::key", 3),
    ("aws::sagemaker::automljob", 1),
    ("aws::sagemaker::cluster", 3),
    ("aws::sagemaker::compilationjob", 3),
    ("aws::sagemaker::dataqualityjobdefinition", 1),
    ("aws::sagemaker::domain", 1),
    ("aws::sagemaker::endpoint", 2),
    ("aws::sagemaker::endpointconfig", 3),
    ("aws::sagemaker::hyperparametertuningjob", 2),
    ("aws::sagemaker::model", 1),
    ("aws::sagemaker::modelbiasjobdefinition", 1),
    ("aws::sagemaker::modelexplainabilityjobdefinition", 1),
    ("aws::sagemaker::modelqualityjobdefinition", 1),
    ("aws::sagemaker::notebookinstance", 5),
    ("aws::sagemaker::processingjob", 2),
    ("aws::sagemaker::trainingjob", 2),
    ("aws::sagemaker::transformjob", 4),
];

#[test]
fn every_recorded_answer_is_understood() {
    let Some(folder) = shared("fixtures/aws") else {
        return;
    };
    let mut gathered = Gathered::default();
    let summary = collect(&[folder], &CollectOptions::default(), &mut gathered);
    assert_eq!(
        gathered.errors().count(),
        0,
        "{:#?}",
        gathered.errors().next()
    );
    assert_eq!(summary.files, summary.files_understood);
    assert!(summary.inputs[0].complete);
    let mut by_type: BTreeMap<&str, usize> = BTreeMap::new();
    // Rows about the images that a workload runs are derived from it.
    let answered = gathered
        .resources
        .iter()
        .filter(|resource| resource.resource_type != "stance/images");
    for resource in answered {
        *by_type.entry(&resource.resource_type).or_default() += 1;
        let id = resource.id.as_str();
        assert!(id.starts_with("arn:aws:") && !id.contains('{'), "{id}");
        assert!(
            !resource.body.to_string().contains("__class__"),
            "{}",
            resource.body
        );
    }
    let wanted: BTreeMap<&str, usize> = THINGS.iter().copied().collect();
    assert_eq!(by_type, wanted);
    // Settings of buckets in folders of other names, aliases of an agent that no folder names, unknown accounts.
    for said in &gathered.diagnostics {
        assert!(
            ["COL0046", "COL0047"].contains(&said.code.as_str()),
            "{said:?}"
        );
    }
}
