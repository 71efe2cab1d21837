//! Which project an answer comes from.

use crate::answer::{behind, first, host_ending, segments};
use crate::codes;
use crate::context::FileContext;
use crate::ledger::Tally;
use crate::stream::Place;

/// Hosts of data planes: `ACCOUNT.services.ai.azure.com`, in every cloud.
const HOSTS: &[&str] = &[
    ".services.ai.azure.",
    ".openai.azure.",
    ".cognitiveservices.azure.",
];

/// The project that one of `origins` names.
pub(super) fn named(origins: &[String]) -> Option<String> {
    first(origins, arm_id).or_else(|| first(origins, by_name))
}

/// The id of the project, `/subscriptions/…/projects/P`, `/foundry/ACCOUNT/projects/P`, or
/// `/foundry/UNKNOWN-PROJECT` with one warning a file.
pub(super) fn project(context: &mut FileContext<'_>, place: Place, tally: &mut Tally) -> String {
    if let Some(id) = named(&context.origins()) {
        return id;
    }
    tally.unsure();
    let message = "the answer does not say which project it comes from";
    context.report_once(codes::PROJECT_NOT_NAMED, place, message);
    "/foundry/UNKNOWN-PROJECT".to_owned()
}

/// `…/subscriptions/S/resourceGroups/G/providers/Microsoft.CognitiveServices/accounts/A/projects/P/…`.
fn arm_id(address: &str) -> Option<String> {
    let subscription = behind(address, "subscriptions")?;
    let group = behind(address, "resourceGroups")?;
    behind(address, "providers")
        .filter(|name| name.eq_ignore_ascii_case("Microsoft.CognitiveServices"))?;
    let account = behind(address, "accounts")?;
    let base = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices/accounts/{account}"
    );
    Some(match behind(address, "projects") {
        Some(project) => format!("{base}/projects/{project}"),
        None => base,
    })
}

/// The account by its host or folder, the project by its segment.
fn by_name(address: &str) -> Option<String> {
    let account = host(address).or_else(|| behind(address, "accounts"))?;
    let account = account.to_lowercase();
    let plain = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    if !plain(&account) {
        return None;
    }
    match behind(address, "projects").filter(|project| plain(project)) {
        Some(project) => Some(format!("/foundry/{account}/projects/{project}")),
        // Assistants of an Azure OpenAI account belong to no project.
        None if segments(address).any(|part| part.eq_ignore_ascii_case("openai")) => {
            Some(format!("/foundry/{account}"))
        }
        None => None,
    }
}

fn host(address: &str) -> Option<String> {
    let host = HOSTS
        .iter()
        .find_map(|suffix| host_ending(address, suffix))?;
    host.split('.').next().map(str::to_owned)
}
