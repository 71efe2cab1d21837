//! A CycloneDX file read back into a bill of materials; files of other programs give what they have.

use serde_json::Value;
use stance_model::{Bom, BomComponent, BomDependency};

/// Longest file that is read, in bytes.
pub const LONGEST_FILE: usize = 256 << 20;
/// Most components, services and dependencies together.
const MOST_PARTS: usize = 2_000_000;

/// A file that is no bill of materials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; a CycloneDX JSON file is wanted, as `stance bom` writes it")]
pub struct ReadError(String);

/// Reads the text of a file.
///
/// # Errors
/// A text that is no CycloneDX JSON, or longer than is read.
pub fn read(text: &str) -> Result<Bom, ReadError> {
    if text.len() > LONGEST_FILE {
        return Err(ReadError(format!("it is longer than {LONGEST_FILE} bytes")));
    }
    let text = text.trim_start_matches('\u{feff}');
    let document: Value =
        serde_json::from_str(text).map_err(|error| ReadError(format!("it is no JSON: {error}")))?;
    if document.get("bomFormat").and_then(Value::as_str) != Some("CycloneDX") {
        return Err(ReadError("it does not say bomFormat: CycloneDX".to_owned()));
    }
    let list = |name: &str| document.get(name).and_then(Value::as_array);
    let mut found = Found::default();
    for (name, is_service) in [("components", false), ("services", true)] {
        for part in list(name).into_iter().flatten() {
            found.take(part, is_service, 0)?;
        }
    }
    if found.dependencies.is_empty() {
        found.plain_dependencies(list("dependencies").map_or(&[], Vec::as_slice));
    }
    Ok(Bom::new(found.components, found.dependencies))
}

#[derive(Default)]
struct Found {
    components: Vec<BomComponent>,
    dependencies: Vec<BomDependency>,
}

impl Found {
    /// A component or service and those within it.
    fn take(&mut self, part: &Value, is_service: bool, depth: usize) -> Result<(), ReadError> {
        if self.components.len() + self.dependencies.len() > MOST_PARTS {
            return Err(ReadError(format!("it has more than {MOST_PARTS} parts")));
        }
        let text = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
        let maker = part.get(if is_service { "provider" } else { "supplier" });
        let maker = maker
            .and_then(|maker| maker.get("name"))
            .and_then(Value::as_str);
        let mut component = BomComponent {
            bom_ref: text("bom-ref").to_owned(),
            component_type: if is_service { "service" } else { text("type") }.to_owned(),
            name: text("name").to_owned(),
            version: text("version").to_owned(),
            supplier: maker.unwrap_or_default().to_owned(),
            ..BomComponent::default()
        };
        if component.bom_ref.is_empty() {
            // Files of other programs may leave references out; purl or name and version stand in.
            component.bom_ref = match text("purl") {
                "" => format!("{}@{}", component.name, component.version),
                purl => purl.to_owned(),
            };
        }
        let properties = part.get("properties").and_then(Value::as_array);
        for property in properties.into_iter().flatten() {
            self.property(&mut component, property);
        }
        self.components.push(component);
        let within = if is_service { "services" } else { "components" };
        let within = part.get(within).and_then(Value::as_array);
        for inner in within.into_iter().flatten() {
            if depth < 32 {
                self.take(inner, is_service, depth + 1)?;
            }
        }
        Ok(())
    }

    fn property(&mut self, component: &mut BomComponent, property: &Value) {
        let member = |name: &str| property.get(name).and_then(Value::as_str);
        let (Some(name), Some(value)) = (member("name"), member("value")) else {
            return;
        };
        let owned = || value.to_owned();
        match name {
            "stance:type" => component.component_type = owned(),
            "stance:kind" => component.kind = owned(),
            "stance:resourceId" => component.resource_id = owned(),
            "stance:parentResourceId" => component.parent_resource_id = owned(),
            "stance:cloud" => component.cloud = owned(),
            "stance:location" => component.location = owned(),
            "stance:subscriptionId" => component.subscription_id = owned(),
            "stance:resourceGroup" => component.resource_group = owned(),
            "stance:identity" => component.identity.push(structured(value)),
            "stance:authority" => component.authority.push(structured(value)),
            _ => {
                if let Some(name) = name.strip_prefix("stance:property:") {
                    component
                        .properties
                        .insert(name.to_owned(), structured(value));
                } else if let Some(kind) = name.strip_prefix("stance:dependency:") {
                    self.dependencies.push(BomDependency {
                        from: component.bom_ref.clone(),
                        to: owned(),
                        kind: kind.replace('-', " "),
                    });
                }
            }
        }
    }

    fn plain_dependencies(&mut self, listed: &[Value]) {
        for dependency in listed {
            let Some(from) = dependency.get("ref").and_then(Value::as_str) else {
                continue;
            };
            let needed = dependency.get("dependsOn").and_then(Value::as_array);
            for to in needed.into_iter().flatten().filter_map(Value::as_str) {
                self.dependencies.push(BomDependency {
                    from: from.to_owned(),
                    to: to.to_owned(),
                    kind: "depends on".to_owned(),
                });
            }
        }
    }
}

/// A list, object, number or truth value that was written as text.
fn structured(text: &str) -> Value {
    let begins = text.as_bytes().first();
    let is_structure = matches!(begins, Some(b'[' | b'{'));
    let read: Option<Value> = serde_json::from_str(text).ok();
    match read {
        Some(value @ (Value::Array(_) | Value::Object(_))) if is_structure => value,
        // As it would be written: `1.0` and `1e3` stay texts.
        Some(value @ (Value::Number(_) | Value::Bool(_))) if shown(&value) == text => value,
        _ => Value::String(text.to_owned()),
    }
}

fn shown(value: &Value) -> String {
    value.to_string()
}
