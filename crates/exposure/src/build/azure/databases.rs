//! Rights that databases keep themselves: roles of Cosmos DB, administrators of SQL and PostgreSQL servers.
//!
//! Sources: learn.microsoft.com/azure/cosmos-db/how-to-setup-rbac (built-in roles 1 and 2),
//! .../azure-sql/database/authentication-aad-configure, .../postgresql/flexible-server/concepts-azure-ad-authentication.

use stance_model::Resource;

use super::operations::{OperationSet, Operations, Permissions};
use super::roles::{last_segment, permissions_of};
use super::{Members, edge, ensure_principal, evidence, pairs_of};
use crate::build::Sources;
use crate::graph::{Confidence, EdgeDraft, GraphDraft, labels};

const ACCOUNT: &str = "microsoft.documentdb/databaseaccounts";
const ITEMS: &str = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/";

pub(super) fn add(sources: Sources<'_>, members: &Members, draft: &mut GraphDraft) {
    let operations = Operations::of(sources.vocabulary);
    let assignments = "microsoft.documentdb/databaseaccounts/sqlroleassignments";
    for row in sources.inventory.of_type(assignments) {
        cosmos(sources, row, &operations, members, draft);
    }
    for kind in ["microsoft.sql/servers", "microsoft.sql/managedinstances"] {
        for server in sources.inventory.of_type(kind) {
            let administrator = &server.properties()["administrators"];
            let name = administrator["login"].as_str();
            if let Some(id) = administrator["sid"].as_str() {
                administers(
                    sources,
                    server,
                    server,
                    "properties.administrators",
                    (id, name),
                    draft,
                );
            }
        }
    }
    for kind in [
        "microsoft.sql/servers",
        "microsoft.dbforpostgresql/flexibleservers",
        "microsoft.dbformysql/flexibleservers",
    ] {
        for row in sources.inventory.of_type(&format!("{kind}/administrators")) {
            let properties = row.properties();
            let id = properties["objectId"]
                .as_str()
                .or_else(|| properties["sid"].as_str());
            let id = id.or_else(|| row.id.name().filter(|_| kind.contains("postgresql")));
            let name = properties["principalName"]
                .as_str()
                .or_else(|| properties["login"].as_str());
            let server = row.parent().and_then(|id| sources.inventory.get(&id.key()));
            if let (Some(id), Some(server)) = (id, server) {
                administers(sources, server, row, "", (id, name), draft);
            }
        }
    }
}

/// An administrator of a server from Entra reads and writes everything in it.
fn administers(
    sources: Sources<'_>,
    server: &Resource,
    stated: &Resource,
    field: &str,
    (id, name): (&str, Option<&str>),
    draft: &mut GraphDraft,
) {
    let id = id.to_lowercase();
    ensure_principal(draft, &id, "", name.unwrap_or(&id));
    let data = ["read data", "write data"];
    let on_server = pairs_of(sources, &data, &server.resource_type);
    let on_databases = pairs_of(sources, &data, "microsoft.sql/servers/databases");
    let capabilities = if server.resource_type == "microsoft.sql/servers" {
        on_server.or(on_databases)
    } else {
        on_server
    };
    draft.edge(EdgeDraft {
        capabilities,
        ..edge(
            labels::HAS_PERMISSIONS_TO,
            "database administrators",
            &id,
            &server.id.key(),
            evidence(stated.id.as_str(), field, "administrator of the server"),
        )
    });
}

/// A role of Cosmos DB's own. On a database or collection it reaches a part of the account.
fn cosmos(
    sources: Sources<'_>,
    row: &Resource,
    operations: &Operations,
    members: &Members,
    draft: &mut GraphDraft,
) {
    let properties = row.properties();
    let text = |key: &str| properties[key].as_str();
    let account = row.parent().map(|id| id.key());
    let (Some(principal), Some(role), Some(account)) =
        (text("principalId"), text("roleDefinitionId"), account)
    else {
        return;
    };
    let (held, name) = role_of(sources, role, operations);
    let capabilities = operations
        .pairs(held)
        .and(sources.vocabulary.on_label(ACCOUNT));
    if capabilities.is_empty() || sources.inventory.get(&account).is_none() {
        return;
    }
    let principal = principal.to_lowercase();
    ensure_principal(draft, &principal, "", &principal);
    let scope = text("scope").unwrap_or(&account).trim_end_matches('/');
    let is_whole = scope.to_lowercase() == account || scope.is_empty();
    let through = members.of_group(&principal);
    let through = through
        .into_iter()
        .map(|member| (member, Some(members.name_of(&principal))));
    for (who, via) in std::iter::once((principal.as_str(), None)).chain(through) {
        let fact = evidence(row.id.as_str(), "", format!("{name} on {scope}"));
        let mut found = EdgeDraft {
            capabilities,
            ..edge(
                labels::HAS_PERMISSIONS_TO,
                "cosmos db roles",
                who,
                &account,
                fact,
            )
        };
        found
            .properties
            .insert("role".to_owned(), name.clone().into());
        if let Some(via) = via {
            found.properties.insert("via".to_owned(), via.into());
        }
        if !is_whole {
            found.confidence = Confidence::Medium;
            found.properties.insert("scope".to_owned(), scope.into());
        }
        draft.edge(found);
    }
}

fn role_of(sources: Sources<'_>, role: &str, operations: &Operations) -> (OperationSet, String) {
    if let Some(known) = sources.inventory.get(&role.to_lowercase()) {
        let permissions = permissions_of(known.properties());
        let held = permissions.iter().map(|one| operations.in_permissions(one));
        let name = known.properties()["roleName"]
            .as_str()
            .unwrap_or_else(|| known.name());
        return (
            held.fold(OperationSet::EMPTY, OperationSet::or),
            name.to_owned(),
        );
    }
    let (name, data_actions) = match last_segment(role).as_deref() {
        Some("00000000-0000-0000-0000-000000000001") => (
            "Cosmos DB Built-in Data Reader",
            vec![format!("{ITEMS}items/read"), format!("{ITEMS}executeQuery")],
        ),
        Some("00000000-0000-0000-0000-000000000002") => (
            "Cosmos DB Built-in Data Contributor",
            vec![format!("{ITEMS}*")],
        ),
        _ => return (OperationSet::EMPTY, String::new()),
    };
    let permissions = Permissions {
        data_actions,
        ..Permissions::default()
    };
    (operations.in_permissions(&permissions), name.to_owned())
}
