//! What lists of data planes prove, the empty ones too.

use crate::support::{covered, read, read_as};

#[test]
fn an_empty_list_says_whose_it_is() {
    for (path, text, row) in [
        (
            "contoso-ai.services.ai.azure.com/api/projects/claims/agents.json",
            r#"{"object":"list","data":[],"has_more":false}"#,
            "/foundry/contoso-ai/projects/claims | microsoft.cognitiveservices/accounts/projects/agents | Partial 0 | classic agents (`assistants`) were not listed\n",
        ),
        (
            "contoso-ai.services.ai.azure.com/api/projects/claims/connections.json",
            r#"{"value":[]}"#,
            "/foundry/contoso-ai/projects/claims | microsoft.cognitiveservices/accounts/projects/connections | Complete 0 | \n",
        ),
        (
            "a.json",
            r#"{"@odata.context":"https://kb.search.windows.net/$metadata#indexes","value":[]}"#,
            "/search/kb | microsoft.search/searchservices/indexes | Complete 0 | \n",
        ),
        (
            "environments/7a1b0000-0000-4000-8000-000000000001/bots.json",
            r#"{"@odata.context":"https://o.crm.dynamics.com/api/data/v9.2/$metadata#bots","value":[]}"#,
            "/providers/microsoft.powerplatform/environments/7a1b0000-0000-4000-8000-000000000001 | microsoft.copilotstudio/agents | Complete 0 | \n",
        ),
        (
            "tenants/7a1b0000-0000-4000-8000-000000000001/users.json",
            r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users(id)","value":[]}"#,
            "/tenants/7a1b0000-0000-4000-8000-000000000001 | microsoft.graph/users | Complete 0 | \n",
        ),
        (
            "tenants/7a1b0000-0000-4000-8000-000000000001/groups/G/transitiveMembers.json",
            r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#directoryObjects","value":[]}"#,
            "/tenants/7a1b0000-0000-4000-8000-000000000001/groups/g | microsoft.graph/groupmembers | Complete 0 | \n",
        ),
        (
            "a.json",
            r#"{"request":{"url":"https://management.azure.com/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/A/deployments?api-version=1"},"body":{"value":[]}}"#,
            "/subscriptions/s/resourcegroups/g/providers/microsoft.cognitiveservices/accounts/a | microsoft.cognitiveservices/accounts/deployments | Complete 0 | \n",
        ),
    ] {
        let (found, _) = read_as(path, text);
        assert_eq!(covered(&found), row, "{path} {text}");
    }
}

#[test]
fn a_page_of_a_list_is_partial() {
    let found = read(
        r#"{"@odata.context":"https://kb.search.windows.net/$metadata#indexes","@odata.nextLink":"x","value":[{"name":"a","fields":[]}]}"#,
    );
    assert!(covered(&found).contains("Partial 1 | the answer has further pages"));
    let (found, _) = read_as(
        "accounts/a/projects/p/agents.json",
        r#"{"data":[{"object":"agent","id":"a","name":"a","versions":{}}],"has_more":true}"#,
    );
    assert!(covered(&found).contains("Partial 1 | the answer has further pages"));
    let found = read(
        r#"{"resultTruncated":0,"data":[{"type":"microsoft.copilotstudio/agents","name":"a","properties":{"environmentId":"E"}}]}"#,
    );
    assert!(
        covered(&found).contains("Partial 1 | the export was cut"),
        "{}",
        covered(&found)
    );
}

#[test]
fn memberships_of_one_user_do_not_cover_a_group() {
    let (found, _) = read_as(
        "tenants/7a1b0000-0000-4000-8000-000000000001/users/U/memberOf.json",
        r##"{"value":[{"@odata.type":"#microsoft.graph.group","id":"G"}]}"##,
    );
    assert_eq!(
        covered(&found),
        "/tenants/7a1b0000-0000-4000-8000-000000000001/users/u | microsoft.graph/groupmembers | Complete 1 | \n"
    );
    assert_eq!(found.resources[0].body["properties"]["groupId"], "G");
    assert_eq!(found.resources[0].body["properties"]["memberId"], "U");
}

