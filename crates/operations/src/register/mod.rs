//! The register of approved AI: what an organisation says it runs, kept by the user in one readable file.

mod entry;
mod file;

pub use entry::{Entry, EntryKind};
pub use file::{RegisterError, is_json};

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// Most entries of one register.
pub const MOST_ENTRIES: usize = 20_000;

/// The whole register, entries in order of kind and value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The version of the file's form.
    #[serde(default = "form_version")]
    pub version: u32,
    /// What is approved.
    #[serde(default)]
    pub entries: Vec<Entry>,
}

fn form_version() -> u32 {
    1
}

impl Register {
    /// A register without entries.
    pub fn new() -> Self {
        Self {
            version: form_version(),
            entries: Vec::new(),
        }
    }

    /// Puts an entry in, in the place of one of the same kind and value; says whether there was one.
    pub fn put(&mut self, entry: Entry) -> bool {
        let before = self.entries.len();
        self.entries.retain(|known| !known.is_same(&entry));
        let replaced = self.entries.len() < before;
        self.entries.push(entry);
        self.sort();
        replaced
    }

    /// Takes an entry out; says whether there was one.
    pub fn remove(&mut self, kind: EntryKind, value: &str) -> bool {
        let before = self.entries.len();
        self.entries
            .retain(|known| known.kind != kind || !known.value.eq_ignore_ascii_case(value));
        self.entries.len() < before
    }

    fn sort(&mut self) {
        self.entries.sort_by_cached_key(|entry| {
            (entry.kind, entry.value.to_lowercase(), entry.value.clone())
        });
    }

    /// The table `AIRegister` as KQL: a row for each entry.
    pub fn as_view(&self) -> String {
        let mut text = String::from(
            "datatable (Kind: string, Value: string, Name: string, Owner: string, Purpose: string, Zone: string, \
             ApprovedUntil: datetime, BomRef: string) [\n",
        );
        for entry in &self.entries {
            let texts = [
                entry.kind.as_str(),
                &entry.value,
                entry.name.as_deref().unwrap_or_default(),
                entry.owner.as_deref().unwrap_or_default(),
                entry.purpose.as_deref().unwrap_or_default(),
                entry.zone.as_deref().unwrap_or_default(),
            ];
            for cell in texts {
                text.push_str(&text_literal(cell));
                text.push_str(", ");
            }
            let until = entry
                .approved_until
                .map_or_else(|| "null".to_owned(), |day| day.to_string());
            let _ = write!(text, "datetime({until}), ");
            text.push_str(&text_literal(entry.bom_ref.as_deref().unwrap_or_default()));
            text.push_str(",\n");
        }
        text.push(']');
        text
    }
}

/// A KQL text; characters that would end its line become spaces.
pub(crate) fn text_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            character if character.is_control() => literal.push(' '),
            character => literal.push(character),
        }
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: EntryKind, value: &str) -> Entry {
        Entry::new(kind, value)
    }

    #[test]
    fn an_entry_takes_the_place_of_its_like() {
        let mut register = Register::new();
        assert!(!register.put(entry(EntryKind::Region, "westeurope")));
        assert!(register.put(entry(EntryKind::Region, "WestEurope")));
        assert!(!register.put(entry(EntryKind::Model, "westeurope")));
        assert_eq!(register.entries.len(), 2);
        assert!(register.remove(EntryKind::Region, "WESTEUROPE"));
        assert!(!register.remove(EntryKind::Region, "westeurope"));
    }

    #[test]
    fn texts_of_the_file_stay_texts_in_kql() {
        let mut register = Register::new();
        let hostile = "a'], [\"b\\\n| take 1";
        register.put(entry(EntryKind::System, hostile));
        let view = register.as_view();
        assert_eq!(view.lines().count(), 3, "{view}");
    }
}
