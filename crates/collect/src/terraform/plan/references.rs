//! References between the resources of a plan, from its `configuration`.
//!
//! A plan leaves out what only the cloud knows, ids among it. Where the configuration says that such a value is the id
//! of another resource of the plan, that resource's id is filled in, so that the two can be joined.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::tree::put;
use crate::terraform::evaluate::Surroundings;
use crate::terraform::mapping::{self, Declared};

/// References that lead to references.
const MAX_STEPS: usize = 40;

#[derive(Debug, Clone)]
enum State {
    Waiting,
    Busy,
    Done(Option<String>),
}

pub(super) struct Joiner<'p> {
    configuration: Option<&'p Json>,
    declared: &'p mut [Declared],
    around: &'p Surroundings,
    /// Address without the index of the resource itself, to the numbers of its instances.
    instances: HashMap<String, Vec<usize>>,
    states: Vec<State>,
}

impl<'p> Joiner<'p> {
    pub(super) fn new(
        body: &'p Map<String, Json>,
        declared: &'p mut [Declared],
        around: &'p Surroundings,
    ) -> Self {
        let mut instances: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, one) in declared.iter().enumerate() {
            let (module, own) = split(&one.address);
            let bare = own.split('[').next().unwrap_or(own);
            instances
                .entry(joined(module, bare))
                .or_default()
                .push(number);
        }
        Self {
            configuration: body
                .get("configuration")
                .and_then(|configuration| configuration.get("root_module")),
            states: vec![State::Waiting; declared.len()],
            declared,
            around,
            instances,
        }
    }

    pub(super) fn join(mut self) {
        for number in 0..self.declared.len() {
            self.id(number, 0);
        }
    }

    /// The id of a resource, once its own references are filled in.
    fn id(&mut self, number: usize, steps: usize) -> Option<String> {
        match self.states.get(number)? {
            State::Done(id) => return id.clone(),
            State::Busy => return None,
            State::Waiting if steps > MAX_STEPS => return None,
            State::Waiting => {}
        }
        self.states[number] = State::Busy;
        self.fill(number, steps);
        let one = &self.declared[number];
        let id = mapping::id_of(&one.kind, &one.address, &one.values, &one.gaps, self.around);
        self.states[number] = State::Done(id.clone());
        id
    }

    fn fill(&mut self, number: usize, steps: usize) {
        let address = self.declared[number].address.clone();
        let (module, own) = split(&address);
        let bare = own.split('[').next().unwrap_or(own);
        let Some(expressions) = self
            .module_configuration(module)
            .and_then(|configuration| configuration.get("resources"))
            .and_then(Json::as_array)
            .and_then(|all| {
                all.iter()
                    .find(|one| one.get("address").and_then(Json::as_str) == Some(bare))
            })
            .and_then(|one| one.get("expressions"))
        else {
            return;
        };
        let mut kept = Vec::new();
        for mut gap in std::mem::take(&mut self.declared[number].gaps) {
            let references = expression_at(expressions, &gap.pointer).and_then(references_of);
            let Some(references) = references.filter(|_| gap.expression == "known after apply")
            else {
                kept.push(gap);
                continue;
            };
            if let Some(id) = self.target(module, &references, steps) {
                let values = &mut self.declared[number].values;
                put(values, &gap.pointer, Json::String(id));
                continue;
            }
            if let Some(first) = references.first() {
                (*first).clone_into(&mut gap.expression);
                let shown = format!("{{{}}}", first.replace('/', "|"));
                let values = &mut self.declared[number].values;
                put(values, &gap.pointer, Json::String(shown));
            }
            kept.push(gap);
        }
        self.declared[number].gaps = kept;
    }

    /// The id that an expression gives, where it is nothing but the id of one resource.
    fn target(&mut self, module: &str, references: &[&str], steps: usize) -> Option<String> {
        let first = *references.first()?;
        if steps > MAX_STEPS || !references.iter().all(|other| first.starts_with(other)) {
            return None;
        }
        if let Some(variable) = first.strip_prefix("var.") {
            let (outer, call) = split_call(module)?;
            let expression = self
                .module_configuration(outer)?
                .get("module_calls")?
                .get(call)?
                .get("expressions")?
                .get(variable)?;
            let inner = references_of(expression)?;
            return self.target(outer, &inner, steps + 1);
        }
        if let Some(rest) = first.strip_prefix("module.") {
            let (call, output) = rest.rsplit_once('.')?;
            let inner_module = joined(module, &format!("module.{call}"));
            let expression = self
                .module_configuration(&inner_module)?
                .get("outputs")?
                .get(output)?
                .get("expression")?;
            let inner = references_of(expression)?;
            return self.target(&inner_module, &inner, steps + 1);
        }
        if first.starts_with("data.") || first.starts_with("local.") {
            return None;
        }
        let (resource, attribute) = first.rsplit_once('.')?;
        let owner = resource.strip_suffix(".identity[0]");
        let owner = owner.or_else(|| resource.strip_suffix(".identity"));
        // As in source: the id of the resource stands for the object id of its identity.
        let (resource, attribute) = match owner {
            Some(owner) if attribute == "principal_id" => (owner, "id"),
            _ => (resource, attribute),
        };
        let kind = resource.split('.').next()?;
        let is_id = mapping::id_attributes(kind)
            .iter()
            .any(|known| known == attribute);
        let alias = mapping::alias(kind, attribute);
        if !is_id && alias.is_none() {
            return None;
        }
        let bare = resource.split('[').next()?;
        let numbers = self.instances.get(&joined(module, bare))?.clone();
        let wanted = joined(module, resource);
        let number = numbers
            .iter()
            .copied()
            .find(|number| self.declared[*number].address == wanted)
            .or_else(|| (numbers.len() == 1 && bare == resource).then(|| numbers[0]))?;
        let Some(alias) = alias.filter(|_| !is_id) else {
            let id = self.id(number, steps + 1)?;
            return Some(mapping::reference_form(kind, &id).to_owned());
        };
        let one = &self.declared[number];
        let known = one
            .gaps
            .iter()
            .all(|gap| gap.pointer != format!("/{alias}"));
        let value = one
            .values
            .get(alias)
            .and_then(Json::as_str)
            .filter(|_| known);
        // Without a name its id holds the address.
        Some(value.unwrap_or(&one.address).to_owned())
    }

    /// The configuration of a module by its address, indices left out.
    fn module_configuration(&self, address: &str) -> Option<&'p Json> {
        let mut at = self.configuration?;
        let mut rest = address;
        while let Some(after) = rest.strip_prefix("module.") {
            let (name, behind) = first_part(after);
            at = at
                .get("module_calls")?
                .get(name.split('[').next().unwrap_or(name))?
                .get("module")?;
            rest = behind;
        }
        Some(at)
    }
}

