//! Commands filled in with the resource they are for.
//!
//! Names come from outside: a value that goes into a shell command is quoted so that it stays one word,
//! a value that goes into Terraform or JSON text is escaped as their strings are.

use stance_base::safe_text;
use stance_model::{Remediation, RemediationCommand, Resource};

/// `{name}`, `{parentName}`, `{resourceGroup}`, `{subscriptionId}` (`{accountId}`, `{projectId}`), `{location}`
/// (`{region}`) and `{id}` replaced in every command.
pub(crate) fn fill(remediation: &Remediation, resource: &Resource) -> Remediation {
    Remediation {
        text: remediation.text.clone(),
        commands: remediation
            .commands
            .iter()
            .map(|command| RemediationCommand {
                tool: command.tool.clone(),
                text: fill_text(&command.text, is_shell(&command.tool), resource),
            })
            .collect(),
    }
}

fn is_shell(tool: &str) -> bool {
    matches!(tool, "azure-cli" | "aws-cli" | "gcloud" | "powershell")
}

/// One pass over the text, so that a name that looks like a placeholder is never filled in again.
fn fill_text(template: &str, shell: bool, resource: &Resource) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((length, value)) = placeholder(rest, resource) else {
            filled.push('{');
            rest = &rest[1..];
            continue;
        };
        filled.push_str(&if shell {
            safe_text::shell_argument(&value).into_owned()
        } else {
            string_content(&value)
        });
        rest = &rest[length..];
    }
    filled.push_str(rest);
    filled
}

/// The placeholder at the start of `text`: its length and what it stands for.
fn placeholder(text: &str, resource: &Resource) -> Option<(usize, String)> {
    let end = text.find('}')?;
    let value = match &text[1..end] {
        "name" => Some(resource.name().to_owned()).filter(|name| !name.is_empty()),
        "parentName" => resource
            .parent()
            .and_then(|parent| parent.name().map(str::to_owned)),
        "resourceGroup" => resource.id.resource_group().map(str::to_owned),
        "subscriptionId" | "accountId" | "projectId" => resource.subscription().map(str::to_owned),
        "location" | "region" => resource.text("location").map(str::to_owned),
        "id" => Some(resource.id.as_str().to_owned()),
        _ => return None,
    };
    Some((
        end + 1,
        value.unwrap_or_else(|| format!("<{}>", &text[1..end])),
    ))
}

/// The inside of a JSON or HCL string; `${` and `%{` would start an HCL template.
fn string_content(value: &str) -> String {
    let quoted = serde_json::Value::String(value.to_owned()).to_string();
    quoted[1..quoted.len() - 1]
        .replace("${", "$${")
        .replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> Resource {
        let id = format!(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/{name}"
        );
        let body = serde_json::json!({"id": id, "name": name, "type": "Microsoft.CognitiveServices/accounts"});
        Resource::new(
            stance_model::Cloud::Azure,
            stance_model::Origin::Live,
            stance_model::SourceLocation::default(),
            body.as_object().cloned().unwrap_or_default(),
        )
    }

    #[test]
    fn plain_names_are_filled_in_as_they_are() {
        let text = fill_text(
            "az x --name {name} -g {resourceGroup} {unknown}",
            true,
            &id("a-1"),
        );
        assert_eq!(text, "az x --name a-1 -g g {unknown}");
    }

    #[test]
    fn a_hostile_name_stays_one_word() {
        let text = fill_text("az x --name {name}", true, &id("a; rm -rf $HOME 'x' {id}"));
        assert_eq!(text, r"az x --name 'a; rm -rf $HOME '\''x'\'' {id}'");
    }

    #[test]
    fn a_hostile_name_stays_inside_its_string() {
        let text = fill_text(r#"name = "{name}""#, false, &id(r#"a"${x}"#));
        assert_eq!(text, r#"name = "a\"$${x}""#);
    }
}
