//! Any text as a template of CloudFormation: evaluation ends, and every resource keeps its promises.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_collect::{CollectOptions, Gathered, collect_reader};

fuzz_target!(|text: &str| {
    // The first section decides between YAML and JSON; both are tried.
    let yaml = format!("AWSTemplateFormatVersion: 2010-09-09\n{text}");
    for text in [yaml.as_str(), text] {
        let mut gathered = Gathered::default();
        collect_reader(
            "template",
            text.as_bytes(),
            &CollectOptions::default(),
            &mut gathered,
        );
        for resource in &gathered.resources {
            assert!(
                ["id", "name", "type"]
                    .iter()
                    .all(|field| resource.text(field).is_some())
            );
        }
    }
});
