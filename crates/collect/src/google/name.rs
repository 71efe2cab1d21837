//! Full resource names: `//SERVICE/projects/P/locations/L/KIND/NAME`.
//!
//! Grammar: cloud.google.com/asset-inventory/docs/asset-names.

/// Longest name that is taken for one.
pub(super) const NAME_BYTES: usize = 4096;

/// The service that holds organizations, folders and projects.
pub(super) const CONTAINERS: &str = "//cloudresourcemanager.googleapis.com";

/// What stands behind `//SERVICE/`, or the text itself where it is a relative name.
pub(super) fn relative(name: &str) -> &str {
    match name.strip_prefix("//") {
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => name,
    }
}

/// The segment behind the collection of that name.
pub(super) fn segment<'n>(name: &'n str, collection: &str) -> Option<&'n str> {
    let mut segments = relative(name).split('/');
    while let Some(found) = segments.next() {
        if found == collection {
            return segments.next().filter(|text| !text.is_empty());
        }
    }
    None
}

/// The project, by id or by number.
pub(crate) fn project(name: &str) -> Option<&str> {
    let path = relative(name);
    let rest = path.strip_prefix("projects/")?;
    rest.split('/').next().filter(|text| !text.is_empty())
}

/// A project number rather than an id, which begins with a letter.
pub(super) fn is_number(project: &str) -> bool {
    !project.is_empty() && project.bytes().all(|byte| byte.is_ascii_digit())
}

/// Region, zone or `global`, lower case.
pub(super) fn location(name: &str) -> Option<String> {
    ["locations", "zones", "regions"]
        .into_iter()
        .find_map(|collection| segment(name, collection))
        .filter(|found| *found != "-")
        .map(str::to_lowercase)
        .or_else(|| {
            relative(name)
                .contains("/global/")
                .then(|| "global".to_owned())
        })
}

/// Collections of a relative name: `projects/P/locations/L/endpoints/E` gives `projects/locations/endpoints`.
pub(super) fn collections(relative: &str) -> String {
    let kinds: Vec<&str> = relative.split('/').step_by(2).collect();
    kinds.join("/")
}

/// What encloses a resource: the resource it is a child of, else its project, folder or organization.
pub(super) fn parent(name: &str) -> Option<String> {
    let service = name.strip_prefix("//")?.split('/').next()?;
    let segments: Vec<&str> = relative(name).split('/').collect();
    if segments.len() < 4 || !segments.len().is_multiple_of(2) {
        return project(name)
            .filter(|_| segments.len() > 2)
            .map(|project| format!("{CONTAINERS}/projects/{project}"));
    }
    let above = &segments[..segments.len() - 2];
    let places = [
        "projects",
        "locations",
        "zones",
        "regions",
        "folders",
        "organizations",
    ];
    let kind = above[above.len() - 2];
    if places.contains(&kind) {
        return Some(format!("{CONTAINERS}/{}/{}", above[0], above[1]));
    }
    Some(format!("//{service}/{}", above.join("/")))
}

/// The name with the project's id in place of its number.
pub(super) fn with_project(name: &str, number: &str, id: &str) -> Option<String> {
    let path = relative(name);
    let rest = path.strip_prefix("projects/")?.strip_prefix(number)?;
    if !(rest.is_empty() || rest.starts_with('/')) {
        return None;
    }
    let head = &name[..name.len() - path.len()];
    Some(format!("{head}projects/{id}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let endpoint = "//aiplatform.googleapis.com/projects/p/locations/us-central1/endpoints/7";
        assert_eq!(project(endpoint), Some("p"));
        assert_eq!(location(endpoint).as_deref(), Some("us-central1"));
        assert_eq!(
            collections(relative(endpoint)),
            "projects/locations/endpoints"
        );
        assert_eq!(
            parent(endpoint).as_deref(),
            Some("//cloudresourcemanager.googleapis.com/projects/p")
        );
        assert_eq!(project("//storage.googleapis.com/bucket"), None);
        assert_eq!(parent("//storage.googleapis.com/bucket"), None);
        assert_eq!(
            location("//compute.googleapis.com/projects/p/global/networks/n").as_deref(),
            Some("global")
        );
        assert_eq!(
            parent("//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k")
                .as_deref(),
            Some("//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r")
        );
        assert_eq!(
            parent("//bigquery.googleapis.com/projects/p/datasets/d/tables/t").as_deref(),
            Some("//bigquery.googleapis.com/projects/p/datasets/d")
        );
    }

    #[test]
    fn numbers_become_ids() {
        let spelt = |name: &str| with_project(name, "12", "p").unwrap_or_default();
        assert_eq!(
            spelt("//x.googleapis.com/projects/12/a/b"),
            "//x.googleapis.com/projects/p/a/b"
        );
        assert_eq!(
            spelt("//x.googleapis.com/projects/12"),
            "//x.googleapis.com/projects/p"
        );
        assert_eq!(spelt("//x.googleapis.com/projects/123/a/b"), "");
    }
}
