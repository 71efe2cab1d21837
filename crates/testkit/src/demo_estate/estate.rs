//! Ids that the telemetry shares with the files under `examples/contoso-financial/azure`.

/// The tenant.
pub(super) const TENANT: &str = "c0470500-0000-4000-8000-000000000001";
/// The subscription of production.
pub(super) const PROD: &str = "10c04705-0000-4000-8000-00000000a001";
/// The subscription of development. Its Defender plan for AI is off, so it has no AI alerts.
pub(super) const DEV: &str = "20c04705-0000-4000-8000-00000000a002";

/// An AI account that is called or attacked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    pub name: &'static str,
    pub subscription: &'static str,
    pub group: &'static str,
}

pub(super) const FRAUD: Account = Account {
    name: "oai-fraud-prod",
    subscription: PROD,
    group: "rg-fraud-prod",
};
pub(super) const CHATBOT: Account = Account {
    name: "oai-chatbot-prod",
    subscription: PROD,
    group: "rg-chatbot-prod",
};
pub(super) const AGENTS: Account = Account {
    name: "ais-chatbot-prod",
    subscription: PROD,
    group: "rg-chatbot-prod",
};
pub(super) const SUMMARIES: Account = Account {
    name: "ais-documents-prod",
    subscription: PROD,
    group: "rg-documents-prod",
};
pub(super) const DOCUMENTS: Account = Account {
    name: "di-documents-prod",
    subscription: PROD,
    group: "rg-documents-prod",
};
pub(super) const SANDBOX: Account = Account {
    name: "oai-sandbox-dev",
    subscription: DEV,
    group: "rg-ai-dev",
};

impl Account {
    /// Its resource id.
    pub(super) fn id(self) -> String {
        id(
            self.subscription,
            self.group,
            "Microsoft.CognitiveServices/accounts",
            self.name,
        )
    }
}

/// A resource id.
pub(super) fn id(subscription: &str, group: &str, kind: &str, name: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}")
}

/// The attacker: an address of an anonymising network.
pub(super) const ATTACKER: &str = "198.51.100.77";
/// Somebody who probes the agents now and then.
pub(super) const PROBER: &str = "198.51.100.140";
/// A customer whose documents carry hidden instructions.
pub(super) const CUSTOMER: &str = "203.0.113.200";
/// Head office.
pub(super) const OFFICE: &str = "203.0.113.10";
/// A branch.
pub(super) const BRANCH: &str = "203.0.113.12";
/// The partner that sends documents in batches.
pub(super) const PARTNER: &str = "203.0.113.50";
/// A caller that nobody has seen before today.
pub(super) const NEWCOMER: &str = "203.0.113.99";
