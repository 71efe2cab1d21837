//! Texts of rules with names put in, and where an id says a resource lies.

/// A template with `{alias}` put in; an alias that is not on the path stays as it is.
pub(super) fn filled(template: &str, name_of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((alias, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        if let Some(name) = name_of(alias) {
            text.push_str(&name);
        } else {
            text.push('{');
            text.push_str(alias);
            text.push('}');
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The subscription, account or project of a node's id, and its cloud.
pub(super) fn place(id: &str) -> (String, String) {
    let between = |prefix: &str| {
        let (_, rest) = id.split_once(prefix)?;
        rest.split('/').next().map(str::to_owned)
    };
    if let Some(rest) = id.strip_prefix("arn:") {
        let account = rest.split(':').nth(3).unwrap_or_default();
        return (account.to_owned(), "AWS".to_owned());
    }
    if id.starts_with("//") || id.starts_with("gcp:") {
        return (between("/projects/").unwrap_or_default(), "GCP".to_owned());
    }
    if let Some(account) = id.strip_prefix("aws:") {
        return (account.to_owned(), "AWS".to_owned());
    }
    (
        between("/subscriptions/").unwrap_or_default(),
        "Azure".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_keep_what_they_do_not_know() {
        let name_of = |alias: &str| (alias == "store").then(|| "docs {x}".to_owned());
        assert_eq!(
            filled("to {store}, {other} {", &name_of),
            "to docs {x}, {other} {"
        );
    }

    #[test]
    fn ids_tell_their_place() {
        assert_eq!(place("arn:aws:s3:::b").1, "AWS");
        let lambda = "arn:aws:lambda:eu-central-1:111122223333:function:f";
        assert_eq!(place(lambda).0, "111122223333");
        assert_eq!(
            place("//storage.googleapis.com/projects/p/x"),
            ("p".into(), "GCP".into())
        );
        assert_eq!(place("/subscriptions/s/resourcegroups/g").0, "s");
    }
}