#[test]
fn what_lies_nowhere_covers_nothing_for_sure() {
    for text in [
        r#"{"object":"list","data":[{"object":"agent","id":"a","name":"a","versions":{}}],"has_more":false}"#,
        r#"{"value":[{"name":"a","dataSourceName":"x","targetIndexName":"y"}]}"#,
        r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":[{"id":"a"}]}"#,
    ] {
        let found = read(text);
        assert!(
            covered(&found).contains("Partial 1 | the place that was listed is not known"),
            "{}",
            covered(&found)
        );
    }
}

#[test]
fn eligible_roles_of_one_subscription_are_no_proof_of_all() {
    let eligible = |name: &str| {
        format!(
            r#"{{"id":"/subscriptions/S/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/{name}","name":"{name}","type":"Microsoft.Authorization/roleEligibilityScheduleInstances","properties":{{"principalId":"p","roleDefinitionId":"r","scope":"/subscriptions/S","memberType":"Direct","status":"Provisioned"}}}}"#
        )
    };
    let found = read(format!(
        r#"{{"value":[{},{}]}}"#,
        eligible("a"),
        eligible("b")
    ));
    assert_eq!(found.resources.len(), 2);
    assert_eq!(
        covered(&found),
        "/subscriptions/s | microsoft.authorization/roleeligibilityscheduleinstances | Partial 2 | the scope that was listed is not known\n"
    );
    assert_eq!(found.resources[0].body["properties"]["principalId"], "p");
}

#[test]
fn one_list_of_agents_is_not_all_of_a_project() {
    let new = r#"{"data":[{"object":"agent","id":"a","name":"a","versions":{}}],"has_more":false}"#;
    let (found, _) = read_as("accounts/a/projects/p/agents.json", new);
    assert_eq!(
        covered(&found),
        "/foundry/a/projects/p | microsoft.cognitiveservices/accounts/projects/agents | Partial 1 | classic agents (`assistants`) were not listed\n"
    );
    let both = format!(
        "{}\n{}",
        r#"{"url":"https://a.services.ai.azure.com/api/projects/p/agents?api-version=v1","body":{"data":[{"object":"agent","id":"a","name":"a","versions":{}}],"has_more":false}}"#,
        r#"{"url":"https://a.services.ai.azure.com/api/projects/p/assistants?api-version=v1","body":{"object":"list","data":[],"has_more":false}}"#
    );
    let (found, _) = read_as("answers.jsonl", both);
    assert_eq!(
        covered(&found),
        "/foundry/a/projects/p | microsoft.cognitiveservices/accounts/projects/agents | Complete 1 | \n"
    );
}

#[test]
fn role_assignments_cover_the_application_that_was_asked() {
    let found = read(
        r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#servicePrincipals('SP')/appRoleAssignments","value":[{"id":"x","principalId":"SP"}]}"#,
    );
    assert!(
        covered(&found).starts_with(
            "/tenants/unknown/serviceprincipals/sp | microsoft.graph/approleassignments"
        ),
        "{}",
        covered(&found)
    );
}

#[test]
fn one_list_of_agents_is_told_where_the_account_is_known_too() {
    let account = r#"{"url":"x","body":{"value":[{"id":"/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/A","type":"Microsoft.CognitiveServices/accounts","name":"A","properties":{}}]}}"#;
    let agents = r#"{"url":"https://a.services.ai.azure.com/api/projects/p/agents","body":{"data":[{"object":"agent","id":"n","name":"n","versions":{}}],"has_more":false}}"#;
    for text in [
        format!("{account}\n{agents}"),
        format!("{agents}\n{account}"),
    ] {
        let found = read(&text);
        let agent = found
            .resources
            .iter()
            .find(|resource| resource.name() == "n")
            .unwrap();
        assert_eq!(
            agent.id.as_str(),
            "/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/A/projects/p/agents/n"
        );
        assert!(
            covered(&found).contains("accounts/a/projects/p | microsoft.cognitiveservices/accounts/projects/agents | Partial 1 | classic agents"),
            "{}",
            covered(&found)
        );
    }
}

#[test]
fn a_refusal_of_a_data_plane_is_told_for_its_list() {
    let (found, _) = read_as(
        "x.services.ai.azure.com/api/projects/p/connections.json",
        r#"{"error":{"code":"PermissionDenied","message":"lacks the data action"}}"#,
    );
    assert_eq!(
        covered(&found),
        "/foundry/x/projects/p | microsoft.cognitiveservices/accounts/projects/connections | Denied 0 | the cloud refused: PermissionDenied\n"
    );
}
