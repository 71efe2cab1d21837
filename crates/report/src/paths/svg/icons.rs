//! Icons by what a node is, as simple shapes in a square of 24 pixels.

/// What is drawn for a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    Internet,
    Identity,
    User,
    Group,
    Data,
    Secret,
    Key,
    Agent,
    Model,
    Tool,
    Compute,
    Network,
    Document,
    Channel,
    Shield,
    Scope,
    Other,
}

impl Icon {
    /// By the category of `content/graph/kinds.yaml`, or a plain word for it.
    pub(super) fn of(category: &str) -> Self {
        match category
            .to_ascii_lowercase()
            .replace([' ', '-'], "_")
            .as_str()
        {
            "internet" => Self::Internet,
            "identity" => Self::Identity,
            "user" => Self::User,
            "group" | "everyone" => Self::Group,
            "data" | "object_store" | "knowledge" | "training" => Self::Data,
            "secret" | "secret_store" => Self::Secret,
            "credential" | "key" => Self::Key,
            "agent" | "ai_agent" | "copilot_agent" => Self::Agent,
            "ai" | "ai_account" | "ai_project" | "ai_model" | "model" | "model_endpoint"
            | "model_registry" => Self::Model,
            "tool" | "mcp_server" => Self::Tool,
            "compute" | "function" | "notebook" | "registry" => Self::Compute,
            "network" | "gateway" => Self::Network,
            "untrusted_content" | "document" => Self::Document,
            "channel" => Self::Channel,
            "guardrail" => Self::Shield,
            "scope" => Self::Scope,
            _ => Self::Other,
        }
    }

    /// The class that colours it.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Identity | Self::User | Self::Group => "sp-who",
            Self::Data => "sp-data",
            Self::Secret | Self::Key => "sp-secret",
            Self::Agent | Self::Model | Self::Tool | Self::Shield => "sp-ai",
            _ => "sp-plain",
        }
    }

    /// Shapes; lines without a fill unless they say so.
    pub(super) fn shapes(self) -> &'static str {
        match self {
            Self::Internet => {
                r#"<circle cx="12" cy="12" r="9"/><ellipse cx="12" cy="12" rx="4" ry="9"/><path d="M3 12H21M4.5 7.5H19.5M4.5 16.5H19.5"/>"#
            }
            Self::Identity => {
                r#"<rect x="3" y="5" width="18" height="14" rx="2.5"/><circle cx="8.5" cy="10.5" r="2"/><path d="M5.5 16C5.5 13.6 11.5 13.6 11.5 16M14 10H18.5M14 14H18.5"/>"#
            }
            Self::User => {
                r#"<circle cx="12" cy="8" r="4"/><path d="M4 20.5C4 12.5 20 12.5 20 20.5"/>"#
            }
            Self::Group => {
                r#"<circle cx="9" cy="9" r="3.5"/><path d="M2.5 19.5C2.5 12.8 15.5 12.8 15.5 19.5M15 5.8A3.5 3.5 0 0 1 15.5 12.4M18 14.5C20.4 15.3 21.5 17 21.5 19.5"/>"#
            }
            Self::Data => {
                r#"<ellipse cx="12" cy="5.5" rx="8" ry="2.8"/><path d="M4 5.5V18.5C4 22.2 20 22.2 20 18.5V5.5M4 12C4 15.7 20 15.7 20 12"/>"#
            }
            Self::Secret => {
                r#"<rect x="4.5" y="10.5" width="15" height="10.5" rx="2"/><path d="M8 10.5V7.5A4 4 0 0 1 16 7.5V10.5M12 14.5V17"/>"#
            }
            Self::Key => {
                r#"<circle cx="7.5" cy="12" r="4.5"/><path d="M12 12H21.5V16M17.5 12V15"/>"#
            }
            Self::Agent => {
                r#"<rect x="4" y="8" width="16" height="12" rx="3.5"/><path d="M12 8V4.5M1.8 12.5V16M22.2 12.5V16M9.5 16.8H14.5"/><circle cx="12" cy="3.5" r="1"/><circle cx="9" cy="12.8" r="1"/><circle cx="15" cy="12.8" r="1"/>"#
            }
            Self::Model => {
                r#"<circle cx="5" cy="6.5" r="2.3"/><circle cx="5" cy="17.5" r="2.3"/><circle cx="19" cy="12" r="2.3"/><circle cx="12" cy="12" r="2.3"/><path d="M6.9 7.9L10.1 10.6M6.9 16.1L10.1 13.4M14.3 12H16.7"/>"#
            }
            Self::Tool => {
                r#"<path d="M20.6 6.6L17.2 10L14 6.8L17.4 3.4A5.2 5.2 0 0 0 10.9 10.2L3.8 17.3A2.1 2.1 0 0 0 6.7 20.2L13.8 13.1A5.2 5.2 0 0 0 20.6 6.6Z"/>"#
            }
            Self::Compute => {
                r#"<rect x="3.5" y="4" width="17" height="7" rx="1.5"/><rect x="3.5" y="13" width="17" height="7" rx="1.5"/><path d="M7 7.5H8M7 16.5H8M12 7.5H17M12 16.5H17"/>"#
            }
            Self::Network => {
                r#"<rect x="9" y="3" width="6" height="5" rx="1"/><rect x="2.5" y="16" width="6" height="5" rx="1"/><rect x="15.5" y="16" width="6" height="5" rx="1"/><path d="M12 8V12M5.5 16V12H18.5V16"/>"#
            }
            Self::Document => r#"<path d="M6 3H14L19 8V21H6ZM14 3V8H19M9 12.5H16M9 16.5H16"/>"#,
            Self::Channel => {
                r#"<path d="M5.5 4H18.5A2.5 2.5 0 0 1 21 6.5V14A2.5 2.5 0 0 1 18.5 16.5H11L6.5 20.5V16.5H5.5A2.5 2.5 0 0 1 3 14V6.5A2.5 2.5 0 0 1 5.5 4ZM7.5 8.5H16.5M7.5 12H13.5"/>"#
            }
            Self::Shield => {
                r#"<path d="M12 2.8L20 5.8V11.5C20 16.5 16.5 19.8 12 21.3C7.5 19.8 4 16.5 4 11.5V5.8ZM8.5 11.8L11 14.3L15.5 9.5"/>"#
            }
            Self::Scope => {
                r#"<path d="M3 18.5V5.5H9.5L12 8.5H21V18.5A1.5 1.5 0 0 1 19.5 20H4.5A1.5 1.5 0 0 1 3 18.5Z"/>"#
            }
            Self::Other => {
                r#"<path d="M12 2.8L20 7.4V16.6L12 21.2L4 16.6V7.4ZM4 7.4L12 12L20 7.4M12 12V21.2"/>"#
            }
        }
    }
}
