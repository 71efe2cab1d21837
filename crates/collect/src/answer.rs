//! Where an answer comes from, as far as its head, its envelope or the path of its file tell.
//!
//! Answers of data planes do not name the project, service, group or tenant they belong to. Three places may:
//! the address that an envelope kept, the `OData` context, and the path of the file.

use serde_json::{Map, Value};

use crate::context::FileContext;

/// The member that names the metadata document of an `OData` answer.
pub(crate) const CONTEXT: &str = "@odata.context";
/// Hosts whose rows are read with the context of their list.
const LENDING_HOSTS: &[&str] = &[
    "://graph.microsoft.",
    "microsoftgraph.chinacloudapi.cn",
    "dynamics.",
    ".search.windows.net",
    ".search.azure.",
    "$metadata#",
];
/// Longest address that is kept.
const ADDRESS_BYTES: usize = 4096;

/// The head of the answer that is being read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    /// `@odata.context` of the list that the rows stand in.
    pub(crate) context: Option<String>,
    /// The address that was asked, where an envelope keeps it.
    pub(crate) url: Option<String>,
}

impl Answer {
    /// The list of `head` begins. Gives the context that holds outside of it.
    pub(crate) fn enter(&mut self, head: &Map<String, Value>) -> Option<String> {
        let context = head.get(CONTEXT).and_then(Value::as_str);
        let known = context.filter(|text| {
            text.len() <= ADDRESS_BYTES && LENDING_HOSTS.iter().any(|host| text.contains(host))
        });
        std::mem::replace(&mut self.context, known.map(str::to_owned))
    }

    /// Gives a row the context of its list; `true` where it had none.
    pub(crate) fn lend(&self, row: &mut Map<String, Value>) -> bool {
        let Some(context) = &self.context else {
            return false;
        };
        if row.contains_key(CONTEXT) {
            return false;
        }
        row.insert(CONTEXT.to_owned(), Value::String(context.clone()));
        true
    }

    /// An envelope is opened. Gives the address that holds outside of it.
    pub(crate) fn open(&mut self, envelope: &Map<String, Value>) -> Option<String> {
        let outer = self.url.clone();
        if let Some(url) = address_of(envelope) {
            self.url = Some(url.to_owned());
        }
        outer
    }
}

/// The address that an envelope keeps: `{"request": {"url"}, "body"}`, `{"url", "body"}`, `{"endpoint", "body"}`.
fn address_of(envelope: &Map<String, Value>) -> Option<&str> {
    let within = |members: &'_ Map<String, Value>| {
        ["url", "uri", "requestUrl", "endpoint"]
            .into_iter()
            .find(|key| members.get(*key).is_some_and(Value::is_string))
    };
    // The examples of the API specifications keep the endpoint among the `parameters`.
    let inner = ["request", "parameters"]
        .into_iter()
        .find_map(|key| envelope.get(key).and_then(Value::as_object));
    let found = match inner {
        Some(request) => within(request).and_then(|key| request.get(key)),
        None => within(envelope).and_then(|key| envelope.get(key)),
    };
    found
        .and_then(Value::as_str)
        .filter(|url| url.len() <= ADDRESS_BYTES)
}

/// A batch that keeps its requests beside the answers: each answer gets the address it belongs to.
pub(crate) fn address_answers(requests: Option<&Value>, answers: &mut [Value]) {
    let Some(Value::Array(requests)) = requests else {
        return;
    };
    for answer in answers {
        let Value::Object(answer) = answer else {
            continue;
        };
        let asked = requests.iter().find(|request| {
            request
                .get("id")
                .is_some_and(|id| Some(id) == answer.get("id"))
        });
        if let Some(url) = asked.and_then(|request| request.get("url"))
            && !answer.contains_key("url")
        {
            answer.insert("url".to_owned(), url.clone());
        }
    }
}

impl FileContext<'_> {
    /// Texts that may tell where an answer comes from, most telling first.
    pub(crate) fn origins(&self) -> Vec<String> {
        let named = [self.answer.url.as_deref(), self.answer.context.as_deref()];
        let mut found: Vec<String> = named.into_iter().flatten().map(str::to_owned).collect();
        found.push(self.file.to_owned());
        // Where the command was run inside of the folders that tell the place.
        found.extend(self.path.map(|path| path.to_string_lossy().into_owned()));
        found
    }
}

/// The first of `origins` that `find` finds something in.
pub(crate) fn first<T>(origins: &[String], find: impl Fn(&str) -> Option<T>) -> Option<T> {
    origins.iter().find_map(|origin| find(origin))
}

/// What stands behind the last segment `name` of an address or path: `X` of `…/groups/X/…` and of `…groups('X')…`.
/// The last one, because folders further up may have any name.
pub(crate) fn behind(address: &str, name: &str) -> Option<String> {
    let mut found = None;
    let mut segments = segments(address).peekable();
    while let Some(segment) = segments.next() {
        if segment.eq_ignore_ascii_case(name) {
            found = segments
                .peek()
                .copied()
                .filter(|value| !value.is_empty())
                .or(found);
        } else if let Some((set, rest)) = segment.split_once('(')
            && set.eq_ignore_ascii_case(name)
        {
            let key = rest
                .split(')')
                .next()
                .unwrap_or_default()
                .trim_matches('\'');
            found = Some(key).filter(|key| !key.is_empty()).or(found);
        }
    }
    found.map(str::to_owned)
}

/// The segments of an address or path, without query, fragment mark and file ending.
pub(crate) fn segments(address: &str) -> impl Iterator<Item = &str> {
    let address = address.split('?').next().unwrap_or_default();
    address.split(['/', '\\', '#']).map(|segment| {
        let segment = segment.strip_suffix(".gz").unwrap_or(segment);
        segment
            .strip_suffix(".json")
            .or_else(|| segment.strip_suffix(".jsonl"))
            .unwrap_or(segment)
    })
}

/// The whole host that ends in `suffix` somewhere in a text: `a.search.windows.net`.
pub(crate) fn host_ending<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.to_ascii_lowercase().find(suffix)?;
    let before = text.get(..at)?;
    let start = before
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .map_or(0, |cut| cut + 1);
    let rest = text.get(at + suffix.len()..).unwrap_or_default();
    let tail = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'))
        .unwrap_or(rest.len());
    let host = text.get(start..at + suffix.len() + tail)?;
    (start < at).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::{behind, host_ending};

    #[test]
    fn a_segment_is_followed_by_its_key() {
        let found = |text: &str| behind(text, "groups").unwrap_or_default();
        assert_eq!(found("out/groups/G-1/members.json"), "G-1");
        assert_eq!(
            found("https://graph.microsoft.com/v1.0/$metadata#groups('G-2')/members/$entity"),
            "G-2"
        );
        assert_eq!(found("https://g/v1.0/groups/G-3?$select=id"), "G-3");
        assert_eq!(found("groups.json"), "");
        assert_eq!(found("home/groups/x/groups/G-4/groups.json"), "G-4");
    }

    #[test]
    fn hosts_are_cut_out_of_addresses() {
        let host = |text| host_ending(text, ".search.windows.net");
        assert_eq!(
            host("https://kb-prod.search.windows.net/$metadata#indexes"),
            Some("kb-prod.search.windows.net")
        );
        assert_eq!(
            host("out/kb.search.windows.net/indexes.json"),
            Some("kb.search.windows.net")
        );
        assert_eq!(host("https://x.example"), None);
    }
}
