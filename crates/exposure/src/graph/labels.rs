//! Labels of edges, as Microsoft spells them where it has the edge; the others are ours. Case does not matter in rules.
//!
//! Source: learn.microsoft.com/security-exposure-management/schemas-operators.

/// From what encloses to what lies in it.
pub const CONTAINS: &str = "contains";
/// From the internet or a network to what answers it.
pub const ROUTES_TRAFFIC_TO: &str = "routes traffic to";
/// From a resource to the identity it runs as.
pub const CAN_AUTHENTICATE_AS: &str = "can authenticate as";
/// From a principal to another whose place it may take: a trust policy, a federated credential, `actAs`.
pub const CAN_IMPERSONATE_AS: &str = "can impersonate as";
/// From a principal to a scope or resource, with capabilities; holds for everything the target contains.
pub const HAS_PERMISSIONS_TO: &str = "has permissions to";
/// From a principal to what it owns or administers outside of cloud roles: an application's owner, a Dataverse role.
pub const HAS_ROLE_ON: &str = "has role on";
/// From what holds a key, password or token to the resource or identity that takes it.
pub const HAS_CREDENTIALS_OF: &str = "has credentials of";
/// From a member to its group.
pub const MEMBER_OF: &str = "member of";
/// From a workload to what executes it.
pub const RUNS_ON: &str = "runs on";
/// From an agent to a tool, model, MCP server or connected agent.
pub const USES: &str = "uses";
/// From data to the index, knowledge base or agent that it grounds.
pub const GROUNDS_ON: &str = "grounds on";
/// From data to the model or job that was trained on it.
pub const TRAINED_ON: &str = "trained on";
/// From files of a model or program to the model or agent that loads them.
pub const LOADED_BY: &str = "loaded by";
/// From a channel or event to the agent it starts.
pub const TRIGGERS: &str = "triggers";
/// From content that others write (mail, web, documents) to the agent that reads it.
pub const READS_UNTRUSTED: &str = "reads untrusted";
/// From an agent, model or deployment to the guardrail that works on it.
pub const GUARDED_BY: &str = "guarded by";

/// All of them.
pub const ALL: [&str; 15] = [
    CONTAINS,
    ROUTES_TRAFFIC_TO,
    CAN_AUTHENTICATE_AS,
    CAN_IMPERSONATE_AS,
    HAS_PERMISSIONS_TO,
    HAS_ROLE_ON,
    HAS_CREDENTIALS_OF,
    MEMBER_OF,
    RUNS_ON,
    USES,
    GROUNDS_ON,
    TRAINED_ON,
    TRIGGERS,
    READS_UNTRUSTED,
    GUARDED_BY,
];