/// `module.a["x.y"].azurerm_b.c[0]` to `module.a["x.y"]` and `azurerm_b.c[0]`.
fn split(address: &str) -> (&str, &str) {
    let mut rest = address;
    while let Some(after) = rest.strip_prefix("module.") {
        rest = first_part(after).1;
    }
    let module = &address[..address.len() - rest.len()];
    (module.trim_end_matches('.'), rest)
}

/// The last call of a module's address, and what stands before it.
fn split_call(address: &str) -> Option<(&str, &str)> {
    let mut rest = address;
    let mut last = None;
    while let Some(after) = rest.strip_prefix("module.") {
        let start = address.len() - rest.len();
        let (name, behind) = first_part(after);
        last = Some((
            address[..start].trim_end_matches('.'),
            name.split('[').next().unwrap_or(name),
        ));
        rest = behind;
    }
    last
}

/// Up to the first dot that stands in no bracket.
fn first_part(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut brackets = 0;
    for (at, next) in text.char_indices() {
        match next {
            '"' => quoted = !quoted,
            '[' if !quoted => brackets += 1,
            ']' if !quoted => brackets -= 1,
            '.' if !quoted && brackets == 0 => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn joined(module: &str, own: &str) -> String {
    if module.is_empty() {
        own.to_owned()
    } else {
        format!("{module}.{own}")
    }
}

/// The expression of an attribute; blocks are lists of objects.
fn expression_at<'e>(expressions: &'e Json, pointer: &str) -> Option<&'e Json> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(expressions, |at, segment| match at {
            Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
            // What stands in a list of values has no expression of its own.
            Json::Object(members) => members.get(segment),
            _ => None,
        })
}

fn references_of(expression: &Json) -> Option<Vec<&str>> {
    let list = expression.get("references")?.as_array()?;
    let found: Vec<&str> = list.iter().filter_map(Json::as_str).collect();
    (!found.is_empty()).then_some(found)
}
