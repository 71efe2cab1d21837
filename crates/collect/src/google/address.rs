//! The address an answer came from, where a recording keeps it: it says which service answered and what was listed.

use serde_json::{Map, Value};

use super::name;

/// A call to a REST API.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// `aiplatform.googleapis.com`; `None` for the shared host of older APIs.
    pub(super) service: Option<String>,
    /// Path behind the version: `projects/p/locations/l/endpoints`.
    pub(super) path: String,
    /// The call was narrowed by a filter or to some of the members.
    pub(super) narrowed: bool,
}

/// Headers beside a body: the address is one of them.
pub(super) fn of_recording(body: &Map<String, Value>) -> Option<Address> {
    let headers = body.get("headers").and_then(Value::as_object)?;
    if !body.get("body").is_some_and(Value::is_object) {
        return None;
    }
    let location = headers
        .get("content-location")
        .or_else(|| headers.get("Content-Location"))?;
    parse(location.as_str()?)
}

/// Takes an address apart; `None` where it is none of Google Cloud.
pub(super) fn parse(address: &str) -> Option<Address> {
    let rest = address.strip_prefix("https://")?;
    let (host, rest) = rest.split_once('/')?;
    let first = host.strip_suffix(".googleapis.com")?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut segments = path.split('/').peekable();
    let mut service = match first.split('.').next()?.rsplit('-').next()? {
        "www" => None,
        label => Some(format!("{label}.googleapis.com")),
    };
    // `www.googleapis.com/storage/v1/…`, `bigquery.googleapis.com/bigquery/v2/…`, `compute.googleapis.com/compute/v1/…`.
    if segments.peek().is_some_and(|segment| !is_version(segment)) {
        let api = segments.next()?;
        service = service.or_else(|| Some(format!("{api}.googleapis.com")));
    }
    segments.next().filter(|segment| is_version(segment))?;
    let path: Vec<&str> = segments.collect();
    Some(Address {
        service,
        path: path.join("/"),
        narrowed: query
            .split('&')
            .any(|part| part.starts_with("filter=") || part.starts_with("pageToken=")),
    })
}

fn is_version(segment: &str) -> bool {
    let mut letters = segment.chars();
    letters.next() == Some('v') && letters.next().is_some_and(|digit| digit.is_ascii_digit())
}

impl Address {
    /// The project whose resources were listed and the collections; `None` for a call about one resource.
    pub(super) fn list(&self) -> Option<(&str, String)> {
        let segments = self.path.split('/').count();
        let project = name::project(&self.path)?;
        (segments % 2 == 1 && !self.path.contains(':'))
            .then(|| (project, name::collections(&self.path)))
    }

    /// The call asked for every location there is.
    pub(super) fn everywhere(&self) -> bool {
        let places = ["locations", "zones", "regions"];
        let place = places
            .into_iter()
            .find_map(|kind| name::segment(&self.path, kind));
        let deep = name::collections(&self.path).split('/').count() > 3;
        place.is_none_or(|place| place == "-") && !deep
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_was_asked() {
        let found = parse(
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints?alt=json",
        );
        let found = found.unwrap_or_default();
        assert_eq!(found.service.as_deref(), Some("aiplatform.googleapis.com"));
        assert_eq!(
            found.list(),
            Some(("p", "projects/locations/endpoints".to_owned()))
        );
        assert!(!found.everywhere() && !found.narrowed);
        let all = parse("https://notebooks.googleapis.com/v2/projects/p/locations/-/instances")
            .unwrap_or_default();
        assert!(all.everywhere());
        let bucket = parse("https://www.googleapis.com/storage/v1/b?project=p").unwrap_or_default();
        assert_eq!(bucket.service.as_deref(), Some("storage.googleapis.com"));
        assert_eq!(parse("https://example.com/v1/projects/p/x"), None);
    }
}
